import type { Config } from "./config.ts";
import type { Log } from "./log.ts";
import type { LogBook } from "./log-book.ts";
import type { Store } from "./stores/store.ts";
import type { Dispatch } from "./wire/dispatch.ts";
import type { Answer, Request } from "./wire/exchange.ts";
import { BoundedMap } from "./wire/maps.ts";

/** All that a handler may touch of the world. Made once by the adapter, passed last; there is no other injection. */
export interface Env {
  readonly store: Store;
  readonly dispatch: Dispatch;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly log: Log;
  readonly config: Config;
  /** Work that may go on after the answer: Lambda waits for it before it freezes, Node before it exits. Never rejects the caller. */
  readonly after: (work: Promise<unknown>) => void;
  /** Keeps a line for the next process (settlements and credentials that the store did not take); absent on Lambda. */
  readonly spill?: (line: string) => void;
  /** True while the machine drains: /health turns 503. */
  readonly isDraining: () => boolean;
  /** What this process may take of memory; without it bodies are bounded by BODIES_MAX_MB alone. */
  readonly memoryBytes?: number;
  /** What this process logged last; absent on Lambda, where a process is one of many. */
  readonly logBook?: LogBook;
}

/** What a file under endpoints/ exports as `handle`. A Failure that it throws is worded by the machine, in no dialect. */
export type Endpoint = (request: Request, env: Env) => Promise<Answer>;

/**
 * State that belongs to one instance and one Env, such as a record cache: made on first use, never shared between Envs,
 * so that tests and two relays in one process do not see each other's.
 */
export function perEnv<T>(build: () => T): (env: Env) => T {
  const made = new WeakMap<Env, T>();
  return (env) => {
    const found = made.get(env);
    if (found !== undefined) return found;
    const fresh = build();
    made.set(env, fresh);
    return fresh;
  };
}

/** What an instance remembers from call to call: how many entries at most, of which the oldest gives way. Beside each, for how long one is good. */
export const memory = {
  /** API keys by the hash of their secret: 4 seconds. */
  keys: 20_000,
  /** Which older hash a secret was found by: for ever. */
  legacyHashes: 20_000,
  /** The first hash of the key that a later secret belongs to: for ever. */
  firstHashes: 20_000,
  /** Whether a session of the console is valid: 4 seconds. */
  sessions: 1_000,
  /** Keys whose budget is spent: 30 seconds, or until it resets. */
  refusals: 10_000,
  /** What a look at a key's meters told: a minute, or 30 seconds where they refuse. */
  looks: 10_000,
  /** How many free calls a key has left: until they are all back. */
  freeCalls: 10_000,
  /** Which account has a conversation's prompt in its cache, about a megabyte: five minutes or an hour. */
  warmSessions: 10_000,
  /** Accounts that failed for a reason that says nothing about them: a minute at most. */
  troubles: 5_000,
  /** When an account was asked whether it still serves: a minute. */
  probes: 5_000,
  /** When a sign-in was renewed: a minute. */
  renewals: 5_000,
  /** Grants whose endpoint fails: five minutes at most. */
  pauses: 5_000,
  /** When an account last told how full it is: a second. */
  windows: 5_000,
  /** Credentials and proxies, opened, by their sealed text: for ever. */
  opened: 5_000,
  /** The models that an account's provider lists: ten minutes. */
  offers: 1_000,
  /** What a key used, for its status line: five seconds. */
  ownUsage: 1_000,
  /** Tables of statistics, two months of days: a minute. */
  statistics: 64,
} as const;

export function cache<V, K = string>(name: keyof typeof memory): (env: Env) => BoundedMap<K, V> {
  return perEnv(() => new BoundedMap<K, V>(memory[name]));
}
