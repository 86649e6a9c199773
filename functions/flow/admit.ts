import type { Call } from "../dialects/dialect.ts";
import type { Env } from "../env.ts";
import { perEnv } from "../env.ts";
import type { Failure } from "../failure.ts";
import { families } from "../records/family.ts";
import type { ApiKey } from "../records/key.ts";
import type { Permit, Totals } from "../records/limit.ts";
import { findExceeded, listStandings } from "../records/limit.ts";
import type { Periods, Slot } from "../records/meter.ts";
import { cells, periodsOf, rowName, slotMs, slotOf } from "../records/meter.ts";
import type { Pool } from "../records/pool.ts";
import { estimateCost, findPrice } from "../records/price.ts";
import type { MeterRow, MeterStep } from "../stores/store.ts";

/**
 * The most output that a reservation assumes. Clients ask for far more than answers have (Claude Code: 128,000 tokens), and
 * a reservation of that size would let a budget of a few dollars serve one call at a time (docs/decisions.md).
 */
const assumedOutputTokens = 16_384;
const bytesPerToken = 4;
const daySeconds = 86_400;

/** How long an instance remembers that a budget is spent, so that a client hammering a spent key costs the store nothing. */
const rememberRefusalMs = 30_000;

interface Refusal {
  readonly failure: Failure;
  readonly key: ApiKey;
  readonly untilAt: number;
}

const refusalsOf = perEnv(() => new Map<string, Refusal>());

/**
 * Grants or refuses a call against all limits of its key: adds first, looks at the totals, gives back if over, so that two
 * racing calls can never both take the last cent. One round trip; one command a limited period (the day's row also holds
 * concurrency and reservations), none for a key without limits. Throws `limit.*`.
 */
export async function admit(key: ApiKey, call: Call, pool: Pool, env: Env): Promise<Permit> {
  const now = env.now();
  const slot = slotOf(key.id, now, env.config);
  const periods = call.isMetered ? periodsOf(key, now, env.config) : undefined;
  if (!periods) return { key, periods, slot, reservedNanos: 0, reservedTokens: 0, standings: [] };
  const remembered = refusalsOf(env).get(key.id);
  if (remembered && remembered.key === key && now < remembered.untilAt) throw remembered.failure;
  const reservation = estimate(call, pool, now);
  const rows = admissionRows(key, periods, slot, reservation, now, env);
  const results = await env.store.count(rows);
  const read = (row: string, cell: number) => readCell(rows, results, row, cell);
  const standings = listStandings(
    key,
    periods,
    readTotals(key, periods, slot, reservation, read, now, env),
    call.model,
  );
  const failure = findExceeded(standings, now);
  if (failure) {
    env.after(env.store.count(giveBackRows(key, periods, slot, reservation)));
    rememberRefusal(failure, key, now, env);
    throw failure;
  }
  expireNew(key, periods, slot, read, env);
  return { key, periods, slot, ...reservation, standings };
}

type Reservation = Pick<Permit, "reservedNanos" | "reservedTokens">;
type ReadCell = (row: string, cell: number) => number;

/** An upper guess of the cost: every byte of the request as uncached input, and an answer as long as asked for, within reason. */
function estimate(call: Call, pool: Pool, now: number): Reservation {
  const inputTokens = Math.ceil(call.body.length / bytesPerToken);
  const maxOutputTokens = Math.min(call.maxOutputTokens ?? assumedOutputTokens, assumedOutputTokens);
  const price = call.model === undefined ? undefined : findPrice(call.model, now, pool.prices);
  const reservedNanos = price ? estimateCost({ inputTokens, maxOutputTokens }, price) : 0;
  return { reservedNanos, reservedTokens: inputTokens + maxOutputTokens };
}

const look = (cell: number): MeterStep => ({ cell, by: 0 });
const lookAtSlot = (slot: Slot) => [slot.inFlight, slot.reservedNanos, slot.reservedTokens].map(look);

