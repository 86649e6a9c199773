import { existsSync, readFileSync } from "node:fs";
import { createServer, type IncomingMessage, request as ask, type ServerResponse } from "node:http";
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
}

/** CloudFront as the deployment sets it up: its function decides, and the origin that it names answers, unchanged but for the security headers. */
export async function startCloudfront(options: CloudfrontOptions): Promise<{ url: string; stop(): void }> {
  const server = createServer((request, response) => {
    serve(request, response, options).catch((error: unknown) => {
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

async function serve(request: IncomingMessage, response: ServerResponse, options: CloudfrontOptions): Promise<void> {
  const [path = "/", query] = (request.url ?? "/").split(/\?(.*)/s);
  const { method = "GET" } = request;
  const routed = await options.route(method, path, single(request));
  if (routed.status !== undefined) {
    response.writeHead(routed.status, { ...security, ...(routed.location ? { location: routed.location } : {}) }).end();
    return;
  }
  const origin = routed.host && (await options.originOf(routed.host));
  if (!origin) return serveFile(routed.uri, method, response, options);
  const headers = Object.fromEntries(Object.entries(routed.headers).map(([name, { value }]) => [name, value]));
  const url = new URL(origin);
  const target = { host: url.hostname, port: url.port, method, path: routed.uri + (query ? `?${query}` : "") };
  const outgoing = ask({ ...target, headers: { ...headers, host: url.host } }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, { ...security, ...answer.headers });
    response.flushHeaders();
    // A client that leaves ends the connection to the origin; the function behind it learns nothing of that.
    pipeline(answer, response, () => outgoing.destroy());
  });
  outgoing.on("error", () => (response.headersSent ? response.destroy() : response.writeHead(502).end()));
  response.on("close", () => outgoing.destroy());
  request.pipe(outgoing);
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
