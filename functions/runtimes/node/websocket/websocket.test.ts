import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { testEnvironment } from "../../../../test/environment.ts";
import { codexHeaders } from "../../../../test/openai.ts";
import { addAccount, addKey } from "../../../../test/rig.ts";
import { startUpstream, type Upstream } from "../../../../test/upstream/upstream.ts";
import { parseConfig } from "../../../config.ts";
import type { UsageEvent } from "../../../core/money/usage.ts";
import { openStore } from "../../../stores/index.ts";
import { type RunningServer, startServer } from "../node.ts";
import { buildRecollection } from "./response-history.ts";

let directory: string;
let server: RunningServer;
let upstream: Upstream;
let secret: string;

const start = (environment: Record<string, string> = {}) => {
  const settings = { ...testEnvironment, HOST: "127.0.0.1", PORT: "0", DATA_DIR: directory, LOG_LEVEL: "error" };
  return startServer({ config: parseConfig({ ...settings, ...environment }), write: () => undefined });
};

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "relay-sockets-"));
  upstream = await startUpstream();
  server = await start({ REQUEST_MAX_SIZE_MB: "1" });
  await addAccount(server.env, { kind: "openai", baseUrl: upstream.url }, { kind: "api-key", secret: "sk-sim-ok" });
});
afterAll(async () => {
  await server.close(100);
  await upstream.stop();
  rmSync(directory, { recursive: true });
});
beforeEach(async () => {
  upstream.reset();
  ({ secret } = await addKey(server.env, {}));
});

type Frame = Record<string, unknown> & { type: string };

interface Client {
  readonly socket: WebSocket;
  readonly frames: Frame[];
  readonly texts: string[];
  send(message: unknown): void;
  /** The frames up to one that ends a turn. */
  turn(): Promise<Frame[]>;
  readonly closed: Promise<number>;
}

const ends = ["response.completed", "response.incomplete", "response.failed", "error"];

async function connect(to = server, key = secret): Promise<Client> {
  const headers = { authorization: `Bearer ${key}`, "openai-beta": "responses_websockets=2026-02-06", ...codexHeaders };
  const socket = new WebSocket(`${to.url.replace("http", "ws")}/openai/responses`, { headers });
  const [frames, texts]: [Frame[], string[]] = [[], []];
  let [taken, wake] = [0, () => undefined as void];
  socket.on("message", (data: Buffer) => {
    texts.push(data.toString("utf8"));
    frames.push(JSON.parse(data.toString("utf8")) as Frame);
    wake();
  });
  const closed = new Promise<number>((resolve) => socket.once("close", resolve));
  await once(socket, "open");
  const turn = async () => {
    for (;;) {
      const end = frames.findIndex(({ type }, index) => index >= taken && ends.includes(type));
      if (end >= 0) return frames.slice(taken, (taken = end + 1));
      await new Promise<void>((resolve) => (wake = resolve));
    }
  };
  const send = (message: unknown) => socket.send(typeof message === "string" ? message : JSON.stringify(message));
  return { socket, frames, texts, send, turn, closed };
}

const says = (text: string) => ({ type: "message", role: "user", content: [{ type: "input_text", text }] });
const create = (text: string, change: Record<string, unknown> = {}) => ({
  ...{ type: "response.create", model: "gpt-5.5", stream: true, store: false, input: [says(text)] },
  ...change,
});

async function events(): Promise<UsageEvent[]> {
  const entries = await server.env.store.readLog("usage", "0", 10_000);
  return entries.map(({ entry }) => JSON.parse(entry) as UsageEvent);
}

