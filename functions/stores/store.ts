/**
 * Where the relay keeps its state: a dozen verbs that every implementation passes one contract suite for.
 * Names carry no prefix here; an implementation puts its own before each. Values are well-formed strings (base64 for
 * bytes that are not UTF-8): a lone surrogate is refused with a TypeError, a figure out of range with a RangeError.
 * Else every method rejects with a Failure `store.unavailable` only: when the store cannot be reached or
 * refuses (a spent quota too), and never retries a write whose outcome is unknown.
 *
 * Billed commands (Redis): one a call unless said otherwise. Calls made in the same tick are executed in that order.
 */
export interface Store {
  /** For /health and the command budget. */
  readonly kind: "upstash" | "tcp" | "embedded";
  /**
   * Where one process holds the store: a number (1 to 65,535) of its own for each opening, by which what an earlier process
   * had in flight is told from what this one has. 0 where processes share the store.
   */
  readonly opening: number;

  /** Plain values: sessions, detours, leases. Absent is undefined. MGET. */
  read(names: readonly string[]): Promise<(string | undefined)[]>;
  /** True if written; false only when `onlyIfAbsent` found a value. SET [PX] [NX]. */
  write(name: string, value: string, options?: WriteOptions): Promise<boolean>;
  /** DEL, one command for all names; tables, meters and logs too. No names: no command. */
  remove(names: readonly string[]): Promise<void>;
  /** Removes a value only if it is still `value` (giving back a lease). True if removed. EVAL, billed 2 or 3. */
  removeIf(name: string, value: string): Promise<boolean>;

  /** All fields of a table; empty if there is none. HGETALL. */
  list(table: string): Promise<Record<string, string>>;
  /** Some fields of a table. HMGET. */
  find(table: string, fields: readonly string[]): Promise<(string | undefined)[]>;
  /** Sets some fields and leaves the others alone, atomically. HSET. */
  put(table: string, fields: Readonly<Record<string, string>>): Promise<void>;
  /** HDEL, one command for all fields. */
  drop(table: string, fields: readonly string[]): Promise<void>;
  /** All fields of many tables, one command a table, one round trip. */
  listMany(tables: readonly string[]): Promise<Record<string, string>[]>;

  /**
   * Meters: rows of signed cells, numbered from 0 to 4095, that start at 0. Each step is applied in order, atomically
   * within a row, and answers the cell's new value, exact within 53 bits. One command a row, one round trip for all.
   * BITFIELD. If one row is refused, the others are given back.
   */
  count(rows: readonly MeterRow[]): Promise<number[][]>;
  /** The same where nobody waits for the answer: it may leave with what follows within 2 ms. */
  countLater(rows: readonly MeterRow[]): Promise<number[][]>;
  /**
   * Counts rows and appends an entry, all or nothing, once for each name: false if that was done within a day, or as long
   * as is told. For what failed with an unknown outcome, or is tried again. EVAL, billed 2, one a row and one for the entry.
   */
  record(
    name: string,
    rows: readonly MeterRow[],
    entry?: { log: string; entry: string },
    markedSeconds?: number,
  ): Promise<boolean>;
  /** Lets a value, table, row or log vanish by itself; nothing if it is not there. PEXPIRE. */
  expire(name: string, ttlSeconds: number): Promise<void>;

  /** Appends to a log and answers the entry's id; ids ascend. XADD. May leave with what follows within 2 ms. */
  append(log: string, entry: string): Promise<string>;
  /** Entries after the id `after` ("0" for the start), oldest first. XRANGE. */
  readLog(log: string, after: string, limit: number): Promise<LogEntry[]>;
  /** Entries before the id `before` ("+" for the end), newest first. XREVRANGE. */
  readLogBackwards(log: string, before: string, limit: number): Promise<LogEntry[]>;
  /** Drops all entries up to and including an id. XTRIM MINID. */
  trimLog(log: string, upTo: string): Promise<void>;

  /**
   * The rollup's step: if the value `cursor` is still `expected` (undefined: absent), puts all fields of all tables and
   * sets `cursor` to `next`, in one transaction; else changes nothing. True if it was done. EVAL, billed 3 and one a
   * table.
   */
  fold(fold: Fold): Promise<boolean>;

  /** Why what was promised last could not be kept, while that is so: a disk that is full. Absent where each call tells for itself. */
  trouble?(): string | undefined;
  /** What its calls told, where they are watched: on Lambda an instance would know its own only. */
  readonly watch?: StoreWatch;
  /** One command, for health checks. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

export interface StoreWatch {
  /** How many commands a Redis service would bill, by the store's verb. */
  readonly billed: Map<string, number>;
  readonly failed: Map<string, number>;
  state: "up" | "down" | "unseen";
  /** Of the last call that was answered. */
  latencyMs?: number;
  /** When a health check last asked by itself. */
  askedAt: number;
  asking?: Promise<void>;
}

export interface WriteOptions {
  readonly ttlSeconds?: number;
  readonly onlyIfAbsent?: boolean;
}

/** `by: 0` reads a cell. */
export interface MeterStep {
  readonly cell: number;
  readonly by: number;
  /** `by` takes the cell's place instead of being added, and the answer is the former value. */
  readonly isPut?: true;
}

export interface MeterRow {
  readonly row: string;
  readonly steps: readonly MeterStep[];
}

export interface LogEntry {
  readonly id: string;
  readonly entry: string;
}

export interface Fold {
  readonly cursor: string;
  readonly expected: string | undefined;
  readonly next: string;
  readonly tables: Readonly<Record<string, Readonly<Record<string, string>>>>;
}
