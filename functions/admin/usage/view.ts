import type { Env } from "../../env.ts";
import { addFigures, figure, figureNames, noFigures, tokensOf, type Figures } from "../../core/usage/totals.ts";
import type { Standing } from "../../core/limits/limit.ts";
import { getOrPut, type listDetail } from "../../core/usage/rollup/write.ts";
import type { Zone } from "../../core/limits/period.ts";
import { dayOf } from "../../core/limits/period.ts";
import type { Pool } from "../../core/accounts/pool.ts";
import { recentPool } from "../../core/accounts/pool.ts";
import { daysBetween, nextDay } from "../../core/usage/rollup/retention.ts";
import { readShare } from "../../core/usage/rollup/schema.ts";
import type { Sums } from "../../core/usage/statistics.ts";
import { invalid } from "../http/invalid.ts";
import { allKeys } from "../keys/key-listing.ts";
import type { FiguresView, Group, PointView, RankedView } from "./schema.ts";

const hidden = new Set(["costNanos", "undeliveredNanos", "firstMs", "firsts", "totalMs", "lastAt"]);
const plain = figureNames.filter((name) => !hidden.has(name));

/** Dividing by a power of ten is rounded right (IEEE 754), so this is the number that reads as exactly so many dollars. */
export const usd = (nanos: number): number => nanos / 1e9;

export function buildFiguresView(figures: readonly number[]): FiguresView {
  const of = (name: (typeof figureNames)[number]) => figure(figures, name);
  const counts = Object.fromEntries(plain.map((name) => [name, of(name)])) as Pick<FiguresView, "requests">;
  const requests = of("requests");
  return {
    ...(counts as FiguresView),
    errorRate: requests === 0 ? 0 : of("errors") / requests,
    tokens: tokensOf(figures),
    costUsd: usd(of("costNanos")),
    undeliveredUsd: usd(of("undeliveredNanos")),
    firstMs: of("firsts") === 0 ? null : Math.round(of("firstMs") / of("firsts")),
    totalMs: requests === 0 ? null : Math.round(of("totalMs") / requests),
  };
}

export function buildLimitView({ name, unit, limit, used, reserved, resetAt }: Standing) {
  const [isCost, scale] = unit === "nanos" ? [true, usd] : [false, (value: number) => value];
  return {
    name,
    unit: isCost ? ("usd" as const) : (unit as "calls" | "requests" | "tokens"),
    limit: scale(limit),
    used: scale(used),
    reserved: scale(reserved),
    remaining: scale(Math.max(0, limit - used)),
    resetAt: resetAt ?? null,
  };
}

/** The local days of a query, oldest first. */
export function readSpan(
  query: { from?: string | undefined; to?: string | undefined },
  most: number,
  env: Env,
): string[] {
  const today = dayOf(env.now(), env.config).name;
  const to = query.to ?? today;
  const from = query.from ?? shift(to, 1 - Math.min(30, most));
  for (const [field, day] of [
    ["from", from],
    ["to", to],
  ] as const)
    if (!isDay(day)) throw invalid(field, "is not a day");
  const days = from > to ? [] : daysBetween(from, nextDay(to));
  if (days.length === 0) throw invalid("to", "must not be before `from`");
  if (days.length > most) throw invalid("from", `must be at most ${most} days before the last day`);
  return days;
}

function isDay(day: string): boolean {
  const at = Date.parse(`${day}T00:00:00Z`);
  return Number.isFinite(at) && new Date(at).toISOString().startsWith(day);
}

/** A day so many days later, or before. */
export function shift(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}

const halfDayMs = 43_200_000;

/** When a local day begins: zones lie within fourteen hours of UTC, so noon of the day is asked, and its neighbours. */
export function startOfDay(day: string, zone: Zone): number {
  const noon = Date.parse(`${day}T12:00:00Z`);
  const candidates = [noon, noon - halfDayMs, noon + halfDayMs].map((at) => dayOf(at, zone));
  return candidates.find(({ name }) => name === day)?.startAt ?? noon - halfDayMs;
}

