import { randomUUID } from "node:crypto";
import type { Loose } from "../../dialects/openai/usage.ts";
import { compact, looseOf } from "./fields.ts";
import { broken, type Ending, endOf, partsOf, usageOf, wholeEnd } from "./gemini-words.ts";
import { ChatWriter, sayToolCall, sayWholeChat } from "./openai-chat-answer.ts";
import { type Figures, openaiError } from "./openai-words.ts";
import { dataEvent, type Words } from "./translate.ts";

/** Gemini's answer as Chat Completions says it. `asksUsage`: the client wants the figures of a stream as its last chunk. */
export function sayChat(asksUsage: boolean): Words {
  const stream = new ChatStream(new ChatWriter(asksUsage));
  return {
    event: (event) => stream.say(event),
    end: () => stream.end(),
    broke: () => (stream.reason === "broken" ? broken : undefined),
    whole: sayWhole,
    error: (status, message) => ({ error: openaiError(status, message) }),
  };
}

const reasons: Readonly<Record<Exclude<Ending, "broken">, string>> = {
  stop: "stop",
  calls: "tool_calls",
  length: "length",
  refusal: "content_filter",
};

const answeredOf = ({ responseId: id, modelVersion: model }: Loose) => ({ id, model });

function figuresOf(usageMetadata: unknown): Figures {
  const { inputTokens, cacheReadTokens, outputTokens, reasoningTokens } = usageOf(usageMetadata);
  return {
    ...{ input: inputTokens + cacheReadTokens, cached: cacheReadTokens, written: 0 },
    ...{ output: outputTokens, thinking: reasoningTokens },
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
    ...sayToolCall(typeof id === "string" ? id : `call_${randomUUID().replaceAll("-", "")}`, name, args),
    extra_content: thoughtSignature ? { google: { thought_signature: thoughtSignature } } : undefined,
  });
}

/** OpenAI's answers hold no pictures; compatible ones put them here. */
function sayImage({ inlineData }: Loose): Loose {
  const { mimeType, data } = looseOf(inlineData);
  return { type: "image_url", image_url: { url: `data:${String(mimeType)};base64,${String(data)}` } };
}

const some = (list: Loose[]): Loose[] | undefined => (list.length > 0 ? list : undefined);
const besides = ({ thought, images }: Said, calls: Loose[]): Loose =>
  compact({ reasoning_content: thought || undefined, tool_calls: some(calls), images: some(images) });

function sayWhole(answer: Loose): Loose {
  const said = readParts(answer);
  const end = wholeEnd(answer, said.calls.length > 0);
  return sayWholeChat(
    { ...answeredOf(answer), text: said.text, said: besides(said, said.calls), reason: reasons[end] },
    figuresOf(answer.usageMetadata),
  );
}

/** Gemini's stream has no last event, and figures may follow the reason of its end: the ending is said when it is over. */
class ChatStream {
  readonly #writer: ChatWriter;
  #usage: unknown;
  #calls = 0;
  reason: Ending | undefined;

  constructor(writer: ChatWriter) {
    this.#writer = writer;
  }

  say(event: Loose): string {
    if (event.error) {
      const { code, message } = looseOf(event.error);
      return sayError(Number(code) || 500, String(message));
    }
    this.#usage = event.usageMetadata ?? this.#usage;
    const opening = this.#writer.open(answeredOf(event));
    const said = readParts(event);
    const calls = said.calls.map((call) => ({ index: this.#calls++, ...call }));
    const delta = compact({ content: said.text || undefined, ...besides(said, calls) });
    const words = opening + (Object.keys(delta).length > 0 ? this.#writer.chunk(delta) : "");
    if (this.reason !== undefined) return words;
    this.reason = endOf(event, this.#calls > 0);
    return this.reason === "broken" ? words + sayError(500, broken) : words;
  }

  /** Nothing for a stream that broke off: the relay says that it did. */
  end(): string {
    if (this.reason === undefined || this.reason === "broken") return "";
    return this.#writer.chunk({}, reasons[this.reason]) + this.#writer.end(figuresOf(this.#usage));
  }
}

function sayError(status: number, message: string): string {
  return dataEvent({ error: openaiError(status, message) });
}
