import type { UsageEvent } from "../money/usage.ts";
import { tokenCount } from "../money/usage.ts";

/**
 * What calls add up to, in the order in which a row keeps it: new figures go to the end, none is ever taken out.
 * All are whole numbers; costs are nano-dollars, times milliseconds. `firstMs` and `firsts` give the mean time to the
 * first byte of streams, `totalMs` and `requests` the mean length of a call. `lastAt` is the latest call's time, epoch
 * milliseconds: the one figure of which the greater stands where others are added.
 */
export const figureNames = [
  "requests",
  "errors",
  "gone",
  "unpriced",
  "inputTokens",
  "outputTokens",
  "cacheReadTokens",
  "cacheWrite5mTokens",
  "cacheWrite1hTokens",
  "reasoningTokens",
  "webSearches",
  "costNanos",
  "undeliveredNanos",
  "firstMs",
  "firsts",
  "totalMs",
  "lastAt",
] as const;

export type FigureName = (typeof figureNames)[number];

/** Figures as a row holds them, in the order of `figureNames`; what is missing at the end is 0. */
export type Figures = number[];

const places = Object.fromEntries(figureNames.map((name, index) => [name, index])) as Record<FigureName, number>;

export function noFigures(): Figures {
  return figureNames.map(() => 0);
}

export function figure(figures: readonly number[], name: FigureName): number {
  return figures[places[name]] ?? 0;
}

/** All tokens that a token limit counts. */
export function tokensOf(figures: readonly number[]): number {
  const names = ["inputTokens", "outputTokens", "cacheReadTokens", "cacheWrite5mTokens", "cacheWrite1hTokens"] as const;
  return names.reduce((sum, name) => sum + figure(figures, name), 0);
}

const lastAt = places.lastAt;

/** Adds in place, and stays at the largest exact integer rather than become inexact. */
export function addFigures(into: Figures, more: readonly number[]): Figures {
  // A plain loop: this runs nine times for every call that is folded.
  for (let index = 0; index < more.length; index += 1) {
    const one = into[index] ?? 0;
    const other = more[index] ?? 0;
    into[index] = index === lastAt ? Math.max(one, other) : Math.min(one + other, Number.MAX_SAFE_INTEGER);
  }
  return into;
}

export function sumFigures(all: Iterable<readonly number[]>): Figures {
  const sum = noFigures();
  for (const each of all) addFigures(sum, each);
  return sum;
}

/** What one call adds. Never throws: a figure that is no whole number or negative counts as 0. */
export function buildFigures(event: UsageEvent): Figures {
  const { usage, ms } = event;
  const costNanos = tokenCount(event.costNanos);
  const isAnswered = event.status < 400;
  const hasFirst = event.isStream && isAnswered && tokenCount(ms?.first) > 0;
  return [
    1,
    Number(isError(event)),
    Number(event.outcome === "gone"),
    Number(isAnswered && (event.rates === undefined || event.rates.assumed === 1)),
    tokenCount(usage?.inputTokens),
    tokenCount(usage?.outputTokens),
    tokenCount(usage?.cacheReadTokens),
    tokenCount(usage?.cacheWrite5mTokens),
    tokenCount(usage?.cacheWrite1hTokens),
    tokenCount(usage?.reasoningTokens),
    tokenCount(usage?.webSearches),
    costNanos,
    event.isUndelivered ? costNanos : 0,
    hasFirst ? ms.first : 0,
    Number(hasFirst),
    tokenCount(ms?.total),
    tokenCount(event.at),
  ];
}

/** A client that left is no error of the relay's or the provider's. */
export function isError(event: Pick<UsageEvent, "outcome" | "status">): boolean {
  if (event.outcome === "gone") return false;
  return event.outcome !== "complete" || event.status >= 400;
}

/** `[3,0,0,0,12]`: a JSON array without the zeros at its end. */
export function encodeFigures(figures: readonly number[]): string {
  return JSON.stringify(withoutZeros(figures));
}

export function withoutZeros(figures: readonly number[]): readonly number[] {
  let length = figures.length;
  while (length > 0 && figures[length - 1] === 0) length -= 1;
  return length === figures.length ? figures : figures.slice(0, length);
}

export function decodeFigures(text: string): Figures {
  return JSON.parse(text) as Figures;
}
