import { randomInt } from "node:crypto";
import { checkFields, checkStep, checkText, checkTtl } from "../check.ts";
import { buildLogs, type Logs } from "./logs.ts";
import { buildExpiry, type Expiry } from "./expiry.ts";
import { buildMeters, type Meters } from "./meters.ts";
import { type Journal, type Noted, openJournal } from "./journal.ts";
import { openSqlite, type Sqlite } from "./sqlite.ts";
import type { MeterRow, Store } from "../store.ts";

export interface EmbeddedOptions {
  /** Directory of the data file; it is created if it is missing. */
  readonly directory: string;
}

/**
 * State in one SQLite file under `DATA_DIR`, for one process. Everything of one tick shares a transaction, and a
 * promise resolves after the commit. Throws a Failure `store.unavailable` if the file is in use or cannot be used.
 */
export function openEmbedded(options: EmbeddedOptions, now: () => number): Store {
  const sqlite = openSqlite(options.directory, {
    beforeWork: () => logs.write(),
    beforeCommit: () => {
      meters.save();
      expiry.sweepSome();
      journal.save();
    },
    committed: () => {
      meters.committed();
      journal.committed();
    },
    undone: () => {
      logs.clear();
      expiry.reload();
      meters.undone();
    },
  });
  const forget = (name: string) => {
    logs.forget(name);
    meters.forget(name);
  };
  const expiry = buildExpiry(sqlite, forget, now);
  const meters = buildMeters(sqlite, expiry);
  const logs = buildLogs(sqlite, expiry, now);
  const journal = openJournal(options.directory, sqlite);
  const room = takeUp({ sqlite, expiry, meters, logs, journal });
  const plain = buildPlain(room);
  const fields = buildFields(room);
  const answer = sqlite.prepare("SELECT 1");
  return {
    kind: "embedded",
    opening: 1 + randomInt(65_535),
    ...values(room, plain),
    ...tables(room, fields),
    ...logs.verbs,
    ...counting(room),
    trouble: sqlite.trouble,
    ...once(room, plain, fields),
    async ping() {
      await sqlite.look(() => answer.get());
    },
    async close() {
      if (!sqlite.isOpen()) return;
      await expiry.purge();
      sqlite.close();
      journal.close();
    },
  };
}

interface Room {
  readonly sqlite: Sqlite;
  readonly expiry: Expiry;
  readonly meters: Meters;
  readonly logs: Logs;
  readonly journal: Journal;
}

/** What a process that was killed had promised and not written. */
function takeUp(room: Room): Room {
  const { sqlite, meters, logs, journal } = room;
  const take = (what: Noted) => ("rows" in what ? what.rows.map(meters.apply) : logs.put(what.log, what.entry));
  const left = journal.left();
  if (left.length > 0) sqlite.remember(() => left.forEach(take));
  return room;
}

interface Plain {
  get(name: string): string | undefined;
  set(name: string, value: string, ttlMs?: number): void;
}

function buildPlain({ sqlite, expiry }: Room): Plain {
  const get = sqlite.prepare("SELECT value FROM value WHERE name = ?");
  const set = sqlite.prepare("INSERT INTO value VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value");
  return {
    get(name) {
      const row = expiry.isLive(name) ? get.get(name) : undefined;
      return row && String(row["value"]);
    },
    set(name, value, ttlMs) {
      expiry.renew(name);
      set.run(name, value);
      if (ttlMs === undefined) expiry.forget(name);
      else expiry.set(name, ttlMs);
    },
  };
}

function values({ sqlite, expiry }: Room, plain: Plain): Pick<Store, "read" | "write" | "remove" | "removeIf"> {
  return {
    async read(names) {
      names.forEach(checkText);
      return sqlite.look(() => names.map(plain.get));
    },
    async write(name, value, options = {}) {
      const ttlMs = options.ttlSeconds === undefined ? undefined : checkTtl(options.ttlSeconds);
      checkText(name);
      checkText(value);
      return sqlite.change(() => {
        if (options.onlyIfAbsent && plain.get(name) !== undefined) return false;
        plain.set(name, value, ttlMs);
        return true;
      });
    },
    async remove(names) {
      names.forEach(checkText);
      if (names.length > 0) await sqlite.change(() => names.forEach(expiry.erase));
    },
    async removeIf(name, value) {
      checkText(name);
      checkText(value);
      return sqlite.change(() => {
        if (plain.get(name) !== value) return false;
        expiry.erase(name);
        return true;
      });
    },
  };
}

interface Fields {
  all(table: string): Record<string, string>;
  get(table: string, field: string): string | undefined;
  put(table: string, pairs: readonly (readonly [string, string])[]): void;
  drop(table: string, fields: readonly string[]): void;
}

