import type { Usage, UsagePart } from "../../../core/money/usage.ts";
import { isUntold, noUsage, readCount, readFigure } from "../../../core/money/usage.ts";
import type { UsageReader } from "../dialect.ts";
import type { Events, Seen } from "../usage-reader.ts";
import { parseEvent, readAnswer, withParts } from "../usage-reader.ts";
import { isObject, type JsonObject, listOf, objectOf } from "../../../wire/json.ts";

/** What `content_block_delta` has beside its text, and what a token has of text: about. */
const envelopeBytes = 120;
const bytesPerToken = 4;

/** What stands beside the figures, once it was told. */
interface Told {
  isFast: boolean;
  /** The answer's length was told at its end; `message_start` only tells that it has begun. */
  hasOutput: boolean;
  iterations: readonly JsonObject[];
}

/** Source of all that is read here: `BetaUsage` and `BetaMessageDeltaUsage` of @anthropic-ai/sdk, resources/beta/messages. */
export function buildAnthropicReader(): UsageReader {
  const told: Told = { isFast: false, hasOutput: false, iterations: [] };
  return readAnswer({
    marks: ['"usage"', '"error"', '"message_start"', '"message_stop"'],
    dull: "event: content_block_",
    seeEvent: (seen, data) => seeEvent(told, seen, data),
    seeWhole(seen, message) {
      told.hasOutput = true;
      seeMessage(told, seen, message);
    },
    total({ usage, model, state }) {
      const isUnfinished = state === "complete" && !told.hasOutput;
      return withIterations(isUnfinished ? { ...usage, outputTokens: 0 } : usage, told.iterations, model);
    },
    guess: guessTokens,
    imageTokens: 0,
  });
}

