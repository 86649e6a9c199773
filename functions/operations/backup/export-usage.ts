import { Failure } from "../../failure.ts";
import type { Env } from "../../env.ts";
import type { ApiKey } from "../../core/keys/key.ts";
import { dayOf } from "../../core/limits/period.ts";
import { nextDay } from "../../core/usage/rollup/retention.ts";
import { rollUp } from "../../core/usage/rollup/rollup.ts";
import { cursorName, readState, type RollupState } from "../../core/usage/rollup/state.ts";
import { dayTable, detailTable, hourTable, markField, monthTable, totalTable } from "../../core/usage/rollup/schema.ts";
import { compareIds, readEntry } from "../../core/usage/entry.ts";
import { usageLog } from "../../core/usage/log.ts";
import type { Line, TableLine } from "./record.ts";

const mostPasses = 5;
const foldMs = 60_000;
const oldestMs = 400 * 86_400_000;
const mostMonths = 240;

/**
 * The rows of usage and the log behind them, both as of one moment: should a rollup move the cursor while the tables are
 * read, they are read again, and the later lines stand.
 */
export async function* exportUsage(keys: readonly ApiKey[], env: Env): AsyncGenerator<Line> {
  for (let pass = 0; pass < mostPasses; pass += 1) {
    while ((await rollUp(env.now() + foldMs, env)).end !== "done");
    const state = await readCursor(env);
    yield* listTables(keys, state, env);
    if ((await readCursor(env)).id !== state.id) continue;
    yield* listEvents(state.id, env);
    return;
  }
  throw new Failure("record.conflict", { message: "Usage is folded too often to be read whole; try again later." });
}

async function readCursor(env: Env): Promise<RollupState> {
  const [value] = await env.store.read([cursorName]);
  return readState(value);
}

async function* listTables(keys: readonly ApiKey[], { horizon }: RollupState, env: Env): AsyncGenerator<Line> {
  yield* listFields(totalTable, env);
  const today = dayOf(env.now(), env.config).name;
  const earliest = Math.min(env.now() - oldestMs, ...keys.map((key) => key.createdAt).filter((at) => at > 0));
  for (const month of monthsBetween(dayOf(earliest, env.config).name, today)) {
    let isEmpty = true;
    for await (const line of listFields(monthTable(month), env)) {
      isEmpty = false;
      yield line;
    }
    // Every call counts in its month, so a month without rows has no days with rows.
    if (isEmpty) continue;
    for (let day = `${month}-01`; day.startsWith(month); day = nextDay(day)) {
      if (day < horizon.days) continue;
      yield* listFields(dayTable(day), env);
      yield* listFields(detailTable(day), env);
      if (day >= horizon.hours) yield* listFields(hourTable(day), env);
    }
  }
}

/** `YYYY-MM`, the first day's and the last day's included; the latest if there are very many. */
function monthsBetween(first: string, last: string): string[] {
  const months: string[] = [];
  const [year = 0, month = 1] = last.split("-").map(Number);
  for (let back = 0; back < mostMonths; back += 1) {
    const name = new Date(Date.UTC(year, month - 1 - back, 1)).toISOString().slice(0, 7);
    if (name < first.slice(0, 7)) break;
    months.unshift(name);
  }
  return months;
}

const mostFields = 200;
const mostBytes = 65_536;

/** The mark stays behind: it is a log id of this store, and means nothing in another. */
async function* listFields(table: string, env: Env): AsyncGenerator<TableLine> {
  let fields: Record<string, string> = {};
  let bytes = 0;
  let count = 0;
  for (const [field, value] of Object.entries(await env.store.list(table))) {
    if (field === markField) continue;
    fields[field] = value;
    bytes += field.length + value.length;
    count += 1;
    if (count < mostFields && bytes < mostBytes) continue;
    yield { kind: "usage", table, fields };
    fields = {};
    bytes = count = 0;
  }
  if (count > 0) yield { kind: "usage", table, fields };
}

const page = 1_000;

/** The log up to where it is folded, without marks and what is no event. */
async function* listEvents(upTo: string, env: Env): AsyncGenerator<Line> {
  let after = "0";
  for (;;) {
    const entries = await env.store.readLog(usageLog, after, page);
    for (const each of entries) {
      if (compareIds(each.id, upTo) > 0) return;
      if (readEntry(each).event) yield { kind: "events", entry: each.entry };
    }
    if (entries.length < page) return;
    after = entries.at(-1)?.id ?? after;
  }
}
