import { isUtf8 } from "node:buffer";
import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import type { RuntimeApi } from "./runtime-api.ts";

/** AWS's quota for one invocation's payload. */
const mostPayloadBytes = 6 * 1024 * 1024;
/** What AWS hands over as text (API Gateway developer guide, payload format 2.0): everything else comes as base64. */
const textTypes = /^(text\/|application\/(json|javascript|xml)\b|application\/[\w.-]+\+(json|xml)\b)/i;
/** AWS: a streamed answer's first 6 MB are not throttled, the rest comes at 2 MB a second (Lambda developer guide, quotas). */
const unthrottledBytes = 6 * 1024 * 1024;
const bytesPerSecond = 2 * 1024 * 1024;
/** AWS keeps these for itself; a function's own reaches the client as `x-amzn-remapped-<name>` (API Gateway, "Important notes"). */
const remapped = /^(connection|content-length|date|server|transfer-encoding|www-authenticate)$/i;
/** Ends the JSON head in front of a streamed body (`application/vnd.awslambda.http-integration-response`). */
const endOfHead = Buffer.alloc(8);

export interface FunctionUrl {
  readonly url: string;
  close(): void;
}

/**
 * A Function URL in RESPONSE_STREAM mode: HTTP in, event of payload format 2.0, streamed HTTP out. AWS tells a function nothing
 * of a client that left; with `breaksWithClient` its connection to the runtime API breaks then, so that its writes fail.
 */
export async function startFunctionUrl(api: RuntimeApi, breaksWithClient = false): Promise<FunctionUrl> {
  const server = createServer((request, response) => {
    serve(request, response, api, breaksWithClient).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  api: RuntimeApi,
  breaksWithClient: boolean,
): Promise<void> {
  const event = await eventOf(request);
  if (JSON.stringify(event).length > mostPayloadBytes) {
    response.writeHead(413, { "content-type": "application/json" });
    response.end(
      `{"Message":"Request must be smaller than ${mostPayloadBytes} bytes for the InvokeFunction operation"}`,
    );
    return;
  }
  const unpack = throttled(unpackInto(response));
  const onChunk = (chunk: Buffer) => {
    if (breaksWithClient && response.destroyed) throw new Error("the connection broke");
    return unpack(chunk);
  };
  const error = await api.invoke({ event, onChunk });
  if (!error) response.end();
  else if (response.headersSent) response.destroy();
  else
    response
      .writeHead(502, { "content-type": "text/plain", "x-amzn-errortype": error.type })
      .end("Internal Server Error");
}

function throttled(take: (chunk: Buffer) => Promise<void> | undefined): (chunk: Buffer) => Promise<void> {
  let bytes = 0;
  return async (chunk) => {
    bytes += chunk.length;
    const late = Math.min(chunk.length, bytes - unthrottledBytes);
    if (late > 0) await wait((late / bytesPerSecond) * 1000);
    await take(chunk);
  };
}

function unpackInto(response: ServerResponse): (chunk: Buffer) => Promise<void> | undefined {
  let held: Buffer | undefined = Buffer.alloc(0);
  return (chunk) => {
    if (held === undefined) return write(response, chunk);
    held = Buffer.concat([held, chunk]);
    const end = held.indexOf(endOfHead);
    if (end < 0) return undefined;
    const head = JSON.parse(held.subarray(0, end).toString()) as Prelude;
    const rest = held.subarray(end + endOfHead.length);
    held = undefined;
    const cookies = head.cookies ? { "set-cookie": head.cookies } : {};
    const headers = Object.entries(head.headers ?? {}).map(
      ([name, value]) => [remapped.test(name) ? `x-amzn-remapped-${name}` : name, value] as const,
    );
    response.writeHead(head.statusCode ?? 200, { ...Object.fromEntries(headers), ...cookies });
    response.flushHeaders();
    return rest.length > 0 ? write(response, rest) : undefined;
  };
}

/** What the client does not take is held back to the function, and what it left behind is dropped: Lambda never learns of it. */
function write(response: ServerResponse, chunk: Buffer): Promise<void> | undefined {
  if (response.destroyed || response.write(chunk)) return undefined;
  return new Promise((resolve) => {
    const go = () => {
      response.off("drain", go).off("close", go);
      resolve();
    };
    response.on("drain", go).on("close", go);
  });
}

const domainName = "emulated.lambda-url.eu-central-1.on.aws";

interface Prelude {
  readonly statusCode?: number;
  readonly headers?: Record<string, string>;
  readonly cookies?: string[];
}

async function eventOf(request: IncomingMessage): Promise<object> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  const isPlain = textTypes.test(request.headers["content-type"] ?? "") && !request.headers["content-encoding"];
  const isText = isPlain && isUtf8(body);
  const [path = "/", query = ""] = (request.url ?? "/").split(/\?(.*)/s);
  const { cookie, ...headers } = request.headers;
  const peer = request.socket.remoteAddress ?? "";
  const hops = [...String(headers["x-forwarded-for"] ?? "").split(","), peer].map((hop) => hop.trim());
  const now = new Date();
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath: path,
    rawQueryString: query,
    ...(cookie ? { cookies: cookie.split(/; ?/) } : {}),
    headers: {
      ...headers,
      host: domainName,
      // Only the left-most entry arrives (speedrun.nobackspacecrew.com, 6 March 2026), and that one the caller writes.
      "x-forwarded-for": hops.find((hop) => hop !== "") ?? peer,
      "x-forwarded-port": "443",
      "x-forwarded-proto": "https",
      "x-amzn-trace-id": "Root=1-00000000-000000000000000000000000",
    },
    requestContext: {
      accountId: "anonymous",
      apiId: "emulated",
      domainName,
      http: {
        method: request.method,
        path,
        protocol: "HTTP/1.1",
        sourceIp: peer,
        userAgent: request.headers["user-agent"] ?? "",
      },
      requestId: randomUUID(),
      routeKey: "$default",
      stage: "$default",
      time: now.toISOString(),
      timeEpoch: now.getTime(),
    },
    ...(body.length > 0 ? { body: isText ? body.toString() : body.toString("base64") } : {}),
    isBase64Encoded: body.length > 0 && !isText,
  };
}