function buildFields({ sqlite, expiry }: Room): Fields {
  const all = sqlite.prepare("SELECT field, value FROM field WHERE name = ?");
  const get = sqlite.prepare("SELECT value FROM field WHERE name = ? AND field = ?");
  const set = sqlite.prepare(
    "INSERT INTO field VALUES (?, ?, ?) ON CONFLICT (name, field) DO UPDATE SET value = excluded.value",
  );
  const drop = sqlite.prepare("DELETE FROM field WHERE name = ? AND field = ?");
  const some = sqlite.prepare("SELECT 1 FROM field WHERE name = ? LIMIT 1");
  return {
    all(table) {
      const rows = expiry.isLive(table) ? all.all(table) : [];
      return Object.fromEntries(rows.map((row) => [String(row["field"]), String(row["value"])]));
    },
    get(table, field) {
      const row = expiry.isLive(table) ? get.get(table, field) : undefined;
      return row && String(row["value"]);
    },
    put(table, pairs) {
      expiry.renew(table);
      for (const [field, value] of pairs) set.run(table, field, value);
    },
    drop(table, fields) {
      expiry.renew(table);
      for (const field of fields) drop.run(table, field);
      if (!some.get(table)) expiry.forget(table);
    },
  };
}

function tables({ sqlite }: Room, fields: Fields): Pick<Store, "list" | "find" | "put" | "drop" | "listMany"> {
  return {
    async list(table) {
      checkText(table);
      return sqlite.look(() => fields.all(table));
    },
    async find(table, names) {
      [table, ...names].forEach(checkText);
      return sqlite.look(() => names.map((name) => fields.get(table, name)));
    },
    async put(table, record) {
      checkText(table);
      const pairs = checkFields(record);
      if (pairs.length > 0) await sqlite.change(() => fields.put(table, pairs));
    },
    async drop(table, names) {
      [table, ...names].forEach(checkText);
      if (names.length > 0) await sqlite.change(() => fields.drop(table, names));
    },
    async listMany(names) {
      names.forEach(checkText);
      return sqlite.look(() => names.map(fields.all));
    },
  };
}

const recordedSeconds = 86_400;

function once({ sqlite, meters, logs }: Room, plain: Plain, fields: Fields): Pick<Store, "record" | "fold"> {
  return {
    async record(name, rows, entry, markedSeconds = recordedSeconds) {
      checkText(name);
      checkRows(rows);
      const isFirst = await sqlite.change(() => {
        if (plain.get(name) !== undefined) return false;
        plain.set(name, "1", markedSeconds * 1_000);
        if (entry) logs.put(entry.log, checkText(entry.entry));
        return true;
      });
      // After the commit: a rollback takes nothing out of the meters.
      if (isFirst) sqlite.remember(() => rows.map(meters.apply));
      return isFirst;
    },
    async fold(fold) {
      const next = checkText(fold.next);
      const changes = Object.entries(fold.tables).map(([table, of]) => [checkText(table), checkFields(of)] as const);
      return sqlite.change(() => {
        if (plain.get(fold.cursor) !== fold.expected) return false;
        for (const [table, pairs] of changes) fields.put(table, pairs);
        plain.set(checkText(fold.cursor), next);
        return true;
      });
    },
  };
}

function checkRows(rows: readonly MeterRow[]): void {
  for (const { row, steps } of rows) {
    checkText(row);
    steps.forEach(checkStep);
  }
}

type Counting = Pick<Store, "count" | "countLater" | "expire" | "append">;

/** Counts are answered at once and written with the next commit. A kill takes only those of calls that it ends. */
function counting({ sqlite, expiry, meters, logs, journal }: Room): Counting {
  const has = sqlite.prepare(
    ["value", "field", "meter", "entry"].map((room) => `SELECT 1 FROM ${room} WHERE name = ?1`).join(" UNION ALL "),
  );
  const apply = (rows: readonly MeterRow[]) => sqlite.remember(() => rows.map(meters.apply));
  return {
    async count(rows) {
      checkRows(rows);
      journal.defer(rows);
      return apply(rows);
    },
    async countLater(rows) {
      checkRows(rows);
      journal.defer(rows);
      // An event that is appended in this turn is noted in the same write.
      queueMicrotask(journal.flush);
      return apply(rows);
    },
    append(log, entry) {
      const appended = logs.verbs.append(log, entry);
      journal.note({ log, entry });
      return appended;
    },
    async expire(name, ttlSeconds) {
      checkText(name);
      const ttlMs = checkTtl(ttlSeconds);
      await sqlite.change(() => {
        expiry.renew(name);
        meters.save();
        if (has.get(name)) expiry.set(name, ttlMs);
      });
    },
  };
}
