import type { Env } from "../../env.ts";
import type { LogEntry } from "../../stores/store.ts";
import { usageLog } from "../../core/usage/log.ts";

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
