import type { Medium, Usage } from "../../../core/money/usage.ts";
import { inputOf, noUsage, readCount, totalTokens } from "../../../core/money/usage.ts";
import type { UpstreamError, UsageReader } from "../dialect.ts";
import type { AnswerForm, Events, Seen } from "../usage-reader.ts";
import { parseEvent, readAnswer } from "../usage-reader.ts";
import { lookUp } from "../../../wire/maps.ts";
import { isObject, type JsonObject, listOf, objectOf } from "../../../wire/json.ts";

/** What an event has beside its text, and what a token has of text: about. */
const envelopeBytes = 250;
const bytesPerToken = 4;

/**
 * Reads what Gemini answers: `usageMetadata` is cumulative, so the last one counts. Code Assist wraps the same answer in
 * `{"response":…}`. Source: `GenerateContentResponseUsageMetadata` and `UsageMetadata` of @google/genai.
 */
export function buildGeminiReader(): UsageReader {
  let drawn = 0;
  const seeEvent = (seen: Seen, data: string) => {
    const event = parseEvent(data);
    if (!event) return;
    if (data.includes('"inlineData"')) drawn += 1;
    see(seen, event);
  };
  return readAnswer({ ...form, seeEvent, guess: (events) => guessTokens(events) + drawn * form.imageTokens });
}

const form = {
  // An event with one of these is read at once; of the others, which only carry figures, the last when they are asked for.
  marks: ['"finishReason"', '"blockReason"', '"error"', '"groundingMetadata"', '"inlineData"'],
  keepsLast: true,
  seeWhole: see,
  // A picture of 4K. Source: ai.google.dev/gemini-api/docs/pricing, image models.
  imageTokens: 2_000,
} satisfies Partial<AnswerForm>;

function guessTokens({ skipped: { events, bytes } }: Events): number {
  return Math.max(events, Math.ceil((bytes - events * envelopeBytes) / bytesPerToken));
}

function see(seen: Seen, value: JsonObject): void {
  if (isObject(value.error)) {
    seen.error ??= readError(value.error);
    seen.state = "failed";
  }
  const answer = isObject(value.response) ? value.response : value;
  merge(seen.usage, answer);
  if (typeof answer.modelVersion === "string") seen.model = answer.modelVersion;
  if (hasEnd(answer) && seen.state === "open") seen.state = "complete";
}

function merge(usage: Usage, answer: JsonObject): void {
  const next = isObject(answer.usageMetadata) ? readGeminiUsage(answer.usageMetadata) : undefined;
  if (next && totalTokens(next) > 0) {
    const { outputTokens, reasoningTokens, ...rest } = next;
    if (inputOf(next) > 0) Object.assign(usage, rest);
    if (outputTokens >= usage.outputTokens) Object.assign(usage, { outputTokens, reasoningTokens });
  }
  if (next?.serviceTier !== undefined) usage.serviceTier = next.serviceTier;
  if (next?.isClamped) usage.isClamped = true;
  const searches = countSearches(answer);
  if (searches > (usage.webSearches ?? 0)) usage.webSearches = searches;
}

/** Queries to Google's search, and answers that rest on its maps. Source: `GroundingMetadata` of @google/genai. */
function countSearches(answer: JsonObject): number {
  return listOf(answer.candidates).reduce((sum: number, candidate) => {
    const grounding = objectOf(objectOf(candidate).groundingMetadata);
    const queries = listOf(grounding.webSearchQueries).length + listOf(grounding.imageSearchQueries).length;
    const hasMaps = listOf(grounding.groundingChunks).some((chunk) => isObject(objectOf(chunk).maps));
    return sum + queries + Number(hasMaps);
  }, 0);
}

/** A candidate that says why it ended, or a prompt that was refused: the dialect has no other last word. */
function hasEnd(answer: JsonObject): boolean {
  if (typeof objectOf(answer.promptFeedback).blockReason === "string") return true;
  return listOf(answer.candidates).some((candidate) => typeof objectOf(candidate).finishReason === "string");
}

