import type { Env } from "../../env.ts";
import { passwordName } from "../../core/people/password.ts";
import { auditHead, auditLog } from "../../core/people/audit.ts";
import { families } from "../../core/keys/model-families.ts";
import { keysTable, listKeys, type ApiKey } from "../../core/keys/key.ts";
import { getOrPut } from "../../core/usage/rollup/write.ts";
import { cells, periodsOf } from "../../core/limits/meter.ts";
import { idOfHash } from "../../core/keys/secret.ts";
import { passkeysTable } from "../../core/people/passkey.ts";
import { poolTable } from "../../core/accounts/pool.ts";
import { isSealed, unseal } from "../../core/accounts/seal.ts";
import { secondFactorName } from "../../core/people/second-factor.ts";
import { listPeriods } from "../../core/limits/limit-status.ts";
import { exportUsage } from "./export-usage.ts";
import { numberOf, writeLines, type Kind, type Line, type MeterLine, type TableLine } from "./record.ts";
import { lock } from "./encryption.ts";

export interface ExportOptions {
  readonly passphrase: string;
  /** Without anything that signs, signs in or opens: no credentials, proxies, webhooks, password, second factor or passkeys. */
  readonly sanitised: boolean;
}

/**
 * The encrypted file of everything that is kept, piece by piece. The usage log is folded first, so that the rows hold all of
 * it; calls that end while it is written are not in it. Commands: about 20, one for 1,000 log entries, one to four for each
 * key with limits, and three for each day with usage. Throws `credential.rejected` for a secret that ENCRYPTION_KEY does
 * not open.
 */
export function exportBackup({ passphrase, sanitised }: ExportOptions, env: Env): AsyncGenerator<Buffer> {
  return lock(writeLines(listLines(sanitised, env)), passphrase, { createdAt: env.now(), sanitised });
}

async function* listLines(sanitised: boolean, env: Env): AsyncGenerator<Line> {
  const { TIMEZONE, TIMEZONE_OFFSET } = env.config;
  yield { kind: "about", sanitised, zone: { TIMEZONE, TIMEZONE_OFFSET } };
  yield* listPool(sanitised, env);
  yield* listRecords("keys", keysTable, await env.store.list(keysTable));
  if (!sanitised) yield* listAdmin(env);
  const keys = await listKeys(env);
  yield* listMeters(keys, env);
  yield* exportUsage(keys, env);
  yield* listAudit(env);
}

const kindOf: Readonly<Record<string, TableLine["kind"]>> = {
  account: "accounts",
  group: "groups",
  price: "prices",
  setting: "settings",
};

/** Cooldowns and windows stay behind: they pass, and the provider tells them again. */
async function* listPool(sanitised: boolean, env: Env): AsyncGenerator<Line> {
  const fields = await env.store.list(poolTable);
  const plain = new Map<string, Record<string, string>>();
  const sealed: Record<string, string> = {};
  for (const [field, value] of Object.entries(fields)) {
    const kind = field.slice(0, field.indexOf("/"));
    if (!kindOf[kind]) continue;
    const parsed: unknown = JSON.parse(value);
    if (!isSealed(parsed))
      getOrPut(plain, kind, (): Record<string, string> => ({}))[field.slice(kind.length + 1)] = value;
    else if (!sanitised) sealed[field] = unseal(parsed, field, env.config);
  }
  for (const [kind, rest] of plain) {
    for (const line of listRecords(kindOf[kind] ?? "settings", poolTable, rest, `${kind}/`))
      yield kind === "account" ? withSecrets(line, sealed) : line;
  }
  const others = Object.entries(sealed).filter(([field]) => !field.startsWith("account/"));
  for (const [field, secret] of others)
    yield { kind: "settings", table: poolTable, fields: {}, sealed: { [field]: secret } };
}

function withSecrets(line: TableLine, sealed: Readonly<Record<string, string>>): TableLine {
  const [account = ""] = /^account\/[^/]+\//.exec(Object.keys(line.fields)[0] ?? "") ?? [];
  const own = Object.entries(sealed).filter(([field]) => field.startsWith(account));
  return own.length === 0 ? line : { ...line, sealed: Object.fromEntries(own) };
}

