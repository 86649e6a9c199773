import { Failure } from "../failure.ts";
import type { Inbound, Outbound } from "../wire/dispatch.ts";
import { buildBodyQueue, type BodyQueue } from "./body.ts";
import { abandoned, asFailure, broken, headTimeout, silenceTimeout, unreachable } from "./outage.ts";

/** The connection under a conversation. `drop` destroys it at once; the calls back that this causes are ignored. */
export interface Line {
  pause(): void;
  resume(): void;
  drop(reason: Failure): void;
}

/** One request to an upstream, told by whatever client library carries it. Calls after the end are ignored. */
export interface Conversation {
  readonly answer: Promise<Inbound>;
  /** The connection is there; drops it right away if nobody waits any more. */
  attach(line: Line): void;
  head(status: number, headers: Inbound["headers"]): void;
  data(chunk: Uint8Array): void;
  /** The message was complete. */
  end(): void;
  /** It was not: before the head that is `upstream.unreachable`, after it `upstream.broken`. */
  error(cause: unknown): void;
}

/** The rules of `Dispatch` that do not depend on the client library: one timer for both waits, one place that ends it all. */
export function converse(outbound: Outbound): Conversation {
  const talk: Talk = { outbound, answer: Promise.withResolvers<Inbound>(), lastAt: 0, isOver: false };
  const { signal, headTimeoutMs } = outbound;
  talk.timer = setTimeout(onTimer, headTimeoutMs, talk);
  // Never `talk.onAbort = () => …`: V8 puts a function that is written into a property straight into the old generation,
  // from where it keeps all that belongs to the call alive until the next full collection.
  const onAbort = () => stop(talk, abandoned(signal));
  talk.onAbort = onAbort;
  if (signal?.aborted) onAbort();
  else signal?.addEventListener("abort", onAbort, { once: true });
  return {
    answer: talk.answer.promise,
    attach: (line) => {
      talk.line = line;
      if (talk.ending) line.drop(talk.ending);
    },
    head: (status, headers) => head(talk, status, headers),
    data: (chunk) => {
      if (talk.isOver) return;
      talk.lastAt = performance.now();
      talk.queue?.push(chunk);
    },
    end: () => {
      if (talk.isOver) return;
      close(talk);
      talk.queue?.end();
    },
    error: (cause) => fail(talk, asFailure(cause, talk.queue ? broken : unreachable)),
  };
}

interface Talk {
  readonly outbound: Outbound;
  readonly answer: PromiseWithResolvers<Inbound>;
  /** Set with the head. */
  queue?: BodyQueue;
  line?: Line;
  timer?: NodeJS.Timeout;
  /** When the connection was last heard of (`performance.now()`): a timer pushed ahead by each chunk would cost more than it. */
  lastAt: number;
  onAbort?: () => void;
  /** Why this side ended it; a connection that comes later is dropped for it. */
  ending?: Failure;
  isOver: boolean;
}

function head(talk: Talk, status: number, headers: Inbound["headers"]): void {
  if (talk.isOver || talk.queue) return;
  clearTimeout(talk.timer);
  waitOn(talk, talk.outbound.silenceTimeoutMs);
  talk.lastAt = performance.now();
  talk.queue = buildBodyQueue({
    pause: () => talk.line?.pause(),
    resume: () => {
      talk.lastAt = performance.now();
      talk.line?.resume();
    },
    drop: () => {
      talk.ending = new Failure("client.gone", { message: "The reader wants no more." });
      close(talk);
      talk.line?.drop(talk.ending);
    },
  });
  talk.answer.resolve({ status, headers, body: talk.queue.body });
}

/** The silence of an upstream that is being held back is not its own. */
function onTimer(talk: Talk): void {
  const { headTimeoutMs, silenceTimeoutMs } = talk.outbound;
  if (!talk.queue) return stop(talk, headTimeout(headTimeoutMs));
  const silentMs = talk.queue.isPaused() ? 0 : performance.now() - talk.lastAt;
  // Timers may come a little early.
  if (silentMs >= silenceTimeoutMs - 1) stop(talk, silenceTimeout(silenceTimeoutMs));
  else waitOn(talk, silenceTimeoutMs - silentMs);
}

function waitOn(talk: Talk, milliseconds: number): void {
  talk.timer = setTimeout(onTimer, milliseconds, talk);
}

/** Ends it from this side. */
function stop(talk: Talk, failure: Failure): void {
  if (talk.isOver) return;
  talk.ending = failure;
  fail(talk, failure);
  talk.line?.drop(failure);
}

function fail(talk: Talk, failure: Failure): void {
  if (talk.isOver) return;
  close(talk);
  if (talk.queue) talk.queue.fail(failure);
  else talk.answer.reject(failure);
}

function close(talk: Talk): void {
  talk.isOver = true;
  clearTimeout(talk.timer);
  if (talk.onAbort) talk.outbound.signal?.removeEventListener("abort", talk.onAbort);
}
