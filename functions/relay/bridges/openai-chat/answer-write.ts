import { randomUUID } from "node:crypto";
import type { Usage } from "../../../core/money/usage.ts";
import { toOpenaiError } from "../answer-error.ts";
import type { AnswerEvent, AnswerPart, AnswerWriting, Citation, FinishReason, ToolCallPart } from "../answer-event.ts";
import type { CrossingContext, Seal } from "../conversation.ts";
import { compact, type JsonObject, objectOf, objectsOf, parseObject, textOf } from "../../../wire/json.ts";
import { packSeal } from "../seal.ts";

/**
 * A Chat Completions answer. What the language has no field for stands where compatible vendors put it: thoughts in
 * `reasoning_content` (DeepSeek), their seals in `thinking_blocks` (LiteLLM), Gemini's signatures in `extra_content` (Google),
 * pictures in `images` (OpenRouter). Source: platform.openai.com/docs/api-reference/chat-streaming.
 */
export const chatAnswers: AnswerWriting = {
  write(context, tell) {
    const writer = new ChatWriter(context, tell);
    return (event) => writer.take(event);
  },
  frame: (event) => `data: ${JSON.stringify(event)}\n\n`,
  ending: "data: [DONE]\n\n",
  fold,
  error: (error) => ({ error: toOpenaiError(error) }),
  overloadStatus: 503,
};

const reasons: Readonly<Record<FinishReason, string>> = {
  stop: "stop",
  "stop-sequence": "stop",
  "tool-calls": "tool_calls",
  length: "length",
  "context-window": "length",
  refusal: "content_filter",
  pause: "stop",
};

interface Open {
  readonly part: AnswerPart;
  /** Of a call: its place among the calls. Of a text: how much text stands before it. */
  readonly place: number;
  text: string;
  seal: Seal | undefined;
}

type Tell = (event: JsonObject) => void;

class ChatWriter {
  readonly #context: CrossingContext;
  readonly #tell: Tell;
  readonly #open = new Map<number, Open>();
  #head: JsonObject = {};
  #calls = 0;
  #textLength = 0;
  #usage: Usage | undefined;

  constructor(context: CrossingContext, tell: Tell) {
    this.#context = context;
    this.#tell = tell;
  }

  take(event: AnswerEvent): void {
    if (event.type === "start") this.#start(event.id, event.model);
    else if (event.type === "part-start") this.#begin(event.index, event.part);
    else if (event.type === "part-delta") this.#grow(this.#open.get(event.index), event.delta);
    else if (event.type === "part-end") this.#end(event.index);
    else if (event.type === "usage") this.#usage = event.usage;
    else if (event.type === "finish") this.#finish(event.reason);
    else this.#tell({ error: toOpenaiError(event.error) });
  }

  #start(id: string | undefined, model: string | undefined): void {
    this.#head = {
      id: id?.startsWith("chatcmpl-") ? id : `chatcmpl-${id ?? randomUUID()}`,
      ...{ object: "chat.completion.chunk", created: Math.floor(Date.now() / 1000) },
      model: model ?? this.#context.askedModel,
    };
    this.#chunk({ role: "assistant", content: "", refusal: null });
  }

  #chunk(delta: JsonObject, finish_reason: string | null = null): void {
    const usage = this.#context.asksUsage ? { usage: null } : {};
    this.#tell({ ...this.#head, choices: [{ index: 0, delta, logprobs: null, finish_reason }], ...usage });
  }

  #begin(index: number, part: AnswerPart): void {
    const isCall = part.type === "tool-call";
    this.#open.set(index, { part, place: isCall ? this.#calls : this.#textLength, text: "", seal: undefined });
    if (isCall) this.#beginCall(part);
    // OpenAI's answers hold no pictures.
    if (part.type === "image") {
      this.#chunk({
        images: [{ type: "image_url", image_url: { url: `data:${part.mediaType};base64,${part.data}` } }],
      });
    }
  }

  #beginCall(part: ToolCallPart): void {
    const index = this.#calls++;
    if (this.#isCustom(part)) return;
    const signature = part.seal && { google: { thought_signature: part.seal.value } };
    const call = { index, id: part.id, type: "function", function: { name: this.#nameOf(part), arguments: "" } };
    this.#chunk({ tool_calls: [compact({ ...call, extra_content: signature })] });
  }

  #isCustom({ name, input }: ToolCallPart): boolean {
    return input === "text" || this.#context.tools.get(name)?.isCustom === true;
  }

  #nameOf = ({ name }: ToolCallPart): string => this.#context.tools.get(name)?.name ?? name;

  #grow(open: Open | undefined, delta: Extract<AnswerEvent, { type: "part-delta" }>["delta"]): void {
    if (!open) return;
    const { part, place } = open;
    if (delta.type === "seal") open.seal = delta.seal;
    else if (delta.type === "citation") this.#chunk({ annotations: [cite(delta.citation, place)] });
    else {
      open.text += delta.text;
      if (part.type === "text") this.#textLength += delta.text.length;
      const field = fields[part.type];
      if (field !== undefined) this.#chunk({ [field]: delta.text });
      else if (part.type === "tool-call" && !this.#isCustom(part)) this.#input(place, delta.text);
    }
  }

  #input(index: number, text: string): void {
    this.#chunk({ tool_calls: [{ index, function: { arguments: text } }] });
  }

  #end(index: number): void {
    const open = this.#open.get(index);
    this.#open.delete(index);
    if (!open) return;
    const { part, place, text, seal } = open;
    if (part.type === "thinking" && seal) {
      const signature = packSeal({ text, seal });
      this.#chunk({ thinking_blocks: [{ type: "thinking", thinking: text, signature }] });
    }
    if (part.type !== "tool-call") return;
    if (this.#isCustom(part)) {
      const input = part.input === "text" ? text : (textOf(parseObject(text)?.input) ?? text);
      const custom = { name: this.#nameOf(part), input };
      this.#chunk({ tool_calls: [{ index: place, id: part.id, type: "custom", custom }] });
    } else if (text === "") this.#input(place, "{}");
  }

  #finish(reason: FinishReason): void {
    this.#chunk({}, reasons[reason]);
    const tier = this.#usage?.serviceTier;
    const service_tier = tier !== undefined && tiers.has(tier) ? { service_tier: tier } : {};
    const last = { ...this.#head, ...service_tier, choices: [], usage: toUsage(this.#usage) };
    // A whole answer always has its figures.
    if (this.#context.asksUsage || !this.#context.isStream) this.#tell(last);
  }
}

