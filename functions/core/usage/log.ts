import type { Env } from "../../env.ts";
import { perEnv } from "../../env.ts";
import type { MeterRow } from "../../stores/store.ts";
import { cells } from "../limits/meter.ts";
import type { UsageEvent } from "../money/usage.ts";

export const usageLog = "usage";

/** What a call leaves behind in the store when it has ended. */
export interface Settled {
  /** The request id. */
  readonly id: string;
  /** Undefined where no log is kept. */
  readonly event: UsageEvent | undefined;
  /** What its meters get now; what it reserved may have fallen out of sight since. */
  rows(): readonly MeterRow[];
  /** For how long it must not be written again, whoever tries; a day unless told. */
  readonly markedSeconds?: number | undefined;
}

/** One that the store has not taken, or not all of it. */
interface Held extends Settled {
  readonly isCounted: boolean;
  readonly isAppended: boolean;
  /** Whether the first try got through is unknown, and the log is to be asked. */
  isUnknown: boolean;
  readonly triedAt: number;
}

/** One that no process holds any more: a line of the process log, and of the file that the next process reads. */
interface Spilled {
  readonly request: string;
  readonly usageEvent?: UsageEvent | undefined;
  readonly rows: readonly MeterRow[];
  readonly isUnknown: boolean;
  readonly triedAt: number;
  readonly markedSeconds?: number | undefined;
}

interface Backlog {
  /** Oldest first. */
  readonly held: Held[];
  retry: NodeJS.Timeout | undefined;
  /** Under way: what fails meanwhile is its to try. */
  flush: Promise<boolean> | undefined;
  delayMs: number;
  /** The process ends: nobody will try again. */
  isEnding: boolean;
}

const backlogOf = perEnv<Backlog>(() => ({
  held: [],
  retry: undefined,
  flush: undefined,
  delayMs: 0,
  isEnding: false,
}));

const firstDelayMs = 1_000;
const longestDelayMs = 60_000;
/** Past this many the oldest are spilled: memory is bounded, nothing is lost silently. */
const mostHeld = 10_000;

/**
 * Counts a settled call and appends its event. Never rejects: while the store is down both are kept in memory and retried
 * with backoff, each applied once; at the end of the process, or when memory runs short, they are spilled as one JSON line to
 * the process log and to the file that the next process reads. Commands: one a row and one for the event, in one write, the event last: where it stands in the log, all that
 * was sent before it has been counted. Resolves to the counts, or undefined.
 */
export async function writeSettled(settled: Settled, env: Env): Promise<number[][] | undefined> {
  const triedAt = env.now();
  const { event } = settled;
  const counting = env.store.countLater(settled.rows());
  const appending = event ? env.store.append(usageLog, JSON.stringify(event)) : undefined;
  const [counted, appended] = await Promise.allSettled([counting, appending]);
  const isCounted = counted.status === "fulfilled";
  const isAppended = appended.status === "fulfilled";
  if (!isCounted || !isAppended) {
    const error: unknown = isCounted ? (appended as PromiseRejectedResult).reason : counted.reason;
    env.log("error", "settlement kept for a retry", { request: settled.id, isCounted, isAppended, error });
    hold({ ...settled, isCounted, isAppended, triedAt, isUnknown: !isCounted && !isAppended }, env);
  }
  return isCounted ? counted.value : undefined;
}

/** The same, once for each id, however many processes try: for what is told more than once. Two commands more. */
export async function writeOnce(settled: Settled, env: Env): Promise<void> {
  const held = { ...settled, isCounted: false, isAppended: false, isUnknown: false, triedAt: env.now() };
  try {
    await writeAgain(held, env);
  } catch (error) {
    env.log("error", "settlement kept for a retry", { request: settled.id, error });
    hold(held, env);
  }
}

/** An event that nothing is counted for. */
export async function appendEvent(event: UsageEvent, env: Env): Promise<void> {
  await writeSettled({ id: event.id, event, rows: () => [] }, env);
}

function hold(held: Held, env: Env): void {
  const backlog = backlogOf(env);
  // A function may be frozen for good at any moment: it tells at once.
  if (backlog.isEnding || !env.spill) spill(held, env);
  if (backlog.isEnding) return;
  backlog.held.push(held);
  while (backlog.held.length > mostHeld) spill(backlog.held.shift(), env);
  if (!backlog.flush) schedule(backlog, env);
}

function schedule(backlog: Backlog, env: Env): void {
  if (backlog.retry || backlog.isEnding) return;
  backlog.delayMs = Math.min(Math.max(backlog.delayMs * 2, firstDelayMs), longestDelayMs);
  backlog.retry = setTimeout(() => void flushEvents(env), backlog.delayMs);
}

