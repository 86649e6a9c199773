import { afterAll, beforeAll, expect, test } from "vitest";
import { listJobs } from "../../functions/operations/jobs/jobs.ts";
import { runCleanup } from "../../functions/operations/jobs/cleanup.ts";
import { runRefresh } from "../../functions/operations/jobs/refresh.ts";
import { runRollup } from "../../functions/operations/jobs/rollup.ts";
import { rollUp } from "../../functions/core/usage/rollup/rollup.ts";
import { readDays } from "../../functions/core/usage/statistics.ts";
import { usageLog } from "../../functions/core/usage/log.ts";
import { openStore } from "../../functions/stores/index.ts";
import type { Store } from "../../functions/stores/store.ts";
import { type RedisServer, startRedis } from "../redis/server.ts";
import { startRig, type Rig } from "../rig.ts";
import { buildEvent } from "../usage.ts";

/** Billed commands by what a genuine Redis counts, those inside scripts too. */
let redis: RedisServer;
let store: Store;
let rig: Rig;

beforeAll(async () => {
  redis = await startRedis();
  store = await openStore({ redis, prefix: "relay:", dataDir: "/nowhere" }, Date.now);
  rig = await startRig({ store });
  await rig.addAccount({});
});
afterAll(async () => {
  await rig.stop();
  await store.close();
  await redis.stop();
});

async function billed(work: () => Promise<unknown>): Promise<number> {
  await redis.resetCommandCount();
  await work();
  await rig.settled();
  return redis.commandCount();
}

const append = (count: number, change: (index: number) => Parameters<typeof buildEvent>[0]) =>
  Promise.all(
    Array.from({ length: count }, (_, index) => store.append(usageLog, JSON.stringify(buildEvent(change(index))))),
  );

test("a maintenance run with nothing to do costs three commands, on an instance that knows nothing too", async () => {
  await append(10, (index) => ({ id: `a${index}`, at: Date.now() }));
  // The first runs of all fold what is there and build the filter of older keys.
  await runRollup(rig.env);
  await runCleanup(rig.env);
  for (const env of [rig.env, { ...rig.env }]) {
    const idle = async () => {
      for (const run of [runRefresh, runCleanup, runRollup]) await run(env);
    };
    expect(await billed(idle)).toBe(3);
  }
});

test("an idle hour of a process with timers costs six commands", async () => {
  const jobs = listJobs(rig.env.config);
  const hour = async () => {
    for (const job of jobs) for (let minutes = 0; minutes < 60; minutes += job.intervalMinutes) await job.run(rig.env);
  };
  expect(await billed(hour)).toBeLessThanOrEqual(6);
});

test("a run with a batch costs at most thirty commands, and each further batch at most fifteen", async () => {
  const batch = (prefix: string, count: number) =>
    append(count, (index) => ({
      id: `${prefix}${index}`,
      at: Date.now(),
      key: `k${index % 300}`,
      account: `a${index % 7}`,
    }));
  await batch("b", 900);
  expect(await billed(() => runRollup(rig.env))).toBeLessThanOrEqual(30);
  await batch("c", 4_500);
  expect(await billed(() => rollUp(Date.now() + 60_000, rig.env))).toBeLessThanOrEqual(30 + 4 * 15);
});

test("a dashboard over 30 days costs a command a day and two for what is not folded, and none when looked at again at once", async () => {
  const days = Array.from({ length: 30 }, (_, index) => `2026-09-${String(index + 1).padStart(2, "0")}`);
  await append(3_000, (index) => ({
    id: `d${index}`,
    at: Date.UTC(2026, 8, 1 + (index % 30), 12),
    key: `k${index % 500}`,
  }));
  await rollUp(Date.now() + 60_000, rig.env);
  const env = { ...rig.env };
  expect(await billed(() => readDays(days, env))).toBeLessThanOrEqual(32);
  expect(await billed(() => readDays(days, env))).toBe(0);
});
