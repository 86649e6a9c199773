import type { FailureCode } from "../../failure.ts";
import { Failure } from "../../failure.ts";
import { familyOf } from "../keys/model-families.ts";
import type { ApiKey } from "../keys/key.ts";
import type { Periods } from "./meter.ts";
import type { Period } from "./period.ts";
import type { InFlight } from "./in-flight.ts";

/** What a key's meters read just after a call's reservation was added to them. */
export interface Totals {
  /** Calls under way, this one included. */
  readonly inFlight: number;
  /** When those of them that nobody carries on, since their process has died, count no more at the latest. */
  readonly inFlightUntilAt: number;
  /** Reservations of all calls under way, and this one's share. */
  readonly reservedNanos: number;
  readonly reservedTokens: number;
  /** Of the calls to one family's models, by its name. */
  readonly reservedFamilyNanos: Readonly<Record<string, number>>;
  readonly ownNanos: number;
  readonly ownTokens: number;
  /** This call included. */
  readonly windowRequests: number;
  readonly windowTokens: number;
  readonly windowCostNanos: number;
  readonly dayCostNanos: number;
  readonly weekCostNanos: number;
  readonly familyCostNanos: Readonly<Record<string, number>>;
  readonly totalCostNanos: number;
  readonly totalTokens: number;
}

const limitColumns = [
  ...(["concurrency", "queueLength", "windowMinutes", "windowRequests", "windowTokens", "windowCostNanos"] as const),
  ...(["dailyCostNanos", "weeklyCostNanos", "weeklyFamilyCostNanos", "weeklyResetDay", "weeklyResetHour"] as const),
  ...(["totalCostNanos", "totalTokens"] as const),
];

/** The version of a key's limits: other changes leave it, and so does a record that is read anew. */
export function limitsOf(key: ApiKey): string {
  return JSON.stringify(limitColumns.map((column) => key[column]));
}

export type LimitUnit = "calls" | "requests" | "tokens" | "nanos";

/** One limit of a key with where it stands. */
export interface Standing {
  readonly name: string;
  readonly unit: LimitUnit;
  readonly limit: number;
  readonly used: number;
  /** Reserved by all calls under way, and by this one. */
  readonly reserved: number;
  readonly own: number;
  /** Undefined: it never resets by itself. */
  readonly resetAt: number | undefined;
  /** How long its period is, in minutes; undefined with `resetAt`. */
  readonly minutes: number | undefined;
  /** When calls under way, and what they reserved, count no more if their process has died. */
  readonly untilAt?: number;
}

/** Every limit that a key has, in the order in which they are checked. */
export function listStandings(key: ApiKey, periods: Periods, totals: Totals, model: string | undefined): Standing[] {
  const standings: Standing[] = [];
  const untilAt = totals.inFlightUntilAt;
  const add = (
    name: string,
    unit: LimitUnit,
    limit: number,
    used: number,
    period: Period | undefined,
    reserved = reservedOf(unit, totals),
  ) => {
    if (limit <= 0) return;
    const own = unit === "nanos" ? totals.ownNanos : unit === "tokens" ? totals.ownTokens : 0;
    standings.push({ name, unit, limit, used, reserved, own, ...resetOf(period), untilAt });
  };
  const { day, week, window } = periods;
  add("concurrency", "calls", key.concurrency, totals.inFlight, undefined);
  if (window) {
    const name = `${key.windowMinutes}-minute`;
    add(`${name} request`, "requests", key.windowRequests, totals.windowRequests, window);
    add(`${name} token`, "tokens", key.windowTokens, totals.windowTokens, window);
    add(`${name} cost`, "nanos", key.windowCostNanos, totals.windowCostNanos, window);
  }
  add("daily cost", "nanos", key.dailyCostNanos, totals.dayCostNanos, day);
  if (week) {
    const family = model === undefined ? undefined : familyOf(model);
    const familyLimit = family === undefined ? 0 : (key.weeklyFamilyCostNanos[family] ?? 0);
    add("weekly cost", "nanos", key.weeklyCostNanos, totals.weekCostNanos, week);
    const [used, reserved] = [totals.familyCostNanos, totals.reservedFamilyNanos].map((of) => of[family ?? ""] ?? 0);
    add(`weekly ${family ?? ""} cost`, "nanos", familyLimit, used ?? 0, week, reserved);
  }
  add("total cost", "nanos", key.totalCostNanos, totals.totalCostNanos, undefined);
  add("total token", "tokens", key.totalTokens, totals.totalTokens, undefined);
  return standings;
}

/** When the limit of a period resets, and how long that period is. */
export const resetOf = (period: Period | undefined): Pick<Standing, "resetAt" | "minutes"> => ({
  resetAt: period?.endAt,
  minutes: period && Math.round((period.endAt - period.startAt) / 60_000),
});

