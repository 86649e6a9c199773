import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { type RedisServer, startRedis } from "../../../test/redis/server.ts";
import { startUpstash, type UpstashStandIn } from "../../../test/redis/upstash.ts";
import type { Store } from "../store.ts";
import { patienceMs } from "./carrier.ts";
import { openTcp } from "./tcp.ts";
import { openUpstash } from "./upstash.ts";

let redis: RedisServer;
let upstash: UpstashStandIn;
beforeAll(async () => {
  redis = await startRedis();
  upstash = await startUpstash(redis);
}, 180_000);
afterAll(async () => {
  await upstash.stop();
  await redis.stop();
});

/** A line to a server that can fall silent: then it takes bytes, and connections, and passes nothing on. */
async function startLine(port: number) {
  const sockets = new Set<Socket>();
  const seen = { commands: 0 };
  let isSilent = false;
  const server = createServer((socket) => {
    const beyond = connect(port, "127.0.0.1");
    for (const each of [socket, beyond]) sockets.add(each.on("error", () => undefined));
    socket.on("data", (bytes) => {
      seen.commands += 1;
      if (!isSilent) beyond.write(bytes);
    });
    beyond.on("data", (bytes) => void (isSilent || socket.write(bytes)));
    socket.on("close", () => beyond.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The line has no TCP port.");
  return {
    port: address.port,
    seen,
    silence: (is: boolean) => void (isSilent = is),
    stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

const carriers = {
  tcp: {
    port: () => redis.port,
    open: (port: number, timeoutMs?: number): Store =>
      openTcp({ address: { host: "127.0.0.1", port }, prefix: "", ...(timeoutMs ? { timeoutMs } : {}) }),
  },
  upstash: {
    port: () => Number(new URL(upstash.url).port),
    open: (port: number, timeoutMs?: number): Store =>
      openUpstash({
        ...{ url: `http://127.0.0.1:${port}`, token: upstash.token, prefix: "" },
        ...(timeoutMs ? { timeoutMs } : {}),
      }),
  },
};

const unavailable = { code: "store.unavailable", status: 503, isRetryable: true };

describe.each(Object.entries(carriers))("a server behind %s that falls silent", (kind, { port, open }) => {
  let line: Awaited<ReturnType<typeof startLine>>;
  let store: Store;
  beforeEach(async () => (line = await startLine(port())));
  afterEach(async () => {
    vi.useRealTimers();
    line.silence(false);
    await store.close();
    line.stop();
  });

  test.each([
    ["in use", true],
    ["from the start", false],
  ])("%s is told of within two seconds", async (_when, isUsed) => {
    expect(patienceMs).toBeLessThan(2_000);
    store = open(line.port);
    if (isUsed) await store.ping();
    line.silence(true);
    const refusal = store.ping();
    // Timers fire in the order in which they are due; between the two stands what it takes to ask on a busy machine.
    const late = new Promise<never>((_resolve, reject) =>
      setTimeout(reject, patienceMs + 1_500, new Error("too late")),
    );
    late.catch(() => undefined);
    await expect(Promise.race([refusal, late])).rejects.toMatchObject(unavailable);
  });

  test("is asked by one command at a time, and everybody is refused at once until it answers", async () => {
    store = open(line.port, 400);
    await store.ping();
    line.silence(true);
    const row = { row: `silent ${kind}`, steps: [{ cell: 0, by: 1 }] };
    await expect(store.ping()).rejects.toMatchObject(unavailable);
    const before = line.seen.commands;
    for (let calls = 0; calls < 50; calls += 1) {
      await expect(store.count([row])).rejects.toMatchObject(unavailable);
      await expect(store.listMany(["a", "b"])).rejects.toMatchObject(unavailable);
    }
    // None of the hundred went out to wait for an answer.
    expect(line.seen.commands - before).toBeLessThan(5);
    line.silence(false);
    await vi.waitFor(() => store.ping(), { timeout: 5_000 });
    await Promise.all(Array.from({ length: 20 }, () => store.ping()));
    expect(await store.count([row])).toEqual([[1]]);
  });

  test("a while ago is asked again by the next command itself, which is not refused for it", async () => {
    store = open(line.port, 400);
    line.silence(true);
    await expect(store.ping()).rejects.toMatchObject(unavailable);
    line.silence(false);
    vi.useFakeTimers({ toFake: ["performance"] });
    vi.advanceTimersByTime(3_600_000);
    await store.ping();
  });
});
