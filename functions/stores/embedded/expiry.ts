import type { Sqlite } from "./sqlite.ts";

/**
 * When names vanish from the embedded store: kept in the file, and in memory so that a name without an expiry costs
 * nothing to look up. A name past its time is absent at once; its rows go when it is written again, once in a while,
 * and at the close. All but `isLive`, `lapse` and `purge` are called inside a change.
 */
export interface Expiry {
  isLive(name: string): boolean;
  /** Before a write: removes what has expired under this name. */
  renew(name: string): void;
  /** True if its time was over: it is forgotten in memory, and to be erased with the next change. Needs no transaction. */
  lapse(name: string): boolean;
  /** Once in a while, before a commit: removes some of what has expired. */
  sweepSome(): void;
  set(name: string, ttlMs: number): void;
  forget(name: string): void;
  /** Removes the name with all that is kept under it. */
  erase(name: string): void;
  purge(): Promise<void>;
  /** After a rollback the file is right and the memory may be wrong. */
  reload(): void;
}

const renewalsPerSweep = 1024;
const erasuresPerSweep = 256;

function prepare(sqlite: Sqlite) {
  const put = sqlite.prepare("INSERT INTO expiry VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET at = excluded.at");
  const drop = sqlite.prepare("DELETE FROM expiry WHERE name = ?");
  const rooms = ["value", "field", "meter", "entry", "head"];
  const erasures = rooms.map((room) => sqlite.prepare(`DELETE FROM ${room} WHERE name = ?`));
  return { put, drop, erasures };
}

export function buildExpiry(sqlite: Sqlite, forgetHead: (name: string) => void, now: () => number): Expiry {
  const expiresAt = readExpiries(sqlite);
  const { put, drop, erasures } = prepare(sqlite);
  let renewals = 0;

  const isLive = (name: string): boolean => (expiresAt.get(name) ?? Infinity) > now();
  const forget = (name: string): void => {
    if (expiresAt.delete(name)) drop.run(name);
  };
  const erase = (name: string): void => {
    for (const erasure of erasures) erasure.run(name);
    forgetHead(name);
    expiresAt.delete(name);
    drop.run(name);
  };
  const sweep = (most: number): void => {
    [...expiresAt.keys()]
      .filter((name) => !isLive(name))
      .slice(0, most)
      .forEach(erase);
  };
  return {
    isLive,
    renew(name) {
      renewals += 1;
      if (!isLive(name)) erase(name);
    },
    lapse(name) {
      renewals += 1;
      return !isLive(name) && expiresAt.delete(name);
    },
    sweepSome() {
      if (renewals < renewalsPerSweep) return;
      renewals = 0;
      sweep(erasuresPerSweep);
    },
    set(name, ttlMs) {
      const at = Math.floor(now()) + ttlMs;
      expiresAt.set(name, at);
      put.run(name, at);
    },
    forget,
    erase,
    purge: () => sqlite.change(() => sweep(Infinity)),
    reload() {
      expiresAt.clear();
      for (const [name, at] of readExpiries(sqlite)) expiresAt.set(name, at);
    },
  };
}

function readExpiries(sqlite: Sqlite): Map<string, number> {
  const rows = sqlite.prepare("SELECT name, at FROM expiry").all();
  return new Map(rows.map(({ name, at }) => [String(name), Number(at)]));
}
