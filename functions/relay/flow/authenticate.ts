import type { Env } from "../../env.ts";
import { cache } from "../../env.ts";
import { Failure } from "../../failure.ts";
import type { ApiKey } from "../../core/keys/key.ts";
import { mayBeKey } from "../../core/accounts/key-filter.ts";
import { findKey, hasSecret, isKnownHere, putKey } from "../../core/keys/key.ts";
import { hashSecret, isOwnSecret } from "../../core/keys/secret.ts";
import { legacyHashes } from "../../core/accounts/legacy-key.ts";
import type { Pool } from "../../core/accounts/pool.ts";
import { askAhead, getPool } from "../../core/accounts/pool.ts";
import { isInRanges } from "../../wire/address.ts";

/** Who calls, and what the relay knows at this moment. */
export interface Caller {
  readonly key: ApiKey;
  readonly pool: Pool;
}

/**
 * Finds the key that a secret belongs to and refuses one that may not be used from here and now. No command while the
 * instance knows both key and pool, at most two in one round trip else. The secret is hashed before anything touches it.
 */
export async function authenticate(secret: string | undefined, ip: string, env: Env): Promise<Caller> {
  const caller = await identify(secret, ip, env);
  if (caller.key.activeHours !== undefined && caller.key.firstUsedAt === undefined) await activate(caller.key, env);
  return caller;
}

/** The same for whoever only looks (usage, models): that is no first use, and starts no key's clock. */
export async function identify(secret: string | undefined, ip: string, env: Env): Promise<Caller> {
  if (secret === undefined) {
    throw new Failure("key.missing", {
      message: "No API key was sent. Send the relay's key (cr_…) as x-api-key or as Authorization: Bearer.",
    });
  }
  const hash = hashSecret(secret);
  const asked = firstHashOf(env).get(hash) ?? legacyOf(env).get(hash) ?? hash;
  // What nobody here has made, or cannot be in the store, is not asked for: made-up keys cost no command.
  if (!isKnownHere(asked, env) && !isOwnSecret(secret, env)) {
    const hashesOf = (pool: Pool) => [hash, ...legacyHashes(secret, pool, env.config)];
    if (!(await mayBeKey(hashesOf, env))) throw unknownKey();
  }
  const found = findKey(asked, env);
  const ahead = askAhead(env);
  const own = found instanceof Promise ? await found : found;
  const { key, poolVersion } = own.key
    ? own
    : ((await findRotated(hash, own.alias, env)) ??
      (await findLegacy(secret, getPool(own.poolVersion, env, ahead), env)) ??
      own);
  if (!key || key.deletedAt !== undefined) throw unknownKey();
  checkSecret(key, legacyOf(env).get(hash) ?? hash, env.now());
  check(key, ip, env.now());
  const pool = getPool(poolVersion, env, ahead);
  return { key, pool: pool instanceof Promise ? await pool : pool };
}

function unknownKey(): Failure {
  return new Failure("key.unknown", {
    message: "The API key is not known to this relay. Check it, or ask the operator for a new one.",
  });
}

/** Hashes of secrets that were found by an older hash: they are asked for by that one at once. */
const legacyOf = cache<string>("legacyHashes");

/** The first hash of keys whose secret was replaced, by the hash of the later secret: they are asked for by that one at once. */
const firstHashOf = cache<string>("firstHashes");

/** A key by a later secret. One command more for a secret that this instance has not seen. */
async function findRotated(hash: string, first: string | undefined, env: Env) {
  if (first === undefined) return undefined;
  const found = await findKey(first, env);
  if (found.key) firstHashOf(env).set(hash, first);
  return found.key && found;
}

/** A replaced secret may still be in use for a time; who shows it later is told what to do. */
function checkSecret(key: ApiKey, hash: string, now: number): void {
  if (hasSecret(key, hash, now)) return;
  if (hash !== key.rotation?.formerHash) throw unknownKey();
  const endedAt = new Date(key.rotation.formerUntil).toISOString();
  throw new Failure("key.expired", {
    message: `The API key "${key.name}" has a new secret, and this one ended on ${endedAt}. Ask the operator for the new one.`,
  });
}

/** A key taken over from claude-relay-service. Costs a command only for a secret that is not known, where there are such keys. */
async function findLegacy(secret: string, pool: Pool | Promise<Pool>, env: Env) {
  for (const legacy of legacyHashes(secret, await pool, env.config)) {
    const found = await findKey(legacy, env);
    if (!found.key) continue;
    legacyOf(env).set(hashSecret(secret), legacy);
    return found;
  }
  return undefined;
}

function check(key: ApiKey, ip: string, now: number): void {
  if (!key.isEnabled) throw new Failure("key.disabled", { message: `The API key "${key.name}" is disabled.` });
  const endsAt = expiryOf(key);
  if (endsAt !== undefined && now >= endsAt) {
    throw new Failure("key.expired", {
      message: `The API key "${key.name}" expired on ${new Date(endsAt).toISOString()}.`,
    });
  }
  if (key.ips.length > 0 && !isInRanges(ip, key.ips)) {
    throw new Failure("ip.forbidden", { message: `The API key "${key.name}" may not be used from the address ${ip}.` });
  }
}

/** When a key ends: on its date, or its hours after first use, whichever is sooner; undefined: never. */
export function expiryOf(key: ApiKey): number | undefined {
  const active =
    key.activeHours === undefined || key.firstUsedAt === undefined
      ? undefined
      : key.firstUsedAt + key.activeHours * 3_600_000;
  if (active === undefined) return key.expiresAt;
  return key.expiresAt === undefined ? active : Math.min(active, key.expiresAt);
}

/** Two instances may both see a first use; the times differ by moments and the later write stands, which harms nobody. */
async function activate(key: ApiKey, env: Env): Promise<void> {
  await putKey(key, { firstUsedAt: env.now() }, env);
}
