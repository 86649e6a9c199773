import { createHash } from "node:crypto";
import type { Env } from "../../env.ts";
import { perEnv } from "../../env.ts";
import type { LogEntry } from "../../stores/store.ts";
import { idMs } from "../usage/entry.ts";

/** What an admin did. Never holds a secret: `before` and `after` come out of `redact` (redact.ts). */
export interface AuditAction {
  readonly at: number;
  readonly who: string;
  readonly ip: string;
  readonly operation: string;
  /** The record that it was done to; empty if there is none. */
  readonly target: string;
  readonly status: number;
  /** The failure's code, where it was refused. */
  readonly failure?: string;
  /** Only what differs. */
  readonly before?: Readonly<Record<string, unknown>>;
  readonly after?: Readonly<Record<string, unknown>>;
  readonly request: string;
}

/** One link of the chain: `hash` is the SHA-256 of everything else in it, and `previous` the hash of the one before. */
export interface AuditEntry extends AuditAction {
  /** Counts from 1 without gaps. */
  readonly number: number;
  readonly previous: string;
  readonly hash: string;
}

/**
 * The chain's end, kept apart from the log: entries that were cut off at either end are missed by it. `marks` are log ids,
 * one each 500 entries, so that what to cut is known without counting; all up to number `cut` were dropped by retention.
 */
interface Head {
  readonly number: number;
  readonly hash: string;
  readonly marks: readonly string[];
  readonly cut: number;
}

export const auditLog = "audit";
export const auditHead = "audit/head";
/** The newest ten thousand are kept, and none longer than about a year. */
export const auditRetention = { stretch: 500, stretches: 20, days: 365 } as const;

const origin: Head = { number: 0, hash: "", marks: [], cut: 0 };
const mostRaces = 20;
const dayMs = 86_400_000;

interface Held {
  value: string | undefined;
  line: Promise<void>;
}

const heldOf = perEnv<Held>(() => ({ value: undefined, line: Promise.resolve() }));

/**
 * Appends an action to the chain. The place in the chain is taken first, by compare-and-set of its head, so that two
 * instances never follow the same entry; a crash before the append leaves a gap that `verifyAudit` tells. Billed commands:
 * four, two more for each race that was lost, two or three more at each 500th entry.
 */
export function appendAudit(action: AuditAction, env: Env): Promise<void> {
  const held = heldOf(env);
  const work = held.line.then(() => link(action, held, env));
  held.line = work.catch(() => undefined);
  return work;
}

async function link(action: AuditAction, held: Held, env: Env): Promise<void> {
  for (let races = 0; races < mostRaces; races += 1) {
    if (held.value === undefined || races > 0) [held.value] = await env.store.read([auditHead]);
    const expected = held.value;
    const head = readHead(expected);
    const entry = { number: head.number + 1, previous: head.hash, ...action };
    const hash = digest(entry);
    const { trimTo, ...kept } = await retain(head, env);
    const next = JSON.stringify({ number: entry.number, hash, ...kept });
    if (!(await env.store.fold({ cursor: auditHead, expected, next, tables: {} }))) continue;
    held.value = next;
    await env.store.append(auditLog, JSON.stringify({ ...entry, hash }));
    if (trimTo !== undefined) await env.store.trimLog(auditLog, trimTo);
    return;
  }
  throw new Error("The audit log's head moved at each try.");
}

/** At each 500th entry: a mark, and the oldest stretch given up if there are too many or it is too old. */
async function retain(
  { number, marks, cut }: Head,
  env: Env,
): Promise<{ marks: readonly string[]; cut: number; trimTo?: string }> {
  const { stretch, stretches, days } = auditRetention;
  if (number === 0 || number % stretch !== 0) return { marks, cut };
  const [last] = await env.store.readLogBackwards(auditLog, "+", 1);
  const all = [...marks, last?.id ?? `${env.now()}-0`];
  const over = all.filter((id, index) => all.length - index > stretches || idMs(id) < env.now() - days * dayMs);
  const trimTo = over.at(-1);
  if (trimTo === undefined) return { marks: all, cut };
  return { marks: all.slice(over.length), cut: cut + over.length * stretch, trimTo };
}

/** The order of the fields is part of what is hashed, and JSON keeps it. */
function digest(entry: Readonly<Record<string, unknown>>): string {
  return createHash("sha256").update(JSON.stringify(entry)).digest("hex");
}

function readHead(value: string | undefined): Head {
  return value === undefined ? origin : { ...origin, ...(JSON.parse(value) as Partial<Head>) };
}

