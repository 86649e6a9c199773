import { randomUUID } from "node:crypto";
import type { Env } from "../../env.ts";
import { perEnv } from "../../env.ts";
import type { Account, Cooldown, Group } from "./account.ts";
import { accountDefaults } from "./account.ts";
import type { WindowSample } from "./forecast.ts";
import { freshMs, keysTable, noteChange, poolVersionField } from "../keys/key.ts";
import type { Price } from "../money/price.ts";
import { BoundedMap } from "../../wire/maps.ts";

/**
 * Everything small that a relayed call must know beside its key: accounts, cooldowns, groups, prices set by hand,
 * settings. One table, read whole in one command, and only again when its version (kept beside the keys, so that
 * it comes with the read of a key) has moved.
 */
export interface Pool {
  readonly version: string;
  readonly accounts: readonly Account[];
  readonly accountById: ReadonlyMap<string, Account>;
  /** `<account>/<scope>` → cooldown; those that are over stay for a while (see `recentMs`). */
  readonly cooldowns: ReadonlyMap<string, Cooldown>;
  /** Account → how full the provider said its windows are, as of the last mark that one passed (window.ts). */
  readonly windows: ReadonlyMap<string, readonly WindowSample[]>;
  readonly groups: ReadonlyMap<string, Group>;
  /** Model → price set by the operator. */
  readonly prices: ReadonlyMap<string, Price>;
  /** Name → JSON value. */
  readonly settings: ReadonlyMap<string, unknown>;
  /** Which keys there may be: key-filter.ts. */
  readonly keyFilter: unknown;
  /** What follows from the pool, `of` something: made once and kept as long as the pool is. `alike` must name all else that it hangs on. */
  readonly derive: <T>(of: object, alike: string, make: () => T) => T;
}

/** Fields: `account/<id>/<column>`, `cooldown/<account>/<scope>`, `window/<account>`, `group/<id>`, `price/<model>`, `setting/<name>`, `filter/keys`; values are JSON. */
export const poolTable = "pool";
export const keyFilterField = "filter/keys";

interface Held {
  pool: Pool | undefined;
  readAt: number;
  loading: Promise<Pool> | undefined;
  loadingVersion: string;
  hasAsked: boolean;
  reading: Promise<Pool> | undefined;
}

const heldOf = perEnv<Held>(() => ({
  pool: undefined,
  readAt: 0,
  loading: undefined,
  loadingVersion: "",
  hasAsked: false,
  reading: undefined,
}));

type Fields = Promise<Record<string, string>>;

/**
 * The pool's fields, asked for together with the key by the first call of an instance: a round trip less at a cold start.
 * To be called after the key was asked for, so that they are no older than the version that comes with it.
 */
export function askAhead(env: Env): Fields | undefined {
  const held = heldOf(env);
  if (held.hasAsked) return undefined;
  held.hasAsked = true;
  const fields = env.store.list(poolTable);
  // A key that is refused leaves nobody to wait for them.
  fields.catch(() => undefined);
  return fields;
}

/** The pool, at least as new as `version`. No command while the version stands, one when it moved. */
export function getPool(version: string, env: Env, ahead?: Fields): Pool | Promise<Pool> {
  const held = heldOf(env);
  if (held.pool?.version === version) return held.pool;
  if (held.loading && held.loadingVersion === version) return held.loading;
  held.loadingVersion = version;
  held.loading = loadPool(version, ahead, env).finally(() => (held.loading = undefined));
  return held.loading;
}

async function loadPool(version: string, ahead: Fields | undefined, env: Env): Promise<Pool> {
  const pool = buildPool(await (ahead ?? env.store.list(poolTable)), version);
  return hold(pool, env);
}

function hold(pool: Pool, env: Env): Pool {
  Object.assign(heldOf(env), { pool, readAt: env.now() });
  return pool;
}

/** For pages: the pool as of a few seconds ago at most. No command if it was read meanwhile. */
export function recentPool(env: Env): Promise<Pool> {
  return poolWithin(freshMs, env);
}

/** The pool as it was so long ago at most; who asks at the same time shares one read. No command if it was read meanwhile. */
export function poolWithin(mostAgeMs: number, env: Env): Promise<Pool> {
  const held = heldOf(env);
  const ageMs = env.now() - held.readAt;
  if (held.pool && ageMs >= 0 && ageMs < mostAgeMs) return Promise.resolve(held.pool);
  held.reading ??= readPool(env).finally(() => (held.reading = undefined));
  return held.reading;
}

