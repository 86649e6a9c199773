import type { Horizon } from "./schema.ts";
import { noHorizon } from "./schema.ts";
import type { Stretch } from "./retention.ts";
import type { Spread } from "../key-leaks.ts";

/** The name of the rollup's cursor. Its value is the whole state, so that compare-and-set guards all of it. */
export const cursorName = "usage/cursor";

/** Where the rollup stands. A few kilobytes at most. */
export interface RollupState {
  /** Everything up to this log id is folded; "0" at the beginning. */
  readonly id: string;
  /** What the log still holds of it, oldest first. */
  readonly kept: readonly Stretch[];
  /** The log was cut up to this id; "0" if it never was. */
  readonly cutTo: string;
  readonly horizon: Horizon;
  /** Ids of repeated events that were folded of late, each with its log id: the first append may still come after them. */
  readonly repeats: readonly (readonly [event: string, id: string])[];
  /** From where keys were used in the latest hour; absent before the first event. */
  readonly spread?: Spread | undefined;
}

export function readState(value: string | undefined): RollupState {
  if (value === undefined) return { id: "0", kept: [], cutTo: "0", horizon: noHorizon, repeats: [] };
  return JSON.parse(value) as RollupState;
}

export function buildState(state: RollupState): string {
  return JSON.stringify(state);
}
