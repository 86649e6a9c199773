import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Find } from "../../functions/runtimes/routing.ts";
import type { Endpoint, Env } from "../../functions/env.ts";
import { Failure } from "../../functions/failure.ts";
import { json, type Answer, type HangUp, type Request } from "../../functions/wire/exchange.ts";

/** The endpoint that the contract of machines is tried with. It says what it sees to the log, since on Lambda it runs elsewhere. */
export const handle: Endpoint = (request, env) => {
  const act = acts[request.path] ?? acts["/echo"];
  if (!act) throw new Error("unreachable");
  return act(request, env);
};

export const find: Find = (_method, path) => ({ endpoint: "machine", params: { path } });

export const floodBytes = 32 * 1024 * 1024;
const floodChunk = 64 * 1024;
/** Writes what a generator makes, as fast as the client takes it; a generator runs to its end though nobody listens any more. */
const stream = (body: AsyncIterable<Uint8Array>, signal?: HangUp): Answer => ({
  status: 201,
  headers: { "content-type": "text/event-stream", "x-kept": "yes" },
  body: {
    pour: async (sink) => {
      let goOn: (() => void) | undefined;
      sink.onDrain(() => goOn?.());
      signal?.addEventListener("abort", () => goOn?.());
      for await (const chunk of body) {
        const isDrained = new Promise<void>((resolve) => (goOn = resolve));
        if (!sink.write(chunk)) await isDrained;
      }
    },
  },
});

const acts: Record<string, (request: Request, env: Env) => Promise<Answer>> = {
  "/echo": async (request) => {
    const body = await request.body(6 * 1024 * 1024);
    const sha256 = createHash("sha256").update(body).digest("hex");
    const { id, method, path, query, headers, ip, params } = request;
    return json(200, { id, method, path, query, headers, ip, params, bytes: body.length, sha256 });
  },
  "/small": async (request) => json(200, { bytes: (await request.body(1_000)).length }),
  "/unread": async () => json(401, { error: "who are you" }),
  "/bytes": async (request) => ({
    status: 200,
    headers: { "content-type": "application/octet-stream" },
    body: await request.body(6 * 1024 * 1024),
  }),
  "/stream": async () => stream(ticks(5, 60)),
  "/slow": async () => stream(ticks(1, 600)),
  "/flood": async (_request, env) => stream(flood(env)),
  "/refused": async () => {
    throw new Failure("limit.requests", { message: "60 requests a minute are used up.", retryAfterSeconds: 7 });
  },
  "/mistake": async () => {
    throw new TypeError("a secret detail");
  },
  "/early": async () => stream(breaking(0)),
  "/late": async () => stream(breaking(2)),
  "/no-content": async () => ({ status: 204, headers: { "x-kept": "yes" }, body: "" }),
  "/empty": async () => stream(ticks(0, 0)),
  "/cookies": async (request) => ({
    ...json(200, { cookie: request.headers.cookie }),
    cookies: ["a=1; Path=/; HttpOnly", "b=2"],
  }),
  "/after": async (_request, env) => {
    env.after(sleep(200).then(() => env.log("info", "after the answer")));
    env.after(Promise.reject(new Error("work that failed")));
    return json(200, {});
  },
  "/hang": async (request, env) => stream(hang(request, env), request.signal),
  "/hang-before-head": async (request, env) => {
    await aborted(request.signal);
    env.log("info", "left", { reason: String(request.signal.reason) });
    return stream(hang(request, env), request.signal);
  },
};

async function* ticks(count: number, milliseconds: number): AsyncGenerator<Uint8Array> {
  for (let index = 0; index < count; index += 1) {
    await sleep(milliseconds);
    yield Buffer.from(`data: ${index}\n\n`);
  }
}

async function* flood(env: Env): AsyncGenerator<Uint8Array> {
  for (let sent = 0; sent < floodBytes; sent += floodChunk) {
    env.log("info", "flood", { sent });
    yield Buffer.alloc(floodChunk, sent / floodChunk);
  }
}

async function* breaking(after: number): AsyncGenerator<Uint8Array> {
  yield* ticks(after, 20);
  throw new Failure("upstream.broken", { message: "The upstream's answer broke off." });
}

async function* hang(request: Request, env: Env): AsyncGenerator<Uint8Array> {
  try {
    yield Buffer.from("first\n");
    await aborted(request.signal);
    env.log("info", "aborted", { reason: String(request.signal.reason) });
    yield Buffer.from("last words\n");
  } finally {
    env.log("info", "finished");
  }
}

function aborted(signal: HangUp): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
