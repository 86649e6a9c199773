import type { Dialect } from "../dialects/dialect.ts";
import { type Env, perEnv } from "../../env.ts";
import { Failure, type FailureCode, toFailure } from "../../failure.ts";
import type { Outcome } from "../../core/money/usage.ts";
import type { Served } from "../upstreams/served.ts";
import type { Flow } from "../../wire/dispatch.ts";
import { endReason, type HangUp, type Pourable, type Sink } from "../../wire/exchange.ts";
import { type EventSink, holdPartialEvents } from "../../wire/whole-events.ts";

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
  readonly signal: HangUp;
  /** Called once, whether the stream ended, the client hung up or the upstream broke. Must not throw. */
  readonly settle: (end: End) => void;
}

/**
 * Passes an answer on while its usage is read: each chunk goes to the client first and is looked at then. While nothing
 * comes, keep-alive events stand in at event boundaries. A stream that breaks or ends early ends with the dialect's own
 * error event, never cleanly; any other body that breaks rejects, so that the machine cuts the connection.
 */
export function observe(watch: Watch, env: Env): Pourable {
  return { pour: (sink) => pour(watch, sink, env) };
}

async function pour(watch: Watch, client: Sink, env: Env): Promise<void> {
  const { inbound, peeked, hasMore } = watch.served;
  const events = watch.isStream && inbound.status < 400 ? holdPartialEvents(client) : undefined;
  const sink = events ?? client;
  try {
    for (const chunk of peeked) write(chunk, watch.served, sink);
    const isLeft =
      hasMore &&
      (await flow({ watch, sink, events, pacer: pacerOf(env), keepaliveMs: env.config.KEEPALIVE_SECONDS * 1000 })) ===
        "left";
    if (!isLeft && hasMore) return;
    if (isLeft) leave(watch);
    else finish(watch, sink, events);
  } catch (error) {
    breakOff(watch, sink, events, toFailure(error));
  }
}

interface Flowing {
  readonly watch: Watch;
  readonly sink: Sink;
  /** The same sink, where what goes through it are events. */
  readonly events: EventSink | undefined;
  readonly pacer: Pacer;
  readonly keepaliveMs: number;
}

/**
 * The hot path: no promise a chunk. An upstream writes an event at a time and many of them arrive at once; they go on, and
 * are looked at, as one. The end of a plain answer goes out in the turn in which it came, with the last bytes.
 */
function flow(flowing: Flowing): Promise<"ended" | "left"> {
  return new Promise((resolve, reject) => {
    const passage = new Passage(flowing, { resolve, reject });
    const goOn = flowing.watch.served.inbound.body.flow(passage);
    passage.listen();
    // What came while the answer was judged travels with the head.
    passage.flush();
    flowing.sink.onDrain(() => {
      passage.isTaken = true;
      goOn();
    });
  });
}

/** Past this a batch goes on at once, so that a fast upstream never runs far ahead of a slow client. */
const mostBatchedBytes = 64 * 1024;

/**
 * A stream that was just written to is left alone for some milliseconds: to hand a few bytes to a socket, and to wake its
 * reader, costs as much as all else that is done for them. What comes later than that after the last write never waits. The
 * more streams are busy the longer the pause, up to the time for which a terminal shows one picture (docs/decisions.md).
 */
const pauses = { shortestMs: 5, longestMs: 25, perStreamMs: 0.1 };

/** Streams that were written to a moment ago and have more: one timer for all of them. */
class Pacer {
  pauseMs = pauses.shortestMs;
  #paused = new Set<Passage>();
  #timer: NodeJS.Timeout | undefined;

