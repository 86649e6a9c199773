import type { Body, Flow } from "../../wire/dispatch.ts";

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
  return new Queue(tap);
}

class Queue implements BodyQueue, Body {
  readonly #tap: Tap;
  #chunks: Uint8Array[] = [];
  /** Index of the first chunk that was not taken. */
  #next = 0;
  /** Of all that wait. */
  #bytes = 0;
  #isPaused = false;
  /** The reader of a flow has said that it wants no more for now. */
  #isHeld = false;
  /** It is at a chunk, and has not said yet whether it wants more. */
  #isAsked = false;
  /** It asked for more meanwhile, which is the later word. */
  #isWoken = false;
  #isOver = false;
  #failure: Error | undefined;
  #flowing: Flow | undefined;
  #waiting: PromiseWithResolvers<Uint8Array | undefined> | undefined;

  constructor(tap: Tap) {
    this.#tap = tap;
  }

  get body(): Body {
    return this;
  }

  isPaused(): boolean {
    return this.#isPaused;
  }

  push(chunk: Uint8Array): void {
    if (this.#isOver) return;
    // Never past what waits: a chunk may come from within `#relieve`.
    if (this.#flowing && !this.#isHeld && !this.#isAsked && this.#chunks.length === 0) {
      this.#give(this.#flowing, chunk);
      // More may have come from within.
      if (this.#chunks.length > 0 && !this.#isHeld) this.#handOn();
      return;
    }
    if (this.#waiting) {
      const { resolve } = this.#waiting;
      this.#waiting = undefined;
      resolve(chunk);
      return;
    }
    this.#chunks.push(chunk);
    this.#bytes += chunk.byteLength;
    if (this.#bytes < highBytes || this.#isPaused) return;
    this.#isPaused = true;
    this.#tap.pause();
  }

  end(): void {
    this.#finish();
  }

  fail(error: Error): void {
    this.#finish(error);
  }

  take(): Uint8Array | undefined {
    const chunk = this.#shift();
    if (chunk !== undefined) this.#relieve();
    return chunk;
  }

  read(): Promise<Uint8Array | undefined> {
    const chunk = this.take();
    if (chunk !== undefined) return Promise.resolve(chunk);
    if (this.#failure) return Promise.reject(this.#failure);
    if (this.#isOver) return Promise.resolve(undefined);
    this.#waiting ??= Promise.withResolvers();
    return this.#waiting.promise;
  }

  flow(to: Flow): () => void {
    this.#flowing = to;
    this.#handOn();
    return () => {
      this.#isWoken = true;
      if (!this.#isAsked) this.#handOn();
    };
  }

  cancel(): void {
    this.#chunks = [];
    this.#next = 0;
    this.#bytes = 0;
    if (this.#isOver) return;
    this.#finish();
    this.#tap.drop();
  }

  #shift(): Uint8Array | undefined {
    const chunk = this.#chunks[this.#next];
    if (chunk === undefined) return undefined;
    this.#next += 1;
    this.#bytes -= chunk.byteLength;
    if (this.#next === this.#chunks.length) {
      this.#chunks = [];
      this.#next = 0;
    }
    return chunk;
  }

  #relieve(): void {
    if (!this.#isPaused || this.#bytes > lowBytes || this.#isOver) return;
    this.#isPaused = false;
    this.#tap.resume();
  }

  #give(to: Flow, chunk: Uint8Array): void {
    this.#isAsked = true;
    this.#isWoken = false;
    try {
      this.#isHeld = !to.chunk(chunk) && !this.#isWoken;
    } finally {
      this.#isAsked = false;
    }
  }

  /** Hands on what has arrived until the reader wants no more. */
  #handOn(): void {
    this.#isHeld = false;
    while (this.#flowing && !this.#isHeld) {
      const chunk = this.#shift();
      if (chunk === undefined) break;
      this.#give(this.#flowing, chunk);
      this.#relieve();
    }
    if (!this.#isHeld && this.#isOver) this.#conclude();
  }

  #finish(error?: Error): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#failure = error;
    if (error) this.#waiting?.reject(error);
    else this.#waiting?.resolve(undefined);
    this.#waiting = undefined;
    if (!this.#isHeld && this.#chunks.length === 0) this.#conclude();
  }

  #conclude(): void {
    const flowing = this.#flowing;
    this.#flowing = undefined;
    if (this.#failure) flowing?.fail(this.#failure);
    else flowing?.end();
  }
}
