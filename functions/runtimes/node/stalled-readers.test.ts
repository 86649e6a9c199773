import { EventEmitter } from "node:events";
import type { Socket } from "node:net";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type ReaderWatch, watchReaders } from "./stalled-readers.ts";

/** A connection as the watch looks at it. */
class Reader extends EventEmitter {
  bytesWritten = 0;
  writableLength = 0;
  resets = 0;
  resetAndDestroy(): void {
    this.resets += 1;
    this.emit("close");
  }
  write(bytes: number): void {
    this.bytesWritten += bytes;
    this.writableLength += bytes;
  }
  take(bytes: number): void {
    this.writableLength -= bytes;
  }
}

let watch: ReaderWatch;
beforeEach(() => {
  vi.useFakeTimers();
  watch = watchReaders(40_000);
});
afterEach(() => {
  watch.stop();
  vi.useRealTimers();
});
const open = () => {
  const reader = new Reader();
  watch.add(reader as unknown as Socket);
  return reader;
};
const pass = (seconds: number, each: () => void = () => undefined) => {
  for (let at = 0; at < seconds; at++) {
    vi.advanceTimersByTime(1_000);
    each();
  }
};

test("a reader that takes nothing is ended, once", () => {
  const reader = open();
  reader.write(1_000);
  pass(39);
  expect(reader.resets).toBe(0);
  pass(60);
  expect(reader.resets).toBe(1);
});

test("more that is written to a reader that stands still changes nothing", () => {
  const reader = open();
  pass(90, () => reader.write(10));
  expect(reader.resets).toBe(1);
});

test.each<[string, (reader: Reader) => void]>([
  ["takes a byte now and then", (reader) => reader.take(1)],
  ["takes as much as comes", (reader) => (reader.write(5), reader.take(5))],
])("a reader that %s goes on", (_what, act) => {
  const reader = open();
  reader.write(1_000);
  pass(300, () => act(reader));
  expect(reader.resets).toBe(0);
});

test("a connection on which nothing waits goes on, and one that is closed is forgotten", () => {
  const [idle, closed] = [open(), open()];
  closed.write(10);
  closed.emit("close");
  pass(300);
  expect([idle.resets, closed.resets]).toEqual([0, 0]);
});
