import type { MeterStep } from "./store.ts";

/**
 * What no implementation could keep is refused by all of them alike, before anything is written: with a TypeError or
 * a RangeError, because the caller is wrong and not the store.
 */

/** A lone surrogate has no UTF-8 form: it would come back as U+FFFD, another value than was written. */
export function checkText(text: string): string {
  if (typeof text === "string" && text.isWellFormed()) return text;
  throw new TypeError("A store keeps well-formed strings only (no lone surrogates); encode other bytes as base64.");
}

export function checkFields(fields: Readonly<Record<string, string>>): [string, string][] {
  const pairs = Object.entries(fields);
  for (const [field, value] of pairs) {
    checkText(field);
    checkText(value);
  }
  return pairs;
}

/** Whole milliseconds, at least one: Redis refuses a time to live of 0. */
export function checkTtl(ttlSeconds: number): number {
  if (!Number.isFinite(ttlSeconds)) throw new RangeError(`A time to live is a finite number, not ${ttlSeconds}.`);
  return Math.max(1, Math.ceil(ttlSeconds * 1000));
}

/** Redis lays a row out as one string up to its last cell, so a stray cell number would cost megabytes. */
const maxCell = 4095;

export function checkStep(step: MeterStep): void {
  if (!Number.isInteger(step.cell) || step.cell < 0 || step.cell > maxCell) {
    throw new RangeError(`A meter's cell is an integer from 0 to ${maxCell}, not ${step.cell}.`);
  }
  if (!Number.isSafeInteger(step.by)) throw new RangeError(`A meter counts in safe integers, not ${step.by}.`);
}

export function checkLimit(limit: number): number {
  if (Number.isSafeInteger(limit) && limit >= 0) return limit;
  throw new RangeError(`A page of a log is a whole number of entries, not ${limit}.`);
}

export const maxIdPart = 2n ** 64n - 1n;

export interface LogId {
  readonly ms: bigint;
  readonly seq: bigint;
}

/** An entry's id is `milliseconds-sequence`, both unsigned 64-bit; the sequence may be left out and is 0 then. */
export function checkLogId(id: string): LogId {
  const found = /^(\d{1,20})(?:-(\d{1,20}))?$/.exec(id);
  const [ms, seq] = [BigInt(found?.[1] ?? 0), BigInt(found?.[2] ?? 0)];
  if (found && ms <= maxIdPart && seq <= maxIdPart) return { ms, seq };
  throw new RangeError(`A log entry's id is "milliseconds-sequence", not ${JSON.stringify(id)}.`);
}
