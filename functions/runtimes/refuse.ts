import { toFailure, type Failure } from "../failure.ts";
import { json, type Answer } from "../wire/exchange.ts";

/** Paths of the Anthropic dialect: its SDKs show `error.message` of exactly this shape (Anthropic API, "Errors"). */
const anthropicPath = /^\/(api|claude|v1)(\/|$)/;

const anthropicTypes: Readonly<Record<number, string>> = {
  401: "authentication_error",
  403: "permission_error",
  404: "not_found_error",
  413: "request_too_large",
  429: "rate_limit_error",
};

/**
 * The answer to what no endpoint answered: an unknown path, a body past the limit, an error that an endpoint let through.
 * Neutral JSON `{error: {code, message}}`, or the Anthropic shape on that dialect's paths.
 */
export function refuse(thrown: unknown, path: string, requestId: string): Answer {
  const failure = toFailure(thrown);
  const { code, message, status } = failure;
  const body = anthropicPath.test(path)
    ? { type: "error", error: { type: anthropicType(status), message }, request_id: requestId }
    : { error: { code, message } };
  return json(status, body, hints(failure));
}

function anthropicType(status: number): string {
  return anthropicTypes[status] ?? (status < 500 ? "invalid_request_error" : "api_error");
}

function hints({ retryAfterSeconds, isRetryable }: Failure): Record<string, string> {
  return {
    ...(retryAfterSeconds === undefined ? {} : { "retry-after": String(Math.ceil(retryAfterSeconds)) }),
    ...(isRetryable ? {} : { "x-should-retry": "false" }),
  };
}
