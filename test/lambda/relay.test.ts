import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Anthropic from "@anthropic-ai/sdk";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openStore } from "../../functions/stores/index.ts";
import type { Store } from "../../functions/stores/store.ts";
import { buildLambda } from "../../scripts/build.ts";
import { startCloudfront } from "../e2e/cloudfront.ts";
import { testEnvironment } from "../environment.ts";
import type { Route } from "../infra/router.ts";
import { startRedis, type RedisServer } from "../redis/server.ts";
import { startUpstash, type UpstashStandIn } from "../redis/upstash.ts";
import { startRig, type Rig } from "../rig.ts";
import { startUpstream, type Upstream } from "../upstream/upstream.ts";
import { startLambda, type RunningLambda } from "./start.ts";

const scratch = mkdtempSync(join(tmpdir(), "relay-on-lambda-"));
let redis: RedisServer;
let upstash: UpstashStandIn;
let upstream: Upstream;
let store: Store;
let rig: Rig;
let lambda: RunningLambda;
let secret: string;

beforeAll(async () => {
  [redis, upstream] = await Promise.all([startRedis(), startUpstream()]);
  upstash = await startUpstash(redis);
  store = await openStore(
    { upstashUrl: upstash.url, upstashToken: upstash.token, prefix: "relay:", dataDir: scratch },
    Date.now,
  );
  rig = await startRig({ store });
  await rig.addAccount({ baseUrl: upstream.url });
  ({ secret } = await rig.addKey());
  const file = "functions/endpoints/relay/messages.ts";
  await buildLambda({ name: "relay/messages", file, directory: join(scratch, "bundle") });
  lambda = await startLambda({ directory: join(scratch, "bundle"), environment: settings(), breaksWithClient: true });
}, 600_000);

beforeEach(() => upstream.reset());

afterAll(async () => {
  await lambda.stop();
  await rig.stop();
  await store.close();
  await upstash.stop();
  await Promise.all([redis.stop(), upstream.stop()]);
  rmSync(scratch, { recursive: true });
});

const settings = () => ({
  ...{ ...testEnvironment, KEEPALIVE_SECONDS: "1" },
  ...{ UPSTASH_REDIS_REST_URL: upstash.url, UPSTASH_REDIS_REST_TOKEN: upstash.token },
});

/** A router that knows one function, and waits for it as long as the deployment's does. */
const toOnly: Route = async (_method, uri, given = {}) => ({
  ...{ host: "only", uri, status: undefined, location: undefined, reads: 1, timeouts: { readTimeout: 60 } },
  headers: Object.fromEntries(Object.entries(given).map(([name, value]) => [name, { value }])),
});

const ask = (prompt: string) => ({
  model: "claude-sonnet-4-6",
  max_tokens: 256,
  messages: [{ role: "user" as const, content: prompt }],
});

describe("the relay function under the genuine runtime client", () => {
  test("streams to the Anthropic SDK and has recorded the usage when the invocation ends", async () => {
    const client = new Anthropic({ apiKey: secret, baseURL: `${lambda.url}/api`, maxRetries: 0 });
    const before = (await rig.events()).length;
    const message = await client.messages.stream(ask("Say hello.")).finalMessage();
    expect(message.content[0]).toMatchObject({ type: "text", text: expect.stringMatching(/\S/) });
    // The client has its last byte a moment before the invocation ends.
    await expect.poll(async () => (await rig.events()).length, { timeout: 5_000 }).toBe(before + 1);
    const event = (await rig.events()).at(-1);
    expect(event).toMatchObject({ usage: { outputTokens: message.usage.output_tokens } });
  });

  test("asks for no compression, which a Function URL would not carry", async () => {
    const headers = { "x-api-key": secret, "anthropic-version": "2023-06-01", "accept-encoding": "gzip, br" };
    const body = JSON.stringify(ask("Say hello."));
    const response = await fetch(`${lambda.url}/api/v1/messages`, { method: "POST", headers, body });
    expect([response.status, response.headers.get("content-encoding")]).toEqual([200, null]);
    expect(upstream.requests.at(-1)?.headers["accept-encoding"] ?? "identity").toBe("identity");
  });

  test("whose writes fail cuts the upstream and books what was paid as not delivered", async () => {
    const headers = { "x-api-key": secret, "anthropic-version": "2023-06-01" };
    const body = JSON.stringify({ ...ask("[[sim:pace=20,deltas=400]]"), stream: true });
    const controller = new AbortController();
    const { signal } = controller;
    const response = await fetch(`${lambda.url}/api/v1/messages`, { method: "POST", headers, body, signal });
    await response.body?.getReader().read();
    controller.abort();
    await expect.poll(() => upstream.stats.open, { timeout: 5_000 }).toBe(0);
    const find = async () => (await rig.events()).find(({ outcome }) => outcome === "gone");
    await expect.poll(find, { timeout: 5_000 }).toMatchObject({ isUndelivered: true });
    const event = await find();
    expect(event?.costNanos).toBeGreaterThan(0);
    expect(upstream.requests.at(-1)?.outcome).toBe("hung-up");
  });

  test("ends a silent call that is not streamed before CloudFront would, in the dialect's words, never to be repeated", async () => {
    const environment = { ...settings(), FIRST_BYTE_SECONDS: "2" };
    const quick = await startLambda({ directory: join(scratch, "bundle"), environment });
    const fronts = await Promise.all(
      // A minute of CloudFront's takes six seconds, and one: longer and shorter than the relay's own two.
      [100, 15].map((secondMs) =>
        startCloudfront({ route: toOnly, files: scratch, resources: [], secondMs, originOf: async () => quick.url }),
      ),
    );
    try {
      const headers = { "x-api-key": secret, "anthropic-version": "2023-06-01", "content-type": "application/json" };
      const [told, cut] = await Promise.all(
        fronts.map(({ url }) => {
          const body = JSON.stringify(ask("[[sim:slow-headers=20000]]"));
          return fetch(`${url}/api/v1/messages`, { method: "POST", headers, body });
        }),
      );
      expect([told?.status, told?.headers.get("x-should-retry")]).toEqual([504, "false"]);
      expect(await told?.json()).toMatchObject({
        type: "error",
        error: { message: expect.stringMatching(/within 2 seconds.*ask for a stream/) },
      });
      expect([cut?.status, cut?.headers.get("content-type")]).toEqual([504, null]);
      // Neither is paid any further.
      await expect.poll(() => upstream.stats.open, { timeout: 20_000 }).toBe(0);
      const streamed = JSON.stringify({ ...ask("[[sim:slow-headers=2500]]"), stream: true });
      const answer = await fetch(`${fronts[0]?.url}/api/v1/messages`, { method: "POST", headers, body: streamed });
      expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining("message_stop")]);
    } finally {
      for (const front of fronts) front.stop();
      await quick.stop();
    }
  });

  test("refuses an unknown key as the Anthropic API does, without a call to the upstream", async () => {
    const client = new Anthropic({ apiKey: `cr_${"0".repeat(64)}`, baseURL: `${lambda.url}/api`, maxRetries: 0 });
    await expect(client.messages.create(ask("Say hello."))).rejects.toMatchObject({
      status: 401,
      error: { type: "error", error: { type: "authentication_error" } },
    });
    expect(upstream.requests).toEqual([]);
  });

  test("answers the paths of other endpoints with 404", async () => {
    const response = await fetch(`${lambda.url}/health`);
    expect([response.status, await response.json()]).toEqual([
      404,
      expect.objectContaining({ error: expect.anything() }),
    ]);
  });
});
