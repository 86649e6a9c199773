import type { ServerResponse } from "node:http";
import { setImmediate as turn, setTimeout as sleep } from "node:timers/promises";
import { type Behaviour, isPlain, numberOf } from "./behaviours.ts";
import type { Reply } from "./language.ts";

/** The connection's state while an answer is poured into it. */
export interface Pour {
  response: ServerResponse;
  behaviour: Behaviour;
  /** Aborted when the client has gone; every wait of the pour ends then. */
  signal: AbortSignal;
  /** Told of every piece of the body, as it is handed to the socket. */
  wrote(bytes: Buffer): void;
  /** Told before the server breaks the connection by itself, so that it is not taken for a hang-up of the client. */
  breaking(): void;
}

/** Pours a prepared reply into the response, in the time and the pieces that the behaviour asks for. */
export async function transmit(reply: Reply, pour: Pour): Promise<void> {
  const { response, behaviour } = pour;
  response.writeHead(reply.status, declare(reply, behaviour));
  response.flushHeaders();
  if (isPlain(behaviour)) return pourPlainly(reply.frames, pour);
  const frames = [...cutShort(reply, behaviour)];
  const pieces = inPieces(frames, numberOf(behaviour, "chunk", 1));
  let index = 0;
  for (const piece of pieces) {
    if (pour.signal.aborted) return;
    await write(piece.bytes, pour);
    if (!piece.endsFrame) {
      await turn();
      continue;
    }
    if (behaviour.has("flood") && index === (reply.repeatable ?? 0)) await flood(piece.bytes, pour);
    await pauseAfter(index++, frames.length, pour);
  }
  if (pour.signal.aborted) return;
  if (breaks(behaviour)) return breakOff(pour);
  response.end();
}

/**
 * The plain case, which benchmarks measure against: no promise and no timer per event, one event per turn of the
 * loop.
 */
function pourPlainly(frames: Buffer[], pour: Pour): Promise<void> {
  return new Promise((resolve) => {
    let index = 0;
    const step = (): void => {
      const frame = frames[index++];
      if (pour.signal.aborted) return resolve();
      if (frame === undefined) {
        pour.response.end();
        return resolve();
      }
      pour.response.write(frame);
      pour.wrote(frame);
      setImmediate(step);
    };
    step();
  });
}

/** The head's fields, with a content-length where the whole body is known, or the one the behaviour lies about. */
function declare(reply: Reply, behaviour: Behaviour): Reply["headers"] {
  const lie = numberOf(behaviour, "length");
  if (reply.streamed && lie === undefined) return reply.headers;
  const length = reply.frames.reduce((sum, frame) => sum + frame.length, 0) + (lie ?? 0);
  return { ...reply.headers, "content-length": String(Math.max(0, length)) };
}

/** The frames up to where the behaviour stops: after an event, at a byte, or before the last event. */
function cutShort(reply: Reply, behaviour: Behaviour): Buffer[] {
  const { frames } = reply;
  const afterFrames = numberOf(behaviour, "cut", 1) ?? numberOf(behaviour, "end", frames.length - 1);
  // A plain JSON body has two frames, its halves: any cut leaves it incomplete.
  if (afterFrames !== undefined) return frames.slice(0, reply.streamed ? afterFrames : 1);
  const bytes = numberOf(behaviour, "cut-byte");
  if (bytes === undefined) return frames;
  const whole = Buffer.concat(frames).subarray(0, bytes);
  return whole.length > 0 ? [whole] : [];
}

function breaks(behaviour: Behaviour): boolean {
  return behaviour.has("cut") || behaviour.has("cut-byte") || behaviour.has("length");
}

/** Closes the socket once what was written has left the process, so that a cut is where the test put it. */
async function breakOff({ response, breaking }: Pour): Promise<void> {
  breaking();
  if (response.socket?.writableLength)
    await new Promise<void>((resolve) => response.socket?.write("", () => resolve()));
  await turn();
  response.socket?.destroy();
}

async function write(bytes: Buffer, { response, signal, wrote }: Pour): Promise<void> {
  if (signal.aborted) return;
  wrote(bytes);
  if (response.write(bytes)) return;
  await new Promise<void>((resolve) => {
    const settle = (): void => {
      response.off("drain", settle);
      response.off("close", settle);
      resolve();
    };
    response.on("drain", settle);
    response.on("close", settle);
  });
}

function* inPieces(frames: Buffer[], size: number | undefined): Generator<{ bytes: Buffer; endsFrame: boolean }> {
  for (const frame of frames) {
    if (size === undefined) {
      yield { bytes: frame, endsFrame: true };
      continue;
    }
    for (let at = 0; at < frame.length; at += size) {
      yield { bytes: frame.subarray(at, at + size), endsFrame: at + size >= frame.length };
    }
  }
}

/**
 * Waits as the behaviour asks after frame `index` of `count`: the first token late, silence, pacing, or one turn of
 * the loop.
 */
async function pauseAfter(index: number, count: number, pour: Pour): Promise<void> {
  const { behaviour } = pour;
  const slowFirst = numberOf(behaviour, "slow-first", 1000);
  if (index === 0 && slowFirst !== undefined) await wait(slowFirst, pour.signal);
  if (index === 0 && behaviour.has("idle")) await wait(numberOf(behaviour, "idle", Infinity), pour.signal);
  const [after, milliseconds] = (behaviour.get("silence") ?? "").split(":");
  if (behaviour.has("silence") && index + 1 === Number(after || 1)) {
    await wait(milliseconds ? Number(milliseconds) : Infinity, pour.signal);
  }
  const pace = numberOf(behaviour, "pace", 20);
  if (pace !== undefined && index + 1 < count) return wait(pace, pour.signal);
  if (!behaviour.has("burst")) await turn();
}

/**
 * Waits, at most until the client is gone. An endless wait holds no timer, so thousands of idle streams cost
 * nothing.
 */
export async function wait(milliseconds: number | undefined, signal: AbortSignal): Promise<void> {
  if (signal.aborted || milliseconds === undefined) return;
  if (milliseconds === Infinity) {
    await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
    return;
  }
  await sleep(milliseconds, undefined, { signal }).catch((cause: unknown) => {
    if (!signal.aborted) throw cause;
  });
}

/** Repeats one event as fast as the client takes it, until the asked megabytes are sent. */
async function flood(event: Buffer, pour: Pour): Promise<void> {
  if (event.length === 0) return;
  const block = Buffer.concat(Array.from({ length: Math.ceil(65_536 / event.length) }, () => event));
  let left = (numberOf(pour.behaviour, "flood", 16) ?? 0) * 1024 * 1024;
  for (; left > 0 && !pour.signal.aborted; left -= block.length) {
    await write(block, pour);
    await turn();
  }
}