/** Tries everything that is held, in order, and stops at the first refusal. True if nothing is left. One at a time. */
export function flushEvents(env: Env): Promise<boolean> {
  const backlog = backlogOf(env);
  const end = () => {
    backlog.flush = undefined;
    if (backlog.held.length > 0) schedule(backlog, env);
  };
  return (backlog.flush ??= flush(backlog, env).finally(end));
}

async function flush(backlog: Backlog, env: Env): Promise<boolean> {
  clearTimeout(backlog.retry);
  backlog.retry = undefined;
  try {
    await dropTaken(backlog, env);
    for (let [held] = backlog.held; held; [held] = backlog.held) {
      await writeAgain(held, env);
      // More may have been spilled meanwhile.
      const index = backlog.held.indexOf(held);
      if (index >= 0) backlog.held.splice(index, 1);
    }
    backlog.delayMs = 0;
    return true;
  } catch {
    // It is tried again; that the store is down was told by whatever was held first.
    return false;
  }
}

const keptSeconds = 60 * 86_400;

async function writeAgain(held: Held, env: Env): Promise<void> {
  const { id, event, rows, isCounted, isAppended, markedSeconds } = held;
  const left = isCounted ? [] : rows();
  // The rollup looks for the id when it sees this mark.
  const entry = event && !isAppended && { log: usageLog, entry: JSON.stringify({ ...event, isRepeated: true }) };
  if (left.length === 0 && !entry) return;
  await env.store.record(`settled/${id}`, left, entry || undefined, markedSeconds);
  // A row that begins so late would stay for ever.
  const brief = left.filter(({ row }) => !row.endsWith("/total"));
  await Promise.allSettled(brief.map(({ row }) => env.store.expire(row, keptSeconds)));
}

const page = 1_000;
const skewMs = 60_000;

/** Lets go of those whose first try got through after all. Asks the log only if the outcome of one is unknown. */
async function dropTaken(backlog: Backlog, env: Env): Promise<void> {
  const unknown = backlog.held.filter(({ isUnknown, event }) => isUnknown && event);
  if (unknown.length === 0) return;
  const wanted = new Map(unknown.map((held) => [held.id, held]));
  let after = String(Math.max(0, Math.min(...unknown.map(({ triedAt }) => triedAt)) - skewMs));
  for (;;) {
    const entries = await env.store.readLog(usageLog, after, page);
    for (const { entry } of entries) {
      const held = wanted.get((/"id":"([^"]+)"/.exec(entry) ?? [])[1] ?? "");
      if (held) backlog.held.splice(backlog.held.indexOf(held), 1);
    }
    if (entries.length < page) break;
    after = entries.at(-1)?.id ?? after;
  }
  for (const held of unknown) held.isUnknown = false;
}

/** The process ends: a last try, then what is left is spilled. */
export async function spillEvents(env: Env): Promise<void> {
  const backlog = backlogOf(env);
  backlog.isEnding = true;
  await flushEvents(env);
  for (const held of backlog.held.splice(0)) spill(held, env);
}

function spill(held: Held | undefined, env: Env): void {
  if (!held) return;
  const { id, isUnknown, triedAt, markedSeconds } = held;
  // What an embedded store counted in memory and never brought to its disk is gone with the process.
  const isLeft = !held.isCounted || env.store.trouble?.() !== undefined;
  // What was in flight falls out of sight with the process.
  const spent = ({ row, steps }: MeterRow) => ({ row, steps: steps.filter(({ cell }) => cell < cells.firstSlot) });
  const usageEvent = held.isAppended ? undefined : held.event;
  const rows = isLeft ? held.rows().map(spent) : [];
  const spilled = { request: id, usageEvent, rows, isUnknown, triedAt, markedSeconds } satisfies Spilled;
  env.log("error", "usage event spilled", spilled);
  env.spill?.(JSON.stringify(spilled));
}

/**
 * Writes what earlier processes had spilled, each applied once. True if the store has taken all of it; what it has not is
 * tried again with backoff.
 */
export function restoreEvents(lines: readonly string[], env: Env): Promise<boolean> {
  const spilled = lines.map(parseSpilled).filter((each) => each !== undefined);
  // One that was restored, not taken and spilled once more stands there twice.
  for (const [id, { usageEvent: event, ...each }] of new Map(spilled.map((one) => [one.request, one])))
    hold({ ...each, id, event, rows: () => each.rows, isCounted: false, isAppended: false }, env);
  return flushEvents(env);
}

/** Undefined for a line that is another's, or was cut off. */
function parseSpilled(line: string): Spilled | undefined {
  try {
    const value = JSON.parse(line) as Partial<Spilled>;
    return typeof value.request === "string" && Array.isArray(value.rows) ? (value as Spilled) : undefined;
  } catch {
    // The process was killed while it wrote.
    return undefined;
  }
}
