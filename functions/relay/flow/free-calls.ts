import type { ApiKey } from "../../core/keys/key.ts";
import { cache, type Env } from "../../env.ts";
import { Failure } from "../../failure.ts";
import { listAllStandings, readMeters } from "../../core/limits/limit-status.ts";
import { type Answer, json } from "../../wire/exchange.ts";
import { type Dialect, tellRest } from "../dialects/dialect.ts";

/** A client counts the tokens of all its tools at once; more than these in a row is no client's work. */
const mostAtOnce = 120;
const perSecond = 2;

interface Bucket {
  left: number;
  at: number;
}

const bucketsOf = cache<Bucket>("freeCalls");

/**
 * Lets a call that costs nothing (a token count, a list of models) pass, or refuses it: such calls pass no limit of their
 * key, but each goes up to an account. By key and instance, without a command. Throws `limit.requests`.
 */
export function admitFree({ id, name }: ApiKey, env: Env): void {
  const buckets = bucketsOf(env);
  const now = env.now();
  const known = buckets.get(id);
  const left = known
    ? Math.min(mostAtOnce, known.left + (Math.max(0, now - known.at) / 1_000) * perSecond)
    : mostAtOnce;
  buckets.set(id, { left: Math.max(0, left - 1), at: now });
  if (left >= 1) return;
  buckets.set(id, { left, at: now });
  throw new Failure("limit.requests", {
    message: `The API key "${name}" may make ${mostAtOnce} free calls at once (token counts, model lists), and ${perSecond} a second after that.`,
    retryAfterSeconds: 1,
    isRetryable: true,
  });
}

/** A probe's answer, with what is left of the key's limits. One command a limited period. */
export async function answerProbed(body: object, key: ApiKey, dialect: Dialect, env: Env): Promise<Answer> {
  const meters = await readMeters(key, env);
  return json(200, body, meters && tellRest(dialect, listAllStandings(key, meters), env));
}
