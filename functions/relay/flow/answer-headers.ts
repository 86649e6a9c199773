import type { Env } from "../../env.ts";
import { retryAfterSeconds } from "../upstreams/resets.ts";
import type { ApiKey } from "../../core/keys/key.ts";
import { hasLimits } from "../../core/limits/meter.ts";
import type { Dialect } from "../dialects/dialect.ts";
import { Failure } from "../../failure.ts";
import type { Inbound } from "../../wire/dispatch.ts";
import type { Headers } from "../../wire/exchange.ts";
import { pickHeaders } from "../../wire/headers.ts";

/** Clients sleep through a `retry-after` of any length; past this they are told not to retry by themselves instead. */
const longestRetryAfterSeconds = 60;

/** Headers of several kilobytes are refused by some proxies. */
const mostTold = 3_000;

/** What was changed or left out of the request on its way, for whoever wonders at the answer. */
export function tellRules(rules: readonly string[]): Headers {
  if (rules.length === 0) return {};
  const told = rules
    .join("; ")
    .replaceAll("→", "->")
    .replace(/[^\x20-\x7e]/g, "?");
  const more = "; and more, in the request's detail";
  return { "x-relay-rules": told.length > mostTold ? told.slice(0, mostTold) + more : told };
}

/** What an account has left is nothing to a key with limits of its own: its holder would take it for the key's. */
const ofAccounts = /^(?:anthropic-ratelimit-|x-ratelimit-|x-codex-(?!turn-state$))/;

export function withoutAccountLimits(headers: Headers): Headers {
  for (const name in headers) if (ofAccounts.test(name)) delete headers[name];
  return headers;
}

/** A spent limit's refusal with the operator's own words behind it, such as whom to ask. */
export function inOperatorsWords(failure: Failure, { config: { LIMIT_MESSAGE: hint } }: Env): Failure {
  if (hint === undefined || failure.isRetryable || !failure.code.startsWith("limit.")) return failure;
  const { code, retryAfterSeconds, cause } = failure;
  const wait = retryAfterSeconds === undefined ? {} : { retryAfterSeconds };
  return new Failure(code, { message: `${failure.message} ${hint}`, isRetryable: false, cause, ...wait });
}

/** The buffering of a proxy in between (nginx) would hold a stream back. */
const ofStreams: Headers = { "cache-control": "no-store", "x-accel-buffering": "no" };
const ofOthers: Headers = { "cache-control": "no-store" };
export const streamHeaders = (isStream: boolean): Headers => (isStream ? ofStreams : ofOthers);

/** An answer's headers that its client may have. */
export function comeDown({ headers, status }: Inbound, dialect: Dialect, key: ApiKey, env: Env): Headers {
  const kept = withoutLongWait(pickHeaders(headers, dialect.passes), status, env);
  return hasLimits(key) ? withoutAccountLimits(kept) : kept;
}

function withoutLongWait(headers: Headers, status: number, env: Env): Headers {
  const seconds = status < 400 ? undefined : retryAfterSeconds(headers, env.now());
  if (seconds === undefined || seconds <= longestRetryAfterSeconds) return headers;
  const { "retry-after": _seconds, "retry-after-ms": _milliseconds, ...rest } = headers;
  return { ...rest, "x-should-retry": "false" };
}
