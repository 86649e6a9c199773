import type { Env } from "../../env.ts";
import { Failure } from "../../failure.ts";
import type { Account, Cooldown, Credential } from "../../core/accounts/account.ts";
import { openCredential, openProxy } from "../../core/accounts/credential.ts";
import type { Pool } from "../../core/accounts/pool.ts";
import { upstreams } from "../../relay/upstreams/index.ts";
import type { AccountViewShape } from "./account-schema.ts";

/** An account as the admin API shows it: of its secrets nothing but the last four characters. */
export function buildAccountView(account: Account, pool: Pool, env: Env): AccountViewShape {
  const upstream = upstreams[account.kind];
  const opened = tryOpen(account, env);
  const credential = opened instanceof Failure ? undefined : opened;
  return {
    id: account.id,
    kind: account.kind,
    service: upstream?.service ?? "",
    name: account.name,
    isEnabled: account.isEnabled,
    priority: account.priority,
    weight: account.weight,
    maxConcurrency: account.maxConcurrency,
    baseUrl: account.baseUrl ?? null,
    models: [...account.models],
    aliases: { ...account.aliases },
    groups: [...account.groups],
    isDedicated: account.isDedicated,
    schedule: account.schedule ?? null,
    settings: { ...account.settings },
    proxy: showProxy(account, env),
    hasCredential: account.credential !== undefined,
    credentialKind: upstream?.credential ?? "api-key",
    credentialHint: credential ? hintOf(credential) : null,
    credentialExpiresAt: account.credentialExpiresAt ?? null,
    canRefresh:
      upstream?.refresh !== undefined && credential?.kind === "oauth" && credential.refreshToken !== undefined,
    subject: account.subject ?? null,
    createdAt: account.createdAt,
    state: stateOf(
      account,
      opened instanceof Failure ? opened.message : undefined,
      cooldownsOf(account.id, pool, env.now()),
    ),
  };
}

/** The credential, undefined if there is none, or why it does not open: a list of accounts must show the others all the same. */
function tryOpen(account: Account, env: Env): Credential | Failure | undefined {
  if (account.credential === undefined) return undefined;
  try {
    return openCredential(account, env);
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
}

const shortest = 16;

/** The last four characters, of a secret long enough that four do not give it away. */
function hintOf(credential: Credential): string | null {
  if (credential.kind === "aws") return lastFour(credential.accessKeyId);
  return lastFour(credential.kind === "api-key" ? credential.secret : credential.accessToken);
}

function lastFour(secret: string): string | null {
  return secret.length < shortest ? null : secret.slice(-4);
}

/** The proxy's URL without its password; where it does not open, a word that says so. */
function showProxy(account: Account, env: Env): string | null {
  try {
    const opened = openProxy(account, env);
    if (opened === undefined) return null;
    const url = new URL(opened);
    return `${url.protocol}//${url.username === "" ? "" : `${url.username}@`}${url.host}`;
  } catch (error) {
    if (error instanceof Failure) return "cannot be decrypted";
    throw error;
  }
}

/** All cooldowns of an account that are not over, the whole account's first. */
export function cooldownsOf(id: string, pool: Pool, now: number): Cooldown[] {
  return [...pool.cooldowns.values()]
    .filter((cooldown) => cooldown.account === id && cooldown.untilAt > now)
    .sort((one, other) => one.scope.localeCompare(other.scope));
}

export function stateOf(
  account: Account,
  unreadable: string | undefined,
  cooldowns: readonly Cooldown[],
): AccountViewShape["state"] {
  const whole = cooldowns.find((cooldown) => cooldown.scope === "account");
  const rest = {
    untilAt: null,
    cooldowns: cooldowns.map(({ scope, reason, sinceAt, untilAt }) => ({ scope, reason, sinceAt, untilAt })),
  };
  if (account.credential === undefined) return { status: "no-credential", reason: null, ...rest };
  if (unreadable !== undefined) return { status: "stopped", reason: unreadable, ...rest };
  if (account.stoppedBecause !== undefined) return { status: "stopped", reason: account.stoppedBecause, ...rest };
  if (!account.isEnabled) return { status: "paused", reason: null, ...rest };
  if (whole) return { ...rest, status: "cooling", reason: whole.reason, untilAt: whole.untilAt };
  return { status: "serving", reason: null, ...rest };
}
