import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect, createServer, type Server, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream";
import { createServer as createTlsServer, getCACertificates, setDefaultCACertificates } from "node:tls";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { type RedisServer, startRedis } from "../../../test/redis/server.ts";
import type { Store } from "../store.ts";
import { openTcp, readRedisUrl, type RedisAddress } from "./tcp.ts";

const unavailable = { code: "store.unavailable", status: 503 };

describe("tcp", () => {
  let redis: RedisServer;
  const stores: Store[] = [];
  const open = (address: Partial<RedisAddress> = {}, timeoutMs = 5000): Store => {
    const store = openTcp({ address: { ...redis, ...address }, prefix: "relay:", timeoutMs });
    stores.push(store);
    return store;
  };
  beforeAll(async () => void (redis = await startRedis({ password: "p@ss:word/" })), 180_000);
  afterEach(() => Promise.all(stores.splice(0).map((store) => store.close())));
  afterAll(() => redis.stop());

  test("a connect costs AUTH, and SELECT where the database is not 0, and nothing else", async () => {
    await redis.resetCommandCount();
    const first = open();
    await first.ping();
    expect(await redis.commandCount()).toBe(2);
    await redis.resetCommandCount();
    await open({ db: 3 }).ping();
    expect(await redis.commandCount()).toBe(3);
  });

  test("an idle connection that the server closes is not made again before the next command", async () => {
    const store = open();
    await store.ping();
    await redis.dropConnections();
    await vi.waitFor(async () => expect(await redis.send("CLIENT", "LIST")).not.toMatch(/cmd=ping/));
    await redis.resetCommandCount();
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await redis.commandCount()).toBe(0);
    await store.ping();
    expect(await redis.commandCount()).toBe(2);
  });

  test("the database and the credentials of a REDIS_URL are used", async () => {
    const url = `redis://default:${encodeURIComponent("p@ss:word/")}@127.0.0.1:${redis.port}/5`;
    await open(readRedisUrl(url)).write("a", "1");
    await redis.send("SELECT", "5");
    expect(await redis.send("GET", "relay:a")).toBe("1");
    await redis.send("SELECT", "0");
  });

  test("a wrong password is store.unavailable, and calls do not hang", async () => {
    const store = open({ password: "wrong" });
    await expect(store.ping()).rejects.toMatchObject(unavailable);
    await expect(store.ping()).rejects.toMatchObject(unavailable);
  });

  test("a server that stands still is store.unavailable in time, and nothing is counted twice", async () => {
    const store = open({}, 200);
    const one = [{ row: "still", steps: [{ cell: 0, by: 1 }] }];
    expect(await store.count(one)).toEqual([[1]]);
    redis.freeze();
    await expect(store.count(one)).rejects.toMatchObject(unavailable);
    redis.thaw();
    const total = await vi.waitFor(() => store.count([{ row: "still", steps: [{ cell: 0, by: 0 }] }]), 5000);
    // The frozen server may or may not have found the command in its socket.
    expect([1, 2]).toContain(total[0]?.[0]);
  });

  test("a server that answered is not taken for silent by a process that stood still itself", async () => {
    const store = open({}, 200);
    await store.ping();
    const answered = store.ping();
    // It has just left.
    await new Promise(setImmediate);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_000);
    await answered;
  });

  test("an address where nobody listens is store.unavailable", async () => {
    await expect(open({ port: 1 }).ping()).rejects.toMatchObject(unavailable);
  });

  test("a server that is back is dialled again, whatever the clock was set to meanwhile", async () => {
    const answering = await listen(() => "+PONG\r\n");
    const address = addressOf(answering);
    answering.close();
    await once(answering, "close");
    const store = open(address);
    await expect(store.ping()).rejects.toMatchObject(unavailable);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() - 3_600_000 });
    const again = createServer((socket) => socket.on("data", () => socket.write("+PONG\r\n")));
    again.listen(address.port, "127.0.0.1");
    await once(again, "listening");
    await vi.waitFor(() => store.ping(), 10_000);
    vi.useRealTimers();
    await store.close();
    again.close();
  });

  test("TLS is spoken to the server that the certificate names, and to no other", async () => {
    const { key, cert } = issueCertificate("localhost");
    const trusted = getCACertificates("default");
    setDefaultCACertificates([...trusted, cert]);
    const names: unknown[] = [];
    const front = createTlsServer(
      { key, cert, SNICallback: (name, done) => (names.push(name), done(null)) },
      (socket) => {
        pipeline(socket, connect(redis.port, redis.host), socket, () => undefined);
      },
    );
    front.listen(0, "127.0.0.1");
    await once(front, "listening");
    const { port } = addressOf(front);
    await open({ host: "localhost", port, tls: true }).write("over-tls", "1");
    expect(await redis.send("GET", "relay:over-tls")).toBe("1");
    expect(names).toEqual(["localhost"]);
    await expect(open({ host: "127.0.0.1", port, tls: true }).ping()).rejects.toMatchObject(unavailable);
    setDefaultCACertificates(trusted);
    await expect(open({ host: "localhost", port, tls: true }).ping()).rejects.toMatchObject(unavailable);
    front.close();
  });

  test("commands of one tick leave in one write", async () => {
    const store = open();
    await store.ping();
    const writes = (["_write", "_writev"] as const).map((name) => vi.spyOn(Socket.prototype, name));
    await Promise.all(Array.from({ length: 10 }, () => store.ping()));
    const contexts = writes.flatMap((spy) => spy.mock.contexts as unknown as Socket[]);
    writes.forEach((spy) => spy.mockRestore());
    expect(contexts.filter(({ remotePort }) => remotePort === redis.port)).toHaveLength(1);
  });

  test.each([
    "ERR max requests limit exceeded. Limit: 500000, Usage: 500000. See https://upstash.com/docs for details",
    "ERR max daily request limit exceeded. Limit: 10000, Usage: 10001.",
  ])("Upstash's %j over TCP says that the quota is spent", async (line) => {
    const server = await listen(() => `-${line}\r\n`);
    const refusal = { ...unavailable, isRetryable: false, message: expect.stringContaining("quota") as string };
    await expect(open(addressOf(server)).ping()).rejects.toMatchObject(refusal);
    server.close();
  });
});

