import type { Usage } from "../../../core/money/usage.ts";
import { inputOf, noUsage, readCount, readFigure } from "../../../core/money/usage.ts";
import type { UpstreamError } from "../dialect.ts";
import type { AnswerForm, Events, Seen } from "../usage-reader.ts";
import { isObject, type JsonObject, objectOf } from "../../../wire/json.ts";

export type { Seen } from "../usage-reader.ts";

/** What the API's three languages have in common. */
export const openaiForm = {
  /** The only fields of a whole answer that are parsed: an image is megabytes of base64 that nobody here looks at. */
  fields: ["model", "status", "usage", "svg_usage", "tool_usage", "tools", "error", "service_tier", "output"],
  // A delta is a token or more; the padding that OpenAI puts in says nothing.
  guess: ({ events }: Events) => events,
  /** A large picture of high quality. Source: developers.openai.com, Image generation, Cost and latency. */
  imageTokens: 6_240,
} as const satisfies Partial<AnswerForm>;

/**
 * Takes over the figures of a `usage`, unless they are none: some places send a last chunk of zeros. Figures are of the
 * whole answer so far, so those of a later chunk replace an earlier one's, and its output never shrinks.
 */
export function mergeUsage(usage: Usage, value: unknown): void {
  const next = readUsage(value);
  if (!next) return;
  const { inputTokens, outputTokens, reasoningTokens, cacheReadTokens, cacheWrite5mTokens, cacheWrite1hTokens } = next;
  if (inputOf(next) > 0) Object.assign(usage, { inputTokens, cacheReadTokens, cacheWrite5mTokens, cacheWrite1hTokens });
  if (outputTokens >= usage.outputTokens) Object.assign(usage, { outputTokens, reasoningTokens });
  if (next.media) usage.media = next.media;
  if (next.isClamped) usage.isClamped = true;
}

/**
 * Names of both languages: Responses says `input_tokens`, Chat says `prompt_tokens`. The cached ones are part of the input.
 * Sources: `ResponseUsage`, `CompletionUsage`, `ImagesResponse.Usage` and `Response.ToolUsage` of the package openai.
 */
export function readUsage(value: unknown): Usage | undefined {
  if (!isObject(value)) return undefined;
  const usage = noUsage();
  const input = readCount(value.input_tokens ?? value.prompt_tokens, usage);
  const details = objectOf(value.input_tokens_details ?? value.prompt_tokens_details);
  const answer = objectOf(value.output_tokens_details ?? value.completion_tokens_details);
  const told = details.cached_tokens ?? value.prompt_cache_hit_tokens ?? value.cached_tokens;
  usage.cacheReadTokens = atMost(input, readCount(told, usage), usage);
  readWrites(usage, details, value.cache_creation_input_tokens, input - usage.cacheReadTokens);
  usage.inputTokens = input - usage.cacheReadTokens - usage.cacheWrite5mTokens - usage.cacheWrite1hTokens;
  const reasoning = readCount(answer.reasoning_tokens, usage);
  const output = readCount(value.output_tokens ?? value.completion_tokens, usage);
  // xAI counts its thoughts beside the answer, and in the total only: docs.x.ai, Reasoning.
  const isBeside = reasoning > 0 && readCount(value.total_tokens, usage) === input + output + reasoning;
  usage.outputTokens = isBeside ? output + reasoning : output;
  usage.reasoningTokens = Math.min(reasoning, usage.outputTokens);
  readMedia(usage, { details, answer, cached: objectOf(value.cached_tokens_details) });
  return usage;
}

/** A part that is greater than its whole is cut to it. */
function atMost(whole: number, part: number, usage: Usage): number {
  if (part > whole) usage.isClamped = true;
  return Math.min(part, whole);
}

/** Writes that last for hours are dearer than those of half an hour: `ttl_12h_tokens` and the like. */
function readWrites(usage: Usage, details: JsonObject, other: unknown, rest: number): void {
  const split = Object.entries(objectOf(details.cache_write_tokens_details));
  const longs = split.filter(([name]) => /^ttl_\d+[hd]_tokens$/.test(name)).map(([, count]) => readCount(count, usage));
  const shorts = split.filter(([name]) => /^ttl_\d+m_tokens$/.test(name)).map(([, count]) => readCount(count, usage));
  const long = longs.reduce((sum, count) => sum + count, 0);
  const all = shorts.reduce((sum, count) => sum + count, long);
  const written = atMost(rest, readFigure(details.cache_write_tokens ?? other, usage) ?? all, usage);
  usage.cacheWrite1hTokens = atMost(written, long, usage);
  usage.cacheWrite5mTokens = written - usage.cacheWrite1hTokens;
}

function readMedia(
  usage: Usage,
  { details, answer, cached }: { details: JsonObject; answer: JsonObject; cached: JsonObject },
): void {
  const cachedImage = readCount(cached.cached_image_tokens, usage);
  const told = {
    inputImage: Math.max(0, readCount(details.image_tokens, usage) - cachedImage),
    inputAudio: readCount(details.audio_tokens, usage),
    cacheReadImage: cachedImage,
    outputAudio: readCount(answer.audio_tokens, usage),
  };
  const outputImage = readFigure(answer.image_tokens, usage);
  const media = Object.fromEntries(Object.entries(told).filter(([, count]) => count > 0));
  if (outputImage !== undefined) media.outputImage = outputImage;
  if (Object.keys(media).length > 0) usage.media = media;
}

/** The usage of an answer, with what its tools and its drawing in SVG used by models of their own. */
export function seeUsage(seen: Seen, answer: JsonObject, drawingModel?: string): void {
  mergeUsage(seen.usage, answer.usage);
  if (typeof answer.service_tier === "string") seen.usage.serviceTier = answer.service_tier;
  const output = Array.isArray(answer.output) ? (answer.output as unknown[]).filter(isObject) : [];
  const tools = objectOf(answer.tool_usage);
  const searches = readFigure(objectOf(tools.web_search).num_requests, seen.usage) ?? output.filter(isSearch).length;
  if (searches > 0) seen.usage.webSearches = searches;
  const fileSearches = output.filter(({ type }) => type === "file_search_call").length;
  if (fileSearches > 0) seen.usage.fileSearches = fileSearches;
  const drawn = [answer, ...output].map(({ svg_usage: svg }) => svg).filter(isObject);
  const parts = [
    { model: drawingModelOf(answer.tools) ?? drawingModel ?? defaultDrawingModel, usage: readUsage(tools.image_gen) },
    ...drawn.map((svg) => ({ model: typeof svg.model === "string" ? svg.model : undefined, usage: readUsage(svg) })),
  ];
  const used = parts.flatMap(({ model, usage }) =>
    usage && inputOf(usage) + usage.outputTokens > 0 ? [{ model, usage }] : [],
  );
  if (used.length > 0) seen.parts = used;
}

/** Only the search itself is billed, not the opening of a page that it found. Source: openai.com/api/pricing, built-in tools. */
function isSearch(item: JsonObject): boolean {
  if (item.type !== "web_search_call") return false;
  return !isObject(item.action) || item.action.type === "search";
}

/** What the tool draws with where neither the call nor the answer says. Source: `Tool.ImageGeneration` of the package openai. */
const defaultDrawingModel = "gpt-image-2.6-sunburst";

/** The model of the image tool among a call's tools. */
export function drawingModelOf(tools: unknown): string | undefined {
  const tool = Array.isArray(tools)
    ? tools.find((each) => isObject(each) && each.type === "image_generation")
    : undefined;
  return isObject(tool) && typeof tool.model === "string" ? tool.model : undefined;
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
  const error = objectOf(value);
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
