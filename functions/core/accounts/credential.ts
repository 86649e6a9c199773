import { randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { Env } from "../../env.ts";
import { perEnv } from "../../env.ts";
import { Failure, toFailure } from "../../failure.ts";
import type { Account, Credential } from "./account.ts";
import { accountFields, poolTable, putPool } from "./pool.ts";
import { seal, unseal } from "./seal.ts";

interface Opened {
  readonly credentials: Map<string, Credential>;
  readonly proxies: Map<string, string>;
  readonly renewals: Map<string, Promise<Credential>>;
}

const openedBy = perEnv<Opened>(() => ({ credentials: new Map(), proxies: new Map(), renewals: new Map() }));
const mostOpened = 5_000;

/**
 * What an account signs with, opened; undefined if it has none. Kept by the sealed text, so that a credential that was
 * changed anywhere is never taken from memory. Throws `credential.rejected` if it cannot be decrypted.
 */
export function openCredential(account: Pick<Account, "id" | "credential">, env: Env): Credential | undefined {
  const sealed = account.credential;
  if (sealed === undefined) return undefined;
  const { credentials } = openedBy(env);
  const name = `${account.id} ${sealed}`;
  const found = credentials.get(name);
  if (found !== undefined) return found;
  const opened = JSON.parse(unseal(sealed, credentialPlace(account.id), env.config)) as Credential;
  return remember(credentials, name, opened);
}

/** The proxy's URL, opened; undefined if the account has none. Throws `credential.rejected` if it cannot be decrypted. */
export function openProxy(account: Pick<Account, "id" | "proxy">, env: Env): string | undefined {
  const sealed = account.proxy;
  if (sealed === undefined) return undefined;
  const { proxies } = openedBy(env);
  const name = `${account.id} ${sealed}`;
  return proxies.get(name) ?? remember(proxies, name, unseal(sealed, proxyPlace(account.id), env.config));
}

export function sealCredential(id: string, credential: Credential, env: Env): string {
  return seal(JSON.stringify(credential), credentialPlace(id), env.config);
}

export function sealProxy(id: string, proxy: string, env: Env): string {
  return seal(proxy, proxyPlace(id), env.config);
}

/** The columns that a new credential fills, and no others. */
export function credentialColumns(id: string, credential: Credential, env: Env): Partial<Account> {
  return {
    credential: sealCredential(id, credential, env),
    credentialExpiresAt: credential.kind === "oauth" ? credential.expiresAt : undefined,
  };
}

/** Makes a fresh credential from a stale one: an upstream's `refresh`, with account and proxy already given. */
export type Renewal = (stale: Credential) => Promise<Credential>;

/** Longer than the sign-in server may take to answer. */
const leaseSeconds = 90;
const waitMs = 500;

/**
 * Renews an account's credential exactly once, however many ask: refresh tokens rotate, and a token spent twice is lost.
 * One renewal at a time in this process, a lease against the other instances, a second look under the lease. Whoever
 * loses the race gets the winner's credential. Throws what `renew` throws.
 */
export function renewCredential(account: Account, renew: Renewal, env: Env): Promise<Credential> {
  const { renewals } = openedBy(env);
  const running = renewals.get(account.id);
  if (running) return running;
  const renewal = renewUnderLease(account, renew, env).finally(() => renewals.delete(account.id));
  renewals.set(account.id, renewal);
  return renewal;
}

async function renewUnderLease(account: Account, renew: Renewal, env: Env): Promise<Credential> {
  const lease = `lease/refresh/${account.id}`;
  const holder = randomUUID();
  const lastAt = env.now() + leaseSeconds * 1000;
  while (!(await env.store.write(lease, holder, { ttlSeconds: leaseSeconds, onlyIfAbsent: true }))) {
    if (env.now() > lastAt)
      throw new Failure("upstream.timeout", {
        message: "Another instance is renewing this sign-in and does not finish.",
      });
    await new Promise((resolve) => setTimeout(resolve, waitMs));
    const fresh = await findOther(account, env);
    if (fresh) return fresh;
  }
  try {
    const fresh = await findOther(account, env);
    if (fresh) return fresh;
    const stale = openCredential(account, env);
    if (!stale)
      throw new Failure("credential.rejected", { message: "The account has no credential.", isRetryable: false });
    return await keep(account, await renew(stale), env);
  } catch (error) {
    // A token that is refused because somebody else has spent it, lease or not, has a successor in the store.
    const winner = toFailure(error).code === "credential.rejected" ? await findOther(account, env) : undefined;
    if (winner) return winner;
    throw error;
  } finally {
    env.after(env.store.removeIf(lease, holder));
  }
}

/** The credential in the store, if it is another than the one we know. One command. */
async function findOther(account: Account, env: Env): Promise<Credential | undefined> {
  const [value] = await env.store.find(poolTable, [`account/${account.id}/credential`]);
  const sealed = value === undefined ? null : (JSON.parse(value) as string | null);
  if (sealed === null)
    throw new Failure("credential.rejected", {
      message: "The account has no credential any more.",
      isRetryable: false,
    });
  return sealed === account.credential ? undefined : openCredential({ ...account, credential: sealed }, env);
}

/** Whether an account still signs with this: an operator or another instance may have given it a new one. One command. */
export async function isHeld(used: Credential | undefined, account: Account, env: Env): Promise<boolean> {
  const [value] = await env.store.find(poolTable, [`account/${account.id}/credential`]);
  const sealed = value === undefined ? null : (JSON.parse(value) as string | null);
  return sealed !== null && isDeepStrictEqual(openCredential({ ...account, credential: sealed }, env), used);
}

const mostWrites = 4;

/** The old token is spent by now, so the new one must not be lost to a moment's outage: writing it again is harmless. */
async function keep(account: Account, fresh: Credential, env: Env): Promise<Credential> {
  const change = accountFields(account.id, credentialColumns(account.id, fresh, env));
  for (let written = 1; ; written += 1) {
    try {
      await putPool(change, env);
      return fresh;
    } catch (error) {
      env.log("error", "credential.unsaved", { account: account.id, written, error });
      if (written === mostWrites) throw error;
      await new Promise((resolve) => setTimeout(resolve, waitMs * written));
    }
  }
}

function remember<T>(cache: Map<string, T>, name: string, value: T): T {
  if (cache.size >= mostOpened) cache.clear();
  cache.set(name, value);
  return value;
}

function credentialPlace(id: string): string {
  return `account/${id}/credential`;
}

function proxyPlace(id: string): string {
  return `account/${id}/proxy`;
}