const fields: Readonly<Partial<Record<AnswerPart["type"], string>>> = {
  text: "content",
  refusal: "refusal",
  thinking: "reasoning_content",
};

const tiers = new Set(["auto", "default", "flex", "scale", "priority"]);

/** Places count from the beginning of the message's whole content. */
function cite({ url, title, start = 0, end = 0 }: Citation, offset: number): JsonObject {
  return { type: "url_citation", url_citation: { url, title, start_index: offset + start, end_index: offset + end } };
}

/** OpenAI counts cached input as a part of the input. */
function toUsage(usage: Usage | undefined): JsonObject {
  const written = (usage?.cacheWrite5mTokens ?? 0) + (usage?.cacheWrite1hTokens ?? 0);
  const input = (usage?.inputTokens ?? 0) + (usage?.cacheReadTokens ?? 0) + written;
  const output = usage?.outputTokens ?? 0;
  return {
    ...{ prompt_tokens: input, completion_tokens: output, total_tokens: input + output },
    prompt_tokens_details: { cached_tokens: usage?.cacheReadTokens ?? 0, cache_write_tokens: written, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: usage?.reasoningTokens ?? 0, audio_tokens: 0 },
  };
}

const lists = ["annotations", "images", "thinking_blocks"];

/** As the SDK's own ChatCompletionStream adds the chunks up. */
function fold(chunks: readonly JsonObject[]): JsonObject {
  const message: JsonObject = { role: "assistant", content: "", refusal: null };
  const calls: JsonObject[] = [];
  let finish_reason: unknown = null;
  for (const { choices } of chunks) {
    const [choice = {}] = objectsOf(choices);
    finish_reason = choice.finish_reason ?? finish_reason;
    const { tool_calls, role: _role, ...delta } = objectOf(choice.delta);
    for (const [name, more] of Object.entries(delta)) {
      if (more === null) continue;
      if (lists.includes(name))
        message[name] = [...((message[name] as unknown[] | undefined) ?? []), ...(more as unknown[])];
      else message[name] = `${textOf(message[name]) ?? ""}${String(more)}`;
    }
    for (const call of objectsOf(tool_calls)) foldCall(calls, call);
  }
  if (calls.length > 0)
    Object.assign(message, { content: message.content === "" ? null : message.content, tool_calls: calls });
  const { object: _object, choices: _choices, ...head } = chunks.at(-1) ?? {};
  return { ...head, object: "chat.completion", choices: [{ index: 0, message, logprobs: null, finish_reason }] };
}

function foldCall(calls: JsonObject[], { index, ...call }: JsonObject): void {
  const known = calls[Number(index)];
  if (!known) calls[Number(index)] = call;
  else {
    const { name, arguments: args } = objectOf(known.function);
    known.function = { name, arguments: `${String(args)}${String(objectOf(call.function).arguments ?? "")}` };
  }
}
