import type { Env } from "../../env.ts";
import type { MeterRow, MeterStep } from "../../stores/store.ts";
import { families } from "../keys/model-families.ts";
import type { ApiKey } from "../keys/key.ts";
import type { Standing, Totals } from "./limit.ts";
import { listStandings, resetOf } from "./limit.ts";
import type { Periods } from "./meter.ts";
import { addLoads, loadOf, type Load, lookSteps, outOfSightAt } from "./in-flight.ts";
import { cells, periodsOf, rowName, slotMs, slotOf } from "./meter.ts";

/** One row of a key's meters. */
export interface Reading {
  readonly period: "day" | "week" | "window" | "total";
  readonly row: string;
  /** Epoch milliseconds; 0 and undefined for the total. */
  readonly startAt: number;
  readonly endAt: number | undefined;
  readonly requests: number;
  readonly tokens: number;
  readonly costNanos: number;
  /** In the order of `families`. */
  readonly familyNanos: readonly number[];
}

export interface KeyMeters {
  readonly periods: Periods;
  readonly readings: readonly Reading[];
  /** Calls that began and have not ended, with what they reserved. */
  readonly underWay: Load;
  readonly underWayUntilAt: number;
}

const look = (cell: number): MeterStep => ({ cell, by: 0 });
const sums = [cells.requests, cells.tokens, cells.costNanos, ...families.map((_, index) => cells.firstFamily + index)];

/** The meters of a key's present periods; undefined if it has no limit. One command a period, one round trip. */
export async function readMeters(key: ApiKey, env: Env): Promise<KeyMeters | undefined> {
  const now = env.now();
  const periods = periodsOf(key, now, env.config);
  if (!periods) return undefined;
  const named = listPeriods(key, periods);
  const [slot, earlier] = [slotOf(key.id, now, env), slotOf(key.id, now - slotMs, env)];
  const isOneRow = slot.row === earlier.row;
  const slotRows: MeterRow[] = [slot, ...(isOneRow ? [] : [earlier])].map(({ row }) => ({
    row,
    steps: [slot, earlier].filter((each) => each.row === row).flatMap((each) => lookSteps(each, true)),
  }));
  const rows: MeterRow[] = [...named.map(({ row }) => ({ row, steps: sums.map(look) })), ...slotRows];
  const results = await env.store.count(rows);
  const readings = named.map((each, index): Reading => {
    const [requests = 0, tokens = 0, costNanos = 0, ...familyNanos] = results[index] ?? [];
    return { ...each, requests, tokens, costNanos, familyNanos };
  });
  const counted = { rows: slotRows, results: results.slice(named.length) };
  const underWay = addLoads(loadOf(slot, counted), loadOf(earlier, counted));
  return { periods, readings, underWay, underWayUntilAt: outOfSightAt(now) };
}

/** The rows of the present periods, without a look at them. */
export function listPeriods(key: ApiKey, periods: Periods): Pick<Reading, "period" | "row" | "startAt" | "endAt">[] {
  const { day, week, window } = periods;
  const found = [
    { period: "day" as const, ...day },
    week && { period: "week" as const, ...week },
    window && { period: "window" as const, ...window },
  ];
  const spans = found
    .filter((span) => span !== undefined)
    .map(({ period, name, startAt, endAt }) => ({ period, row: rowName(key.id, name), startAt, endAt }));
  if (!periods.hasTotal) return spans;
  return [...spans, { period: "total", row: rowName(key.id, "total"), startAt: 0, endAt: undefined }];
}

/** Every limit of a key with where it stands, those of all model families too. */
export function listAllStandings(key: ApiKey, meters: KeyMeters): Standing[] {
  const { periods, underWay } = meters;
  const find = (period: Reading["period"]) => meters.readings.find((reading) => reading.period === period);
  const [day, week, window, total] = [find("day"), find("week"), find("window"), find("total")];
  const totals: Totals = {
    inFlight: underWay.calls,
    inFlightUntilAt: meters.underWayUntilAt,
    reservedFamilyNanos: {},
    reservedNanos: underWay.nanos,
    reservedTokens: underWay.tokens,
    ownNanos: 0,
    ownTokens: 0,
    windowRequests: window?.requests ?? 0,
    windowTokens: window?.tokens ?? 0,
    windowCostNanos: window?.costNanos ?? 0,
    dayCostNanos: day?.costNanos ?? 0,
    weekCostNanos: week?.costNanos ?? 0,
    familyCostNanos: {},
    totalCostNanos: total?.costNanos ?? 0,
    totalTokens: total?.tokens ?? 0,
  };
  const ofFamilies = families.flatMap((family, index): Standing[] => {
    const limit = key.weeklyFamilyCostNanos[family] ?? 0;
    if (limit === 0) return [];
    const used = week?.familyNanos[index] ?? 0;
    const reserved = { reserved: underWay.familyNanos[index] ?? 0, own: 0, ...resetOf(periods.week) };
    return [{ name: `weekly ${family} cost`, unit: "nanos", limit, used, ...reserved }];
  });
  return [...listStandings(key, periods, totals, undefined), ...ofFamilies];
}
