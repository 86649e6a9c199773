import type { Env } from "../../env.ts";
import { cache, perEnv } from "../../env.ts";
import { Failure } from "../../failure.ts";
import { resolveAlias } from "../../core/keys/aliases.ts";
import { findReservePrice } from "../../core/money/charge.ts";
import type { Price } from "../../core/money/price.ts";
import type { ApiKey } from "../../core/keys/key.ts";
import { families, familyIndex } from "../../core/keys/model-families.ts";
import type { Counted, Share } from "../../core/limits/in-flight.ts";
import * as inFlight from "../../core/limits/in-flight.ts";
import type { Permit, Standing, Totals } from "../../core/limits/limit.ts";
import { findExceeded, limitsOf, listStandings } from "../../core/limits/limit.ts";
import type { Periods, Slot } from "../../core/limits/meter.ts";
import { cells, mergeRows, periodsOf, rowName, slotMs, slotOf } from "../../core/limits/meter.ts";
import type { Pool } from "../../core/accounts/pool.ts";
import type { MeterRow, MeterStep } from "../../stores/store.ts";
import type { Call } from "../dialects/dialect.ts";
import { reserve } from "../dialects/reservation.ts";

const daySeconds = 86_400;

/** How long an instance remembers that a budget is spent, so that a client hammering a spent key costs the store nothing. */
const rememberRefusalMs = 30_000;

interface Refusal {
  readonly failure: Failure;
  /** The key's limits as they were: records are read anew every few seconds. */
  readonly limits: string;
  readonly untilAt: number;
}

const refusalsOf = cache<Refusal>("refusals");

/**
 * Grants or refuses a call against all limits of its key: adds first, looks at the totals, gives back if over, so that two
 * racing calls can never both take the last cent. One round trip; one command a limited period (the day's row also holds
 * concurrency and reservations), none for a key without limits. Throws `limit.*`.
 */
export async function admit(key: ApiKey, call: Call, pool: Pool, env: Env): Promise<Permit> {
  const now = env.now();
  const periods = call.isMetered ? periodsOf(key, now, env.config) : undefined;
  if (!periods) return { key, periods, inFlight: undefined, standings: [] };
  // A family's spent limit says nothing about the others.
  const who = `${key.id} ${call.model === undefined ? "" : familyIndex(call.model)}`;
  const remembered = refusalsOf(env).get(who);
  if (remembered && now < remembered.untilAt && remembered.limits === limitsOf(key)) throw remembered.failure;
  const price = findCallPrice(call.model, pool, now, env);
  const first = await enter({ key, periods, now, call, price }, env);
  // What a dead process had left in the slot was still counted while another call took it over.
  const isStale = first.failure !== undefined && (await isTakenOver(first.admission.slot, env));
  if (isStale) await first.given;
  const { admission, standings, failure } = isStale ? await enter({ key, periods, now, call, price }, env) : first;
  if (failure) {
    rememberRefusal(who, failure, admission, env);
    throw failure;
  }
  return { key, periods, inFlight: inFlight.trackInFlight(key.id, admission.slot, admission.share, env), standings };
}

interface Asking {
  readonly key: ApiKey;
  readonly periods: Periods;
  readonly now: number;
  readonly call: Call;
  readonly price: Price | undefined;
}

/** What goes on in a slot of a key, in this process. */
interface Entering {
  /** Admissions on their way. */
  readonly counting: Set<Promise<unknown>>;
  /** The removal of what an earlier turn of the ring left there: calls beside the one that found it count that, too. */
  takeOver: Promise<unknown> | undefined;
}

const enteringOf = perEnv(() => new Map<string, Entering>());
const slotName = ({ row, index }: Slot) => `${row} ${index}`;

async function countBeside(slot: Slot, rows: readonly MeterRow[], env: Env): Promise<number[][]> {
  const all = enteringOf(env);
  const name = slotName(slot);
  const entering = all.get(name) ?? { counting: new Set(), takeOver: undefined };
  all.set(name, entering);
  const counting = env.store.count(rows);
  entering.counting.add(counting);
  try {
    const results = await counting;
    const left = inFlight.leftIn(slot, { rows, results });
    if (left.length > 0) {
      const forget = () => void setTimeout(() => all.delete(name), 1_000).unref();
      const removal = env.store.count(left);
      env.after(removal);
      entering.takeOver = removal.then(forget, forget);
    }
    return results;
  } finally {
    entering.counting.delete(counting);
    if (entering.counting.size === 0 && !entering.takeOver) all.delete(name);
  }
}

