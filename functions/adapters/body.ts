import type { Body, Flow } from "../wire/dispatch.ts";

/** What a queued body does to the connection behind it. None of them may call back into the body synchronously. */
export interface Tap {
  pause(): void;
  resume(): void;
  /** Drops the connection. Called at most once, and never after `end` or `fail`. */
  drop(): void;
}

/** The writing side of a body: a connection's callbacks push here, at any time, in any number. */
export interface BodyQueue {
  readonly body: Body;
  push(chunk: Uint8Array): void;
  end(): void;
  /** The reader gets what has arrived before, then this error. */
  fail(error: Error): void;
  /** True while the connection is held back because the reader is slower: its silence then is not the upstream's. */
  isPaused(): boolean;
}

/** Bytes that may wait for a slow reader before the connection is held back, and where it may go on. */
const highBytes = 128 * 1024;
const lowBytes = 32 * 1024;

/**
 * A body between callbacks and one reader, without streams: a chunk that has arrived is taken synchronously, and a promise
 * is made only when the reader must wait.
 */
export function buildBodyQueue(tap: Tap): BodyQueue {
  let chunks: Uint8Array[] = [];
  let next = 0;
  let bytes = 0;
  let isPaused = false;
  let isOver = false;
  let failure: Error | undefined;
  let waiting: PromiseWithResolvers<Uint8Array | undefined> | undefined;
  let flowing: Flow | undefined;
  let isHeld = false;

  const take = () => {
    const chunk = chunks[next];
    if (chunk === undefined) return undefined;
    next += 1;
    bytes -= chunk.byteLength;
    if (next === chunks.length) {
      chunks = [];
      next = 0;
    }
    if (isPaused && bytes <= lowBytes && !isOver) {
      isPaused = false;
      tap.resume();
    }
    return chunk;
  };

  const finish = (error?: Error) => {
    if (isOver) return;
    isOver = true;
    failure = error;
    if (error) waiting?.reject(error);
    else waiting?.resolve(undefined);
    waiting = undefined;
    if (flowing && !isHeld) conclude(flowing);
  };

  const conclude = (to: Flow) => {
    flowing = undefined;
    if (failure) to.fail(failure);
    else to.end();
  };

  /** Hands on what has arrived until the reader wants no more; the connection is held back as long as bytes wait here. */
  const goOn = () => {
    isHeld = false;
    while (flowing && !isHeld) {
      const chunk = take();
      if (chunk === undefined) break;
      isHeld = !flowing.chunk(chunk);
    }
    if (flowing && !isHeld && isOver) conclude(flowing);
  };

  const flow = (to: Flow) => {
    flowing = to;
    goOn();
    return goOn;
  };

  const read = (): Promise<Uint8Array | undefined> => {
    const chunk = take();
    if (chunk !== undefined) return Promise.resolve(chunk);
    if (failure) return Promise.reject(failure);
    if (isOver) return Promise.resolve(undefined);
    waiting ??= Promise.withResolvers();
    return waiting.promise;
  };

  const push = (chunk: Uint8Array) => {
    if (isOver) return;
    if (flowing && !isHeld) {
      isHeld = !flowing.chunk(chunk);
      return;
    }
    if (waiting) {
      const { resolve } = waiting;
      waiting = undefined;
      resolve(chunk);
      return;
    }
    chunks.push(chunk);
    bytes += chunk.byteLength;
    if (bytes < highBytes || isPaused) return;
    isPaused = true;
    tap.pause();
  };

  const cancel = () => {
    chunks = [];
    next = bytes = 0;
    if (isOver) return;
    finish();
    tap.drop();
  };

  return { body: { take, read, flow, cancel }, push, end: () => finish(), fail: finish, isPaused: () => isPaused };
}
