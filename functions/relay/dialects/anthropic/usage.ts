import type { Usage } from "../../../core/money/usage.ts";
import { noUsage, tokenCount } from "../../../core/money/usage.ts";
import { EventCutter } from "../../../wire/sse.ts";
import type { UpstreamError, UsageReader } from "../dialect.ts";

/** A whole answer is held up to here to find its usage; a longer one loses its figures, not its bytes. */
const mostHeldBytes = 32 * 1024 * 1024;

/** What the figures and the state of an answer hide in: quotes inside a delta's text are escaped, so these only match the envelope. */
const marks = ['"usage"', '"error"', '"message_stop"'];

export function buildAnthropicReader(isStream: boolean): UsageReader {
  return isStream ? readStream() : readWhole();
}

interface Seen {
  usage: Usage;
  model: string | undefined;
  state: "open" | "complete" | "failed";
  error: UpstreamError | undefined;
}

function readStream(): UsageReader {
  const seen: Seen = { usage: noUsage(), model: undefined, state: "open", error: undefined };
  const cutter = new EventCutter(marks, (data) => seeEvent(seen, data), "event: content_block_");
  return {
    see: (chunk) => cutter.see(chunk),
    total: () => seen.usage,
    guess: () => Math.max(cutter.skipped.events, guessTokens(cutter.skipped)),
    model: () => seen.model,
    state: () => seen.state,
    finish: () => cutter.finish(),
    isAtBoundary: () => cutter.isAtBoundary,
    hasEvent: () => cutter.hasEvent,
    error: () => seen.error,
  };
}

/** What a `content_block_delta` has beside its text, and what a token has of text: about. */
const envelopeBytes = 120;
const bytesPerToken = 4;

function guessTokens({ events, bytes }: { events: number; bytes: number }): number {
  return Math.ceil((bytes - events * envelopeBytes) / bytesPerToken);
}

function readWhole(): UsageReader {
  const seen: Seen = { usage: noUsage(), model: undefined, state: "open", error: undefined };
  const parts: Uint8Array[] = [];
  let size = 0;
  return {
    see(chunk) {
      size += chunk.length;
      if (size <= mostHeldBytes) parts.push(chunk);
    },
    total: () => seen.usage,
    model: () => seen.model,
    state: () => seen.state,
    finish() {
      const text = size <= mostHeldBytes ? Buffer.concat(parts).toString("utf8") : "";
      parts.length = 0;
      const message = parse(text);
      if (message === undefined) return;
      seen.state = "complete";
      if (typeof message.error === "object" && message.error !== null) seeError(seen, message.error);
      else seeMessage(seen, message);
    },
    isAtBoundary: () => false,
    hasEvent: () => true,
    error: () => seen.error,
  };
}

type Loose = Record<string, unknown>;

function parse(text: string): Loose | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Loose) : undefined;
  } catch (error) {
    void error;
    return undefined;
  }
}

const statusOf: Readonly<Record<string, number>> = {
  invalid_request_error: 400,
  authentication_error: 401,
  billing_error: 402,
  permission_error: 403,
  not_found_error: 404,
  request_too_large: 413,
  rate_limit_error: 429,
  api_error: 500,
  timeout_error: 504,
  overloaded_error: 529,
};

/** The last event tells nothing but that it is the last. */
const stop = '{"type":"message_stop"';

function seeEvent(seen: Seen, data: string): void {
  if (data.startsWith(stop) && seen.state === "open") {
    seen.state = "complete";
    return;
  }
  const event = parse(data);
  if (!event) return;
  if (event.type === "message_start") seeMessage(seen, (event.message ?? {}) as Loose);
  else if (event.type === "message_delta") mergeAnthropicUsage(seen.usage, event.usage);
  else if (event.type === "message_stop" && seen.state === "open") seen.state = "complete";
  else if (event.type === "error") seeError(seen, event.error);
}

function seeError(seen: Seen, value: unknown): void {
  const error = (value ?? {}) as Loose;
  const type = String(error.type ?? "api_error");
  const status = Object.hasOwn(statusOf, type) ? (statusOf[type] ?? 500) : 500;
  seen.state = "failed";
  seen.error = { status, type, message: String(error.message ?? ""), fields: error };
}

function seeMessage(seen: Seen, message: Loose): void {
  if (typeof message.model === "string") seen.model = message.model;
  mergeAnthropicUsage(seen.usage, message.usage);
}

/**
 * Figures of a later event replace those of an earlier one: `message_delta` is cumulative and must not be added to
 * `message_start`. A figure that is absent leaves the earlier one standing.
 */
export function mergeAnthropicUsage(usage: Usage, value: unknown): void {
  if (typeof value !== "object" || value === null) return;
  const given = value as Loose;
  if (given.input_tokens !== undefined) usage.inputTokens = tokenCount(given.input_tokens, usage);
  if (given.output_tokens !== undefined) usage.outputTokens = tokenCount(given.output_tokens, usage);
  if (given.cache_read_input_tokens !== undefined)
    usage.cacheReadTokens = tokenCount(given.cache_read_input_tokens, usage);
  mergeCacheWrites(usage, given);
  const details = given.output_tokens_details as Loose | undefined;
  if (details?.thinking_tokens !== undefined) usage.reasoningTokens = tokenCount(details.thinking_tokens, usage);
  if (typeof given.service_tier === "string") usage.serviceTier = given.service_tier;
  // Fast mode is a price tier of its own, told beside the service tier.
  if (given.speed === "fast") usage.serviceTier = "fast";
  const tools = given.server_tool_use as Loose | undefined;
  if (tools?.web_search_requests !== undefined) usage.webSearches = tokenCount(tools.web_search_requests, usage);
}

/** Five-minute and one-hour writes are priced apart; a total without the split counts as five-minute, the API's default. */
function mergeCacheWrites(usage: Usage, given: Loose): void {
  const split = given.cache_creation as Loose | undefined;
  if (split !== undefined && split !== null) {
    usage.cacheWrite5mTokens = tokenCount(split.ephemeral_5m_input_tokens, usage);
    usage.cacheWrite1hTokens = tokenCount(split.ephemeral_1h_input_tokens, usage);
    return;
  }
  if (given.cache_creation_input_tokens === undefined) return;
  const total = tokenCount(given.cache_creation_input_tokens, usage);
  usage.cacheWrite5mTokens = Math.max(0, total - usage.cacheWrite1hTokens);
}
