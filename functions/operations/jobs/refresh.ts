import type { Env } from "../../env.ts";
import { toFailure } from "../../failure.ts";
import type { Account } from "../../core/accounts/account.ts";
import { stopAccount } from "../../core/accounts/cooldown.ts";
import { openCredential, openProxy, renewCredential } from "../../core/accounts/credential.ts";
import { buildPool, poolTable, type Pool } from "../../core/accounts/pool.ts";
import { upstreams } from "../../relay/upstreams/index.ts";
import type { Report } from "./lease.ts";
import { underLease } from "./lease.ts";

const minuteMs = 60_000;
/** No renewal is begun after this time; one may take half a minute. */
const mostMs = 120_000;
const leaseSeconds = 180;
const atOnce = 4;

/**
 * Renews the sign-ins that end before the run after the next one. One command if none does. A refusal stops an account
 * only when its old token has ended too: until then it serves, and the next run tries again.
 */
export async function runRefresh(env: Env, claim?: () => Promise<void>): Promise<Report> {
  const due = findDue(buildPool(await env.store.list(poolTable), ""), env);
  if (due.length === 0) return { renewed: [], failed: [] };
  await claim?.();
  return underLease("refresh", leaseSeconds, () => renewAll(due, env), env);
}

function findDue(pool: Pool, env: Env): Account[] {
  const before = env.now() + 2 * env.config.TOKEN_REFRESH_INTERVAL * minuteMs;
  return pool.accounts
    .filter((account) => account.stoppedBecause === undefined && upstreams[account.kind]?.refresh !== undefined)
    .filter(({ credentialExpiresAt }) => credentialExpiresAt !== undefined && credentialExpiresAt <= before)
    .filter((account) => isRenewable(account, env))
    .sort((one, other) => (one.credentialExpiresAt ?? 0) - (other.credentialExpiresAt ?? 0));
}

/** A setup token has an end but nothing to renew it with. */
function isRenewable(account: Account, env: Env): boolean {
  try {
    const credential = openCredential(account, env);
    return credential?.kind === "oauth" && credential.refreshToken !== undefined;
  } catch (error) {
    env.log("error", "credential cannot be opened", { account: account.id, error });
    return false;
  }
}

async function renewAll(due: readonly Account[], env: Env): Promise<Report> {
  const untilAt = env.now() + mostMs;
  const waiting = [...due];
  const renewed: string[] = [];
  const failed: { account: string; reason: string }[] = [];
  const work = async () => {
    for (let account = waiting.shift(); account && env.now() < untilAt; account = waiting.shift()) {
      const reason = await renewOne(account, env);
      if (reason === undefined) renewed.push(account.id);
      else failed.push({ account: account.id, reason });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return { renewed, failed, left: due.length - renewed.length - failed.length };
}

/** Undefined if it was renewed, here or by somebody else; else why not. */
async function renewOne(account: Account, env: Env): Promise<string | undefined> {
  const refresh = upstreams[account.kind]?.refresh;
  if (!refresh) return "nothing to renew it with";
  try {
    const proxy = openProxy(account, env);
    await renewCredential(account, (stale) => refresh(stale, account, proxy, env), env);
    return undefined;
  } catch (error) {
    const failure = toFailure(error);
    env.log("warn", "sign-in not renewed", { account: account.id, code: failure.code, error: failure });
    const isOver = (account.credentialExpiresAt ?? 0) <= env.now();
    if (failure.code === "credential.rejected" && isOver)
      await stopAccount(account, openCredential(account, env), failure.message, env);
    return failure.message;
  }
}
