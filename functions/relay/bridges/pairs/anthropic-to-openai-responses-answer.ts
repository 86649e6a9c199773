import { randomUUID } from "node:crypto";
import type { Loose } from "../../dialects/openai/usage.ts";
import { errorOf } from "../../dialects/openai/usage.ts";
import { anthropicError } from "./anthropic-words.ts";
import { type Kind, MessageCollector, MessageWriter, type Sink, sayUsage } from "./anthropic-message.ts";
import { listed, looseOf } from "./fields.ts";
import { isRefusal, reasonOf, sealOf, textOf, thoughtOf, throwIfFailed, usageOf } from "./openai-responses-words.ts";
import { StoppingSink } from "./stop-sequences.ts";
import { namedEvent, type Words } from "./translate.ts";

/** A response of OpenAI's as Anthropic's message. */
export function sayMessage(stops: readonly string[]): Words {
  const stream = new MessageStream(stops);
  return { event: (event) => stream.say(event), whole: (response) => sayWhole(response, stops), error: anthropicError };
}

function headOf(response: Loose): Loose {
  const id = `msg_${typeof response.id === "string" ? response.id.replace(/^resp_/, "") : randomUUID()}`;
  return { id, type: "message", role: "assistant", model: response.model };
}

/** Says the items of a response, one after the other, be they whole or in pieces. */
class ItemSayer {
  readonly #sink: StoppingSink;
  isCalling = false;
  isRefusing = false;
  /** Whether the item under way has come in pieces; some vendors send it only whole. */
  #hasGrown = false;

  constructor(sink: Sink, stops: readonly string[]) {
    this.#sink = new StoppingSink(sink, stops);
  }

  /** Why the message ended, and at which sequence. */
  endOf(response: Loose): [reason: string, stop: string | null] {
    const { stop = null } = this.#sink;
    return [stop === null ? reasonOf(response, this.isCalling, this.isRefusing) : "stop_sequence", stop];
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

function sayWhole(response: Loose, stops: readonly string[]): Loose {
  throwIfFailed(response);
  const collector = new MessageCollector();
  const items = new ItemSayer(collector, stops);
  for (const item of listed(response.output)) {
    items.add(item);
    items.finish(item);
  }
  const [stop_reason, stop_sequence] = items.endOf(response);
  return {
    ...headOf(response),
    content: collector.blocks,
    stop_reason,
    stop_sequence,
    usage: sayUsage(usageOf(response.usage)),
  };
}

type Handler = (event: Loose) => string;

class MessageStream {
  readonly #writer = new MessageWriter();
  readonly #items: ItemSayer;

  constructor(stops: readonly string[]) {
    this.#items = new ItemSayer(this.#writer, stops);
  }

  readonly #handlers: Readonly<Record<string, Handler>> = {
    "response.created": ({ response }) => this.#writer.start(headOf(looseOf(response)), sayUsage(usageOf(undefined))),
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
    const said = this.#items.finish({});
    const [reason, stop] = this.#items.endOf(response);
    return said + this.#writer.end(reason, sayUsage(usageOf(response.usage)), stop);
  }
}

function sayError(value: unknown): string {
  const { status, message, type } = errorOf(value);
  return namedEvent(anthropicError(status, message, type));
}
