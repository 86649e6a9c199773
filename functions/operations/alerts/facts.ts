import type { Env } from "../../env.ts";
import { addFigures, figure, type Figures } from "../../core/usage/totals.ts";
import { listKeys, type ApiKey } from "../../core/keys/key.ts";
import { cells, periodsOf, rowName } from "../../core/limits/meter.ts";
import { dayOf, hourOf } from "../../core/limits/period.ts";
import type { Pool } from "../../core/accounts/pool.ts";
import { readDays, readHours, readMonths, readTotals, type Sums } from "../../core/usage/statistics.ts";
import type { Facts, Spent } from "./find.ts";
import type { AlertSettings } from "./settings.ts";

const hourMs = 3_600_000;

/**
 * What the rules that are on look at. Commands: two for the end of the log and one for each of today's hours (error rate),
 * today's rows, the totals and the keys (budgets), the month (commands); and one for each key with a weekly limit that was
 * used today.
 */
export async function gatherFacts(settings: AlertSettings, pool: Pool, env: Env): Promise<Facts> {
  const now = env.now();
  const isOn = (rule: AlertSettings["off"][number]) => !settings.off.includes(rule);
  const isCounting = isOn("command-budget") && settings.commandsMonth > 0;
  const [keys, shares, month] = await Promise.all([
    isOn("budget-reached") || isCounting ? listKeys(env) : [],
    isOn("error-rate") ? readLastHour(env) : new Map<string, Figures>(),
    isCounting ? readMonths([dayOf(now, env.config).name.slice(0, 7)], env) : [],
  ]);
  const spent = isOn("budget-reached") ? await readSpent(keys, env) : [];
  const commands = reckonCommands(month[0], keys, env);
  return { now, accounts: pool.accounts, windows: pool.windows, spent, shares, commands };
}

/** This hour and the one before: on the hour, the last minutes count too. */
async function readLastHour(env: Env): Promise<ReadonlyMap<string, Figures>> {
  const moments = [env.now(), env.now() - hourMs];
  const days = moments.map((at) => dayOf(at, env.config).name);
  const tables = await readHours([...new Set(days)], env);
  const all = new Map<string, Figures>();
  for (const [index, at] of moments.entries()) {
    const table = days[index] === days[0] ? tables[0] : tables[1];
    const startAt = dayOf(at, env.config).startAt;
    for (const [share, figures] of table?.get(Math.floor((at - startAt) / hourMs))?.shares ?? [])
      all.set(share, addFigures([...(all.get(share) ?? [])], figures));
  }
  return all;
}

/** Days and totals come from rows that hold every key; a week begins when the key says, and only its meter knows it. */
async function readSpent(keys: readonly ApiKey[], env: Env): Promise<Spent[]> {
  const limited = keys.filter((key) => key.isEnabled && key.deletedAt === undefined && hasBudget(key));
  if (limited.length === 0) return [];
  const ofTotal = limited.filter((key) => key.totalCostNanos > 0);
  const [[today], totals] = await Promise.all([
    readDays([dayOf(env.now(), env.config).name], env),
    ofTotal.length > 0
      ? readTotals(
          ofTotal.map(({ id }) => id),
          env,
        )
      : [],
  ]);
  const ofWeek = limited.filter((key) => key.weeklyCostNanos > 0 && today?.keys.has(key.id));
  const weeks = await readWeeks(ofWeek, env);
  const nanos = (figures: Figures | undefined) => (figures ? figure(figures, "costNanos") : 0);
  return [
    ...limited.map((key): Spent => ({
      ...{ key, limit: "daily", usedNanos: nanos(today?.keys.get(key.id)), mostNanos: key.dailyCostNanos },
    })),
    ...ofTotal.map((key, index): Spent => ({
      ...{ key, limit: "total", usedNanos: nanos(totals[index]), mostNanos: key.totalCostNanos },
    })),
    ...ofWeek.map((key, index): Spent => ({
      ...{ key, limit: "weekly", usedNanos: weeks[index] ?? 0, mostNanos: key.weeklyCostNanos },
    })),
  ];
}

const hasBudget = (key: ApiKey) => key.dailyCostNanos > 0 || key.weeklyCostNanos > 0 || key.totalCostNanos > 0;

async function readWeeks(keys: readonly ApiKey[], env: Env): Promise<number[]> {
  const rows = keys.map((key) => {
    const week = periodsOf(key, env.now(), env.config)?.week;
    return { row: rowName(key.id, week?.name ?? "week"), steps: [{ cell: cells.costNanos, by: 0 }] };
  });
  const results = rows.length > 0 ? await env.store.count(rows) : [];
  return results.map(([nanos = 0]) => nanos);
}

/** As the front page reckons them: to count commands would cost commands. */
function reckonCommands(month: Sums | undefined, keys: readonly ApiKey[], env: Env): number {
  const byId = new Map(keys.map((key) => [key.id, key]));
  let sum = 0;
  for (const [id, figures] of month?.keys ?? []) {
    const key = byId.get(id);
    const periods = key && periodsOf(key, env.now(), env.config);
    const rows = periods ? 1 + [periods.week, periods.window, periods.hasTotal || undefined].filter(Boolean).length : 0;
    sum += figure(figures, "requests") * (1 + 2 * rows);
  }
  return sum;
}

/** Whether it is an hour in which only what is critical is told. */
export function isQuietHour({ quiet }: AlertSettings, env: Env): boolean {
  if (!quiet || quiet.fromHour === quiet.toHour) return false;
  const hour = hourOf(env.now(), env.config);
  const { fromHour, toHour } = quiet;
  return fromHour < toHour ? hour >= fromHour && hour < toHour : hour >= fromHour || hour < toHour;
}
