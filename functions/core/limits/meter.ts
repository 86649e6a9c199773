import type { Env } from "../../env.ts";
import type { MeterRow, MeterStep } from "../../stores/store.ts";
import { families, familyIndex } from "../keys/model-families.ts";
import type { ApiKey } from "../keys/key.ts";
import type { Period, Zone } from "./period.ts";
import { dayOf, weekOf, windowOf } from "./period.ts";

/**
 * A key's meters are rows of counters, one row a period. The day's row also holds what is in flight (calls, and what they
 * reserved) in a ring of cells by the slot of two minutes in which a call began: a process that dies leaves its cells to
 * fall out of sight with their slot, so nothing has to be swept and nothing stays locked (docs/decisions.md).
 */
export const cells = { requests: 0, tokens: 1, costNanos: 2, firstFamily: 4, firstSlot: 24 } as const;

/** A call counts as in flight in the slot it began in and in the next one, so for two to four minutes, unless it is carried on. */
export const slotMs = 120_000;
/** More than are in sight, so that the cells of a slot that begins are nobody's. */
const slotsPerRow = 8;
/** Whose cells they are; calls; reserved nanos and tokens; and reserved nanos of each family. */
const cellsPerSlot = 4 + 20;
const openings = 65_536;

export interface Slot {
  readonly row: string;
  /** Slots since the epoch. */
  readonly index: number;
  /** The cell that tells of which slot (and, of an embedded store, of which opening) the others are. */
  readonly markCell: number;
  readonly mark: number;
  readonly inFlight: number;
  readonly reservedNanos: number;
  readonly reservedTokens: number;
  /** Of the first family; the others follow. */
  readonly reservedFamilyNanos: number;
}

export function rowName(key: string, period: string): string {
  return `meter/${key}/${period}`;
}

export function slotOf(id: string, at: number, { config, store }: Pick<Env, "config" | "store">): Slot {
  const index = Math.floor(at / slotMs);
  const first = cells.firstSlot + (index % slotsPerRow) * cellsPerSlot;
  return {
    row: rowName(id, dayOf(at, config).name),
    index,
    markCell: first,
    mark: index * openings + store.opening,
    inFlight: first + 1,
    reservedNanos: first + 2,
    reservedTokens: first + 3,
    reservedFamilyNanos: first + 4,
  };
}

/** The periods that a key's limits count over; undefined where it has no such limit. */
export interface Periods {
  /** Present whenever the key has any limit, since the day's row holds what is in flight. */
  readonly day: Period;
  readonly week: Period | undefined;
  readonly window: Period | undefined;
  readonly hasTotal: boolean;
}

const hasWeek = (key: ApiKey) => key.weeklyCostNanos > 0 || Object.keys(key.weeklyFamilyCostNanos).length > 0;
const hasTotal = (key: ApiKey) => key.totalCostNanos > 0 || key.totalTokens > 0;

export const hasLimits = (key: ApiKey): boolean =>
  key.dailyCostNanos > 0 || key.concurrency > 0 || key.windowMinutes > 0 || hasWeek(key) || hasTotal(key);

/** Undefined for a key with no limit at all: such a key costs no meter. */
export function periodsOf(key: ApiKey, at: number, zone: Zone): Periods | undefined {
  if (!hasLimits(key)) return undefined;
  return {
    day: dayOf(at, zone),
    week: hasWeek(key) ? weekOf(at, key.weeklyResetDay, key.weeklyResetHour, zone) : undefined,
    window: key.windowMinutes > 0 ? windowOf(at, key.windowMinutes) : undefined,
    hasTotal: hasTotal(key),
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

export const familyCells = (first: number): number[] => families.map((_, index) => first + index);

/** One row a name, in the order in which they first come: a row is a command. */
export function mergeRows(rows: readonly MeterRow[]): MeterRow[] {
  const merged = new Map<string, MeterStep[]>();
  for (const { row, steps } of rows) {
    const known = merged.get(row);
    if (known) known.push(...steps);
    else merged.set(row, [...steps]);
  }
  return [...merged].map(([row, steps]) => ({ row, steps }));
}
