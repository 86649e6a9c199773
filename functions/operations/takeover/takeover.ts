import type { Env } from "../../env.ts";
import { encodeFigures, figureNames } from "../../core/usage/totals.ts";
import { keyFields, keysTable, type ApiKey } from "../../core/keys/key.ts";
import { pepperField } from "../../core/accounts/legacy-key.ts";
import { cells, rowName } from "../../core/limits/meter.ts";
import { dayOf } from "../../core/limits/period.ts";
import { accountFields, poolTable } from "../../core/accounts/pool.ts";
import { keyField, totalTable } from "../../core/usage/rollup/schema.ts";
import type { Foreign } from "../../stores/redis/foreign.ts";
import { buildOpener, makeAccount, oldKinds, type NewAccount, type Old } from "./accounts.ts";
import { makeKey, nanos } from "./keys.ts";
import { takeLines, type Plan } from "../backup/import.ts";
import type { Line } from "../backup/record.ts";
import { parseJson } from "../../wire/json.ts";

export interface Takeover {
  readonly redis: Foreign;
  /** The ENCRYPTION_KEY of claude-relay-service. */
  readonly encryptionKey: string;
  /** False: only looks. */
  readonly isWriting: boolean;
}

/**
 * Takes over the keys (whose secrets go on working), accounts, groups and totals of claude-relay-service, straight from its
 * Redis, which is only read. Compares before it writes, as every import. The notes tell what was not taken, and why.
 */
export function importCrs(takeover: Takeover, env: Env): Promise<Plan> {
  const notes: string[] = [];
  const tell = (note: string) => void notes.push(note);
  return takeLines(listLines(takeover, tell, env), { isWriting: takeover.isWriting, env }).then((plan) => ({
    ...plan,
    notes: [...plan.notes, ...notes, ...always],
  }));
}

const always = [
  "Not taken: users and their sign-in, quota cards, webhooks, usage by day and model, single requests, and the admin's password.",
];

async function* listLines(takeover: Takeover, tell: (note: string) => void, env: Env): AsyncGenerator<Line> {
  const { redis, encryptionKey } = takeover;
  const field = pepperField(encryptionKey);
  yield { kind: "settings", table: poolTable, fields: {}, sealed: { [field]: encryptionKey } };
  yield* listGroups(redis);
  yield* listAccounts(takeover, tell);
  const keys = await readKeys(redis, tell);
  // The totals first: once a key is known here it may be used, and then they are newer here.
  for (const each of keys) yield* listTotals(each, redis);
  for (const each of keys) yield* listSpent(each, redis, env);
  for (const { key } of keys) yield { kind: "keys", table: keysTable, fields: keyFields(key.id, key) };
}

interface Taken {
  readonly key: ApiKey;
  /** As claude-relay-service knows it. */
  readonly id: string;
}

async function readKeys(redis: Foreign, tell: (note: string) => void): Promise<Taken[]> {
  const keys: Taken[] = [];
  for await (const name of redis.scan("apikey:*")) {
    const id = /^apikey:([0-9a-f-]{36})$/.exec(name)?.[1];
    if (id === undefined) continue;
    const old = await redis.hash(name);
    const key = makeKey(old, (what) => tell(`Key "${old.name ?? id}" ${what}.`));
    if (key) keys.push({ key, id });
    else tell(`Key "${old.name ?? id}" was not taken: it has no hash.`);
  }
  return keys;
}

async function* listGroups(redis: Foreign): AsyncGenerator<Line> {
  for await (const name of redis.scan("account_group:*")) {
    const id = name.slice("account_group:".length);
    const old: Old = await redis.hash(name);
    const group = { id, name: old.name ?? id, description: old.description ?? "" };
    yield { kind: "groups", table: poolTable, fields: { [`group/${id}`]: JSON.stringify(group) } };
  }
}

