import type { Env } from "../../env.ts";
import { Failure } from "../../failure.ts";
import type { MeterRow } from "../../stores/store.ts";
import { families, familyIndex } from "../keys/model-families.ts";
import { figure, sumFigures, tokensOf, type Figures } from "./totals.ts";
import type { ApiKey } from "../keys/key.ts";
import { listDetail } from "./rollup/write.ts";
import { cells, periodsOf } from "../limits/meter.ts";
import { dayOf } from "../limits/period.ts";
import { daysBetween, nextDay } from "./rollup/retention.ts";
import { cursorName, readState } from "./rollup/state.ts";
import { listPeriods, readMeters, type Reading } from "../limits/limit-status.ts";
import { readKeyDays, readKeyHours, readTotals } from "./statistics.ts";
import type { UsageEvent } from "../money/usage.ts";
import { tokenCount, totalTokens } from "../money/usage.ts";
import { idMs, readEntry } from "./entry.ts";
import { usageLog } from "./log.ts";

/** What a meter should read by the usage log and its rows. */
interface Expected {
  /** Undefined where rows cannot tell. */
  readonly requests?: number;
  readonly tokens: number;
  readonly costNanos: number;
  readonly familyNanos?: readonly number[];
}

export interface Drift {
  readonly period: Reading["period"];
  readonly row: string;
  readonly startAt: number;
  readonly meter: Reading;
  /** Undefined: the log does not reach back to the start of the period. */
  readonly expected: Expected | undefined;
  /** What is to be added to the meter to set it right; 0 where it is. */
  readonly tokens: number;
  readonly costNanos: number;
  readonly familyNanos: readonly number[];
  readonly isOff: boolean;
}

const hourMs = 3_600_000;
const skewMs = 300_000;
const page = 1_000;
const mostPages = 60;

/**
 * Compares the meters of a key's present periods with what the log and its rows add up to; none for a key without limits.
 * Calls that began within the same moment as a period may count on either side of it. Commands: one a period, one a day
 * of the week, a few for the log.
 */
export async function checkDrift(key: ApiKey, env: Env): Promise<Drift[]> {
  const periods = periodsOf(key, env.now(), env.config);
  if (!periods) return [];
  const expected = new Map<Reading["period"], Expected | undefined>();
  for (const { period, startAt } of listPeriods(key, periods)) {
    expected.set(period, await expect[period](key, startAt, env));
  }
  const meters = await readMeters(key, env);
  return (meters?.readings ?? []).map((meter) => compare(meter, expected.get(meter.period)));
}

function compare(meter: Reading, expected: Expected | undefined): Drift {
  const tokens = expected ? expected.tokens - meter.tokens : 0;
  const costNanos = expected ? expected.costNanos - meter.costNanos : 0;
  const familyNanos = families.map((_, index) =>
    expected?.familyNanos ? (expected.familyNanos[index] ?? 0) - (meter.familyNanos[index] ?? 0) : 0,
  );
  const isOff = tokens !== 0 || costNanos !== 0 || familyNanos.some((nanos) => nanos !== 0);
  return {
    period: meter.period,
    row: meter.row,
    startAt: meter.startAt,
    meter,
    expected,
    tokens,
    costNanos,
    familyNanos,
    isOff,
  };
}

const quietMs = 5_000;
const daySeconds = 86_400;

/**
 * Adds the differences to the meters. Throws `record.conflict` while the key is in use, since the meters of a call that
 * settles this very moment may be counted a moment after its event.
 */
export async function mendDrift(key: ApiKey, env: Env): Promise<Drift[]> {
  await refuseIfBusy(key, env);
  const drifts = await checkDrift(key, env);
  await refuseIfBusy(key, env);
  await addMissing(drifts, key, env);
  return drifts;
}

/** A key before and after a change of its settings. */
export type KeyChange = readonly [before: ApiKey, after: ApiKey];

/**
 * What a key used before it was given a limit counts against it: meters of periods that nothing counted until now are filled
 * from the log. No command where no change begins a new meter, three for all keys that were never used, and for each other
 * one what a drift check costs. Calls that are admitted elsewhere by the key as it was, for the seconds in which it is known
 * there, are left for the drift check.
 */
export async function fillMeters(changes: readonly KeyChange[], env: Env): Promise<void> {
  const filled = changes
    .map(([before, after]) => ({ key: after, rows: newRows(before, after, env) }))
    .filter(({ rows }) => rows.size > 0);
  if (filled.length === 0) return;
  const totals = await readTotals(
    filled.map(({ key }) => key.id),
    env,
  );
  for (const [index, { key, rows }] of filled.entries()) {
    if (figure(totals[index] ?? [], "requests") === 0) continue;
    const drifts = await checkDrift(key, env);
    await addMissing(
      drifts.filter(({ row }) => rows.has(row)),
      key,
      env,
    );
  }
}

function newRows(before: ApiKey, after: ApiKey, env: Env): ReadonlySet<string> {
  const rowsOf = (key: ApiKey) => {
    const periods = periodsOf(key, env.now(), env.config);
    return periods ? listPeriods(key, periods).map(({ row }) => row) : [];
  };
  const counted = rowsOf(before);
  return new Set(rowsOf(after).filter((row) => !counted.includes(row)));
}

async function addMissing(drifts: readonly Drift[], key: ApiKey, env: Env): Promise<void> {
  const rows = drifts.filter(({ isOff }) => isOff).map(buildRow);
  await env.store.count(rows);
  // A row that did not exist until now would stay for ever.
  const ttlSeconds = {
    day: 3 * daySeconds,
    week: 16 * daySeconds,
    window: key.windowMinutes * 60 + daySeconds,
    total: 0,
  };
  const brief = drifts.filter(({ isOff, period }) => isOff && ttlSeconds[period] > 0);
  await Promise.all(brief.map(({ row, period }) => env.store.expire(row, ttlSeconds[period])));
}

