import type * as z from "zod/mini";
import type { Env } from "../../env.ts";
import { Failure } from "../../failure.ts";
import type { KeyChange } from "../../core/usage/drift.ts";
import type { ApiKey } from "../../core/keys/key.ts";
import {
  findKeyById,
  forgetKey,
  keyDefaults,
  keyFields,
  keysTable,
  newKeysVersion,
  listKeys,
  putKey,
  removeKey,
} from "../../core/keys/key.ts";
import { buildSecret, hashSecret, idOfHash } from "../../core/keys/secret.ts";
import { recentPool } from "../../core/accounts/pool.ts";
import { readSettings } from "../../core/accounts/settings.ts";
import { readAllTotals } from "../../core/usage/statistics.ts";
import { byId, buildPage } from "../http/fields.ts";
import { invalid, unknownRecord } from "../http/invalid.ts";
import { checkBindings } from "./key-bindings.ts";
import { keyHandoverOperations } from "./key-handover.ts";
import { keyLeakOperations } from "./key-leak.ts";
import { keyRotationOperations } from "./key-rotation.ts";
import { allKeys, needsTotals, noteKeys, noteRemoval, readKeyUsage, selectKeys } from "./key-listing.ts";
import * as shape from "./key-schema.ts";
import { buildColumns, buildKeyView, checkTogether } from "./key-view.ts";
import type { Operation } from "../http/operation.ts";
import { operation } from "../http/operation.ts";

export const keyOperations: readonly Operation[] = [
  operation({
    method: "GET",
    path: "/admin/keys",
    id: "listKeys",
    summary: "API keys, searched, filtered, sorted and paged here; may be up to five seconds old.",
    query: shape.KeyQuery,
    answer: shape.KeyPage,
    async run({ query }, env) {
      const now = env.now();
      if (query.unusedDays !== undefined && !env.config.ENABLE_USAGE_STATISTICS) throw uncounted();
      const [keys, totals] = await Promise.all([allKeys(env), needsTotals(query) ? readAllTotals(env) : new Map()]);
      const page = buildPage(selectKeys(keys, query, totals, now), query);
      const used = query.include === "usage" ? await readKeyUsage(page.items, env) : [];
      const items = page.items.map((key, index) => ({
        ...buildKeyView(key, now),
        ...(used[index] ? { usage: used[index] } : {}),
      }));
      return { ...page, items };
    },
  }),
  operation({
    method: "GET",
    path: "/admin/keys/tags",
    id: "listKeyTags",
    summary: "All tags in use, with the number of keys that have them.",
    answer: shape.KeyTags,
    async run(_, env) {
      const counts = new Map<string, number>();
      for (const key of await allKeys(env)) {
        if (key.deletedAt === undefined) for (const tag of key.tags) counts.set(tag, (counts.get(tag) ?? 0) + 1);
      }
      const items = [...counts]
        .map(([tag, keys]) => ({ tag, keys }))
        .sort((one, other) => one.tag.localeCompare(other.tag, "en"));
      return { items, total: items.length };
    },
  }),
  operation({
    method: "POST",
    path: "/admin/keys",
    id: "createKey",
    summary: "Make a key. Its secret is in this answer and nowhere else.",
    body: shape.KeyDraft,
    answer: shape.KeyWithSecret,
    status: 201,
    async run({ body }, env) {
      const [made] = await create(body, [body.name], env);
      if (!made) throw new Failure("internal", { message: "No key was made." });
      return made;
    },
  }),
  operation({
    method: "POST",
    path: "/admin/keys/bulk",
    id: "createKeys",
    summary: "Make many keys that differ by their number. Their secrets are in this answer and nowhere else.",
    body: shape.KeyBulkDraft,
    answer: shape.KeysWithSecrets,
    status: 201,
    async run({ body: { count, ...draft } }, env) {
      const names = Array.from({ length: count }, (_, index) => `${draft.name} ${index + 1}`);
      const items = await create(draft, names, env);
      return { items, total: items.length };
    },
  }),
  operation({
    method: "PATCH",
    path: "/admin/keys",
    id: "updateKeys",
    summary: "Change the same fields of many keys; only those fields are written. All of them or none.",
    body: shape.KeyBulkChange,
    answer: shape.Keys,
    run: async ({ body }, env) => changeMany(await choose(body, env), await columnsOf(body.change, env), env),
  }),
  operation({
    method: "POST",
    path: "/admin/keys/delete",
    id: "deleteKeys",
    summary: "Delete many keys; they can be restored.",
    body: shape.KeyChoice,
    answer: shape.Keys,
    run: async ({ body }, env) => changeMany(await choose(body, env), { deletedAt: env.now() }, env),
  }),
  operation({
    method: "GET",
    path: "/admin/keys/:id",
    id: "getKey",
    summary: "One key, read afresh.",
    params: byId,
    answer: shape.Key,
    run: async ({ params }, env) => buildKeyView(await read(params.id, env), env.now()),
  }),
  operation({
    method: "PATCH",
    path: "/admin/keys/:id",
    id: "updateKey",
    summary: "Change some fields; only those are written. In force on every instance within five seconds.",
    params: byId,
    body: shape.KeyChange,
    answer: shape.Key,
    async run({ params, body }, env) {
      const columns = await columnsOf(body, env);
      return change(await read(params.id, env), columns, env);
    },
  }),
  operation({
    method: "DELETE",
    path: "/admin/keys/:id",
    id: "deleteKey",
    summary: "Delete a key: it is refused from now on, and can be restored.",
    params: byId,
    answer: shape.Key,
    run: async ({ params }, env) => change(await read(params.id, env), { deletedAt: env.now() }, env),
  }),
  operation({
    method: "POST",
    path: "/admin/keys/:id/restore",
    id: "restoreKey",
    summary: "Take a deleted key back into use.",
    params: byId,
    answer: shape.Key,
    run: async ({ params }, env) => change(await read(params.id, env), { deletedAt: undefined }, env),
  }),
  operation({
    method: "POST",
    path: "/admin/keys/:id/purge",
    id: "purgeKey",
    summary: "Remove a deleted key for good.",
    params: byId,
    answer: shape.Key,
    async run({ params }, env) {
      const key = await read(params.id, env);
      if (key.deletedAt === undefined)
        throw new Failure("record.conflict", {
          message: "Only a deleted key can be removed for good: delete it first.",
        });
      await removeKey(key, env);
      noteRemoval(key.id, env);
      return buildKeyView(key, env.now());
    },
  }),
  ...keyLeakOperations,
  ...keyRotationOperations,
  ...keyHandoverOperations,
];

