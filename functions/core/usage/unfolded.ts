import type { Env } from "../../env.ts";
import { perEnv } from "../../env.ts";
import type { Figures } from "./totals.ts";
import { getOrPut } from "./rollup/write.ts";
import { cursorName, readState } from "./rollup/state.ts";
import { rollUp } from "./rollup/rollup.ts";
import { placeEvent, type Place } from "./rollup/schema.ts";
import type { UsageEvent } from "../money/usage.ts";
import { readEntry } from "./entry.ts";
import { usageLog } from "./log.ts";

/** What one event of the tail adds to one table. */
export interface Pending {
  /** The event's log id: a table that is folded up to it or further has it already. */
  readonly id: string;
  readonly place: Place;
  readonly figures: Figures;
}

/** The end of the log that no rollup has folded yet. */
export interface Tail {
  readonly readAt: number;
  readonly byTable: ReadonlyMap<string, readonly Pending[]>;
  readonly events: readonly UsageEvent[];
  /** The log goes on past what was read: figures lag behind until the rollup has caught up. */
  readonly isBehind: boolean;
}

const page = 1_000;
const mostPages = 4;
/** How long a page may wait for a rollup that it runs itself because the tail is too long. */
const catchUpMs = 1_500;
/** Figures are current to the second, and the parts of one page share one tail. */
const sharedMs = 1_000;

const heldOf = perEnv<{ tail: Promise<Tail> | undefined; at: number }>(() => ({ tail: undefined, at: 0 }));

/**
 * The tail as of a second ago at most. Two commands, one more for each further thousand events, none if it was just read.
 * Tables are to be read after it: what a rollup folds in between is then in the table, whose mark tells so, and counts once.
 */
export function readTail(env: Env): Promise<Tail> {
  const held = heldOf(env);
  if (held.tail && env.now() - held.at < sharedMs) return held.tail;
  held.at = env.now();
  const tail = readOrCatchUp(env);
  held.tail = tail;
  const letGo = () => {
    if (held.tail === tail) held.tail = undefined;
  };
  // Thousands of events are not to be held until somebody looks again; a failure is told to who waits, and asked again.
  tail.then(() => setTimeout(letGo, sharedMs).unref(), letGo);
  return tail;
}

async function readOrCatchUp(env: Env): Promise<Tail> {
  const tail = await readPages(env);
  if (!tail.isBehind) return tail;
  await rollUp(env.now() + catchUpMs, env);
  return readPages(env);
}

async function readPages(env: Env): Promise<Tail> {
  const [value] = await env.store.read([cursorName]);
  const state = readState(value);
  const seen = new Set(state.repeats.map(([id]) => id));
  const byTable = new Map<string, Pending[]>();
  const events: UsageEvent[] = [];
  let after = state.id;
  for (let pages = 0; ; pages += 1) {
    if (pages === mostPages) return { readAt: env.now(), byTable, events, isBehind: true };
    const entries = await env.store.readLog(usageLog, after, page);
    for (const entry of entries) {
      const { id, event, isMoved } = readEntry(entry);
      // A repeat whose first append is folded already still counts twice here, until the rollup has looked it up.
      if (!event || isMoved || seen.has(event.id)) continue;
      seen.add(event.id);
      events.push(event);
      const { places, figures } = placeEvent(event, env.config, state.horizon);
      for (const place of places) getOrPut(byTable, place.table, () => []).push({ id, place, figures });
    }
    if (entries.length < page) return { readAt: env.now(), byTable, events, isBehind: false };
    after = entries.at(-1)?.id ?? after;
  }
}