export interface AuditFilter {
  readonly operation?: string | undefined;
  readonly target?: string | undefined;
  readonly who?: string | undefined;
}

const page = 500;
const mostPages = 1 + auditRetention.stretches + 1;

/** Newest first, after the log id `before`. `next` is where to go on, null at the end. One command for 500 entries looked at. */
export async function listAudit(
  filter: AuditFilter,
  { before, most }: { readonly before: string; readonly most: number },
  env: Env,
): Promise<{ items: { id: string; entry: AuditEntry }[]; next: string | null }> {
  const isFiltered = Object.values(filter).some((value) => value !== undefined);
  const items: { id: string; entry: AuditEntry }[] = [];
  let at = before;
  for (let pages = 0; pages < mostPages; pages += 1) {
    const size = isFiltered ? page : most + 1;
    const entries = await env.store.readLogBackwards(auditLog, at, size);
    for (const each of entries) {
      if (items.length === most) return { items, next: at };
      at = each.id;
      const entry = readEntry(each);
      if (entry && matches(entry, filter)) items.push({ id: each.id, entry });
    }
    if (entries.length < size) return { items, next: null };
  }
  return { items, next: at };
}

function matches(entry: AuditEntry, { operation, target, who }: AuditFilter): boolean {
  if (operation !== undefined && entry.operation !== operation) return false;
  if (who !== undefined && entry.who !== who) return false;
  return target === undefined || entry.target.split(" ").includes(target);
}

export interface AuditCheck {
  readonly isWhole: boolean;
  readonly entries: number;
  /** The number of the first entry that is kept, and of the last that was ever written. */
  readonly from: number;
  readonly to: number;
  readonly problems: { number: number; problem: AuditProblem }[];
}

export type AuditProblem = "missing" | "doubled" | "changed" | "unchained" | "unreadable" | "head";

const mostProblems = 50;

/** Goes through the whole chain. Commands: one for 500 entries and one. */
export async function verifyAudit(env: Env): Promise<AuditCheck> {
  const [value] = await env.store.read([auditHead]);
  const head = readHead(value);
  const problems: { number: number; problem: AuditProblem }[] = [];
  const entries = await readAll(problems, env);
  let last: { number: number; hash: string | undefined } = { number: head.cut, hash: undefined };
  if (head.cut === 0) last = { number: 0, hash: "" };
  for (const { hash, ...rest } of entries) {
    const { number, previous } = rest;
    // Retention may not have got to what it gave up, and another instance may have appended since the head was read.
    if (number <= head.cut || number > head.number) continue;
    if (number <= last.number) problems.push({ number, problem: "doubled" });
    for (let gap = last.number + 1; gap < number && problems.length < mostProblems; gap += 1)
      problems.push({ number: gap, problem: "missing" });
    if (digest(rest) !== hash) problems.push({ number, problem: "changed" });
    if (number === last.number + 1 && last.hash !== undefined && previous !== last.hash)
      problems.push({ number, problem: "unchained" });
    last = { number, hash };
  }
  for (let gap = last.number + 1; gap <= head.number && problems.length < mostProblems; gap += 1)
    problems.push({ number: gap, problem: "missing" });
  if (last.number === head.number && last.hash !== undefined && last.hash !== head.hash)
    problems.push({ number: head.number, problem: "head" });
  return {
    isWhole: problems.length === 0,
    entries: entries.length,
    from: entries[0]?.number ?? 0,
    to: head.number,
    problems: problems.slice(0, mostProblems),
  };
}

/** In the order of the chain: two instances may append in another order than that in which they took their places. */
async function readAll(problems: { number: number; problem: AuditProblem }[], env: Env): Promise<AuditEntry[]> {
  const all: AuditEntry[] = [];
  let after = "0";
  for (let pages = 0; pages < mostPages * 2; pages += 1) {
    const entries = await env.store.readLog(auditLog, after, page);
    for (const each of entries) {
      const entry = readEntry(each);
      if (entry) all.push(entry);
      else problems.push({ number: 0, problem: "unreadable" });
    }
    after = entries.at(-1)?.id ?? after;
    if (entries.length < page) break;
  }
  return all.sort((one, other) => one.number - other.number);
}

function readEntry({ entry }: LogEntry): AuditEntry | undefined {
  try {
    const value = JSON.parse(entry) as AuditEntry;
    return typeof value === "object" && Number.isInteger(value?.number) ? value : undefined;
  } catch (error) {
    // Whatever it is, nobody of ours wrote it; `verifyAudit` tells it.
    void error;
    return undefined;
  }
}
