import { familyIndex } from "../../core/keys/model-families.ts";
import type { Share } from "../../core/limits/in-flight.ts";
import { estimateCost, type Price } from "../../core/money/price.ts";
import { guessTokens, type Outcome, tokenCount } from "../../core/money/usage.ts";
import { anyTier, asksOf } from "./asks.ts";
import { type Call, sizeOf } from "./dialect.ts";

/** Lower bound of bytes per token: code and Chinese about 3, English prose 4 or more. */
const leastBytesPerToken = 3;

/**
 * What a model takes and gives at most, in tokens, as the providers' pages of models say (platform.claude.com/docs
 * about-claude/models, platform.openai.com/docs/models, ai.google.dev/gemini-api/docs/models); the first that fits counts.
 */
const bounds: readonly (readonly [model: RegExp, contextTokens: number, outputTokens: number])[] = [
  [/claude-(?:3|(?:opus|sonnet|haiku)-4(?:-[0-5])?(?!-?\d))/, 200_000, 64_000],
  [/claude/, 1_000_000, 128_000],
  [/gpt-4o|gpt-3/, 128_000, 16_384],
  [/gpt-4\.1/, 1_047_576, 32_768],
  [/\bo\d\b/, 200_000, 100_000],
  [/gpt-5/, 400_000, 128_000],
  [/gemini/, 1_048_576, 65_536],
];
const unknownBounds = [/./, 1_048_576, 128_000] as const;

function boundsOf({ model = "", headers }: Call): (typeof bounds)[number] {
  const found = bounds.find(([pattern]) => pattern.test(model.toLowerCase())) ?? unknownBounds;
  const isWide = (headers["anthropic-beta"] ?? "").includes("context-1m");
  return isWide ? [found[0], unknownBounds[1], found[2]] : found;
}

/**
 * What a call can cost, to be reserved until its true cost is known: all of its request written to a cache, every answer as
 * long as it may get, at the dearest tier that it names. Input that the request only points at (a document by its URL, a file,
 * an earlier response) may fill the model's context window.
 */
export function reserve(call: Call, price: Price | undefined, hasFamilies: boolean): Share {
  const model = call.model?.toLowerCase() ?? "";
  const [, contextTokens, mostOutput] = boundsOf(call);
  const asks = asksOf(call);
  const sizeTokens = Math.ceil(sizeOf(call) / leastBytesPerToken);
  const isPointing = asks.pointsElsewhere || searchingModel.test(model);
  const inputTokens = isPointing ? Math.max(sizeTokens, contextTokens) : sizeTokens;
  // Client input: validate before arithmetic.
  const asked = tokenCount(call.maxOutputTokens) || mostOutput;
  const maxOutputTokens = Math.min(asked, mostOutput) * asks.answers;
  const size = { inputTokens, maxOutputTokens, isLongCached: asks.isLongCached };
  const fees = asks.maySearch || searchingModel.test(model) ? searchFees(price) : 0;
  const nanos = price ? Math.ceil(estimateCost(size, price) * tierOf(asks.tiers, price)) + fees : 0;
  const family = hasFamilies && call.model !== undefined ? familyIndex(call.model) : -1;
  return { calls: 1, nanos, tokens: inputTokens + maxOutputTokens, family };
}

/**
 * What the request of a call may have cost though its answer did not tell, in tokens: a low guess by its bytes, and the whole
 * window where it pointed at a document or an earlier response and its client left: a provider reads that before it answers.
 */
export function guessSent(call: Call, outcome: Outcome): number {
  const guess = guessTokens(sizeOf(call));
  return outcome === "gone" && asksOf(call).pointsAtInput ? Math.max(guess, boundsOf(call)[1]) : guess;
}

/** Models that search of themselves (platform.openai.com/docs/models: gpt-4o-search-preview, gpt-5-search-api). */
const searchingModel = /-search-(?:preview|api)/;
/** What a model that may search as it likes does in one answer. */
const usualSearches = 10;

function searchFees(price: Price | undefined): number {
  return usualSearches * Math.max(price?.webSearchNanos ?? 0, price?.fileSearchNanos ?? 0);
}

/** The factor of the dearest tier that the request names. */
function tierOf(tiers: ReadonlySet<string>, { serviceTiers = {} }: Price): number {
  const named = tiers.has(anyTier) ? Object.keys(serviceTiers) : [...tiers];
  return Math.max(1, ...named.map((tier) => serviceTiers[tier] ?? 1));
}
