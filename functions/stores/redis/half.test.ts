import { afterAll, beforeAll, expect, test } from "vitest";
import { startRedis, type RedisServer } from "../../../test/redis/server.ts";
import type { Store } from "../store.ts";
import { openTcp } from "./tcp.ts";

let redis: RedisServer;
let store: Store;
beforeAll(async () => {
  redis = await startRedis();
  store = openTcp({ address: { host: "127.0.0.1", port: redis.port }, prefix: "" });
});
afterAll(async () => {
  await store.close();
  await redis.stop();
});

test("rows that are counted beside one that is refused are given back", async () => {
  await store.put("table", { field: "1" });
  const row = (name: string, by: number) => ({
    row: name,
    steps: [
      { cell: 0, by },
      { cell: 2, by: -by },
    ],
  });
  const counting = store.count([row("one", 5), row("table", 1), row("other", 7)]);
  await expect(counting).rejects.toMatchObject({ code: "store.unavailable" });
  const read = () => store.count([row("one", 0), row("other", 0)]);
  await expect.poll(read).toEqual([
    [0, 0],
    [0, 0],
  ]);
});
