import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { startRig, type Rig } from "../../../test/rig.ts";
import { buildEvent } from "../../../test/usage.ts";
import { checkDrift, fillMeters, mendDrift } from "./drift.ts";
import { familyIndex } from "../keys/model-families.ts";
import type { ApiKey } from "../keys/key.ts";
import { keyDefaults } from "../keys/key.ts";
import { cells, periodsOf, rowName, spentSteps } from "../limits/meter.ts";
import { rollUp } from "./rollup/rollup.ts";
import { type KeyMeters, listAllStandings, readMeters } from "../limits/limit-status.ts";
import type { UsageEvent } from "../money/usage.ts";
import { totalTokens } from "../money/usage.ts";
import { usageLog } from "./log.ts";

// A Wednesday; weeks begin on Tuesday at 15:00, within a day.
const startAt = Date.UTC(2026, 9, 7, 16);
const hourMs = 3_600_000;
let rig: Rig;
let key: ApiKey;

beforeEach(async () => {
  rig = await startRig({ startAt });
  const limits = {
    dailyCostNanos: 1e12,
    weeklyCostNanos: 5e12,
    totalCostNanos: 1e13,
    windowMinutes: 60,
    windowTokens: 1e6,
  };
  const week = { weeklyResetDay: 2, weeklyResetHour: 15, weeklyFamilyCostNanos: { opus: 2e12 } };
  key = { ...keyDefaults, ...(await rig.addKey()).key, ...limits, ...week };
});
afterEach(() => rig.stop());

/** A call as the flow leaves it: meters counted in the periods in which it came, and an event. */
async function settle(change: Partial<UsageEvent> & { id: string; at: number }, isCounted = true): Promise<void> {
  const event = buildEvent({ key: key.id, costNanos: 1_000, model: "claude-opus-5", ...change });
  await rig.env.store.append(usageLog, JSON.stringify(event));
  if (!isCounted) return;
  const periods = periodsOf(key, event.at, rig.env.config);
  const names = [periods?.day.name, periods?.week?.name, periods?.window?.name, "total"];
  const spent = spentSteps({ tokens: totalTokens(event.usage), costNanos: event.costNanos, model: event.model });
  await rig.env.store.count(names.map((name) => ({ row: rowName(key.id, name ?? ""), steps: spent })));
}

const off = async () => (await checkDrift(key, rig.env)).filter(({ isOff }) => isOff).map(({ period }) => period);

async function useTheKey(): Promise<void> {
  await settle({ id: "last week", at: Date.UTC(2026, 9, 6, 14, 59) });
  await settle({ id: "this week", at: Date.UTC(2026, 9, 6, 15) });
  await rollUp(rig.env.now() + hourMs, rig.env);
  await settle({ id: "today", at: startAt - 5 * hourMs, model: "claude-sonnet-5" });
  await settle({ id: "now", at: rig.env.now() });
}

describe("a limit that is set on a key in use", () => {
  const free = () => ({ ...keyDefaults, id: key.id, hash: key.hash, prefix: key.prefix, name: "Ann", createdAt: 0 });

  test("counts what the key used before, in every period that it is for", async () => {
    await settle({ id: "last week", at: Date.UTC(2026, 9, 6, 14, 59) }, false);
    await settle({ id: "this week", at: Date.UTC(2026, 9, 6, 15) }, false);
    await rollUp(rig.env.now() + hourMs, rig.env);
    await settle({ id: "today", at: startAt - 5 * hourMs, model: "claude-sonnet-5" }, false);
    await settle({ id: "now", at: rig.env.now() }, false);
    await fillMeters([[free(), key]], rig.env);
    expect(await off()).toEqual([]);
    const used = Object.fromEntries(
      listAllStandings(key, (await readMeters(key, rig.env)) as KeyMeters).map(({ name, used }) => [name, used]),
    );
    expect(used).toEqual({
      "60-minute token": 15,
      "daily cost": 2_000,
      "weekly cost": 3_000,
      "weekly opus cost": 2_000,
      "total cost": 4_000,
    });
  });

  test("is filled once: what was counted already, and a limit that is only raised, are left alone", async () => {
    await useTheKey();
    const before = { ...key, totalCostNanos: 0 };
    await rig.env.store.remove([rowName(key.id, "total")]);
    await fillMeters([[before, key]], rig.env);
    await fillMeters([[before, key]], rig.env);
    expect(await off()).toEqual([]);
    const silent = { ...rig.env, store: { ...rig.env.store, count: () => Promise.reject(new Error("asked")) } };
    await fillMeters([[key, { ...key, totalCostNanos: 2e13, dailyCostNanos: 0, isEnabled: false }]], silent);
  });
});

