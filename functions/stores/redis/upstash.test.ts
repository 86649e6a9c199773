import { inspect } from "node:util";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { type RedisServer, startRedis } from "../../../test/redis/server.ts";
import { startUpstash, type UpstashStandIn } from "../../../test/redis/upstash.ts";
import type { Store } from "../store.ts";
import { openUpstash } from "./upstash.ts";

describe("upstash", () => {
  let redis: RedisServer;
  let upstash: UpstashStandIn;
  let store: Store;
  const one = [{ row: "m", steps: [{ cell: 0, by: 1 }] }];
  const open = (options: { token?: string; timeoutMs?: number } = {}): Store =>
    openUpstash({ url: upstash.url, token: upstash.token, prefix: "relay:", ...options });
  beforeAll(async () => {
    redis = await startRedis();
    upstash = await startUpstash(redis);
    store = open();
  }, 180_000);
  beforeEach(() => redis.send("FLUSHALL"));
  afterAll(async () => {
    await store.close();
    await upstash.stop();
    await redis.stop();
  });

  test("all calls of one tick are one request", async () => {
    const before = upstash.seen.requests;
    await Promise.all([store.write("a", "1"), store.read(["a"]), store.count(one), store.listMany(["t", "u"])]);
    expect(upstash.seen.requests - before).toBe(1);
  });

  test("opening and idling send no request", async () => {
    const before = upstash.seen.requests;
    await open().close();
    expect(upstash.seen.requests).toBe(before);
  });

  test("a write whose answer was lost is refused and was never sent again", async () => {
    upstash.dropAnswers(true);
    await expect(store.count(one)).rejects.toMatchObject({ code: "store.unavailable" });
    upstash.dropAnswers(false);
    expect(await store.count(one)).toEqual([[2]]);
  });

  test("cut connections are store.unavailable, and the next call recovers", async () => {
    upstash.dropRequests(true);
    await expect(store.count(one)).rejects.toMatchObject({ code: "store.unavailable", isRetryable: true });
    upstash.dropRequests(false);
    await vi.waitFor(async () => expect(await store.count(one)).toEqual([[1]]));
  });

  test("an answer that does not come in time is store.unavailable", async () => {
    const hasty = open({ timeoutMs: 100 });
    upstash.setDelay(2000);
    await expect(hasty.ping()).rejects.toMatchObject({ code: "store.unavailable" });
    upstash.setDelay(0);
    await vi.waitFor(() => hasty.ping());
    await hasty.close();
  });

  test("a spent quota says so, is not worth a retry, and ends when the plan allows commands again", async () => {
    upstash.setQuota(upstash.seen.commands + 1);
    const [first, second] = await Promise.allSettled([store.write("a", "1"), store.count(one)]);
    expect(first).toMatchObject({ status: "fulfilled" });
    const message = "The relay's store refuses commands: the command quota of its plan is spent.";
    const quota = { code: "store.unavailable", status: 503, isRetryable: false, message };
    expect(second).toMatchObject({ status: "rejected", reason: quota });
    await expect(store.listMany(["t", "u"])).rejects.toMatchObject(quota);
    upstash.setQuota(Infinity);
    expect(await store.count(one)).toEqual([[1]]);
  });

  test("one refused command of a tick leaves the others alone", async () => {
    await store.write("text", "1");
    const results = await Promise.allSettled([store.count(one), store.list("text"), store.count(one)]);
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  });

  test("a refused request keeps the commands out of the error", async () => {
    const stranger = open({ token: "another-token" });
    const refusal = await stranger.write("name", "a-secret-value").catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: "store.unavailable" });
    expect(inspect(refusal)).toContain("WRONGPASS");
    expect(inspect(refusal, { depth: 9, showHidden: true })).not.toMatch(/a-secret-value|another-token/);
  });

  test("a request above Upstash's limit is refused as such and not taken for a spent quota", async () => {
    const refusal = await store.write("big", "x".repeat(11_000_000)).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: "store.unavailable", isRetryable: true });
    expect(inspect(refusal)).toContain("ERR max request size exceeded");
  });

  test("the prefix keeps two programs in one database apart", async () => {
    await store.write("a", "1");
    await redis.send("SET", "other:a", "2");
    expect(await redis.send("KEYS", "*")).toEqual(expect.arrayContaining(["relay:a", "other:a"]));
    expect(await store.read(["other:a"])).toEqual([undefined]);
  });
});