  pause(passage: Passage): void {
    if (this.#timer === undefined) this.#timer = setTimeout(resumeAll, this.pauseMs, this);
    this.#paused.add(passage);
  }

  has(passage: Passage): boolean {
    return this.#paused.has(passage);
  }

  forget(passage: Passage): void {
    this.#paused.delete(passage);
  }

  resumeAll(): void {
    const due = this.#paused;
    this.#paused = new Set();
    this.#timer = undefined;
    this.pauseMs = Math.min(Math.max(due.size * pauses.perStreamMs, pauses.shortestMs), pauses.longestMs);
    for (const passage of due) passage.flush();
  }
}

const resumeAll = (pacer: Pacer) => pacer.resumeAll();
const pacerOf = perEnv(() => new Pacer());

interface Done {
  readonly resolve: (how: "ended" | "left") => void;
  readonly reject: (failure: Failure) => void;
}

/**
 * Chunks of one turn, or of one pause, handed on as one; and what is said to the client while none come. It ends with the
 * upstream's body or with the request's signal, whichever is first: a client that is gone never drains, and an upstream that
 * has ended already tells nobody of the hang-up.
 */
class Passage implements Flow {
  isTaken = true;
  readonly #flowing: Flowing;
  readonly #done: Done;
  readonly #flushSoon: () => void;
  #onAbort: (() => void) | undefined;
  #isOver = false;
  #chunks: Uint8Array[] = [];
  #size = 0;
  /** When the client was last sent something: `performance.now()`. A timer pushed ahead by each chunk would cost more than it. */
  #lastAt = performance.now();
  #timer: NodeJS.Timeout;

  constructor(flowing: Flowing, done: Done) {
    this.#flowing = flowing;
    this.#done = done;
    const flush = () => this.flush();
    this.#flushSoon = flush;
    this.#timer = setTimeout(onSilence, flowing.keepaliveMs, this);
  }

