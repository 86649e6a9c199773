import { buildKeyFilter } from "../../core/accounts/key-filter.ts";
import { readPool } from "../../core/accounts/pool.ts";
import type { Env } from "../../env.ts";
import { checkLine } from "./check.ts";
import { auditImport } from "./import-audit.ts";
import { eventImport } from "./import-events.ts";
import { meterImport } from "./import-meters.ts";
import { tableImport } from "./import-tables.ts";
import { valueImport } from "./import-values.ts";
import { readLines, kinds, type About, type Kind, type Line } from "./record.ts";
import type { Count, Taker, Taking } from "./importer.ts";
import { unlock } from "./encryption.ts";

export interface Plan {
  readonly sanitised: boolean;
  readonly counts: Readonly<Record<Kind, Count>>;
  /** What is not as one might think, in English, a sentence each. */
  readonly notes: readonly string[];
}

/** A file that can be read more than once: each call begins anew. */
export type OpenFile = () => AsyncIterable<Uint8Array>;

/** What an import would do. Reads the whole file, so that one that is damaged or cut is refused before anything is written. */
export function planImport(file: OpenFile, passphrase: string, env: Env): Promise<Plan> {
  return walk(file, passphrase, { isWriting: false, env });
}

/**
 * Makes the store's records those of the file, after looking through all of it. What the file does not have stays as it is.
 * It compares before it writes: run twice it changes nothing, and one that broke off is run again. Answers what it found.
 */
export async function importBackup(file: OpenFile, passphrase: string, env: Env): Promise<Plan> {
  await planImport(file, passphrase, env);
  return walk(file, passphrase, { isWriting: true, env });
}

function walk(file: OpenFile, passphrase: string, way: Pick<Taking, "isWriting" | "env">): Promise<Plan> {
  return takeLines(checkLines(readLines(unlock(file(), passphrase))), way);
}

async function* checkLines(lines: AsyncIterable<string>): AsyncGenerator<Line> {
  let number = 0;
  for await (const line of lines) yield checkLine(line, (number += 1));
}

/** Compares lines with the store, and writes what differs if it is to. */
export async function takeLines(lines: AsyncIterable<Line>, way: Pick<Taking, "isWriting" | "env">): Promise<Plan> {
  const counts = Object.fromEntries(kinds.map((kind) => [kind, { new: 0, same: 0, different: 0 }])) as Record<
    Kind,
    Count
  >;
  const notes: string[] = [];
  const taking: Taking = {
    ...way,
    count: (kind, outcome) => void (counts[kind][outcome] += 1),
    note: (sentence) => void (notes.includes(sentence) || notes.push(sentence)),
  };
  const takers = buildTakers(taking);
  let sanitised = false;
  let last: Taker | undefined;
  for await (const line of lines) {
    if (line.kind === "about") {
      sanitised = line.sanitised;
      compareAbout(line, taking);
      continue;
    }
    // The operator's passkeys are a table, the password and second factor values.
    const taker = "table" in line ? takers.accounts : takers[line.kind];
    if (last && taker !== last) await last.finish();
    await taker.take(line);
    last = taker;
  }
  await last?.finish();
  const { new: added, same, different } = counts.keys;
  if (way.isWriting && added + same + different > 0) await buildKeyFilter(await readPool(way.env), way.env);
  return { sanitised, counts, notes };
}

function buildTakers(taking: Taking): Record<Exclude<Line["kind"], "about">, Taker> {
  const table = tableImport(taking);
  const audit = auditImport(taking);
  return {
    accounts: table,
    groups: table,
    prices: table,
    settings: table,
    keys: table,
    usage: table,
    admin: valueImport(taking),
    meters: meterImport(taking),
    events: eventImport(taking),
    audit,
    "audit-head": audit,
  };
}

function compareAbout({ sanitised, zone }: About, { env, note }: Taking): void {
  const nameOf = (one: About["zone"]) =>
    one.TIMEZONE ?? `UTC${one.TIMEZONE_OFFSET < 0 ? "" : "+"}${one.TIMEZONE_OFFSET}`;
  if (sanitised) note("The file is sanitised: accounts come without credentials, and alerts without addresses.");
  if (nameOf(zone) !== nameOf(env.config))
    note(`Days of the file begin by ${nameOf(zone)}, and here by ${nameOf(env.config)}: the day's limits begin anew.`);
}
