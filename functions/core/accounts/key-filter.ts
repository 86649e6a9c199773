import { perEnv, type Env } from "../../env.ts";
import { keysTable } from "../keys/key.ts";
import { secretKeyName } from "../keys/secret.ts";
import { keyFilterField, poolWithin, putPool, type Pool } from "./pool.ts";

/**
 * Which keys there may be, by the first 32 bits of their ids: what a secret without a valid MAC must pass before the store
 * is asked for it. It has the keys that were there when it was built: those of older versions, of claude-relay-service, of
 * another relay's backup, or of another ENCRYPTION_KEY. Later ones bear a MAC.
 */
interface StoredFilter {
  /** The keys' names (secret.ts) for which it is complete: with any other it must be built anew. */
  readonly complete: readonly string[];
  /** Base64 of ascending 32-bit numbers; null: too many keys to be kept here, and so any may be one. */
  readonly prefixes: string | null;
}

/** Half a megabyte of the pool, which Upstash still takes in one request. */
const mostKeys = 100_000;
const mostNames = 4;
/** How old the pool may be that a stranger's secret is looked up in: a flood of them costs two commands a minute. */
const mostAgeMs = 60_000;

interface Held {
  of: unknown;
  prefixes: Uint32Array | undefined;
}

const heldOf = perEnv<Held>(() => ({ of: undefined, prefixes: undefined }));

/** Whether one of some hashes, which are made with the pool, may be a key's. Two commands a minute at most; it writes nothing. */
export async function mayBeKey(hashesOf: (pool: Pool) => readonly string[], env: Env): Promise<boolean> {
  const pool = await poolWithin(mostAgeMs, env);
  const prefixes = isComplete(pool, env) ? prefixesOf(pool, env) : undefined;
  return prefixes === undefined || hashesOf(pool).some((hash) => has(prefixes, prefixOf(hash)));
}

/** Builds the filter if it is not there, or not complete for this relay's ENCRYPTION_KEY. No command else, if the pool is at hand. */
export async function prepareKeyFilter(pool: Pool, env: Env): Promise<void> {
  if (!isComplete(pool, env)) await buildKeyFilter(pool, env);
}

/** Builds the filter anew, after keys came that this relay did not make. Three commands. */
export async function buildKeyFilter({ keyFilter }: Pool, env: Env): Promise<void> {
  const names = Object.keys(await env.store.list(keysTable)).filter((field) => /\/(hash|alias)$/.test(field));
  const prefixes = Uint32Array.from(new Set(names.map(prefixOf))).sort();
  const own = secretKeyName(env);
  const others = isStored(keyFilter) ? keyFilter.complete.filter((name) => name !== own) : [];
  const stored: StoredFilter = {
    complete: [own, ...others].slice(0, mostNames),
    prefixes: prefixes.length > mostKeys ? null : Buffer.from(prefixes.buffer).toString("base64"),
  };
  await putPool({ [keyFilterField]: stored }, env);
}

function isStored(value: unknown): value is StoredFilter {
  return typeof value === "object" && value !== null && "complete" in value && Array.isArray(value.complete);
}

function isComplete({ keyFilter }: Pool, env: Env): boolean {
  return isStored(keyFilter) && keyFilter.complete.includes(secretKeyName(env));
}

/** Decoded once for each filter that is stored; undefined: any may be one. */
function prefixesOf({ keyFilter }: Pool, env: Env): Uint32Array | undefined {
  const held = heldOf(env);
  const text = isStored(keyFilter) ? keyFilter.prefixes : null;
  if (held.of !== text) {
    const bytes = text === null ? undefined : Uint8Array.from(Buffer.from(text, "base64"));
    Object.assign(held, { of: text, prefixes: bytes && new Uint32Array(bytes.buffer) });
  }
  return held.prefixes;
}

const prefixOf = (hash: string) => Number.parseInt(hash.slice(0, 8), 16);

function has(ascending: Uint32Array, wanted: number): boolean {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ascending[middle] ?? 0) < wanted) low = middle + 1;
    else high = middle;
  }
  return ascending[low] === wanted;
}