  /** After `flow` has begun, which may end the passage at once. */
  listen(): void {
    const { signal } = this.#flowing.watch;
    if (this.#isOver) return;
    if (signal.aborted) return this.#stop();
    const onAbort = () => this.#stop();
    this.#onAbort = onAbort;
    signal.addEventListener("abort", onAbort, { once: true });
  }

  /** False when the client wants no more for now. */
  chunk(bytes: Uint8Array): boolean {
    if (this.#isOver) return false;
    if (this.#size === 0) this.#plan();
    this.#chunks.push(bytes);
    this.#size += bytes.byteLength;
    if (this.#size >= mostBatchedBytes) this.flush();
    return this.isTaken;
  }

  end(): void {
    if (this.#isOver) return;
    this.#close();
    const { watch, sink, events } = this.#flowing;
    try {
      finish(watch, sink, events);
      this.#done.resolve("ended");
    } catch (error) {
      this.#done.reject(toFailure(error));
    }
  }

  fail(error: unknown): void {
    if (this.#isOver) return;
    this.#close();
    this.#done.reject(toFailure(error));
  }

  /** What has arrived was paid for: it is looked at, and goes to a client that may still listen. */
  #stop(): void {
    if (this.#isOver) return;
    const { served, signal } = this.#flowing.watch;
    const { body } = served.inbound;
    let isWaiting = this.#size > 0 && !this.isTaken;
    try {
      for (let bytes = body.take(); bytes; bytes = body.take()) {
        isWaiting = true;
        this.#chunks.push(bytes);
        this.#size += bytes.byteLength;
      }
    } catch {
      // Bytes that cannot be unpacked or translated tell no figures.
    }
    this.#close();
    body.cancel();
    const reason = endReason(signal);
    if (!reason && isWaiting) this.#done.resolve("left");
    else this.#done.reject(reason ?? new Failure("client.gone"));
  }

  #close(): void {
    this.flush();
    this.#isOver = true;
    clearTimeout(this.#timer);
    if (this.#onAbort) this.#flowing.watch.signal.removeEventListener("abort", this.#onAbort);
    // Free our entry, or the call's buffers live until the timer fires.
    this.#flowing.pacer.forget(this);
  }

  /** A keep-alive event, if the client has been sent nothing for that long. Timers may come a little early. */
  beat(): void {
    const { watch, events, keepaliveMs } = this.#flowing;
    const idleMs = performance.now() - this.#lastAt;
    const isDue = idleMs >= keepaliveMs - 1;
    this.#timer = setTimeout(onSilence, isDue ? keepaliveMs : keepaliveMs - idleMs, this);
    if (!isDue) return;
    this.#lastAt = performance.now();
    events?.interject(watch.dialect.keepalive);
  }

  #plan(): void {
    const { pacer } = this.#flowing;
    if (pacer.has(this)) return;
    if (performance.now() - this.#lastAt < pacer.pauseMs) pacer.pause(this);
    else queueMicrotask(this.#flushSoon);
  }

  flush(): void {
    const first = this.#chunks[0];
    if (first === undefined) return;
    const bytes = this.#chunks.length === 1 ? first : Buffer.concat(this.#chunks, this.#size);
    this.#chunks = [];
    this.#size = 0;
    this.#lastAt = performance.now();
    const { watch, sink } = this.#flowing;
    try {
      this.isTaken = write(bytes, watch.served, sink);
      watch.served.reader.see(bytes);
    } catch (error) {
      this.fail(error);
    }
  }
}

const onSilence = (passage: Passage) => passage.beat();

/** The client left before it had taken what had come; a whole answer among that tells its figures. */
function leave({ served, settle }: Watch): void {
  served.reader.finish();
  settle({ outcome: "gone", failure: new Failure("client.gone") });
}

/** An empty write would end a chunked body. */
function write(bytes: Uint8Array, { filter }: Served, sink: Sink): boolean {
  const clean = filter.push(bytes);
  return clean.length === 0 || sink.write(clean);
}

/** What was held back, since a secret might have begun there. */
function writeRest({ filter }: Served, sink: Sink): void {
  const rest = filter.end();
  if (rest.length > 0) sink.write(rest);
}

/** Statuses with which a provider refuses what its caller asked for. */
const askersFault: ReadonlySet<number> = new Set([400, 404, 405, 413, 415, 422]);

/** What a provider's refusal, passed on to the client, is called: whose fault it is hangs on it. */
export function refusalCode(status: number): FailureCode {
  return askersFault.has(status) ? "request.refused" : "upstream.refused";
}

/**
 * The upstream's bytes ended cleanly. Settled before the client is told of the end: a process that is killed in between owes
 * the log nothing. Throws where the dialect says that they ended too early.
 */
function finish({ served, isStream, settle }: Watch, sink: Sink, events: EventSink | undefined): void {
  const { reader, inbound } = served;
  writeRest(served, sink);
  reader.finish();
  if (reader.state() !== "open") events?.release();
  if (inbound.status >= 400 || reader.state() === "failed") {
    const { message } = served.explain();
    const code = refusalCode(reader.error()?.status ?? inbound.status);
    settle({ outcome: "failed", failure: new Failure(code, { message }) });
    sink.end();
    return;
  }
  if (isStream && reader.state() !== "complete") {
    throw new Failure("upstream.broken", { message: "The upstream's stream ended before its last event." });
  }
  settle({ outcome: "complete", failure: undefined });
  sink.end();
}

function breakOff(
  { served, dialect, isStream, signal, settle }: Watch,
  sink: Sink,
  events: EventSink | undefined,
  failure: Failure,
): void {
  const { reader } = served;
  // Clients close as soon as they have the last event (Codex, the OpenAI SDK), and what breaks after it harms nobody.
  if (isStream && reader.state() === "complete") {
    settle({ outcome: "complete", failure: undefined });
    sink.end();
    return;
  }
  const reason = endReason(signal);
  if (signal.aborted && !reason) {
    settle({ outcome: "gone", failure: new Failure("client.gone") });
    return;
  }
  const cause = reason ?? failure;
  settle({ outcome: "broken", failure: cause });
  // A half event never goes on, so that the client reads the error event; where it did, only a cut line tells of it.
  if (!events?.drop()) throw cause;
  events.interject(dialect.interrupt(cause));
}
