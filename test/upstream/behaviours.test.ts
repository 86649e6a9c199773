import { connect } from "node:net";
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from "node:zlib";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { ask, eventsOf, messagesBody } from "./ask.ts";
import { startUpstream, type Upstream } from "./upstream.ts";

let upstream: Upstream;

beforeAll(async () => {
  upstream = await startUpstream();
});
beforeEach(() => upstream.reset());
afterAll(() => upstream.stop());

const mark = (directives: string, more: object = {}) =>
  ask(upstream.url, { prompt: `[[sim:${directives}]] go`, ...more });
const types = (body: Buffer): string[] => eventsOf(body).map((event) => event.type);
const untouched = async (): Promise<Buffer> => (await mark("deltas=8,burst")).body;

describe("faults", () => {
  test.each([
    ["400", 400, "invalid_request_error", /Input should be/],
    ["400-disabled", 400, "invalid_request_error", /organization has been disabled/],
    ["401", 401, "authentication_error", /invalid x-api-key/],
    ["403-revoked", 403, "permission_error", /OAuth token has been revoked/],
    ["403-disabled", 403, "permission_error", /organization has been disabled/],
    ["404", 404, "not_found_error", /^model: /],
    ["413", 413, "request_too_large", /maximum size/],
    ["429-bare", 429, "rate_limit_error", /rate limit/],
    ["500", 500, "api_error", /Internal server error/],
    ["503", 503, "api_error", /unavailable/],
    ["529", 529, "overloaded_error", /^Overloaded$/],
  ])("%s by credential and by marker", async (fault, status, type, message) => {
    for (const seen of [await mark(fault), await ask(upstream.url, { key: `sk-sim-${fault}.some` })]) {
      expect(seen.status).toBe(status);
      const body = JSON.parse(seen.body.toString()) as { error: { type: string; message: string }; request_id: string };
      expect(body.error).toEqual({ type, message: expect.stringMatching(message) });
      expect(body.request_id).toBe(seen.headers["request-id"]);
      expect(seen.isComplete).toBe(true);
    }
  });

  test("502 is HTML", async () => {
    const seen = await mark("502");
    expect([seen.status, seen.headers["content-type"], seen.body.toString()]).toEqual([
      ...[502, "text/html; charset=UTF-8", expect.stringContaining("<html>")],
    ]);
  });

  test("429 says when, by its own figure or the marker's; 429-bare says nothing", async () => {
    const { headers } = await mark("429,retry-after=3600");
    expect(headers).toMatchObject({ "retry-after": "3600", "anthropic-ratelimit-requests-remaining": "0" });
    const resetMs = Date.parse(String(headers["anthropic-ratelimit-requests-reset"])) - Date.now();
    expect(resetMs).toBeGreaterThan(3_500_000);
    const bare = await mark("429-bare");
    expect(Object.keys(bare.headers).filter((name) => /retry-after|ratelimit/.test(name))).toEqual([]);
  });

  test.each([
    ["429-5h", "five_hour", "5h"],
    ["429-7d", "seven_day", "7d"],
    ["429-opus", "seven_day_opus", "7d_opus"],
  ])("%s names the spent window and its reset in epoch seconds", async (fault, claim, window) => {
    const { headers } = await mark(`${fault},reset-in=600`);
    const reset = headers[`anthropic-ratelimit-unified-${window}-reset`];
    expect(headers).toMatchObject({
      "anthropic-ratelimit-unified-status": "rejected",
      "anthropic-ratelimit-unified-representative-claim": claim,
      "anthropic-ratelimit-unified-reset": reset,
      [`anthropic-ratelimit-unified-${window}-status`]: "rejected",
    });
    expect(Number(reset) - Date.now() / 1000).toBeGreaterThan(590);
  });

  test("a sound answer carries limits: by request for a key, by window for a sign-in", async () => {
    expect((await ask(upstream.url, {})).headers).toMatchObject({
      ...{ "request-id": expect.stringMatching(/^req_/), "anthropic-organization-id": expect.any(String) },
      "anthropic-ratelimit-tokens-remaining": "478000",
    });
    const { accessToken } = upstream.oauth.issue();
    const headers = { authorization: `Bearer ${accessToken}`, "anthropic-beta": "oauth-2025-04-20" };
    expect((await ask(upstream.url, { key: "", headers })).headers).toMatchObject({
      "anthropic-ratelimit-unified-5h-utilization": "0.21",
      "anthropic-ratelimit-unified-7d-status": "allowed",
    });
  });

  test("counting and listing take a credential's fault, but use up no counted one", async () => {
    const models = (key: string) => ask(upstream.url, { key, path: "/v1/models", method: "GET" });
    expect((await models("sk-sim-401")).status).toBe(401);
    expect((await models("sk-sim-529-once.l")).status).toBe(200);
    expect((await ask(upstream.url, { key: "sk-sim-529-once.l" })).status).toBe(529);
    expect((await ask(upstream.url, { key: "sk-sim-529-once.l" })).status).toBe(200);
  });

  test("a standing behaviour holds until it is lifted, and a misspelt one is called out", async () => {
    upstream.behave("503-x1");
    expect([(await ask(upstream.url, {})).status, (await ask(upstream.url, {})).status]).toEqual([503, 200]);
    upstream.behave("");
    const seen = await mark("cutt=5");
    expect([seen.status, seen.body.toString()]).toEqual([400, expect.stringContaining("cutt")]);
  });
});

