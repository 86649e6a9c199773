import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { toFailure } from "../failure.ts";
import { readBody } from "./read-body.ts";

type Terms = Parameters<typeof readBody>[2];
const terms: Terms = { limitBytes: 4 * 1024 * 1024, pace: { mostMs: 60_000, leastBytes: 1_000 } };

let server: Server;
let told: Promise<string>;
let use: Terms;
const sockets: Socket[] = [];
beforeEach(async () => {
  use = terms;
  const { promise, resolve } = Promise.withResolvers<string>();
  told = promise;
  const handle = (message: IncomingMessage, response: ServerResponse) =>
    void readBody(message, response, use)
      .then((body) => resolve(`${body.length} bytes of ${String(body.at(-1))}`))
      .catch((error: unknown) => resolve(`${toFailure(error).code}: ${toFailure(error).message}`));
  server = createServer({ requestTimeout: 0 }, handle).on("checkContinue", handle);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
});
afterEach(() => {
  vi.useRealTimers();
  for (const socket of sockets.splice(0)) socket.destroy();
  server.closeAllConnections();
  server.close();
});

const chunked = (bytes: Buffer) => [`${bytes.length.toString(16)}\r\n`, bytes, "\r\n"];
/** Sends a head and parts of a body; the connection stays open. */
function send(headers: string, ...parts: (string | Buffer)[]): Socket {
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  sockets.push(socket);
  socket.on("error", () => undefined).write(`POST / HTTP/1.1\r\nhost: a\r\n${headers}\r\n\r\n`);
  for (const part of parts) socket.write(part);
  return socket;
}

test.each([
  ["none", "content-length: 0", [], "0 bytes of undefined"],
  ["a short one", "content-length: 3", [Buffer.from("abc")], "3 bytes of 99"],
  ["a large one", "content-length: 2000000", [Buffer.alloc(2_000_000, 7)], "2000000 bytes of 7"],
  ["pieces", "transfer-encoding: chunked", [...chunked(Buffer.alloc(70_000, 7)), "0\r\n\r\n"], "70000 bytes of 7"],
])("%s comes whole", async (_what, headers, parts, said) => {
  send(headers, ...parts);
  expect(await told).toBe(said);
});

test("one that announces too much is refused unread, one that does not say as soon as it is too much", async () => {
  send("content-length: 99999999");
  expect(await told).toBe("request.too-large: The request body is larger than 4 MB.");
});

test("one that does not say how long it is, is refused as soon as it is too long", async () => {
  send("transfer-encoding: chunked", ...chunked(Buffer.alloc(5 * 1024 * 1024)));
  expect(await told).toMatch(/^request\.too-large/);
});

test.each(["expect", "take"] as const)("where there is no room to %s it, it is refused", async (how) => {
  const refuse = () => {
    throw Object.assign(new Error("full"), { code: "x" });
  };
  use = { ...terms, room: { expect: () => undefined, take: () => undefined, [how]: refuse } };
  send("content-length: 100", how === "take" ? "x" : "");
  expect(await told).toMatch(/^internal/);
});

test("a client that leaves in the middle is gone", async () => {
  const socket = send("content-length: 100", "x");
  server.once("request", () => setTimeout(() => socket.destroy(), 20));
  expect(await told).toMatch(/^client\.gone/);
});

test("who asks whether to send is told so", async () => {
  const socket = send("content-length: 1\r\nexpect: 100-continue");
  socket.once("data", (head) => {
    expect(String(head)).toBe("HTTP/1.1 100 Continue\r\n\r\n");
    socket.write("x");
  });
  expect(await told).toBe("1 bytes of 120");
});

test.each<[string, Partial<Terms>, RegExp]>([
  ["more slowly than its least rate", {}, /came more slowly than 100 bytes a second/],
  ["longer than it may", { pace: { mostMs: 5_000, leastBytes: 0 } }, /took longer than 5 seconds/],
  ["longer than this one may", { mostMs: 8_000 }, /took longer than 8 seconds/],
])("one that comes %s is ended", async (_how, change, said) => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  use = { ...terms, ...change };
  const asked = new Promise((resolve) => server.once("request", resolve));
  send("content-length: 100000", "x");
  await asked;
  await vi.advanceTimersByTimeAsync(10_001);
  expect(await told).toMatch(said);
});
