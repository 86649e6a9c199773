import { createHash } from "node:crypto";
import { cache, type Env } from "../../../env.ts";
import { Failure } from "../../../failure.ts";
import type { Headers } from "../../../wire/exchange.ts";
import { quote } from "../../../wire/redact.ts";
import { readErrorBody } from "../provider-error.ts";
import { retryAfterSeconds } from "../resets.ts";

/**
 * What a token endpoint calls a grant that is spent for good: RFC 6749 § 5.2, RFC 7523 § 3.1, and OpenAI's own codes
 * (codex-rs/login). Nothing else says anything about the grant: not the page of a firewall, and not a client that is refused.
 */
const finalCodes = new Set([
  "invalid_grant",
  ...["refresh_token_expired", "refresh_token_reused", "refresh_token_invalidated"],
]);

/** What a token endpoint answered instead of a token. */
export interface Refusal {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** `credential.rejected` where the grant is spent, else `upstream.refused`. `who` begins the sentence. */
export function readRefusal(
  who: string,
  { status, headers, text }: Refusal,
  secrets: readonly string[],
  env: Env,
): Failure {
  const { codes, message, fields } = readErrorBody(text, headers);
  // OAuth's own form is a code under `error`, at the top.
  const named = typeof fields.error === "string" ? [fields.error.toLowerCase(), ...codes] : codes;
  const isFinal = status >= 400 && status < 500 && named.some((code) => finalCodes.has(code));
  const described = typeof fields.error_description === "string" ? fields.error_description : message;
  // A web page says nothing to whoever reads one line.
  const words = /^\s*</.test(described) ? "" : quote(described, secrets);
  const seconds = isFinal ? undefined : retryAfterSeconds(headers, env.now());
  return new Failure(isFinal ? "credential.rejected" : "upstream.refused", {
    message: `${who}: ${words || `status ${status}`}`,
    ...(seconds === undefined ? {} : { retryAfterSeconds: Math.min(seconds, longestMs / 1_000) }),
    isRetryable: !isFinal,
  });
}

interface Pause {
  readonly untilAt: number;
  readonly ms: number;
  readonly failure: Failure;
}

const shortestMs = 5_000;
const longestMs = 300_000;

/** By a hash of the grant: endpoints that fail are left alone for a while, by everybody in this instance. */
const pausesOf = cache<Pause>("pauses");

/**
 * Runs one exchange of a grant, and none while the endpoint is left alone after a failure: 5 seconds at first, twice as long
 * each time, five minutes at most, or as long as the endpoint says. Throws what `exchange` throws.
 */
export async function withPauses<T>(grant: string, exchange: () => Promise<T>, env: Env): Promise<T> {
  const pauses = pausesOf(env);
  const name = createHash("sha256").update(grant).digest("base64url");
  const pause = pauses.get(name);
  if (pause && env.now() < pause.untilAt) throw pause.failure;
  try {
    const token = await exchange();
    pauses.delete(name);
    return token;
  } catch (error) {
    if (error instanceof Failure && error.blame === "upstream") {
      const ms = Math.min(longestMs, (pause?.ms ?? shortestMs / 2) * 2);
      const toldMs = Math.min(longestMs, (error.retryAfterSeconds ?? 0) * 1_000);
      pauses.set(name, { untilAt: env.now() + Math.max(ms, toldMs), ms, failure: error });
    }
    throw error;
  }
}