describe("the drift check", () => {
  test("finds nothing where meters and log agree, folded or not, in weeks that begin within a day", async () => {
    await useTheKey();
    expect(await off()).toEqual([]);
    await rollUp(rig.env.now() + hourMs, rig.env);
    rig.pass(2_000);
    expect(await off()).toEqual([]);
    const week = (await checkDrift(key, rig.env)).find(({ period }) => period === "week");
    expect(week?.expected).toMatchObject({ costNanos: 3_000, tokens: 45 });
    expect(week?.meter.familyNanos[familyIndex("claude-opus-5")]).toBe(2_000);
  });

  test("finds a call whose meters were lost, sets every meter right, and then finds nothing", async () => {
    await useTheKey();
    await settle({ id: "lost", at: rig.env.now(), costNanos: 77 }, false);
    rig.pass(10_000);
    expect(await off()).toEqual(["day", "week", "window", "total"]);
    const mended = await mendDrift(key, rig.env);
    expect(mended.map(({ tokens, costNanos }) => [tokens, costNanos])).toEqual(
      Array.from({ length: 4 }, () => [15, 77]),
    );
    rig.pass(2_000);
    expect(await off()).toEqual([]);
  });

  test("takes away what was counted and never used, and leaves calls under way alone", async () => {
    await useTheKey();
    const day = rowName(key.id, "2026-10-07");
    await rig.env.store.count([{ row: day, steps: [{ cell: cells.costNanos, by: 500 }] }]);
    rig.pass(10_000);
    expect((await mendDrift(key, rig.env)).map(({ costNanos }) => costNanos)).toEqual([-500, 0, 0, 0]);
  });

  test("refuses to mend the meters of a key that is in use this very moment", async () => {
    await settle({ id: "just now", at: rig.env.now() }, false);
    await expect(mendDrift(key, rig.env)).rejects.toMatchObject({ code: "record.conflict" });
  });

  test("says so where the log does not reach back, instead of guessing", async () => {
    await rig.env.store.put("pool", { "setting/retention": JSON.stringify({ logEvents: 1 }) });
    await settle({ id: "one", at: rig.env.now() });
    await rollUp(rig.env.now() + hourMs, rig.env);
    await settle({ id: "two", at: rig.env.now() });
    await rollUp(rig.env.now() + hourMs, rig.env);
    rig.pass(2_000);
    const drifts = await checkDrift(key, rig.env);
    expect(drifts.find(({ period }) => period === "window")?.expected).toBeUndefined();
    expect(drifts.filter(({ isOff }) => isOff)).toEqual([]);
  });

  test("has nothing to say of a key without limits", async () => {
    expect(await checkDrift({ ...key, ...keyDefaults }, rig.env)).toEqual([]);
  });
});

test("a key's limits are told with what is used of them and when they reset, each family's too", async () => {
  await useTheKey();
  const meters = await readMeters(key, rig.env);
  const standings = meters ? listAllStandings(key, meters) : [];
  expect(standings.map(({ name, used }) => [name, used])).toEqual([
    ["60-minute token", 15],
    ["daily cost", 2_000],
    ["weekly cost", 3_000],
    ["total cost", 4_000],
    ["weekly opus cost", 2_000],
  ]);
  expect(standings.find(({ name }) => name === "weekly cost")?.resetAt).toBe(Date.UTC(2026, 9, 13, 15));
});
