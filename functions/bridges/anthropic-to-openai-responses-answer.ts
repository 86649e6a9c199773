import { randomUUID } from "node:crypto";
import type { Loose } from "../dialects/openai-usage.ts";
import { errorOf, mergeUsage } from "../dialects/openai-usage.ts";
import { Failure } from "../failure.ts";
import { noUsage } from "../records/usage.ts";
import { anthropicError } from "./anthropic-words.ts";
import { type Kind, MessageWriter, sayUsage } from "./anthropic-message.ts";
import { listed, looseOf } from "./fields.ts";
import { seal } from "./reasoning-seal.ts";
import { namedEvent, type Words } from "./translate.ts";

/** A response of OpenAI's as Anthropic's message. */
export function sayMessage(): Words {
  const stream = new MessageStream();
  return {
    event: (event) => stream.say(event),
    whole: sayWhole,
    error: anthropicError,
  };
}

function headOf(response: Loose): Loose {
  const id = `msg_${typeof response.id === "string" ? response.id.replace(/^resp_/, "") : randomUUID()}`;
  return { id, type: "message", role: "assistant", model: response.model };
}

function usageOf(value: unknown): Loose {
  const usage = noUsage();
  mergeUsage(usage, value);
  return sayUsage(usage);
}

function reasonOf(response: Loose, isCalling: boolean, isRefusing: boolean): string {
  const { reason } = looseOf(response.incomplete_details);
  if (reason === "content_filter" || isRefusing) return "refusal";
  if (response.status === "incomplete") return "max_tokens";
  return isCalling ? "tool_use" : "end_turn";
}

const textOf = (parts: unknown): string =>
  listed(parts)
    .map(({ text, refusal }) => String(text ?? refusal ?? ""))
    .join("");
const thoughtOf = (item: Loose): string =>
  listed(item.summary)
    .map(({ text }) => String(text ?? ""))
    .join("\n\n") || textOf(item.content);
const sealOf = ({ id, encrypted_content: content }: Loose): string =>
  typeof content === "string" && content !== "" ? seal(id, content) : "";

function readInput(text: unknown): unknown {
  try {
    return JSON.parse(String(text));
  } catch (error) {
    void error;
    // The model broke off or erred within its own JSON: the client learns what it said.
    return { malformed_arguments: text };
  }
}

function sayWhole(response: Loose): Loose {
  if (response.status === "failed") {
    throw new Failure("upstream.refused", { message: `The upstream failed: ${errorOf(response.error).message}` });
  }
  const output = listed(response.output);
  const isRefusing = output.some(({ content }) => listed(content).some(({ type }) => type === "refusal"));
  const isCalling = output.some(({ type }) => type === "function_call");
  return {
    ...headOf(response),
    content: output.flatMap(sayItem),
    stop_reason: reasonOf(response, isCalling, isRefusing),
    stop_sequence: null,
    usage: usageOf(response.usage),
  };
}

function sayItem(item: Loose): Loose[] {
  if (item.type === "message") return [{ type: "text", text: textOf(item.content), citations: null }];
  if (item.type === "function_call") {
    return [{ type: "tool_use", id: item.call_id, name: item.name, input: readInput(item.arguments || "{}") }];
  }
  if (item.type !== "reasoning") return [];
  const [thinking, signature] = [thoughtOf(item), sealOf(item)];
  return thinking === "" && signature === "" ? [] : [{ type: "thinking", thinking, signature }];
}

type Handler = (event: Loose) => string;

class MessageStream {
  readonly #writer = new MessageWriter();
  #isCalling = false;
  #isRefusing = false;
  /** Whether the item under way has come in deltas; some vendors send it only whole. */
  #hasGrown = false;

  readonly #handlers: Readonly<Record<string, Handler>> = {
    "response.created": (event) => this.#start(looseOf(event.response)),
    "response.output_item.added": (event) => this.#add(looseOf(event.item)),
    "response.output_text.delta": (event) => this.#grow("text", { type: "text_delta", text: event.delta }),
    "response.refusal.delta": (event) => {
      this.#isRefusing = true;
      return this.#grow("text", { type: "text_delta", text: event.delta });
    },
    "response.reasoning_summary_part.added": (event) => (Number(event.summary_index) > 0 ? this.#think("\n\n") : ""),
    "response.reasoning_summary_text.delta": (event) => this.#think(event.delta),
    "response.reasoning_text.delta": (event) => this.#think(event.delta),
    "response.function_call_arguments.delta": (event) =>
      this.#grow("tool_use", { type: "input_json_delta", partial_json: event.delta }),
    "response.output_item.done": (event) => this.#finish(looseOf(event.item)),
    "response.completed": (event) => this.#end(looseOf(event.response)),
    "response.incomplete": (event) => this.#end(looseOf(event.response)),
    "response.failed": (event) => sayError(looseOf(event.response).error),
    error: (event) => sayError(event.error ?? event),
  };

  say(event: Loose): string {
    return this.#handlers[String(event.type)]?.(event) ?? "";
  }

  #start(response: Loose): string {
    return this.#writer.start(headOf(response), usageOf(undefined));
  }

  #add(item: Loose): string {
    this.#hasGrown = false;
    if (item.type !== "function_call") return "";
    this.#isCalling = true;
    return this.#writer.openBlock({ type: "tool_use", id: item.call_id, name: item.name, input: {} });
  }

  #think(thinking: unknown): string {
    return this.#grow("thinking", { type: "thinking_delta", thinking });
  }

  #grow(kind: Kind, delta: Loose): string {
    this.#hasGrown = true;
    return this.#writer.grow(kind, delta);
  }

  #finish(item: Loose): string {
    const missing = this.#hasGrown ? "" : this.#growWhole(item);
    const signature = item.type === "reasoning" ? sealOf(item) : "";
    const signing = signature === "" ? "" : this.#writer.grow("thinking", { type: "signature_delta", signature });
    return missing + signing + this.#writer.close();
  }

  #growWhole(item: Loose): string {
    if (item.type === "function_call" && item.arguments) {
      return this.#grow("tool_use", { type: "input_json_delta", partial_json: item.arguments });
    }
    if (item.type === "message" && textOf(item.content) !== "") {
      this.#isRefusing ||= listed(item.content).some(({ type }) => type === "refusal");
      return this.#grow("text", { type: "text_delta", text: textOf(item.content) });
    }
    return item.type === "reasoning" && thoughtOf(item) !== "" ? this.#think(thoughtOf(item)) : "";
  }

  #end(response: Loose): string {
    const reason = reasonOf(response, this.#isCalling, this.#isRefusing);
    return this.#writer.end(reason, usageOf(response.usage));
  }
}

function sayError(value: unknown): string {
  const { status, message, type } = errorOf(value);
  return namedEvent(anthropicError(status, message, type));
}
