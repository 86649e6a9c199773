import type { Dialect } from "../dialects/dialect.ts";
import type { Env } from "../env.ts";
import { Failure, toFailure } from "../failure.ts";
import type { Outcome } from "../records/usage.ts";
import type { Served } from "../upstreams/served.ts";
import { openPeephole, type Peephole } from "../wire/decode.ts";
import type { HangUp, Pourable, Sink } from "../wire/exchange.ts";

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
  return { pour: (sink) => pour(watch, sink, env.config.KEEPALIVE_SECONDS * 1000) };
}

async function pour(watch: Watch, sink: Sink, keepaliveMs: number): Promise<void> {
  const { reader, inbound, peeked, hasMore } = watch.served;
  const peephole = openPeephole(inbound.headers["content-encoding"], (chunk) => reader.see(chunk));
  for (const chunk of peeked) {
    sink.write(chunk);
    peephole?.write(chunk);
  }
  try {
    if (hasMore) await flow({ watch, sink, peephole, keepaliveMs });
    if (peephole || !hasMore) {
      await peephole?.end();
      finish(watch, sink);
    }
  } catch (error) {
    await peephole?.end();
    breakOff(watch, sink, toFailure(error), peephole !== undefined);
  }
}

interface Flowing {
  readonly watch: Watch;
  readonly sink: Sink;
  readonly peephole: Peephole | undefined;
  readonly keepaliveMs: number;
}

/**
 * The hot path: no promise a chunk. An upstream writes an event at a time and many of them arrive at once; they go on, and
 * are looked at, as one. The end of a plain answer goes out in the turn in which it came, with the last bytes.
 */
function flow({ watch, sink, peephole, keepaliveMs }: Flowing): Promise<void> {
  const { reader, inbound } = watch.served;
  return new Promise((resolve, reject) => {
    const broken = (error: unknown) => {
      stopTimer();
      reject(toFailure(error));
    };
    const batch = buildBatch((bytes) => {
      const isTaken = sink.write(bytes);
      if (peephole) peephole.write(bytes);
      else reader.see(bytes);
      return isTaken;
    }, broken);
    const stopTimer = startIdleTimer(keepaliveMs, batch, () => {
      if (watch.isStream && reader.isAtBoundary() && !peephole) sink.write(watch.dialect.keepalive);
    });
    const goOn = inbound.body.flow({
      chunk: batch.add,
      end() {
        stopTimer();
        batch.flush();
        try {
          if (!peephole) finish(watch, sink);
          resolve();
        } catch (error) {
          broken(error);
        }
      },
      fail(error) {
        batch.flush();
        broken(error);
      },
    });
    sink.onDrain(() => {
      batch.isTaken = true;
      goOn();
    });
  });
}

/** Chunks of one turn, handed on as one when the turn ends. */
interface Batch {
  /** False when the reader wants no more for now. */
  add(chunk: Uint8Array): boolean;
  flush(): void;
  isTaken: boolean;
  /** When bytes were last handed on: `performance.now()`. */
  lastAt: number;
}

/** Past this a batch goes on at once, so that a fast upstream never runs far ahead of a slow client. */
const mostBatchedBytes = 64 * 1024;

function buildBatch(pass: (bytes: Uint8Array) => boolean, broken: (error: unknown) => void): Batch {
  let chunks: Uint8Array[] = [];
  let size = 0;
  const flush = () => {
    const [first] = chunks;
    if (first === undefined) return;
    const bytes = chunks.length === 1 ? first : Buffer.concat(chunks, size);
    chunks = [];
    size = 0;
    batch.lastAt = performance.now();
    try {
      batch.isTaken = pass(bytes);
    } catch (error) {
      broken(error);
    }
  };
  const batch: Batch = {
    isTaken: true,
    lastAt: performance.now(),
    flush,
    add(chunk) {
      if (size === 0) queueMicrotask(flush);
      chunks.push(chunk);
      size += chunk.byteLength;
      if (size >= mostBatchedBytes) flush();
      return batch.isTaken;
    },
  };
  return batch;
}

/** Calls `act` after each silence of that length. A timer pushed ahead by each chunk would cost more than the chunk. */
function startIdleTimer(silenceMs: number, batch: Batch, act: () => void): () => void {
  let actedAt = batch.lastAt;
  const onTimer = () => {
    const now = performance.now();
    const idleMs = now - Math.max(batch.lastAt, actedAt);
    // Timers may come a little early.
    if (idleMs >= silenceMs - 1) {
      actedAt = now;
      act();
      timer = setTimeout(onTimer, silenceMs);
    } else timer = setTimeout(onTimer, silenceMs - idleMs);
  };
  let timer = setTimeout(onTimer, silenceMs);
  return () => clearTimeout(timer);
}

/** The upstream's bytes ended cleanly. Throws where the dialect says that they ended too early. */
function finish({ served, isStream, settle }: Watch, sink: Sink): void {
  const { reader, inbound } = served;
  reader.finish();
  if (inbound.status >= 400 || reader.state() === "failed") {
    const message = reader.error()?.message ?? `status ${inbound.status}`;
    sink.end();
    settle({ outcome: "failed", failure: new Failure("upstream.refused", { message }) });
    return;
  }
  if (isStream && reader.state() !== "complete") {
    throw new Failure("upstream.broken", { message: "The upstream's stream ended before its last event." });
  }
  sink.end();
  settle({ outcome: "complete", failure: undefined });
}

function breakOff(
  { served, dialect, isStream, signal, settle }: Watch,
  sink: Sink,
  failure: Failure,
  isCompressed: boolean,
): void {
  const { reader } = served;
  // Clients close as soon as they have the last event (Codex, the OpenAI SDK), and what breaks after it harms nobody.
  if (isStream && reader.state() === "complete") {
    sink.end();
    settle({ outcome: "complete", failure: undefined });
    return;
  }
  const isDrain = signal.reason instanceof Failure && signal.reason.code === "platform.draining";
  if (signal.aborted && !isDrain) {
    settle({ outcome: "gone", failure: new Failure("client.gone") });
    return;
  }
  const cause = isDrain ? (signal.reason as Failure) : failure;
  settle({ outcome: "broken", failure: cause });
  if (!isStream || isCompressed) throw cause;
  // In the middle of an event a lone line end makes the rest of it part of the error event, which clients then report.
  if (!reader.isAtBoundary()) sink.write(Buffer.from("\n"));
  sink.write(dialect.interrupt(cause));
}
