import type { Config } from "./config.ts";
import type { Log } from "./log.ts";
import type { LogBook } from "./log-book.ts";
import type { Store } from "./stores/store.ts";
import type { Dispatch } from "./wire/dispatch.ts";
import type { Answer, Request } from "./wire/exchange.ts";

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