/** Whether calls beside this one may have counted what was left of a dead process, and it is gone now. */
async function isTakenOver(slot: Slot, env: Env): Promise<boolean> {
  const entering = enteringOf(env).get(slotName(slot));
  // Over HTTP answers may come in another order than calls were sent.
  if (entering && !entering.takeOver) await Promise.allSettled(entering.counting);
  await entering?.takeOver;
  return entering?.takeOver !== undefined;
}

/** Counts a call, and takes it back if that is too much. */
async function enter({ key, periods, now, call, price }: Asking, env: Env) {
  const look: Look = { key, periods, now, ...slotsOf(key, now, env) };
  const admission: Admission = { ...look, share: reserve(call, price, hasFamilies(key)) };
  const rows = admissionRows(admission);
  const counted = { rows, results: await countBeside(look.slot, rows, env) };
  const standings = listStandings(key, periods, readTotals(look, admission.share, counted), call.model);
  const failure = findExceeded(standings, now) ?? (price ? undefined : refuseUnpriced(call, standings, env));
  expireNew(admission, counted, env);
  const given = failure && env.store.count(giveBackRows(admission));
  if (given) env.after(given);
  return { admission, standings, failure, given: given?.catch(() => undefined) };
}

/** Where a call's key stands. */
interface Look {
  readonly key: ApiKey;
  readonly periods: Periods;
  readonly now: number;
  readonly slot: Slot;
  /** The slot before, whose calls may still be in flight. */
  readonly earlier: Slot;
}

/** One call asking to be let in. */
interface Admission extends Look {
  readonly share: Share;
}

const slotsOf = (key: ApiKey, now: number, env: Env) => ({
  slot: slotOf(key.id, now, env),
  earlier: slotOf(key.id, now - slotMs, env),
});

/** Of the model that is asked for, or of what the accounts' aliases make of it. */
function findCallPrice(model: string | undefined, pool: Pool, at: number, env: Env): Price | undefined {
  if (model === undefined) return undefined;
  const names = [model, ...pool.accounts.map(({ aliases }) => resolveAlias(model, aliases))];
  return findReservePrice(names, { at, prices: pool.prices, assumes: env.config.UNPRICED_MODELS === "dearest" });
}

/** A cost limit cannot hold a model whose cost nobody knows: where the operator says so, it is not served under one. */
function refuseUnpriced({ model }: Call, standings: readonly Standing[], env: Env): Failure | undefined {
  if (env.config.UNPRICED_MODELS !== "refuse" || standings.every(({ unit }) => unit !== "nanos")) return undefined;
  const message = `The model ${model} has no price here, and this API key has a cost limit. Ask the operator to set a price.`;
  return new Failure("model.forbidden", { message });
}

const hasFamilies = (key: ApiKey) => Object.keys(key.weeklyFamilyCostNanos).length > 0;

/**
 * Where the limits of a call under way stand now; what it has cost beyond its reservation is reserved as well. One command a
 * limited period, for the few calls that outgrow what was known of them.
 */
export async function lookAgain(
  permit: Permit,
  beyondNanos: number,
  model: string | undefined,
  env: Env,
): Promise<Standing[]> {
  const { key, periods } = permit;
  if (!periods || !permit.inFlight) return [];
  const now = env.now();
  const look: Look = { key, periods, now, ...slotsOf(key, now, env) };
  const grown = beyondNanos > 0 ? permit.inFlight.grow(beyondNanos) : [];
  if (grown.length > 0) await env.store.count(grown);
  const rows = mergeRows([
    { row: look.slot.row, steps: inFlight.lookSteps(look.slot, hasFamilies(key)) },
    ...lookRows(look),
  ]);
  const counted = { rows, results: await env.store.count(rows) };
  return listStandings(key, periods, readTotals(look, permit.inFlight.share, counted), model);
}

