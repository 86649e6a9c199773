export const fiveHoursSeconds = 5 * 3600;
export const organizationId = "00000000-0000-4000-8000-000000000001";

/** Who asks: an API key and a sign-in are told different limits. */
export interface Caller {
  requestId: string;
  isOAuth: boolean;
}

export type Claim = "five_hour" | "seven_day" | "seven_day_opus";

const base58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/**
 * 22 characters after a prefix, as the official API's ids look. Nobody guesses them here, so cheap chance is
 * enough.
 */
export function newId(prefix: string): string {
  let text = "";
  for (let index = 0; index < 22; index++) text += base58.charAt(Math.floor(Math.random() * 58));
  return `${prefix}01${text}`;
}

/**
 * What every answer carries. `set-cookie`, `cf-ray` and `server` are there so that a relay's allow-list has work to
 * do.
 */
export function commonHeaders(caller: Caller): Record<string, string> {
  return {
    "request-id": caller.requestId,
    "anthropic-organization-id": organizationId,
    "strict-transport-security": "max-age=31536000; includeSubDomains; preload",
    "set-cookie": "__cf_bm=simulated; path=/; HttpOnly; Secure",
    "cf-ray": "8f00000000000000-SIM",
    server: "cloudflare",
    via: "1.1 google",
  };
}

/** The limit headers of an answer that was let through. */
export function allowedLimits(isOAuth: boolean, nowMs = Date.now()): Record<string, string> {
  if (isOAuth) return unifiedLimits({ seconds: fiveHoursSeconds / 2 });
  const reset = new Date(nowMs + 60_000).toISOString().replace(/\.\d+Z$/, "Z");
  const limit = (name: string, most: number, left: number): Record<string, string> => ({
    [`anthropic-ratelimit-${name}-limit`]: String(most),
    [`anthropic-ratelimit-${name}-remaining`]: String(left),
    [`anthropic-ratelimit-${name}-reset`]: reset,
  });
  return {
    ...limit("requests", 4000, 3999),
    ...limit("tokens", 480_000, 478_000),
    ...limit("input-tokens", 400_000, 399_000),
    ...limit("output-tokens", 80_000, 79_000),
  };
}

/**
 * The headers of a subscription; `claim` is the window that is spent, absent when none is. Resets are epoch
 * seconds.
 */
export function unifiedLimits({ claim, seconds }: { claim?: Claim; seconds: number }): Record<string, string> {
  const reset = Math.floor(Date.now() / 1000) + seconds;
  const now = Math.floor(Date.now() / 1000);
  const window = (name: string, isSpent: boolean, resetsAt: number): Record<string, string> => ({
    [`anthropic-ratelimit-unified-${name}-status`]: isSpent ? "rejected" : "allowed",
    [`anthropic-ratelimit-unified-${name}-reset`]: String(isSpent ? reset : resetsAt),
    [`anthropic-ratelimit-unified-${name}-utilization`]: isSpent ? "1.01" : "0.21",
  });
  return {
    "anthropic-ratelimit-unified-status": claim ? "rejected" : "allowed",
    "anthropic-ratelimit-unified-reset": String(reset),
    "anthropic-ratelimit-unified-representative-claim": claim ?? "five_hour",
    "anthropic-ratelimit-unified-fallback": "unavailable",
    "anthropic-ratelimit-unified-fallback-percentage": "0.5",
    "anthropic-ratelimit-unified-overage-status": "rejected",
    "anthropic-ratelimit-unified-overage-disabled-reason": "org_level_disabled",
    ...window("5h", claim === "five_hour", now + fiveHoursSeconds / 2),
    ...window("7d", claim === "seven_day", now + 3 * 86_400),
    ...(claim === "seven_day_opus" ? window("7d_opus", true, reset) : {}),
  };
}