describe("streams that break", () => {
  test("cut=K closes the socket after K whole events", async () => {
    const seen = await mark("deltas=8,cut=5");
    expect(seen).toMatchObject({ isComplete: false, error: "ECONNRESET", status: 200 });
    expect(types(seen.body)).toEqual(types(await untouched()).slice(0, 5));
    expect((await upstream.until((request) => request.outcome !== "open")).outcome).toBe("broken");
  });

  test("cut-byte=B closes the socket after exactly B bytes, and cuts a plain answer as well", async () => {
    expect((await mark("cut-byte=777,deltas=8")).body).toHaveLength(777);
    const plain = await mark("cut", { stream: false });
    expect(plain).toMatchObject({ isComplete: false, status: 200 });
    expect(plain.body.length).toBeLessThan(Number(plain.headers["content-length"]));
  });

  test("end leaves out message_stop, end=K all after event K, and both end cleanly", async () => {
    const [late, early] = [await mark("end,deltas=8"), await mark("end=4,deltas=8")];
    expect([late.isComplete, early.isComplete]).toEqual([true, true]);
    expect(types(late.body).at(-1)).toBe("message_delta");
    expect(types(early.body)).toHaveLength(4);
  });

  test("an error event comes first, or in mid-stream, in a 200", async () => {
    const first = await mark("error-first");
    expect([first.status, eventsOf(first.body)]).toEqual([
      ...[
        200,
        [expect.objectContaining({ type: "error", error: { type: "overloaded_error", message: "Overloaded" } })],
      ],
    ]);
    const later = await mark("error-after=6:api_error,deltas=8");
    expect(types(later.body)).toHaveLength(7);
    expect(eventsOf(later.body).at(-1)).toMatchObject({
      error: { type: "api_error", message: "Internal server error" },
    });
  });

  test("reset and not-http give the client no head", async () => {
    expect(await mark("reset")).toMatchObject({ status: 0, error: "ECONNRESET" });
    expect(await mark("not-http")).toMatchObject({ status: 0, error: expect.stringMatching(/^HPE_/) });
  });

  test("empty, HTML and garbage answers are 200s", async () => {
    const empty = await mark("empty");
    expect([empty.status, empty.body.length, empty.isComplete]).toEqual([200, 0, true]);
    expect((await mark("html")).headers["content-type"]).toContain("text/html");
    const garbage = await mark("garbage=300");
    expect([garbage.status, garbage.body.length, garbage.headers["content-type"]]).toEqual([
      ...[200, 300, "text/event-stream; charset=utf-8"],
    ]);
    expect(garbage.body.equals((await mark("garbage=300")).body)).toBe(true);
  });

  test("a content-length can promise too much, or too little so that bytes are left over", async () => {
    const long = await mark("length=50", { stream: false });
    expect(long.isComplete).toBe(false);
    expect(Number(long.headers["content-length"]) - long.body.length).toBe(50);
    const raw = await rawAnswer(messagesBody("[[sim:length=-10]]", false));
    const declared = Number(/content-length: (\d+)/i.exec(raw)?.[1]);
    expect(Buffer.byteLength(raw.slice(raw.indexOf("\r\n\r\n") + 4)) - declared).toBe(10);
  });

  test("a flood passes the asked size and stops when the client goes", async () => {
    const whole = await mark("flood=2,deltas=1");
    expect(whole.body.length).toBeGreaterThan(2 * 1024 * 1024);
    expect(types(whole.body).at(-1)).toBe("message_stop");
    upstream.reset();
    await mark("flood=500", { hangUpAfter: 100_000 });
    const record = await upstream.until((request) => request.outcome === "hung-up");
    expect(record.bytesWritten).toBeLessThan(100 * 1024 * 1024);
  });
});

