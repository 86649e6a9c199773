import type { Env } from "../../env.ts";
import { perEnv } from "../../env.ts";
import type { MeterRow } from "../../stores/store.ts";
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
}

/** One that the store has not taken, or not all of it. */
interface Held extends Settled {
  /** Whether the first try got through is unknown, and the log is to be asked. */
  isUnknown: boolean;
  readonly triedAt: number;
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
/** Past this many the oldest are spilled to the process log: memory is bounded, nothing is lost silently. */
const mostHeld = 10_000;

/**
 * Counts a settled call and appends its event. Never rejects: while the store is down both are kept in memory and retried
 * with backoff, each applied once; at the end of the process, or when memory runs short, the event goes to the process log as
 * one JSON line. Commands: one a row and one for the event, in one write, the event last: where it stands in the log, all that
 * was sent before it has been counted. Resolves to the counts, or undefined.
 */
export async function writeSettled(settled: Settled, env: Env): Promise<number[][] | undefined> {
  const triedAt = env.now();
  const { event } = settled;
  const counting = env.store.count(settled.rows(), true);
  const appending = event ? env.store.append(usageLog, JSON.stringify(event)) : undefined;
  const [counted, appended] = await Promise.allSettled([counting, appending]);
  const isCounted = counted.status === "fulfilled";
  const isAppended = appended.status === "fulfilled";
  if (!isCounted || !isAppended) {
    const error: unknown = isCounted ? (appended as PromiseRejectedResult).reason : counted.reason;
    env.log("error", "settlement kept for a retry", { request: settled.id, isCounted, isAppended, error });
    const left = { ...settled, ...(isAppended ? { event: undefined } : {}), ...(isCounted ? { rows: () => [] } : {}) };
    hold({ ...left, triedAt, isUnknown: !isCounted && !isAppended }, env);
  }
  return isCounted ? counted.value : undefined;
}

/** An event that nothing is counted for. */
export async function appendEvent(event: UsageEvent, env: Env): Promise<void> {
  await writeSettled({ id: event.id, event, rows: () => [] }, env);
}

function hold(held: Held, env: Env): void {
  const backlog = backlogOf(env);
  if (backlog.isEnding) return spill(held, env);
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

async function writeAgain({ id, event, rows }: Held, env: Env): Promise<void> {
  const left = rows();
  // The rollup looks for the id when it sees this mark.
  const entry = event && { log: usageLog, entry: JSON.stringify({ ...event, isRepeated: true }) };
  if (left.length > 0) await env.store.record(`settled/${id}`, left, entry);
  else if (entry) await env.store.append(entry.log, entry.entry);
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

/** The process ends: a last try, then one line of the process log an event, from which they can be read back. */
export async function spillEvents(env: Env): Promise<void> {
  const backlog = backlogOf(env);
  backlog.isEnding = true;
  await flushEvents(env);
  for (const held of backlog.held.splice(0)) spill(held, env);
}

function spill(held: Held | undefined, env: Env): void {
  if (held?.event) env.log("error", "usage event spilled", { usageEvent: held.event });
}
