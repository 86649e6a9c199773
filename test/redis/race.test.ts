import { afterAll, beforeAll, expect, test } from "vitest";
import { startProcess, type Server } from "../../bench/servers.ts";
import { handle as messages } from "../../functions/endpoints/relay/messages.ts";
import type { ApiKey } from "../../functions/core/keys/key.ts";
import { cells, rowName, slotOf } from "../../functions/core/limits/meter.ts";
import type { Zone } from "../../functions/core/limits/period.ts";
import { openStore } from "../../functions/stores/index.ts";
import type { Store } from "../../functions/stores/store.ts";
import { testEnvironment } from "../environment.ts";
import { call, type Rig, startRig } from "../rig.ts";
import { startUpstream, type Upstream } from "../upstream/upstream.ts";
import { type RedisServer, startRedis } from "./server.ts";
import { subjects } from "./stores.ts";

const budgetNanos = 10_000_000;
let redis: RedisServer;
let upstream: Upstream;
let store: Store;
let rig: Rig;
let servers: Server[];

beforeAll(async () => {
  [redis, upstream] = await Promise.all([startRedis(), startUpstream()]);
  const at = { host: "127.0.0.1", port: redis.port, db: 0, tls: false };
  store = await openStore({ prefix: "relay:", dataDir: "", redis: at }, Date.now);
  rig = await startRig({ store });
  const environment = {
    ...testEnvironment,
    LOG_LEVEL: "error",
    HOST: "127.0.0.1",
    PORT: "0",
    REDIS_HOST: at.host,
    REDIS_PORT: String(at.port),
  };
  servers = await Promise.all([1, 2].map(() => startProcess("../functions/runtimes/node/main.ts", [], environment)));
}, 60_000);

afterAll(async () => {
  await Promise.all(servers.map((server) => server.stop()));
  await rig.stop();
  await Promise.all([store.close(), upstream.stop()]);
  await redis.stop();
});

test.each(Object.entries(subjects))(
  "40 parallel calls on a key with one cent left overspend by one call's estimation error at most, in the store %s",
  async (_, start) => {
    const subject = await start();
    const own = await subject.open();
    const other = await startRig({ store: own });
    try {
      await other.addAccount({ baseUrl: upstream.url }, { kind: "api-key", secret: "sk-sim-pace=5" });
      const { key, secret } = await other.addKey({ totalCostNanos: budgetNanos, concurrency: 100 });
      const asked = [{ role: "user", content: "[[sim:in=300,out=400,pace=5]]" }];
      const body = { model: "claude-sonnet-4-5", max_tokens: 400, stream: true, messages: asked };
      const ask = () => call(messages, { headers: { "x-api-key": secret }, body }, other.env);
      for (let wave = 0; wave < 2; wave += 1) await Promise.all(Array.from({ length: 40 }, ask));
      const costs = (await other.events()).map(({ costNanos }) => costNanos);
      const spent = costs.reduce((sum, cost) => sum + cost, 0);
      expect(spent).toBeGreaterThan(0);
      expect(spent).toBeLessThanOrEqual(budgetNanos + Math.max(...costs));
      expect(await metersOf(own, key, other.env.config)).toEqual({ underWay: [0, 0, 0], spent });
    } finally {
      await other.stop();
      await own.close();
      await subject.stop();
    }
  },
);

test("two processes on one Redis race for the last cent, and overspend by at most one call's estimation error", async () => {
  await rig.addAccount({ baseUrl: upstream.url }, { kind: "api-key", secret: "sk-sim-pace=5" });
  const { key, secret } = await rig.addKey({ totalCostNanos: budgetNanos, dailyCostNanos: budgetNanos });
  const ask = async (server: Server): Promise<number> => {
    const answer = await fetch(`${server.url}/api/v1/messages`, {
      method: "POST",
      headers: { "x-api-key": secret, "content-type": "application/json", "anthropic-version": "2023-06-01" },
      body: JSON.stringify({
        model: "claude-sonnet-4-5",
        max_tokens: 400,
        stream: true,
        messages: [{ role: "user", content: "[[sim:in=300,out=400,pace=5]]" }],
      }),
    });
    await answer.text();
    return answer.status;
  };
  const statuses: number[] = [];
  // Three waves: the last ones meet meters that are nearly full, and calls of the other process under way.
  for (let wave = 0; wave < 3; wave += 1) {
    statuses.push(...(await Promise.all(Array.from({ length: 40 }, (_, index) => ask(servers[index % 2] as Server)))));
  }
  const events = await expect
    .poll(() => rig.events(), { timeout: 10_000 })
    .toHaveLength(statuses.filter((status) => status === 200).length)
    .then(() => rig.events());
  const costs = events.map(({ costNanos }) => costNanos);
  const spent = costs.reduce((sum, cost) => sum + cost, 0);
  expect(statuses.every((status) => status === 200 || status === 429)).toBe(true);
  expect(statuses).toContain(429);
  expect(spent).toBeGreaterThan(0);
  // The reservation is a guess of the cost from above but for the input, which the upstream counted otherwise.
  expect(spent).toBeLessThanOrEqual(budgetNanos + Math.max(...costs));
  expect(await metersOf(store, key, rig.env.config)).toEqual({ underWay: [0, 0, 0], spent });
}, 60_000);

/** What a key's meters say is under way, and was spent ever. */
async function metersOf(of: Store, key: ApiKey, zone: Zone) {
  const slot = slotOf(key.id, Date.now(), zone);
  const look = (cell: number) => ({ cell, by: 0 });
  const [underWay, total] = await of.count([
    { row: slot.row, steps: [slot.inFlight, slot.reservedNanos, slot.reservedTokens].map(look) },
    { row: rowName(key.id, "total"), steps: [look(cells.costNanos)] },
  ]);
  return { underWay, spent: total?.[0] };
}
