import type { Loose } from "../../dialects/openai/usage.ts";
import { figuresOf, statusOf } from "./anthropic-words.ts";
import { compact, listed, looseOf } from "./fields.ts";
import { ChatWriter, sayToolCall, sayWholeChat } from "./openai-chat-answer.ts";
import { openaiError } from "./openai-words.ts";
import { dataEvent, type Words } from "./translate.ts";

const reasons: Readonly<Record<string, string>> = {
  end_turn: "stop",
  stop_sequence: "stop",
  pause_turn: "stop",
  tool_use: "tool_calls",
  max_tokens: "length",
  model_context_window_exceeded: "length",
  refusal: "content_filter",
};
const reasonOf = (stopReason: unknown): string => reasons[String(stopReason)] ?? "stop";

/** Claude's answer as Chat Completions says it. `asksUsage`: the client wants the figures of a stream as its last chunk. */
export function sayChat(asksUsage: boolean): Words {
  const stream = new ChatStream(new ChatWriter(asksUsage));
  return {
    event: (event) => stream.say(event),
    whole: sayWhole,
    error: (status, message) => ({ error: openaiError(status, message) }),
  };
}

function sayWhole(message: Loose): Loose {
  const blocks = listed(message.content);
  const of = (...types: string[]) => blocks.filter(({ type }) => types.includes(String(type)));
  const join = (type: string) =>
    of(type)
      .map((block) => String(block[type] ?? ""))
      .join("");
  const calls = of("tool_use").map(({ id, name, input }) => sayToolCall(id, name, input));
  const thinking = of("thinking", "redacted_thinking");
  const said = compact({
    reasoning_content: thinking.length > 0 ? join("thinking") : undefined,
    thinking_blocks: thinking.length > 0 ? thinking : undefined,
    tool_calls: calls.length > 0 ? calls : undefined,
  });
  const { id, model } = message;
  const reason = reasonOf(message.stop_reason);
  return sayWholeChat({ id, model, text: join("text"), said, reason }, figuresOf(message.usage));
}

interface Block {
  readonly start: Loose;
  /** Of a tool call: its place among the calls. */
  readonly call: number;
  text: string;
  signature: string;
}

class ChatStream {
  readonly #writer: ChatWriter;
  #usage: Loose = {};
  #block: Block | undefined;
  #calls = 0;

  constructor(writer: ChatWriter) {
    this.#writer = writer;
  }

  say(event: Loose): string {
    if (event.type === "message_start") return this.#open(looseOf(event.message));
    if (event.type === "content_block_start") return this.#openBlock(looseOf(event.content_block));
    if (event.type === "content_block_delta") return this.#grow(looseOf(event.delta));
    if (event.type === "content_block_stop") return this.#closeBlock();
    if (event.type === "message_delta") {
      this.#usage = { ...this.#usage, ...compact(looseOf(event.usage)) };
      return this.#writer.chunk({}, reasonOf(looseOf(event.delta).stop_reason));
    }
    if (event.type === "message_stop") return this.#writer.end(figuresOf(this.#usage));
    return event.type === "error" ? sayError(looseOf(event.error)) : "";
  }

  #open({ id, model, usage }: Loose): string {
    this.#usage = compact(looseOf(usage));
    return this.#writer.open({ id, model });
  }

  #openBlock(start: Loose): string {
    const isCall = start.type === "tool_use";
    this.#block = { start, call: isCall ? this.#calls++ : -1, text: "", signature: "" };
    if (isCall) return this.#call({ ...sayToolCall(start.id, start.name, "") });
    const text = start.type === "text" ? start.text : undefined;
    return typeof text === "string" && text !== "" ? this.#writer.chunk({ content: text }) : "";
  }

  #call(said: Loose): string {
    return this.#writer.chunk({ tool_calls: [{ index: this.#block?.call, ...said }] });
  }

  #grow(delta: Loose): string {
    const block = this.#block;
    if (delta.type === "text_delta") return this.#writer.chunk({ content: delta.text });
    if (!block) return "";
    if (delta.type === "signature_delta") block.signature += String(delta.signature ?? "");
    const grown = delta.type === "thinking_delta" ? delta.thinking : delta.partial_json;
    if (typeof grown !== "string" || grown === "") return "";
    block.text += grown;
    if (delta.type === "thinking_delta") return this.#writer.chunk({ reasoning_content: grown });
    return this.#call({ function: { arguments: grown } });
  }

  /** A call without arguments is an empty object in OpenAI's words; a thought goes whole, since only so it can come back. */
  #closeBlock(): string {
    const block = this.#block;
    if (!block) return "";
    const { start, text, signature } = block;
    const isEmptyCall = start.type === "tool_use" && text === "";
    const said = isEmptyCall ? this.#call({ function: { arguments: JSON.stringify(start.input ?? {}) } }) : "";
    this.#block = undefined;
    if (start.type === "redacted_thinking") return this.#writer.chunk({ thinking_blocks: [start] });
    if (start.type !== "thinking") return said;
    return this.#writer.chunk({ thinking_blocks: [{ type: "thinking", thinking: text, signature }] });
  }
}

function sayError(error: Loose): string {
  return dataEvent({ error: openaiError(statusOf(error.type), String(error.message ?? error.type)) });
}