/** Reads version and pool afresh. Two commands, one round trip: the version first, so that the pool is never older than it. */
export async function readPool(env: Env): Promise<Pool> {
  const [[version], fields] = await Promise.all([
    env.store.find(keysTable, [poolVersionField]),
    env.store.list(poolTable),
  ]);
  return hold(buildPool(fields, version ?? ""), env);
}

/** Writes some fields of the pool and tells every instance. Two commands, one round trip; undefined drops a field (one more). */
export async function putPool(change: Readonly<Record<string, unknown>>, env: Env): Promise<void> {
  const puts = Object.entries(change).filter(([, value]) => value !== undefined);
  const drops = Object.keys(change).filter((field) => change[field] === undefined);
  const work: Promise<void>[] = [];
  if (puts.length > 0) {
    work.push(
      env.store.put(poolTable, Object.fromEntries(puts.map(([field, value]) => [field, JSON.stringify(value)]))),
    );
  }
  if (drops.length > 0) work.push(env.store.drop(poolTable, drops));
  work.push(env.store.put(keysTable, { [poolVersionField]: randomUUID() }));
  await Promise.all(work);
  heldOf(env).pool = undefined;
  if (Object.keys(change).some((field) => field.startsWith("account/") && field.endsWith("/isEnabled")))
    noteChange(env);
}

/** Fields to write for some columns of an account; undefined is written as null, which reads as the default. */
export function accountFields(id: string, change: Partial<Account>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(change)
      .filter(([column]) => column !== "id")
      .map(([column, value]) => [`account/${id}/${column}`, value ?? null]),
  );
}

/** Every field that an account has, for removing it. */
export function accountColumns(id: string): Record<string, undefined> {
  const columns = ["name", "kind", "createdAt", ...Object.keys(accountDefaults)];
  return Object.fromEntries(columns.map((column) => [`account/${id}/${column}`, undefined]));
}

export function buildPool(fields: Readonly<Record<string, string>>, version: string): Pool {
  const accounts = new Map<string, Record<string, unknown>>();
  const cooldowns = new Map<string, Cooldown>();
  const windows = new Map<string, readonly WindowSample[]>();
  const groups = new Map<string, Group>();
  const prices = new Map<string, Price>();
  const settings = new Map<string, unknown>();
  let keyFilter: unknown;
  const place: Record<string, (rest: string, value: unknown) => void> = {
    account: (rest, value) => {
      const slash = rest.indexOf("/");
      const id = rest.slice(0, slash);
      const row = accounts.get(id) ?? { ...accountDefaults, id, name: id, kind: "", createdAt: 0 };
      if (value !== null) row[rest.slice(slash + 1)] = value;
      accounts.set(id, row);
    },
    cooldown: (rest, value) => void cooldowns.set(rest, value as Cooldown),
    window: (rest, value) => void windows.set(rest, value as WindowSample[]),
    group: (rest, value) => void groups.set(rest, value as Group),
    price: (rest, value) => void prices.set(rest, value as Price),
    setting: (rest, value) => void settings.set(rest, value),
    filter: (_rest, value) => void (keyFilter = value),
  };
  for (const [field, value] of Object.entries(fields)) {
    const slash = field.indexOf("/");
    place[field.slice(0, slash)]?.(field.slice(slash + 1), JSON.parse(value));
  }
  const list = [...accounts.values()].map((row) => row as unknown as Account).filter((account) => account.kind !== "");
  return {
    version,
    accounts: list,
    accountById: new Map(list.map((account) => [account.id, account])),
    cooldowns,
    windows,
    groups,
    prices,
    settings,
    keyFilter,
    derive: buildDerive(),
  };
}

/** Of each endpoint: a thousand accounts are some ten kB. */
const mostDerived = 100;

function buildDerive(): Pool["derive"] {
  const known = new Map<object, BoundedMap<string, unknown>>();
  return <T>(of: object, alike: string, make: () => T) => {
    const ofOne = known.get(of) ?? new BoundedMap<string, unknown>(mostDerived);
    known.set(of, ofOne);
    return ofOne.getOrMake(alike, make) as T;
  };
}