async function settled(before: number): Promise<UsageEvent[]> {
  for (;;) {
    const found = (await events()).slice(before);
    if (found.length > 0) return found;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const bodies = () => upstream.requests.map(({ body }) => JSON.parse(body.toString("utf8")) as Frame);

describe("a turn over a WebSocket", () => {
  test("is one POST: the same bytes go up, and each event's data comes back as a frame", async () => {
    const before = (await events()).length;
    const client = await connect();
    client.send('{"type":"response.create","model":"gpt-5.5","stream":true,"input":"hello", "odd" : 1.0}');
    await client.turn();
    const asked = upstream.requests[0];
    expect(asked?.body.toString()).toBe('{"model":"gpt-5.5","stream":true,"input":"hello", "odd" : 1.0}');
    expect(asked?.headers).toMatchObject({ originator: "codex_exec", "content-type": "application/json" });
    expect(asked?.headers).not.toHaveProperty("openai-beta");
    expect(asked?.headers).not.toHaveProperty("sec-websocket-key");

    const posted = await fetch(`${server.url}/openai/responses`, {
      method: "POST",
      headers: { authorization: `Bearer ${secret}`, ...codexHeaders },
      body: asked?.body.toString() ?? "",
    });
    const lines = (await posted.text()).split("\n").filter((line) => line.startsWith("data: "));
    const kinds = lines.map((line) => (JSON.parse(line.slice(6)) as Frame).type);
    expect(client.frames.map(({ type }) => type)).toEqual(kinds);
    expect(client.texts.every((text) => !text.includes("\n"))).toBe(true);

    const [event] = await settled(before);
    expect(event).toMatchObject({ outcome: "complete", client: "codex", operation: "responses", status: 200 });
    client.socket.close();
  });

  test("continues what the socket has had before: the provider gets the whole input", async () => {
    const client = await connect();
    client.send(create("one", { generate: false }));
    const [created, warm] = await client.turn();
    expect([created?.type, upstream.requests.length]).toEqual(["response.created", 0]);
    const { id: first } = warm?.response as { id: string };
    client.send(create("", { input: [], previous_response_id: first }));
    const { id: second } = (await client.turn()).at(-1)?.response as { id: string };
    client.send(create("two", { previous_response_id: second }));
    await client.turn();
    const [one, two] = bodies();
    expect(one).toEqual({ ...create("one"), type: undefined });
    const items = two?.input as { type: string; role: string }[];
    expect(items.map(({ type, role }) => [type, role])).toEqual([
      ["message", "user"],
      ["message", "assistant"],
      ["message", "user"],
    ]);
    expect(two).not.toHaveProperty("previous_response_id");
    client.socket.close();
  });

  test("that continues what nobody knows is told so, as Codex must be to send everything", async () => {
    const client = await connect();
    client.send(create("two", { previous_response_id: "resp_of_another_socket" }));
    const [told] = await client.turn();
    expect(told).toMatchObject({ type: "error", status: 400, error: { code: "previous_response_not_found" } });
    client.send(create("one two"));
    expect((await client.turn()).at(-1)?.type).toBe("response.completed");
    // What was to be stored may be known to the provider.
    client.send(create("two", { previous_response_id: "resp_stored", store: true }));
    await client.turn();
    expect(bodies().at(-1)).toHaveProperty("previous_response_id", "resp_stored");
    client.socket.close();
  });

  test("waits for the one before it", async () => {
    const client = await connect();
    client.send(create("[[sim:say=first]]"));
    client.send(create("[[sim:say=second]]"));
    const [first, second] = [await client.turn(), await client.turn()].map((frames) => JSON.stringify(frames));
    expect([/first/.test(first ?? ""), /second/.test(first ?? "")]).toEqual([true, false]);
    expect(/second/.test(second ?? "")).toBe(true);
    client.socket.close();
  });
});

describe("what goes wrong", () => {
  test.each(["{", "[]", '"text"', '{"type":"response.create"', "\u0000"])(
    "%j is refused in a frame, and the socket serves on",
    async (garbage) => {
      const client = await connect();
      client.send(garbage);
      expect(await client.turn()).toMatchObject([{ type: "error", status: 400 }]);
      client.send({ type: "response.processed", response_id: "resp_1" });
      client.send(create("fine"));
      expect((await client.turn()).at(-1)?.type).toBe("response.completed");
      client.socket.close();
    },
  );

  test("a binary message is refused, one that is too large closes the socket with 1009", async () => {
    const client = await connect();
    client.socket.send(Buffer.from("{}"), { binary: true });
    expect(await client.turn()).toMatchObject([{ status: 400, error: { message: /text frames/ } }]);
    client.send("x".repeat(1024 * 1024 + 1));
    expect(await client.closed).toBe(1009);
  });

  test("a refusal bears the status and the headers that HTTP would have had", async () => {
    const client = await connect();
    client.send(create("[[sim:400]]"));
    const [told] = await client.turn();
    expect(told).toMatchObject({ type: "error", status: 400, error: { type: "invalid_request_error" } });
    expect(told?.headers).toHaveProperty("x-request-id");
    client.socket.close();
  });

  test("an answer that breaks off closes the socket, as HTTP would cut the connection", async () => {
    const before = (await events()).length;
    const client = await connect();
    client.send(create("[[sim:cut=5]]"));
    expect(await client.closed).toBe(1011);
    expect(client.frames.some(({ type }) => type === "response.completed")).toBe(false);
    expect((await settled(before))[0]).toMatchObject({ outcome: "broken" });
  });

  test("a client that hangs up mid-answer ends the call, and is charged for what it saw", async () => {
    const before = (await events()).length;
    const client = await connect();
    client.send(create("[[sim:silence=4]]"));
    while (client.frames.length < 3) await once(client.socket, "message");
    client.socket.terminate();
    const [event] = await settled(before);
    expect(event).toMatchObject({ outcome: "gone", status: 499 });
    expect(event?.usage?.inputTokens).toBeGreaterThan(0);
    await upstream.until(({ outcome }) => outcome === "hung-up");
  });

  test("a wrong key gets no socket, and is told in the dialect's own words", async () => {
    await expect(connect(server, `cr_${"0".repeat(64)}`)).rejects.toThrow(/401/);
  });
});

describe("a request that asks for something else", () => {
  const ask = (path: string, upgrade: string) =>
    new Promise<{ status: number | undefined; upgrade: string | undefined }>((resolve, reject) => {
      const headers = { authorization: `Bearer ${secret}`, connection: "upgrade", upgrade };
      const sent = httpRequest(`${server.url}${path}`, { headers }, (response) => {
        response.resume();
        resolve({ status: response.statusCode, upgrade: response.headers.upgrade });
      });
      sent.on("error", reject).end();
    });

  test.each([
    ["/health", "websocket", 200, undefined],
    ["/health", "h2c", 200, undefined],
    ["/openai/responses", "h2c", 426, "websocket"],
  ])("%s with upgrade: %s is answered as HTTP", async (path, upgrade, status, wanted) => {
    expect(await ask(path, upgrade)).toEqual({ status, upgrade: wanted });
  });
});

test("a server that stops closes idle sockets at once, and a busy one after its answer", async () => {
  const other = await start({ DATA_DIR: mkdtempSync(join(directory, "other-")) });
  await addAccount(other.env, { kind: "openai", baseUrl: upstream.url }, { kind: "api-key", secret: "sk-sim-ok" });
  const key = (await addKey(other.env, {})).secret;
  const [idle, busy] = [await connect(other, key), await connect(other, key)];
  busy.send(create("[[sim:pace=2]]"));
  await once(busy.socket, "message");
  const stopped = other.close(5_000);
  expect(await idle.closed).toBe(1001);
  expect((await busy.turn()).at(-1)?.type).toBe("response.completed");
  expect(await busy.closed).toBe(1001);
  await stopped;
});

test("what sockets may continue is forgotten where it grows too large, the quietest first", () => {
  const recollection = buildRecollection(10);
  const [quiet, lively] = [{}, {}];
  recollection.remember(quiet, "a", Buffer.alloc(6));
  recollection.remember(lively, "b", Buffer.alloc(4));
  expect(recollection.recall(quiet)("a")).toHaveLength(6);
  recollection.remember(lively, "c", Buffer.alloc(5));
  expect([recollection.recall(quiet)("a"), recollection.recall(lively)("b")]).toEqual([undefined, undefined]);
  expect(recollection.recall(lively)("c")).toHaveLength(5);
  recollection.forget(lively);
  expect(recollection.recall(lively)("c")).toBeUndefined();
});

test("a socket whose key is looked up while the drain begins is closed with the others", async () => {
  const store = await openStore({ prefix: "relay:", dataDir: join(directory, "draining") }, Date.now);
  const asked = Promise.withResolvers<void>();
  const answered = Promise.withResolvers<void>();
  const find: typeof store.find = async (...args) => {
    asked.resolve();
    await answered.promise;
    return store.find(...args);
  };
  const config = parseConfig({ ...testEnvironment, HOST: "127.0.0.1", PORT: "0", LOG_LEVEL: "error" });
  const draining = await startServer({ config, store: { ...store, find }, write: () => undefined });
  const { secret: key } = await addKey(draining.env, {});
  const connected = connect(draining, key);
  await asked.promise;
  const stopped = draining.close(60_000);
  answered.resolve();
  expect(await (await connected).closed).toBe(1001);
  await stopped;
  await store.close();
});
