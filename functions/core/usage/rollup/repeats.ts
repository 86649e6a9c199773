import type { Env } from "../../../env.ts";
import type { RollupState } from "./state.ts";
import type { UsageEvent } from "../../money/usage.ts";
import { compareIds, idMs, readEntry, type Logged } from "../entry.ts";
import { usageLog } from "../log.ts";

/** The store's clock and ours may differ by so much. */
const skewMs = 300_000;
/** An append that was given up on still arrives within this time, or never. */
const straggleMs = 600_000;
const mostRemembered = 200;
const page = 1_000;
/** As many as the log holds by default: beyond them the first append would be gone from the log anyway. */
const mostPages = 50;

export interface Event {
  readonly id: string;
  readonly event: UsageEvent;
}

export interface Fresh {
  readonly events: readonly Event[];
  readonly dropped: number;
  readonly repeats: RollupState["repeats"];
}

/**
 * The events of a batch that were not folded before. Only an append that was tried again can stand in the log twice: its
 * id is looked for between the time of the call and the batch, one command for a thousand entries, and only then. Should
 * the first append arrive after the second, it is known by the ids of late repeats that the state carries.
 */
export async function dropRepeats(batch: readonly Logged[], state: RollupState, env: Env): Promise<Fresh> {
  const found = await findEarlier(batch, state, env);
  const known = new Set(state.repeats.map(([id]) => id));
  const seen = new Set<string>();
  const events: Event[] = [];
  const repeats = [...state.repeats];
  let dropped = 0;
  for (const { id, event, isRepeated } of batch) {
    if (!event) continue;
    if (seen.has(event.id) || known.has(event.id) || (isRepeated && found.has(event.id))) {
      dropped += 1;
      continue;
    }
    seen.add(event.id);
    events.push({ id, event });
    if (isRepeated) repeats.push([event.id, id]);
  }
  const since = idMs(batch.at(-1)?.id ?? state.id) - straggleMs;
  return { events, dropped, repeats: repeats.filter(([, id]) => idMs(id) >= since).slice(-mostRemembered) };
}

async function findEarlier(batch: readonly Logged[], state: RollupState, env: Env): Promise<ReadonlySet<string>> {
  const sought = new Map<string, number>();
  for (const { event, isRepeated } of batch) if (event && isRepeated) sought.set(event.id, event.at);
  const found = new Set<string>();
  if (sought.size === 0) return found;
  let after = String(Math.max(0, Math.min(...sought.values()) - skewMs));
  for (let pages = 0; pages < mostPages && compareIds(after, state.id) < 0; pages += 1) {
    const entries = await env.store.readLog(usageLog, after, page);
    for (const entry of entries) {
      if (compareIds(entry.id, state.id) > 0) return found;
      const id = readEntry(entry).event?.id;
      if (id !== undefined && sought.has(id)) found.add(id);
    }
    if (entries.length < page) break;
    after = entries.at(-1)?.id ?? after;
  }
  return found;
}
