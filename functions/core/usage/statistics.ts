import type { Env } from "../../env.ts";
import { cache } from "../../env.ts";
import type { Figures } from "./totals.ts";
import { addFigures, decodeFigures, noFigures } from "./totals.ts";
import { addDetail, decodeDetail, getOrPut, type Detail } from "./rollup/write.ts";
import type { Share } from "./rollup/schema.ts";
import {
  dayTable,
  detailTable,
  hourPrefix,
  hourTable,
  keyField,
  markField,
  monthTable,
  totalTable,
} from "./rollup/schema.ts";
import { readTail, type Pending, type Tail } from "./unfolded.ts";
import { compareIds, idMs } from "./entry.ts";

/** What was used in one span of time, by key and by account and model. Not to be changed: pages share it. */
export interface Sums {
  readonly keys: ReadonlyMap<string, Figures>;
  readonly shares: ReadonlyMap<Share, Figures>;
}

/** Local days, `YYYY-MM-DD`. One command a day, one round trip, and the tail's. */
export function readDays(days: readonly string[], env: Env): Promise<Sums[]> {
  return readTables(days.map(dayTable), env);
}

/** Local months, `YYYY-MM`. One command a month, one round trip, and the tail's. */
export function readMonths(months: readonly string[], env: Env): Promise<Sums[]> {
  return readTables(months.map(monthTable), env);
}

/** The hours of local days: for each day its hours counted from midnight, up to 25 on a long day. One command a day. */
export async function readHours(days: readonly string[], env: Env): Promise<ReadonlyMap<number, Sums>[]> {
  const tables = await readWhole(days.map(hourTable), env);
  return tables.map((fields) => {
    const hours = new Map<number, [string, Figures][]>();
    for (const [field, figures] of fields) {
      const bar = field.indexOf("|");
      getOrPut(hours, Number(field.slice(0, bar)), () => []).push([field.slice(bar + 1), figures]);
    }
    return new Map([...hours].map(([hour, rows]) => [hour, split(rows)]));
  });
}

/** One key's accounts and models, for each day. One command a day, one round trip, and the tail's. */
export async function readKeyDays(key: string, days: readonly string[], env: Env): Promise<Detail[]> {
  const tail = await readTail(env);
  return Promise.all(
    days.map(async (day) => {
      const table = detailTable(day);
      const [value, mark] = await env.store.find(table, [keyField(key), markField]);
      const detail: Detail = value === undefined ? new Map() : decodeDetail(value);
      for (const { place, figures } of pendingOf(tail, table, mark)) {
        if (place.field === keyField(key) && place.share !== undefined) addDetail(detail, place.share, figures);
      }
      return detail;
    }),
  );
}

/** One key's figures of days, in order. One command a day, one round trip, and the tail's. */
export function readKey(key: string, days: readonly string[], env: Env): Promise<Figures[]> {
  return Promise.all(
    days.map(async (day) => (await readFields(dayTable(day), [keyField(key)], env))[0] ?? noFigures()),
  );
}

/** Some keys' figures of one day. One command and the tail's. */
export function readKeysOfDay(keys: readonly string[], day: string, env: Env): Promise<Figures[]> {
  return readFields(dayTable(day), keys.map(keyField), env);
}

/** One key's figures of some hours of a day. One command and the tail's. */
export function readKeyHours(key: string, day: string, hours: readonly number[], env: Env): Promise<Figures[]> {
  return readFields(
    hourTable(day),
    hours.map((hour) => hourPrefix(hour) + keyField(key)),
    env,
  );
}

/** All that keys have ever used. One command and the tail's. */
export function readTotals(keys: readonly string[], env: Env): Promise<Figures[]> {
  return readFields(totalTable, keys.map(keyField), env);
}

/** All that was ever used, by key. One command and the tail's. */
export async function readAllTotals(env: Env): Promise<ReadonlyMap<string, Figures>> {
  const [sums] = await readTables([totalTable], env);
  return sums?.keys ?? new Map();
}

async function readFields(table: string, fields: readonly string[], env: Env): Promise<Figures[]> {
  const tail = await readTail(env);
  const values = await env.store.find(table, [...fields, markField]);
  const pending = pendingOf(tail, table, values[fields.length]);
  return fields.map((field, index) => {
    const value = values[index];
    const sum = value === undefined ? noFigures() : decodeFigures(value);
    for (const { place, figures } of pending) if (place.field === field) addFigures(sum, figures);
    return sum;
  });
}

function pendingOf(tail: Tail, table: string, mark: string | undefined): readonly Pending[] {
  const pending = tail.byTable.get(table) ?? [];
  return mark === undefined ? pending : pending.filter(({ id }) => compareIds(id, mark) > 0);
}

async function readTables(tables: readonly string[], env: Env): Promise<Sums[]> {
  return (await readWhole(tables, env)).map((fields) => split(fields));
}

function split(rows: Iterable<readonly [string, Figures]>): Sums {
  const keys = new Map<string, Figures>();
  const shares = new Map<Share, Figures>();
  for (const [field, figures] of rows) (field.startsWith("k|") ? keys : shares).set(field.slice(2), figures);
  return { keys, shares };
}

interface Table {
  readonly readAt: number;
  readonly mark: string | undefined;
  readonly fields: ReadonlyMap<string, Figures>;
}

const keptOf = cache<Table>("statistics");
/** A table to which nothing pending belongs rarely changes: a late call of an earlier day is seen after this time. */
const keptMs = 60_000;

/** Whole tables with what is pending for them. One command for each that changed within the last minute, one round trip. */
async function readWhole(tables: readonly string[], env: Env): Promise<Map<string, Figures>[]> {
  const tail = await readTail(env);
  const kept = keptOf(env);
  const now = env.now();
  const missing = [...new Set(tables)].filter((table) => {
    const found = kept.get(table);
    return !found || now - found.readAt >= keptMs || !isStill(found, tail, now);
  });
  const read = await env.store.listMany(missing);
  const fresh = new Map(missing.map((table, index) => [table, buildTable(read[index] ?? {}, now)]));
  const found = tables.map((table) => fresh.get(table) ?? kept.get(table) ?? buildTable({}, now));
  for (const [table, content] of fresh) kept.set(table, content);
  return found.map((content, index) => withPending(content, pendingOf(tail, tables[index] ?? "", content.mark)));
}

const dayMs = 86_400_000;

/** Whether what was read before this tail may be used with it: only if no rollup can have touched the table since. */
function isStill(table: Table, tail: Tail, now: number): boolean {
  if (table.readAt >= tail.readAt) return true;
  return table.mark !== undefined && now - idMs(table.mark) > 2 * dayMs;
}

function buildTable(fields: Readonly<Record<string, string>>, readAt: number): Table {
  const decoded = new Map<string, Figures>();
  for (const [field, value] of Object.entries(fields))
    if (field !== markField) decoded.set(field, decodeFigures(value));
  return { readAt, mark: fields[markField], fields: decoded };
}

function withPending(table: Table, pending: readonly Pending[]): Map<string, Figures> {
  const fields = new Map(table.fields);
  const own = new Set<string>();
  for (const { place, figures } of pending) {
    const known = fields.get(place.field);
    const sum = own.has(place.field) && known ? known : [...(known ?? [])];
    own.add(place.field);
    fields.set(place.field, addFigures(sum, figures));
  }
  return fields;
}
