import type { Account, Credential } from "../../core/accounts/account.ts";
import type { Env } from "../../env.ts";
import { credentialColumns, sealProxy } from "../../core/accounts/credential.ts";
import type { Pool } from "../../core/accounts/pool.ts";
import { upstreams } from "../../relay/upstreams/index.ts";
import { oauthProviders } from "../../relay/upstreams/oauth/providers.ts";
import type * as z from "zod/mini";
import type { AccountChange } from "./account-schema.ts";
import { invalid } from "../http/invalid.ts";

export type AccountSettings = z.infer<typeof AccountChange>;

/** Whom a change is for. */
export interface Target {
  readonly id: string;
  readonly kind: string;
}

/** The columns that a body changes, secrets sealed: only those that were given. Throws what `request.malformed` names. */
export function buildColumns(target: Target, settings: AccountSettings, pool: Pool, env: Env): Partial<Account> {
  const { credential, proxy, ...plain } = settings;
  check(target.kind, settings, pool);
  const columns: Record<string, unknown> = {};
  for (const [column, value] of Object.entries(plain)) if (value !== undefined) columns[column] = value ?? undefined;
  // A new credential mends what the old one was stopped for.
  if (credential) {
    const kept = upstreams[target.kind]?.accept?.(credential as Credential) ?? (credential as Credential);
    Object.assign(columns, credentialColumns(target.id, kept, env), { stoppedBecause: undefined });
  }
  if (proxy !== undefined) columns.proxy = proxy === null ? undefined : sealProxy(target.id, proxy, env);
  return columns as Partial<Account>;
}

function check(kind: string, settings: AccountSettings, pool: Pool): void {
  const wanted = upstreams[kind]?.credential;
  if (settings.credential && settings.credential.kind !== wanted) {
    throw invalid("credential.kind", `must be "${wanted ?? "nothing"}" for an account of kind ${kind}`);
  }
  const unknown = settings.groups?.find((group) => !pool.groups.has(group));
  if (unknown !== undefined) throw invalid("groups", `there is no group ${unknown}`);
  for (const name of Object.keys(settings.settings ?? {})) checkSetting(kind, name, settings.settings?.[name] ?? "");
  const { schedule } = settings;
  if (schedule && schedule.fromHour === schedule.toHour) throw invalid("schedule", "must have two different hours");
}

/** What is no text, or would be a secret in clear. */
const unsettable = new Set(["authorizeExtra", "clientSecret", "setupSeconds", "tokenForm"]);

/** Only what the kind and its table of sign-in name can be set: a setting that nothing reads would be silently ignored. */
function checkSetting(kind: string, name: string, value: string): void {
  const provider = oauthProviders[kind];
  const signIn = Object.keys(provider ?? {}).filter((field) => !unsettable.has(field));
  const known = [...Object.keys(upstreams[kind]?.settings ?? {}), ...signIn];
  if (!known.includes(name)) {
    throw invalid(
      `settings.${name}`,
      known.length === 0 ? `an account of kind ${kind} has no settings` : `must be one of ${known.join(", ")}`,
    );
  }
  if (name.endsWith("Url") && !/^https?:$/.test(URL.parse(value)?.protocol ?? "")) {
    throw invalid(`settings.${name}`, "must be a URL that begins with https:// or http://");
  }
}
