import { isReached, listBudgets, partUsed, type Standing } from "../../../core/limits/limit.ts";
import type { Headers } from "../../../wire/exchange.ts";
import { memoize } from "../../../wire/maps.ts";

/** The key's window of requests and tokens in the official headers (docs.anthropic.com/en/api/rate-limits), and its budget. */
export function remains(standings: readonly Standing[]): Headers {
  const headers: Headers = {};
  for (const { unit, limit, used, resetAt } of standings) {
    if ((unit !== "requests" && unit !== "tokens") || resetAt === undefined) continue;
    const names = remainNames[unit];
    headers[names.limit] = String(limit);
    headers[names.remaining] = String(Math.max(0, limit - used));
    headers[names.reset] = isoOf(resetAt);
  }
  addBudget(headers, listBudgets(standings));
  return headers;
}

const unified = "anthropic-ratelimit-unified-";
const thresholds = [1, 0.95, 0.9, 0.75];

/**
 * The headers from which Claude Code draws its notice and its limit message, as measured with 2.1.332. A spent budget names
 * no claim: Claude Code then shows the refusal's own sentence, and with a claim it shows one of its own.
 */
function addBudget(headers: Headers, budgets: readonly Standing[]): void {
  const [budget] = budgets;
  if (!budget) return;
  const used = partUsed(budget);
  const threshold = thresholds.find((step) => used >= step);
  const status = isReached(budget) ? "rejected" : threshold === undefined ? "allowed" : "allowed_warning";
  headers[`${unified}status`] = status;
  headers[`${unified}overage-utilization`] = String(used);
  if (threshold !== undefined) headers[`${unified}overage-surpassed-threshold`] = String(threshold);
  if (budget.resetAt !== undefined)
    headers[`${unified}reset`] = headers[`${unified}overage-reset`] = inSeconds(budget.resetAt);
  if (status === "rejected") {
    headers[`${unified}overage-disabled-reason`] = "org_spend_cap_reached";
    return;
  }
  headers[`${unified}representative-claim`] = "overage";
  headers[`${unified}overage-status`] = status;
  for (const each of budgets.toReversed()) {
    const window = each.minutes === undefined ? undefined : windows[each.minutes];
    if (window === undefined || each.resetAt === undefined) continue;
    headers[`${unified}${window}-utilization`] = String(partUsed(each));
    headers[`${unified}${window}-reset`] = inSeconds(each.resetAt);
  }
}

/** The windows that its status line has, by their minutes. */
const windows: Readonly<Record<number, string>> = { 300: "5h", 10_080: "7d" };

const inSeconds = (at: number) => String(Math.ceil(at / 1000));

const remainNamesOf = (unit: string) => {
  const head = `anthropic-ratelimit-${unit}-`;
  return { limit: `${head}limit`, remaining: `${head}remaining`, reset: `${head}reset` };
};
/** Put together once: a header's name that is made for each answer costs more than all else here. */
const remainNames = { requests: remainNamesOf("requests"), tokens: remainNamesOf("tokens") };

/** Calls of one window share its end. */
const isoOf = memoize(10, (at: number) => new Date(at).toISOString());
