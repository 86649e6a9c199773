import { closeSync, mkdirSync, openSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { Failure } from "../../failure.ts";

/**
 * One SQLite file, held by one process. Work is done at once and in call order, that of a few milliseconds in one
 * transaction, and the promise resolves after its commit, so that what it promised outlives a crash of the process.
 */
export interface Sqlite {
  prepare(sql: string): StatementSync;
  isOpen(): boolean;
  /** Why the last commit failed, until one succeeds. */
  trouble(): string | undefined;
  /** Work that may write. If SQLite refuses, everything of this tick is undone and every caller of the tick is told. */
  change<T>(work: () => T): Promise<T>;
  /** Work in memory that `beforeCommit` writes with the next commit. Its value is given at once; throws the Failure. */
  remember<T>(work: () => T): T;
  /** Work in memory that `beforeWork` writes, before any change and before the commit; a look does not see it. */
  defer<T>(work: () => T): Promise<T>;
  /** Work that only reads. It sees the tick's changes so far, and then waits for their commit. */
  look<T>(work: () => T): Promise<T>;
  close(): void;
}

/** A commit costs as much as dozens of rows, so those of some milliseconds share one. */
const lingerMs = 10;

export const fileName = "relay.db";

export interface Hooks {
  /** Called before each change and commit: writes what was deferred. */
  readonly beforeWork: () => void;
  /** Called before each commit, inside its transaction. */
  readonly beforeCommit: () => void;
  readonly committed: () => void;
  /** Called after a rollback: forget what was cached from the file. */
  readonly undone: () => void;
}

export function openSqlite(directory: string, hooks: Hooks): Sqlite {
  const path = join(directory, fileName);
  const database = openFile(directory, path);
  return { prepare: (sql) => database.prepare(sql), ...transact(database, hooks) };
}

const unavailable = "The relay's store cannot be used at the moment.";

function transact(database: DatabaseSync, hooks: Hooks): Omit<Sqlite, "prepare"> {
  const tick = buildTick(database, hooks);
  return {
    isOpen: () => database.isOpen,
    trouble: tick.trouble,
    change(work) {
      if (!database.isOpen) return Promise.reject(closed());
      try {
        tick.begin();
        return tick.promise(work());
      } catch (error) {
        return Promise.reject(tick.undo(error));
      }
    },
    defer(work) {
      if (!database.isOpen) return Promise.reject(closed());
      try {
        const value = work();
        tick.schedule();
        return tick.promise(value);
      } catch (error) {
        return Promise.reject(tick.undo(error));
      }
    },
    remember(work) {
      if (!database.isOpen) throw closed();
      try {
        const value = work();
        tick.schedule();
        return value;
      } catch (error) {
        throw tick.undo(error);
      }
    },
    look(work) {
      if (!database.isOpen) return Promise.reject(closed());
      try {
        const value = work();
        return database.isTransaction ? tick.promise(value) : Promise.resolve(value);
      } catch (error) {
        return Promise.reject(new Failure("store.unavailable", { message: unavailable, cause: error }));
      }
    },
    close() {
      tick.finish();
      if (database.isOpen) database.close();
    },
  };
}

interface Tick {
  trouble(): string | undefined;
  /** Lets the next commit come, within `lingerMs`. */
  schedule(): void;
  /** Opens the tick's transaction unless it is open. */
  begin(): void;
  /** A promise that is kept by the commit and broken by a rollback. */
  promise<T>(value: T): Promise<T>;
  undo(error: unknown): Failure;
  finish(): void;
}

interface Promised {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

function buildPromises(): Pick<Tick, "promise"> & { settle(each: (one: Promised) => void): void } {
  let promised: Promised[] = [];
  return {
    promise: (value) => new Promise((resolve, reject) => promised.push({ resolve: () => resolve(value), reject })),
    settle(each) {
      const all = promised;
      promised = [];
      all.forEach(each);
    },
  };
}

function buildTick(database: DatabaseSync, { beforeWork, beforeCommit, committed, undone }: Hooks): Tick {
  let trouble: string | undefined;
  const begin = database.prepare("BEGIN");
  const commit = database.prepare("COMMIT");
  const { promise, settle } = buildPromises();
  const undo = (cause: unknown): Failure => {
    if (database.isTransaction) database.exec("ROLLBACK");
    undone();
    const failure = new Failure("store.unavailable", { message: unavailable, cause });
    settle((one) => one.reject(failure));
    return failure;
  };
  const writeDeferred = () => {
    if (!database.isTransaction) begin.run();
    beforeWork();
  };
  let timer: NodeJS.Timeout | undefined;
  const schedule = () => void (timer ??= setTimeout(finish, lingerMs));
  const finish = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (!database.isOpen) return;
    try {
      writeDeferred();
      beforeCommit();
      commit.run();
      trouble = undefined;
      committed();
      settle((one) => one.resolve());
    } catch (error) {
      trouble = error instanceof Error ? error.message : String(error);
      undo(error);
    }
  };
  return {
    trouble: () => trouble,
    undo,
    finish,
    schedule,
    begin() {
      schedule();
      writeDeferred();
    },
    promise,
  };
}

function closed(): Failure {
  return new Failure("store.unavailable", { message: "The store is closed." });
}

const schema = `
  CREATE TABLE IF NOT EXISTS value (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS field (
    name TEXT, field TEXT, value TEXT NOT NULL, PRIMARY KEY (name, field)
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS meter (name TEXT PRIMARY KEY, cells TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS entry (name TEXT, ms INTEGER, seq INTEGER, entry TEXT NOT NULL);
  CREATE UNIQUE INDEX IF NOT EXISTS entry_id ON entry (name, ms, seq);
  CREATE TABLE IF NOT EXISTS head (name TEXT PRIMARY KEY, ms INTEGER NOT NULL, seq INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS expiry (name TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID;
`;
/** Long rows in an index-only table took three times as long to append, so version 2 has them in a plain one. */
const fromVersion1 = `
  CREATE TABLE entry_2 (name TEXT, ms INTEGER, seq INTEGER, entry TEXT NOT NULL);
  INSERT INTO entry_2 SELECT name, ms, seq, entry FROM entry ORDER BY name, ms, seq;
  DROP TABLE entry;
  ALTER TABLE entry_2 RENAME TO entry;
`;
const schemaVersion = 2;

/**
 * The exclusive lock is taken before the first read and held until the process ends, however it ends: it keeps a
 * second process out and spares SQLite the shared index (https://sqlite.org/wal.html, section 8).
 */
function openFile(directory: string, path: string): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    // SQLite would create the file readable for all; its journal takes over the file's mode.
    closeSync(openSync(path, "a", 0o600));
    database = new DatabaseSync(path, { timeout: 0 });
    database.exec("PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL");
    // A checkpoint syncs the file and stops the process for that long: one every 16 MB, not every 4.
    database.exec("PRAGMA wal_autocheckpoint=4000; BEGIN IMMEDIATE");
    check(database, path);
    upgrade(database, path);
    database.exec("COMMIT");
    return database;
  } catch (error) {
    database?.close();
    throw error instanceof Failure ? error : refuseToOpen(error, path);
  }
}

