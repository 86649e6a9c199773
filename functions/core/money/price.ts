import type { Price, Rates } from "./price-table.ts";
import type { Usage } from "./usage.ts";
import { tokenCount } from "./usage.ts";

export type { LongContext, Price, Rates } from "./price-table.ts";
export { findPrice, listPrices, ownName, pricesMadeOn, pricesSource } from "./price-table.ts";

export const costClasses = ["input", "output", "cacheRead", "cacheWrite5m", "cacheWrite1h", "webSearch"] as const;
export type CostClass = (typeof costClasses)[number];

export interface Cost {
  /** Billionths of a US dollar, rounded half up once for the call. */
  readonly costNanos: number;
  /** Adds up to `costNanos` exactly. */
  readonly byClass: Readonly<Record<CostClass, number>>;
  /**
   * The rates that were used, of the classes that occurred: pico-dollars per token, nano-dollars per search. `own` is 1
   * where they are the operator's own.
   */
  readonly rates: Readonly<Record<string, number>>;
}

const picosPerNano = 1_000n;

/** What a call cost. Integers throughout; a figure that is negative or no whole number counts as 0. */
export function computeCost(usage: Usage, price: Price): Cost {
  const counts = countClasses(usage);
  const rates = ratesOf(usage.serviceTier, inputOf(counts), price);
  const byClass = { input: 0, output: 0, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, webSearch: 0 };
  const used: Record<string, number> = price.isOwn ? { own: 1 } : {};
  let sum = noPicos;
  let costNanos = 0;
  for (const each of costClasses) {
    if (counts[each] === 0) continue;
    const isSearch = each === "webSearch";
    used[isSearch ? "webSearchNanos" : `${each}Picos`] = rates[each];
    sum = addPicos(sum, counts[each], isSearch ? rates[each] * 1_000 : rates[each]);
    // Each class gets what it adds to the rounded sum, so that the classes add up to it whatever their fractions are.
    const sumNanos = roundToNanos(sum);
    byClass[each] = sumNanos - costNanos;
    costNanos = sumNanos;
  }
  return { costNanos, byClass, rates: used };
}

export interface Size {
  readonly inputTokens: number;
  readonly maxOutputTokens: number;
  /** It asks for a cache of an hour, whose writes are dearer than those of five minutes. */
  readonly isLongCached?: boolean;
}

/** What a call may cost before it is made, as a reservation: all its input written to a cache, its answer as long as it may get. Nano-dollars. */
export function estimateCost(size: Size, price: Price): number {
  const inputTokens = tokenCount(size.inputTokens);
  const rates = ratesOf(undefined, inputTokens, price);
  const write = size.isLongCached ? rates.cacheWrite1h : rates.cacheWrite5m;
  const input = addPicos(noPicos, inputTokens, Math.max(rates.input, write));
  return roundToNanos(addPicos(input, tokenCount(size.maxOutputTokens), rates.output));
}

function countClasses(usage: Usage): Record<CostClass, number> {
  return {
    input: tokenCount(usage.inputTokens),
    output: tokenCount(usage.outputTokens),
    cacheRead: tokenCount(usage.cacheReadTokens),
    cacheWrite5m: tokenCount(usage.cacheWrite5mTokens),
    cacheWrite1h: tokenCount(usage.cacheWrite1hTokens),
    webSearch: tokenCount(usage.webSearches),
  };
}

function inputOf(counts: Readonly<Record<CostClass, number>>): number {
  return counts.input + counts.cacheRead + counts.cacheWrite5m + counts.cacheWrite1h;
}

function ratesOf(serviceTier: string | undefined, inputTokens: number, price: Price): Record<CostClass, number> {
  const rates: Rates = price.longContext?.findLast((tier) => inputTokens > tier.aboveTokens) ?? price;
  const tiers = price.serviceTiers;
  const factor = (serviceTier !== undefined && tiers && Object.hasOwn(tiers, serviceTier) && tiers[serviceTier]) || 1;
  const rate = (picos: number | undefined) => Math.round((picos ?? rates.inputPicos) * factor);
  const short = rates.cacheWrite5mPicos;
  return {
    input: rate(rates.inputPicos),
    output: rate(rates.outputPicos),
    cacheRead: rate(rates.cacheReadPicos),
    cacheWrite5m: rate(short),
    cacheWrite1h: rate(rates.cacheWrite1hPicos ?? short),
    webSearch: price.webSearchNanos ?? 0,
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
