import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { Command, Redis } from "ioredis";

export interface UpstashStandIn {
  readonly url: string;
  readonly token: string;
  /** HTTP requests and commands that were let through, since the start. */
  readonly seen: { requests: number; commands: number };
  /** Commands the plan allows altogether; any further one is refused as Upstash words it. */
  setQuota(commands: number): void;
  /** Every answer waits this long. */
  setDelay(milliseconds: number): void;
  /** While true a request is executed and its connection is then cut without an answer. */
  dropAnswers(isDropping: boolean): void;
  /** While true a connection is cut before anything is read. */
  dropRequests(isDropping: boolean): void;
  stop(): Promise<void>;
}

const maxRequestBytes = 10 * 1024 * 1024;

/**
 * Upstash's REST interface (https://upstash.com/docs/redis/features/restapi) over a genuine Redis: `POST /` for one
 * command and `POST /pipeline` for many. Answers are plain JSON, so a request for base64 is refused and not misread.
 */
export async function startUpstash(redis: { host: string; port: number }): Promise<UpstashStandIn> {
  const token = "token-of-the-stand-in";
  const client = new Redis({ ...redis, maxRetriesPerRequest: 0, retryStrategy: () => 50 });
  client.on("error", () => undefined);
  const switches = { quota: Infinity, delayMs: 0, isDroppingAnswers: false, isDroppingRequests: false };
  const seen = { requests: 0, commands: 0 };
  const run = buildRun(client, switches, seen);
  const server = createServer(async (request, response) => {
    if (switches.isDroppingRequests) return void request.socket.destroy();
    seen.requests += 1;
    const [status, body] = await answer(request, token, run);
    if (switches.delayMs > 0) await pause(switches.delayMs);
    if (switches.isDroppingAnswers) return void request.socket.destroy();
    send(response, status, body, seen.commands);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The stand-in has no TCP port.");
  return {
    url: `http://127.0.0.1:${address.port}`,
    token,
    seen,
    setQuota: (commands) => void (switches.quota = commands),
    setDelay: (milliseconds) => void (switches.delayMs = milliseconds),
    dropAnswers: (isDropping) => void (switches.isDroppingAnswers = isDropping),
    dropRequests: (isDropping) => void (switches.isDroppingRequests = isDropping),
    async stop() {
      client.disconnect();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface Result {
  readonly result?: unknown;
  readonly error?: string;
}

type Run = (command: unknown) => Promise<Result>;

/** Not served over REST: https://upstash.com/docs/redis/overall/compatibility */
const blocked = new Set("SUBSCRIBE PSUBSCRIBE MONITOR CLIENT CONFIG DEBUG SHUTDOWN MULTI EXEC WATCH BLPOP".split(" "));

function buildRun(client: Redis, switches: { quota: number }, seen: { commands: number }): Run {
  return async (command) => {
    if (!Array.isArray(command) || command.length === 0) return { error: "ERR empty command" };
    const [name = "", ...values] = command.map(String);
    if (blocked.has(name.toUpperCase())) return { error: `ERR Command is not available: '${name.toUpperCase()}'.` };
    if (seen.commands >= switches.quota) {
      const usage = `Limit: ${switches.quota}, Usage: ${seen.commands}.`;
      const page = "https://upstash.com/docs/redis/troubleshooting/max_requests_limit";
      return { error: `ERR max requests limit exceeded. ${usage} See ${page} for details` };
    }
    seen.commands += 1;
    try {
      return { result: await client.sendCommand(new Command(name.toUpperCase(), values, { replyEncoding: "utf8" })) };
    } catch (error) {
      return { error: error instanceof Error ? error.message : String(error) };
    }
  };
}

async function answer(request: IncomingMessage, token: string, run: Run): Promise<[status: number, body: unknown]> {
  if (request.headers.authorization !== `Bearer ${token}`) {
    return [401, { error: "WRONGPASS invalid or missing auth token" }];
  }
  if (request.method !== "POST") return [405, { error: "ERR method not allowed" }];
  if (request.headers["upstash-encoding"]) return [400, { error: "ERR the stand-in answers plain JSON only" }];
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const raw = Buffer.concat(chunks);
  if (raw.length > maxRequestBytes) {
    const sizes = `Limit: ${maxRequestBytes} bytes, Actual: ${raw.length} bytes.`;
    return [413, { error: `ERR max request size exceeded. ${sizes}` }];
  }
  return execute(request.url ?? "/", raw.toString("utf8"), run);
}

async function execute(path: string, text: string, run: Run): Promise<[status: number, body: unknown]> {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (error) {
    return [400, { error: `ERR failed to parse command: ${String(error)}` }];
  }
  if (path === "/pipeline" && Array.isArray(body)) return [200, await Promise.all(body.map(run))];
  if (path !== "/") return [400, { error: "ERR unknown path" }];
  const result = await run(body);
  return [result.error === undefined ? 200 : 400, result];
}

function send(response: ServerResponse, status: number, body: unknown, syncToken: number): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(text),
    "upstash-sync-token": String(syncToken),
  });
  response.end(text);
}
