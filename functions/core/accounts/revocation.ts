import { perEnv, type Env } from "../../env.ts";
import { Failure } from "../../failure.ts";
import type { HangUp } from "../../wire/exchange.ts";
import { changesOf, keysTable, keysVersionField, knownKey, poolVersionField, readKeyAgain } from "../keys/key.ts";
import { getPool, type Pool } from "./pool.ts";
import type { ApiKey } from "../keys/key.ts";

/** A call's signal, which fires with the client's, and when the call's key or account is taken away while it runs. */
export class Cutoff implements HangUp {
  aborted = false;
  reason: unknown;
  /** The account that serves the call; undefined until one does. */
  account: string | undefined;
  readonly hash: string;
  readonly #client: HangUp;
  readonly #onAbort: () => void;
  #listeners: (() => void)[] = [];

  constructor(client: HangUp, hash: string) {
    this.hash = hash;
    this.#client = client;
    const onAbort = () => this.end(client.reason);
    this.#onAbort = onAbort;
    if (client.aborted) onAbort();
    else client.addEventListener("abort", onAbort, { once: true });
  }

  addEventListener(_type: "abort", listener: () => void): void {
    this.#listeners.push(listener);
  }

  removeEventListener(_type: "abort", listener: () => void): void {
    const index = this.#listeners.indexOf(listener);
    if (index >= 0) this.#listeners.splice(index, 1);
  }

  /** Works once. */
  end(reason: unknown): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    for (const listener of this.#listeners.splice(0)) listener();
  }

  release(): void {
    this.#client.removeEventListener("abort", this.#onAbort);
  }
}

interface Watched {
  readonly calls: Set<Cutoff>;
  timer: NodeJS.Timeout | undefined;
  /** What this process had changed when it last looked. */
  changes: number;
  lookedAt: number;
  isLooking: boolean;
}

const watchedOf = perEnv<Watched>(() => ({
  calls: new Set(),
  timer: undefined,
  changes: 0,
  lookedAt: 0,
  isLooking: false,
}));

const tickMs = 1_000;

/**
 * Watches over a call until `lift`. A key that is disabled or deleted here, or an account that is paused or deleted, ends its
 * calls within a second; what another process changes is seen within REVOKE_CHECK_SECONDS. That costs one command for all
 * calls together each so many seconds, and nothing while no call lasts that long.
 */
export function openCutoff(client: HangUp, hash: string, env: Env): { signal: Cutoff; lift(): void } {
  const signal = new Cutoff(client, hash);
  const watched = watchedOf(env);
  if (env.config.REVOKE_CHECK_SECONDS > 0) watch(signal, watched, env);
  return {
    signal,
    lift() {
      signal.release();
      watched.calls.delete(signal);
    },
  };
}

function watch(call: Cutoff, watched: Watched, env: Env): void {
  watched.calls.add(call);
  if (watched.timer) return;
  Object.assign(watched, { changes: changesOf(env), lookedAt: env.now() });
  watched.timer = setInterval(() => tick(watched, env), tickMs).unref();
}

function tick(watched: Watched, env: Env): void {
  if (watched.calls.size === 0) {
    clearInterval(watched.timer);
    watched.timer = undefined;
    return;
  }
  const isDue = Math.abs(env.now() - watched.lookedAt) >= env.config.REVOKE_CHECK_SECONDS * 1000;
  if (watched.isLooking || !(isDue || changesOf(env) !== watched.changes)) return;
  Object.assign(watched, { isLooking: true, changes: changesOf(env), lookedAt: env.now() });
  const looking = look(watched, env).finally(() => (watched.isLooking = false));
  // A store that is away tells nothing new; the calls run on, and the next look comes soon enough.
  env.after(looking.catch((error: unknown) => env.log("debug", "calls not looked after", { error })));
}

async function look({ calls }: Watched, env: Env): Promise<void> {
  const [poolVersion = "", keysVersion = ""] = await env.store.find(keysTable, [poolVersionField, keysVersionField]);
  const pool = await getPool(poolVersion, env);
  for (const call of [...calls]) {
    const known = knownKey(call.hash, env);
    const { key } = known?.keysVersion === keysVersion ? known : await readKeyAgain(call.hash, env);
    const reason = findReason(key, call.account, pool);
    if (reason) call.end(reason);
  }
}

function findReason(key: ApiKey | undefined, account: string | undefined, pool: Pool): Failure | undefined {
  if (!key || key.deletedAt !== undefined || !key.isEnabled) {
    const message = "The API key was disabled or deleted while this call ran.";
    return new Failure("key.disabled", { message, isRetryable: false });
  }
  if (account === undefined || pool.accountById.get(account)?.isEnabled) return undefined;
  const message = "The account that served this call was paused or deleted while it ran; send the request again.";
  return new Failure("account.cooling", { message });
}
