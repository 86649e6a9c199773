import { isReached, listBudgets, partUsed, type Standing } from "../../../core/limits/limit.ts";
import type { Headers } from "../../../wire/exchange.ts";

/**
 * Request headers that go up in every OpenAI language. `x-codex-turn-state` must come back as it was given, in the requests
 * of the same turn. A client's own `chatgpt-account-id`, organization and project belong to other credentials than the
 * account's, and stay here.
 */
export const openaiGoesUp = [
  "accept",
  "content-type",
  "content-encoding",
  "user-agent",
  "originator",
  "version",
  "openai-beta",
  "session-id",
  "session_id",
  "thread-id",
  "conversation_id",
  "x-client-request-id",
  "x-codex-",
  "x-openai-",
  "x-stainless-",
];

/** Answer headers that come down; whose organization the account is in is nobody's business. */
export const openaiPasses = [
  "content-type",
  "content-encoding",
  "etag",
  "x-request-id",
  "openai-version",
  "openai-model",
  "openai-processing-ms",
  "x-ratelimit-",
  "x-codex-",
  "x-models-etag",
  "x-reasoning-included",
  "retry-after",
  "retry-after-ms",
  "x-should-retry",
];

/** The key's window of requests and tokens in the official headers (platform.openai.com/docs/guides/rate-limits), over the account's. */
export function remains(standings: readonly Standing[], now: number): Headers {
  const headers: Headers = {};
  for (const { unit, limit, used, resetAt } of standings) {
    if ((unit !== "requests" && unit !== "tokens") || resetAt === undefined) continue;
    headers[`x-ratelimit-limit-${unit}`] = String(limit);
    headers[`x-ratelimit-remaining-${unit}`] = String(Math.max(0, limit - used));
    headers[`x-ratelimit-reset-${unit}`] = inWords(Math.max(0, resetAt - now));
  }
  return headers;
}

/**
 * The key's two fullest budgets, as Codex reads them of any provider (codex-rs, codex-api/src/rate_limits.rs). It calls a
 * window without a length a short one, so a budget that never resets is not told. `hint`: whom to ask when one is spent.
 */
export function budgetHeaders(standings: readonly Standing[], hint: string | undefined): Headers {
  const headers: Headers = {};
  const budgets = listBudgets(standings);
  const windows = budgets.filter(({ resetAt }) => resetAt !== undefined);
  for (const [index, place] of ["primary", "secondary"].entries()) {
    const budget = windows[index];
    if (!budget) break;
    headers[`x-codex-${place}-used-percent`] = String(Math.round(partUsed(budget) * 1e4) / 100);
    headers[`x-codex-${place}-window-minutes`] = String(budget.minutes);
    headers[`x-codex-${place}-reset-at`] = String(Math.ceil((budget.resetAt ?? 0) / 1000));
  }
  // Codex goes on with ", or try again at …". A header holds no other letters than these.
  if (hint !== undefined && /^[\x20-\x7e]+$/.test(hint) && budgets.some(isReached))
    headers["x-codex-promo-message"] = hint.replace(/\.$/, "");
  return headers;
}

/** As OpenAI writes a time to wait: `6m0s`, `59s`. */
function inWords(milliseconds: number): string {
  const seconds = Math.ceil(milliseconds / 1000);
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60];
  const rest = `${seconds % 60}s`;
  if (hours > 0) return `${hours}h${minutes}m${rest}`;
  return minutes > 0 ? `${minutes}m${rest}` : rest;
}
