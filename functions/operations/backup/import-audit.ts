import { auditHead, auditLog, auditRetention } from "../../core/people/audit.ts";
import { numberOf } from "./record.ts";
import type { Taker, Taking } from "./importer.ts";
import type { Line } from "./record.ts";

const page = 500;

interface Head {
  readonly number: number;
  readonly hash: string;
  readonly marks: readonly string[];
  readonly cut: number;
}

/**
 * The audit chain as it is, into a store that has none; its end is written last, and names the log's ids of this store. Two
 * chains cannot be made one without changing their hashes: where the store has its own, that one stays.
 */
export function auditImport({ env, isWriting, count, note }: Taking): Taker {
  let own: { hasHead: boolean; entries: Set<string> } | undefined;
  const readOwn = async () => {
    const [head] = await env.store.read([auditHead]);
    return { hasHead: head !== undefined, entries: new Set((await readAll()).map(({ entry }) => entry)) };
  };
  const readAll = async () => {
    const all: { id: string; entry: string }[] = [];
    for (let after = "0"; ;) {
      const entries = await env.store.readLog(auditLog, after, page);
      all.push(...entries);
      if (entries.length < page) return all;
      after = entries.at(-1)?.id ?? after;
    }
  };
  const takeEntry = async (entry: string) => {
    own ??= await readOwn();
    const { entries, hasHead } = own;
    if (entries.has(entry)) return count("audit", "same");
    count("audit", hasHead ? "different" : "new");
    if (hasHead) note("This relay has an audit log of its own, and keeps it; the file's stays in the file.");
    else if (isWriting) await env.store.append(auditLog, entry);
  };
  const takeHead = async (value: string) => {
    own ??= await readOwn();
    if (own.hasHead || !isWriting) return;
    const head = JSON.parse(value) as Head;
    // A mark stands at the end of each stretch that another entry has followed (audit.ts).
    const isMark = (number: number) => number % auditRetention.stretch === 0 && number < head.number;
    const marks = (await readAll()).filter(({ entry }) => isMark(numberOf(entry))).map(({ id }) => id);
    const next = JSON.stringify({ ...head, marks });
    await env.store.fold({ cursor: auditHead, expected: undefined, next, tables: {} });
  };
  return {
    finish: () => Promise.resolve(),
    async take(line: Line) {
      if (line.kind === "audit") await takeEntry(line.entry);
      if (line.kind === "audit-head") await takeHead(line.value);
    },
  };
}
