import { randomUUID } from "node:crypto";
import type { Loose } from "../dialects/openai-usage.ts";
import { figuresOf, statusOf } from "./anthropic-words.ts";
import { compact, looseOf } from "./fields.ts";
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

/** Claude's answer as Chat Completions says it. `asksUsage`: the client wants the figures of a stream as its last chunk. */
export function sayChat(asksUsage: boolean): Words {
  const stream = new ChatStream(asksUsage);
  return {
    event: (event) => stream.say(event),
    whole: sayWhole,
    error: (status, message) => ({ error: openaiError(status, message) }),
  };
}

const now = (): number => Math.floor(Date.now() / 1000);
const idOf = (message: Loose): string => `chatcmpl-${typeof message.id === "string" ? message.id : randomUUID()}`;
const reasonOf = (stopReason: unknown): string => reasons[String(stopReason)] ?? "stop";

function usageOf(usage: unknown): Loose {
  const { input, cached, written, output, thinking } = figuresOf(usage);
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: { cached_tokens: cached, cache_write_tokens: written, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: thinking, audio_tokens: 0 },
  };
}

function sayWhole(message: Loose): Loose {
  const blocks = (Array.isArray(message.content) ? message.content : []).map(looseOf);
  const join = (type: string, field: string) =>
    blocks
      .filter((block) => block.type === type)
      .map((block) => String(block[field] ?? ""))
      .join("");
  const calls = blocks.filter(({ type }) => type === "tool_use");
  const thinking = blocks.filter(({ type }) => type === "thinking" || type === "redacted_thinking");
  const text = join("text", "text");
  const said = compact({
    reasoning_content: thinking.length > 0 ? join("thinking", "thinking") : undefined,
    thinking_blocks: thinking.length > 0 ? thinking : undefined,
    tool_calls:
      calls.length > 0
        ? calls.map(({ id, name, input }) => ({
            id,
            type: "function",
            function: { name, arguments: JSON.stringify(input ?? {}) },
          }))
        : undefined,
  });
  const content = text === "" && calls.length > 0 ? null : text;
  const choice = {
    index: 0,
    message: { role: "assistant", content, refusal: null, ...said },
    logprobs: null,
    finish_reason: reasonOf(message.stop_reason),
  };
  return {
    id: idOf(message),
    object: "chat.completion",
    created: now(),
    model: message.model,
    choices: [choice],
    usage: usageOf(message.usage),
  };
}

interface Block {
  readonly start: Loose;
  /** Of a tool call: its place among the calls. */
  readonly call: number;
  text: string;
  signature: string;
}

class ChatStream {
  readonly #asksUsage: boolean;
  #head: Loose = {};
  #usage: Loose = {};
  #block: Block | undefined;
  #calls = 0;

  constructor(asksUsage: boolean) {
    this.#asksUsage = asksUsage;
  }

  say(event: Loose): string {
    if (event.type === "message_start") return this.#open(looseOf(event.message));
    if (event.type === "content_block_start") return this.#openBlock(looseOf(event.content_block));
    if (event.type === "content_block_delta") return this.#grow(looseOf(event.delta));
    if (event.type === "content_block_stop") return this.#closeBlock();
    if (event.type === "message_delta") {
      this.#usage = { ...this.#usage, ...compact(looseOf(event.usage)) };
      return this.#chunk({}, reasonOf(looseOf(event.delta).stop_reason));
    }
    if (event.type === "message_stop") return this.#close();
    return event.type === "error" ? sayError(looseOf(event.error)) : "";
  }

  #open(message: Loose): string {
    this.#head = { id: idOf(message), object: "chat.completion.chunk", created: now(), model: message.model };
    this.#usage = compact(looseOf(message.usage));
    return this.#chunk({ role: "assistant", content: "", refusal: null });
  }

  #openBlock(start: Loose): string {
    const isCall = start.type === "tool_use";
    this.#block = { start, call: isCall ? this.#calls++ : -1, text: "", signature: "" };
    if (isCall) {
      const opened = { id: start.id, type: "function", function: { name: start.name, arguments: "" } };
      return this.#chunk({ tool_calls: [{ index: this.#block.call, ...opened }] });
    }
    const text = start.type === "text" ? start.text : undefined;
    return typeof text === "string" && text !== "" ? this.#chunk({ content: text }) : "";
  }

  #grow(delta: Loose): string {
    const block = this.#block;
    if (delta.type === "text_delta") return this.#chunk({ content: delta.text });
    if (!block) return "";
    if (delta.type === "signature_delta") block.signature += String(delta.signature ?? "");
    const grown = delta.type === "thinking_delta" ? delta.thinking : delta.partial_json;
    if (typeof grown !== "string" || grown === "") return "";
    block.text += grown;
    if (delta.type === "thinking_delta") return this.#chunk({ reasoning_content: grown });
    return this.#chunk({ tool_calls: [{ index: block.call, function: { arguments: grown } }] });
  }

  /** A call without arguments is an empty object in OpenAI's words; a thought goes whole, since only so it can come back. */
  #closeBlock(): string {
    const block = this.#block;
    this.#block = undefined;
    if (!block) return "";
    const { start, text, signature } = block;
    if (start.type === "tool_use" && text === "") {
      const said = JSON.stringify(start.input ?? {});
      return this.#chunk({ tool_calls: [{ index: block.call, function: { arguments: said } }] });
    }
    if (start.type === "redacted_thinking") return this.#chunk({ thinking_blocks: [start] });
    if (start.type !== "thinking") return "";
    return this.#chunk({ thinking_blocks: [{ type: "thinking", thinking: text, signature }] });
  }

  #close(): string {
    const usage = { ...this.#head, choices: [], usage: usageOf(this.#usage) };
    return `${this.#asksUsage ? dataEvent(usage) : ""}data: [DONE]\n\n`;
  }

  #chunk(delta: Loose, finishReason: string | null = null): string {
    const choices = [{ index: 0, delta, logprobs: null, finish_reason: finishReason }];
    return dataEvent({ ...this.#head, choices, ...(this.#asksUsage ? { usage: null } : {}) });
  }
}

function sayError(error: Loose): string {
  return dataEvent({ error: openaiError(statusOf(error.type), String(error.message ?? error.type)) });
}
