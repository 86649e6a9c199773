import type { Env } from "../../env.ts";
import { perEnv } from "../../env.ts";
import type { UsageEvent } from "../money/usage.ts";

export const usageLog = "usage";

/** Events that the store has not taken yet, oldest first. */
interface Backlog {
  readonly events: UsageEvent[];
  retry: NodeJS.Timeout | undefined;
  /** Under way: what fails meanwhile is its to try. */
  flush: Promise<boolean> | undefined;
  delayMs: number;
  /** The process ends: nobody will try again. */
  isEnding: boolean;
}

const backlogOf = perEnv<Backlog>(() => ({
  events: [],
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
 * Appends one event to the usage log. Never rejects: while the store is down the event is kept in memory and retried with
 * backoff, and written to the process log as one JSON line if the process ends or memory runs short first. One command.
 */
export async function appendEvent(event: UsageEvent, env: Env): Promise<void> {
  try {
    await env.store.append(usageLog, JSON.stringify(event));
  } catch (error) {
    env.log("error", "usage event kept for a retry", { request: event.id, error });
    hold(event, env);
  }
}

function hold(event: UsageEvent, env: Env): void {
  const backlog = backlogOf(env);
  if (backlog.isEnding) return spill(event, env);
  backlog.events.push(event);
  while (backlog.events.length > mostHeld) spill(backlog.events.shift(), env);
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
    if (backlog.events.length > 0) schedule(backlog, env);
  };
  return (backlog.flush ??= flush(backlog, env).finally(end));
}

async function flush(backlog: Backlog, env: Env): Promise<boolean> {
  clearTimeout(backlog.retry);
  backlog.retry = undefined;
  for (let event = backlog.events.shift(); event; event = backlog.events.shift()) {
    try {
      // Whether the first try got through is unknown: the rollup looks for the id when it sees this mark.
      await env.store.append(usageLog, JSON.stringify({ ...event, isRepeated: true }));
    } catch (error) {
      void error;
      backlog.events.unshift(event);
      return false;
    }
  }
  backlog.delayMs = 0;
  return true;
}

/** The process ends: a last try, then one line of the process log an event, from which they can be read back. */
export async function spillEvents(env: Env): Promise<void> {
  const backlog = backlogOf(env);
  backlog.isEnding = true;
  await flushEvents(env);
  for (const event of backlog.events.splice(0)) spill(event, env);
}

function spill(event: UsageEvent | undefined, env: Env): void {
  if (event) env.log("error", "usage event spilled", { usageEvent: event });
}
