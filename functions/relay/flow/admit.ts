import { type Call, hasLongCache, sizeOf } from "../dialects/dialect.ts";
import type { Env } from "../../env.ts";
import { perEnv } from "../../env.ts";
import type { Failure } from "../../failure.ts";
import { families, familyIndex } from "../../core/keys/model-families.ts";
import type { ApiKey } from "../../core/keys/key.ts";
import type { Permit, Totals } from "../../core/limits/limit.ts";
import { findExceeded, listStandings, whereRefused } from "../../core/limits/limit.ts";
import type { Periods, Slot } from "../../core/limits/meter.ts";
import { cells, periodsOf, rowName, slotMs, slotOf } from "../../core/limits/meter.ts";
import type { Pool } from "../../core/accounts/pool.ts";
import { estimateCost, findPrice } from "../../core/money/price.ts";
import { keepInSight, type Share, shareSteps } from "../../core/limits/in-flight.ts";
import { tokenCount } from "../../core/money/usage.ts";
import type { MeterRow, MeterStep } from "../../stores/store.ts";

/**
 * The most output that a reservation assumes. Clients ask for far more than answers have (Claude Code: 128,000 tokens), and
 * a reservation of that size would let a budget of a few dollars serve one call at a time (docs/decisions.md).
 */
const assumedOutputTokens = 16_384;
const daySeconds = 86_400;

/** How long an instance remembers that a budget is spent, so that a client hammering a spent key costs the store nothing. */
const rememberRefusalMs = 30_000;
const mostRefusals = 10_000;

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
  if (!periods) return { key, periods, share: nothing, leave: () => slot, standings: [] };
  // A family's spent limit says nothing about the others.
  const who = `${key.id} ${call.model === undefined ? "" : familyIndex(call.model)}`;
  const remembered = refusalsOf(env).get(who);
  if (remembered && remembered.key === key && now < remembered.untilAt) throw remembered.failure;
  const earlier = slotOf(key.id, now - slotMs, env.config);
  const admission: Admission = { key, periods, slot, earlier, share: estimate(call, pool, now) };
  const rows = admissionRows(admission);
  const results = await env.store.count(rows);
  const read: ReadCell = (row, cell) => readCell(rows, results, row, cell);
  const standings = listStandings(key, periods, readTotals(admission, read), call.model);
  const failure = findExceeded(standings, now);
  expireNew(admission, read, env);
  if (failure) {
    env.after(env.store.count(giveBackRows(admission)));
    rememberRefusal(who, failure, admission, env);
    whereRefused.set(failure, standings);
    throw failure;
  }
  const { share } = admission;
  return { key, periods, share, leave: keepInSight(key.id, slot, share, env), standings };
}

const nothing: Share = { calls: 0, nanos: 0, tokens: 0 };

/** One call asking to be let in. */
interface Admission {
  readonly key: ApiKey;
  readonly periods: Periods;
  readonly slot: Slot;
  /** The slot before, whose calls may still be under way. */
  readonly earlier: Slot;
  readonly share: Share;
}

type ReadCell = (row: string, cell: number) => number;

/** Of dense code and of Chinese, which is three bytes a letter; plain English has four and more. */
const leastBytesPerToken = 3;

/** An upper guess of the cost: all of the request written to a cache, and an answer as long as asked for, within reason. */
function estimate(call: Call, pool: Pool, now: number): Share {
  const inputTokens = Math.ceil(sizeOf(call) / leastBytesPerToken);
  // What a client writes there is no number of tokens until it is looked at.
  const askedTokens = call.maxOutputTokens === undefined ? assumedOutputTokens : tokenCount(call.maxOutputTokens);
  const maxOutputTokens = Math.min(askedTokens, assumedOutputTokens);
  const price = call.model === undefined ? undefined : findPrice(call.model, now, pool.prices);
  const nanos = price ? estimateCost({ inputTokens, maxOutputTokens, isLongCached: hasLongCache(call) }, price) : 0;
  return { calls: 1, nanos, tokens: inputTokens + maxOutputTokens };
}

