import { createHash, randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { Env } from "../../env.ts";
import { memory, perEnv } from "../../env.ts";
import { Failure, toFailure } from "../../failure.ts";
import type { Account, Credential } from "./account.ts";
import { accountFields, poolTable, putPool } from "./pool.ts";
import { seal, unseal } from "./seal.ts";
import { BoundedMap } from "../../wire/maps.ts";

interface Opened {
  readonly credentials: BoundedMap<string, Credential>;
  readonly proxies: BoundedMap<string, string>;
  readonly renewals: Map<string, Promise<Credential>>;
  /** Fresh credentials that the store has not taken yet, by account. */
  readonly unsaved: Map<string, Unsaved>;
  /** Marks of renewals by account that the provider did not take up, as this process knows: the token is good still. */
  readonly harmless: Map<string, string>;
}

interface Unsaved {
  /** What the store still holds in its place. */
  readonly stale: string | undefined;
  readonly fresh: Credential;
}

const openedBy = perEnv<Opened>(() => ({
  credentials: new BoundedMap(memory.opened),
  proxies: new BoundedMap(memory.opened),
  renewals: new Map(),
  unsaved: new Map(),
  harmless: new Map(),
}));

/**
 * What an account signs with, opened; undefined if it has none. Kept by the sealed text, so that a credential that was
 * changed anywhere is never taken from memory. Throws `credential.rejected` if it cannot be decrypted.
 */
export function openCredential(account: Pick<Account, "id" | "credential">, env: Env): Credential | undefined {
  const sealed = account.credential;
  if (sealed === undefined) return undefined;
  const { credentials, unsaved } = openedBy(env);
  const newer = unsaved.get(account.id);
  if (newer?.stale === sealed) return newer.fresh;
  const name = `${account.id} ${sealed}`;
  const found = credentials.get(name);
  if (found !== undefined) return found;
  const opened = JSON.parse(unseal(sealed, credentialPlace(account.id), env.config)) as Credential;
  credentials.set(name, opened);
  return opened;
}

/** The proxy's URL, opened; undefined if the account has none. Throws `credential.rejected` if it cannot be decrypted. */
export function openProxy(account: Pick<Account, "id" | "proxy">, env: Env): string | undefined {
  const sealed = account.proxy;
  if (sealed === undefined) return undefined;
  const { proxies } = openedBy(env);
  const name = `${account.id} ${sealed}`;
  return proxies.getOrMake(name, () => unseal(sealed, proxyPlace(account.id), env.config));
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
  // A renewal that the process does not live to see the end of loses the sign-in.
  if (env.isDraining()) return Promise.reject(new Failure("platform.draining"));
  const renewal = renewUnderLease(account, renew, env).finally(() => renewals.delete(account.id));
  renewals.set(account.id, renewal);
  return renewal;
}

/** Resolves when the renewals under way have ended. */
export async function renewalsEnded(env: Env): Promise<void> {
  await Promise.allSettled(openedBy(env).renewals.values());
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
    await claim(account, env);
    return await keep(account, await renewClaimed(account, stale, renew, env), env);
  } catch (error) {
    // A token that is refused because somebody else has spent it, lease or not, has a successor in the store.
    const winner = toFailure(error).code === "credential.rejected" ? await findOther(account, env) : undefined;
    if (winner) return winner;
    throw error;
  } finally {
    env.after(env.store.removeIf(lease, holder));
  }
}

const intentName = (account: Account) => `renewing/${account.id}`;
const intentSeconds = 30 * 86_400;
const markOf = ({ credential = "" }: Account) => createHash("sha256").update(credential).digest("base64url");

/**
 * Says before a renewal that it begins: whoever finds that of this very credential knows that a process died in the middle
 * of it. Its refresh token may be spent then, and some providers ban a sign-in whose token is shown twice. Two commands.
 */
async function claim(account: Account, env: Env): Promise<void> {
  const { harmless } = openedBy(env);
  const [name, mark] = [intentName(account), markOf(account)];
  const [begun] = await env.store.read([name]);
  if (begun === mark && harmless.get(account.id) !== mark) throw lost("was cut off when the relay was killed");
  // Should the store take this and not answer, nothing was shown to the provider yet.
  harmless.set(account.id, mark);
  await env.store.write(name, mark, { ttlSeconds: intentSeconds });
  harmless.delete(account.id);
}

