import { randomUUID } from "node:crypto";
import type { Env } from "../../env.ts";
import { cache, perEnv } from "../../env.ts";
import { idOfHash } from "./secret.ts";

/** A person's API key. Each property is a column of its own in the store; absent columns have the default. */
export interface ApiKey {
  /** The first 32 hex digits of the secret's hash, so that one read by secret finds it. */
  readonly id: string;
  /** SHA-256 of its first secret in hex; no secret is kept anywhere. It stays with the key when the secret is replaced. */
  readonly hash: string;
  /** Set when its secret was replaced: SHA-256 of the present one, and of the one before, which is valid until then. */
  readonly rotation: { readonly hash: string; readonly formerHash: string; readonly formerUntil: number } | undefined;
  /** The first characters of the secret, for display. */
  readonly prefix: string;
  readonly name: string;
  readonly description: string;
  readonly owner: string;
  readonly tags: readonly string[];
  readonly isEnabled: boolean;
  readonly createdAt: number;
  readonly deletedAt: number | undefined;
  readonly expiresAt: number | undefined;
  /** Hours from first use after which it expires; undefined: not from first use. */
  readonly activeHours: number | undefined;
  readonly firstUsedAt: number | undefined;
  /** Services it may use (`claude gemini openai azure`); empty: all. */
  readonly permissions: readonly string[];
  /** Calls in flight at once; 0: no limit. The same 0 holds for every limit below. */
  readonly concurrency: number;
  readonly queueLength: number;
  readonly queueWaitSeconds: number;
  readonly windowMinutes: number;
  readonly windowRequests: number;
  readonly windowTokens: number;
  readonly windowCostNanos: number;
  readonly dailyCostNanos: number;
  readonly weeklyCostNanos: number;
  /** Per model family, such as `opus`. */
  readonly weeklyFamilyCostNanos: Readonly<Record<string, number>>;
  /** 1 Monday … 7 Sunday. */
  readonly weeklyResetDay: number;
  readonly weeklyResetHour: number;
  readonly totalCostNanos: number;
  readonly totalTokens: number;
  /** Empty: every model. An entry that ends in `*` is a prefix. */
  readonly allowedModels: readonly string[];
  readonly blockedModels: readonly string[];
  /** `claude-code`, `codex`, `gemini-cli`; empty: any client. */
  readonly clients: readonly string[];
  /** CIDR ranges, v4 and v6; empty: from anywhere. */
  readonly ips: readonly string[];
  /** Service → account id, or `group:<id>`. */
  readonly bindings: Readonly<Record<string, string>>;
  /** Whether a bound account that rests may be stood in for by the shared ones. */
  readonly mayFallBack: boolean;
  /** Asked-for model → model; a key that ends in `*` is a prefix. */
  readonly aliases: Readonly<Record<string, string>>;
  /** It was used from unusually many networks within an hour (spread.ts), and nobody has looked yet. */
  readonly leak: { readonly at: number; readonly networks: number } | undefined;
}

export const keyDefaults: Omit<ApiKey, "id" | "hash" | "prefix" | "name" | "createdAt"> = {
  rotation: undefined,
  description: "",
  owner: "",
  tags: [],
  isEnabled: true,
  deletedAt: undefined,
  expiresAt: undefined,
  activeHours: undefined,
  firstUsedAt: undefined,
  permissions: [],
  concurrency: 0,
  queueLength: 0,
  queueWaitSeconds: 0,
  windowMinutes: 0,
  windowRequests: 0,
  windowTokens: 0,
  windowCostNanos: 0,
  dailyCostNanos: 0,
  weeklyCostNanos: 0,
  weeklyFamilyCostNanos: {},
  weeklyResetDay: 1,
  weeklyResetHour: 0,
  totalCostNanos: 0,
  totalTokens: 0,
  allowedModels: [],
  blockedModels: [],
  clients: [],
  ips: [],
  bindings: {},
  mayFallBack: false,
  aliases: {},
  leak: undefined,
};

