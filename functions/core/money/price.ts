import type { Price, Rates } from "./price-table.ts";
import type { Medium, Usage } from "./usage.ts";
import { media, tokenCount } from "./usage.ts";

export type { LongContext, Price, Rates } from "./price-table.ts";
export { findPrice, listPrices, ownName, pricesMadeOn, pricesSource } from "./price-table.ts";

const tokenClasses = ["input", "output", "cacheRead", "cacheWrite5m", "cacheWrite1h"] as const;
type TokenClass = (typeof tokenClasses)[number];

export const costClasses = [...tokenClasses, "webSearch", ...media, "fileSearch"] as const;
export type CostClass = (typeof costClasses)[number];

export interface Cost {
  /** Billionths of a US dollar, rounded half up once for the call. */
  readonly costNanos: number;
  /** Of the classes that occurred. Adds up to `costNanos` exactly. */
  readonly byClass: Readonly<Partial<Record<CostClass, number>>>;
  /**
   * The rates that were used, of the classes that occurred: pico-dollars per token, nano-dollars per search. `own` is 1
   * where they are the operator's own, `assumed` where the model has no price and they are another's, `searchPerCall` where
   * the call pays for one search.
   */
  readonly rates: Readonly<Record<string, number>>;
}

const picosPerNano = 1_000n;

/** What a call cost, without its parts (charge.ts). Integers throughout; a figure that is negative or no whole number counts as 0. */
export function computeCost(usage: Usage, price: Price): Cost {
  const counts = countClasses(usage, {
    drawsImages: price.mediaPicos?.outputImage !== undefined,
    isSearchPerCall: price.isSearchPerCall === true,
  });
  const rates = ratesOf(price, inputOf(usage), factorOf(usage, price));
  const byClass: Partial<Record<CostClass, number>> = {};
  const used: Record<string, number> = {};
  if (price.isOwn) used.own = 1;
  if (price.isSearchPerCall && counts.webSearch) used.searchPerCall = 1;
  let sum = noPicos;
  let costNanos = 0;
  for (const each of costClasses) {
    const count = counts[each] ?? 0;
    if (count === 0) continue;
    const isSearch = isSearchClass(each);
    used[rateName(each)] = rates[each];
    sum = addPicos(sum, count, isSearch ? rates[each] * 1_000 : rates[each]);
    // Each class gets what it adds to the rounded sum, so that the classes add up to it whatever their fractions are.
    const sumNanos = roundToNanos(sum);
    byClass[each] = sumNanos - costNanos;
    costNanos = sumNanos;
  }
  return { costNanos, byClass, rates: used };
}

export const isSearchClass = (name: CostClass): boolean => name === "webSearch" || name === "fileSearch";
export const rateName = (name: CostClass): string => `${name}${isSearchClass(name) ? "Nanos" : "Picos"}`;

export interface Size {
  readonly inputTokens: number;
  readonly maxOutputTokens: number;
  /** It asks for a cache of an hour, whose writes are dearer than those of five minutes. */
  readonly isLongCached?: boolean;
}

/** What a call may cost before it is made, as a reservation: all its input written to a cache, its answer as long as it may get. Nano-dollars. */
export function estimateCost(size: Size, price: Price): number {
  const inputTokens = tokenCount(size.inputTokens);
  const rates = ratesOf(price, inputTokens, 1);
  const write = size.isLongCached ? rates.cacheWrite1h : rates.cacheWrite5m;
  const input = addPicos(noPicos, inputTokens, Math.max(rates.input, write));
  const output = Math.max(rates.output, rates.outputImage, rates.outputAudio);
  return roundToNanos(addPicos(input, tokenCount(size.maxOutputTokens), output));
}

export interface Counting {
  /** The model's images have a rate of their own: an answer that does not tell them apart counts as image, all but its thoughts. */
  readonly drawsImages: boolean;
  readonly isSearchPerCall: boolean;
}

