import type { Usage } from "../../../core/money/usage.ts";
import { noUsage, tokenCount } from "../../../core/money/usage.ts";
import { EventCutter } from "../../../wire/sse.ts";
import { findTopLevel, parseSpan } from "../../../wire/top-level.ts";
import type { UpstreamError, UsageReader } from "../dialect.ts";

/** A whole answer is held up to here to find its usage; a longer one loses its figures, not its bytes. */
const mostHeldBytes = 64 * 1024 * 1024;

export type Loose = Record<string, unknown>;

export interface Seen {
  usage: Usage;
  model: string | undefined;
  state: "open" | "complete" | "failed";
  error: UpstreamError | undefined;
}

const nothing = (): Seen => ({ usage: noUsage(), model: undefined, state: "open", error: undefined });

/** Reads the events in which one of the marks stands; `see` gets their data. */
export function readStream(marks: readonly string[], see: (seen: Seen, data: string) => void): UsageReader {
  const seen = nothing();
  const cutter = new EventCutter(marks, (data) => see(seen, data));
  return {
    see: (chunk) => cutter.see(chunk),
    total: () => seen.usage,
    // A delta is a token or more; the padding that OpenAI puts in says nothing.
    guess: () => cutter.events,
    model: () => seen.model,
    state: () => seen.state,
    finish: () => cutter.finish(),
    isAtBoundary: () => cutter.isAtBoundary,
    hasEvent: () => cutter.hasEvent,
    error: () => seen.error,
  };
}

/** The only fields of a whole answer that are parsed: an image is megabytes of base64 that nobody here looks at. */
const wanted = ["model", "status", "usage", "error", "service_tier", "output"];

export function readWhole(see: (seen: Seen, answer: Loose) => void): UsageReader {
  const seen = nothing();
  const parts: Uint8Array[] = [];
  let size = 0;
  return {
    see(chunk) {
      size += chunk.length;
      if (size <= mostHeldBytes) parts.push(chunk);
      else parts.length = 0;
    },
    total: () => seen.usage,
    model: () => seen.model,
    state: () => seen.state,
    finish() {
      const answer = parseFields(Buffer.concat(parts));
      parts.length = 0;
      if (!answer) return;
      seen.state = "complete";
      see(seen, answer);
    },
    isAtBoundary: () => false,
    hasEvent: () => true,
    error: () => seen.error,
  };
}

function parseFields(bytes: Buffer): Loose | undefined {
  try {
    const spans = findTopLevel(bytes, wanted);
    if (!spans) return parse(bytes.toString("utf8"));
    return Object.fromEntries([...spans].map(([name, span]) => [name, parseSpan(bytes, span)]));
  } catch (error) {
    void error;
    return undefined;
  }
}

export function parse(text: string): Loose | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isLoose(value) ? value : undefined;
  } catch (error) {
    void error;
    return undefined;
  }
}

export const isLoose = (value: unknown): value is Loose => typeof value === "object" && value !== null;
const looseOf = (value: unknown): Loose => (isLoose(value) ? value : {});

/** Names of both languages: Responses says `input_tokens`, Chat says `prompt_tokens`. The cached ones are part of the input. */
export function mergeUsage(usage: Usage, value: unknown): void {
  if (!isLoose(value)) return;
  const input = tokenCount(value.input_tokens ?? value.prompt_tokens, usage);
  const details = looseOf(value.input_tokens_details ?? value.prompt_tokens_details);
  const cached = tokenCount(details.cached_tokens ?? value.prompt_cache_hit_tokens ?? value.cached_tokens, usage);
  const written = tokenCount(details.cache_write_tokens ?? value.cache_creation_input_tokens, usage);
  const answer = looseOf(value.output_tokens_details ?? value.completion_tokens_details);
  usage.cacheReadTokens = Math.min(cached, input);
  usage.cacheWrite5mTokens = Math.min(written, input - usage.cacheReadTokens);
  usage.inputTokens = input - usage.cacheReadTokens - usage.cacheWrite5mTokens;
  usage.outputTokens = tokenCount(value.output_tokens ?? value.completion_tokens, usage);
  usage.reasoningTokens = tokenCount(answer.reasoning_tokens, usage);
}

const statusOf: Readonly<Record<string, number>> = {
  invalid_request_error: 400,
  invalid_prompt: 400,
  context_length_exceeded: 400,
  authentication_error: 401,
  insufficient_quota: 429,
  rate_limit_exceeded: 429,
  usage_limit_reached: 429,
  usage_not_included: 429,
  server_is_overloaded: 503,
  slow_down: 503,
};

/** An error inside a 200: its status is told by its code, or by its type; vendors put a number there, too. */
export function errorOf(value: unknown): UpstreamError {
  const error = looseOf(value);
  const code = String(error.code ?? error.type ?? "server_error");
  const named = [code, String(error.type)].find((name) => Object.hasOwn(statusOf, name));
  const status = named === undefined ? Number(code) : (statusOf[named] ?? 500);
  const message = String(error.message ?? "");
  return { status: status >= 400 && status < 600 ? status : 500, type: code, message, fields: error };
}

export function fail(seen: Seen, error: unknown): void {
  seen.state = "failed";
  seen.error = errorOf(error);
}
