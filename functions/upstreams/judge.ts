import { familyOf } from "../records/family.ts";
import type { Signal, Verdict } from "./upstream.ts";
import { redact } from "../wire/redact.ts";

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

/** The instant at which the provider says it will answer again; undefined if it names none. */
function findReset(signal: Signal): number | undefined {
  const unified = Number(signal.headers["anthropic-ratelimit-unified-reset"]);
  if (unified > 0) return unified * 1000;
  const seconds = retryAfterSeconds(signal.headers, signal.nowAt);
  const named = seconds === undefined ? undefined : signal.nowAt + seconds * 1000;
  return findOpenaiReset(signal) ?? named ?? findGoogleReset(signal);
}

/**
 * ChatGPT names the end of a spent window in the error's body, in epoch seconds or in seconds from now; the API names it in
 * headers, for whichever of requests and tokens has run out (platform.openai.com/docs/guides/rate-limits).
 */
function findOpenaiReset({ body, headers, nowAt }: Signal): number | undefined {
  const at = Number(/"resets_at"\s*:\s*(\d+)/.exec(body)?.[1]) * 1000;
  if (at > nowAt) return at;
  const seconds = Number(/"resets_in_seconds"\s*:\s*(\d+)/.exec(body)?.[1]);
  if (seconds > 0) return nowAt + seconds * 1000;
  const spent = ["requests", "tokens"].filter((each) => headers[`x-ratelimit-remaining-${each}`] === "0");
  const resets = spent.map((each) => durationMs(headers[`x-ratelimit-reset-${each}`] ?? ""));
  return resets.length > 0 && Math.max(...resets) > 0 ? nowAt + Math.max(...resets) : undefined;
}

const unitMs: Readonly<Record<string, number>> = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000, ms: 1 };

/** `6m0s`, `1.2s`, `20ms`; 0 for anything else. */
function durationMs(text: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|[dhms])/g)];
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * (unitMs[unit ?? ""] ?? 0), 0);
}

/**
 * Google names a reset in the error's details (google.aip.dev/193): Code Assist as an instant; the Gemini API as a delay, but
 * of seconds even for a quota of the day, which comes back at midnight Pacific time (ai.google.dev/gemini-api/docs/rate-limits).
 */
function findGoogleReset({ body, nowAt }: Signal): number | undefined {
  const instant = Date.parse(/"quotaResetTimeStamp"\s*:\s*"([^"]+)"/.exec(body)?.[1] ?? "");
  if (instant > nowAt) return instant;
  if (/"quotaId"\s*:\s*"[^"]*PerDay/.test(body)) return nextPacificMidnight(nowAt);
  const delay = /"retryDelay"\s*:\s*"(\d+(?:\.\d+)?)s"/.exec(body)?.[1];
  return delay === undefined ? undefined : nowAt + Number(delay) * 1000;
}

function nextPacificMidnight(nowAt: number): number {
  const clock = new Date(nowAt).toLocaleTimeString("en-GB", { timeZone: "America/Los_Angeles", hour12: false });
  const [hours = 0, minutes = 0, seconds = 0] = clock.split(":").map(Number);
  return Math.floor(nowAt / 1000 + 86_400 - hours * 3_600 - minutes * 60 - seconds) * 1000;
}

/** `retry-after` in seconds or as a date (RFC 9110 § 10.2.3), or `retry-after-ms`. */
export function retryAfterSeconds(headers: Readonly<Record<string, string>>, nowAt: number): number | undefined {
  const milliseconds = Number(headers["retry-after-ms"]);
  if (milliseconds > 0) return milliseconds / 1000;
  const value = headers["retry-after"];
  if (value === undefined) return undefined;
  if (/^\d+(\.\d+)?$/.test(value)) return Number(value);
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : Math.max(0, (at - nowAt) / 1000);
}

function quote(signal: Signal): string {
  const words = /"message"\s*:\s*"((?:[^"\\]|\\.){1,2000})/.exec(signal.body)?.[1];
  return words === undefined ? `status ${signal.status}` : `${signal.status}: ${redact(words).slice(0, 200)}`;
}