/** Whether a chunk has neither a part nor an end in it: figures, a model's name. */
export function isGeminiOpening(data: string): boolean {
  const value = parseEvent(data);
  if (!value || Array.isArray(value) || value.error !== undefined) return false;
  const answer = isObject(value.response) ? value.response : value;
  const isBare = (candidate: unknown) => listOf(objectOf(objectOf(candidate).content).parts).length === 0;
  return !hasEnd(answer) && listOf(answer.candidates).every(isBare);
}

/** Vertex tells the tier as the kind of traffic. Source: `TrafficType` of @google/genai. */
const tierOfTraffic: Readonly<Record<string, string>> = { ON_DEMAND_PRIORITY: "priority", ON_DEMAND_FLEX: "flex" };

/** Cached tokens are part of the prompt's, thoughts are not part of the candidates', and tools' prompts come on top. */
export function readGeminiUsage(given: JsonObject): Usage {
  const usage = noUsage();
  const count = (value: unknown) => readCount(value, usage);
  const prompt = count(given.promptTokenCount);
  const cached = count(given.cachedContentTokenCount);
  const thoughts = count(given.thoughtsTokenCount);
  const tools = count(given.toolUsePromptTokenCount);
  const candidates = count(given.candidatesTokenCount ?? given.responseTokenCount);
  if (cached > prompt) usage.isClamped = true;
  usage.cacheReadTokens = cached;
  usage.inputTokens = Math.max(0, prompt - cached) + tools;
  usage.reasoningTokens = thoughts;
  // The total is the sum of the four; what it has beyond them is of the answer, which some places tell in the total only.
  const beyond = prompt === 0 ? 0 : Math.max(0, count(given.totalTokenCount) - prompt - tools - candidates - thoughts);
  usage.outputTokens = candidates + thoughts + beyond;
  const tier = typeof given.serviceTier === "string" ? given.serviceTier : lookUp(tierOfTraffic, given.trafficType);
  if (tier !== undefined) usage.serviceTier = tier.toLowerCase();
  const media = readMedia(given, usage);
  if (media) usage.media = media;
  return usage;
}

/** Documents count as images do. Source: ai.google.dev/gemini-api/docs/tokens. */
const mediumOf: Readonly<Record<string, string>> = {
  IMAGE: "Image",
  DOCUMENT: "Image",
  AUDIO: "Audio",
  VIDEO: "Video",
};

function readMedia(given: JsonObject, usage: Usage): Usage["media"] {
  const sums: Partial<Record<Medium, number>> = {};
  const add = (list: unknown, name: string, sign = 1) => {
    for (const each of listOf(list).filter(isObject)) {
      const medium = lookUp(mediumOf, each.modality);
      if (medium === undefined) continue;
      const key = `${name}${medium}` as Medium;
      sums[key] = Math.max(0, (sums[key] ?? 0) + sign * readCount(each.tokenCount, usage));
    }
  };
  add(given.promptTokensDetails, "input");
  add(given.cacheTokensDetails, "input", -1);
  add(given.toolUsePromptTokensDetails, "input");
  add(given.cacheTokensDetails, "cacheRead");
  const answered = given.candidatesTokensDetails ?? given.responseTokensDetails;
  // Told without an image, an answer has none: not the same as not told.
  if (Array.isArray(answered)) sums.outputImage = 0;
  add(answered, "output");
  return Object.keys(sums).length > 0 ? sums : undefined;
}

function readError(error: JsonObject): UpstreamError {
  const code = Number(error.code);
  return {
    status: code >= 400 && code < 600 ? code : 500,
    type: typeof error.status === "string" ? error.status : "UNKNOWN",
    message: typeof error.message === "string" ? error.message : "",
    fields: error,
  };
}