const identity = { id: "", hash: "", prefix: "", name: "", createdAt: 0 };
const defaults: ApiKey = { ...identity, ...keyDefaults };
const columns = Object.keys(defaults).filter((column) => column !== "id") as (keyof ApiKey)[];

/** The table of all keys: field `<id>/<column>` holds the column as JSON. `@pool` holds the pool's version (pool.ts). */
export const keysTable = "keys";
export const poolVersionField = "@pool";
/** Changes with every key that is changed, so that calls under way see by one field whether theirs still stands. */
export const keysVersionField = "@keys";

/** Fields to write for some columns of a key; an undefined value is written as null, which reads as the default. */
export function keyFields(id: string, change: Partial<ApiKey>): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const [column, value] of Object.entries(change)) {
    if (column !== "id") fields[`${id}/${column}`] = JSON.stringify(value ?? null);
  }
  return fields;
}

function buildKey(id: string, values: readonly (string | undefined)[]): ApiKey | undefined {
  const found: Record<string, unknown> = { ...defaults, id };
  columns.forEach((column, index) => {
    const value = values[index];
    if (value !== undefined && value !== "null") found[column] = JSON.parse(value);
  });
  const key = found as unknown as ApiKey;
  return key.hash === "" ? undefined : key;
}

/** How long an instance may trust what it read: a revoked key or a paused account must be refused within 5 seconds everywhere. */
export const freshMs = 4_000;

/** What was read in the future was read before the clock was set back, and is as old as anything. */
export function isFresh(readAt: number, env: Env): boolean {
  const age = env.now() - readAt;
  return age >= 0 && age < freshMs;
}

interface Found {
  readonly key: ApiKey | undefined;
  /** The first hash of the key that has this one by now. */
  readonly alias: string | undefined;
  readonly poolVersion: string;
  readonly keysVersion: string;
  readonly at: number;
}

const cacheOf = cache<Found | Promise<Found>>("keys");

/**
 * Finds a key by the hash of its secret, with the pool's version of the same read. One command if the instance has not
 * asked within `freshMs`, none otherwise; unknown hashes are remembered too.
 */
export function findKey(hash: string, env: Env): Found | Promise<Found> {
  const known = cacheOf(env);
  const cached = known.get(hash);
  if (cached !== undefined && (cached instanceof Promise || isFresh(cached.at, env))) return cached;
  const reading = readKey(hash, env).then(
    (found) => {
      known.set(hash, found);
      return found;
    },
    (error: unknown) => {
      known.delete(hash);
      throw error;
    },
  );
  known.set(hash, reading);
  return reading;
}

/** Whether this instance has found a key by this hash before, or is about to. No command. */
export function isKnownHere(hash: string, env: Env): boolean {
  const cached = cacheOf(env).get(hash);
  return cached instanceof Promise || cached?.key !== undefined;
}

/** What this instance read of a key last, however long ago. No command. */
export function knownKey(hash: string, env: Env): Found | undefined {
  const cached = cacheOf(env).get(hash);
  return cached instanceof Promise ? undefined : cached;
}

/** Reads a key afresh. One command. */
export function readKeyAgain(hash: string, env: Env): Found | Promise<Found> {
  cacheOf(env).delete(hash);
  return findKey(hash, env);
}

const changes = perEnv(() => ({ count: 0 }));

/** How often this process has changed what a call under way rests on. */
export const changesOf = (env: Env): number => changes(env).count;

/** To be called when a key or an account is changed here. */
export function noteChange(env: Env): void {
  changes(env).count += 1;
}

/** Forgets what this instance knows of a key, after it was changed here. */
export function forgetKey(hash: string, env: Env): void {
  cacheOf(env).delete(hash);
  noteChange(env);
}

/** The field to write with any change of keys. */
export const newKeysVersion = (): Record<string, string> => ({ [keysVersionField]: randomUUID() });

