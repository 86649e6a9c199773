import type { Usage } from "../../../core/money/usage.ts";
import { noUsage, tokenCount } from "../../../core/money/usage.ts";
import { EventCutter } from "../../../wire/sse.ts";
import type { UpstreamError, UsageReader } from "../dialect.ts";

/** An answer that is no event stream is held up to here to find its usage; a longer one loses its figures, not its bytes. */
const mostHeldBytes = 32 * 1024 * 1024;

/** An event with one of these is read at once; of the others, which only carry figures, the last when they are asked for. */
const ends = ['"finishReason"', '"blockReason"', '"error"'];

/**
 * Reads what Gemini answers: `usageMetadata` is cumulative, so the last one counts. Code Assist wraps the same answer in
 * `{"response":…}`. Source: ai.google.dev/api/generate-content#UsageMetadata.
 */
export function buildGeminiReader(isStream: boolean): UsageReader {
  return isStream ? readStream() : readWhole();
}

class Seen {
  readonly usage: Usage = noUsage();
  model: string | undefined;
  isOver = false;
  error: UpstreamError | undefined;

  see(value: unknown): void {
    if (!isObject(value)) return;
    if (isObject(value.error)) this.error ??= readError(value.error);
    const answer = isObject(value.response) ? value.response : value;
    if (isObject(answer.usageMetadata)) Object.assign(this.usage, readGeminiUsage(answer.usageMetadata));
    if (typeof answer.modelVersion === "string") this.model = answer.modelVersion;
    if (hasEnd(answer)) this.isOver = true;
  }

  get state(): "open" | "complete" | "failed" {
    if (this.error) return "failed";
    return this.isOver ? "complete" : "open";
  }
}

function readStream(): UsageReader {
  const seen = new Seen();
  const read = () => {
    const unread = cutter.takeLast();
    if (unread) seen.see(parse(unread));
  };
  const take = (data: string) => (read(), seen.see(parse(data)));
  const cutter = new EventCutter(ends, take, undefined, true);
  return {
    see: (chunk) => cutter.see(chunk),
    total: () => (read(), seen.usage),
    model: () => (read(), seen.model),
    state: () => seen.state,
    finish: () => cutter.finish(),
    isAtBoundary: () => cutter.isAtBoundary,
    hasEvent: () => cutter.hasEvent,
    error: () => seen.error,
  };
}

/** A JSON answer, or a stream as a JSON array: of one that is cut off, the elements that are whole still count. */
function readWhole(): UsageReader {
  let seen = new Seen();
  const parts: Uint8Array[] = [];
  let size = 0;
  let isFinished = false;
  const read = () => {
    if (isFinished || parts.length === 0) return;
    const held = Buffer.concat(parts);
    parts.splice(0, parts.length, held);
    seen = new Seen();
    for (const element of wholeElements(held)) seen.see(element);
  };
  return {
    see(chunk) {
      size += chunk.length;
      if (size <= mostHeldBytes) parts.push(chunk);
    },
    total: () => (read(), seen.usage),
    model: () => (read(), seen.model),
    state: () => (isFinished ? (seen.error ? "failed" : "complete") : "open"),
    finish() {
      if (size <= mostHeldBytes) {
        const value = parse(Buffer.concat(parts).toString("utf8"));
        for (const element of Array.isArray(value) ? value : [value]) seen.see(element);
      }
      isFinished = true;
      parts.length = 0;
    },
    isAtBoundary: () => false,
    hasEvent: () => true,
    error: () => seen.error,
  };
}

type Loose = Record<string, unknown>;

function isObject(value: unknown): value is Loose {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    void error;
    return undefined;
  }
}

/** The elements of a JSON array of which the end may be missing. */
function* wholeElements(bytes: Buffer): Generator<unknown> {
  let depth = 0;
  let start = -1;
  let isInText = false;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (isInText) {
      if (byte === 0x5c) at++;
      else if (byte === 0x22) isInText = false;
    } else if (byte === 0x22) isInText = true;
    else if (byte === 0x7b && depth++ === 0) start = at;
    else if (byte === 0x7d && --depth === 0) yield parse(bytes.toString("utf8", start, at + 1));
  }
}

/** A candidate that says why it ended, or a prompt that was refused: the dialect has no other last word. */
function hasEnd(answer: Loose): boolean {
  if (isObject(answer.promptFeedback) && typeof answer.promptFeedback.blockReason === "string") return true;
  const candidates = Array.isArray(answer.candidates) ? (answer.candidates as unknown[]) : [];
  return candidates.some((candidate) => isObject(candidate) && typeof candidate.finishReason === "string");
}

/** Whether a chunk has neither a part nor an end in it: figures, a model's name. */
export function isGeminiOpening(data: string): boolean {
  const value = parse(data);
  if (!isObject(value) || value.error !== undefined) return false;
  const answer = isObject(value.response) ? value.response : value;
  const candidates = Array.isArray(answer.candidates) ? (answer.candidates as unknown[]) : [];
  const isBare = (candidate: unknown) => {
    const content = isObject(candidate) && isObject(candidate.content) ? candidate.content : {};
    return !Array.isArray(content.parts) || content.parts.length === 0;
  };
  return !hasEnd(answer) && candidates.every(isBare);
}

/** Cached tokens are part of the prompt's, thoughts are not part of the candidates', and tools' prompts come on top. */
export function readGeminiUsage(given: Loose): Partial<Usage> {
  const told: Pick<Usage, "isClamped"> = {};
  const cached = tokenCount(given.cachedContentTokenCount, told);
  const thoughts = tokenCount(given.thoughtsTokenCount, told);
  const usage = {
    inputTokens:
      Math.max(0, tokenCount(given.promptTokenCount, told) - cached) + tokenCount(given.toolUsePromptTokenCount, told),
    cacheReadTokens: cached,
    outputTokens: tokenCount(given.candidatesTokenCount, told) + thoughts,
    reasoningTokens: thoughts,
    ...(typeof given.serviceTier === "string" ? { serviceTier: given.serviceTier.toLowerCase() } : {}),
  };
  return { ...usage, ...told };
}

function readError(error: Loose): UpstreamError {
  const code = Number(error.code);
  return {
    status: code >= 400 && code < 600 ? code : 500,
    type: typeof error.status === "string" ? error.status : "UNKNOWN",
    message: typeof error.message === "string" ? error.message : "",
    fields: error,
  };
}
