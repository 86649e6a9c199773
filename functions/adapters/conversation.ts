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
  const { signal, headTimeoutMs, silenceTimeoutMs } = outbound;
  const answer = Promise.withResolvers<Inbound>();
  let line: Line | undefined;
  let queue: BodyQueue | undefined;
  let ending: Failure | undefined;
  let isOver = false;

  const close = () => {
    isOver = true;
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  };
  const fail = (failure: Failure) => {
    if (isOver) return;
    close();
    if (queue) queue.fail(failure);
    else answer.reject(failure);
  };
  const stop = (failure: Failure) => {
    if (isOver) return;
    ending = failure;
    fail(failure);
    line?.drop(failure);
  };
  const onAbort = () => stop(abandoned(signal));
  const onTimer = () => {
    if (!queue) stop(headTimeout(headTimeoutMs));
    else if (queue.isPaused()) timer.refresh();
    else stop(silenceTimeout(silenceTimeoutMs));
  };
  let timer = setTimeout(onTimer, headTimeoutMs);
  if (signal?.aborted) onAbort();
  else signal?.addEventListener("abort", onAbort, { once: true });

  const tap = {
    pause: () => line?.pause(),
    resume: () => {
      timer.refresh();
      line?.resume();
    },
    drop: () => {
      ending = new Failure("client.gone", { message: "The reader wants no more." });
      close();
      line?.drop(ending);
    },
  };

  return {
    answer: answer.promise,
    attach: (attached) => {
      line = attached;
      if (ending) attached.drop(ending);
    },
    head: (status, headers) => {
      if (isOver || queue) return;
      clearTimeout(timer);
      timer = setTimeout(onTimer, silenceTimeoutMs);
      queue = buildBodyQueue(tap);
      answer.resolve({ status, headers, body: queue.body });
    },
    data: (chunk) => {
      if (isOver) return;
      timer.refresh();
      queue?.push(chunk);
    },
    end: () => {
      if (isOver) return;
      close();
      queue?.end();
    },
    error: (cause) => fail(asFailure(cause, queue ? broken : unreachable)),
  };
}
