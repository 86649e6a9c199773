import { readEntry } from "../../core/usage/entry.ts";
import { usageLog } from "../../core/usage/log.ts";
import type { Taker, Taking } from "./importer.ts";
import type { Line } from "./record.ts";

const page = 1_000;
const mostAtOnce = 100;

/**
 * The calls behind the rows, for the pages that show single ones. Each is appended once, known by its id, and marked as moved:
 * the rows of the file hold it already, so the rollup must not add it again, whenever the import breaks off.
 */
export function eventImport({ env, isWriting, count }: Taking): Taker {
  let known: Set<string> | undefined;
  let held: string[] = [];
  const finish = async () => {
    const entries = held;
    held = [];
    if (isWriting) await Promise.all(entries.map((entry) => env.store.append(usageLog, entry)));
  };
  const readKnown = async () => {
    const ids = new Set<string>();
    for (let after = "0"; ;) {
      const entries = await env.store.readLog(usageLog, after, page);
      for (const each of entries) ids.add(readEntry(each).event?.id ?? "");
      if (entries.length < page) return ids;
      after = entries.at(-1)?.id ?? after;
    }
  };
  return {
    finish,
    async take(line: Line) {
      if (line.kind !== "events") return;
      const event = JSON.parse(line.entry) as { id: string };
      known ??= await readKnown();
      count("events", known.has(event.id) ? "same" : "new");
      if (known.has(event.id)) return;
      known.add(event.id);
      held.push(JSON.stringify({ ...event, isMoved: true }));
      if (held.length === mostAtOnce) await finish();
    },
  };
}