/** The figures class by class. */
export function countClasses(
  usage: Usage,
  { drawsImages, isSearchPerCall }: Counting,
): Partial<Record<CostClass, number>> {
  const webSearches = tokenCount(usage.webSearches);
  const counts: Partial<Record<CostClass, number>> = {
    input: tokenCount(usage.inputTokens),
    output: tokenCount(usage.outputTokens),
    cacheRead: tokenCount(usage.cacheReadTokens),
    cacheWrite5m: tokenCount(usage.cacheWrite5mTokens),
    cacheWrite1h: tokenCount(usage.cacheWrite1hTokens),
    webSearch: isSearchPerCall ? Math.min(webSearches, 1) : webSearches,
    fileSearch: tokenCount(usage.fileSearches),
  };
  if (!usage.media && !drawsImages) return counts;
  for (const medium of media) {
    const whole = classOf(medium);
    const told = usage.media?.[medium];
    const drawn = medium === "outputImage" && drawsImages && told === undefined;
    const most = counts[whole] ?? 0;
    const count = Math.min(drawn ? Math.max(0, most - tokenCount(usage.reasoningTokens)) : tokenCount(told), most);
    counts[medium] = count;
    counts[whole] = most - count;
  }
  return counts;
}

/** The class that a medium's tokens are counted in. */
function classOf(medium: Medium): TokenClass {
  if (medium.startsWith("cacheRead")) return "cacheRead";
  return medium.startsWith("input") ? "input" : "output";
}

function inputOf(usage: Usage): number {
  const { inputTokens, cacheReadTokens, cacheWrite5mTokens, cacheWrite1hTokens } = usage;
  return [inputTokens, cacheReadTokens, cacheWrite5mTokens, cacheWrite1hTokens].reduce(
    (sum, count) => sum + tokenCount(count),
    0,
  );
}

/** Of all token rates: the tier that served the call, and the place where it ran. */
function factorOf({ serviceTier, inferenceGeo }: Usage, { serviceTiers: tiers, regionFactor }: Price): number {
  const tier = (serviceTier !== undefined && tiers && Object.hasOwn(tiers, serviceTier) && tiers[serviceTier]) || 1;
  const isRegional = inferenceGeo !== undefined && !anywhere.has(inferenceGeo.toLowerCase());
  return isRegional ? tier * (regionFactor ?? 1) : tier;
}

/** What Anthropic's `inference_geo` says where no single place was asked for, or where the model cannot tell. */
const anywhere = new Set(["", "global", "not_available", "unknown"]);

function ratesOf(price: Price, inputTokens: number, factor: number): Record<CostClass, number> {
  const rates: Rates = price.longContext?.findLast((tier) => inputTokens > tier.aboveTokens) ?? price;
  const rate = (picos: number | undefined) => Math.round((picos ?? rates.inputPicos) * factor);
  const short = rates.cacheWrite5mPicos;
  const text: Record<TokenClass, number> = {
    input: rate(rates.inputPicos),
    output: rate(rates.outputPicos),
    cacheRead: rate(rates.cacheReadPicos),
    cacheWrite5m: rate(short),
    cacheWrite1h: rate(rates.cacheWrite1hPicos ?? short),
  };
  const ofMedium = (medium: Medium) => {
    const own = price.mediaPicos?.[medium];
    return own === undefined ? text[classOf(medium)] : Math.round(own * factor);
  };
  return {
    ...text,
    inputImage: ofMedium("inputImage"),
    inputAudio: ofMedium("inputAudio"),
    inputVideo: ofMedium("inputVideo"),
    cacheReadImage: ofMedium("cacheReadImage"),
    cacheReadAudio: ofMedium("cacheReadAudio"),
    outputImage: ofMedium("outputImage"),
    outputAudio: ofMedium("outputAudio"),
    outputVideo: ofMedium("outputVideo"),
    webSearch: price.webSearchNanos ?? 0,
    fileSearch: price.fileSearchNanos ?? 0,
  };
}

/** Exact whatever the figures: a plain number as long as it is a safe integer, as it is for all but absurd usage. */
type Picos = number | bigint;
const noPicos: Picos = 0;

function addPicos(sum: Picos, count: number, rate: number): Picos {
  const plain = typeof sum === "number" ? sum + count * rate : Infinity;
  return plain < Number.MAX_SAFE_INTEGER - 1_000 ? plain : BigInt(sum) + BigInt(count) * BigInt(rate);
}

function roundToNanos(picos: Picos): number {
  if (typeof picos === "number") return Math.floor((picos + 500) / 1_000);
  return Math.min(Number((picos + picosPerNano / 2n) / picosPerNano), Number.MAX_SAFE_INTEGER);
}
