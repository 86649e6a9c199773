import { Agent, request as ask } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import * as zlib from "node:zlib";
import { WebSocket } from "ws";
import { head, message, openRaw } from "../client.ts";

/**
 * Everything at once that one key holder can do to a relay, or somebody without a key, for so many milliseconds: a process of
 * its own (`node attacker.ts URL MILLISECONDS [SECRET]`), so that its work does not delay whoever measures. Prints a line of
 * JSON: how often each was done.
 */
const [url = "", forMs = "0", secret] = process.argv.slice(2);
const endAt = Date.now() + Number(forMs);
const megabyte = 1024 * 1024;
const agent = new Agent({ keepAlive: true, maxSockets: Infinity });
const json = { "content-type": "application/json", "anthropic-version": "2023-06-01" };
const done: Record<string, number> = {};

/** Never rejects: what is refused or broken is as good. */
function post(path: string, body: Buffer | string, headers: Record<string, string>): Promise<void> {
  return new Promise((resolve) => {
    const asked = ask(url + path, {
      method: "POST",
      agent,
      headers: { ...json, ...headers, "content-length": Buffer.byteLength(body) },
    });
    asked.on("response", (answer) => answer.resume());
    asked.on("error", () => undefined).on("close", () => resolve());
    asked.end(body);
  });
}

/** Holds a connection that was told something, and then says and reads nothing more. */
async function hold(said: readonly (string | Buffer)[], forSeconds: number): Promise<void> {
  const raw = await openRaw(url);
  for (const each of said) await Promise.race([raw.send(each), raw.closed, pause(1_000)]);
  raw.socket.pause();
  await Promise.race([raw.closed, pause(forSeconds * 1_000)]);
  raw.reset();
}

async function flood(headers: Record<string, string>): Promise<void> {
  const socket = new WebSocket(`${url.replace("http", "ws")}/v1/responses`, { headers });
  socket.on("error", () => undefined);
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  socket.once("open", () => {
    for (let sent = 0; sent < 5_000; sent += 1) socket.send(Buffer.of(0));
  });
  await Promise.race([closed, pause(5_000)]);
  socket.terminate();
}

/** By name: what is done, and how many do so at once. */
type Spite = readonly [name: string, atOnce: number, act: (turn: number) => Promise<void>];

function listOwn(key: string): Spite[] {
  const own = { "x-api-key": key };
  const spaces = Buffer.alloc(50 * megabyte, " ");
  const nested = Buffer.from(`{"mod\\u0065l":"m","x":${"[".repeat(40 * megabyte)}`);
  const bombs = [
    ["gzip", zlib.gzipSync(spaces)],
    ["br", zlib.brotliCompressSync(spaces)],
    ["zstd", zlib.zstdCompressSync(nested)],
  ] as const;
  const plain = Buffer.from(message("x".repeat(30 * megabyte), { model: "claude-none" }));
  const turns = Array.from({ length: 100_000 }, (_, at) => ({ role: at % 2 ? "assistant" : "user", content: "x" }));
  const many = message("", { messages: turns, model: "gpt-5-codex" });
  const announced = head("POST", "/v1/messages", { ...own, ...json, "content-length": 50 * megabyte });
  const streamed = message("[[sim:flood=64]] hello");
  const read = head("POST", "/v1/messages", { ...own, ...json, "content-length": streamed.length }) + streamed;
  return [
    [
      "bombs",
      2,
      (turn) =>
        post("/v1/messages", bombs[turn % 3]?.[1] ?? "", { ...own, "content-encoding": bombs[turn % 3]?.[0] ?? "" }),
    ],
    ["large bodies", 1, () => post("/v1/messages", plain, own)],
    ["unfinished bodies", 8, () => hold([announced, Buffer.alloc(megabyte, " ")], 5)],
    ["stalled readers", 8, () => hold([read], 5)],
    ["WebSocket floods", 2, () => flood({ authorization: `Bearer ${key}` })],
    ["unknown models", 4, (turn) => post("/v1/messages", message("hello", { model: `unknown-${turn}` }), own)],
    ["token counts", 4, () => post("/v1/messages/count_tokens", message(), own)],
    ["100,000 messages over a bridge", 2, () => post("/v1/messages", many, own)],
  ];
}

function listStrangers(): Spite[] {
  const filling = Buffer.alloc(megabyte, " ");
  const madeUp = () => ({ "x-api-key": `cr_${Math.random().toString(16).slice(2).padEnd(64, "0")}` });
  const signIn = JSON.stringify({ username: "admin", password: "a guess" });
  const announced = head("POST", "/admin/session", { ...json, "content-length": 1_048_000 });
  return [
    ["made-up keys", 4, () => post("/v1/messages", message(), madeUp())],
    ["large bodies", 1, () => post("/v1/messages", filling, madeUp())],
    ["sign-ins", 1, () => post("/admin/session", signIn, {})],
    ["unfinished sign-ins", 8, () => hold([announced, filling], 5)],
    ["half heads", 50, () => hold(["POST /v1/messages HTTP/1.1\r\nhost: relay\r\nx: "], 5)],
    ["garbage", 2, () => hold([`${"x".repeat(10_000)}\r\n\r\n`], 5)],
    ["unknown paths", 2, (turn) => post(`/no/such/${turn}`, "{}", {})],
  ];
}

async function repeat([name, , act]: Spite): Promise<void> {
  for (let turn = 0; Date.now() < endAt; turn += 1) {
    await act(turn).catch(() => pause(10));
    done[name] = (done[name] ?? 0) + 1;
  }
}

const all = secret === undefined ? listStrangers() : listOwn(secret);
await Promise.all(all.flatMap((each) => Array.from({ length: each[1] }, () => repeat(each))));
console.log(JSON.stringify(done));
process.exit(0);
