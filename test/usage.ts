import type { Env } from "../functions/env.ts";
import { buildFigures, figureNames } from "../functions/core/usage/totals.ts";
import type { Zone } from "../functions/core/limits/period.ts";
import { dayOf } from "../functions/core/limits/period.ts";
import { readDays, readHours, readKeyDays, readMonths, readTotals } from "../functions/core/usage/statistics.ts";
import type { Usage, UsageEvent } from "../functions/core/money/usage.ts";
import { noUsage } from "../functions/core/money/usage.ts";

type EventChange = Partial<Omit<UsageEvent, "usage">> & { usage?: Partial<Usage> };

/** A settled call as the log has it; one of key "k1" at account "a1" unless told otherwise. */
export function buildEvent({ usage, ...change }: EventChange): UsageEvent {
  return {
    id: "e0",
    at: 0,
    key: "k1",
    account: "a1",
    dialect: "anthropic",
    operation: "messages",
    model: "claude-sonnet-5",
    client: "claude-code",
    session: "s1",
    ip: "203.0.113.7",
    status: 200,
    outcome: "complete",
    isStream: true,
    usage: { ...noUsage(), inputTokens: 10, outputTokens: 5, ...usage },
    costNanos: 1_000,
    rates: { inputPicos: 3_000_000 },
    attempts: [],
    ms: { queue: 0, select: 0, head: 20, first: 30, total: 100 },
    ...change,
  };
}

/** Every figure by the place it belongs to, in plain objects. */
export type Everything = Record<string, number[]>;

/** The same sums without rows, marks or tails: one pass over the events. */
export function recompute(events: readonly UsageEvent[], zone: Zone): Everything {
  const sums: Everything = {};
  const add = (place: string, event: UsageEvent) => {
    const sum = (sums[place] ??= figureNames.map(() => 0));
    const last = figureNames.indexOf("lastAt");
    for (const [index, by] of buildFigures(event).entries())
      sum[index] = index === last ? Math.max(sum[index] ?? 0, by) : (sum[index] ?? 0) + by;
  };
  for (const event of events) {
    const { name, startAt } = dayOf(event.at, zone);
    const hour = Math.floor((event.at - startAt) / 3_600_000);
    const share = `${event.account ?? ""}|${(event.model ?? "").toWellFormed()}`;
    const places = [`day ${name}`, `month ${name.slice(0, 7)}`, `hour ${name} ${hour}`];
    for (const place of places) {
      add(`${place} key ${event.key}`, event);
      add(`${place} share ${share}`, event);
    }
    add(`detail ${name} ${event.key} ${share}`, event);
    add(`total ${event.key}`, event);
  }
  return sums;
}

/** What the statistics tell of all days and keys that the events have, in the same form. */
export async function readEverything(events: readonly UsageEvent[], env: Env): Promise<Everything> {
  const days = [...new Set(events.map(({ at }) => dayOf(at, env.config).name))];
  const months = [...new Set(days.map((day) => day.slice(0, 7)))];
  const keys = [...new Set(events.map(({ key }) => key))];
  const sums: Everything = {};
  const put = (place: string, figures: readonly number[]) => {
    sums[place] = figureNames.map((_, index) => figures[index] ?? 0);
  };
  const putBoth = (place: string, all: Awaited<ReturnType<typeof readDays>>[number] | undefined) => {
    for (const [key, figures] of all?.keys ?? []) put(`${place} key ${key}`, figures);
    for (const [share, figures] of all?.shares ?? []) put(`${place} share ${share}`, figures);
  };
  for (const [index, all] of (await readDays(days, env)).entries()) putBoth(`day ${days[index]}`, all);
  for (const [index, all] of (await readMonths(months, env)).entries()) putBoth(`month ${months[index]}`, all);
  for (const [index, hours] of (await readHours(days, env)).entries()) {
    for (const [hour, all] of hours) putBoth(`hour ${days[index]} ${hour}`, all);
  }
  for (const key of keys) {
    for (const [index, detail] of (await readKeyDays(key, days, env)).entries()) {
      for (const [share, { figures }] of detail) put(`detail ${days[index]} ${key} ${share}`, figures);
    }
  }
  for (const [index, figures] of (await readTotals(keys, env)).entries()) put(`total ${keys[index]}`, figures);
  return sums;
}