const look = (cell: number): MeterStep => ({ cell, by: 0 });
const lookAtSlot = (slot: Slot) => [look(slot.inFlight), look(slot.reservedNanos), look(slot.reservedTokens)];
const lookAtSpent = [look(cells.tokens), look(cells.costNanos)];
const lookAtFamilies = families.map((_family, index) => look(cells.firstFamily + index));

function admissionRows({ key, periods, slot, earlier, share }: Admission): MeterRow[] {
  const isOneRow = earlier.row === slot.row;
  const rows: MeterRow[] = [
    {
      row: slot.row,
      steps: [
        { cell: cells.requests, by: 1 },
        look(cells.costNanos),
        ...shareSteps(slot, share, 1),
        ...(isOneRow ? lookAtSlot(earlier) : []),
      ],
    },
  ];
  // Only in the first minutes of a day does the earlier slot stand in yesterday's row, and costs a command of its own.
  if (!isOneRow) rows.push({ row: earlier.row, steps: lookAtSlot(earlier) });
  if (periods.week) rows.push({ row: rowName(key.id, periods.week.name), steps: [...lookAtSpent, ...lookAtFamilies] });
  if (periods.window) {
    rows.push({ row: rowName(key.id, periods.window.name), steps: [{ cell: cells.requests, by: 1 }, ...lookAtSpent] });
  }
  if (periods.hasTotal) rows.push({ row: rowName(key.id, "total"), steps: lookAtSpent });
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

function readTotals(admission: Admission, read: ReadCell): Totals {
  const { key, periods, slot, earlier } = admission;
  const week = rowName(key.id, periods.week?.name ?? "");
  const window = rowName(key.id, periods.window?.name ?? "");
  const total = rowName(key.id, "total");
  const both = (cell: "inFlight" | "reservedNanos" | "reservedTokens") =>
    read(slot.row, slot[cell]) + read(earlier.row, earlier[cell]);
  const familyCost = (family: string, index: number) => [family, read(week, cells.firstFamily + index)];
  return {
    inFlight: both("inFlight"),
    reservedNanos: both("reservedNanos"),
    reservedTokens: both("reservedTokens"),
    ownNanos: admission.share.nanos,
    ownTokens: admission.share.tokens,
    windowRequests: read(window, cells.requests),
    windowTokens: read(window, cells.tokens),
    windowCostNanos: read(window, cells.costNanos),
    dayCostNanos: read(slot.row, cells.costNanos),
    weekCostNanos: read(week, cells.costNanos),
    familyCostNanos: periods.week ? Object.fromEntries(families.map(familyCost)) : {},
    totalCostNanos: read(total, cells.costNanos),
    totalTokens: read(total, cells.tokens),
  };
}

function giveBackRows({ key, periods, slot, share }: Admission): MeterRow[] {
  const rows: MeterRow[] = [
    { row: slot.row, steps: [{ cell: cells.requests, by: -1 }, ...shareSteps(slot, share, -1)] },
  ];
  if (periods.window) {
    rows.push({ row: rowName(key.id, periods.window.name), steps: [{ cell: cells.requests, by: -1 }] });
  }
  return rows;
}

/** Only what no call under way can change is remembered: a spent budget stays spent until it resets or the key is edited. */
function rememberRefusal(who: string, failure: Failure, { key, periods }: Admission, env: Env): void {
  if (failure.isRetryable) return;
  const { day, week = day, window = day } = periods;
  const untilAt = Math.min(env.now() + rememberRefusalMs, day.endAt, week.endAt, window.endAt);
  const refusals = refusalsOf(env);
  if (refusals.size > mostRefusals) refusals.clear();
  refusals.set(who, { failure, key, untilAt });
}

/** The first call of a period lets its row vanish by itself some time after it; later calls pay nothing for that. */
function expireNew({ key, periods, slot }: Admission, read: ReadCell, env: Env): void {
  if (read(slot.row, cells.requests) === 1) env.after(env.store.expire(slot.row, 3 * daySeconds));
  if (!periods.window) return;
  const row = rowName(key.id, periods.window.name);
  if (read(row, cells.requests) === 1) env.after(env.store.expire(row, key.windowMinutes * 60 + daySeconds));
}
