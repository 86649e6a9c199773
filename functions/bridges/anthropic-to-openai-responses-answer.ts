import { randomUUID } from "node:crypto";
import type { Loose } from "../dialects/openai-usage.ts";
import { errorOf, mergeUsage } from "../dialects/openai-usage.ts";
import { Failure } from "../failure.ts";
import { noUsage } from "../records/usage.ts";
import { anthropicError } from "./anthropic-words.ts";
import { type Kind, MessageCollector, MessageWriter, type Sink, sayUsage } from "./anthropic-message.ts";
import { listed, looseOf } from "./fields.ts";
import { isRefusal, reasonOf, sealOf, textOf, thoughtOf } from "./openai-responses-words.ts";
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

/** Says the items of a response, one after the other, be they whole or in pieces. */
class ItemSayer {
  readonly #sink: Sink;
  isCalling = false;
  isRefusing = false;
  /** Whether the item under way has come in pieces; some vendors send it only whole. */
  #hasGrown = false;

  constructor(sink: Sink) {
    this.#sink = sink;
  }

  add(item: Loose): string {
    this.#hasGrown = false;
    if (item.type !== "function_call") return "";
    this.isCalling = true;
    return this.#sink.openBlock({ type: "tool_use", id: item.call_id, name: item.name, input: {} });
  }

  text(text: unknown): string {
    return this.#grow("text", { type: "text_delta", text });
  }

  think(thinking: unknown): string {
    return this.#grow("thinking", { type: "thinking_delta", thinking });
  }

  call(partial_json: unknown): string {
    return this.#grow("tool_use", { type: "input_json_delta", partial_json });
  }

  finish(item: Loose): string {
    const missing = this.#hasGrown ? "" : this.#sayWhole(item);
    const signature = item.type === "reasoning" ? sealOf(item) : "";
    const signing = signature === "" ? "" : this.#sink.grow("thinking", { type: "signature_delta", signature });
    return missing + signing + this.#sink.close();
  }

  #grow(kind: Kind, delta: Loose): string {
    this.#hasGrown = true;
    return this.#sink.grow(kind, delta);
  }

  #sayWhole(item: Loose): string {
    if (item.type === "function_call") return item.arguments ? this.call(item.arguments) : "";
    if (item.type === "reasoning") return thoughtOf(item) === "" ? "" : this.think(thoughtOf(item));
    if (item.type !== "message" || textOf(item.content) === "") return "";
    this.isRefusing ||= isRefusal(item);
    return this.text(textOf(item.content));
  }
}

function sayWhole(response: Loose): Loose {
  if (response.status === "failed") {
    throw new Failure("upstream.refused", { message: `The upstream failed: ${errorOf(response.error).message}` });
  }
  const collector = new MessageCollector();
  const items = new ItemSayer(collector);
  for (const item of listed(response.output)) {
    items.add(item);
    items.finish(item);
  }
  const stop_reason = reasonOf(response, items.isCalling, items.isRefusing);
  return {
    ...headOf(response),
    content: collector.blocks,
    stop_reason,
    stop_sequence: null,
    usage: usageOf(response.usage),
  };
}

type Handler = (event: Loose) => string;

class MessageStream {
  readonly #writer = new MessageWriter();
  readonly #items = new ItemSayer(this.#writer);

  readonly #handlers: Readonly<Record<string, Handler>> = {
    "response.created": ({ response }) => this.#writer.start(headOf(looseOf(response)), usageOf(undefined)),
    "response.output_item.added": ({ item }) => this.#items.add(looseOf(item)),
    "response.output_text.delta": ({ delta }) => this.#items.text(delta),
    "response.refusal.delta": ({ delta }) => {
      this.#items.isRefusing = true;
      return this.#items.text(delta);
    },
    "response.reasoning_summary_part.added": ({ summary_index: index }) =>
      Number(index) > 0 ? this.#items.think("\n\n") : "",
    "response.reasoning_summary_text.delta": ({ delta }) => this.#items.think(delta),
    "response.reasoning_text.delta": ({ delta }) => this.#items.think(delta),
    "response.function_call_arguments.delta": ({ delta }) => this.#items.call(delta),
    "response.output_item.done": ({ item }) => this.#items.finish(looseOf(item)),
    "response.completed": ({ response }) => this.#end(looseOf(response)),
    "response.incomplete": ({ response }) => this.#end(looseOf(response)),
    "response.failed": ({ response }) => sayError(looseOf(response).error),
    error: (event) => sayError(event.error ?? event),
  };

  say(event: Loose): string {
    return this.#handlers[String(event.type)]?.(event) ?? "";
  }

  #end(response: Loose): string {
    return this.#writer.end(reasonOf(response, this.#items.isCalling, this.#items.isRefusing), usageOf(response.usage));
  }
}

function sayError(value: unknown): string {
  const { status, message, type } = errorOf(value);
  return namedEvent(anthropicError(status, message, type));
}
