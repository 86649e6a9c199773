import type { Env } from "../../env.ts";
import { perEnv } from "../../env.ts";
import { Failure } from "../../failure.ts";
import type { BodyRoom } from "../../wire/exchange.ts";
import type { ApiKey } from "../keys/key.ts";

/** Of the process's memory that request bodies may take together: a body is held once as sent and, to be translated, once more. */
const bodyShare = 0.2;
/** More than this only where the operator says so: a large machine is no reason to hold gigabytes for one who sends slowly. */
const mostByDefault = 512 * 1024 * 1024;
/** Of that, what one key may take beside its first body. */
const keyShare = 0.5;
/** Free calls of a key at once beyond as many as its concurrency: they end soon. */
const slack = 4;
const busySeconds = 5;

interface KeyLoad {
  bytes: number;
  /** Requests that are to be admitted: their body is being read, or they wait for their turn. */
  pending: number;
  /** Admitted and not settled. */
  running: number;
  /** Calls that pass no limit. */
  free: number;
}

interface Load {
  bytes: number;
  readonly keys: Map<string, KeyLoad>;
}

const unloaded = (): KeyLoad => ({ bytes: 0, pending: 0, running: 0, free: 0 });
const loadOf = perEnv((): Load => ({ bytes: 0, keys: new Map() }));

/** What bodies may take in this process, in bytes. */
export function bodyBudget({ config, memoryBytes = Infinity }: Env): number {
  return config.BODIES_MAX_MB > 0
    ? config.BODIES_MAX_MB * 1024 * 1024
    : Math.min(memoryBytes * bodyShare, mostByDefault);
}

/** One request of a key in this process, from before its body to its settlement. */
export interface Place extends BodyRoom {
  /** It has been let in, and counts as running from now on. */
  admitted(): void;
  /** The body is not needed any more. */
  letGo(): void;
  /** It is over; may be called again. */
  leave(): void;
}

/**
 * Takes a place for a request of a key before its body is read. Throws `limit.concurrency` for what the key's concurrency, or
 * KEY_MAX_CALLS, will not let run: what this process has under way is a part of what the store counts. `isFree`: a call that
 * passes no limit.
 */
export function takePlace(key: ApiKey, isFree: boolean, env: Env): Place {
  const load = loadOf(env);
  const own = load.keys.get(key.id) ?? unloaded();
  checkCalls(key, own, isFree, env);
  const state = isFree ? "free" : "pending";
  own[state] += 1;
  load.keys.set(key.id, own);
  return new TakenPlace(key.id, load, bodyBudget(env), state);
}

/** Bytes of a key that belong to no request yet, such as a WebSocket's unfinished message. */
export interface Room extends BodyRoom {
  letGo(bytes?: number): void;
}

export function openRoom(key: ApiKey, env: Env): Room {
  return new TakenPlace(key.id, loadOf(env), bodyBudget(env), "over");
}

function checkCalls(key: ApiKey, { pending, running, free }: KeyLoad, isFree: boolean, env: Env): void {
  const { KEY_MAX_CALLS: most } = env.config;
  if (pending + running + free >= most) {
    throw tooMany(`This API key has ${most} calls under way in this process, which is the most.`);
  }
  if (key.concurrency <= 0) return;
  const [has, may] = isFree ? [free, slack] : [pending + running, key.queueLength];
  if (has < key.concurrency + may) return;
  throw tooMany(
    `This API key has reached its concurrency limit of ${key.concurrency} calls at once. Wait until one has ended.`,
  );
}

function tooMany(message: string): Failure {
  return new Failure("limit.concurrency", { message, retryAfterSeconds: 2 });
}

/** What `expect` and `take` throw is `process.busy`. */
class TakenPlace implements Place, Room {
  readonly #key: string;
  readonly #load: Load;
  readonly #budget: number;
  #bytes = 0;
  #state: "pending" | "running" | "free" | "over";

  constructor(key: string, load: Load, budget: number, state: "pending" | "free" | "over") {
    this.#key = key;
    this.#load = load;
    this.#budget = budget;
    this.#state = state;
  }

  expect(bytes: number): void {
    const held = this.#load.keys.get(this.#key)?.bytes ?? 0;
    const isOverOwn = held > this.#bytes && held + bytes > this.#budget * keyShare;
    if (!isOverOwn && this.#load.bytes + bytes <= this.#budget) return;
    throw new Failure("process.busy", {
      message: "The relay holds as many request bodies as its memory allows. Send the request again in a few seconds.",
      retryAfterSeconds: busySeconds,
    });
  }

  take(bytes: number): void {
    this.expect(bytes);
    this.#count(bytes);
  }

  admitted(): void {
    if (this.#state !== "pending") return;
    this.#state = "running";
    this.#change((own) => {
      own.pending -= 1;
      own.running += 1;
    });
  }

  letGo(bytes = this.#bytes): void {
    this.#count(-Math.min(bytes, this.#bytes));
  }

  leave(): void {
    if (this.#state === "over") return;
    this.letGo();
    const state = this.#state;
    this.#state = "over";
    this.#change((own) => (own[state] -= 1));
  }

  #count(bytes: number): void {
    if (bytes === 0) return;
    this.#bytes += bytes;
    this.#load.bytes += bytes;
    this.#change((own) => (own.bytes += bytes));
  }

  #change(change: (own: KeyLoad) => void): void {
    const { keys } = this.#load;
    const own = keys.get(this.#key) ?? unloaded();
    change(own);
    if (own.bytes + own.pending + own.running + own.free > 0) keys.set(this.#key, own);
    else keys.delete(this.#key);
  }
}
