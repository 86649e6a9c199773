import type { Env } from "../../../env.ts";
import type { Zone } from "../../limits/period.ts";
import { dayOf } from "../../limits/period.ts";
import { poolTable } from "../../accounts/pool.ts";
import type { Horizon } from "./schema.ts";
import { dayTable, detailTable, hourTable } from "./schema.ts";
import { idMs } from "../entry.ts";
import { objectOf } from "../../../wire/json.ts";

/** How long usage is kept; the setting `retention` of the pool. Months and totals are kept for good. */
export interface Retention {
  readonly logDays: number;
  readonly logEvents: number;
  readonly dayRows: number;
  readonly hourRows: number;
}

export const retentionDefaults: Retention = { logDays: 7, logEvents: 50_000, dayRows: 400, hourRows: 35 };
export const retentionField = "setting/retention";

const dayMs = 86_400_000;

/** The setting, with the default for whatever of it is missing or senseless. One command. */
export async function readRetention(env: Env): Promise<Retention> {
  const [value] = await env.store.find(poolTable, [retentionField]);
  return buildRetention(value === undefined ? undefined : JSON.parse(value));
}

export function buildRetention(value: unknown): Retention {
  const given = objectOf(value);
  const pick = (name: keyof Retention): number =>
    typeof given[name] === "number" && given[name] >= 1 ? given[name] : retentionDefaults[name];
  return {
    logDays: pick("logDays"),
    logEvents: pick("logEvents"),
    dayRows: pick("dayRows"),
    hourRows: pick("hourRows"),
  };
}

/**
 * A stretch of the log that was folded: its last id, how many entries it has, when its first one was appended. The log is
 * cut between stretches only, so that what to cut is known without counting entries in the store.
 */
export type Stretch = readonly [upTo: string, entries: number, firstMs: number];

/** Adds what was folded. A stretch is closed at a fiftieth of what the log may hold, or a fourteenth of how long. */
export function extend(stretches: readonly Stretch[], added: Stretch, retention: Retention): Stretch[] {
  const last = stretches.at(-1);
  if (!last) return [added];
  const [upTo, entries] = added;
  const isRoomy = last[1] + entries <= retention.logEvents / 50;
  const isShort = idMs(upTo) - last[2] <= (retention.logDays * dayMs) / 14;
  if (!isRoomy || !isShort) return [...stretches, added];
  return [...stretches.slice(0, -1), [upTo, last[1] + entries, last[2]]];
}

export interface Cut {
  readonly kept: readonly Stretch[];
  /** Everything up to this id may go; undefined: nothing. */
  readonly trimTo: string | undefined;
}

/** What of the folded log is too old, or too much. */
export function cutLog(stretches: readonly Stretch[], retention: Retention, now: number): Cut {
  let surplus = stretches.reduce((sum, [, entries]) => sum + entries, 0) - retention.logEvents;
  let cut = 0;
  for (const [upTo, entries] of stretches) {
    const isOld = idMs(upTo) < now - retention.logDays * dayMs;
    if (!isOld && surplus < entries) break;
    surplus -= entries;
    cut += 1;
  }
  return { kept: stretches.slice(cut), trimTo: stretches[cut - 1]?.[0] };
}

/** When the oldest stretch will have been kept long enough. */
export function cutDueAt(stretches: readonly Stretch[], retention: Retention): number | undefined {
  const [first] = stretches;
  return first && idMs(first[0]) + retention.logDays * dayMs;
}

/** Enough for years of a service that slept, and few enough for one command. */
const mostDays = 1_000;

/** The first days whose rows stay, and the tables of the days between the last horizon and that, by name: nothing is searched for. */
export function moveHorizon(
  last: Horizon,
  retention: Retention,
  now: number,
  zone: Zone,
): { horizon: Horizon; tables: string[] } {
  const daysFrom = later(last.days, dayOf(now - retention.dayRows * dayMs, zone).name);
  const hoursFrom = later(last.hours, dayOf(now - retention.hourRows * dayMs, zone).name);
  return {
    horizon: { days: daysFrom, hours: hoursFrom },
    tables: [
      ...daysBetween(last.days, daysFrom).flatMap((day) => [dayTable(day), detailTable(day)]),
      ...daysBetween(last.hours, hoursFrom).map(hourTable),
    ],
  };
}

const later = (one: string, other: string): string => (one > other ? one : other);

/** The days from the first up to and without the last; none if there is no first. Days are `YYYY-MM-DD`. */
export function daysBetween(first: string, last: string): string[] {
  const days: string[] = [];
  if (first === "") return days;
  for (let day = first; day < last && days.length < mostDays; day = nextDay(day)) days.push(day);
  return days;
}

export function nextDay(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + dayMs).toISOString().slice(0, 10);
}
