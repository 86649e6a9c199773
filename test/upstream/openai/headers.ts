import { randomUUID } from "node:crypto";

/** What every answer carries; an allow-list has to keep some of it and drop the rest. */
export function commonHeaders(): Record<string, string> {
  return {
    "x-request-id": `req_${randomUUID().replaceAll("-", "")}`,
    "openai-version": "2020-10-01",
    "openai-processing-ms": "17",
    "openai-organization": "org-simulated",
    "openai-project": "proj_simulated",
    "set-cookie": "__cf_bm=simulated; path=/; HttpOnly; Secure",
    "cf-ray": "8f00000000000000-SIM",
    server: "cloudflare",
  };
}

export function rateLimits(): Record<string, string> {
  return {
    "x-ratelimit-limit-requests": "500",
    "x-ratelimit-remaining-requests": "499",
    "x-ratelimit-reset-requests": "120ms",
    "x-ratelimit-limit-tokens": "500000",
    "x-ratelimit-remaining-tokens": "498000",
    "x-ratelimit-reset-tokens": "6ms",
  };
}

/** ChatGPT's two windows: the short one used to so many per cent. */
export function codexWindows(percent: number): Record<string, string> {
  return {
    "x-codex-plan-type": "plus",
    "x-codex-primary-used-percent": String(percent),
    "x-codex-primary-window-minutes": "300",
    "x-codex-primary-reset-after-seconds": "9000",
    "x-codex-secondary-used-percent": "14",
    "x-codex-secondary-window-minutes": "10080",
    "x-codex-secondary-reset-after-seconds": "300000",
  };
}
