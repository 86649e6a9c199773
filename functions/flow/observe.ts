import type { Dialect } from "../dialects/dialect.ts";
import type { Env } from "../env.ts";
import { Failure, toFailure } from "../failure.ts";
import type { Outcome } from "../records/usage.ts";
import type { Served } from "../upstreams/served.ts";
import { openPeephole } from "../wire/decode.ts";

/** How an answer ended, told exactly once. */
export interface End {
  readonly outcome: Outcome;
  readonly failure: Failure | undefined;
}

export interface Watch {
  readonly served: Served;
  readonly dialect: Dialect;
  readonly isStream: boolean;
  /** The client's, or the machine's when it drains: its reason tells which. */
  readonly signal: AbortSignal;
  /** Called once, whether the stream ended, the client hung up or the upstream broke. Must not throw. */
  readonly settle: (end: End) => void;
}

/**
 * Passes an answer on while its usage is read. Each chunk goes to the client first and is looked at when the client has
 * taken it, so that reading costs no latency. While nothing comes, keep-alive events stand in at event boundaries. A stream
 * that breaks or ends early ends with the dialect's own error event, never cleanly; any other body that breaks throws, so
 * that the machine cuts the connection.
 */
export function observe(watch: Watch, env: Env): AsyncIterable<Uint8Array> {
  return { [Symbol.asyncIterator]: () => new Observation(watch, env.config.KEEPALIVE_SECONDS * 1000) };
}

type Step = IteratorResult<Uint8Array, undefined>;
const over: Step = { done: true, value: undefined };

class Observation implements AsyncIterator<Uint8Array, undefined> {
  readonly #watch: Watch;
  readonly #keepaliveMs: number;
  readonly #peeked: Uint8Array[];
  readonly #peephole: ReturnType<typeof openPeephole>;
  #unseen: Uint8Array | undefined;
  #reading: Promise<Uint8Array | undefined> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #waiter: { resolve: (step: Step) => void } | undefined;
  #isOver = false;

  constructor(watch: Watch, keepaliveMs: number) {
    this.#watch = watch;
    this.#keepaliveMs = keepaliveMs;
    this.#peeked = [...watch.served.peeked];
    this.#peephole = openPeephole(watch.served.inbound.headers["content-encoding"], (chunk) =>
      watch.served.reader.see(chunk),
    );
    if (this.#peephole) this.#peeked.forEach((chunk) => this.#peephole?.write(chunk));
  }

  next(): Promise<Step> {
    this.#lookAtLast();
    if (this.#isOver) return Promise.resolve(over);
    const peeked = this.#peeked.shift();
    if (peeked) return Promise.resolve({ done: false, value: peeked });
    if (!this.#watch.served.hasMore) return this.#finish();
    const { body } = this.#watch.served.inbound;
    const ready = this.#reading ? undefined : body.take();
    if (ready) {
      this.#unseen = ready;
      return Promise.resolve({ done: false, value: ready });
    }
    this.#reading ??= body.read();
    return this.#await(this.#reading);
  }

  /** The client is gone. What it was sent has been looked at; the upstream is cut at once. */
  return(): Promise<Step> {
    this.#lookAtLast();
    this.#watch.served.inbound.body.cancel();
    // Clients close as soon as they have the last event (Codex, the OpenAI SDK): that is not a hang-up.
    const isComplete = this.#watch.served.reader.state() === "complete";
    this.#settle(isComplete ? "complete" : "gone", isComplete ? undefined : new Failure("client.gone"));
    return Promise.resolve(over);
  }

  #lookAtLast(): void {
    const chunk = this.#unseen;
    if (!chunk) return;
    this.#unseen = undefined;
    if (this.#peephole) this.#peephole.write(chunk);
    else this.#watch.served.reader.see(chunk);
  }

  #await(reading: Promise<Uint8Array | undefined>): Promise<Step> {
    return new Promise((resolve, reject) => {
      this.#waiter = { resolve };
      if (this.#watch.isStream) this.#startTimer();
      reading.then(
        (chunk) => {
          this.#reading = undefined;
          this.#waiter = undefined;
          if (chunk) {
            this.#unseen = chunk;
            resolve({ done: false, value: chunk });
            return;
          }
          this.#finish().then(resolve, reject);
        },
        (error: unknown) => {
          this.#waiter = undefined;
          this.#break(toFailure(error)).then(resolve, reject);
        },
      );
    });
  }

  /** One timer a stream, pushed ahead by each wait: cheaper than one a chunk. */
  #startTimer(): void {
    if (this.#timer) {
      this.#timer.refresh();
      return;
    }
    this.#timer = setTimeout(() => this.#keepAlive(), this.#keepaliveMs);
  }

  #keepAlive(): void {
    if (this.#isOver) return;
    this.#timer?.refresh();
    const waiter = this.#waiter;
    if (!waiter || !this.#watch.served.reader.isAtBoundary()) return;
    this.#waiter = undefined;
    // The read stays under way; the next call of `next` waits for it again.
    waiter.resolve({ done: false, value: this.#watch.dialect.keepalive });
  }

  async #finish(): Promise<Step> {
    await this.#peephole?.end();
    const { reader, inbound } = this.#watch.served;
    reader.finish();
    const isError = inbound.status >= 400 || reader.state() === "failed";
    if (isError) {
      this.#settle(
        "failed",
        new Failure("upstream.refused", { message: reader.error()?.message ?? `status ${inbound.status}` }),
      );
      return over;
    }
    if (this.#watch.isStream && reader.state() !== "complete") {
      return this.#break(
        new Failure("upstream.broken", { message: "The upstream's stream ended before its last event." }),
      );
    }
    this.#settle("complete", undefined);
    return over;
  }

  async #break(failure: Failure): Promise<Step> {
    await this.#peephole?.end();
    const { signal, dialect, isStream, served } = this.#watch;
    const isDrain = signal.reason instanceof Failure && signal.reason.code === "platform.draining";
    if (signal.aborted && !isDrain) {
      this.#settle("gone", new Failure("client.gone"));
      return over;
    }
    const cause = isDrain ? (signal.reason as Failure) : failure;
    this.#settle("broken", cause);
    if (!isStream || this.#peephole) throw cause;
    const event = dialect.interrupt(cause);
    // In the middle of an event a lone line end makes the rest of it part of the error event, which clients then report.
    const value = served.reader.isAtBoundary() ? event : Buffer.concat([Buffer.from("\n"), event]);
    return { done: false, value };
  }

  #settle(outcome: Outcome, failure: Failure | undefined): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#watch.settle({ outcome, failure });
  }
}
