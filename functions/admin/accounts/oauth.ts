import { randomUUID } from "node:crypto";
import type { Env } from "../../env.ts";
import { Failure } from "../../failure.ts";
import type { Account } from "../../core/accounts/account.ts";
import { accountDefaults } from "../../core/accounts/account.ts";
import { credentialColumns, openProxy } from "../../core/accounts/credential.ts";
import type { Pool } from "../../core/accounts/pool.ts";
import { accountFields, putPool, readPool } from "../../core/accounts/pool.ts";
import { seal, unseal } from "../../core/accounts/seal.ts";
import type { SignInVariant, SignedIn } from "../../relay/upstreams/oauth/oauth.ts";
import { upstreams } from "../../relay/upstreams/index.ts";
import { findProvider } from "../../relay/upstreams/oauth/providers.ts";
import { buildAuthorizeUrl, buildPkce, exchangeCode, signInSeconds } from "../../relay/upstreams/oauth/oauth.ts";
import type { AccountSettings } from "./account-change.ts";
import { buildColumns } from "./account-change.ts";
import { buildAccountView } from "./account-view.ts";
import { invalid, unknownRecord } from "../http/invalid.ts";
import * as shape from "./oauth-schema.ts";
import type { Operation } from "../http/operation.ts";
import { operation } from "../http/operation.ts";
import { readPaste } from "../settings/paste.ts";
import { refuseAccountOutOfReach } from "./reach.ts";

/** A sign-in under way, kept sealed (it holds the PKCE verifier and perhaps a proxy's password) until it is finished or too old. */
interface Pending {
  readonly kind: string;
  readonly variant: SignInVariant;
  readonly verifier: string;
  readonly accountId: string | undefined;
  readonly settings: Readonly<Record<string, string>> | undefined;
  readonly proxy: string | null | undefined;
}

export const oauthOperations: readonly Operation[] = [
  operation({
    method: "POST",
    path: "/admin/oauth/start",
    id: "startAccountSignIn",
    summary: "Begin to connect an account by sign-in: answers the link to open. 15 minutes (RFC 7636, S256).",
    body: shape.SignInStart,
    answer: shape.SignInLink,
    status: 201,
    async run({ body }, env) {
      const pool = await readPool(env);
      const account = findAccount(body.accountId, body.kind, pool);
      // Checks settings and proxy before anybody signs in; what it builds is thrown away.
      await refuseAccountOutOfReach(body, body.proxy === undefined && account?.proxy !== undefined, env);
      buildColumns({ id: "new", kind: body.kind }, { settings: body.settings, proxy: body.proxy }, pool, env);
      const provider = findProvider(body.kind, { ...account?.settings, ...body.settings });
      if (!provider) throw invalid("kind", "has no sign-in");
      const pkce = buildPkce();
      const variant = body.variant ?? "full";
      const { kind, accountId, settings, proxy } = body;
      await keep(pkce.state, { kind, variant, verifier: pkce.verifier, accountId, settings, proxy }, env);
      return {
        url: buildAuthorizeUrl(provider, pkce, variant),
        state: pkce.state,
        expiresAt: env.now() + signInSeconds * 1000,
      };
    },
  }),
  operation({
    method: "POST",
    path: "/admin/oauth/finish",
    id: "finishAccountSignIn",
    summary: "Finish with the pasted code or callback URL: makes the account, or gives it its new credential.",
    body: shape.SignInFinish,
    answer: shape.AccountView,
    async run({ body: { state, code, callbackUrl, ...settings } }, env) {
      const field = callbackUrl === undefined ? "code" : "callbackUrl";
      const pasted = readPaste(callbackUrl ?? code ?? "", field);
      if (pasted.state !== undefined && pasted.state !== state)
        throw invalid(field, "belongs to another sign-in: use the link that was opened last");
      const pending = await find(state, env);
      const pool = await readPool(env);
      const account = findAccount(pending.accountId, pending.kind, pool);
      const signedIn = await exchange(pending, { code: pasted.code, state }, account, env);
      const written = await write({ pending, account, signedIn, settings }, pool, env);
      env.after(env.store.remove([pendingName(state)]));
      return buildAccountView(written, pool, env);
    },
  }),
];

function findAccount(id: string | undefined, kind: string, pool: Pool): Account | undefined {
  if (id === undefined) return undefined;
  const account = pool.accountById.get(id);
  if (!account) throw unknownRecord("account", id);
  if (account.kind !== kind) throw invalid("kind", `must be ${account.kind}, as the account is`);
  return account;
}

async function exchange(
  pending: Pending,
  pasted: { code: string; state: string },
  account: Account | undefined,
  env: Env,
): Promise<SignedIn> {
  const provider = findProvider(pending.kind, { ...account?.settings, ...pending.settings });
  if (!provider) throw invalid("state", `an account of kind ${pending.kind} has no sign-in`);
  const own = account && pending.proxy === undefined ? openProxy(account, env) : undefined;
  const proxy = pending.proxy ?? own;
  const signedIn = await exchangeCode(
    provider,
    { ...pasted, verifier: pending.verifier, variant: pending.variant, ...(proxy ? { proxy } : {}) },
    env,
  );
  const settings = { ...account?.settings, ...pending.settings };
  const known = { settings, baseUrl: account?.baseUrl, proxy };
  const credential = await upstreams[pending.kind]?.complete?.(signedIn.credential, known, env);
  return credential?.kind === "oauth" ? { ...signedIn, credential } : signedIn;
}

interface Finished {
  readonly pending: Pending;
  readonly account: Account | undefined;
  readonly signedIn: SignedIn;
  readonly settings: AccountSettings;
}

/** Writes what the sign-in brought, and no other column of an account that was there before. */
async function write({ pending, account, signedIn, settings }: Finished, pool: Pool, env: Env): Promise<Account> {
  const { kind, proxy, settings: addresses } = pending;
  const id = account?.id ?? randomUUID();
  const given = {
    ...settings,
    ...(proxy === undefined ? {} : { proxy }),
    ...(addresses ? { settings: { ...account?.settings, ...addresses } } : {}),
  };
  const made = account ? {} : { name: settings.name ?? signedIn.subject ?? kind, kind, createdAt: env.now() };
  const columns: Partial<Account> = {
    ...made,
    ...buildColumns({ id, kind }, given, pool, env),
    ...credentialColumns(id, signedIn.credential, env),
    ...(signedIn.subject === undefined ? {} : { subject: signedIn.subject }),
    stoppedBecause: undefined,
  };
  await putPool(accountFields(id, columns), env);
  return { ...accountDefaults, name: kind, kind, createdAt: env.now(), ...account, ...columns, id };
}

async function keep(state: string, pending: Pending, env: Env): Promise<void> {
  const name = pendingName(state);
  await env.store.write(name, seal(JSON.stringify(pending), name, env.config), { ttlSeconds: signInSeconds });
}

async function find(state: string, env: Env): Promise<Pending> {
  const name = pendingName(state);
  const [sealed] = await env.store.read([name]);
  if (sealed === undefined) {
    throw new Failure("record.unknown", {
      message: "This sign-in is not known any more: it is finished, or older than 15 minutes. Begin again.",
    });
  }
  return JSON.parse(unseal(sealed, name, env.config)) as Pending;
}

function pendingName(state: string): string {
  return `admin/sign-in/${state}`;
}
