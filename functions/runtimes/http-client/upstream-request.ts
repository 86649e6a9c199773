import { Failure } from "../../failure.ts";
import type { Inbound, Outbound } from "../../wire/dispatch.ts";
import { buildBodyQueue, type BodyQueue, type Tap } from "./body.ts";
import { abandoned, asFailure, broken, headTimeout, silenceTimeout, unreachable } from "./errors.ts";

/** The connection under a conversation. `abort` destroys it at once; the calls back that this causes are ignored. */
export interface Line {
  pause(): void;
  resume(): void;
  abort(reason: Failure): void;
}

/** One request to an upstream, told by whatever client library carries it. Calls after the end are ignored. */
export interface Conversation {
  readonly answer: Promise<Inbound>;
  /** The connection is there; drops it right away if nobody waits any more. */
  attach(line: Line): void;
  /** The request goes out. */
  sent(): void;
  head(status: number, headers: Inbound["headers"]): void;
  data(chunk: Uint8Array): void;
  /** The message was complete. */
  end(): void;
  /** It was not: before the head that is `upstream.unreachable`, after it `upstream.broken`. */
  error(cause: unknown): void;
}

/** The rules of `Dispatch` that do not depend on the client library: one timer for both waits, one place that ends it all. */
export function converse(outbound: Outbound): Conversation {
  return new Talk(outbound);
}

/** An object with methods where closures would do: there is one a call, and a thousand of them wait for a model at once. */
class Talk implements Conversation, Tap {
  readonly answer: Promise<Inbound>;
  readonly #waits: Pick<Outbound, "signal" | "headTimeoutMs" | "silenceTimeoutMs" | "onSent">;
  readonly #answered: Pick<PromiseWithResolvers<Inbound>, "resolve" | "reject">;
  /** Set with the head. */
  #queue: BodyQueue | undefined;
  #line: Line | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** When the connection was last heard of (`performance.now()`): a timer pushed ahead by each chunk would cost more than it. */
  #lastAt = 0;
  #onAbort: (() => void) | undefined;
  /** Why this side ended it; a connection that comes later is dropped for it. */
  #ending: Failure | undefined;
  #isOver = false;

  constructor({ signal, headTimeoutMs, silenceTimeoutMs, onSent }: Outbound) {
    this.#waits = { signal, headTimeoutMs, silenceTimeoutMs, ...(onSent ? { onSent } : {}) };
    const { promise, resolve, reject } = Promise.withResolvers<Inbound>();
    this.answer = promise;
    this.#answered = { resolve, reject };
    this.#waitFor(headTimeoutMs);
    // Never `this.#onAbort = () => …`: V8 puts a function that is written into a property straight into the old generation,
    // from where it keeps all that belongs to the call alive until the next full collection.
    const onAbort = () => this.#stop(abandoned(signal));
    this.#onAbort = onAbort;
    if (signal?.aborted) onAbort();
    else signal?.addEventListener("abort", onAbort, { once: true });
  }

  attach(line: Line): void {
    this.#line = line;
    if (this.#ending) line.abort(this.#ending);
  }

  sent(): void {
    if (!this.#isOver) this.#waits.onSent?.();
  }

  head(status: number, headers: Inbound["headers"]): void {
    if (this.#isOver || this.#queue) return;
    this.#lastAt = performance.now();
    // The timer for the head goes on and finds out by itself how long the silence is, unless that would be too late.
    if (this.#waits.silenceTimeoutMs < this.#waits.headTimeoutMs) this.#waitFor(this.#waits.silenceTimeoutMs);
    this.#queue = buildBodyQueue(this);
    this.#answered.resolve({ status, headers, body: this.#queue.body });
  }

  data(chunk: Uint8Array): void {
    if (this.#isOver) return;
    this.#lastAt = performance.now();
    this.#queue?.push(chunk);
  }

  end(): void {
    if (this.#isOver) return;
    this.#close();
    this.#queue?.end();
  }

  error(cause: unknown): void {
    this.#fail(asFailure(cause, this.#queue ? broken : unreachable));
  }

  pause(): void {
    this.#line?.pause();
  }

  resume(): void {
    this.#lastAt = performance.now();
    this.#line?.resume();
  }

  drop(): void {
    this.#ending = new Failure("client.gone", { message: "The reader wants no more." });
    this.#close();
    this.#line?.abort(this.#ending);
  }

  #waitFor(milliseconds: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(onTimer, milliseconds, this);
  }

  /** The silence of an upstream that is being held back is not its own. */
  wake(): void {
    const { headTimeoutMs, silenceTimeoutMs } = this.#waits;
    if (!this.#queue) return this.#stop(headTimeout(headTimeoutMs));
    const silentMs = this.#queue.isPaused() ? 0 : performance.now() - this.#lastAt;
    // Timers may come a little early.
    if (silentMs >= silenceTimeoutMs - 1) this.#stop(silenceTimeout(silenceTimeoutMs));
    else this.#waitFor(silenceTimeoutMs - silentMs);
  }

  /** Ends it from this side. */
  #stop(failure: Failure): void {
    if (this.#isOver) return;
    this.#ending = failure;
    this.#fail(failure);
    this.#line?.abort(failure);
  }

  #fail(failure: Failure): void {
    if (this.#isOver) return;
    this.#close();
    if (this.#queue) this.#queue.fail(failure);
    else this.#answered.reject(failure);
  }

  #close(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    if (this.#onAbort) this.#waits.signal?.removeEventListener("abort", this.#onAbort);
  }
}

const onTimer = (talk: Talk) => talk.wake();
