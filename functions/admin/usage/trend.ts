import type * as z from "zod/mini";
import type { Env } from "../../env.ts";
import type { Figures } from "../../core/usage/totals.ts";
import { addFigures, noFigures, sumFigures } from "../../core/usage/totals.ts";
import { getOrPut, listDetail } from "../../core/usage/rollup/write.ts";
import { readDays, readHours, readKeyDays, readMonths, type Sums } from "../../core/usage/statistics.ts";
import { invalid } from "../http/invalid.ts";
import type * as shape from "./schema.ts";
import * as view from "./view.ts";

type Query = z.infer<typeof shape.TrendQuery>;
type Series = z.infer<typeof shape.Trend>["series"];

/** One step of the time axis, with the figures of each group in it. */
interface Step {
  readonly period: string;
  readonly startAt: number;
  readonly groups: ReadonlyMap<string, Figures>;
}

const hourMs = 3_600_000;
const mostDays = { hour: 7, day: 92, month: 1_098 } as const;

/** Commands: one a day, or one a month; three for names. */
export async function readTrend(query: Query, env: Env): Promise<z.infer<typeof shape.Trend>> {
  const { granularity = "day", group = "none", most = 10 } = query;
  const days = view.readSpan(
    granularity === "month" && !query.from ? { ...query, from: yearBefore(query, env) } : query,
    mostDays[granularity],
    env,
  );
  const names = await view.readNames(env);
  const steps =
    query.key === undefined
      ? await readSteps(days, granularity, (sums) => view.groupSums(sums, group, names), env)
      : await readOfKey(query.key, days, { granularity, group }, env);
  return { granularity, group, series: buildSeries(steps, { group, most, names }) };
}

function yearBefore({ to }: Query, env: Env): string {
  const [last = ""] = view.readSpan({ from: to, to }, 1, env).slice(-1);
  return `${Number(last.slice(0, 4)) - 1}${last.slice(4, 8)}01`;
}

type Granularity = (typeof shape.granularities)[number];
type GroupBy = (sums: Sums) => Map<string, Figures>;

async function readSteps(
  days: readonly string[],
  granularity: Granularity,
  groupBy: GroupBy,
  env: Env,
): Promise<Step[]> {
  if (granularity === "hour") return readHourSteps(days, groupBy, env);
  const periods = granularity === "day" ? days : [...new Set(days.map((day) => day.slice(0, 7)))];
  const sums = await (granularity === "day" ? readDays(periods, env) : readMonths(periods, env));
  return periods.map((period, index): Step => {
    const startAt = view.startOfDay(granularity === "day" ? period : `${period}-01`, env.config);
    const of = sums[index];
    return { period, startAt, groups: of ? groupBy(of) : new Map() };
  });
}

async function readHourSteps(days: readonly string[], groupBy: GroupBy, env: Env): Promise<Step[]> {
  const all = await readHours(days, env);
  return days.flatMap((day, index) => {
    const startAt = view.startOfDay(day, env.config);
    const hours = Math.round((view.startOfDay(view.shift(day, 1), env.config) - startAt) / hourMs);
    return Array.from({ length: hours }, (_, hour): Step => {
      const sums = all[index]?.get(hour);
      const period = `${day}T${String(hour).padStart(2, "0")}`;
      return { period, startAt: startAt + hour * hourMs, groups: sums ? groupBy(sums) : new Map() };
    });
  });
}

/** One key's own accounts and models are kept by the day; by the hour and the month only its sum is. */
async function readOfKey(
  key: string,
  days: readonly string[],
  { granularity, group }: { granularity: Granularity; group: shape.Group },
  env: Env,
): Promise<Step[]> {
  if (granularity !== "day" && group !== "none") throw invalid("group", "of a single key is only told by the day");
  if (group !== "none" && group !== "account" && group !== "model")
    throw invalid("group", "of a single key must be none, account or model");
  const only: GroupBy = (sums) => new Map(sums.keys.has(key) ? [["", sums.keys.get(key) ?? noFigures()]] : []);
  if (group === "none") return readSteps(days, granularity, only, env);
  const details = await readKeyDays(key, days, env);
  return days.map((period, index): Step => {
    const groups = new Map<string, Figures>();
    for (const row of listDetail(details[index] ?? new Map()))
      addFigures(getOrPut(groups, row[group], noFigures), row.figures);
    return { period, startAt: view.startOfDay(period, env.config), groups };
  });
}

interface Building {
  readonly group: shape.Group;
  readonly most: number;
  readonly names: view.Names;
}

function buildSeries(steps: readonly Step[], { group, most, names }: Building): Series {
  const ranked = view.rankGroups(view.addGroups(steps.map(({ groups }) => groups)), group, names);
  const pointsOf = (pick: (groups: Step["groups"]) => Figures) =>
    steps.map(({ period, startAt, groups }) => ({ period, startAt, figures: view.buildFiguresView(pick(groups)) }));
  const series = ranked.slice(0, most).map(({ id, name, figures }) => {
    return { id, name, total: figures, points: pointsOf((groups) => groups.get(id) ?? noFigures()) };
  });
  const others = ranked.slice(most).map(({ id }) => id);
  if (others.length === 0) return series;
  const pick = (groups: Step["groups"]) => sumFigures(others.map((id) => groups.get(id) ?? []));
  const total = view.buildFiguresView(sumFigures(steps.map(({ groups }) => pick(groups))));
  return [...series, { id: "(others)", name: `${others.length} others`, total, points: pointsOf(pick) }];
}
