import { familyOf } from "../records/family.ts";
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

/** Refusals of the account whatever the status they come with. */
const refusals = [
  /organization has been disabled/i,
  /OAuth authentication is currently not (allowed|supported)/i,
  /OAuth token (has been revoked|has expired)/i,
  /account (has been|is) (disabled|suspended|deactivated)/i,
];

/** A client's own fault that comes with a status which otherwise blames the account. */
const clientsFault = /extra usage is required|long context/i;

const judges: Readonly<Record<number, (signal: Signal) => Verdict>> = {
  400: (signal) =>
    /credit balance is too low/i.test(signal.body)
      ? { kind: "cool", scope: "account", untilAt: signal.nowAt + 5 * 60_000, reason: quote(signal) }
      : { kind: "pass" },
  401: (signal) => ({ kind: "rejected", reason: quote(signal), mayRefresh: true }),
  402: (signal) => ({ kind: "cool", scope: "account", untilAt: signal.nowAt + 5 * 60_000, reason: quote(signal) }),
  403: (signal) => ({ kind: "elsewhere", reason: quote(signal) }),
  408: (signal) => ({ kind: "elsewhere", reason: quote(signal) }),
  429: judgeLimit,
};

function byClass(signal: Signal): Verdict {
  return signal.status >= 500 ? { kind: "elsewhere", reason: quote(signal) } : { kind: "pass" };
}

function judgeLimit(signal: Signal): Verdict {
  if (clientsFault.test(signal.body)) return { kind: "pass" };
  const untilAt = findReset(signal);
  if (untilAt === undefined) return { kind: "elsewhere", reason: quote(signal) };
  return { kind: "cool", scope: limitScope(signal), untilAt, reason: quote(signal) };
}

/** Whose limit it is. A subscription's claim names its window; an API key's rates are per model family. */
function limitScope(signal: Signal): "account" | `family:${string}` {
  const claim = signal.headers["anthropic-ratelimit-unified-representative-claim"];
  const family = signal.model === undefined ? undefined : familyOf(signal.model);
  if (claim !== undefined) return /^seven_day_./.test(claim) && family ? `family:${family}` : "account";
  if (signal.headers["anthropic-ratelimit-unified-status"] !== undefined || family === undefined) return "account";
  return `family:${family}`;
}

/** The instant at which the provider says it will answer again; undefined if it names none. */
function findReset(signal: Signal): number | undefined {
  const unified = Number(signal.headers["anthropic-ratelimit-unified-reset"]);
  if (unified > 0) return unified * 1000;
  const seconds = retryAfterSeconds(signal.headers, signal.nowAt);
  return seconds === undefined ? undefined : signal.nowAt + seconds * 1000;
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
  const words = /"message"\s*:\s*"((?:[^"\\]|\\.){1,200})/.exec(signal.body)?.[1];
  return words === undefined ? `status ${signal.status}` : `${signal.status}: ${words}`;
}