/** Every key would look unused, and somebody would disable them all. */
function uncounted(): Failure {
  return new Failure("record.conflict", {
    message: "Calls are not counted here (ENABLE_USAGE_STATISTICS), so nobody knows when keys were last used.",
  });
}

async function read(id: string, env: Env): Promise<ApiKey> {
  const key = await findKeyById(id, env);
  if (!key) throw unknownRecord("API key", id);
  return key;
}

/** Many keys, read afresh. One command, however many: all of them cost less than one command each. */
const mostChosen = 10_000;

/** The keys that a body names: by their ids, or by what the list shows with a filter. */
async function choose({ ids, filter }: z.infer<typeof shape.KeyChoice>, env: Env): Promise<readonly ApiKey[]> {
  if ((ids === undefined) === (filter === undefined)) throw invalid("filter", "or ids must be given, and not both");
  if (ids) return readMany(ids, env);
  const query = filter ?? {};
  const [keys, totals] = await Promise.all([listKeys(env), needsTotals(query) ? readAllTotals(env) : new Map()]);
  const chosen = selectKeys(keys, query, totals, env.now());
  if (chosen.length > mostChosen)
    throw invalid("filter", `fits ${chosen.length} API keys, and at most ${mostChosen} are changed at once`);
  return chosen;
}

async function readMany(ids: readonly string[], env: Env): Promise<ApiKey[]> {
  const found = new Map((await listKeys(env)).map((key) => [key.id, key]));
  return [...new Set(ids)].map((id) => {
    const key = found.get(id);
    if (!key) throw invalid("ids", `there is no API key ${id}`, "record.unknown");
    return key;
  });
}

/** The columns that a body changes, checked against what they refer to. */
async function columnsOf(settings: shape.KeySettings, env: Env): Promise<Partial<ApiKey>> {
  if (settings.bindings) await checkBindings(settings.bindings, env);
  return buildColumns(settings);
}

async function change(key: ApiKey, columns: Partial<ApiKey>, env: Env): Promise<shape.KeyView> {
  const changed = { ...key, ...columns };
  checkTogether(changed);
  if (Object.keys(columns).length > 0) await putKey(key, columns, env);
  await fill([[key, changed]], env);
  noteKeys([changed], env);
  return buildKeyView(changed, env.now());
}

/** Loaded when somebody changes a key: it reads the log, as nothing else here does. */
async function fill(changes: readonly KeyChange[], env: Env): Promise<void> {
  const { fillMeters } = await import("../../core/usage/drift.ts");
  await fillMeters(changes, env);
}

async function changeMany(keys: readonly ApiKey[], columns: Partial<ApiKey>, env: Env) {
  const changed = keys.map((key) => ({ ...key, ...columns }));
  changed.forEach(checkTogether);
  // What a store takes in one request is limited (Upstash: a megabyte).
  for (let from = 0; from < keys.length && Object.keys(columns).length > 0; from += keysAtOnce) {
    const fields = keys.slice(from, from + keysAtOnce).map((key) => keyFields(key.id, columns));
    await env.store.put(keysTable, Object.assign(newKeysVersion(), ...fields) as Record<string, string>);
  }
  for (const key of keys) forgetKey(key.hash, env);
  const changes = keys.map((key, index): KeyChange => [key, changed[index] ?? key]);
  await fill(changes, env);
  noteKeys(changed, env);
  const items = changed.slice(0, keysAtOnce).map((key) => buildKeyView(key, env.now()));
  return { items, total: changed.length };
}

const keysAtOnce = 500;

/** Makes one key a name and writes all of them in one command. */
async function create(draft: shape.KeySettings, names: readonly string[], env: Env) {
  const { keyDefaults: limits } = readSettings(await recentPool(env));
  const set = Object.fromEntries(Object.entries(limits).filter(([, limit]) => limit > 0));
  const columns = { ...set, ...(await columnsOf(draft, env)) };
  const made = names.map((name) => {
    const secret = buildSecret(env);
    const hash = hashSecret(secret);
    const given = { ...columns, hash, prefix: secret.slice(0, 10), createdAt: env.now(), name };
    const key: ApiKey = { ...keyDefaults, ...given, id: idOfHash(hash) };
    checkTogether(key);
    return { key, secret, fields: keyFields(key.id, given) };
  });
  const fields = Object.assign(newKeysVersion(), ...made.map((each) => each.fields)) as Record<string, string>;
  await env.store.put(keysTable, fields);
  noteKeys(
    made.map(({ key }) => key),
    env,
  );
  return made.map(({ key, secret }) => ({ ...buildKeyView(key, env.now()), secret }));
}