async function* listAccounts({ redis, encryptionKey }: Takeover, tell: (note: string) => void): AsyncGenerator<Line> {
  const groups = await readMemberships(redis);
  const openerOf = buildOpener(encryptionKey);
  for (const kind of oldKinds) {
    for await (const name of redis.scan(`${kind.prefix}*`)) {
      const id = name.slice(kind.prefix.length);
      if (id === "index" || id.includes(":")) continue;
      const old = kind.prefix === "bedrock_account:" ? textsOf(await redis.text(name)) : await redis.hash(name);
      const made = makeAccount(kind, old, openerOf(kind), encryptionKey);
      if (typeof made === "string")
        tell(`Account "${old.name ?? id}" (${kind.prefix.slice(0, -1)}) was not taken: ${made}.`);
      else yield accountLine(id, made, groups.get(id) ?? []);
    }
  }
}

function accountLine(id: string, { columns, credential, proxy }: NewAccount, groups: readonly string[]): Line {
  const fields = Object.entries(accountFields(id, { ...columns, groups }));
  return {
    kind: "accounts",
    table: poolTable,
    fields: Object.fromEntries(fields.map(([field, value]) => [field, JSON.stringify(value)])),
    sealed: {
      [`account/${id}/credential`]: JSON.stringify(credential),
      ...(proxy === undefined ? {} : { [`account/${id}/proxy`]: proxy }),
    },
  };
}

/** JSON with values of any kind, as text of each: Bedrock's accounts are kept so. */
function textsOf(text: string | undefined): Old {
  const value = (parseJson(text) ?? {}) as Record<string, unknown>;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [name, typeof each === "string" ? each : JSON.stringify(each)]),
  );
}

async function readMemberships(redis: Foreign): Promise<Map<string, string[]>> {
  const groups = new Map<string, string[]>();
  const prefix = "account_group_members:";
  for await (const name of redis.scan(`${prefix}*`))
    for (const account of await redis.members(name))
      groups.set(account, [...(groups.get(account) ?? []), name.slice(prefix.length)]);
  return groups;
}

async function* listTotals({ key, id }: Taken, redis: Foreign): AsyncGenerator<Line> {
  const figures = buildTotals(await redis.hash(`usage:${id}`), nanos(await redis.text(`usage:cost:total:${id}`)));
  if (!figures.some((figure) => figure > 0)) return;
  const fields = { [keyField(key.id)]: encodeFigures(figures) };
  yield { kind: "usage", table: totalTable, fields, isOnlyNew: true };
}

const daySeconds = 86_400;

/** What is spent of the limits that go on: today's, if both services begin their days alike, and the total one. */
async function* listSpent({ key, id }: Taken, redis: Foreign, env: Env): AsyncGenerator<Line> {
  const today = dayOf(env.now(), env.config).name;
  const spent = [
    { period: "total", limit: key.totalCostNanos, name: `usage:cost:total:${id}`, ttlSeconds: 0 },
    { period: today, limit: key.dailyCostNanos, name: `usage:cost:daily:${id}:${today}`, ttlSeconds: 3 * daySeconds },
  ];
  for (const { period, limit, name, ttlSeconds } of spent) {
    const value = limit > 0 ? nanos(await redis.text(name)) : 0;
    const cost = [cells.costNanos, value] as const;
    if (value > 0) yield { kind: "meters", row: rowName(key.id, period), cells: [cost], ttlSeconds };
  }
}

/** All cache writes count as those of five minutes: the old totals do not tell them apart. */
function buildTotals(old: Old, costNanos: number): number[] {
  const whole = (name: string) => Math.max(0, Math.floor(Number(old[name] ?? "") || 0));
  const known: Readonly<Record<string, number>> = {
    requests: whole("totalRequests"),
    inputTokens: whole("totalInputTokens"),
    outputTokens: whole("totalOutputTokens"),
    cacheReadTokens: whole("totalCacheReadTokens"),
    cacheWrite5mTokens: whole("totalCacheCreateTokens"),
    costNanos,
  };
  return figureNames.map((name) => known[name] ?? 0);
}
