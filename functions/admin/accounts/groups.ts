import { randomUUID } from "node:crypto";
import * as z from "zod/mini";
import type { Env } from "../../env.ts";
import { Failure } from "../../failure.ts";
import type { Group } from "../../core/accounts/account.ts";
import type { ApiKey } from "../../core/keys/key.ts";
import { forgetKey, keyFields, keysTable, listKeys, newKeysVersion } from "../../core/keys/key.ts";
import type { Pool } from "../../core/accounts/pool.ts";
import { accountFields, putPool, readPool } from "../../core/accounts/pool.ts";
import { component } from "../http/component.ts";
import { byId, id, name, text, words } from "../http/fields.ts";
import { invalid, unknownRecord } from "../http/invalid.ts";
import { allKeys, noteKeys } from "../keys/key-listing.ts";
import type { Operation } from "../http/operation.ts";
import { operation } from "../http/operation.ts";

const settable = {
  name,
  description: text(2_000, "What the group is for."),
  accounts: words(1_000, "Ids of the accounts in it: the whole list."),
};
const GroupChange = component(
  "GroupChange",
  z.strictObject({
    name: z.optional(settable.name),
    description: z.optional(settable.description),
    accounts: z.optional(settable.accounts),
  }),
);
const GroupDraft = component("GroupDraft", z.strictObject({ ...GroupChange.shape, name }));
const GroupView = component(
  "Group",
  z.object({
    id: z.string(),
    ...settable,
    keys: z.int().check(z.describe("API keys that are bound to it, deleted ones not counted.")),
    keyNames: z.array(z.string()).check(z.describe("The names of the first few of them.")),
  }),
);
type View = z.infer<typeof GroupView>;
const Groups = component("Groups", z.object({ items: z.array(GroupView), total: z.int() }));
const Removal = z.strictObject({
  moveTo: z.optional(id.check(z.describe("The group that its keys are bound to instead; its accounts go there too."))),
  unbind: z.optional(z.enum(["true"]).check(z.describe("Its keys are bound to nothing and use any account."))),
});

export const groupOperations: readonly Operation[] = [
  operation({
    method: "GET",
    path: "/admin/groups",
    id: "listGroups",
    summary: "Groups by name, with their accounts and how many keys are bound to each.",
    answer: Groups,
    async run(_, env) {
      const [pool, keys] = await Promise.all([readPool(env), allKeys(env)]);
      const items = [...pool.groups.values()].map((group) => buildView(group, pool, keys));
      items.sort((one, other) => one.name.localeCompare(other.name, "en") || one.id.localeCompare(other.id));
      return { items, total: items.length };
    },
  }),
  operation({
    method: "POST",
    path: "/admin/groups",
    id: "createGroup",
    summary: "Make a group, with accounts in it if wanted.",
    body: GroupDraft,
    answer: GroupView,
    status: 201,
    async run({ body }, env) {
      const group = { id: randomUUID(), name: body.name, description: body.description ?? "" };
      return write(group, body.accounts ?? [], await readPool(env), env);
    },
  }),
  operation({
    method: "GET",
    path: "/admin/groups/:id",
    id: "getGroup",
    summary: "One group, read afresh.",
    params: byId,
    answer: GroupView,
    async run({ params }, env) {
      const { group, pool } = await read(params.id, env);
      return buildView(group, pool, await allKeys(env));
    },
  }),
  operation({
    method: "PATCH",
    path: "/admin/groups/:id",
    id: "updateGroup",
    summary: "Rename or describe a group, or say which accounts are in it.",
    params: byId,
    body: GroupChange,
    answer: GroupView,
    async run({ params, body: { accounts, ...words } }, env) {
      const { group, pool } = await read(params.id, env);
      return write({ ...group, ...words }, accounts ?? membersOf(group.id, pool), pool, env);
    },
  }),
  operation({
    method: "DELETE",
    path: "/admin/groups/:id",
    id: "deleteGroup",
    summary: "Remove a group. While keys are bound to it: only with word of what they are bound to then.",
    params: byId,
    query: Removal,
    answer: GroupView,
    async run({ params, query }, env) {
      const { group, pool } = await read(params.id, env);
      if (query.moveTo !== undefined && (query.moveTo === group.id || !pool.groups.has(query.moveTo)))
        throw invalid("moveTo", "there is no such other group", "record.unknown");
      const bound = (await listKeys(env)).filter((key) => isBound(key, group.id));
      const living = bound.filter((key) => key.deletedAt === undefined);
      if (living.length > 0 && query.moveTo === undefined && query.unbind === undefined) throw inUse(living);
      // Keys first: should the second write fail, the group is still there, and can be deleted again.
      await rebind(bound, group.id, query.moveTo, env);
      await putPool({ ...moveAccounts(group.id, query.moveTo, pool), [`group/${group.id}`]: undefined }, env);
      return buildView(group, pool, bound);
    },
  }),
];

