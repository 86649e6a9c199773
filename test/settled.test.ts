import { mkdtempSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startServer, type RunningServer } from "../functions/runtimes/node/node.ts";
import { parseConfig } from "../functions/config.ts";
import type { UsageEvent } from "../functions/core/money/usage.ts";
import { readMeters } from "../functions/core/limits/limit-status.ts";
import { findKeyById } from "../functions/core/keys/key.ts";
import { testEnvironment } from "./environment.ts";
import { addAccount, addKey } from "./rig.ts";
import { startUpstream, type Upstream } from "./upstream/upstream.ts";

/** Clients that read nothing, or stop reading, and then leave: back-pressure reaches every part of the path. */

let directory: string;
let server: RunningServer;
let upstream: Upstream;
let keyId: string;
let secret: string;
const lines: string[] = [];

const start = () =>
  startServer({
    config: parseConfig({ ...testEnvironment, HOST: "127.0.0.1", PORT: "0", DATA_DIR: directory }),
    write: (line) => void lines.push(line),
  });

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "relay-settled-"));
  upstream = await startUpstream();
  server = await start();
  await addAccount(server.env, { baseUrl: upstream.url }, { kind: "api-key", secret: "sk-sim" });
});
afterAll(async () => {
  await server.close(100);
  await upstream.stop();
  rmSync(directory, { recursive: true });
});
beforeEach(async () => {
  upstream.reset();
  const added = await addKey(server.env, { concurrency: 40, dailyCostNanos: 1e15 });
  [keyId, secret] = [added.key.id, added.secret];
});

function message(behaviour: string, isStream = true): string {
  const body = JSON.stringify({
    model: "claude-sonnet-4-6",
    max_tokens: 256,
    stream: isStream,
    messages: [{ role: "user", content: `[[sim:${behaviour}]]` }],
  });
  const head = [
    "POST /api/v1/messages HTTP/1.1",
    "host: relay",
    `x-api-key: ${secret}`,
    "anthropic-version: 2023-06-01",
    "content-type: application/json",
    `content-length: ${Buffer.byteLength(body)}`,
  ];
  return `${head.join("\r\n")}\r\n\r\n${body}`;
}

/** Sends some requests on one connection and reads the given number of bytes, and no more. */
async function stall(requests: readonly string[], readBytes: number): Promise<Socket> {
  const { port } = new URL(server.url);
  const socket = connect({ port: Number(port), host: "127.0.0.1" });
  socket.on("error", () => undefined);
  socket.write(requests.join(""));
  let left = readBytes;
  await new Promise<void>((resolve) => {
    if (left === 0) return resolve();
    socket.on("data", (chunk) => {
      left -= chunk.length;
      if (left > 0) return;
      socket.pause();
      resolve();
    });
  });
  if (readBytes === 0) socket.pause();
  return socket;
}

const eventsOf = async (): Promise<UsageEvent[]> => {
  const entries = await server.env.store.readLog("usage", "0", 10_000);
  return entries.map(({ entry }) => JSON.parse(entry) as UsageEvent).filter((event) => event.key === keyId);
};

/** What the key's meters say is under way, and has been spent today. */
async function meters() {
  const key = await findKeyById(keyId, server.env);
  const read = key && (await readMeters(key, server.env));
  const spent = read?.readings.find(({ period }) => period === "day")?.costNanos;
  return { underWay: read?.underWay, spent };
}

async function expectSettled(count: number): Promise<UsageEvent[]> {
  await expect.poll(async () => (await eventsOf()).length, { timeout: 10_000 }).toBe(count);
  const events = await eventsOf();
  const spent = events.reduce((sum, { costNanos }) => sum + costNanos, 0);
  await expect.poll(meters, { timeout: 5_000 }).toMatchObject({ underWay: { calls: 0, nanos: 0, tokens: 0 }, spent });
  return events;
}

describe.each([
  ["nothing", 0],
  ["100 kB", 100_000],
])("a client that has read %s of a long answer and hangs up", (_what, readBytes) => {
  test.each(["reset", "fin"])("by %s is settled: one event a call, cost, no place taken", async (how) => {
    const sockets = await Promise.all(Array.from({ length: 8 }, () => stall([message("flood=16")], readBytes)));
    await expect.poll(() => upstream.requests.length, { timeout: 10_000 }).toBe(8);
    await sleep(300);
    for (const socket of sockets) {
      if (how === "reset") socket.resetAndDestroy();
      else socket.destroy();
    }
    const events = await expectSettled(8);
    expect(events.map(({ outcome }) => outcome)).toEqual(Array(8).fill("gone"));
    for (const { costNanos } of events) expect(costNanos).toBeGreaterThan(0);
    await expect.poll(() => upstream.stats.open, { timeout: 20_000 }).toBe(0);
  });
});

test.each([true, false])(
  "calls pipelined behind a stalled one are settled, their upstreams ended or not (stream: %s)",
  async (isStream) => {
    const waiting = [0, 1, 2, 3].map(() => message("deltas=900,burst", isStream));
    const socket = await stall([message("flood=16"), ...waiting], 0);
    await expect.poll(() => upstream.requests.length, { timeout: 10_000 }).toBe(5);
    await sleep(300);
    socket.resetAndDestroy();
    const events = await expectSettled(5);
    for (const { costNanos } of events) expect(costNanos).toBeGreaterThan(0);
  },
);

test("what had come whole before the hang-up costs its true price, not a guess", async () => {
  const socket = await stall([message("flood=16"), message("deltas=2000,burst", false)], 0);
  await expect.poll(() => upstream.requests.length, { timeout: 10_000 }).toBe(2);
  await sleep(300);
  socket.resetAndDestroy();
  const events = await expectSettled(2);
  const whole = events.find(({ isStream }) => !isStream);
  expect(whole).toMatchObject({ usage: { outputTokens: expect.toSatisfy((count) => count >= 2000) } });
  expect(whole?.isEstimated).toBeUndefined();
});

test("a server that stops settles those that nobody reads", async () => {
  const sockets = await Promise.all(Array.from({ length: 3 }, () => stall([message("flood=16")], 0)));
  await expect.poll(() => upstream.requests.length, { timeout: 10_000 }).toBe(3);
  await sleep(300);
  await server.close(100);
  server = await start();
  for (const socket of sockets) socket.destroy();
  await expectSettled(3);
});