/** A certificate of its own authority, made anew: there is no key to keep. */
function issueCertificate(host: string): { key: string; cert: string } {
  const directory = mkdtempSync(join(tmpdir(), "relay-tls-"));
  const [key, cert] = [join(directory, "key.pem"), join(directory, "cert.pem")];
  const names = ["-subj", `/CN=${host}`, "-addext", `subjectAltName=DNS:${host}`];
  const flags = ["-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", key, "-out", cert, ...names];
  execFileSync("openssl", ["req", ...flags], { stdio: "pipe" });
  const issued = { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") };
  rmSync(directory, { recursive: true });
  return issued;
}

/** A server of one answer, for what a genuine one does not say. */
async function listen(answer: (text: string) => string): Promise<Server> {
  const server = createServer((socket) => {
    socket.on("data", (data) => socket.write(answer(data.toString())));
    socket.on("error", () => undefined);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

function addressOf(server: Server): RedisAddress {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server has no TCP port.");
  return { host: "127.0.0.1", port: address.port, password: undefined };
}

describe("REDIS_URL", () => {
  const rest = { username: undefined, password: undefined, db: 0, tls: false };
  test.each([
    ["redis://cache", { ...rest, host: "cache", port: 6379 }],
    ["redis://:p%40ss@cache:7000/2", { ...rest, host: "cache", port: 7000, password: "p@ss", db: 2 }],
    [
      "rediss://me:word@eu1.upstash.io:6380",
      { host: "eu1.upstash.io", port: 6380, username: "me", password: "word", db: 0, tls: true },
    ],
    ["redis://[::1]:6379", { ...rest, host: "::1", port: 6379 }],
  ])("%s is read", (url, address) => {
    expect(readRedisUrl(url)).toEqual(address);
  });

  test.each(["cache:6379", "http://cache", "redis://cache/one", "redis://", "", "redis://me:secret@"])(
    "%j is refused, without repeating it",
    (url) => {
      expect(() => readRedisUrl(url)).toThrow(TypeError);
      expect(() => readRedisUrl(url)).toThrow(/redis:\/\/user:password@host/);
    },
  );

  test.each(["redis://me:p%a@cache", "redis://m%e@cache", "redis://:100%@cache", "redis://:%ff@cache"])(
    "%j: the setting is named, and how a %% is written",
    (url) => {
      expect(() => readRedisUrl(url)).toThrow(/^REDIS_URL .*%25/);
    },
  );
});
