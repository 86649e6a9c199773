import { checkLimit, checkLogId, checkText } from "../check.ts";
import type { Expiry } from "./expiry.ts";
import type { Sqlite } from "./sqlite.ts";
import type { LogEntry, Store } from "../store.ts";

/** Logs of the embedded store. New entries are held in memory until a log is read or something is changed or committed. */
export interface Logs {
  readonly verbs: Pick<Store, "append" | "readLog" | "readLogBackwards" | "trimLog">;
  /** Inside a change: holds an entry until the commit. Its id. */
  put(log: string, entry: string): string;
  /** Inside a change: writes the entries that came since, which together take a third of the time that they take alone. */
  write(): void;
  forget(name: string): void;
  /** After a rollback the file is right and the memory may be wrong. */
  clear(): void;
}

/** The last id that a log has given out; it outlives the entry, so that ids ascend whatever the clock does. */
interface Head {
  readonly ms: number;
  readonly seq: number;
}

interface Held extends Head {
  readonly log: string;
  readonly entry: string;
}

export function buildLogs(sqlite: Sqlite, expiry: Expiry, now: () => number): Logs {
  const insert = sqlite.prepare("INSERT INTO entry VALUES (?, ?, ?, ?)");
  const heads = buildHeads(sqlite, now);
  let held: Held[] = [];
  const append = async (log: string, entry: string) => {
    checkText(log);
    checkText(entry);
    return sqlite.defer(() => put(log, entry));
  };
  const put = (log: string, entry: string) => {
    const { ms, seq } = heads.advance(log);
    held.push({ log, ms, seq, entry });
    return `${ms}-${seq}`;
  };
  return {
    put,
    verbs: {
      append,
      ...reading(sqlite, expiry, heads, (work) => (held.length > 0 ? sqlite.change : sqlite.look)(work)),
    },
    write() {
      if (held.length === 0) return;
      const all = held;
      held = [];
      for (const { log, ms, seq, entry } of all) {
        expiry.renew(log);
        insert.run(log, ms, seq, entry);
      }
    },
    forget: heads.forget,
    clear() {
      held = [];
      heads.clear();
    },
  };
}

/** `look`: after what is held was written. */
function reading(sqlite: Sqlite, expiry: Expiry, heads: Heads, look: Sqlite["look"]): Omit<Logs["verbs"], "append"> {
  const trim = sqlite.prepare("DELETE FROM entry WHERE name = ? AND (ms, seq) <= (?, ?)");
  const keepHead = sqlite.prepare("INSERT OR REPLACE INTO head VALUES (?, ?, ?)");
  const page = "SELECT ms, seq, entry FROM entry WHERE name = ? AND";
  const after = sqlite.prepare(`${page} (ms, seq) > (?, ?) ORDER BY ms, seq LIMIT ?`);
  const before = sqlite.prepare(`${page} (ms, seq) < (?, ?) ORDER BY ms DESC, seq DESC LIMIT ?`);
  return {
    async readLog(log, from, limit) {
      checkText(log);
      const key = [...sqliteId(from), checkLimit(limit)];
      return look(() => (expiry.isLive(log) ? after.all(log, ...key).map(readEntry) : []));
    },
    async readLogBackwards(log, from, limit) {
      checkText(log);
      const key = [...(from === "+" ? [maxInteger, maxInteger] : sqliteId(from)), checkLimit(limit)];
      return look(() => (expiry.isLive(log) ? before.all(log, ...key).map(readEntry) : []));
    },
    async trimLog(log, upTo) {
      checkText(log);
      const key = sqliteId(upTo);
      await sqlite.change(() => {
        expiry.renew(log);
        const head = heads.find(log);
        if (head) keepHead.run(log, head.ms, head.seq);
        trim.run(log, ...key);
      });
    },
  };
}

interface Heads {
  find(log: string): Head | undefined;
  advance(log: string): Head;
  forget(log: string): void;
  clear(): void;
}

function buildHeads(sqlite: Sqlite, now: () => number): Heads {
  const heads = new Map<string, Head>();
  const latest = sqlite.prepare(
    `SELECT ms, seq FROM (
       SELECT * FROM (SELECT ms, seq FROM entry WHERE name = ?1 ORDER BY ms DESC, seq DESC LIMIT 1)
       UNION ALL SELECT ms, seq FROM head WHERE name = ?1
     ) ORDER BY ms DESC, seq DESC LIMIT 1`,
  );
  const find = (log: string): Head | undefined => {
    const known = heads.get(log);
    if (known) return known;
    const row = latest.get(log);
    return row && { ms: Number(row["ms"]), seq: Number(row["seq"]) };
  };
  return {
    find,
    advance(log) {
      const head = find(log);
      const ms = Math.floor(now());
      const next = head && ms <= head.ms ? { ms: head.ms, seq: head.seq + 1 } : { ms, seq: 0 };
      heads.set(log, next);
      return next;
    },
    forget: (log) => void heads.delete(log),
    clear: () => heads.clear(),
  };
}

/** Beyond SQLite's integers there are no entries. */
const maxInteger = 2n ** 63n - 1n;

function sqliteId(id: string): bigint[] {
  const { ms, seq } = checkLogId(id);
  return [ms, seq].map((part) => (part > maxInteger ? maxInteger : part));
}

function readEntry(row: Record<string, unknown>): LogEntry {
  return { id: `${String(row["ms"])}-${String(row["seq"])}`, entry: String(row["entry"]) };
}
