import type { Behaviour } from "../behaviours.ts";
import { numberOf } from "../behaviours.ts";
import { halves } from "../anthropic/errors.ts";
import type { Reply } from "../language.ts";
import { htmlReply } from "../reshape.ts";
import { codexWindows, commonHeaders } from "./headers.ts";

interface Fault {
  type: string;
  code: string | null;
  message: string;
  param?: string;
  retryAfterSeconds?: number;
  headers?: (seconds: number) => Record<string, string>;
  /** Fields beside these, given the seconds until a reset. */
  more?: (seconds: number) => Record<string, unknown>;
}

const minute = "Rate limit reached for gpt-5 in organization org-sim on requests per min (RPM): Limit 500, Used 500.";

/** Shapes after https://platform.openai.com/docs/guides/error-codes; ChatGPT's as codex-rs parses them. */
const faults: Record<string, Fault> = {
  "400": { type: "invalid_request_error", code: "invalid_value", message: "Invalid value: 'x'.", param: "input[0]" },
  "400-long": {
    type: "invalid_request_error",
    code: "context_length_exceeded",
    message: "Your input exceeds the context window of this model. Please adjust your input and try again.",
    param: "input",
  },
  "401": { type: "invalid_request_error", code: "invalid_api_key", message: "Incorrect API key provided: sk-sim." },
  "401-expired": {
    type: "invalid_request_error",
    code: "token_expired",
    message: "Provided authentication token is expired.",
  },
  "402": { type: "invalid_request_error", code: "insufficient_balance", message: "Insufficient Balance" },
  "402-workspace": {
    type: "invalid_request_error",
    code: "deactivated_workspace",
    message: "Workspace is deactivated.",
  },
  "403": {
    type: "invalid_request_error",
    code: "insufficient_permissions",
    message: "You have insufficient permissions.",
  },
  "404": { type: "invalid_request_error", code: "model_not_found", message: "The model `missing` does not exist." },
  "413": { type: "invalid_request_error", code: "request_too_large", message: "Request body is too large." },
  "429": {
    type: "requests",
    code: "rate_limit_exceeded",
    message: minute,
    retryAfterSeconds: 12,
    headers: (seconds) => ({
      "x-ratelimit-limit-requests": "500",
      "x-ratelimit-remaining-requests": "0",
      "x-ratelimit-reset-requests": `${seconds}s`,
    }),
  },
  "429-bare": { type: "tokens", code: "rate_limit_exceeded", message: "Rate limit reached." },
  "429-quota": {
    type: "insufficient_quota",
    code: "insufficient_quota",
    message: "You exceeded your current quota, please check your plan and billing details.",
  },
  "429-usage": {
    type: "usage_limit_reached",
    code: null,
    message: "The usage limit has been reached",
    headers: () => codexWindows(100),
    more: (seconds) => ({
      plan_type: "plus",
      resets_at: Math.floor(Date.now() / 1000) + (seconds || 9_000),
      resets_in_seconds: seconds || 9_000,
    }),
  },
  "429-plan": { type: "usage_not_included", code: null, message: "Codex is not included in this plan" },
  "500": { type: "server_error", code: null, message: "The server had an error while processing your request." },
  "503": { type: "server_error", code: "server_is_overloaded", message: "That model is currently overloaded." },
  "504": { type: "server_error", code: null, message: "Gateway timeout" },
};

/** 502 comes from the provider's edge, as HTML. */
export const faultNames: ReadonlySet<string> = new Set([...Object.keys(faults), "502"]);

export function faultReply(name: string, behaviour: Behaviour): Reply {
  const fault = faults[name];
  if (!fault) return htmlReply(Number(name.slice(0, 3)));
  const own = fault.retryAfterSeconds;
  const retryAfter = numberOf(behaviour, "retry-after", own) ?? own;
  const reset = numberOf(behaviour, "reset-in") ?? retryAfter ?? 0;
  const { type, code, message, param = null } = fault;
  const reply = errorReply(Number(name.slice(0, 3)), { message, type, param, code, ...fault.more?.(reset) });
  Object.assign(reply.headers, fault.headers?.(reset));
  if (retryAfter !== undefined) reply.headers["retry-after"] = String(retryAfter);
  if (behaviour.has("no-retry")) reply.headers["x-should-retry"] = "false";
  return reply;
}

export function errorReply(status: number, error: Record<string, unknown>): Reply {
  const headers = { ...commonHeaders(), "content-type": "application/json" };
  return { status, headers, frames: halves(JSON.stringify({ error })), streamed: false };
}

export function wrong(status: number, message: string, code: string | null = null): Reply {
  return errorReply(status, { message, type: "invalid_request_error", param: null, code });
}

/** What an error inside a stream says; the code is `server_is_overloaded` unless named. */
export function streamError(code: string): { code: string; message: string } {
  const named = Object.values(faults).find((fault) => fault.code === code || fault.type === code);
  return { code: code || "server_is_overloaded", message: named?.message ?? "That model is currently overloaded." };
}
