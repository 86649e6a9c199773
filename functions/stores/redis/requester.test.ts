import { Redis } from "@upstash/redis";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startRedis, type RedisServer } from "../../../test/redis/server.ts";
import { startUpstash, type UpstashStandIn } from "../../../test/redis/upstash.ts";
import { openUpstash } from "./upstash.ts";
import { buildRequester } from "./requester.ts";

let server: RedisServer;
let upstash: UpstashStandIn;
beforeAll(async () => {
  server = await startRedis();
  upstash = await startUpstash(server);
});
afterAll(async () => {
  await upstash.stop();
  await server.stop();
});

test("Upstash's own client works over the requester, and reads what the store wrote", async () => {
  const { url, token } = upstash;
  const client = new Redis(buildRequester({ url, token, timeoutMs: 5_000 }));
  const store = openUpstash({ url, token, prefix: "relay:" });
  await store.write("name", "value 你好");
  expect(await client.get("relay:name")).toBe("value 你好");
  expect(await client.pipeline().set("relay:other", "1").incr("relay:other").exec()).toEqual(["OK", 2]);
  expect(await store.read(["other"])).toEqual(["2"]);
  await expect(client.hset("relay:other", { field: "x" })).rejects.toThrow("WRONGTYPE");
  await store.close();
});
