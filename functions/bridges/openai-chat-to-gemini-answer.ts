import { randomUUID } from "node:crypto";
import type { Loose } from "../dialects/openai-usage.ts";
import { compact, looseOf } from "./fields.ts";
import { type Ending, endOf, figuresOf, partsOf } from "./gemini-words.ts";
import { openaiError } from "./openai-words.ts";
import { dataEvent, type Words } from "./translate.ts";

/** Gemini's answer as Chat Completions says it. `asksUsage`: the client wants the figures of a stream as its last chunk. */
export function sayChat(asksUsage: boolean): Words {
  const stream = new ChatStream(asksUsage);
  return {
    event: (event) => stream.say(event),
    end: () => stream.end(),
    whole: sayWhole,
    error: (status, message) => ({ error: openaiError(status, message) }),
  };
}

const reasons: Readonly<Record<Ending, string>> = {
  stop: "stop",
  calls: "tool_calls",
  length: "length",
  refusal: "content_filter",
  broken: "stop",
};

const now = (): number => Math.floor(Date.now() / 1000);

function headOf(answer: Loose, object: string): Loose {
  const id = typeof answer.responseId === "string" ? answer.responseId : randomUUID();
  return { id: `chatcmpl-${id}`, object, created: now(), model: answer.modelVersion };
}

function usageOf(value: unknown): Loose {
  const { inputTokens, cacheReadTokens, outputTokens, reasoningTokens } = figuresOf(value);
  const prompt = inputTokens + cacheReadTokens;
  return {
    prompt_tokens: prompt,
    completion_tokens: outputTokens,
    total_tokens: prompt + outputTokens,
    prompt_tokens_details: { cached_tokens: cacheReadTokens, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: reasoningTokens, audio_tokens: 0 },
  };
}

interface Said {
  readonly text: string;
  readonly thought: string;
  readonly calls: Loose[];
  readonly images: Loose[];
}

function readParts(answer: Loose): Said {
  const parts = partsOf(answer);
  const join = (isThought: boolean) =>
    parts
      .filter((part) => typeof part.text === "string" && (part.thought === true) === isThought)
      .map(({ text }) => text)
      .join("");
  return {
    text: join(false),
    thought: join(true),
    calls: parts.filter(({ functionCall }) => functionCall).map(sayCall),
    images: parts.filter(({ inlineData }) => inlineData).map(sayImage),
  };
}

function sayCall({ functionCall, thoughtSignature }: Loose): Loose {
  const { id, name, args } = looseOf(functionCall);
  return compact({
    id: typeof id === "string" ? id : `call_${randomUUID().replaceAll("-", "")}`,
    type: "function",
    function: { name, arguments: JSON.stringify(args ?? {}) },
    extra_content: thoughtSignature ? { google: { thought_signature: thoughtSignature } } : undefined,
  });
}

/** OpenAI's answers hold no pictures; compatible ones put them here. */
function sayImage({ inlineData }: Loose): Loose {
  const { mimeType, data } = looseOf(inlineData);
  return { type: "image_url", image_url: { url: `data:${String(mimeType)};base64,${String(data)}` } };
}

const some = (list: Loose[]): Loose[] | undefined => (list.length > 0 ? list : undefined);

function sayWhole(answer: Loose): Loose {
  const { text, thought, calls, images } = readParts(answer);
  const message = {
    role: "assistant",
    content: text === "" && calls.length > 0 ? null : text,
    refusal: null,
    ...compact({ reasoning_content: thought || undefined, tool_calls: some(calls), images: some(images) }),
  };
  const finish_reason = reasons[endOf(answer, calls.length > 0) ?? "stop"];
  return {
    ...headOf(answer, "chat.completion"),
    choices: [{ index: 0, message, logprobs: null, finish_reason }],
    usage: usageOf(answer.usageMetadata),
  };
}

/** Gemini's stream has no last event, and figures may follow the reason of its end: the ending is said when it is over. */
class ChatStream {
  readonly #asksUsage: boolean;
  #head: Loose | undefined;
  #usage: unknown;
  #calls = 0;
  #end: Ending | undefined;

  constructor(asksUsage: boolean) {
    this.#asksUsage = asksUsage;
  }

  say(event: Loose): string {
    if (event.error) {
      const { code, message } = looseOf(event.error);
      return dataEvent({ error: openaiError(Number(code) || 500, String(message)) });
    }
    const isFirst = this.#head === undefined;
    this.#head ??= headOf(event, "chat.completion.chunk");
    this.#usage = event.usageMetadata ?? this.#usage;
    const opening = isFirst ? this.#chunk({ role: "assistant", content: "", refusal: null }) : "";
    const said = readParts(event);
    const calls = said.calls.map((call) => ({ index: this.#calls++, ...call }));
    this.#end ??= endOf(event, this.#calls > 0);
    const delta = compact({
      reasoning_content: said.thought || undefined,
      content: said.text || undefined,
      tool_calls: some(calls),
      images: some(said.images),
    });
    return opening + (Object.keys(delta).length > 0 ? this.#chunk(delta) : "");
  }

  /** Nothing for a stream that broke off: the relay says that it did. */
  end(): string {
    if (this.#end === undefined) return "";
    const closing = this.#chunk({}, reasons[this.#end]);
    const usage = this.#asksUsage ? dataEvent({ ...this.#head, choices: [], usage: usageOf(this.#usage) }) : "";
    return `${closing}${usage}data: [DONE]\n\n`;
  }

  #chunk(delta: Loose, finishReason: string | null = null): string {
    const choices = [{ index: 0, delta, logprobs: null, finish_reason: finishReason }];
    return dataEvent({ ...this.#head, choices, ...(this.#asksUsage ? { usage: null } : {}) });
  }
}