/** What ids are called, and what tags keys have. */
export interface Names {
  readonly key: (id: string) => string;
  readonly tags: (id: string) => readonly string[];
  readonly owner: (id: string) => string;
  readonly account: (id: string) => string;
}

/** At most three commands: keys are read at most every few seconds. */
export async function readNames(env: Env): Promise<Names> {
  const [keys, pool] = await Promise.all([allKeys(env), recentPool(env)]);
  return buildNames(keys, pool);
}

type Key = Awaited<ReturnType<typeof allKeys>>[number];

function buildNames(keys: readonly Key[], pool: Pool): Names {
  const byId = new Map(keys.map((key) => [key.id, key]));
  return {
    key: (id) => byId.get(id)?.name ?? id,
    tags: (id) => byId.get(id)?.tags ?? [],
    owner: (id) => byId.get(id)?.owner ?? "",
    account: (id) => (id === "" ? "(none)" : (pool.accountById.get(id)?.name ?? id)),
  };
}

/** Figures by what they are grouped by. A call counts with each tag of its key, and the tags are those the key has now. */
export function groupSums(sums: Sums, group: Group, names: Names): Map<string, Figures> {
  const grouped = new Map<string, Figures>();
  const add = (id: string, figures: readonly number[]) => void addFigures(getOrPut(grouped, id, noFigures), figures);
  const place: Record<Group, () => void> = {
    none: () => sums.keys.forEach((figures) => add("", figures)),
    key: () => sums.keys.forEach((figures, key) => add(key, figures)),
    owner: () => sums.keys.forEach((figures, key) => add(names.owner(key), figures)),
    account: () => sums.shares.forEach((figures, share) => add(readShare(share).account, figures)),
    model: () => sums.shares.forEach((figures, share) => add(readShare(share).model, figures)),
    tag: () =>
      sums.keys.forEach((figures, key) => {
        const tags = names.tags(key);
        for (const tag of tags.length > 0 ? tags : [""]) add(tag, figures);
      }),
  };
  place[group]();
  return grouped;
}

export function nameOf(id: string, group: Group, names: Names): string {
  if (group === "key") return names.key(id);
  if (group === "account") return names.account(id);
  if (group === "none") return "all";
  return id === "" ? "(none)" : id;
}

export function addGroups(all: Iterable<ReadonlyMap<string, Figures>>): Map<string, Figures> {
  const sum = new Map<string, Figures>();
  for (const groups of all) for (const [id, figures] of groups) addFigures(getOrPut(sum, id, noFigures), figures);
  return sum;
}

/** The costliest first. */
export function rankGroups(groups: ReadonlyMap<string, Figures>, group: Group, names: Names): RankedView[] {
  const rows = [...groups].map(([id, figures]) => ({
    id,
    name: nameOf(id, group, names),
    figures: buildFiguresView(figures),
  }));
  return rows.sort(
    (one, other) =>
      other.figures.costUsd - one.figures.costUsd ||
      other.figures.tokens - one.figures.tokens ||
      compare(one.name, other.name),
  );
}

const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
export const compare = (one: string, other: string): number => collator.compare(one, other);

/** Figures of days as points of a line. */
export function buildTrend(days: readonly string[], byDay: readonly Figures[], env: Env): PointView[] {
  return days.map((period, index) => {
    const figures = buildFiguresView(byDay[index] ?? noFigures());
    return { period, startAt: startOfDay(period, env.config), figures };
  });
}

type Row = ReturnType<typeof listDetail>[number];

/** Figures of accounts and models, added up by one of both. */
export function groupRows(rows: readonly Row[], group: "model" | "account"): Map<string, Figures> {
  const grouped = new Map<string, Figures>();
  for (const row of rows) addFigures(getOrPut(grouped, row[group], noFigures), row.figures);
  return grouped;
}