const hasColumns: readonly Kind[] = ["accounts", "keys"];

function idOf(kind: Kind, field: string, value: string): string {
  // Under a later secret's hash stands the first one of its key.
  if (kind === "keys" && field.endsWith("/alias")) return idOfHash(JSON.parse(value) as string);
  return hasColumns.includes(kind) ? (field.split("/")[0] ?? "") : field;
}

/** A line for each record: keys and accounts have a field a column, `<id>/<column>`. */
function* listRecords(
  kind: TableLine["kind"],
  table: string,
  fields: Readonly<Record<string, string>>,
  prefix = "",
): Generator<TableLine> {
  const records = new Map<string, Record<string, string>>();
  for (const [field, value] of Object.entries(fields)) {
    if (field.startsWith("@")) continue;
    const id = idOf(kind, field, value);
    const record = records.get(id) ?? {};
    record[prefix + field] = value;
    records.set(id, record);
  }
  for (const record of records.values()) yield { kind, table, fields: record };
}

async function* listAdmin(env: Env): AsyncGenerator<Line> {
  const [password, factor] = await env.store.read([passwordName, secondFactorName]);
  if (password !== undefined) yield { kind: "admin", name: passwordName, value: password, isSealed: false };
  if (factor !== undefined) {
    const value = unseal(factor, secondFactorName, env.config);
    yield { kind: "admin", name: secondFactorName, value, isSealed: true };
  }
  // A passkey counts how often it has signed: what the target knows of it is newer.
  const passkeys = listRecords("admin", passkeysTable, await env.store.list(passkeysTable));
  for (const line of passkeys) yield { ...line, isOnlyNew: true };
}

const daySeconds = 86_400;
const counted = [
  cells.requests,
  cells.tokens,
  cells.costNanos,
  ...families.map((_, index) => cells.firstFamily + index),
];
const keysAtOnce = 100;

/** What is spent of the limits of the present periods. What is under way stays where it runs. */
async function* listMeters(keys: readonly ApiKey[], env: Env): AsyncGenerator<MeterLine> {
  for (let from = 0; from < keys.length; from += keysAtOnce) {
    const rows = keys.slice(from, from + keysAtOnce).flatMap((key) => rowsOf(key, env));
    const steps = counted.map((cell) => ({ cell, by: 0 }));
    const results = await env.store.count(rows.map(({ row }) => ({ row, steps })));
    for (const [index, { row, ttlSeconds }] of rows.entries()) {
      const values = (results[index] ?? []).map((value, place) => [counted[place] ?? 0, value] as const);
      const spent = values.filter(([, value]) => value > 0);
      if (spent.length > 0) yield { kind: "meters", row, cells: spent, ttlSeconds };
    }
  }
}

function rowsOf(key: ApiKey, env: Env): { row: string; ttlSeconds: number }[] {
  const periods = periodsOf(key, env.now(), env.config);
  if (!periods) return [];
  // As long as admission and settlement let them live.
  const ttl = { day: 3 * daySeconds, week: 16 * daySeconds, window: key.windowMinutes * 60 + daySeconds, total: 0 };
  return listPeriods(key, periods).map(({ row, period }) => ({ row, ttlSeconds: ttl[period] }));
}

const page = 500;

/** The whole chain, and its end after it. An entry that was appended meanwhile comes after the end, and stays behind. */
async function* listAudit(env: Env): AsyncGenerator<Line> {
  const [value] = await env.store.read([auditHead]);
  if (value === undefined) return;
  const { number } = JSON.parse(value) as { number: number };
  let after = "0";
  for (;;) {
    const entries = await env.store.readLog(auditLog, after, page);
    for (const { entry } of entries) if (numberOf(entry) <= number) yield { kind: "audit", entry };
    after = entries.at(-1)?.id ?? after;
    if (entries.length < page) break;
  }
  yield { kind: "audit-head", value };
}