const look = (cell: number): MeterStep => ({ cell, by: 0 });
const lookAtSpent = [look(cells.tokens), look(cells.costNanos)];
const lookAtFamilies = families.map((_family, index) => look(cells.firstFamily + index));

function lookRows({ key, periods, earlier }: Look): MeterRow[] {
  return [
    { row: rowName(key.id, periods.day.name), steps: [look(cells.costNanos)] },
    // Only in the first minutes of a day does the earlier slot stand in yesterday's row, and costs a command of its own.
    { row: earlier.row, steps: inFlight.lookSteps(earlier, hasFamilies(key)) },
    ...(periods.week ? [{ row: rowName(key.id, periods.week.name), steps: [...lookAtSpent, ...lookAtFamilies] }] : []),
    ...(periods.window ? [{ row: rowName(key.id, periods.window.name), steps: lookAtSpent }] : []),
    ...(periods.hasTotal ? [{ row: rowName(key.id, "total"), steps: lookAtSpent }] : []),
  ];
}

function admissionRows(admission: Admission): MeterRow[] {
  const { key, periods, slot, share } = admission;
  const one = { cell: cells.requests, by: 1 };
  return mergeRows([
    { row: slot.row, steps: [one, ...inFlight.enterSteps(slot, share, hasFamilies(key))] },
    ...lookRows(admission),
    ...(periods.window ? [{ row: rowName(key.id, periods.window.name), steps: [one] }] : []),
  ]);
}

function readTotals({ key, periods, now, slot, earlier }: Look, own: Share, counted: Counted): Totals {
  const read = (period: string, cell: number) => inFlight.readCell(counted, rowName(key.id, period), cell);
  const [week = "", window = ""] = [periods.week?.name, periods.window?.name];
  const load = inFlight.addLoads(inFlight.loadOf(slot, counted), inFlight.loadOf(earlier, counted));
  const byFamily = (of: (index: number) => number) =>
    periods.week ? Object.fromEntries(families.map((family, index) => [family, of(index)])) : {};
  return {
    inFlight: load.calls,
    inFlightUntilAt: inFlight.outOfSightAt(now),
    reservedNanos: load.nanos,
    reservedTokens: load.tokens,
    reservedFamilyNanos: byFamily((index) => load.familyNanos[index] ?? 0),
    ownNanos: own.nanos,
    ownTokens: own.tokens,
    windowRequests: read(window, cells.requests),
    windowTokens: read(window, cells.tokens),
    windowCostNanos: read(window, cells.costNanos),
    dayCostNanos: read(periods.day.name, cells.costNanos),
    weekCostNanos: read(week, cells.costNanos),
    familyCostNanos: byFamily((index) => read(week, cells.firstFamily + index)),
    totalCostNanos: read("total", cells.costNanos),
    totalTokens: read("total", cells.tokens),
  };
}

function giveBackRows({ key, periods, slot, share }: Admission): MeterRow[] {
  const one = { cell: cells.requests, by: -1 };
  const rows: MeterRow[] = [{ row: slot.row, steps: [one, ...inFlight.shareSteps(slot, share, -1)] }];
  if (periods.window) rows.push({ row: rowName(key.id, periods.window.name), steps: [one] });
  return rows;
}

/** Only what no call under way can change is remembered: a spent budget stays spent until it resets or the key is edited. */
function rememberRefusal(who: string, failure: Failure, { key, periods }: Admission, env: Env): void {
  if (failure.isRetryable || failure.code === "model.forbidden") return;
  const { day, week = day, window = day } = periods;
  const untilAt = Math.min(env.now() + rememberRefusalMs, day.endAt, week.endAt, window.endAt);
  refusalsOf(env).set(who, { failure, limits: limitsOf(key), untilAt });
}

/** The first call of a period lets its row vanish by itself some time after it; later calls pay nothing for that. */
function expireNew({ key, periods, slot }: Admission, counted: Counted, env: Env): void {
  const isFirst = (row: string) => inFlight.readCell(counted, row, cells.requests) === 1;
  if (isFirst(slot.row)) env.after(env.store.expire(slot.row, 3 * daySeconds));
  if (!periods.window) return;
  const row = rowName(key.id, periods.window.name);
  if (isFirst(row)) env.after(env.store.expire(row, key.windowMinutes * 60 + daySeconds));
}
