import { afterEach, beforeEach, expect, test } from "vitest";
import { call, type Rig, startRig } from "../../../test/rig.ts";
import { startUpstream, type Upstream } from "../../../test/upstream/upstream.ts";
import { handle as messages } from "../../endpoints/relay/messages.ts";
import type { Env } from "../../env.ts";
import type { MeterRow } from "../../stores/store.ts";
import { type ApiKey, keyDefaults } from "../keys/key.ts";
import { refuseSpent } from "./spent.ts";

let rig: Rig;
let upstream: Upstream;
let looks = 0;
let env: Env;
beforeEach(async () => {
  upstream = await startUpstream();
  // In the middle of an hour: a window that ended meanwhile would refuse nothing.
  rig = await startRig({ startAt: Date.UTC(2026, 0, 15, 12, 30) });
  await rig.addAccount({ baseUrl: upstream.url }, { kind: "api-key", secret: "sk-sim-in=100000" });
  looks = 0;
  const { count } = rig.env.store;
  const counting = (rows: readonly MeterRow[]) => {
    looks += 1;
    return count(rows);
  };
  env = { ...rig.env, store: { ...rig.env.store, count: counting, countLater: counting } };
});
afterEach(async () => {
  await rig.stop();
  await upstream.stop();
});

/** As it is read from the store. */
async function addKey(change: Partial<ApiKey>) {
  const { key, secret } = await rig.addKey(change);
  return { key: { ...keyDefaults, ...key }, secret };
}

async function spend(secret: string): Promise<void> {
  const body = { model: "claude-sonnet-4-5", max_tokens: 1, messages: [{ role: "user", content: "x" }] };
  await call(messages, { headers: { "x-api-key": secret }, body }, rig.env);
  await rig.settled();
}

test.each([
  ["a day's cost", { dailyCostNanos: 1_000_000 }, "limit.cost"],
  ["a week's cost", { weeklyCostNanos: 1_000_000 }, "limit.cost"],
  ["a total cost", { totalCostNanos: 1_000_000 }, "limit.cost"],
  ["a window's requests", { windowMinutes: 60, windowRequests: 1 }, "limit.requests"],
])(
  "a key that has spent %s is refused before its body, and hammering costs no more looks",
  async (_what, limits, code) => {
    const { key, secret } = await addKey(limits);
    await refuseSpent(key, env);
    await spend(secret);
    rig.pass(61_000);
    looks = 0;
    // Its record is read anew every few seconds, and told of things that are no limit.
    for (let at = 0; at < 5; at++) {
      const again = { ...structuredClone(key), firstUsedAt: at, description: `${at}` };
      await expect(refuseSpent(again, env)).rejects.toMatchObject({ code });
    }
    expect(looks).toBe(1);
    // Other limits, another answer: the record was edited.
    await refuseSpent({ ...key, ...Object.fromEntries(Object.keys(limits).map((name) => [name, 0])) }, env);
  },
);

test("what may be true no more in a moment is not remembered, and a key without limits costs no look", async () => {
  const { key: free } = await addKey({});
  await refuseSpent(free, env);
  expect(looks).toBe(0);
  const { key } = await addKey({ weeklyFamilyCostNanos: { opus: 1 }, dailyCostNanos: 1_000_000_000 });
  await refuseSpent(key, env);
  expect(looks).toBe(1);
});
