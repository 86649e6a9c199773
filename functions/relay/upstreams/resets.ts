import { detailsOf } from "./provider-error.ts";
import type { Signal } from "./upstream.ts";

/** No provider's window is longer than a month: what is named beyond that is a mistake, and must not rest an account for good. */
const longestRestMs = 32 * 86_400_000;

/** The instant at which the provider says it will answer again; undefined if it names none. */
export function findReset(signal: Signal): number | undefined {
  const at = readReset(signal);
  return at === undefined ? undefined : Math.min(at, signal.nowAt + longestRestMs);
}

function readReset(signal: Signal): number | undefined {
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
function findOpenaiReset({ error: { fields }, headers, nowAt }: Signal): number | undefined {
  const at = Number(fields.resets_at) * 1000;
  if (at > nowAt) return at;
  const seconds = Number(fields.resets_in_seconds);
  if (seconds > 0) return nowAt + seconds * 1000;
  const spent = ["requests", "tokens"].filter((each) => headers[`x-ratelimit-remaining-${each}`] === "0");
  const resets = spent.map((each) => durationMs(headers[`x-ratelimit-reset-${each}`] ?? ""));
  return resets.length > 0 && Math.max(...resets) > 0 ? nowAt + Math.max(...resets) : undefined;
}

const unitMs: Readonly<Record<string, number>> = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000, ms: 1 };

/** `6m0s`, `1.2s`, `20ms`; 0 for anything else. */
export function durationMs(text: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|[dhms])/g)];
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * (unitMs[unit ?? ""] ?? 0), 0);
}

/**
 * Google names a reset in the error's details (google.aip.dev/193): Code Assist as an instant; the Gemini API as a delay, but
 * of seconds even for a quota of the day, which comes back at midnight Pacific time (ai.google.dev/gemini-api/docs/rate-limits).
 */
function findGoogleReset({ error, nowAt }: Signal): number | undefined {
  const details = detailsOf(error.fields);
  const stamps = details.map(
    ({ metadata }) => (metadata as { quotaResetTimeStamp?: unknown } | undefined)?.quotaResetTimeStamp,
  );
  const instant = stamps.map((stamp) => Date.parse(String(stamp))).find((at) => at > nowAt);
  if (instant !== undefined) return instant;
  const quotas = details.flatMap(({ violations }) => (Array.isArray(violations) ? (violations as unknown[]) : []));
  if (quotas.some((quota) => /PerDay/.test(String((quota as { quotaId?: unknown } | null)?.quotaId)))) {
    return nextPacificMidnight(nowAt);
  }
  const delays = details.map(({ retryDelay }) => /^(\d+(?:\.\d+)?)s$/.exec(String(retryDelay))?.[1]);
  const delay = delays.find((each) => each !== undefined);
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
