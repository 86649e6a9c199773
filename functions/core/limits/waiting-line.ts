import type { Env } from "../../env.ts";
import { perEnv } from "../../env.ts";
import { Failure, toFailure } from "../../failure.ts";
import { endReason, type HangUp } from "../../wire/exchange.ts";
import type { ApiKey } from "../keys/key.ts";
import { outOfSightAt } from "./in-flight.ts";
import { tellLost } from "./limit.ts";

/** The calls of one key that wait in this process for one of its others to end. */
interface Line {
  waiting: number;
  /** Resolves when the last of the line has had its turn or has left. */
  tail: Promise<void>;
  wake: (() => void) | undefined;
}

const linesOf = perEnv(() => new Map<string, Line>());
/** Calls that end in another process are noticed within this time. */
const pollMs = 1_000;

/**
 * Runs `attempt`, and while it is refused for concurrency lets the call wait as the key allows: in order, up to so many calls
 * and so long. A caller that leaves frees its place. Throws what the last attempt threw, or `client.gone`.
 */
export function inTurn<T>(key: ApiKey, attempt: () => Promise<T>, signal: HangUp, env: Env): Promise<T> {
  return key.queueLength === 0 ? attempt() : lineUp(key, attempt, signal, env);
}

async function lineUp<T>(key: ApiKey, attempt: () => Promise<T>, signal: HangUp, env: Env): Promise<T> {
  const lines = linesOf(env);
  if (!lines.has(key.id)) {
    try {
      return await attempt();
    } catch (error) {
      if (!isFull(error)) throw error;
    }
  }
  // Looked up after the attempt: others may have lined up, or the line may have dissolved, meanwhile.
  const line = lines.get(key.id) ?? { waiting: 0, tail: Promise.resolve(), wake: undefined };
  if (line.waiting >= key.queueLength) throw overcrowded(key, env);
  lines.set(key.id, line);
  line.waiting += 1;
  const before = line.tail;
  const mine = Promise.withResolvers<void>();
  line.tail = mine.promise;
  try {
    return await wait(key, { line, before, signal }, attempt, env);
  } finally {
    line.waiting -= 1;
    // Whoever leaves before its turn does not let the next one pass those still in front.
    void before.then(mine.resolve);
    if (line.waiting === 0) lines.delete(key.id);
  }
}

/** Tells the first of a key's line that a call has ended. */
export function wakeLine(key: string, env: Env): void {
  linesOf(env).get(key)?.wake?.();
}

interface Waiting {
  readonly line: Line;
  readonly before: Promise<void>;
  readonly signal: HangUp;
}

async function wait<T>(
  key: ApiKey,
  { line, before, signal }: Waiting,
  attempt: () => Promise<T>,
  env: Env,
): Promise<T> {
  const gone = Promise.withResolvers<never>();
  const onAbort = () => gone.reject(endReason(signal) ?? new Failure("client.gone"));
  signal.addEventListener("abort", onAbort, { once: true });
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(tooLate(key, env)), key.queueWaitSeconds * 1_000);
  // Nobody may be listening any more when one of them comes true.
  for (const promise of [gone.promise, late.promise]) promise.catch(() => undefined);
  try {
    if (signal.aborted) onAbort();
    await Promise.race([before, gone.promise, late.promise]);
    for (;;) {
      try {
        return await attempt();
      } catch (error) {
        if (!isFull(error)) throw error;
      }
      await Promise.race([ended(line), gone.promise, late.promise]);
    }
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
  }
}

function ended(line: Line): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, pollMs);
    line.wake = () => {
      clearTimeout(timer);
      resolve();
    };
  });
}

const isFull = (error: unknown) => toFailure(error).code === "limit.concurrency";

const full = (message: string, env: Env) =>
  new Failure("limit.concurrency", {
    message: `${message} ${tellLost(outOfSightAt(env.now()))}`,
    retryAfterSeconds: 2,
  });

function overcrowded({ concurrency, queueLength }: ApiKey, env: Env): Failure {
  return full(
    `This API key has ${concurrency} calls under way and ${queueLength} waiting, which is its limit. Retry later.`,
    env,
  );
}

function tooLate({ concurrency, queueWaitSeconds }: ApiKey, env: Env): Failure {
  return full(
    `This API key has reached its concurrency limit of ${concurrency} calls at once, and none ended within ${queueWaitSeconds} seconds.`,
    env,
  );
}
