import type { Env } from "../../env.ts";
import { perEnv } from "../../env.ts";
import { expiryOf } from "../../relay/flow/authenticate.ts";
import type { ApiKey } from "../../core/keys/key.ts";
import { freshMs, listKeysOfVersion, readKeysVersion } from "../../core/keys/key.ts";
import { figure, type Figures } from "../../core/usage/totals.ts";
import { dayOf } from "../../core/limits/period.ts";
import { readKeysOfDay, readTotals } from "../../core/usage/statistics.ts";
import { stateOf } from "./key-view.ts";
import type { KeyListing, KeyUsageView } from "./key-schema.ts";
import { usageColumns } from "./key-schema.ts";

interface Listing {
  readonly at: number;
  readonly readAt: number;
  /** Of the keys as they were read; a change that was laid over them since has moved it in the store. */
  readonly version: Promise<string>;
  readonly keys: Promise<readonly ApiKey[]>;
}

/** A process of a version before 0.2.0 changes keys without changing their version. */
const longestMs = 300_000;

const held = perEnv<{ listing: Listing | undefined }>(() => ({ listing: undefined }));

/**
 * All keys, as of a few seconds ago at most. No command if they were looked after meanwhile, one small one while no key has
 * changed: paging and typing in the search field must not read ten thousand keys each time.
 */
export async function allKeys(env: Env): Promise<readonly ApiKey[]> {
  const { listing } = held(env);
  if (listing && env.now() - listing.at < freshMs) return listing.keys;
  if (listing && env.now() - listing.readAt < longestMs) {
    const at = env.now();
    if ((await readKeysVersion(env)) === (await listing.version)) return hold({ ...listing, at }, env);
  }
  const reading = listKeysOfVersion(env);
  const [keys, version] = [reading.then((read) => read.keys), reading.then((read) => read.version)];
  version.catch(() => undefined);
  return hold({ at: env.now(), readAt: env.now(), version, keys }, env);
}

function hold(listing: Listing, env: Env): Promise<readonly ApiKey[]> {
  const here = held(env);
  here.listing = listing;
  listing.keys.catch(() => {
    // A failed read is told to whoever waits for it; the next one asks again.
    if (here.listing === listing) here.listing = undefined;
  });
  return listing.keys;
}

/** After a change on this instance: the list shows it at once, without being read again. */
export function noteKeys(changed: readonly ApiKey[], env: Env): void {
  const ids = new Set(changed.map((key) => key.id));
  noteChange((keys) => [...keys.filter((key) => !ids.has(key.id)), ...changed], env);
}

export function noteRemoval(id: string, env: Env): void {
  noteChange((keys) => keys.filter((key) => key.id !== id), env);
}

/** After a change to keys that are not at hand: the next list is read anew. */
export function forgetListing(env: Env): void {
  held(env).listing = undefined;
}

/** A read that is under way may have begun before the change, so the change is laid over what it brings as well. */
function noteChange(change: (keys: readonly ApiKey[]) => readonly ApiKey[], env: Env): void {
  const here = held(env);
  if (here.listing) void hold({ ...here.listing, keys: here.listing.keys.then(change) }, env);
}

type Totals = ReadonlyMap<string, Figures>;

/**
 * The keys that a query asks for, sorted: ties by newest first, then by id, so that pages do not overlap. `totals` is what
 * keys used, for the queries that `needsTotals`.
 */
