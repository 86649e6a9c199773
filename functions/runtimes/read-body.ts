import type { IncomingMessage, ServerResponse } from "node:http";
import type { Config } from "../config.ts";
import { Failure } from "../failure.ts";
import type { BodyRoom } from "../wire/exchange.ts";

/** How fast a body must come. */
export interface Pace {
  /** In all. */
  readonly mostMs: number;
  /** In each ten seconds. */
  readonly leastBytes: number;
}

const stepMs = 10_000;

export function paceOf({ BODY_MAX_SECONDS, BODY_MIN_KB_PER_SECOND }: Config): Pace {
  return { mostMs: BODY_MAX_SECONDS * 1000, leastBytes: (BODY_MIN_KB_PER_SECOND * 1024 * stepMs) / 1000 };
}

export function tooLarge(limitBytes: number): Failure {
  const megabytes = Math.round((limitBytes / 1024 / 1024) * 1000) / 1000;
  return new Failure("request.too-large", { message: `The request body is larger than ${megabytes} MB.` });
}

const tooSlow = (message: string) => new Failure("request.timeout", { message, isRetryable: false });

/** From here on a body of known length is put together as it comes: the pieces and the whole at once would take its size twice. */
const largeBytes = 64 * 1024;

/**
 * Reads no further than the limit: a body that announces more is refused unread, one that does not say is cut off on the way.
 * One that comes too slowly is a `request.timeout`.
 */
export function readBody(
  message: IncomingMessage,
  response: ServerResponse,
  { limitBytes, mostMs = Infinity, room, pace }: { limitBytes: number; mostMs?: number; room?: BodyRoom; pace: Pace },
): Promise<Buffer> {
  const announced = Number(message.headers["content-length"] ?? 0);
  if (announced > limitBytes) return Promise.reject(tooLarge(limitBytes));
  if (message.destroyed && !message.readableEnded) return Promise.reject(new Failure("client.gone"));
  try {
    room?.expect(announced);
  } catch (error) {
    return Promise.reject(error as Failure);
  }
  // A client that sent `expect: 100-continue` (RFC 9110 § 10.1.1) holds its body back until somebody wants it.
  if (message.headers.expect !== undefined) response.writeContinue();
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const whole = announced >= largeBytes ? Buffer.allocUnsafeSlow(announced) : undefined;
  const chunks: Buffer[] = [];
  let bytes = 0;
  const onData = (chunk: Buffer) => {
    try {
      if (bytes + chunk.length > limitBytes) throw tooLarge(limitBytes);
      room?.take(chunk.length);
    } catch (error) {
      return settle(() => reject(error as Failure));
    }
    if (whole) chunk.copy(whole, bytes);
    else chunks.push(chunk);
    bytes += chunk.length;
  };
  const onEnd = () =>
    settle(() => resolve(whole ?? (chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, bytes))));
  const onGone = (cause?: unknown) => settle(() => reject(new Failure("client.gone", { cause })));
  const stopWatch = watchPace(
    { ...pace, mostMs: Math.min(pace.mostMs, mostMs) },
    () => bytes,
    (failure) => settle(() => reject(failure)),
  );
  const settle = (how: () => void) => {
    stopWatch();
    message.off("data", onData).off("end", onEnd).off("error", onGone).off("close", onGone);
    // What is left is read and dropped; an error that comes late has nobody to tell.
    message.on("error", () => undefined).resume();
    how();
  };
  message.on("data", onData).on("end", onEnd).on("error", onGone).on("close", onGone);
  return promise;
}

/** Looks every ten seconds whether enough has come; gives what ends the looking. */
function watchPace(pace: Pace, count: () => number, fail: (failure: Failure) => void): () => void {
  const endsAt = performance.now() + pace.mostMs;
  let before = 0;
  const look = () => {
    const leftMs = endsAt - performance.now();
    const bytes = count();
    // Timers may come a little early.
    if (leftMs < 1) return fail(tooSlow(`The request body took longer than ${pace.mostMs / 1000} seconds.`));
    if (bytes - before < pace.leastBytes) {
      const least = Math.round((pace.leastBytes / stepMs) * 1000);
      return fail(tooSlow(`The request body came more slowly than ${least} bytes a second.`));
    }
    before = bytes;
    timer = setTimeout(look, Math.min(stepMs, leftMs));
  };
  let timer = setTimeout(look, Math.min(stepMs, pace.mostMs));
  return () => clearTimeout(timer);
}