const targetOf = (group: string) => `group:${group}`;
const isBound = (key: ApiKey, group: string) => Object.values(key.bindings).includes(targetOf(group));
const membersOf = (group: string, pool: Pool) =>
  pool.accounts.filter((account) => account.groups.includes(group)).map((account) => account.id);
const mostNames = 5;

function buildView(group: Group, pool: Pool, keys: readonly ApiKey[]): View {
  const bound = keys.filter((key) => key.deletedAt === undefined && isBound(key, group.id));
  return {
    ...{ id: group.id, name: group.name, description: group.description },
    accounts: membersOf(group.id, pool),
    keys: bound.length,
    keyNames: bound.slice(0, mostNames).map((key) => key.name),
  };
}

async function read(id: string, env: Env): Promise<{ group: Group; pool: Pool }> {
  const pool = await readPool(env);
  const group = pool.groups.get(id);
  if (!group) throw unknownRecord("group", id);
  return { group, pool };
}

/** Writes the group and the lists of those accounts that come or go. */
async function write(group: Group, wanted: readonly string[], pool: Pool, env: Env): Promise<View> {
  for (const account of wanted)
    if (!pool.accountById.has(account)) throw invalid("accounts", `there is no account ${account}`, "record.unknown");
  const fields: Record<string, unknown> = { [`group/${group.id}`]: group };
  for (const { id, groups } of pool.accounts) {
    const isIn = wanted.includes(id);
    if (isIn === groups.includes(group.id)) continue;
    const others = groups.filter((each) => each !== group.id);
    Object.assign(fields, accountFields(id, { groups: isIn ? [...others, group.id] : others }));
  }
  await putPool(fields, env);
  const [fresh, keys] = await Promise.all([readPool(env), allKeys(env)]);
  return buildView(group, fresh, keys);
}

function inUse(keys: readonly ApiKey[]): Failure {
  const names = keys.slice(0, mostNames).map((key) => `"${key.name}"`);
  const more = keys.length > names.length ? ` and ${keys.length - names.length} more` : "";
  return new Failure("record.conflict", {
    message: `API keys are bound to this group: ${names.join(", ")}${more}. Say what becomes of them: moveTo or unbind.`,
  });
}

async function rebind(keys: readonly ApiKey[], from: string, to: string | undefined, env: Env): Promise<void> {
  if (keys.length === 0) return;
  const changed = keys.map((key) => {
    const kept = Object.entries(key.bindings).flatMap(([service, target]) => {
      if (target !== targetOf(from)) return [[service, target]];
      return to === undefined ? [] : [[service, targetOf(to)]];
    });
    return { ...key, bindings: Object.fromEntries(kept) as Record<string, string> };
  });
  const fields = changed.map(({ id: key, bindings }) => keyFields(key, { bindings }));
  await env.store.put(keysTable, Object.assign(newKeysVersion(), ...fields) as Record<string, string>);
  for (const key of changed) forgetKey(key.hash, env);
  noteKeys(changed, env);
}

function moveAccounts(from: string, to: string | undefined, pool: Pool): Record<string, unknown> {
  const members = pool.accounts.filter((account) => account.groups.includes(from));
  const moved = members.map(({ id: account, groups }) => {
    const others = groups.filter((each) => each !== from && each !== to);
    return accountFields(account, { groups: to === undefined ? others : [...others, to] });
  });
  return Object.assign({}, ...moved) as Record<string, unknown>;
}