function guessTokens({ skipped: { events, bytes } }: Events): number {
  return Math.max(events, Math.ceil((bytes - events * envelopeBytes) / bytesPerToken));
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
const stop = '{"type":"message_stop"}';

function seeEvent(told: Told, seen: Seen, data: string): void {
  if (data === stop && seen.state === "open") {
    seen.state = "complete";
    return;
  }
  const event = parseEvent(data);
  if (!event) return;
  if (event.type === "error") return fail(seen, event.error);
  if (isObject(event.message)) seeMessage(told, seen, event.message);
  for (const usage of [event.usage, objectOf(event.delta).usage]) {
    mergeUsage(told, seen.usage, usage);
    told.hasOutput ||= readCount(objectOf(usage).output_tokens, seen.usage) > 0;
  }
  if (event.type !== "message_stop") return;
  if (seen.state === "open") seen.state = "complete";
  const metrics = event["amazon-bedrock-invocationMetrics"];
  if (!isObject(metrics) || (told.hasOutput && !isUntold(seen.usage, 1))) return;
  mergeMetrics(seen.usage, metrics);
  told.hasOutput = true;
}

function seeMessage(told: Told, seen: Seen, message: JsonObject): void {
  if (isObject(message.error)) return fail(seen, message.error);
  if (typeof message.model === "string") seen.model = message.model;
  mergeUsage(told, seen.usage, message.usage);
}

function fail(seen: Seen, value: unknown): void {
  const error = objectOf(value);
  const type = String(error.type ?? "api_error");
  const status = Object.hasOwn(statusOf, type) ? (statusOf[type] ?? 500) : 500;
  seen.state = "failed";
  seen.error = { status, type, message: String(error.message ?? ""), fields: error };
}

/** Bedrock's own count of a stream. Source: Amazon Bedrock user guide, InvokeModelWithResponseStream. */
function mergeMetrics(usage: Usage, metrics: JsonObject): void {
  mergeFigures(usage, {
    input_tokens: metrics.inputTokenCount,
    output_tokens: metrics.outputTokenCount,
    cache_read_input_tokens: metrics.cacheReadInputTokenCount,
    cache_creation_input_tokens: metrics.cacheWriteInputTokenCount,
  });
}

/**
 * Figures of a later event replace those of an earlier one: `message_delta` is cumulative and must not be added to
 * `message_start`. A figure that is absent, null or 0 leaves the earlier one standing.
 */
function mergeUsage(told: Told, usage: Usage, value: unknown): void {
  if (!isObject(value)) return;
  mergeFigures(usage, value);
  if (typeof value.service_tier === "string") usage.serviceTier = value.service_tier;
  if (typeof value.inference_geo === "string") usage.inferenceGeo = value.inference_geo;
  // Fast mode is a price tier of its own, told beside the service tier.
  told.isFast ||= value.speed === "fast";
  if (told.isFast) usage.serviceTier = "fast";
  // Fetches of pages cost nothing but their tokens: platform.claude.com, Pricing, Web fetch tool.
  const searches = readCount(objectOf(value.server_tool_use).web_search_requests, usage);
  if (searches > 0) usage.webSearches = searches;
  const iterations = listOf(value.iterations).filter(isObject);
  if (iterations.length > 0) told.iterations = iterations;
}

/** The same, for a bridge that says an answer in another language. */
export function mergeAnthropicUsage(usage: Usage, value: unknown): void {
  mergeUsage({ isFast: usage.serviceTier === "fast", hasOutput: false, iterations: [] }, usage, value);
}

function mergeFigures(usage: Usage, given: JsonObject): void {
  usage.inputTokens = readCount(given.input_tokens, usage) || usage.inputTokens;
  usage.outputTokens = Math.max(readCount(given.output_tokens, usage), usage.outputTokens);
  usage.cacheReadTokens = readCount(given.cache_read_input_tokens, usage) || usage.cacheReadTokens;
  mergeCacheWrites(usage, given);
  const thinking = readCount(objectOf(given.output_tokens_details).thinking_tokens, usage);
  usage.reasoningTokens = Math.min(thinking || usage.reasoningTokens, usage.outputTokens);
}

/**
 * Five-minute and one-hour writes are priced apart. The total is the last word where the split is at odds with it: what the
 * split does not say is of five minutes, the API's default, and what it says too much is taken from the cheaper one.
 */
function mergeCacheWrites(usage: Usage, given: JsonObject): void {
  const total = readFigure(given.cache_creation_input_tokens, usage);
  if (isObject(given.cache_creation)) {
    const short = readCount(given.cache_creation.ephemeral_5m_input_tokens, usage);
    const long = readCount(given.cache_creation.ephemeral_1h_input_tokens, usage);
    const sum = total ?? short + long;
    if (sum === 0 && short + long === 0) return;
    if (short + long > sum) usage.isClamped = true;
    usage.cacheWrite1hTokens = Math.min(long, sum);
    usage.cacheWrite5mTokens = sum - usage.cacheWrite1hTokens;
    return;
  }
  if (!total) return;
  // A total alone, after a split: what came on top is taken for what the rest was.
  const wasLong = usage.cacheWrite1hTokens > 0 && usage.cacheWrite5mTokens === 0;
  usage.cacheWrite1hTokens = wasLong ? total : Math.min(usage.cacheWrite1hTokens, total);
  usage.cacheWrite5mTokens = total - usage.cacheWrite1hTokens;
}

/**
 * Each sampling of a call as a part of its own. The top figures are the sum of the model's own (`message`, and
 * `fallback_message` where another model took over), and hold neither compactions nor advisors. Source: the description of
 * `iterations` in `BetaUsage`. What the top has beyond its own samplings stays with the call.
 */
function withIterations(top: Usage, iterations: readonly JsonObject[], model: string | undefined): Usage {
  const [first] = iterations;
  const isPlain = iterations.length === 1 && first?.type === "message" && (first.model ?? model) === model;
  if (first === undefined || isPlain) return top;
  const rest = { ...top };
  const parts = iterations.map((given): UsagePart => {
    const usage = readIteration(given, top);
    if (given.type === "message" || given.type === "fallback_message") subtract(rest, usage);
    return { model: typeof given.model === "string" ? given.model : undefined, usage };
  });
  return withParts(rest, parts);
}

function readIteration(given: JsonObject, top: Usage): Usage {
  const usage = noUsage();
  mergeFigures(usage, given);
  // Its writes are as long-lived as the call's, where it does not say.
  if (!isObject(given.cache_creation) && top.cacheWrite1hTokens > 0) {
    usage.cacheWrite1hTokens = usage.cacheWrite5mTokens;
    usage.cacheWrite5mTokens = 0;
  }
  if (top.serviceTier !== undefined) usage.serviceTier = top.serviceTier;
  if (top.inferenceGeo !== undefined) usage.inferenceGeo = top.inferenceGeo;
  return usage;
}

function subtract(rest: Usage, usage: Usage): void {
  const writes = usage.cacheWrite5mTokens + usage.cacheWrite1hTokens;
  const short = Math.min(writes, rest.cacheWrite5mTokens);
  rest.cacheWrite5mTokens -= short;
  rest.cacheWrite1hTokens = Math.max(0, rest.cacheWrite1hTokens - (writes - short));
  for (const name of ["inputTokens", "outputTokens", "cacheReadTokens", "reasoningTokens"] as const)
    rest[name] = Math.max(0, rest[name] - usage[name]);
}
