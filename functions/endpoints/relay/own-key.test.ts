import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { call, startRig, type Rig } from "../../../test/rig.ts";
import { buildEvent } from "../../../test/usage.ts";
import { findKeyById } from "../../core/keys/key.ts";
import { cells, rowName } from "../../core/limits/meter.ts";
import { rollUp } from "../../core/usage/rollup/rollup.ts";
import { usageLog } from "../../core/usage/log.ts";
import { handle } from "./own-key.ts";

// A Wednesday.
const startAt = Date.UTC(2026, 9, 7, 16);
const hourMs = 3_600_000;
let rig: Rig;
let secret: string;
let id: string;

beforeEach(async () => {
  rig = await startRig({ startAt });
  const limits = { dailyCostNanos: 2e9, totalTokens: 1_000, concurrency: 3, weeklyFamilyCostNanos: { opus: 1e9 } };
  const made = await rig.addKey({
    name: "Ann",
    ...limits,
    weeklyResetDay: 3,
    weeklyResetHour: 10,
    allowedModels: ["claude-*"],
  });
  secret = made.secret;
  id = made.key.id;
  const other = await rig.addKey({ name: "Bob" });
  const log = (change: Parameters<typeof buildEvent>[0]) =>
    rig.env.store.append(usageLog, JSON.stringify(buildEvent({ key: id, costNanos: 500_000_000, ...change })));
  await log({ id: "last month", at: Date.UTC(2026, 8, 1) });
  await log({ id: "before the week", at: startAt - 7 * hourMs });
  await log({ id: "this week", at: startAt - 5 * hourMs });
  await rollUp(rig.env.now() + hourMs, rig.env);
  await log({ id: "now", at: startAt });
  await log({ id: "another's", at: startAt, key: other.key.id });
  await rig.env.store.count([
    { row: rowName(id, "2026-10-07"), steps: [{ cell: cells.costNanos, by: 1_500_000_000 }] },
  ]);
});
afterEach(() => rig.stop());

async function get(path: string, headers: Record<string, string> = { "x-api-key": secret }) {
  const { answer, text } = await call(handle, { method: "GET", path, headers }, rig.env);
  return { status: answer.status, headers: answer.headers, body: JSON.parse(text) as Record<string, never> };
}

describe("a key's holder", () => {
  test("is told what the key used today, this week and ever, folded or not, and nothing of other keys", async () => {
    const { body } = await get("/api/v1/usage");
    expect(body.usage).toMatchObject({
      today: { requests: 3, costUsd: 1.5, tokens: 45 },
      week: { requests: 2, costUsd: 1 },
      total: { requests: 4, costUsd: 2 },
    });
    expect(JSON.stringify(body)).not.toContain("Bob");
  });

  test("is told the limits by the meters that admission reads, and when they reset", async () => {
    const { body } = await get("/api/v1/key-info");
    expect(body.key).toMatchObject({ id, name: "Ann", expiresAt: null, models: { allowed: ["claude-*"] } });
    expect(body.limits).toEqual([
      { name: "concurrency", unit: "calls", limit: 3, used: 0, remaining: 3, resetsAt: null },
      { name: "daily cost", unit: "usd", limit: 2, used: 1.5, remaining: 0.5, resetsAt: "2026-10-08T00:00:00.000Z" },
      { name: "total token", unit: "tokens", limit: 1_000, used: 0, remaining: 1_000, resetsAt: null },
      { name: "weekly opus cost", unit: "usd", limit: 1, used: 0, remaining: 1, resetsAt: "2026-10-14T10:00:00.000Z" },
    ]);
    expect(JSON.stringify(body)).not.toContain("hash");
  });

  test("may show the key in any of its forms, and only a key that is good", async () => {
    const me = await get("/api/v1/me", { authorization: `Bearer ${secret}` });
    expect(me).toMatchObject({
      status: 200,
      headers: { "cache-control": "no-store" },
      body: { type: "user", display_name: "Ann" },
    });
    for (const path of ["/api/v1/me", "/api/v1/usage", "/api/v1/key-info"]) {
      expect(await get(path, {})).toMatchObject({
        status: 401,
        body: { type: "error", error: { type: "authentication_error" } },
      });
      expect(await get(path, { "x-api-key": `cr_${"0".repeat(64)}` })).toMatchObject({ status: 401 });
    }
  });

  test("who asks again at once costs the store no look at the usage", async () => {
    const first = await get("/api/v1/usage");
    await rig.env.store.remove(["usage/total", "usage/day/2026-10-07"]);
    expect(await get("/api/v1/usage")).toEqual(first);
  });

  test("starts no clock by looking: that is not a first use", async () => {
    const waiting = await rig.addKey({ activeHours: 24 });
    for (const path of ["/api/v1/usage", "/api/v1/key-info", "/api/v1/me"]) {
      expect(await get(path, { "x-api-key": waiting.secret })).toMatchObject({ status: 200 });
    }
    expect((await findKeyById(waiting.key.id, rig.env))?.firstUsedAt).toBeUndefined();
  });
});
