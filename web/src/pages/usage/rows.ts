import type { RankedBy, RankedSort } from "../../api/ranking.ts";
import type { Figures } from "../../api/usage.ts";
import { type Span, spanQuery } from "../../parts/span.tsx";

export const dimensions = ["key", "owner", "tag", "model", "account", "client", "session"] as const;
export type Dimension = (typeof dimensions)[number];
export const sorts: readonly RankedSort[] = ["costUsd", "requests", "errors", "tokens", "name"];

/** What days are kept by; the rest is only known of the calls that the log still has. */
export const isRanked = (by: Dimension): by is Dimension & RankedBy => by !== "client" && by !== "session";

export interface Row {
  readonly id: string;
  readonly name: string;
  readonly split: { readonly id: string; readonly name: string } | null;
  readonly figures: Figures;
  /** Null where the days before are not known. */
  readonly before: Figures | null;
}

/** The share of the input that was read from the cache; undefined where there was none. */
export function hitRate(of: Figures): number | undefined {
  const input = of.inputTokens + of.cacheReadTokens + of.cacheWrite5mTokens + of.cacheWrite1hTokens;
  return input === 0 ? undefined : of.cacheReadTokens / input;
}

/** The requests behind a row, of the same days; undefined where a name is missing, which no filter finds. */
export function requestsBehind(
  row: Row,
  { by, split, span }: { by: Dimension; split: Dimension | undefined; span: Span },
) {
  if (row.id === "" || row.split?.id === "") return undefined;
  const filter = { [by]: row.id, ...(split && row.split && { [split]: row.split.id }) };
  return `/requests${spanQuery(span, filter)}`;
}

/** Two parts of the same group, as sums; what are means stays unknown. */
export function addFigures(one: Figures, other: Figures): Figures {
  const sum = Object.fromEntries(
    Object.entries(one).map(([name, value]) => [name, (value ?? 0) + (other[name as keyof Figures] ?? 0)]),
  ) as Figures;
  return { ...sum, errorRate: sum.requests === 0 ? 0 : sum.errors / sum.requests, firstMs: null, totalMs: null };
}
