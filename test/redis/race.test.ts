import { afterAll, beforeAll, expect, test } from "vitest";
import { startProcess, type Server } from "../../bench/servers.ts";
import { handle as messages } from "../../functions/endpoints/relay/messages.ts";
import type { ApiKey } from "../../functions/core/keys/key.ts";
import { cells, rowName, slotOf } from "../../functions/core/limits/meter.ts";
import { openStore } from "../../functions/stores/index.ts";
import type { Store } from "../../functions/stores/store.ts";
import { findReservePrice } from "../../functions/core/money/charge.ts";
import { anthropicDialect } from "../../functions/relay/dialects/anthropic/anthropic.ts";
import { reserve } from "../../functions/relay/dialects/reservation.ts";
import { testEnvironment } from "../environment.ts";
import { buildRequest, call, type Rig, startRig } from "../rig.ts";
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
  await rig.addAccount({ baseUrl: upstream.url }, { kind: "api-key", secret: "sk-sim" });
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
      expect(await metersOf(own, key)).toEqual({ underWay: [0, 0, 0], spent });
    } finally {
      await other.stop();
      await own.close();
      await subject.stop();
    }
  },
);

const url = { type: "document", source: { type: "url", url: "https://example.com/report.pdf" } };
const asked = (behaviour: string): Content => [{ type: "text", text: `[[sim:${behaviour}]]` }];
/** The pace of answers: none of the first wave ends before the last of it has been let in or refused. */
const [slow, fast] = [300, 5];
const honest = { max_tokens: 400, content: asked("in=300,out=400") };

type Content = readonly [{ type: string; text: string }, ...object[]];

/** How a key is bounded, and what its calls ask for. */
const races: [string, (nanos: number) => Partial<ApiKey>, number, { max_tokens: number; content: Content }][] = [
  ["daily", (nanos) => ({ dailyCostNanos: nanos }), budgetNanos, honest],
  ["weekly", (nanos) => ({ weeklyCostNanos: nanos }), budgetNanos, honest],
  ["weekly sonnet", (nanos) => ({ weeklyFamilyCostNanos: { sonnet: nanos } }), budgetNanos, honest],
  ["window", (nanos) => ({ windowMinutes: 600, windowCostNanos: nanos }), budgetNanos, honest],
  ["total", (nanos) => ({ totalCostNanos: nanos }), budgetNanos, honest],
  [
    "daily, answers of 128,000 tokens",
    (nanos) => ({ dailyCostNanos: nanos }),
    5e9,
    { max_tokens: 128_000, content: asked("in=300,out=64000") },
  ],
  [
    "daily, a bound below zero",
    (nanos) => ({ dailyCostNanos: nanos }),
    5e9,
    { max_tokens: -1, content: asked("in=300,out=64000") },
  ],
  [
    "daily, a document by its URL",
    (nanos) => ({ dailyCostNanos: nanos }),
    1e9,
    { max_tokens: 1, content: [...asked("in=190000,out=1"), url] },
  ],
];

test.each(races)(
  "two processes on one Redis race for the last of a budget and overspend by one call at most: %s",
  async (_, limit, nanos, { max_tokens, content }) => {
    const { key, secret } = await rig.addKey({ ...limit(nanos), concurrency: 1_000 });
    const ask = async (server: Server, pace: number): Promise<number> => {
      const [{ text }, ...rest] = content;
      const paced = [{ type: "text", text: text.replace("]]", `,pace=${pace}]]`) }, ...rest];
      const answer = await fetch(`${server.url}/api/v1/messages`, {
        method: "POST",
        headers: { "x-api-key": secret, "content-type": "application/json", "anthropic-version": "2023-06-01" },
        body: JSON.stringify({
          model: "claude-sonnet-4-5",
          max_tokens,
          stream: true,
          messages: [{ role: "user", content: paced }],
        }),
      });
      await answer.text();
      return answer.status;
    };
    const statuses: number[] = [];
    const race = async (calls: number, pace: number) => {
      const wave = Array.from({ length: calls }, (_wave, index) => ask(servers[index % 2] as Server, pace));
      statuses.push(...(await Promise.all(wave)));
      const served = statuses.filter((status) => status === 200).length;
      const own = async () => (await rig.events()).filter((event) => event.key === key.id);
      await expect.poll(async () => (await own()).length, { timeout: 10_000 }).toBeGreaterThanOrEqual(served);
      const costs = (await own()).map(({ costNanos }) => costNanos);
      return { costs, spent: costs.reduce((sum, cost) => sum + cost, 0) };
    };
    const first = await race(200, slow);
    const reserved = reservedFor(max_tokens, content);
    expect(statuses).toContain(429);
    expect(first.spent).toBeGreaterThan(0);
    expect(first.spent).toBeLessThanOrEqual(nanos + Math.max(0, ...first.costs.map((cost) => cost - reserved)));
    // The later ones meet meters that are nearly full: a call that is let in alone may be the last, whatever it costs.
    await race(40, fast);
    const { costs, spent } = await race(40, fast);
    expect(spent).toBeLessThanOrEqual(nanos + Math.max(...costs));
    await expect.poll(async () => (await metersOf(store, key)).underWay).toEqual([0, 0, 0]);
  },
  60_000,
);

/** What a call's admission sets aside for it: what it costs beyond that is the error of the estimate. */
function reservedFor(max_tokens: number, content: Content): number {
  const model = "claude-sonnet-4-5";
  const body = { model, max_tokens, stream: true, messages: [{ role: "user", content }] };
  const call = anthropicDialect.read(buildRequest({ body }), Buffer.from(JSON.stringify(body)));
  const price = findReservePrice([model], { at: Date.now(), prices: new Map(), assumes: true });
  return reserve(call, price, false).nanos;
}

/** What a key's meters say is under way, and was spent ever. */
async function metersOf(of: Store, key: ApiKey) {
  const slot = slotOf(key.id, Date.now(), { config: rig.env.config, store: of });
  const look = (cell: number) => ({ cell, by: 0 });
  const [underWay, total] = await of.count([
    { row: slot.row, steps: [slot.inFlight, slot.reservedNanos, slot.reservedTokens].map(look) },
    { row: rowName(key.id, "total"), steps: [look(cells.costNanos)] },
  ]);
  return { underWay, spent: total?.[0] };
}