const reservedOf = (unit: LimitUnit, totals: Totals) =>
  unit === "nanos" ? totals.reservedNanos : unit === "tokens" ? totals.reservedTokens : 0;

/** A call is refused by it: counted things (calls, requests) may reach their limit, this call among them. */
export const isReached = ({ unit, used, limit }: Standing): boolean =>
  unit === "calls" || unit === "requests" ? used > limit : used >= limit;

/** What a client shows of its key's limits, the one nearest to its end first. Calls at once are none: they come back by themselves. */
export function listBudgets(standings: readonly Standing[]): Standing[] {
  const budgets = standings.filter(({ unit }) => unit !== "calls");
  return budgets.length > 1 ? budgets.sort((one, other) => partUsed(other) - partUsed(one)) : budgets;
}

/** From 0 to 1, in steps of a ten-thousandth. */
export const partUsed = ({ used, limit }: Standing): number => Math.min(1, Math.round((used / limit) * 1e4) / 1e4);

declare module "../../failure.ts" {
  interface FailureDetail {
    /** Where the limits of a refused call stood: what its refusal's headers tell. */
    standings?: readonly Standing[];
  }
}

const codeOf: Readonly<Record<LimitUnit, FailureCode>> = {
  calls: "limit.concurrency",
  requests: "limit.requests",
  tokens: "limit.tokens",
  nanos: "limit.cost",
};

/**
 * The first limit that refuses this call, as a Failure that names it, its value and its reset; undefined if all allow it.
 * Counted things may reach their limit. Spent things (cost, tokens) must be below it, and reservations must fit beside
 * each other; a call that is alone may go over by its own error, so that the last cents of a budget can be used at all.
 */
export function findExceeded(standings: readonly Standing[], now: number): Failure | undefined {
  const failure = findRefusal(standings, now);
  if (failure) failure.detail.standings = standings;
  return failure;
}

function findRefusal(standings: readonly Standing[], now: number): Failure | undefined {
  for (const standing of standings) {
    if (isReached(standing)) return refuse(standing, true, now);
    if (standing.unit === "calls" || standing.unit === "requests") continue;
    const others = standing.reserved - standing.own;
    if (others > 0 && standing.used + standing.reserved > standing.limit) return refuse(standing, false, now);
  }
  return undefined;
}

/** Until when a refusal may hold that waits for calls under way. */
export const tellLost = (untilAt: number): string =>
  `Calls that were lost with a relay process count until ${new Date(untilAt).toISOString()} at the latest.`;

/** Seconds after which a call may fit that only the calls under way keep out. */
const underWaySeconds = 2;

function refuse(standing: Standing, isSpent: boolean, now: number): Failure {
  const limit = inWords(standing.limit, standing.unit);
  const isWaitable = standing.unit === "calls" || !isSpent;
  const reset = standing.resetAt === undefined ? "" : ` It resets at ${new Date(standing.resetAt).toISOString()}.`;
  const lost = standing.untilAt === undefined ? "" : ` ${tellLost(standing.untilAt)}`;
  const message = {
    calls: `This API key has reached its concurrency limit of ${standing.limit} calls at once. Wait until one has ended.${lost}`,
    spent: `This API key has reached its ${standing.name} limit of ${limit}.${reset}`,
    underWay: `The rest of this API key's ${standing.name} limit of ${limit} is reserved by calls under way. Retry when they have ended.${lost}`,
  }[standing.unit === "calls" ? "calls" : isSpent ? "spent" : "underWay"];
  const untilReset =
    standing.resetAt === undefined ? undefined : Math.max(1, Math.ceil((standing.resetAt - now) / 1000));
  const retryAfterSeconds = isWaitable ? underWaySeconds : untilReset;
  return new Failure(codeOf[standing.unit], {
    message,
    isRetryable: isWaitable,
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  });
}

/** `$5`, `$0.000000001`, `12,000 tokens`. */
export function inWords(value: number, unit: LimitUnit): string {
  if (unit !== "nanos") return `${value.toLocaleString("en-US")} ${unit}`;
  return `$${(value / 1e9).toLocaleString("en-US", { maximumFractionDigits: 9, useGrouping: false })}`;
}

/** An admission that was granted; settled exactly once. */
export interface Permit {
  readonly key: ApiKey;
  readonly periods: Periods | undefined;
  /** Where it is counted as under way, with what it reserved; undefined for a call that passes no limit. */
  readonly inFlight: InFlight | undefined;
  /** Where each limit of the key stood at admission, this call included. */
  readonly standings: readonly Standing[];
  /** Set by the settlement, which happens once. */
  isSettled?: true;
}
