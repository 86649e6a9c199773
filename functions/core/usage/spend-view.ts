import type { Env } from "../../env.ts";
import type { ApiKey } from "../keys/key.ts";
import { listAllStandings, readMeters } from "../limits/limit-status.ts";
import { listBudgets, partUsed, type Standing } from "../limits/limit.ts";
import { readMonthNanos, readOwnUsage } from "./own-usage.ts";

const centNanos = 1e7;
const cents = (nanos: number) => Math.round(nanos / centNanos);

/**
 * What Claude Code's /usage and its status line show, in the shape that it reads (measured with 2.1.332): of a key with a
 * cost limit the one that is nearest to its end, of any other what it has spent. Amounts in US cents.
 */
export async function buildSpend(key: ApiKey, env: Env): Promise<object> {
  const meters = await readMeters(key, env);
  const [budget] = listBudgets(meters ? listAllStandings(key, meters).filter(({ unit }) => unit === "nanos") : []);
  return budget ? ofBudget(budget) : ofUsage(key, env);
}

const groups: Readonly<Record<number, string>> = { 1_440: "daily", 10_080: "weekly" };

function ofBudget(budget: Standing): object {
  const { limit, used, minutes, resetAt } = budget;
  const utilization = Math.round(partUsed(budget) * 1e4) / 100;
  const severity = utilization >= 75 ? "warning" : "normal";
  const resets = resetAt === undefined ? {} : { resets_at: new Date(resetAt).toISOString() };
  const group = groups[minutes ?? 0] ?? "total";
  return {
    extra_usage: usageOf(used, { monthly_limit: cents(limit), utilization }),
    limits: [{ kind: "spend", group, percent: utilization, ...resets, severity, is_active: true }],
  };
}

async function ofUsage(key: ApiKey, env: Env): Promise<object> {
  const [{ today, week }, month] = await Promise.all([readOwnUsage(key, env), readMonthNanos(key, env)]);
  const span = (usd: number) => ({ limit: null, used_credits: cents(usd * 1e9), utilization: null });
  return {
    extra_usage: usageOf(month, { monthly_limit: null, utilization: null }),
    daily: span(today.costUsd),
    weekly: span(week.costUsd),
    limits: [],
  };
}

const usageOf = (nanos: number, of: { monthly_limit: number | null; utilization: number | null }) => ({
  ...{ is_enabled: true, used_credits: cents(nanos), currency: "USD" },
  ...of,
});
