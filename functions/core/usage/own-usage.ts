import type { Env } from "../../env.ts";
import { cache } from "../../env.ts";
import { figure, noFigures, sumFigures, tokensOf, type Figures } from "./totals.ts";
import type { ApiKey } from "../keys/key.ts";
import { dayOf, weekOf } from "../limits/period.ts";
import { daysBetween, nextDay } from "./rollup/retention.ts";
import { listAllStandings, readMeters } from "../limits/limit-status.ts";
import { readKey, readKeyHours, readMonths, readTotals } from "./statistics.ts";

const hourMs = 3_600_000;

/** What a key used, for its holder: US dollars and whole numbers. */
export interface OwnFigures {
  readonly requests: number;
  readonly tokens: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  readonly costUsd: number;
}

export interface OwnUsage {
  readonly today: OwnFigures;
  /** Since the key's week began; by its own reset day and hour. */
  readonly week: OwnFigures;
  readonly total: OwnFigures;
}

/** A status line asks every second; the store is asked every few. */
const freshMs = 5_000;
const heldOf = cache<{ at: number; usage: Promise<OwnUsage> }>("ownUsage");

/** What a key used, as of a few seconds ago at most: no command if it was just asked. */
export function readOwnUsage(key: ApiKey, env: Env): Promise<OwnUsage> {
  const held = heldOf(env);
  const found = held.get(key.id);
  if (found && env.now() - found.at < freshMs) return found.usage;
  const usage = sumOwnUsage(key, env);
  held.set(key.id, { at: env.now(), usage });
  // A failed read is told to whoever waits for it; the next one asks again.
  usage.catch(() => held.delete(key.id));
  return usage;
}

/** At most twelve commands: one a day of the week, one for its first hours, one for the total, two for what is not folded yet. */
async function sumOwnUsage(key: ApiKey, env: Env): Promise<OwnUsage> {
  const now = env.now();
  const week = weekOf(now, key.weeklyResetDay, key.weeklyResetHour, env.config);
  const first = dayOf(week.startAt, env.config);
  const today = dayOf(now, env.config).name;
  const isWhole = first.startAt === week.startAt;
  const days = daysBetween(isWhole ? first.name : nextDay(first.name), nextDay(today));
  // The week may have begun today, and then today is in no whole day of it.
  const read = days.includes(today) ? days : [...days, today];
  const [byDay, begin, [total]] = await Promise.all([
    readKey(key.id, read, env),
    isWhole ? [] : readKeyHours(key.id, first.name, hoursFrom(week.startAt, first), env),
    readTotals([key.id], env),
  ]);
  return {
    today: buildOwn(byDay[read.indexOf(today)] ?? noFigures()),
    week: buildOwn(sumFigures([...byDay.slice(0, days.length), ...begin])),
    total: buildOwn(total ?? noFigures()),
  };
}

function hoursFrom(at: number, day: { startAt: number; endAt: number }): number[] {
  const from = Math.floor((at - day.startAt) / hourMs);
  const to = Math.ceil((day.endAt - day.startAt) / hourMs);
  return Array.from({ length: to - from }, (_, index) => from + index);
}

function buildOwn(figures: Figures): OwnFigures {
  return {
    requests: figure(figures, "requests"),
    tokens: tokensOf(figures),
    inputTokens: figure(figures, "inputTokens"),
    outputTokens: figure(figures, "outputTokens"),
    cacheReadTokens: figure(figures, "cacheReadTokens"),
    cacheWriteTokens: figure(figures, "cacheWrite5mTokens") + figure(figures, "cacheWrite1hTokens"),
    costUsd: figure(figures, "costNanos") / 1e9,
  };
}

/** What a key's holder has spent since the month began, in billionths of a US dollar. Two commands and the tail's. */
export async function readMonthNanos(key: ApiKey, env: Env): Promise<number> {
  const today = dayOf(env.now(), env.config).name;
  const [month] = await readMonths([today.slice(0, 7)], env);
  return figure(month?.keys.get(key.id) ?? noFigures(), "costNanos");
}

const iso = (at: number | undefined) => (at === undefined ? null : new Date(at).toISOString());

/** A key as its holder sees it; instants in ISO 8601. */
export function buildOwnKey(key: ApiKey, endsAt: number | undefined) {
  const { id, name, prefix, permissions, clients, allowedModels, blockedModels } = key;
  const models = { allowed: allowedModels, blocked: blockedModels };
  return { id, name, prefix, createdAt: iso(key.createdAt), expiresAt: iso(endsAt), permissions, models, clients };
}

export interface OwnLimit {
  readonly name: string;
  readonly unit: "calls" | "requests" | "tokens" | "usd";
  readonly limit: number;
  readonly used: number;
  readonly remaining: number;
  /** ISO 8601; null: it does not reset by itself. */
  readonly resetsAt: string | null;
}

/** The limits of a key by the very meters that admission reads; one command a period, none for a key without limits. */
export async function readOwnLimits(key: ApiKey, env: Env): Promise<OwnLimit[]> {
  const meters = await readMeters(key, env);
  if (!meters) return [];
  return listAllStandings(key, meters).map(({ name, unit, limit, used, resetAt }) => {
    const scale = unit === "nanos" ? 1e9 : 1;
    return {
      name,
      unit: unit === "nanos" ? "usd" : unit,
      limit: limit / scale,
      used: used / scale,
      remaining: Math.max(0, limit - used) / scale,
      resetsAt: iso(resetAt),
    };
  });
}
