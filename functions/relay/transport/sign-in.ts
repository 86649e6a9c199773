import { cache, type Env } from "../../env.ts";
import { Failure, toFailure } from "../../failure.ts";
import type { Account, Credential } from "../../core/accounts/account.ts";
import { stopAccount } from "../../core/accounts/cooldown.ts";
import { openCredential, openProxy, renewCredential } from "../../core/accounts/credential.ts";
import type { Upstream } from "../upstreams/upstream.ts";

/** A token that ends within this time is renewed before it is used. */
const earlyMs = 60_000;
/** A token that was renewed within this time and is refused all the same is not renewed again. */
const renewedMs = 60_000;

const renewedAt = cache<number>("renewals");

/** Of one call at most one account rests, stops, or is asked whether it still serves. */
export interface Judged {
  isOne: boolean;
}

type Renewable = Extract<Credential, { kind: "oauth" }>;

function isRenewable(credential: Credential, upstream: Upstream): credential is Renewable {
  return credential.kind === "oauth" && credential.refreshToken !== undefined && upstream.refresh !== undefined;
}

/**
 * What an account signs a call with, renewed first if it is about to end; undefined if it has nothing. A token that is
 * still good serves where its renewal fails. `mayRenew`: a refusal may be for the token's age. Throws what a renewal throws.
 */
export async function openForCall(
  account: Account,
  upstream: Upstream,
  judged: Judged,
  env: Env,
): Promise<{ readonly credential: Credential; readonly mayRenew: boolean } | undefined> {
  const held = openCredential(account, env);
  if (!held) return undefined;
  if (!isRenewable(held, upstream)) return { credential: held, mayRenew: false };
  const leftMs = (held.expiresAt ?? Infinity) - env.now();
  if (leftMs >= earlyMs) return { credential: held, mayRenew: !isJustRenewed(account, env) };
  try {
    return { credential: await renewForCall(account, upstream, judged, env), mayRenew: false };
  } catch (error) {
    if (leftMs <= 0 || toFailure(error).code === "credential.rejected") throw error;
    return { credential: held, mayRenew: false };
  }
}

function isJustRenewed(account: Account, env: Env): boolean {
  const at = renewedAt(env).get(account.id);
  return at !== undefined && env.now() >= at && env.now() - at < renewedMs;
}

/** A sign-in that its own server refuses stops the account; a server that is out of reach, or a lost race, never does. */
export async function renewForCall(
  account: Account,
  upstream: Upstream,
  judged: Judged,
  env: Env,
): Promise<Credential> {
  const renewed = renewedAt(env);
  const proxy = openProxy(account, env);
  try {
    const fresh = await renewCredential(
      account,
      (stale) => upstream.refresh?.(stale, account, proxy, env) ?? Promise.resolve(stale),
      env,
    );
    renewed.set(account.id, env.now());
    return fresh;
  } catch (error) {
    const failure = toFailure(error);
    const isRejected = failure.code === "credential.rejected";
    if (isRejected && !judged.isOne) {
      judged.isOne = true;
      await stopAccount(account, openCredential(account, env), failure.message, env);
    }
    if (!isRejected && failure.code !== "upstream.refused") throw failure;
    // What the sign-in server said is about the account: for the operator.
    throw new Failure(failure.code, {
      message: isRejected
        ? "The relay's account was refused by its provider. The operator must sign it in again."
        : "The sign-in of the relay's account could not be renewed for now.",
      cause: failure.message,
      isRetryable: failure.isRetryable,
    });
  }
}