describe("time", () => {
  test("slow-headers delays the head, slow-first only what follows the first event", async () => {
    expect((await mark("slow-headers=120")).headAtMs).toBeGreaterThanOrEqual(115);
    const slow = await mark("slow-first=120");
    const [first, second] = slow.pieces;
    expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThanOrEqual(100);
    expect(types(first?.bytes ?? Buffer.alloc(0))).toEqual(["message_start"]);
  });

  test("pace spreads the events out and silence stops them for a while", async () => {
    const paced = await mark("deltas=8,pace=10");
    expect(paced.endAtMs - paced.headAtMs).toBeGreaterThanOrEqual(100);
    const silent = await mark("deltas=8,silence=5:150");
    expect((silent.pieces[5]?.atMs ?? 0) - (silent.pieces[4]?.atMs ?? 0)).toBeGreaterThanOrEqual(130);
    expect(silent.isComplete).toBe(true);
  });

  test("a thousand idle streams stay open at once, and every one is let go", async () => {
    const sockets = Array.from({ length: 1000 }, () => connect(upstream.port, "127.0.0.1"));
    const firstEvents = sockets.map((socket) => {
      socket.on("error", () => undefined);
      socket.write(rawRequest(messagesBody("[[sim:idle]]")));
      return new Promise<void>((resolve) => {
        let text = "";
        socket.on("data", (bytes) => {
          text += bytes.toString("latin1");
          if (text.includes("message_start")) resolve();
        });
      });
    });
    await Promise.all(firstEvents);
    expect(upstream.stats.open).toBe(1000);
    for (const socket of sockets) socket.destroy();
    await expect.poll(() => upstream.stats.open, { timeout: 5000 }).toBe(0);
    expect(upstream.requests.every((request) => request.outcome === "hung-up")).toBe(true);
  });
});

describe("bytes", () => {
  test("each event is a piece of its own; chunk=1 makes every byte one", async () => {
    const seen = await mark("deltas=8");
    expect(seen.pieces.map((piece) => types(piece.bytes))).toEqual(types(seen.body).map((type) => [type]));
    const split = await mark("deltas=3,chunk=1");
    expect(split.pieces).toHaveLength(split.body.length);
    expect(types(split.body).at(-1)).toBe("message_stop");
  });

  test("crlf ends every line with CRLF and changes nothing else", async () => {
    const { body } = await mark("crlf,deltas=8");
    expect(body.toString().replaceAll("\r\n", "")).not.toContain("\n");
    expect(types(body)).toEqual(types(await untouched()));
  });

  test.each([
    ["gzip", gunzipSync],
    ["br", brotliDecompressSync],
    ["zstd", zstdDecompressSync],
  ] as const)("%s is used when accepted, flushed per event, and else left out", async (encoding, decode) => {
    const headers = { "accept-encoding": `deflate, ${encoding}` };
    const seen = await mark(`encoding=${encoding},deltas=8`, { headers });
    expect(seen.headers["content-encoding"]).toBe(encoding);
    expect(seen.pieces.length).toBeGreaterThanOrEqual(14);
    expect(types(decode(seen.body))).toEqual(types(await untouched()));
    const plain = await mark(`encoding=${encoding},deltas=8`);
    expect(plain.headers["content-encoding"]).toBeUndefined();
    expect(types(plain.body).at(-1)).toBe("message_stop");
  });

  test("usage may be negative, or missing at the start, at the end, or everywhere", async () => {
    const usages = async (directives: string): Promise<unknown[]> => {
      const events = eventsOf((await mark(directives)).body) as { message?: { usage?: object }; usage?: object }[];
      return [events[0]?.message?.usage, events.at(-2)?.usage];
    };
    expect(await usages("in=-5,out=-7")).toMatchObject([{ input_tokens: -5 }, { input_tokens: -5, output_tokens: -7 }]);
    expect(await usages("usage=none")).toEqual([undefined, undefined]);
    expect(await usages("usage=start")).toEqual([expect.any(Object), undefined]);
    expect(await usages("usage=end")).toEqual([undefined, expect.any(Object)]);
  });

  test("big-event sends one event of the asked size", async () => {
    const { body } = await mark("big-event=256");
    expect(body.length).toBeGreaterThan(256 * 1024);
    expect(types(body).filter((type) => type === "content_block_delta")).toHaveLength(1);
  });
});

function rawRequest(body: Buffer): Buffer {
  const lines = ["POST /v1/messages HTTP/1.1", "host: x", "x-api-key: sk-sim-ok", "anthropic-version: 2023-06-01"];
  return Buffer.concat([Buffer.from([...lines, `content-length: ${body.length}`, "", ""].join("\r\n")), body]);
}

/** All that comes over the socket until the server closes it, unparsed. */
function rawAnswer(body: Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(upstream.port, "127.0.0.1");
    const chunks: Buffer[] = [];
    socket.on("data", (bytes) => chunks.push(bytes));
    socket.on("error", reject);
    socket.on("close", () => resolve(Buffer.concat(chunks).toString("utf8")));
    socket.write(rawRequest(body));
  });
}
