import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Route } from "../infra/router.ts";
import type { Resource } from "../infra/sst.ts";
import { startCloudfront } from "./cloudfront.ts";

/** The stand-in is as strict as CloudFront where a deployment could be caught out. */
let status = 200;
let seen: IncomingHttpHeaders = {};
let isSilent = false;
const origin = createServer((request, response) => {
  seen = request.headers;
  if (!isSilent) response.writeHead(status, { "cache-control": "no-store" }).end(String(status));
});
const route: Route = async (_method, uri, given = {}) => ({
  ...{ host: "only", uri, status: undefined, location: undefined, reads: 1, timeouts: { readTimeout: 2 } },
  headers: Object.fromEntries(Object.entries(given).map(([name, value]) => [name, { value }])),
});
const start = (resources: readonly Resource[]) => {
  const originOf = async () => `http://127.0.0.1:${(origin.address() as AddressInfo).port}`;
  return startCloudfront({ route, files: tmpdir(), resources, originOf, secondMs: 100, viewer: "198.51.100.9" });
};

beforeEach(async () => {
  [status, isSilent] = [200, false];
  await new Promise<void>((resolve) => origin.listen(0, "127.0.0.1", resolve));
});
afterEach(() => {
  origin.close();
  origin.closeAllConnections();
});

const neverKept: Resource = {
  ...{ type: "aws:cloudfront/distribution:Distribution", name: "Edge" },
  inputs: { customErrorResponses: [{ errorCode: 404, errorCachingMinTtl: 0 }] },
};

describe("the stand-in of CloudFront", () => {
  test.each([
    ["keeps an error for the next caller, whatever its headers say", [], 404],
    ["keeps none that the distribution says not to", [neverKept], 200],
  ] as const)("%s", async (_what, resources, expected) => {
    const front = await start(resources);
    status = 404;
    expect((await fetch(`${front.url}/a`)).status).toBe(404);
    status = 200;
    expect((await fetch(`${front.url}/a`)).status).toBe(expected);
    expect((await fetch(`${front.url}/b`)).status).toBe(200);
    expect((await fetch(`${front.url}/a`, { method: "POST" })).status).toBe(200);
    front.stop();
  });

  test("gives up on an origin that is silent for its read timeout", async () => {
    const front = await start([]);
    isSilent = true;
    expect((await fetch(`${front.url}/a`)).status).toBe(504);
    front.stop();
  });

  test("appends whom it sees to what the client claims, and takes no more headers than its quota", async () => {
    const front = await start([]);
    await fetch(`${front.url}/a`, { headers: { "x-forwarded-for": "10.0.0.1", cookie: "a=b" } });
    expect([seen["x-forwarded-for"], seen.cookie]).toEqual(["10.0.0.1, 198.51.100.9", "a=b"]);
    const big = { cookie: "c".repeat(15_000), "x-a": "a".repeat(600) };
    expect((await fetch(`${front.url}/a`, { headers: big })).status).toBe(200);
    const statusOf = (path: string, headers: Record<string, string>) =>
      fetch(front.url + path, { headers }).then((answer) => answer.status);
    expect(await statusOf(`/${"p".repeat(8_200)}`, {})).toBe(414);
    front.stop();
  });
});
