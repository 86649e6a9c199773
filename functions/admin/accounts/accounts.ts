import { randomUUID } from "node:crypto";
import type { Env } from "../../env.ts";
import { Failure } from "../../failure.ts";
import type { Account } from "../../core/accounts/account.ts";
import { accountDefaults } from "../../core/accounts/account.ts";
import { listKeys } from "../../core/keys/key.ts";
import type { Pool } from "../../core/accounts/pool.ts";
import { accountColumns, accountFields, putPool, readPool } from "../../core/accounts/pool.ts";
import { buildColumns } from "./account-change.ts";
import { renewAccount } from "./account-renew.ts";
import * as shape from "./account-schema.ts";
import { testAccount } from "./account-test.ts";
import { buildAccountView } from "./account-view.ts";
import { byId, buildPage } from "../http/fields.ts";
import { unknownRecord } from "../http/invalid.ts";
import type { Operation } from "../http/operation.ts";
import { operation } from "../http/operation.ts";
import { refuseAccountOutOfReach } from "./reach.ts";
import { vendorOperations } from "./vendors.ts";

export const accountOperations: readonly Operation[] = [
  operation({
    method: "GET",
    path: "/admin/accounts",
    id: "listAccounts",
    summary: "Accounts with their present state, by priority and name.",
    query: shape.AccountQuery,
    answer: shape.AccountPage,
    async run({ query }, env) {
      const pool = await readPool(env);
      const views = pool.accounts.map((account) => buildAccountView(account, pool, env));
      const wanted = views.filter((view) => isWanted(view, query));
      wanted.sort(
        (one, other) =>
          one.priority - other.priority || one.name.localeCompare(other.name, "en") || one.id.localeCompare(other.id),
      );
      return buildPage(wanted, query);
    },
  }),
  operation({
    method: "POST",
    path: "/admin/accounts",
    id: "createAccount",
    summary: "Connect an account by its credential. Kinds with sign-in: see /admin/oauth.",
    body: shape.AccountDraft,
    answer: shape.AccountView,
    status: 201,
    async run({ body: { kind, ...settings } }, env) {
      const id = randomUUID();
      await refuseAccountOutOfReach(settings, false, env);
      const pool = await readPool(env);
      const columns = { ...buildColumns({ id, kind }, settings, pool, env), kind, createdAt: env.now() };
      await putPool(accountFields(id, columns), env);
      return buildAccountView({ ...accountDefaults, name: settings.name, ...columns, id }, pool, env);
    },
  }),
  operation({
    method: "GET",
    path: "/admin/accounts/:id",
    id: "getAccount",
    summary: "One account, read afresh.",
    params: byId,
    answer: shape.AccountView,
    async run({ params }, env) {
      const { account, pool } = await read(params.id, env);
      return buildAccountView(account, pool, env);
    },
  }),
  operation({
    method: "PATCH",
    path: "/admin/accounts/:id",
    id: "updateAccount",
    summary: "Change some fields; only those are written. In force on every instance within five seconds.",
    params: byId,
    body: shape.AccountChange,
    answer: shape.AccountView,
    async run({ params, body }, env) {
      const { account, pool } = await read(params.id, env);
      await refuseAccountOutOfReach(body, body.proxy === undefined && account.proxy !== undefined, env);
      return change(account, buildColumns(account, body, pool, env), pool, env);
    },
  }),
  operation({
    method: "DELETE",
    path: "/admin/accounts/:id",
    id: "deleteAccount",
    summary: "Remove an account for good; refused while keys are bound to it.",
    params: byId,
    answer: shape.AccountView,
    async run({ params }, env) {
      const { account, pool } = await read(params.id, env);
      const bound = (await listKeys(env)).filter(
        (key) => key.deletedAt === undefined && Object.values(key.bindings).includes(account.id),
      );
      if (bound.length > 0) {
        throw new Failure("record.conflict", {
          message: `${bound.length} API keys are bound to this account ("${bound[0]?.name ?? ""}" …): unbind them first.`,
        });
      }
      await putPool({ ...accountColumns(account.id), ...cooldownFields(account.id, pool) }, env);
      return buildAccountView(account, pool, env);
    },
  }),
  operation({
    method: "POST",
    path: "/admin/accounts/:id/test",
    id: "testAccount",
    summary: "Ask the provider for its models with this account's credential and proxy. Spends no tokens.",
    params: byId,
    body: shape.AccountTest,
    answer: shape.AccountTestReport,
    async run({ params, body }, env) {
      const { account } = await read(params.id, env);
      return testAccount(account, body.model, env);
    },
  }),
  operation({
    method: "POST",
    path: "/admin/accounts/:id/refresh",
    id: "refreshAccount",
    summary: "Renew the credential of a sign-in account now.",
    params: byId,
    answer: shape.AccountView,
    async run({ params }, env) {
      const { account } = await read(params.id, env);
      await renewAccount(account, env);
      const fresh = await read(params.id, env);
      if (fresh.account.stoppedBecause === undefined) return buildAccountView(fresh.account, fresh.pool, env);
      return change(fresh.account, { stoppedBecause: undefined }, fresh.pool, env);
    },
  }),
  operation({
    method: "POST",
    path: "/admin/accounts/:id/reset",
    id: "resetAccount",
    summary: "Take the account back into service: ends its cooldowns and forgets why it stopped.",
    params: byId,
    answer: shape.AccountView,
    async run({ params }, env) {
      const { account, pool } = await read(params.id, env);
      const fields = {
        ...accountFields(account.id, { stoppedBecause: undefined }),
        ...cooldownFields(account.id, pool),
      };
      await putPool(fields, env);
      const fresh = await read(params.id, env);
      return buildAccountView(fresh.account, fresh.pool, env);
    },
  }),
  ...vendorOperations,
];

async function read(id: string, env: Env): Promise<{ account: Account; pool: Pool }> {
  const pool = await readPool(env);
  const account = pool.accountById.get(id);
  if (!account) throw unknownRecord("account", id);
  return { account, pool };
}

async function change(account: Account, columns: Partial<Account>, pool: Pool, env: Env) {
  if (Object.keys(columns).length > 0) await putPool(accountFields(account.id, columns), env);
  return buildAccountView({ ...account, ...columns }, pool, env);
}

/** The fields of all cooldowns of an account, for dropping them. */
function cooldownFields(id: string, pool: Pool): Record<string, undefined> {
  const names = [...pool.cooldowns.keys()].filter((name) => name.startsWith(`${id}/`));
  return Object.fromEntries(names.map((name) => [`cooldown/${name}`, undefined]));
}

function isWanted(
  view: shape.AccountViewShape,
  query: { search?: string; kind?: string; status?: string; group?: string },
): boolean {
  if (query.kind !== undefined && view.kind !== query.kind) return false;
  if (query.status !== undefined && view.state.status !== query.status) return false;
  if (query.group !== undefined && !view.groups.includes(query.group)) return false;
  const search = query.search?.trim().toLowerCase();
  return (
    !search || [view.name, view.kind, view.subject ?? "", view.id].some((text) => text.toLowerCase().includes(search))
  );
}