/** A damaged page would else be found by whoever needs it first: a sign-in, or the settlement of a call. */
function check(database: DatabaseSync, path: string): void {
  const { quick_check: found } = database.prepare("PRAGMA quick_check(1)").get() ?? {};
  if (found !== "ok") throw damaged(path, String(found));
}

/** https://sqlite.org/recovery.html */
function damaged(path: string, found: string, cause?: unknown): Failure {
  const message =
    `The data file ${path} is damaged (${found.replaceAll("\n", " ")}). Move it and the files beside it ` +
    `(${fileName}-wal, ${fileName}-shm) to another place, then start again and import your last backup, or save what can be ` +
    `read: sqlite3 moved/${fileName} .recover | sqlite3 ${path}`;
  return new Failure("store.unavailable", { message, cause });
}

function upgrade(database: DatabaseSync, path: string): void {
  const { user_version: found } = database.prepare("PRAGMA user_version").get() ?? {};
  if (Number(found) > schemaVersion) {
    throw new Failure("store.unavailable", { message: `${path} was written by a newer version of the relay.` });
  }
  if (Number(found) === 1) database.exec(fromVersion1);
  database.exec(`${schema} PRAGMA user_version = ${schemaVersion}`);
}

/** https://sqlite.org/rescode.html */
const sqliteBusy = 5;
const sqliteDamaged = [11, 26];

function refuseToOpen(error: unknown, path: string): Failure {
  const code = error instanceof Error && "errcode" in error ? Number(error.errcode) & 0xff : 0;
  if (code === sqliteBusy) {
    const message =
      `${path} is in use by another process. The embedded store serves one process: ` +
      "stop the other one, give this one its own DATA_DIR, or share a Redis (REDIS_HOST or UPSTASH_REDIS_REST_URL).";
    return new Failure("store.unavailable", { message, cause: error });
  }
  const reason = error instanceof Error ? error.message : String(error);
  if (sqliteDamaged.includes(code)) return damaged(path, reason, error);
  const message = `The data file ${path} cannot be opened (${reason}): is DATA_DIR writable, and on a disk?`;
  return new Failure("store.unavailable", { message, cause: error });
}
