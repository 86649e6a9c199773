import { randomUUID } from "node:crypto";
import type { Usage } from "../../../core/money/usage.ts";
import { toGeminiError } from "../answer-error.ts";
import type { AnswerEvent, AnswerPart, AnswerWriting, Citation, FinishReason } from "../answer-event.ts";
import { inSequence } from "../answer-filters.ts";
import type { CrossingContext, Seal, ThinkingPart } from "../conversation.ts";
import { compact, type JsonObject, objectOf, objectsOf, parseObject } from "../../../wire/json.ts";
import { packForGemini } from "../seal.ts";

/** A `generateContent` answer. Source: ai.google.dev/api/generate-content and the types of @google/genai. */
export const geminiAnswers: AnswerWriting = {
  write(context, tell) {
    const writer = new GeminiWriter(context, tell);
    return inSequence((event) => writer.take(event));
  },
  frame: (event) => `data: ${JSON.stringify(event)}\n\n`,
  fold,
  error: (error) => ({ error: toGeminiError(error) }),
  overloadStatus: 503,
};

const reasons: Readonly<Record<FinishReason, string>> = {
  stop: "STOP",
  "stop-sequence": "STOP",
  "tool-calls": "STOP",
  length: "MAX_TOKENS",
  "context-window": "MAX_TOKENS",
  refusal: "SAFETY",
  pause: "STOP",
};

interface Open {
  readonly part: AnswerPart;
  text: string;
  seal: Seal | undefined;
}

type Tell = (event: JsonObject) => void;

class GeminiWriter {
  readonly #context: CrossingContext;
  readonly #tell: Tell;
  readonly #open = new Map<number, Open>();
  #head: JsonObject = {};
  #usage: Usage | undefined;
  /** Sealed thoughts that the next part bears: clients keep the signatures of calls, and drop thoughts. */
  #sealed: ThinkingPart[] = [];
  #text = "";
  readonly #grounding = { queries: [] as string[], pages: [] as JsonObject[], supports: [] as JsonObject[] };

  constructor(context: CrossingContext, tell: Tell) {
    this.#context = context;
    this.#tell = tell;
  }

  take(event: AnswerEvent): void {
    if (event.type === "start") {
      this.#head = { modelVersion: event.model ?? this.#context.askedModel, responseId: event.id ?? randomUUID() };
    } else if (event.type === "part-start") this.#begin(event.index, event.part);
    else if (event.type === "part-delta") this.#grow(this.#open.get(event.index), event.delta);
    else if (event.type === "part-end") this.#end(event.index);
    else if (event.type === "usage") this.#usage = event.usage;
    else if (event.type === "finish") this.#finish(event.reason);
    else this.#tell({ error: toGeminiError(event.error) });
  }