const lost = (how: string) =>
  new Failure("credential.rejected", {
    message: `A renewal of this sign-in ${how}; it must be signed in again.`,
    isRetryable: false,
  });

/** A renewal that the provider refused, or that did not reach it, may be tried again; one whose answer was lost may not. */
async function renewClaimed(account: Account, stale: Credential, renew: Renewal, env: Env): Promise<Credential> {
  try {
    return await renew(stale);
  } catch (error) {
    const { code } = toFailure(error);
    if (code === "upstream.broken") throw lost("succeeded, and its answer was lost");
    // The end of the process cuts off a renewal that takes longer than it may wait.
    if (env.isDraining() && code !== "upstream.refused") throw error;
    openedBy(env).harmless.set(account.id, markOf(account));
    env.after(env.store.remove([intentName(account)]));
    throw error;
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
      openedBy(env).unsaved.delete(account.id);
      return fresh;
    } catch (error) {
      env.log("error", "credential.unsaved", { account: account.id, written, error });
      openedBy(env).unsaved.set(account.id, { stale: account.credential, fresh });
      if (written === mostWrites) {
        // A process that is killed before the store is back has no other chance.
        env.spill?.(JSON.stringify(buildSpilled(account.id, { stale: account.credential, fresh }, env)));
        saveLater(account, fresh, env);
        return fresh;
      }
      await new Promise((resolve) => setTimeout(resolve, waitMs * written));
    }
  }
}

const saveAgainMs = 2_000;

/** It signs calls meanwhile, and is written as soon as the store takes it, unless somebody else has given the account another. */
function saveLater(account: Account, fresh: Credential, env: Env): void {
  const { unsaved } = openedBy(env);
  const again = async () => {
    if (unsaved.get(account.id)?.fresh !== fresh) return;
    try {
      await save(account, fresh, env);
    } catch {
      // That it is unsaved was told; the store is asked again.
      setTimeout(() => void again(), saveAgainMs).unref();
    }
  };
  setTimeout(() => void again(), saveAgainMs).unref();
}

async function save(account: Account, fresh: Credential, env: Env): Promise<void> {
  const [value] = await env.store.find(poolTable, [`account/${account.id}/credential`]);
  const isOurs = value !== undefined && JSON.parse(value) === account.credential;
  if (isOurs) await putPool(accountFields(account.id, credentialColumns(account.id, fresh, env)), env);
  openedBy(env).unsaved.delete(account.id);
}

/** The process ends: a last try, then a line of the process log, and of the file that the next process reads. */
export async function spillCredentials(env: Env): Promise<void> {
  for (const [id, unsaved] of openedBy(env).unsaved) {
    try {
      await save({ id, credential: unsaved.stale } as Account, unsaved.fresh, env);
    } catch (error) {
      const spilled = buildSpilled(id, unsaved, env);
      env.log("error", "credential spilled", { ...spilled, error });
      env.spill?.(JSON.stringify(spilled));
    }
  }
}

interface Spilled {
  readonly account: string;
  readonly sealed: string;
  /** What it takes the place of, as it is sealed in the store; an account that has another keeps that. */
  readonly stale: string | undefined;
}

const buildSpilled = (id: string, { stale, fresh }: Unsaved, env: Env): Spilled => ({
  account: id,
  sealed: sealCredential(id, fresh, env),
  stale,
});

/** Puts back what earlier processes had spilled. What the store does not take now signs calls, and is written later. */
export async function restoreCredentials(lines: readonly string[], env: Env): Promise<void> {
  for (const { account: id, sealed, stale } of lines.map(parseSpilled).filter((each) => each !== undefined)) {
    const account = { id, credential: stale } as Account;
    const fresh = openCredential({ id, credential: sealed }, env);
    if (!fresh) continue;
    openedBy(env).unsaved.set(id, { stale, fresh });
    await save(account, fresh, env).catch(() => saveLater(account, fresh, env));
  }
}

/** Undefined for a line that is another's, or was cut off. */
function parseSpilled(line: string): Spilled | undefined {
  try {
    const value = JSON.parse(line) as Partial<Spilled>;
    return typeof value.account === "string" && typeof value.sealed === "string" ? (value as Spilled) : undefined;
  } catch {
    // The process was killed while it wrote.
    return undefined;
  }
}

function credentialPlace(id: string): string {
  return `account/${id}/credential`;
}

function proxyPlace(id: string): string {
  return `account/${id}/proxy`;
}
