import { hash } from "../../core/accounts/rendezvous.ts";
import type { ApiKey } from "../../core/keys/key.ts";
import { type Env, perEnv } from "../../env.ts";
import { asksOf } from "../dialects/asks.ts";
import type { Call } from "../dialects/dialect.ts";

/** What providers keep a prompt cached for, and what they are asked to keep it for at most, as far as it is looked at here. */
export const cacheMs = 300_000;
export const longCacheMs = 3_600_000;

interface Warm {
  readonly account: string;
  readonly untilAt: number;
}

/** About a megabyte. */
const mostKept = 10_000;

/**
 * Where this instance has served a conversation last, by its key, session and model, in the order of use. It spends no command:
 * other instances do not know of it, and keep to the computed choice.
 */
const warmOf = perEnv(() => new Map<number, Warm>());

const nameOf = (key: ApiKey, { session, model }: Call) => hash(`${key.id}\n${session}\n${model}`);

/** The account has answered, and its provider holds the conversation's prompt in its cache now. */
export function noteWarm(account: string, key: ApiKey, call: Call, env: Env): void {
  if (call.session === undefined) return;
  const known = warmOf(env);
  const name = nameOf(key, call);
  known.delete(name);
  known.set(name, { account, untilAt: env.now() + (asksOf(call).isLongCached ? longCacheMs : cacheMs) });
  if (known.size <= mostKept) return;
  const [oldest] = known.keys();
  if (oldest !== undefined) known.delete(oldest);
}

/** The account whose provider still has the conversation's prompt in its cache, as far as this instance knows. */
export function findWarm(key: ApiKey, call: Call, env: Env): string | undefined {
  if (call.session === undefined) return undefined;
  const found = warmOf(env).get(nameOf(key, call));
  return found && found.untilAt > env.now() ? found.account : undefined;
}
