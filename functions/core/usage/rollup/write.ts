import type { Env } from "../../../env.ts";
import type { Figures } from "../totals.ts";
import { addFigures, decodeFigures, encodeFigures, noFigures, withoutZeros } from "../totals.ts";
import type { Placed, Share } from "./schema.ts";
import { detailTable, markField, readShare } from "./schema.ts";

/** A key's figures of one day at one account with one model, and their encoded form as long as it holds. */
interface DetailRow {
  readonly figures: Figures;
  text: string | undefined;
}

/** A field of a detail table: a key's figures of one day by account and model. */
export type Detail = Map<Share, DetailRow>;

const detailPrefix = detailTable("");

/** A JSON array of rows, each an array of its share and its figures. Only the rows that changed are encoded again. */
export function encodeDetail(detail: Detail): string {
  const texts: string[] = [];
  for (const [share, row] of detail) {
    row.text ??= JSON.stringify([share, ...withoutZeros(row.figures)]);
    texts.push(row.text);
  }
  return `[${texts.join(",")}]`;
}

export function decodeDetail(text: string): Detail {
  const rows = JSON.parse(text) as [Share, ...number[]][];
  return new Map(rows.map(([share, ...figures]) => [share, { figures, text: undefined }]));
}

export function addDetail(into: Detail, share: Share, figures: readonly number[]): void {
  const row = getOrPut(into, share, noRow);
  addFigures(row.figures, figures);
  row.text = undefined;
}

/** A detail's rows with account and model apart. */
export function listDetail(detail: Detail): { account: string; model: string; figures: Figures }[] {
  return [...detail].map(([share, { figures }]) => ({ ...readShare(share), figures }));
}

interface Sums {
  readonly plain: Map<string, Figures>;
  readonly detail: Map<string, Detail>;
}

/** What some events add, by table and field. */
export type Changes = Map<string, Sums>;

export function addPlaced(changes: Changes, { places, figures }: Placed): void {
  for (const { table, field, share } of places) {
    const sums = getOrPut(changes, table, noSums);
    if (share === undefined) addFigures(getOrPut(sums.plain, field, noFigures), figures);
    else addDetail(getOrPut(sums.detail, field, noDetail), share, figures);
  }
}

/** Fields as the store has them, kept from batch to batch of one run: its own folds are the only ones that count. */
export interface Ledger {
  readonly known: Changes;
  fields: number;
}

/** A few ten megabytes; past it the ledger is emptied and reads again. */
const mostFields = 50_000;

export function openLedger(): Ledger {
  return { known: new Map(), fields: 0 };
}

export function forgetLedger(ledger: Ledger): void {
  ledger.known.clear();
  ledger.fields = 0;
}

/**
 * The new values of all fields that changes touch, by table, and the table's mark. One command for each table that has a
 * touched field which the ledger does not know, in one round trip.
 */
export async function addToLedger(
  ledger: Ledger,
  changes: Changes,
  mark: string,
  env: Env,
): Promise<Record<string, Record<string, string>>> {
  if (ledger.fields > mostFields) forgetLedger(ledger);
  await Promise.all([...changes].map(([table, sums]) => readUnknown(ledger, table, sums, env)));
  const tables: [string, Record<string, string>][] = [];
  for (const [table, sums] of changes) {
    const known = getOrPut(ledger.known, table, noSums);
    // Without a prototype it is a dictionary from the start, and a field may have any name: thousands are put into it.
    const fields = Object.create(null) as Record<string, string>;
    fields[markField] = mark;
    for (const [field, figures] of sums.plain) {
      fields[field] = encodeFigures(addFigures(getOrPut(known.plain, field, noFigures), figures));
    }
    for (const [field, detail] of sums.detail) {
      const sum = getOrPut(known.detail, field, noDetail);
      for (const [share, row] of detail) addDetail(sum, share, row.figures);
      fields[field] = encodeDetail(sum);
    }
    tables.push([table, fields]);
  }
  return Object.fromEntries(tables);
}

async function readUnknown(ledger: Ledger, table: string, sums: Sums, env: Env): Promise<void> {
  const known = getOrPut(ledger.known, table, noSums);
  const isDetail = table.startsWith(detailPrefix);
  const touched = isDetail ? sums.detail : sums.plain;
  const unknown = [...touched.keys()].filter((field) => !known.plain.has(field) && !known.detail.has(field));
  const values = await env.store.find(table, unknown);
  ledger.fields += unknown.length;
  for (const [index, field] of unknown.entries()) {
    const value = values[index];
    if (isDetail) known.detail.set(field, value === undefined ? noDetail() : decodeDetail(value));
    else known.plain.set(field, value === undefined ? noFigures() : decodeFigures(value));
  }
}

const noRow = (): DetailRow => ({ figures: noFigures(), text: undefined });
const noDetail = (): Detail => new Map();
const noSums = (): Sums => ({ plain: new Map(), detail: new Map() });

export function getOrPut<K, V>(map: Map<K, V>, key: K, build: () => V): V {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = build();
  map.set(key, made);
  return made;
}
