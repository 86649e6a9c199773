import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Rig, startRig } from "../../../test/rig.ts";
import type { Env } from "../../env.ts";
import type { MeterRow } from "../../stores/store.ts";
import { takeSeat } from "../accounts/account-slot.ts";
import { addLoads, enterSteps, leftIn, loadOf, lookSteps, trackInFlight } from "./in-flight.ts";
import { cells, slotMs, slotOf } from "./meter.ts";

let rig: Rig;
/** Commands of the store: one a row. */
let commands = 0;
let env: Env;
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  // Half an hour before midnight, so that the row changes, too.
  rig = await startRig({ startAt: Date.UTC(2026, 10, 25, 23, 31), environment: { TIMEZONE_OFFSET: "0" } });
  commands = 0;
  const { count } = rig.env.store;
  const counting = (rows: readonly MeterRow[]) => {
    commands += rows.length;
    return count(rows);
  };
  env = { ...rig.env, store: { ...rig.env.store, count: counting, countLater: counting } };
});
afterEach(async () => {
  vi.useRealTimers();
  await rig.stop();
});

const share = { calls: 1, nanos: 700, tokens: 30, family: 1 };

/** What admission sees: the present slot and the one before. */
async function inSight(id: string, within: Env = rig.env): Promise<number[]> {
  await rig.settled();
  const [slot, earlier] = [slotOf(id, within.now(), within), slotOf(id, within.now() - slotMs, within)];
  const rows = [slot, earlier].map((each) => ({ row: each.row, steps: lookSteps(each, true) }));
  const results = await within.store.count(rows);
  const [one, other] = rows.map((row, index) => ({ rows: [row], results: [results[index] ?? []] }));
  if (!one || !other) throw new Error("two rows were asked for");
  const { calls, nanos, tokens, familyNanos } = addLoads(loadOf(slot, one), loadOf(earlier, other));
  return [calls, nanos, tokens, familyNanos[1] ?? 0];
}

function pass(milliseconds: number): void {
  for (let left = milliseconds; left > 0; left -= 5_000) {
    rig.pass(Math.min(left, 5_000));
    vi.advanceTimersByTime(Math.min(left, 5_000));
  }
}

async function enter(id: string, within: Env = rig.env) {
  const slot = slotOf(id, within.now(), within);
  const rows = [{ row: slot.row, steps: enterSteps(slot, share, true) }];
  const counted = { rows, results: await within.store.count(rows) };
  const left = leftIn(slot, counted);
  if (left.length > 0) await within.store.count(left);
  return { slot, load: loadOf(slot, counted) };
}

test("a call that runs for hours stays in flight, across midnight too, and leaves nothing behind", async () => {
  const { slot } = await enter("k");
  const inFlight = trackInFlight("k", slot, share, env);
  for (let minutes = 0; minutes < 180; minutes += 1) {
    expect(await inSight("k")).toEqual([1, 700, 30, 700]);
    pass(60_000);
  }
  await rig.settled();
  await rig.env.store.count(inFlight.leave());
  expect(await inSight("k")).toEqual([0, 0, 0, 0]);
  pass(slotMs);
  expect(await inSight("k")).toEqual([0, 0, 0, 0]);
});

test("all of a key's long calls are carried on by one command each two minutes, and one of two minutes by none", async () => {
  const begun = await Promise.all(Array.from({ length: 20 }, () => enter("k")));
  const calls = begun.map(({ slot }) => trackInFlight("k", slot, share, env));
  pass(slotMs - 20_000);
  expect(commands).toBe(0);
  pass(20_000 - slotMs + 10 * slotMs);
  await rig.settled();
  expect(commands).toBeLessThanOrEqual(10);
  expect(await inSight("k")).toEqual([20, 14_000, 600, 14_000]);
  for (const call of calls) await rig.env.store.count(call.leave());
  expect(await inSight("k")).toEqual([0, 0, 0, 0]);
});

describe("one whose process died", () => {
  test("is out of sight within four minutes, and not before two", async () => {
    await enter("k");
    pass(slotMs - 1_000);
    expect((await inSight("k"))[0]).toBe(1);
    pass(slotMs + 1_000);
    expect(await inSight("k")).toEqual([0, 0, 0, 0]);
  });

  test("does not come back when the ring comes around, and is taken out of the cells by the first call there", async () => {
    await enter("k");
    for (let slots = 0; slots < 10; slots += 1) {
      pass(slotMs);
      if (slots > 0) expect((await inSight("k"))[0]).toBe(0);
    }
    rig.pass(-2 * slotMs);
    const { slot, load } = await enter("k");
    expect([load.calls, load.nanos, load.familyNanos[1]]).toEqual([1, 700, 700]);
    expect(await inSight("k")).toEqual([1, 700, 30, 700]);
    await rig.env.store.count(trackInFlight("k", slot, share, env).leave());
    expect(await inSight("k")).toEqual([0, 0, 0, 0]);
  });

  test("is gone at once where one process holds the store: the next opening sees nothing of it", async () => {
    await enter("k");
    const next = { ...rig.env, store: { ...rig.env.store, opening: (rig.env.store.opening % 65_535) + 1 } };
    expect(await inSight("k", next)).toEqual([0, 0, 0, 0]);
    expect((await enter("k", next)).load.calls).toBe(1);
    expect(await inSight("k", next)).toEqual([1, 700, 30, 700]);
  });
});

test("what ends long after its slot fell out of sight takes nothing from whoever has the cells then", async () => {
  const { slot } = await enter("k");
  vi.useRealTimers();
  const inFlight = trackInFlight("k", slot, share, env);
  rig.pass(8 * slotMs);
  await enter("k");
  await rig.env.store.count(inFlight.leave());
  expect(await inSight("k")).toEqual([1, 700, 30, 700]);
});

test("a store that fails while a call is carried on neither loses nor doubles it for long", async () => {
  const { slot } = await enter("k");
  let isDown = true;
  const count = (rows: readonly MeterRow[]) => (isDown ? Promise.reject(new Error("down")) : rig.env.store.count(rows));
  const inFlight = trackInFlight("k", slot, share, { ...rig.env, store: { ...rig.env.store, count } });
  pass(2 * slotMs);
  await rig.settled();
  expect((await inSight("k"))[0]).toBe(0);
  isDown = false;
  pass(15_000);
  expect(await inSight("k")).toEqual([1, 700, 30, 700]);
  await rig.env.store.count(inFlight.leave());
  expect(await inSight("k")).toEqual([0, 0, 0, 0]);
});

test("an account's place is kept as long as the call runs", async () => {
  const account = await rig.addAccount({ maxConcurrency: 1 });
  const give = await takeSeat(account, rig.env);
  for (let minutes = 0; minutes < 180; minutes += 1) {
    pass(60_000);
    await rig.settled();
  }
  expect(await takeSeat(account, rig.env)).toBeUndefined();
  give?.();
  await rig.settled();
  const again = await takeSeat(account, rig.env);
  expect(again).toBeDefined();
  again?.();
});

test("an account's places cost one EXPIRE a day, not one a call", async () => {
  const account = await rig.addAccount({ maxConcurrency: 3 });
  let expires = 0;
  const store = { ...rig.env.store, expire: () => ((expires += 1), Promise.resolve()) };
  for (let calls = 0; calls < 5; calls += 1) {
    (await takeSeat(account, { ...rig.env, store }))?.();
    await rig.settled();
  }
  expect(expires).toBe(1);
  const { row } = slotOf(account.id, rig.env.now(), rig.env);
  expect(await rig.env.store.count([{ row, steps: [{ cell: cells.requests, by: 0 }] }])).toEqual([[5]]);
});
