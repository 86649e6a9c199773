import { familyOf } from "../../core/keys/model-families.ts";
import { redact } from "../../wire/redact.ts";
import { findReset } from "./resets.ts";
import type { Signal, Verdict } from "./upstream.ts";

/**
 * What an upstream's answer says, and about whom: the request, one model family, the account, or the provider. The one
 * place where signals are classed (users' systems that classed them in nine places disabled healthy accounts).
 * Only a reset that the provider names starts a long cooldown; 529 and 5xx say nothing about an account.
 */
export function judge(signal: Signal): Verdict {
  if (signal.status < 400) return { kind: "pass" };
  if (refusals.some((words) => words.test(signal.body))) {
    return { kind: "rejected", reason: quote(signal), mayRefresh: /revoked|expired/i.test(signal.body) };
  }
  return (judges[signal.status] ?? byClass)(signal);
}

/**
 * Places of OpenAI's language are many vendors with different models and endpoints, so that a 404 of one says nothing about
 * the next.
 */
export function judgeVendor(signal: Signal): Verdict {
  return signal.status === 404 ? { kind: "elsewhere", reason: quote(signal) } : judge(signal);
}

/** Refusals of the account whatever the status they come with. */
const refusals = [
  /organization has been disabled/i,
  /OAuth authentication is currently not (allowed|supported)/i,
  /OAuth token (has been revoked|has expired)/i,
  /account (has been|is) (disabled|suspended|deactivated)/i,
  // Google: cloud.google.com/docs/authentication/api-keys, served as 400 and 403.
  /API key (not valid|expired)|API key was reported as leaked|Consumer \S+ has been suspended/i,
  // ChatGPT, served as 401 and 402.
  /\b(deactivated_workspace|account_deactivated)\b/,
  // AWS: docs.aws.amazon.com/bedrock/latest/APIReference/CommonErrors.html, served as 403.
  /security token included in the request is (invalid|expired)|Bearer Token has expired/i,
];

/** Refusals of where an account is or what it has not paid for, that come as the client's own fault. */
const accountsFault = /User location is not supported|free tier is not available in your country/i;

/** What an account has not paid for, served as 429 without a reset. Source: platform.openai.com/docs/guides/error-codes. */
const unpaid = /"(insufficient_quota|usage_not_included|billing_hard_limit_reached)"/;

/** A client's own fault that comes with a status which otherwise blames the account. */
const clientsFault = /extra usage is required|long context/i;

const judges: Readonly<Record<number, (signal: Signal) => Verdict>> = {
  400: (signal) => {
    if (accountsFault.test(signal.body)) return { kind: "elsewhere", reason: quote(signal) };
    return /credit balance is too low/i.test(signal.body)
      ? { kind: "cool", scope: "account", untilAt: signal.nowAt + 5 * 60_000, reason: quote(signal) }
      : { kind: "pass" };
  },
  401: (signal) => ({ kind: "rejected", reason: quote(signal), mayRefresh: true }),
  402: (signal) => ({ kind: "cool", scope: "account", untilAt: signal.nowAt + 5 * 60_000, reason: quote(signal) }),
  403: (signal) => ({ kind: "elsewhere", reason: quote(signal) }),
  408: (signal) => ({ kind: "elsewhere", reason: quote(signal) }),
  // Bedrock: the model itself failed (ModelErrorException, ModelStreamErrorException).
  424: (signal) => ({ kind: "elsewhere", reason: quote(signal) }),
  429: judgeLimit,
};

function byClass(signal: Signal): Verdict {
  return signal.status >= 500 ? { kind: "elsewhere", reason: quote(signal) } : { kind: "pass" };
}

function judgeLimit(signal: Signal): Verdict {
  if (clientsFault.test(signal.body)) return { kind: "pass" };
  if (unpaid.test(signal.body))
    return { kind: "cool", scope: "account", untilAt: signal.nowAt + 5 * 60_000, reason: quote(signal) };
  const untilAt = findReset(signal);
  if (untilAt === undefined) return { kind: "elsewhere", reason: quote(signal) };
  return { kind: "cool", scope: limitScope(signal), untilAt, reason: quote(signal) };
}

/** Whose limit it is. A subscription's claim names its window; an API key's rates are per model family. */
function limitScope(signal: Signal): "account" | `family:${string}` {
  const claim = signal.headers["anthropic-ratelimit-unified-representative-claim"];
  const family = signal.model === undefined ? undefined : familyOf(signal.model);
  if (claim !== undefined) return /^seven_day_./.test(claim) && family ? `family:${family}` : "account";
  if (/"usage_limit_reached"/.test(signal.body)) return "account";
  if (signal.headers["anthropic-ratelimit-unified-status"] !== undefined || family === undefined) return "account";
  return `family:${family}`;
}

function quote(signal: Signal): string {
  const words = /"message"\s*:\s*"((?:[^"\\]|\\.){1,2000})/.exec(signal.body)?.[1];
  return words === undefined ? `status ${signal.status}` : `${signal.status}: ${redact(words).slice(0, 200)}`;
}
