import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startServer, type RunningServer } from "../../functions/runtimes/node/node.ts";
import { parseConfig, type Environment } from "../../functions/config.ts";
import { buildLambda } from "../../scripts/build.ts";
import { testEnvironment } from "../environment.ts";
import { startLambda, type RunningLambda } from "../lambda/start.ts";
import * as endpoint from "./machine-endpoint.ts";
import { talk } from "./talk.ts";

interface Machine {
  readonly url: string;
  readonly log: readonly string[];
  stop(): Promise<void>;
}

const scratch = mkdtempSync(join(tmpdir(), "relay-machine-"));
const bundle = join(scratch, "bundle");
const rest = { UPSTASH_REDIS_REST_URL: "http://127.0.0.1:9", UPSTASH_REDIS_REST_TOKEN: "unused" };

beforeAll(async () => {
  const file = "test/contracts/machine-endpoint.ts";
  await buildLambda({ name: "machine", file, hasOwnRoutes: true, directory: bundle });
}, 60_000);
afterAll(() => rmSync(scratch, { recursive: true }));

async function startNode(environment: Environment = {}): Promise<Machine & { server: RunningServer }> {
  const log: string[] = [];
  const settings = { ...testEnvironment, HOST: "127.0.0.1", PORT: "0", DATA_DIR: scratch, ...environment };
  const server = await startServer({
    config: parseConfig(settings),
    write: (line) => log.push(line),
    routing: { find: endpoint.find, load: () => Promise.resolve(endpoint) },
  });
  return { url: server.url, log, server, stop: () => server.close(0) };
}

const startOnLambda = (environment: Record<string, string> = {}, timeoutMs?: number): Promise<RunningLambda> =>
  startLambda({ directory: bundle, environment: { ...testEnvironment, ...rest, ...environment }, timeoutMs });

const machines: [string, () => Promise<Machine>][] = [
  ["Node", startNode],
  ["Lambda", startOnLambda],
];