function admissionRows(
  key: ApiKey,
  periods: Periods,
  slot: Slot,
  reservation: Reservation,
  now: number,
  env: Env,
): MeterRow[] {
  const earlier = slotOf(key.id, now - slotMs, env.config);
  const steps = [
    { cell: cells.requests, by: 1 },
    look(cells.costNanos),
    { cell: slot.inFlight, by: 1 },
    { cell: slot.reservedNanos, by: reservation.reservedNanos },
    { cell: slot.reservedTokens, by: reservation.reservedTokens },
  ];
  // Only in the first minutes of a day does the earlier slot stand in yesterday's row, and costs a command of its own.
  const rows: MeterRow[] = [
    { row: slot.row, steps: earlier.row === slot.row ? [...steps, ...lookAtSlot(earlier)] : steps },
  ];
  if (earlier.row !== slot.row) rows.push({ row: earlier.row, steps: lookAtSlot(earlier) });
  const spent = [look(cells.tokens), look(cells.costNanos)];
  if (periods.week)
    rows.push({
      row: rowName(key.id, periods.week.name),
      steps: [...spent, ...families.map((_, index) => look(cells.firstFamily + index))],
    });
  if (periods.window)
    rows.push({ row: rowName(key.id, periods.window.name), steps: [{ cell: cells.requests, by: 1 }, ...spent] });
  if (periods.hasTotal) rows.push({ row: rowName(key.id, "total"), steps: spent });
  return rows;
}

function readCell(
  rows: readonly MeterRow[],
  results: readonly (readonly number[])[],
  row: string,
  cell: number,
): number {
  const index = rows.findIndex((candidate) => candidate.row === row);
  const step = rows[index]?.steps.findIndex((candidate) => candidate.cell === cell) ?? -1;
  return results[index]?.[step] ?? 0;
}

function readTotals(
  key: ApiKey,
  periods: Periods,
  slot: Slot,
  reservation: Reservation,
  read: ReadCell,
  now: number,
  env: Env,
): Totals {
  const earlier = slotOf(key.id, now - slotMs, env.config);
  const week = rowName(key.id, periods.week?.name ?? "");
  const window = rowName(key.id, periods.window?.name ?? "");
  const total = rowName(key.id, "total");
  const both = (cell: "inFlight" | "reservedNanos" | "reservedTokens") =>
    read(slot.row, slot[cell]) + read(earlier.row, earlier[cell]);
  return {
    inFlight: both("inFlight"),
    reservedNanos: both("reservedNanos"),
    reservedTokens: both("reservedTokens"),
    ownNanos: reservation.reservedNanos,
    ownTokens: reservation.reservedTokens,
    windowRequests: read(window, cells.requests),
    windowTokens: read(window, cells.tokens),
    windowCostNanos: read(window, cells.costNanos),
    dayCostNanos: read(slot.row, cells.costNanos),
    weekCostNanos: read(week, cells.costNanos),
    familyCostNanos: Object.fromEntries(
      families.map((family, index) => [family, read(week, cells.firstFamily + index)]),
    ),
    totalCostNanos: read(total, cells.costNanos),
    totalTokens: read(total, cells.tokens),
  };
}

function giveBackRows(key: ApiKey, periods: Periods, slot: Slot, reservation: Reservation): MeterRow[] {
  const rows: MeterRow[] = [
    {
      row: slot.row,
      steps: [
        { cell: cells.requests, by: -1 },
        { cell: slot.inFlight, by: -1 },
        { cell: slot.reservedNanos, by: -reservation.reservedNanos },
        { cell: slot.reservedTokens, by: -reservation.reservedTokens },
      ],
    },
  ];
  if (periods.window)
    rows.push({ row: rowName(key.id, periods.window.name), steps: [{ cell: cells.requests, by: -1 }] });
  return rows;
}

/** Only what no call under way can change is remembered: a spent budget stays spent until it resets or the key is edited. */
function rememberRefusal(failure: Failure, key: ApiKey, now: number, env: Env): void {
  if (failure.isRetryable) return;
  const resetMs = (failure.retryAfterSeconds ?? daySeconds) * 1000;
  const refusals = refusalsOf(env);
  if (refusals.size > 10_000) refusals.clear();
  refusals.set(key.id, { failure, key, untilAt: now + Math.min(resetMs, rememberRefusalMs) });
}

/** The first call of a period lets its row vanish by itself some time after it; later calls pay nothing for that. */
function expireNew(key: ApiKey, periods: Periods, slot: Slot, read: ReadCell, env: Env): void {
  if (read(slot.row, cells.requests) === 1) env.after(env.store.expire(slot.row, 3 * daySeconds));
  if (!periods.window) return;
  const row = rowName(key.id, periods.window.name);
  if (read(row, cells.requests) === 1) env.after(env.store.expire(row, key.windowMinutes * 60 + daySeconds));
}
