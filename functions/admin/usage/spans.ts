import type * as z from "zod/mini";
import type { Env } from "../../env.ts";
import { sumFigures, type Figures } from "../../core/usage/totals.ts";
import { dayOf } from "../../core/limits/period.ts";
import { daysBetween, nextDay } from "../../core/usage/rollup/retention.ts";
import { readDays, readHours, readKey, readKeyHours, type Sums } from "../../core/usage/statistics.ts";
import { readShare } from "../../core/usage/rollup/schema.ts";
import type * as shape from "./schema.ts";
import * as view from "./view.ts";

const hourMs = 3_600_000;

/** The days before some days: of the first days of a month those of the month before, else as many. */
export function daysBefore(days: readonly string[]): string[] {
  const [from = "", to = ""] = [days[0], days.at(-1)];
  if (days.length === 1 || !from.endsWith("-01") || from.slice(0, 7) !== to.slice(0, 7))
    return daysBetween(view.shift(from, -days.length), from);
  const last = view.shift(from, -1);
  const isWhole = view.shift(to, 1).endsWith("-01");
  const same = `${last.slice(0, 8)}${to.slice(8)}`;
  return daysBetween(`${last.slice(0, 8)}01`, nextDay(isWhole || same > last ? last : same));
}

/** What a span used and the one before it, of the same hours. Commands: one a day of both, and two. */
export async function readSpans(
  query: z.infer<typeof shape.SpansQuery>,
  env: Env,
): Promise<z.infer<typeof shape.Spans>> {
  const days = view.readSpan(query, 92, env);
  const earlier = daysBefore(days);
  const { now, before } = await (query.key === undefined
    ? readOf(query.account, days, env)
    : readKeyPair(query.key, days, env));
  return {
    ...{ from: days[0] ?? "", to: days.at(-1) ?? "", figures: view.buildFiguresView(sumFigures(now)) },
    before: { from: earlier[0] ?? "", to: earlier.at(-1) ?? "", figures: view.buildFiguresView(sumFigures(before)) },
  };
}

interface Pair<T> {
  readonly now: readonly T[];
  /** In parts: whole days, and hours of the last one. */
  readonly before: readonly T[];
}

async function readOf(account: string | undefined, days: readonly string[], env: Env): Promise<Pair<Figures>> {
  const pick = ({ keys, shares }: Sums): Figures =>
    sumFigures(
      account === undefined
        ? keys.values()
        : [...shares].filter(([share]) => readShare(share).account === account).map(([, figures]) => figures),
    );
  const { now, before } = await readPair(days, env);
  return { now: now.map(pick), before: before.map(pick) };
}

/** One key's own fields only: the rows of a day may be those of ten thousand keys. */
async function readKeyPair(key: string, days: readonly string[], env: Env): Promise<Pair<Figures>> {
  const { whole, last, passed } = cutDays(days, env);
  const hours = Array.from({ length: Math.ceil(passed) }, (_, hour) => hour);
  const [now, before, ofHours] = await Promise.all([
    readKey(key, days, env),
    readKey(key, whole, env),
    last === undefined ? [] : readKeyHours(key, last, hours, env),
  ]);
  return { now, before: [...before, ...ofHours.map((figures, hour) => scale(figures, passed - hour))] };
}

/** The sums of days, and of the days before them up to the same time of day. Commands: one a day of both, and one. */
export async function readPair(days: readonly string[], env: Env): Promise<Pair<Sums>> {
  const { whole, last, passed } = cutDays(days, env);
  const [sums, hours] = await Promise.all([
    readDays([...days, ...whole], env),
    last === undefined ? [] : readHours([last], env),
  ]);
  const parts = [...(hours[0] ?? [])].map(([hour, { keys, shares }]): Sums => {
    const cut = <Id>(all: ReadonlyMap<Id, Figures>) =>
      new Map([...all].map(([id, figures]) => [id, scale(figures, passed - hour)]));
    return { keys: cut(keys), shares: cut(shares) };
  });
  return { now: sums.slice(0, days.length), before: [...sums.slice(days.length), ...parts] };
}

/** The days before: whole ones, and the last one where only `passed` hours of it count. */
function cutDays(days: readonly string[], env: Env): { whole: string[]; last: string | undefined; passed: number } {
  const whole = daysBefore(days);
  const today = dayOf(env.now(), env.config);
  if (days.at(-1) !== today.name) return { whole, last: undefined, passed: 0 };
  const last = whole.pop();
  return { whole, last, passed: (env.now() - today.startAt) / hourMs };
}

/** An hour's figures up to a time within it: all of them, a share, or none. */
const scale = (figures: readonly number[], hours: number): Figures =>
  figures.map((value) => Math.round(value * Math.min(1, Math.max(0, hours))));
