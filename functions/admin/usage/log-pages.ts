import type { Env } from "../../env.ts";
import type { LogEntry } from "../../stores/store.ts";
import type { UsageEvent } from "../../core/money/usage.ts";
import { idMs, readEntry } from "../../core/usage/entry.ts";
import { usageLog } from "../../core/usage/log.ts";

/** An event with its place in the log. */
export interface Found {
  readonly logId: string;
  readonly event: UsageEvent;
}

interface Walk {
  /** The newest if absent. */
  readonly before?: string | undefined;
  readonly size?: number;
  /** How many at most: each is a command. */
  readonly pages: number;
}

/** The usage log from its newest entry backwards, a command a page. */
export async function* readPages(
  { before: from = "+", size = 1_000, pages }: Walk,
  env: Env,
): AsyncGenerator<{ entries: readonly LogEntry[]; isLast: boolean }> {
  let before = from;
  for (let count = 0; count < pages; count += 1) {
    const entries = await env.store.readLogBackwards(usageLog, before, size);
    const last = entries.at(-1);
    const isLast = !last || entries.length < size;
    yield { entries, isLast };
    if (isLast) return;
    before = last.id;
  }
}

interface Search extends Omit<Walk, "pages"> {
  /** Nothing older is asked for. Epoch milliseconds. */
  readonly since?: number | undefined;
}

/** How far a search has come. `next` is the last entry that was looked at; null: all were. */
interface Looked {
  readonly next: string | null;
  readonly looked: number;
  readonly lookedTo: number | null;
  readonly oldestAt: number | null;
}

/**
 * Shows the events of at most ten pages, newest first, until `take` says that it has enough; a call that was appended twice
 * comes twice. At most eleven commands.
 */
export async function lookBack(
  { before: start = "+", size, since = 0 }: Search,
  env: Env,
  take: (found: Found) => boolean,
): Promise<Looked> {
  let before = start;
  let looked = 0;
  const told = async (isAll: boolean): Promise<Looked> => ({
    ...{ next: isAll ? null : before, looked, lookedTo: before === "+" ? null : idMs(before) },
    oldestAt: isAll ? null : Math.max(await readOldest(env), since),
  });
  for await (const { entries, isLast } of readPages({ before, ...(size && { size }), pages: 10 }, env)) {
    for (const entry of entries) {
      if (idMs(entry.id) < since) return told(true);
      before = entry.id;
      looked += 1;
      const { event } = readEntry(entry);
      if (event && take({ logId: entry.id, event })) return told(false);
    }
    if (isLast) return told(true);
  }
  return told(false);
}

/** When the oldest entry of the log was appended. One command. */
async function readOldest(env: Env): Promise<number> {
  const [oldest] = await env.store.readLog(usageLog, "0", 1);
  return oldest ? idMs(oldest.id) : 0;
}
