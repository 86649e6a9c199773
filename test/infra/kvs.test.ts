import { expect, onTestFinished, test } from "vitest";
import { secrets } from "./deployment.ts";
import { buildFakeKvs } from "./fake-kvs.ts";
import { startCloud } from "./sst.ts";

test("SST's own code writes the console's keys through ETags and throttling, and nothing of the functions", async () => {
  const cloud = await startCloud();
  onTestFinished(() => cloud.stop());
  const given = Object.fromEntries(Object.entries(secrets).map(([name, value]) => [`SST_SECRET_${name}`, value]));
  const deployOnce = () =>
    cloud.sst(["deploy", "--stage", "kvs"], { ...given, RELAY_BUILT: "true", RELAY_KVS: "true" });
  let outcome = await deployOnce();
  // SST writes a site's files and its route at once, and tries only the latter again: the guide says to run it again.
  for (let runs = 1; runs < 8 && outcome.output.includes("Pre-Condition failed"); runs += 1)
    outcome = await deployOnce();
  expect(outcome.code, outcome.output).toBe(0);
  const keys = [...cloud.kvs.values.keys()];
  expect(keys.filter((key) => key.endsWith(":routes"))).toHaveLength(1);
  expect(keys.filter((key) => key.endsWith(":metadata"))).toHaveLength(1);
  expect(keys).toContainEqual(expect.stringMatching(/^[0-9a-f]{4}:.*index\.html$/));
  expect(cloud.kvs.refused.throttled).toBeGreaterThan(0);
  const [routes = ""] = [...cloud.kvs.values].filter(([key]) => key.endsWith(":routes")).map(([, value]) => value);
  expect(JSON.parse(routes)).toEqual([expect.stringMatching(/^site,[0-9a-f]{4},,\/web$/)]);
}, 240_000);

test("the stand-in refuses a write on an old ETag, a value that is too long, and a caller that is too quick", () => {
  const kvs = buildFakeKvs();
  const arn = "arn:aws:cloudfront::123456789012:key-value-store/Hosts";
  const ask = (method: string, key: string, ifMatch?: string, body: object = {}) =>
    kvs.ask({ method, path: `/key-value-stores/${arn}${key}`, ifMatch, body: Buffer.from(JSON.stringify(body)) });
  const { etag } = ask("GET", "");
  expect(ask("PUT", "/keys/health", etag, { Value: "host" }).status).toBe(200);
  expect(ask("PUT", "/keys/metrics", etag, { Value: "host" })).toMatchObject({
    status: 409,
    error: "ConflictException",
  });
  const fresh = ask("GET", "").etag;
  expect(ask("GET", "/keys/health")).toMatchObject({ status: 429, error: "ThrottlingException" });
  expect(ask("PUT", "/keys/metrics", fresh, { Value: "v".repeat(1_025) }).status).toBe(400);
  expect(ask("GET", "/keys/metrics")).toMatchObject({ status: 404, error: "ResourceNotFoundException" });
  expect([...kvs.values]).toEqual([["health", "host"]]);
});
