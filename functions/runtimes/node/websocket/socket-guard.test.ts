import { EventEmitter } from "node:events";
import type { Duplex } from "node:stream";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { WebSocket } from "ws";
import { Failure } from "../../../failure.ts";
import { guardSocket } from "./socket-guard.ts";

class Line extends EventEmitter {
  readonly OPEN = 1;
  readyState = 1;
  bufferedAmount = 0;
  closed: unknown[] = [];
  isTerminated = false;
  close(code: number, reason: string): void {
    this.readyState = 2;
    this.closed.push(code, reason);
  }
  terminate(): void {
    this.isTerminated = true;
  }
}

let socket: Line;
let raw: EventEmitter;
let held = 0;
const roomBytes = 1_000;
const room = {
  expect: () => undefined,
  take(bytes: number) {
    if (held + bytes > roomBytes) throw new Failure("process.busy");
    held += bytes;
  },
  letGo: (bytes = held) => void (held -= bytes),
};
const guard = () =>
  guardSocket({
    socket: socket as unknown as WebSocket,
    raw: raw as Duplex,
    room,
    pace: { mostMs: 60_000, leastBytes: 100 },
  });
const arrive = (bytes: number) => raw.emit("data", Buffer.alloc(bytes));

beforeEach(() => {
  vi.useFakeTimers();
  [socket, raw, held] = [new Line(), new EventEmitter(), 0];
});
afterEach(() => void vi.useRealTimers());

test("the fifth refusal in a row ends a socket, and one that says no goodbye is cut", () => {
  const guarded = guard();
  for (let at = 0; at < 4; at++) guarded.refused();
  guarded.served();
  for (let at = 0; at < 4; at++) guarded.refused();
  expect(socket.closed).toEqual([]);
  guarded.refused();
  guarded.refused();
  expect(socket.closed).toEqual([1008, "too many messages were refused"]);
  vi.advanceTimersByTime(2_000);
  expect(socket.isTerminated).toBe(true);
});

test.each<[string, (guarded: ReturnType<typeof guard>) => unknown]>([
  ["refusals", (guarded) => guarded.refused()],
  ["pongs", () => socket.emit("ping", Buffer.alloc(0))],
  ["nothing, to its own pongs", () => socket.emit("pong", Buffer.alloc(0))],
])("a socket that does not read %s is ended past 128 kB", (_what, act) => {
  const guarded = guard();
  socket.bufferedAmount = 128 * 1024;
  act(guarded);
  expect(socket.closed).toEqual([]);
  socket.bufferedAmount += 1;
  act(guarded);
  expect(socket.closed).toEqual([1008, "answers are not read"]);
});

test("what comes of a message counts until the message is whole, and a whole one until its turn", () => {
  const guarded = guard();
  arrive(400);
  arrive(200);
  expect(held).toBe(600);
  socket.emit("message");
  expect([held, guarded.queue(500)]).toEqual([0, true]);
  guarded.begin(500);
  expect([held, guarded.queue(1_001)]).toEqual([0, false]);
  expect(socket.closed).toEqual([1013, "process.busy"]);
});

test("more than there is room for ends a socket, whose room is free again", () => {
  guard();
  arrive(600);
  arrive(600);
  expect(socket.closed).toEqual([1013, "process.busy"]);
  socket.emit("close");
  expect(held).toBe(0);
});

test("control frames take no room for long", () => {
  guard();
  for (let at = 0; at < 500; at++) {
    arrive(16);
    socket.emit(at % 2 ? "ping" : "pong", Buffer.alloc(10));
  }
  expect([held, socket.closed]).toEqual([0, []]);
});

test("a message that comes too slowly ends a socket, one that goes on does not", () => {
  guard();
  for (let at = 0; at < 6; at++) {
    arrive(100);
    vi.advanceTimersByTime(10_000);
  }
  expect(socket.closed).toEqual([]);
  arrive(1);
  vi.advanceTimersByTime(10_000);
  expect(socket.closed).toEqual([1008, "the message comes too slowly"]);
});
