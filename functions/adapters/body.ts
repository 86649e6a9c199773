import type { Body, Flow } from "../wire/dispatch.ts";

/** What a queued body does to the connection behind it. */
export interface Tap {
  pause(): void;
  /** May push, end and fail before it returns, as undici's does. */
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
 * is made only when the reader must wait; a body that flows makes none at all.
 */
export function buildBodyQueue(tap: Tap): BodyQueue {
  const queue: Queue = { tap, chunks: [], next: 0, bytes: 0, isPaused: false, isHeld: false, isOver: false };
  const goOn = () => handOn(queue);
  const flow = (to: Flow) => {
    queue.flowing = to;
    handOn(queue);
    return goOn;
  };
  return {
    body: { take: () => take(queue), read: () => read(queue), flow, cancel: () => cancel(queue) },
    push: (chunk) => push(queue, chunk),
    end: () => finish(queue),
    fail: (error) => finish(queue, error),
    isPaused: () => queue.isPaused,
  };
}

interface Queue {
  readonly tap: Tap;
  chunks: Uint8Array[];
  /** Index of the first chunk that was not taken. */
  next: number;
  /** Of all that wait. */
  bytes: number;
  isPaused: boolean;
  /** The reader of a flow has said that it wants no more for now. */
  isHeld: boolean;
  isOver: boolean;
  failure?: Error | undefined;
  flowing?: Flow | undefined;
  waiting?: PromiseWithResolvers<Uint8Array | undefined> | undefined;
}

function take(queue: Queue): Uint8Array | undefined {
  const chunk = shift(queue);
  if (chunk !== undefined) relieve(queue);
  return chunk;
}

function shift(queue: Queue): Uint8Array | undefined {
  const chunk = queue.chunks[queue.next];
  if (chunk === undefined) return undefined;
  queue.next += 1;
  queue.bytes -= chunk.byteLength;
  if (queue.next === queue.chunks.length) {
    queue.chunks = [];
    queue.next = 0;
  }
  return chunk;
}

function relieve(queue: Queue): void {
  if (!queue.isPaused || queue.bytes > lowBytes || queue.isOver) return;
  queue.isPaused = false;
  queue.tap.resume();
}

function read(queue: Queue): Promise<Uint8Array | undefined> {
  const chunk = take(queue);
  if (chunk !== undefined) return Promise.resolve(chunk);
  if (queue.failure) return Promise.reject(queue.failure);
  if (queue.isOver) return Promise.resolve(undefined);
  queue.waiting ??= Promise.withResolvers();
  return queue.waiting.promise;
}

function push(queue: Queue, chunk: Uint8Array): void {
  if (queue.isOver) return;
  const { flowing, waiting } = queue;
  // Never past what waits: a chunk may come from within `relieve`.
  if (flowing && !queue.isHeld && queue.chunks.length === 0) {
    queue.isHeld = !flowing.chunk(chunk);
    return;
  }
  if (waiting) {
    queue.waiting = undefined;
    waiting.resolve(chunk);
    return;
  }
  queue.chunks.push(chunk);
  queue.bytes += chunk.byteLength;
  if (queue.bytes < highBytes || queue.isPaused) return;
  queue.isPaused = true;
  queue.tap.pause();
}

/** Hands on what has arrived until the reader wants no more. */
function handOn(queue: Queue): void {
  queue.isHeld = false;
  while (queue.flowing && !queue.isHeld) {
    const chunk = shift(queue);
    if (chunk === undefined) break;
    queue.isHeld = !queue.flowing.chunk(chunk);
    relieve(queue);
  }
  if (!queue.isHeld && queue.isOver) conclude(queue);
}

function finish(queue: Queue, error?: Error): void {
  if (queue.isOver) return;
  queue.isOver = true;
  queue.failure = error;
  if (error) queue.waiting?.reject(error);
  else queue.waiting?.resolve(undefined);
  queue.waiting = undefined;
  if (!queue.isHeld && queue.chunks.length === 0) conclude(queue);
}

function conclude(queue: Queue): void {
  const { flowing, failure } = queue;
  queue.flowing = undefined;
  if (failure) flowing?.fail(failure);
  else flowing?.end();
}

function cancel(queue: Queue): void {
  queue.chunks = [];
  queue.next = 0;
  queue.bytes = 0;
  if (queue.isOver) return;
  finish(queue);
  queue.tap.drop();
}
