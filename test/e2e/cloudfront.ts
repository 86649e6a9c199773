import { existsSync, readFileSync } from "node:fs";
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request as ask,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { pipeline } from "node:stream";
import type { Route } from "../infra/router.ts";
import type { Resource } from "../infra/sst.ts";

export interface CloudfrontOptions {
  /** The generated viewer-request function. */
  readonly route: Route;
  /** The directory that was uploaded to the console's bucket. */
  readonly files: string;
  readonly resources: readonly Resource[];
  /** The Function URL behind a host name; undefined if no function has it. */
  originOf(host: string): Promise<string | undefined>;
  /** How long a second of the origin's read timeout takes; 1000. A test of the timeout makes it short. */
  readonly secondMs?: number;
  /** Whom CloudFront sees; the socket's address. */
  readonly viewer?: string;
}

/** Quotas of CloudFront (developer guide, "Quotas on headers", "General quotas on distributions"). */
const mostHeaderBytes = 20_480;
const mostUrlBytes = 8_192;
/** What CloudFront keeps of an origin's error when the distribution does not say otherwise ("Error Caching Minimum TTL"). */
const errorKeptSeconds = 10;
const keptErrors = [400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504];

/** CloudFront as the deployment sets it up: its function decides, and the origin that it names answers, unchanged but for the security headers. */
export async function startCloudfront(options: CloudfrontOptions): Promise<{ url: string; stop(): void }> {
  const errors: KeptErrors = new Map();
  const server = createServer((request, response) => {
    serve(request, response, { ...options, errors }).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else response.writeHead(502).end(String(error));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const stop = () => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, stop };
}

/** What the managed policy adds (AWS documentation, "SecurityHeadersPolicy"). */
const security = {
  "strict-transport-security": "max-age=31536000",
  "x-content-type-options": "nosniff",
  "x-frame-options": "SAMEORIGIN",
  "referrer-policy": "strict-origin-when-cross-origin",
};

interface KeptError {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly until: number;
}
type KeptErrors = Map<string, KeptError>;
type Served = CloudfrontOptions & { readonly errors: KeptErrors };

async function serve(request: IncomingMessage, response: ServerResponse, options: Served): Promise<void> {
  const [path = "/", query] = (request.url ?? "/").split(/\?(.*)/s);
  const { method = "GET" } = request;
  const tooLong = refusal(request);
  if (tooLong !== undefined) return void response.writeHead(tooLong, security).end();
  const viewer = options.viewer ?? request.socket.remoteAddress ?? "";
  const routed = await options.route(method, path, single(request), { viewer, query });
  if (routed.status !== undefined) {
    response.writeHead(routed.status, { ...security, ...(routed.location ? { location: routed.location } : {}) }).end();
    return;
  }
  const origin = routed.host && (await options.originOf(routed.host));
  if (!origin) return serveFile(routed.uri, method, response, options);
  // The cache key has neither the API key nor any other header of the viewer (SST's cache policy).
  const key = `${routed.host} ${routed.uri}?${query ?? ""}`;
  const kept = method === "GET" || method === "HEAD" ? options.errors.get(key) : undefined;
  if (kept && kept.until > Date.now()) {
    response
      .writeHead(kept.status, { ...security, ...kept.headers, "x-cache": "Error from cloudfront" })
      .end(kept.body);
    return;
  }
  const headers = Object.fromEntries(Object.entries(routed.headers).map(([name, { value }]) => [name, value]));
  const given = headers["x-forwarded-for"];
  const url = new URL(origin);
  const target = { host: url.hostname, port: url.port, method, path: routed.uri + (query ? `?${query}` : "") };
  // Cookies are no headers to the function that decides, and go on beside them.
  const { cookie } = request.headers;
  const proven = { ...headers, ...(cookie ? { cookie } : {}) };
  const sent = { ...proven, host: url.host, "x-forwarded-for": given ? `${given}, ${viewer}` : viewer };
  const outgoing = ask({ ...target, headers: sent }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, { ...security, ...answer.headers });
    response.flushHeaders();
    if (method === "GET") keepError(answer, key, options);
    // A client that leaves ends the connection to the origin; the function behind it learns nothing of that.
    pipeline(answer, response, () => outgoing.destroy());
  });
  // The origin response timeout: until the first byte, and between two of them.
  const { readTimeout = 30 } = (routed.timeouts ?? {}) as { readTimeout?: number };
  outgoing.setTimeout(readTimeout * (options.secondMs ?? 1000), () => {
    if (response.headersSent) response.destroy();
    else response.writeHead(504, security).end("CloudFront attempted to establish a connection with the origin");
    outgoing.destroy();
  });
  outgoing.on("error", () => (response.headersSent ? response.destroy() : response.writeHead(502).end()));
  response.on("close", () => outgoing.destroy());
  request.pipe(outgoing);
}

function refusal({ url = "", rawHeaders }: IncomingMessage): number | undefined {
  if (Buffer.byteLength(url) > mostUrlBytes) return 414;
  return Buffer.byteLength(rawHeaders.join("    ")) > mostHeaderBytes ? 494 : undefined;
}

/** Whatever its `cache-control` says, unless the distribution sets the error's own minimum to nothing. */
function keepError(answer: IncomingMessage, key: string, { errors, resources }: Served): void {
  const status = answer.statusCode ?? 502;
  if (!keptErrors.includes(status)) return;
  const distribution = resources.find(({ type }) => type === "aws:cloudfront/distribution:Distribution")?.inputs;
  const rules = (distribution?.customErrorResponses ?? []) as { errorCode: number; errorCachingMinTtl?: number }[];
  const rule = rules.find(({ errorCode }) => errorCode === status);
  const seconds = rule?.errorCachingMinTtl ?? errorKeptSeconds;
  const parts: Buffer[] = [];
  answer.on("data", (part: Buffer) => parts.push(part));
  answer.on("end", () => {
    if (seconds === 0) return;
    const { headers } = answer;
    errors.set(key, { status, headers, body: Buffer.concat(parts), until: Date.now() + seconds * 1000 });
  });
}

function single({ headers }: IncomingMessage): Record<string, string> {
  const given = Object.entries(headers).filter(([name]) => name !== "connection" && name !== "keep-alive");
  return Object.fromEntries(
    given.map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : (value ?? "")]),
  );
}

interface Uploaded {
  readonly key: string;
  readonly contentType: string;
  readonly cacheControl?: string;
}

function serveFile(
  uri: string,
  method: string,
  response: ServerResponse,
  { files, resources }: CloudfrontOptions,
): void {
  const uploads = resources.find(({ name }) => name.includes("BucketFiles"))?.inputs.files as Uploaded[] | undefined;
  const file = uploads?.find(({ key }) => `/${key}`.endsWith(uri.replace(/^\/[^/]*(?=\/web)/, "")));
  const path = file && join(files, file.key.replace(/^.*?web\//, ""));
  if (!path || !existsSync(path)) return void response.writeHead(403, security).end();
  response.writeHead(200, {
    ...security,
    "content-type": file.contentType,
    ...(file.cacheControl ? { "cache-control": file.cacheControl } : {}),
  });
  response.end(method === "HEAD" ? undefined : readFileSync(path));
}
