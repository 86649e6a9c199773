import type { Behaviour } from "../behaviours.ts";
import { numberOf } from "../behaviours.ts";
import type { Reply } from "../language.ts";
import { htmlReply } from "../reshape.ts";
import { type Caller, commonHeaders, fiveHoursSeconds, organizationId, unifiedLimits } from "./headers.ts";

interface Fault {
  type: string;
  message: string;
  /** Limit headers, given the seconds until the limit resets. */
  limits?: (seconds: number, caller: Caller) => Record<string, string>;
  /** Seconds in `retry-after`; without it the header is absent. */
  retryAfterSeconds?: number;
}

const overQuota = "This request would exceed your account's rate limit. Please try again later.";
const perMinute = `This request would exceed the rate limit for your organization (${organizationId}): 50 per minute.`;

const requestsSpent = (seconds: number): Record<string, string> => ({
  "anthropic-ratelimit-requests-limit": "50",
  "anthropic-ratelimit-requests-remaining": "0",
  "anthropic-ratelimit-requests-reset": new Date(Date.now() + seconds * 1000).toISOString().replace(/\.\d+Z$/, "Z"),
});

/** Shapes after https://docs.claude.com/en/api/errors and /rate-limits; wordings as public issue reports quote them. */
const faults: Record<string, Fault> = {
  "400": { type: "invalid_request_error", message: "messages.0.content: Input should be a valid list" },
  "400-long": { type: "invalid_request_error", message: "prompt is too long: 208310 tokens > 200000 maximum" },
  "400-credit": {
    type: "invalid_request_error",
    message:
      "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to purchase credits.",
  },
  "400-disabled": { type: "invalid_request_error", message: "This organization has been disabled." },
  "401": { type: "authentication_error", message: "invalid x-api-key" },
  "401-expired": {
    type: "authentication_error",
    message: "OAuth token has expired. Please obtain a new token or refresh your existing token.",
  },
  "401-revoked": { type: "authentication_error", message: "OAuth token has been revoked. Please obtain a new token." },
  "401-oauth": { type: "authentication_error", message: "Invalid bearer token" },
  "402": { type: "billing_error", message: "Your account has a billing problem. Please check your payment details." },
  "403": { type: "permission_error", message: "Your API key does not have permission to use the specified resource." },
  "403-revoked": { type: "permission_error", message: "OAuth token has been revoked. Please obtain a new token." },
  "403-disabled": { type: "permission_error", message: "This organization has been disabled." },
  "403-oauth": {
    type: "permission_error",
    message: "OAuth authentication is currently not allowed for this organization.",
  },
  "404": { type: "not_found_error", message: "model: claude-simulated-missing" },
  "413": { type: "request_too_large", message: "Request exceeds the maximum size" },
  "429": { type: "rate_limit_error", message: perMinute, limits: requestsSpent, retryAfterSeconds: 12 },
  "429-bare": { type: "rate_limit_error", message: "Number of requests has exceeded your rate limit." },
  "429-5h": {
    type: "rate_limit_error",
    message: overQuota,
    limits: (seconds) => unifiedLimits({ claim: "five_hour", seconds }),
    retryAfterSeconds: fiveHoursSeconds / 2,
  },
  "429-7d": {
    type: "rate_limit_error",
    message: overQuota,
    limits: (seconds) => unifiedLimits({ claim: "seven_day", seconds }),
    retryAfterSeconds: 3 * 86_400,
  },
  "429-opus": {
    type: "rate_limit_error",
    message: overQuota,
    limits: (seconds) => unifiedLimits({ claim: "seven_day_opus", seconds }),
    retryAfterSeconds: 2 * 86_400,
  },
  "500": { type: "api_error", message: "Internal server error" },
  "503": { type: "api_error", message: "Service temporarily unavailable" },
  "504": { type: "timeout_error", message: "Request timed out" },
  "529": { type: "overloaded_error", message: "Overloaded" },
};

/** 502 comes from the provider's edge, as HTML. */
export const faultNames: ReadonlySet<string> = new Set([...Object.keys(faults), "502"]);

/** The body of an error, `{"type":"error","error":{…},"request_id":…}`. */
export function errorReply(status: number, type: string, message: string, caller: Caller): Reply {
  const headers = { ...commonHeaders(caller), "content-type": "application/json" };
  const body = { type: "error", error: { type, message }, request_id: caller.requestId };
  return { status, headers, frames: halves(JSON.stringify(body)), streamed: false };
}

/** The named fault, with `retry-after=N` and `reset=N` (seconds) in place of its own figures. */
export function faultReply(name: string, behaviour: Behaviour, caller: Caller): Reply {
  const fault = faults[name];
  if (!fault) return htmlReply(Number(name.slice(0, 3)));
  const reply = errorReply(Number(name.slice(0, 3)), fault.type, fault.message, caller);
  const own = fault.retryAfterSeconds;
  const retryAfter = numberOf(behaviour, "retry-after", own) ?? own;
  const reset = numberOf(behaviour, "reset-in", retryAfter) ?? retryAfter ?? 0;
  Object.assign(reply.headers, fault.limits?.(reset, caller));
  if (retryAfter !== undefined) reply.headers["retry-after"] = String(retryAfter);
  if (behaviour.has("no-retry")) reply.headers["x-should-retry"] = "false";
  return reply;
}

/** A stream's own error event; the type is `overloaded_error` unless named. */
export function errorFrame(type: string, requestId: string): Buffer {
  const named = Object.values(faults).find((fault) => fault.type === type);
  const error = { type: type || "overloaded_error", message: named?.message ?? "Overloaded" };
  return Buffer.from(`event: error\ndata: ${JSON.stringify({ type: "error", error, request_id: requestId })}\n\n`);
}

/** A plain body leaves in two pieces, so that "cut in the middle" has a middle. */
export function halves(text: string): Buffer[] {
  const bytes = Buffer.from(text);
  const middle = Math.floor(bytes.length / 2);
  return [bytes.subarray(0, middle), bytes.subarray(middle)];
}