describe.each(machines)("a machine: %s", (name, start) => {
  let machine: Machine;
  // The first of all starts may have to build the runtime client.
  beforeAll(async () => {
    machine = await start();
    await talk(machine.url, "/echo");
  }, 600_000);
  afterAll(() => machine.stop());

  const seen = async (path: string, ask = {}) => JSON.parse(String((await talk(machine.url, path, ask)).body)) as Seen;

  test("gives the endpoint the request as it came", async () => {
    const { method, path, query, headers, ip, params } = await seen("/a/%2F/b?x=1&x=2&y=%20", {
      method: "PUT",
      headers: { "X-One": "1", "x-list": ["a", "b"], "content-type": "application/json" },
      body: "{}",
    });
    expect({ method, path, query, ip }).toEqual({
      method: "PUT",
      path: "/a/%2F/b",
      query: "x=1&x=2&y=%20",
      ip: "127.0.0.1",
    });
    expect([headers["x-one"], headers["x-list"], params.path]).toEqual(["1", "a, b", "/a/%2F/b"]);
  });

  test("takes repeated slashes for one", async () => {
    expect((await seen("//a///b//?c=//d")).path).toBe("/a/b/");
    expect((await seen("//a///b//?c=//d")).query).toBe("c=//d");
  });

  test("gives each request an id of its own and sends it back", async () => {
    const [one, other] = await Promise.all([talk(machine.url, "/echo"), talk(machine.url, "/echo")]);
    expect(one.headers["x-request-id"]).toBe((JSON.parse(String(one.body)) as Seen).id);
    expect(one.headers["x-request-id"]).not.toBe(other.headers["x-request-id"]);
  });

  test.each(["application/json", "application/octet-stream", undefined])(
    "gives the bytes of a body, whatever they are, as %s",
    async (type) => {
      const body = type === "application/json" ? Buffer.from('{"é":"\u{1F600}\\r\\n"}') : randomBytes(100_000);
      const { bytes, sha256 } = await seen("/echo", {
        method: "POST",
        body,
        headers: type ? { "content-type": type } : {},
      });
      expect([bytes, sha256]).toEqual([body.length, createHash("sha256").update(body).digest("hex")]);
    },
  );

  test("sends the bytes of an answer unchanged", async () => {
    const body = randomBytes(300_000);
    const said = await talk(machine.url, "/bytes", { body });
    expect([said.status, said.body.equals(body), said.isCut]).toEqual([200, true, false]);
  });

  test("joins the cookies that come and keeps those that go apart", async () => {
    const said = await talk(machine.url, "/cookies", { headers: { cookie: "x=1; y=2" } });
    expect(JSON.parse(String(said.body))).toEqual({ cookie: "x=1; y=2" });
    expect(said.headers["set-cookie"]).toEqual(["a=1; Path=/; HttpOnly", "b=2"]);
  });

  test("streams each chunk when it is made, in order, with status and headers", async () => {
    const { status, headers, pieces, isCut } = await talk(machine.url, "/stream");
    expect([status, headers["content-type"], headers["x-kept"], isCut]).toEqual([
      201,
      "text/event-stream",
      "yes",
      false,
    ]);
    expect(pieces.map(({ text }) => text)).toEqual([0, 1, 2, 3, 4].map((index) => `data: ${index}\n\n`));
    const gaps = pieces.slice(1).map(({ at }, index) => at - (pieces[index]?.at ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThan(20);
  });

  test("sends the head ahead of a first chunk that takes its time", async () => {
    const { headAt, pieces, status } = await talk(machine.url, "/slow");
    expect(status).toBe(201);
    expect((pieces[0]?.at ?? 0) - headAt).toBeGreaterThan(300);
  });

  test("makes a body no faster than the client takes it", async () => {
    const before = count(machine.log, '"event":"flood"');
    const talking = talk(machine.url, "/flood", { pauseMs: 1_500 });
    await sleep(1_200);
    const flooded = count(machine.log, '"event":"flood"') - before;
    expect(flooded).toBeGreaterThan(0);
    expect(flooded * 65_536).toBeLessThan(endpoint.floodBytes / 2);
    const { body, isCut } = await talking;
    expect([body.length, isCut]).toEqual([endpoint.floodBytes, false]);
    expect([body[65_535], body[65_536], body.at(-1)]).toEqual([0, 1, 1023 % 256]);
  });

  test("answers a refusal in words, with its status and what helps the client", async () => {
    const { status, headers, body } = await talk(machine.url, "/refused");
    expect([status, headers["retry-after"]]).toEqual([429, "7"]);
    expect(JSON.parse(String(body))).toEqual({
      error: { code: "limit.requests", message: "60 requests a minute are used up." },
    });
  });

  test("answers a mistake of its own with 500 and tells the log, not the client", async () => {
    const { status, body, headers } = await talk(machine.url, "/mistake");
    expect([status, String(body).includes("secret detail")]).toEqual([500, false]);
    expect(headers["content-type"]).toBe("application/json");
    await until(() => machine.log.join("").includes("a secret detail"));
  });

  test("answers an error before the first byte of a stream in words", async () => {
    const { status, body, isCut } = await talk(machine.url, "/early");
    expect([status, isCut]).toEqual([502, false]);
    expect(String(body)).toContain("broke off");
  });

  test("cuts a stream that breaks after its first byte: it never looks complete", async () => {
    const { status, body, isCut } = await talk(machine.url, "/late");
    expect([status, String(body), isCut]).toEqual([201, "data: 0\n\ndata: 1\n\n", true]);
    expect((await talk(machine.url, "/echo")).status).toBe(200);
  });

  test("ends an answer without a body", async () => {
    const none = await talk(machine.url, "/no-content");
    const empty = await talk(machine.url, "/empty");
    // Lambda cannot stream an answer of no bytes.
    const isLambda = name === "Lambda";
    expect([none.status, none.headers["x-kept"], String(none.body)]).toEqual([
      isLambda ? 200 : 204,
      "yes",
      isLambda ? "\n" : "",
    ]);
    expect([empty.status, empty.isCut, String(empty.body)]).toEqual([201, false, isLambda ? "\n" : ""]);
  });

  test.each(["/echo", "/stream", "/no-content"])("answers HEAD %s with the head alone", async (path) => {
    const said = await talk(machine.url, path, { method: "HEAD" });
    expect([said.status < 300, said.body.length, said.isCut]).toEqual([true, 0, false]);
  });

  test("refuses a body past the endpoint's limit with 413, which the client can read", async () => {
    const { status, body } = await talk(machine.url, "/small", { body: Buffer.alloc(2_000) });
    expect(status).toBe(413);
    expect(JSON.parse(String(body))).toMatchObject({ error: { code: "request.too-large" } });
    expect(String(body)).toContain("0.001 MB");
  });

  test("refuses a body of more than 6 MB with 413", async () => {
    const headers = { "content-type": "application/json" };
    const { status } = await talk(machine.url, "/echo", { body: Buffer.alloc(6 * 1024 * 1024 + 1, "x"), headers });
    expect(status).toBe(413);
  });

  test("does work after the answer, and survives work that fails", async () => {
    expect((await talk(machine.url, "/after")).status).toBe(200);
    await until(() => machine.log.join("").includes("after the answer"));
    expect(machine.log.join("")).toContain("work that failed");
  });
});

describe("Node alone", () => {
  let machine: Awaited<ReturnType<typeof startNode>>;
  beforeAll(async () => (machine = await startNode()));
  afterAll(() => machine.stop());
  const logged = (text: string) => until(() => machine.log.join("").includes(text));

  test("a client that hangs up aborts the request at once, and the stream gets to its end", async () => {
    const { hostname, port } = new URL(machine.url);
    const sent = httpRequest({ hostname, port, path: "/hang" })
      .on("error", () => undefined)
      .end();
    sent.on("response", (response) => response.once("data", () => sent.destroy()));
    await logged('"event":"finished"');
    expect(machine.log.join("")).toContain("client.gone");
  });

  test("a client that hangs up before the head aborts too, and a stream made then still runs to its end", async () => {
    const { hostname, port } = new URL(machine.url);
    const sent = httpRequest({ hostname, port, path: "/hang-before-head" }).on("error", () => undefined);
    sent.end();
    const before = count(machine.log, '"event":"finished"');
    setTimeout(() => sent.destroy(), 50);
    await until(() => count(machine.log, '"event":"finished"') > before);
    await logged('"event":"left"');
  });

  test("a large body that is refused unread does not cost the client its answer", async () => {
    const { status, body } = await talk(machine.url, "/unread", { body: Buffer.alloc(20 * 1024 * 1024) });
    expect([status, String(body)]).toEqual([401, '{"error":"who are you"}']);
  });

  test("a body without a length is cut off at the limit", async () => {
    const { status } = await talk(machine.url, "/small", {
      body: Buffer.alloc(2_000),
      headers: { "transfer-encoding": "chunked" },
    });
    expect(status).toBe(413);
  });

  test("a client that asks before it sends its body is told to go on only when the body is wanted", async () => {
    const lines = await raw(
      machine.url,
      "POST /echo HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n",
      "{}",
    );
    expect(lines).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK/);
    const refused = await raw(
      machine.url,
      "POST /unread HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n",
    );
    expect(refused).toMatch(/^HTTP\/1\.1 401/);
    expect(refused).toMatch(/connection: close/i);
  });

  test("an expectation that nobody knows is passed over", async () => {
    const asked = "POST /echo HTTP/1.1\r\nhost: x\r\nexpect: a-miracle\r\ncontent-length: 2\r\n\r\n{}";
    expect(await raw(machine.url, asked)).toMatch(/HTTP\/1\.1 200 OK/);
  });

  test("a target that is not a path is refused", async () => {
    expect(
      await raw(machine.url, "GET http://elsewhere/echo HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"),
    ).toMatch(/^HTTP\/1\.1 400/);
    expect(await raw(machine.url, "OPTIONS * HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")).toMatch(
      /^HTTP\/1\.1 400/,
    );
  });

  test("the caller is the socket's address, and the proxy's word counts only where a proxy is trusted", async () => {
    const headers = { "x-forwarded-for": "6.6.6.6, 203.0.113.9, 10.0.0.1" };
    const ipOf = async (url: string) => (JSON.parse(String((await talk(url, "/echo", { headers })).body)) as Seen).ip;
    const ipWith = async (TRUST_PROXY: string) => {
      const trusting = await startNode({ TRUST_PROXY, DATA_DIR: join(scratch, "trusting") });
      return ipOf(trusting.url).finally(() => trusting.stop());
    };
    expect(await ipOf(machine.url)).toBe("127.0.0.1");
    expect(await ipWith("true")).toBe("10.0.0.1");
    expect(await ipWith("2")).toBe("203.0.113.9");
    expect(await ipWith("127.0.0.0/8,10.0.0.1")).toBe("203.0.113.9");
    expect(await ipWith("10.0.0.1")).toBe("127.0.0.1");
  });

  test("draining ends running streams with their last words, refuses new connections and closes", async () => {
    const draining = await startNode({ DATA_DIR: join(scratch, "draining") });
    const [hanging, short] = [talk(draining.url, "/hang"), talk(draining.url, "/stream")];
    await until(() => draining.server.env.isDraining() === false);
    await sleep(100);
    const closed = draining.server.close(600);
    expect(draining.server.env.isDraining()).toBe(true);
    expect((await short).isCut).toBe(false);
    await expect(talk(draining.url, "/echo")).rejects.toThrow("ECONNREFUSED");
    const { body, isCut } = await hanging;
    expect([String(body), isCut]).toEqual(["first\nlast words\n", false]);
    await closed;
    expect(draining.log.join("")).toContain("The relay is restarting");
  });

  test("draining does not wait for connections that are idle", async () => {
    const draining = await startNode({ DATA_DIR: join(scratch, "idle") });
    const { hostname, port } = new URL(draining.url);
    const idle = connect(Number(port), hostname);
    idle.write("GET /echo HTTP/1.1\r\nhost: x\r\n\r\n");
    await new Promise((resolve) => idle.once("data", resolve));
    const startedAt = performance.now();
    await draining.server.close(20_000);
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    idle.destroy();
  });
});

describe("Lambda alone", () => {
  test("refuses who goes around the router, and takes the caller's address from it", async () => {
    const machine = await startOnLambda({ ORIGIN_SECRET: "only-the-router-knows" });
    const around = await talk(machine.url, "/echo");
    expect([
      around.status,
      (await talk(machine.url, "/echo", { headers: { "x-origin-verify": "guess" } })).status,
    ]).toEqual([403, 403]);
    // The left-most hop, all that AWS hands over, is the caller's own word.
    const headers = { "x-origin-verify": "only-the-router-knows", "x-forwarded-for": "203.0.113.7" };
    const ipOf = async (more: Record<string, string>) =>
      (JSON.parse(String((await talk(machine.url, "/echo", { headers: { ...headers, ...more } })).body)) as Seen).ip;
    expect(await ipOf({ "x-relay-viewer": "198.51.100.9" })).toBe("198.51.100.9");
    expect(await ipOf({ "x-relay-viewer": "2001:db8::9" })).toBe("2001:db8::9");
    expect(await ipOf({ "x-relay-viewer": "unknown" })).toBe("127.0.0.1");
    expect(await ipOf({})).toBe("127.0.0.1");
    await machine.stop();
  });

  test("without its settings answers 500 and tells the log every problem, and nothing to the caller", async () => {
    const machine = await startOnLambda({ JWT_SECRET: "", ENCRYPTION_KEY: "short" });
    const { status, body } = await talk(machine.url, "/echo");
    expect([status, String(body).includes("JWT")]).toEqual([500, false]);
    await until(() => /JWT_SECRET is missing.*ENCRYPTION_KEY must have/s.test(machine.log.join("")));
    await machine.stop();
  });

  test("takes what SST has linked for what is not set", async () => {
    const machine = await startOnLambda({
      JWT_SECRET: "",
      SST_RESOURCE_App: '{"name":"relay","stage":"test"}',
      SST_RESOURCE_JwtSecret: JSON.stringify({
        type: "sst.sst/Secret",
        value: "linked-secret-of-more-than-32-characters",
      }),
    });
    expect((await talk(machine.url, "/echo")).status).toBe(200);
    await machine.stop();
  });

  test("needs a store that outlives it", async () => {
    const machine = await startOnLambda({ UPSTASH_REDIS_REST_URL: "", UPSTASH_REDIS_REST_TOKEN: "" });
    expect((await talk(machine.url, "/echo")).status).toBe(500);
    await until(() => machine.log.join("").includes("Lambda keeps no files"));
    await machine.stop();
  });

  test("a stream whose function runs out of time ends with its last words", async () => {
    const machine = await startOnLambda({}, 6_000);
    const { body, isCut } = await talk(machine.url, "/hang");
    expect([String(body), isCut]).toEqual(["first\nlast words\n", false]);
    await machine.stop();
  });
});

interface Seen {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: Record<string, string>;
  readonly params: Record<string, string>;
  readonly ip: string;
  readonly bytes: number;
  readonly sha256: string;
}

async function until(isSo: () => boolean): Promise<void> {
  const endAt = Date.now() + 10_000;
  while (!isSo()) {
    if (Date.now() > endAt) throw new Error(`still not so: ${isSo.toString()}`);
    await sleep(10);
  }
}

const count = (log: readonly string[], text: string) => log.join("").split(text).length - 1;

/** What comes back for bytes on a bare socket, until it is quiet; `more` is sent after the first words. */
function raw(url: string, bytes: string, more?: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    let heard = "";
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    socket.on("error", reject).on("close", () => resolve(heard));
    socket.on("data", (data) => {
      heard += data.toString();
      if (more !== undefined) socket.write(more);
      more = undefined;
      setTimeout(() => socket.destroy(), 300);
    });
  });
}
