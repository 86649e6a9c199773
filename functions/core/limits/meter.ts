import type { MeterStep } from "../../stores/store.ts";
import { familyIndex } from "../keys/model-families.ts";
import type { ApiKey } from "../keys/key.ts";
import type { Period, Zone } from "./period.ts";
import { dayOf, weekOf, windowOf } from "./period.ts";

/**
 * A key's meters are rows of counters, one row a period. The day's row also holds what is under way (calls in flight and
 * what they reserved) in cells by the slot in which a call began: a process that dies leaves its cells to fall out of
 * sight with their slot, so nothing has to be swept and nothing stays locked (docs/decisions.md).
 */
export const cells = { requests: 0, tokens: 1, costNanos: 2, firstFamily: 4, firstSlot: 24 } as const;

/** A call counts as under way in the slot it began in and in the next one: 15 to 30 minutes. The longest call on Lambda is 15. */
export const slotMs = 900_000;
/** More than the slots of a day of 25 hours, so that no two share a cell. */
const slotsPerRow = 104;
const cellsPerSlot = 3;

export interface Slot {
  readonly row: string;
  readonly inFlight: number;
  readonly reservedNanos: number;
  readonly reservedTokens: number;
}

export function rowName(key: string, period: string): string {
  return `meter/${key}/${period}`;
}

export function slotOf(key: string, at: number, zone: Zone): Slot {
  const first = cells.firstSlot + (Math.floor(at / slotMs) % slotsPerRow) * cellsPerSlot;
  return {
    row: rowName(key, dayOf(at, zone).name),
    inFlight: first,
    reservedNanos: first + 1,
    reservedTokens: first + 2,
  };
}

/** The periods that a key's limits count over; undefined where it has no such limit. */
export interface Periods {
  /** Present whenever the key has any limit, since the day's row holds what is under way. */
  readonly day: Period;
  readonly week: Period | undefined;
  readonly window: Period | undefined;
  readonly hasTotal: boolean;
}

/** Undefined for a key with no limit at all: such a key costs no meter. */
export function periodsOf(key: ApiKey, at: number, zone: Zone): Periods | undefined {
  const hasWeek = key.weeklyCostNanos > 0 || Object.keys(key.weeklyFamilyCostNanos).length > 0;
  const hasWindow = key.windowMinutes > 0;
  const hasTotal = key.totalCostNanos > 0 || key.totalTokens > 0;
  if (!hasWeek && !hasWindow && !hasTotal && key.concurrency === 0 && key.dailyCostNanos === 0) return undefined;
  return {
    day: dayOf(at, zone),
    week: hasWeek ? weekOf(at, key.weeklyResetDay, key.weeklyResetHour, zone) : undefined,
    window: hasWindow ? windowOf(at, key.windowMinutes) : undefined,
    hasTotal,
  };
}

/** What a settled call adds to each of its rows, the count of requests apart. */
export function spentSteps(spent: Spent): MeterStep[] {
  const family = spent.model === undefined ? -1 : familyIndex(spent.model);
  return [
    { cell: cells.tokens, by: spent.tokens },
    { cell: cells.costNanos, by: spent.costNanos },
    ...(family < 0 ? [] : [{ cell: cells.firstFamily + family, by: spent.costNanos }]),
  ];
}

export interface Spent {
  readonly tokens: number;
  readonly costNanos: number;
  readonly model: string | undefined;
}
