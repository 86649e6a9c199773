import type { Env } from "../../../env.ts";
import { addPlaced, addToLedger, forgetLedger, openLedger, type Changes, type Ledger } from "./write.ts";
import type { WindowSample } from "../../accounts/forecast.ts";
import { dropRepeats } from "./repeats.ts";
import { cutDueAt, cutLog, extend, moveHorizon, readRetention, type Retention } from "./retention.ts";
import { buildState, cursorName, readState, type RollupState } from "./state.ts";
import { placeEvent } from "./schema.ts";
import { addSpread, noteLeaks, type LeakNotice } from "../key-leaks.ts";
import type { LogEntry } from "../../../stores/store.ts";
import { buildMark, idMs, readEntry } from "../entry.ts";
import { usageLog } from "../log.ts";
import { latestWindows, noteWindows } from "../../accounts/window-share.ts";

const batchSize = 1_000;

export interface RollupReport {
  /** Calls that were added to the rows. */
  readonly events: number;
  readonly batches: number;
  /** Events that stood in the log twice. */
  readonly repeated: number;
  /** Entries that are no event. */
  readonly unreadable: number;
  /** Tables of days that were kept long enough. */
  readonly dropped: number;
  /** Log entries up to this id were kept long enough; undefined: none. */
  readonly trimmedTo: string | undefined;
  /** `done`: everything is folded; `late`: the time was up; `raced`: another rollup was faster and goes on. */
  readonly end: "done" | "late" | "raced";
}

/** Whether there is anything to fold or to drop. One command. */
export async function needsRollup(env: Env): Promise<boolean> {
  const [last, earlier] = await env.store.readLogBackwards(usageLog, "+", 2);
  if (!last) return false;
  const { mark } = readEntry(last);
  if (!mark || (earlier && earlier.id !== mark.upTo)) return true;
  return mark.dueAt !== undefined && env.now() >= mark.dueAt;
}

/**
 * Folds the usage log into rows, a thousand entries at a time, each batch in one transaction with the cursor: a crash or a
 * race neither loses nor doubles a call (docs/decisions.md). Commands a batch: one to read the log, one for each table
 * with fields not read before, and one for the fold (billed as three and one a table). Stops at `untilAt`.
 */
export async function rollUp(untilAt: number, env: Env): Promise<RollupReport> {
  const retention = await readRetention(env);
  const [value] = await env.store.read([cursorName]);
  const run: Run = {
    retention,
    ledger: openLedger(),
    windows: new Map(),
    leaks: new Map(),
    ahead: undefined,
    value,
    counts: { events: 0, batches: 0, repeated: 0, unreadable: 0 },
  };
  let trimmedTo: string | undefined;
  let dropped = 0;
  let end: RollupReport["end"] | undefined;
  while (!end) {
    const step = await foldBatch(run, env);
    if (!step) return { ...run.counts, dropped, trimmedTo, end: "raced" };
    trimmedTo = step.trimTo ?? trimmedTo;
    dropped += step.dropped;
    if (step.isLast) end = "done";
    else if (env.now() >= untilAt) end = "late";
  }
  if (trimmedTo !== undefined) await env.store.trimLog(usageLog, trimmedTo);
  await noteWindows(run.windows, env);
  await noteLeaks(run.leaks.values(), env);
  if (end === "done") await leaveMark(readState(run.value), retention, env);
  return { ...run.counts, dropped, trimmedTo, end };
}

interface Run {
  readonly retention: Retention;
  readonly ledger: Ledger;
  /** What the events told of the accounts' windows. */
  readonly windows: Map<string, readonly WindowSample[]>;
  /** Keys that were used from unusually many networks. */
  readonly leaks: Map<string, LeakNotice>;
  /** The next batch, on its way while this one is folded. */
  ahead: Promise<LogEntry[]> | undefined;
  /** The cursor's value as this run last saw or wrote it. */
  value: string | undefined;
  readonly counts: { events: number; batches: number; repeated: number; unreadable: number };
}

interface Step {
  readonly isLast: boolean;
  readonly trimTo: string | undefined;
  readonly dropped: number;
}

/** One batch and what retention asks for; undefined if another rollup moved the cursor meanwhile. */
async function foldBatch(run: Run, env: Env): Promise<Step | undefined> {
  const state = readState(run.value);
  const entries = await (run.ahead ?? env.store.readLog(usageLog, state.id, batchSize));
  const batch = entries.map(readEntry);
  const { horizon, tables: stale } = moveHorizon(state.horizon, run.retention, env.now(), env.config);
  // Before the horizon moves on: a crash in between leaves nothing behind that no later run knows of.
  await env.store.remove(stale);
  const unfolded = batch.filter(({ isMoved }) => !isMoved);
  const fresh = await dropRepeats(unfolded, state, env);
  const changes: Changes = new Map();
  for (const { event } of fresh.events) addPlaced(changes, placeEvent(event, env.config, horizon));
  const id = entries.at(-1)?.id ?? state.id;
  const stretches = entries[0]
    ? extend(state.kept, [id, entries.length, idMs(entries[0].id)], run.retention)
    : state.kept;
  run.ahead = entries.length < batchSize ? undefined : readAhead(id, env);
  const { kept, trimTo } = cutLog(stretches, run.retention, env.now());
  const { spread, notices } = addSpread(
    state.spread,
    fresh.events.map(({ event }) => event),
  );
  const next = buildState({ id, kept, cutTo: trimTo ?? state.cutTo, horizon, repeats: fresh.repeats, spread });
  const tables = await addToLedger(run.ledger, changes, id, env);
  if (next !== run.value && !(await env.store.fold({ cursor: cursorName, expected: run.value, next, tables }))) {
    forgetLedger(run.ledger);
    return undefined;
  }
  run.value = next;
  for (const [account, windows] of latestWindows(fresh.events.map(({ event }) => event)))
    run.windows.set(account, windows);
  for (const notice of notices) run.leaks.set(notice.key, notice);
  run.counts.events += fresh.events.length;
  run.counts.batches += Number(entries.length > 0);
  run.counts.repeated += fresh.dropped;
  run.counts.unreadable += batch.filter(({ event, mark }) => !event && !mark).length;
  return { isLast: entries.length < batchSize, trimTo, dropped: stale.length };
}

function readAhead(after: string, env: Env): Promise<LogEntry[]> {
  const reading = env.store.readLog(usageLog, after, batchSize);
  // Should this batch fail first, nobody waits for the next one any more.
  reading.catch(() => undefined);
  return reading;
}

/** After the last fold: the next run sees by the log's last two entries that there is nothing to do. */
async function leaveMark(state: RollupState, retention: Retention, env: Env): Promise<void> {
  // Of an empty log a run knows at once that there is nothing in it.
  if (state.kept.length === 0) return;
  await env.store.append(usageLog, buildMark({ upTo: state.id, dueAt: cutDueAt(state.kept, retention) }));
}