export function selectKeys(keys: readonly ApiKey[], query: KeyListing, totals: Totals, now: number): ApiKey[] {
  const matches = keys.filter(
    (key) =>
      isWanted(key, query, now) && isIdle(key, query.unusedDays, totals, now) && isWithin(totals.get(key.id), query),
  );
  const column = query.sort ?? "createdAt";
  const sign = (query.order ?? "desc") === "desc" ? -1 : 1;
  const valueIn = usageColumns.some((name) => name === column)
    ? (key: ApiKey) => figure(totals.get(key.id) ?? [], column === "lastUsedAt" ? "lastAt" : "costNanos")
    : (key: ApiKey) => valueOf(key, column, now);
  const rows = matches.map((key) => ({ key, value: valueIn(key) }));
  rows.sort(
    (one, other) =>
      sign * compare(one.value, other.value) ||
      other.key.createdAt - one.key.createdAt ||
      compare(one.key.id, other.key.id),
  );
  return rows.map((row) => row.key);
}

export function needsTotals({ sort, unusedDays, minCostUsd, maxCostUsd }: KeyListing): boolean {
  const isByUse = [unusedDays, minCostUsd, maxCostUsd].some((bound) => bound !== undefined);
  return isByUse || usageColumns.some((name) => name === sort);
}

/** By the cost of all its calls. */
function isWithin(used: Figures | undefined, { minCostUsd = 0, maxCostUsd = Infinity }: KeyListing): boolean {
  const costUsd = figure(used ?? [], "costNanos") / 1e9;
  return costUsd >= minCostUsd && costUsd <= maxCostUsd;
}

const dayMs = 86_400_000;

/** Keys that were used before calls were dated in the totals are not idle as far as anybody knows. */
function isIdle(key: ApiKey, days: number | undefined, totals: Totals, now: number): boolean {
  if (days === undefined) return true;
  const since = now - days * dayMs;
  const used = totals.get(key.id) ?? [];
  const lastAt = figure(used, "lastAt");
  return key.createdAt < since && lastAt < since && (lastAt > 0 || figure(used, "requests") === 0);
}

/** What the keys of a page used: their latest call, today's cost and that of all time. Two commands and the tail's. */
export async function readKeyUsage(keys: readonly ApiKey[], env: Env): Promise<KeyUsageView[]> {
  if (keys.length === 0) return [];
  const ids = keys.map((key) => key.id);
  const today = dayOf(env.now(), env.config).name;
  const [days, totals] = await Promise.all([readKeysOfDay(ids, today, env), readTotals(ids, env)]);
  return ids.map((_, index) => {
    const total = totals[index] ?? [];
    return {
      lastUsedAt: figure(total, "lastAt") || null,
      todayCostUsd: figure(days[index] ?? [], "costNanos") / 1e9,
      allCostUsd: figure(total, "costNanos") / 1e9,
    };
  });
}

function isWanted(key: ApiKey, query: KeyListing, now: number): boolean {
  const state = stateOf(key, now);
  if (query.state === undefined ? state === "deleted" : query.state !== "all" && query.state !== state) return false;
  if (query.tag !== undefined && !key.tags.includes(query.tag)) return false;
  if (query.boundTo !== undefined && !Object.values(key.bindings).includes(query.boundTo)) return false;
  if (query.owner !== undefined && key.owner !== query.owner) return false;
  const search = query.search?.trim().toLowerCase();
  if (!search) return true;
  return [key.name, key.description, key.owner, key.prefix, key.id, ...key.tags].some((text) =>
    text.toLowerCase().includes(search),
  );
}

type Sortable = string | number | undefined;

function valueOf(key: ApiKey, column: string, now: number): Sortable {
  if (column === "state") return stateOf(key, now);
  if (column === "endsAt") return expiryOf(key);
  const value = key[column.replace(/CostUsd$/, "CostNanos") as keyof ApiKey];
  if (typeof value === "boolean") return Number(value);
  return typeof value === "string" || typeof value === "number" ? value : undefined;
}

const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

/** Numbers by size, words as people sort them (key 2 before key 10); what is not set comes first. */
function compare(one: Sortable, other: Sortable): number {
  if (one === other) return 0;
  if (one === undefined) return -1;
  if (other === undefined) return 1;
  if (typeof one === "number" && typeof other === "number") return one - other;
  return collator.compare(String(one), String(other));
}
