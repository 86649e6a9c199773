import { checkAlerts, tellStoreDown } from "../alerts/check.ts";
import type { Env } from "../../env.ts";
import { toFailure } from "../../failure.ts";
import { prepareKeyFilter } from "../../core/accounts/key-filter.ts";
import { buildPool, poolTable, putPool, type Pool } from "../../core/accounts/pool.ts";
import { rotateKeys } from "./rotation.ts";
import type { Report } from "./lease.ts";
import { underLease } from "./lease.ts";

/** A cooldown that is over is kept so long, since a session returns to its first account only some time after it. */
const keptMs = 3_600_000;
const leaseSeconds = 60;

/**
 * Drops cooldowns that ended more than an hour ago, and cooldowns and windows of accounts that are gone. One command if there are none.
 * Since it has the pool at hand it also looks for what the operator is to be alerted to (operations/alerts/check.ts).
 * While ENCRYPTION_KEY_PREVIOUS is set, what it had sealed is sealed anew with ENCRYPTION_KEY.
 * Everything else that ends does so by itself (detours, leases, meters) or by the rollup (the log, the rows of old days).
 */
export async function runCleanup(env: Env, claim?: () => Promise<void>): Promise<Report> {
  const keys = env.config.ENCRYPTION_KEY_PREVIOUS === undefined ? {} : { keys: await rotateKeys(env) };
  const pool = await readPoolOrTell(env);
  await prepareKeyFilter(pool, env);
  const alerts = await checkAlerts(pool, env);
  return { ...(await dropOver(findOver(pool, env.now()), env, claim)), ...keys, ...(alerts ? { alerts } : {}) };
}

/** That the store is down is told by whoever has known before whom to tell. */
async function readPoolOrTell(env: Env): Promise<Pool> {
  try {
    return buildPool(await env.store.list(poolTable), "");
  } catch (error) {
    const failure = toFailure(error);
    if (failure.code === "store.unavailable") await tellStoreDown(failure, env);
    throw error;
  }
}

async function dropOver(over: readonly string[], env: Env, claim: (() => Promise<void>) | undefined): Promise<Report> {
  if (over.length === 0) return { cooldowns: 0 };
  await claim?.();
  const drop = async () => {
    await putPool(Object.fromEntries(over.map((field) => [field, undefined])), env);
    return { cooldowns: over.filter((field) => field.startsWith("cooldown/")).length };
  };
  return underLease("cleanup", leaseSeconds, drop, env);
}

function findOver(pool: Pool, now: number): string[] {
  const cooldowns = [...pool.cooldowns]
    .filter(([, { untilAt, account }]) => untilAt < now - keptMs || !pool.accountById.has(account))
    .map(([name]) => `cooldown/${name}`);
  const windows = [...pool.windows.keys()].filter((account) => !pool.accountById.has(account));
  return [...cooldowns, ...windows.map((account) => `window/${account}`)];
}