async function readKey(hash: string, env: Env): Promise<Found> {
  const id = idOfHash(hash);
  const at = env.now();
  const values = await env.store.find(keysTable, [
    ...columns.map((column) => `${id}/${column}`),
    aliasField(hash),
    poolVersionField,
    keysVersionField,
  ]);
  const key = buildKey(id, values);
  const [alias, poolVersion = "", keysVersion = ""] = values.slice(columns.length);
  return {
    key: key?.hash === hash ? key : undefined,
    alias: alias === undefined ? undefined : (JSON.parse(alias) as string),
    poolVersion,
    keysVersion,
    at,
  };
}

/** All keys, deleted ones too. One command. */
export async function listKeys(env: Env): Promise<ApiKey[]> {
  return buildKeys(await env.store.list(keysTable));
}

/** The same with the version that changes with each of them. One command. */
export async function listKeysOfVersion(env: Env): Promise<{ keys: ApiKey[]; version: string }> {
  const fields = await env.store.list(keysTable);
  return { keys: buildKeys(fields), version: fields[keysVersionField] ?? "" };
}

/** The keys' present version. One command. */
export async function readKeysVersion(env: Env): Promise<string> {
  const [version = ""] = await env.store.find(keysTable, [keysVersionField]);
  return version;
}

/** One key by its id. One command. */
export async function findKeyById(id: string, env: Env): Promise<ApiKey | undefined> {
  return buildKey(
    id,
    await env.store.find(
      keysTable,
      columns.map((column) => `${id}/${column}`),
    ),
  );
}

/** Writes some columns of a key and nothing else. One command. */
export async function putKey(key: Pick<ApiKey, "id" | "hash">, change: Partial<ApiKey>, env: Env): Promise<void> {
  await env.store.put(keysTable, { ...keyFields(key.id, change), ...newKeysVersion() });
  forgetKey(key.hash, env);
}

/** Where the hash of a later secret leads to its key's first hash. */
const aliasField = (hash: string): string => `${idOfHash(hash)}/alias`;

/** Whether a key may be used by the secret of this hash. */
export function hasSecret({ hash: first, rotation }: ApiKey, hash: string, now: number): boolean {
  if (!rotation) return hash === first;
  return hash === rotation.hash || (hash === rotation.formerHash && now < rotation.formerUntil);
}

/** Gives a key a new secret; its present one is valid for some time more, and one before that no longer. Two commands. */
export async function rotateKey(key: ApiKey, secret: { hash: string; prefix: string }, graceMs: number, env: Env) {
  const { rotation: last } = key;
  const formerHash = last?.hash ?? key.hash;
  const change = {
    rotation: { hash: secret.hash, formerHash, formerUntil: env.now() + graceMs },
    prefix: secret.prefix,
  };
  const alias = { [aliasField(secret.hash)]: JSON.stringify(key.hash) };
  await env.store.put(keysTable, { ...keyFields(key.id, change), ...alias, ...newKeysVersion() });
  if (last && last.formerHash !== key.hash) await env.store.drop(keysTable, [aliasField(last.formerHash)]);
  forgetKey(key.hash, env);
  return { ...key, ...change };
}

/** Removes a key for good. Two commands, one round trip. */
export async function removeKey(key: ApiKey, env: Env): Promise<void> {
  const aliases = [key.rotation?.hash, key.rotation?.formerHash].filter((hash) => hash !== undefined).map(aliasField);
  await Promise.all([
    env.store.drop(keysTable, [...columns.map((column) => `${key.id}/${column}`), ...aliases]),
    env.store.put(keysTable, newKeysVersion()),
  ]);
  forgetKey(key.hash, env);
}

function buildKeys(fields: Readonly<Record<string, string>>): ApiKey[] {
  const rows = new Map<string, Record<string, unknown>>();
  for (const [field, value] of Object.entries(fields)) {
    const slash = field.indexOf("/");
    if (slash < 0) continue;
    const id = field.slice(0, slash);
    const row = rows.get(id) ?? { ...defaults, id };
    if (value !== "null") row[field.slice(slash + 1)] = JSON.parse(value);
    rows.set(id, row);
  }
  return [...rows.values()].map((row) => row as unknown as ApiKey).filter((key) => key.hash !== "");
}
