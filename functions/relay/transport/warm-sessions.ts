import { hash } from "../../core/accounts/rendezvous.ts";
import type { ApiKey } from "../../core/keys/key.ts";
import { cache, type Env } from "../../env.ts";
import { asksOf } from "../dialects/asks.ts";
import type { Call } from "../dialects/dialect.ts";

/** What providers keep a prompt cached for, and what they are asked to keep it for at most, as far as it is looked at here. */
export const cacheMs = 300_000;
export const longCacheMs = 3_600_000;

interface Warm {
  readonly account: string;
  readonly untilAt: number;
}

/**
 * Where this instance has served a conversation last, by its key, session and model, in the order of use. It spends no command:
 * other instances do not know of it, and keep to the computed choice.
 */
const warmOf = cache<Warm, number>("warmSessions");

const nameOf = (key: ApiKey, { session, model }: Call) => hash(`${key.id}\n${session}\n${model}`);

/** The account has answered, and its provider holds the conversation's prompt in its cache now. */
export function noteWarm(account: string, key: ApiKey, call: Call, env: Env): void {
  if (call.session === undefined) return;
  warmOf(env).set(nameOf(key, call), {
    account,
    untilAt: env.now() + (asksOf(call).isLongCached ? longCacheMs : cacheMs),
  });
}

/** The account whose provider still has the conversation's prompt in its cache, as far as this instance knows. */
export function findWarm(key: ApiKey, call: Call, env: Env): string | undefined {
  if (call.session === undefined) return undefined;
  const found = warmOf(env).get(nameOf(key, call));
  return found && found.untilAt > env.now() ? found.account : undefined;
}