  #say(part: JsonObject): void {
    const thoughtSignature = this.#takeSealed(part);
    this.#candidate([compact({ ...part, thoughtSignature })], {});
  }

  #takeSealed(part: JsonObject): string | undefined {
    if (part.thought === true || this.#sealed.length === 0) return undefined;
    return packForGemini(this.#sealed.splice(0));
  }

  #candidate(parts: JsonObject[], end: JsonObject): void {
    const content = { role: "model", parts };
    const usageMetadata = this.#usage ? toUsage(this.#usage) : undefined;
    this.#tell(compact({ candidates: [{ content, ...end, index: 0 }], usageMetadata, ...this.#head }));
  }

  #begin(index: number, part: AnswerPart): void {
    this.#open.set(index, { part, text: "", seal: undefined });
    if (part.type === "image") this.#say({ inlineData: { mimeType: part.mediaType, data: part.data } });
    if (part.type !== "search") return;
    this.#grounding.queries.push(...part.queries);
    for (const { url, title } of part.results) this.#pageOf({ url, title });
  }

  #grow(open: Open | undefined, delta: Extract<AnswerEvent, { type: "part-delta" }>["delta"]): void {
    if (!open) return;
    const { part } = open;
    if (delta.type === "seal") open.seal = delta.seal;
    else if (delta.type === "citation") this.#cite(open, delta.citation);
    else {
      open.text += delta.text;
      if (part.type === "thinking") {
        if (this.#context.isThinkingShown) this.#say({ text: delta.text, thought: true });
      } else if (part.type !== "tool-call") {
        this.#text += delta.text;
        this.#say({ text: delta.text });
      }
    }
  }

  /** A call is said whole. One that was cut off is left out: its arguments could not be said, and `finishReason` tells why. */
  #end(index: number): void {
    const open = this.#open.get(index);
    this.#open.delete(index);
    if (!open) return;
    const { part, text, seal } = open;
    if (part.type === "thinking" && seal) this.#sealed.push({ kind: "thinking", text, seal });
    if (part.type !== "tool-call") return;
    const args = text === "" ? {} : parseObject(text);
    const name = this.#context.tools.get(part.name)?.name ?? part.name;
    if (args) this.#say({ functionCall: { id: part.id, name, args } });
  }

  #pageOf({ url, title }: { readonly url: string; readonly title: string }): number {
    const { pages } = this.#grounding;
    const known = pages.findIndex(({ web }) => objectOf(web).uri === url);
    return known >= 0 ? known : pages.push({ web: { uri: url, title } }) - 1;
  }

  /** Segments count bytes of UTF-8. */
  #cite(open: Open, { url, title, citedText, start, end }: Citation): void {
    const before = this.#text.length - open.text.length;
    const bytesTo = (units: number) => Buffer.byteLength(this.#text.slice(0, before + units));
    const segment = {
      startIndex: bytesTo(start ?? 0),
      endIndex: bytesTo(end ?? open.text.length),
      text: open.text.slice(start ?? 0, end) || citedText,
    };
    this.#grounding.supports.push({ segment, groundingChunkIndices: [this.#pageOf({ url, title })] });
  }

  #finish(reason: FinishReason): void {
    if (this.#sealed.length > 0) this.#say({ text: "" });
    const { queries, pages, supports } = this.#grounding;
    const groundingMetadata = { webSearchQueries: queries, groundingChunks: pages, groundingSupports: supports };
    const end = { finishReason: reasons[reason], ...(pages.length > 0 ? { groundingMetadata } : {}) };
    this.#candidate([{ text: "" }], end);
  }
}

/** Google counts cached input as a part of the prompt, and thoughts beside the candidates. */
function toUsage(usage: Usage): JsonObject {
  const { inputTokens, cacheReadTokens, outputTokens, reasoningTokens } = usage;
  const prompt = inputTokens + cacheReadTokens + usage.cacheWrite5mTokens + usage.cacheWrite1hTokens;
  return {
    promptTokenCount: prompt,
    candidatesTokenCount: outputTokens - reasoningTokens,
    totalTokenCount: prompt + outputTokens,
    ...(cacheReadTokens > 0 ? { cachedContentTokenCount: cacheReadTokens } : {}),
    ...(reasoningTokens > 0 ? { thoughtsTokenCount: reasoningTokens } : {}),
  };
}

/** One answer of all chunks: text grows together, as the API itself says it whole. */
function fold(chunks: readonly JsonObject[]): JsonObject {
  const parts: JsonObject[] = [];
  for (const { candidates } of chunks) {
    const [candidate = {}] = objectsOf(candidates);
    for (const part of objectsOf(objectOf(candidate.content).parts)) foldPart(parts, part);
  }
  const last = chunks.at(-1) ?? {};
  const [end = {}] = objectsOf(last.candidates);
  return { ...last, candidates: [{ ...end, content: { role: "model", parts } }] };
}

function foldPart(parts: JsonObject[], part: JsonObject): void {
  const { text, thought, thoughtSignature, ...rest } = part;
  const last = parts.at(-1);
  const isMore = last && typeof last.text === "string" && last.thought === thought;
  if (text === "" && thoughtSignature === undefined) return;
  if (typeof text === "string" && isMore && thoughtSignature === undefined) last.text = `${String(last.text)}${text}`;
  else parts.push(compact({ text, thought, thoughtSignature, ...rest }));
}
