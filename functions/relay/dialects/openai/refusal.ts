import type { Failure, FailureCode } from "../../../failure.ts";
import type { Answer, Headers, Request } from "../../../wire/exchange.ts";
import { json } from "../../../wire/exchange.ts";
import { clientOf } from "./fields.ts";

/** An error as the OpenAI API words it. Source: platform.openai.com/docs/guides/error-codes. */
export interface OpenaiError {
  readonly message: string;
  readonly type: string;
  readonly param: string | null;
  readonly code: string | null;
}

type Words = readonly [type: string, code: string | null];

const wordsOf: Partial<Record<FailureCode, Words>> = {
  "key.missing": ["invalid_request_error", "invalid_api_key"],
  "key.unknown": ["invalid_request_error", "invalid_api_key"],
  "model.forbidden": ["invalid_request_error", "model_not_allowed"],
  "model.unknown": ["invalid_request_error", "model_not_found"],
  "method.unknown": ["invalid_request_error", "method_not_supported"],
  "request.unsupported": ["invalid_request_error", "unsupported_parameter"],
  "limit.requests": ["requests", "rate_limit_exceeded"],
  "limit.concurrency": ["requests", "rate_limit_exceeded"],
  "limit.tokens": ["tokens", "rate_limit_exceeded"],
  "limit.cost": ["insufficient_quota", "insufficient_quota"],
  "account.none": ["server_error", "account_none"],
  "account.cooling": ["server_error", "server_is_overloaded"],
  "request.timeout": ["invalid_request_error", "request_timeout"],
  "process.busy": ["server_error", "server_is_overloaded"],
};

const wordsOfStatus: Readonly<Record<number, Words>> = {
  400: ["invalid_request_error", null],
  401: ["invalid_request_error", "invalid_api_key"],
  403: ["invalid_request_error", "permission_denied"],
  404: ["invalid_request_error", "not_found"],
  413: ["invalid_request_error", "request_too_large"],
  429: ["requests", "rate_limit_exceeded"],
};

export function describe(failure: Failure): OpenaiError {
  const [type, code] = wordsOf[failure.code] ?? wordsOfStatus[failure.status] ?? ["server_error", null];
  return { message: failure.message, type, param: null, code };
}

/** With the official status; Codex sleeps through a `retry-after` of any length, and is told in the body what it shows instead. */
export function refuse(failure: Failure, request: Request): Answer {
  const isUpgrade = failure.code === "method.unknown" && request.headers.upgrade !== undefined;
  const words: Refusal = { status: isUpgrade ? 426 : failure.status, error: describe(failure) };
  const isCodex = clientOf(request.headers) === "codex";
  const { status, error } = isCodex ? forCodex(failure, words) : words;
  const headers: Headers = { "x-request-id": request.id };
  // RFC 9110 § 15.5.22 demands it of a 426. Node serves WebSockets; Lambda and whatever else cannot are asked by POST.
  if (isUpgrade) Object.assign(headers, { upgrade: "websocket", connection: "upgrade" });
  if (!failure.isRetryable) headers["x-should-retry"] = "false";
  if (failure.retryAfterSeconds !== undefined && (failure.isRetryable || !isCodex))
    headers["retry-after"] = String(Math.ceil(failure.retryAfterSeconds));
  return json(status, { error }, headers);
}

interface Refusal {
  readonly status: number;
  readonly error: OpenaiError & { readonly resets_at?: number; readonly resets_in_seconds?: number };
}

/**
 * Codex repeats a 5xx thirty times and knows no `x-should-retry`; it stops at a 404, obeys a 429's `retry-after`, and shows
 * when a spent limit resets if told in ChatGPT's own words (codex-rs, codex-api/src/api_bridge.rs).
 */
function forCodex(failure: Failure, refusal: Refusal): Refusal {
  if (failure.code === "account.none") return { status: 404, error: { ...refusal.error, code: "model_not_found" } };
  const isSpent = failure.code.startsWith("limit.") || failure.code === "account.cooling";
  if (!isSpent) return refusal;
  if (failure.isRetryable) return { status: 429, error: { ...refusal.error, code: "rate_limit_exceeded" } };
  const seconds = failure.retryAfterSeconds;
  const reset =
    seconds === undefined
      ? {}
      : { resets_at: Math.ceil(Date.now() / 1000 + seconds), resets_in_seconds: Math.ceil(seconds) };
  return { status: 429, error: { ...refusal.error, type: "usage_limit_reached", ...reset } };
}
