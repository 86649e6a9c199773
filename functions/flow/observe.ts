import type { Dialect } from "../dialects/dialect.ts";
import type { Env } from "../env.ts";
import { Failure, toFailure } from "../failure.ts";
import type { Outcome } from "../records/usage.ts";
import type { Served } from "../upstreams/served.ts";
import { openPeephole, type Peephole } from "../wire/decode.ts";
import type { Pourable, Sink } from "../wire/exchange.ts";

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
    if (hasMore) await flow(watch, sink, peephole, keepaliveMs);
    await peephole?.end();
    finish(watch);
  } catch (error) {
    await peephole?.end();
    breakOff(watch, sink, toFailure(error), peephole !== undefined);
  }
}

/** The hot path: no promise a chunk, and one timer a stream that each chunk pushes ahead. */
function flow(watch: Watch, sink: Sink, peephole: Peephole | undefined, keepaliveMs: number): Promise<void> {
  const { reader, inbound } = watch.served;
  return new Promise((resolve, reject) => {
    const keepAlive = () => {
      timer.refresh();
      if (watch.isStream && reader.isAtBoundary() && !peephole) sink.write(watch.dialect.keepalive);
    };
    const timer = setTimeout(keepAlive, keepaliveMs);
    const goOn = inbound.body.flow({
      chunk(bytes) {
        const isTaken = sink.write(bytes);
        timer.refresh();
        if (peephole) peephole.write(bytes);
        else reader.see(bytes);
        return isTaken;
      },
      end() {
        clearTimeout(timer);
        resolve();
      },
      fail(error) {
        clearTimeout(timer);
        reject(toFailure(error));
      },
    });
    sink.onDrain(goOn);
  });
}

/** The upstream's bytes ended cleanly. Throws where the dialect says that they ended too early. */
function finish({ served, isStream, settle }: Watch): void {
  const { reader, inbound } = served;
  reader.finish();
  if (inbound.status >= 400 || reader.state() === "failed") {
    const message = reader.error()?.message ?? `status ${inbound.status}`;
    settle({ outcome: "failed", failure: new Failure("upstream.refused", { message }) });
    return;
  }
  if (isStream && reader.state() !== "complete") {
    throw new Failure("upstream.broken", { message: "The upstream's stream ended before its last event." });
  }
  settle({ outcome: "complete", failure: undefined });
}

function breakOff(
  { served, dialect, isStream, signal, settle }: Watch,
  sink: Sink,
  failure: Failure,
  isCompressed: boolean,
): void {
  const { reader } = served;
  const isDrain = signal.reason instanceof Failure && signal.reason.code === "platform.draining";
  if (signal.aborted && !isDrain) {
    // Clients close as soon as they have the last event (Codex, the OpenAI SDK): that is not a hang-up.
    const isComplete = reader.state() === "complete";
    settle(
      isComplete
        ? { outcome: "complete", failure: undefined }
        : { outcome: "gone", failure: new Failure("client.gone") },
    );
    return;
  }
  const cause = isDrain ? (signal.reason as Failure) : failure;
  settle({ outcome: "broken", failure: cause });
  if (!isStream || isCompressed) throw cause;
  // In the middle of an event a lone line end makes the rest of it part of the error event, which clients then report.
  if (!reader.isAtBoundary()) sink.write(Buffer.from("\n"));
  sink.write(dialect.interrupt(cause));
}