function buildRow({ row, tokens, costNanos, familyNanos }: Drift): MeterRow {
  const steps = [
    { cell: cells.tokens, by: tokens },
    { cell: cells.costNanos, by: costNanos },
    ...familyNanos.map((by, index) => ({ cell: cells.firstFamily + index, by })),
  ];
  return { row, steps: steps.filter(({ by }) => by !== 0) };
}

async function refuseIfBusy(key: ApiKey, env: Env): Promise<void> {
  const entries = await env.store.readLogBackwards(usageLog, "+", page);
  const since = env.now() - quietMs;
  const isBusy = entries.some((entry) => idMs(entry.id) >= since && readEntry(entry).event?.key === key.id);
  if (!isBusy) return;
  const message = `The API key "${key.name}" is in use this very moment: wait until it is quiet for five seconds, or disable it meanwhile.`;
  throw new Failure("record.conflict", { message, retryAfterSeconds: quietMs / 1000 });
}

type Expect = (key: ApiKey, startAt: number, env: Env) => Promise<Expected | undefined>;

const expect: Readonly<Record<Reading["period"], Expect>> = {
  day: (key, startAt, env) => expectDays(key, startAt, env),
  week: (key, startAt, env) => expectDays(key, startAt, env),
  window: (key, startAt, env) => expectLog(key, { startAt, endAt: Infinity }, env),
  async total(key, _, env) {
    return build((await readTotals([key.id], env))[0] ?? []);
  },
};

const build = (figures: Figures): Expected => ({ tokens: tokensOf(figures), costNanos: figure(figures, "costNanos") });

/** From the rows of whole days; a first day that begins at another hour from the log, or else from the rows of its hours. */
async function expectDays(key: ApiKey, startAt: number, env: Env): Promise<Expected> {
  const first = dayOf(startAt, env.config);
  const today = dayOf(env.now(), env.config).name;
  const isWhole = first.startAt === startAt;
  const days = daysBetween(isWhole ? first.name : nextDay(first.name), nextDay(today));
  const rows = (await readKeyDays(key.id, days, env)).flatMap(listDetail);
  const whole: Expected = { ...build(sumFigures(rows.map(({ figures }) => figures))), familyNanos: familiesOf(rows) };
  if (isWhole) return whole;
  const part = (await expectLog(key, { startAt, endAt: first.endAt }, env)) ?? (await expectHours(key, startAt, env));
  const partNanos = part.familyNanos;
  return {
    tokens: whole.tokens + part.tokens,
    costNanos: whole.costNanos + part.costNanos,
    ...(partNanos
      ? { familyNanos: families.map((_, index) => (whole.familyNanos?.[index] ?? 0) + (partNanos[index] ?? 0)) }
      : {}),
  };
}

async function expectHours(key: ApiKey, startAt: number, env: Env): Promise<Expected> {
  const day = dayOf(startAt, env.config);
  const [from, to] = [startAt, day.endAt].map((at) => Math.floor((at - day.startAt) / hourMs));
  const hours = Array.from({ length: (to ?? 0) - (from ?? 0) }, (_, index) => (from ?? 0) + index);
  return build(sumFigures(await readKeyHours(key.id, day.name, hours, env)));
}

function familiesOf(rows: readonly { model: string; figures: Figures }[]): number[] {
  const nanos = families.map(() => 0);
  for (const { model, figures } of rows) {
    const index = familyIndex(model);
    if (index >= 0) nanos[index] = (nanos[index] ?? 0) + figure(figures, "costNanos");
  }
  return nanos;
}

/** From the log alone; undefined if it was cut within the span. */
async function expectLog(
  key: ApiKey,
  { startAt, endAt }: { startAt: number; endAt: number },
  env: Env,
): Promise<Expected | undefined> {
  const [value] = await env.store.read([cursorName]);
  const { cutTo } = readState(value);
  // A call is appended when it has ended, so its entry is never older than its beginning; clocks may differ a little.
  if (cutTo !== "0" && idMs(cutTo) > startAt - skewMs) return undefined;
  const events = await readSince(startAt - skewMs, env);
  const own = events?.filter((event) => event.key === key.id && event.at >= startAt && event.at < endAt);
  if (!own) return undefined;
  const familyNanos = families.map(() => 0);
  for (const { model, costNanos } of own) {
    const index = model === undefined ? -1 : familyIndex(model);
    if (index >= 0) familyNanos[index] = (familyNanos[index] ?? 0) + tokenCount(costNanos);
  }
  return {
    requests: own.length,
    tokens: own.reduce((sum, event) => sum + totalTokens(event.usage), 0),
    costNanos: own.reduce((sum, event) => sum + tokenCount(event.costNanos), 0),
    familyNanos,
  };
}

async function readSince(sinceMs: number, env: Env): Promise<UsageEvent[] | undefined> {
  const events = new Map<string, UsageEvent>();
  let after = String(Math.max(0, Math.floor(sinceMs)));
  for (let pages = 0; pages < mostPages; pages += 1) {
    const entries = await env.store.readLog(usageLog, after, page);
    for (const { event } of entries.map(readEntry)) if (event && !events.has(event.id)) events.set(event.id, event);
    if (entries.length < page) return [...events.values()];
    after = entries.at(-1)?.id ?? after;
  }
  return undefined;
}
