import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { RuntimeApi } from "./runtime-api.ts";

/** AWS's quota for one invocation's payload. */
const mostPayloadBytes = 6 * 1024 * 1024;
const textTypes = /^(text\/|application\/(json|javascript|xml))/;
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
  const unpack = unpackInto(response);
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
    response.writeHead(head.statusCode ?? 200, { ...head.headers, ...cookies });
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

interface Prelude {
  readonly statusCode?: number;
  readonly headers?: Record<string, string>;
  readonly cookies?: string[];
}

const hopOf = (header: string | string[] | undefined) =>
  String(header ?? "")
    .split(",")[0]
    ?.trim() || undefined;

async function eventOf(request: IncomingMessage): Promise<object> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  const isText = textTypes.test(request.headers["content-type"] ?? "");
  const [path = "/", query = ""] = (request.url ?? "/").split(/\?(.*)/s);
  const { cookie, ...headers } = request.headers;
  const now = new Date();
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath: path,
    rawQueryString: query,
    ...(cookie ? { cookies: cookie.split(/; ?/) } : {}),
    // Of several hops only the left-most comes through (seen on Function URLs in 2026).
    headers: { ...headers, "x-forwarded-for": hopOf(headers["x-forwarded-for"]) ?? request.socket.remoteAddress },
    requestContext: {
      accountId: "anonymous",
      apiId: "emulated",
      domainName: "emulated.lambda-url.eu-central-1.on.aws",
      http: {
        method: request.method,
        path,
        protocol: "HTTP/1.1",
        sourceIp: request.socket.remoteAddress,
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
