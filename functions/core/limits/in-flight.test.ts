import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Rig, startRig } from "../../../test/rig.ts";
import { cells, slotMs, slotOf } from "./meter.ts";
import { takeSeat } from "../accounts/account-slot.ts";
import { keepInSight } from "./in-flight.ts";

let rig: Rig;
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  // Half an hour before midnight, so that the row changes, too.
  rig = await startRig({ startAt: Date.UTC(2026, 10, 25, 23, 31), environment: { TIMEZONE_OFFSET: "0" } });
});
afterEach(async () => {
  vi.useRealTimers();
  await rig.stop();
});

const share = { calls: 1, nanos: 700, tokens: 30 };

/** What admission sees: the present slot and the one before. */
async function inSight(id: string): Promise<number[]> {
  await rig.settled();
  const slots = [rig.env.now(), rig.env.now() - slotMs].map((at) => slotOf(id, at, rig.env.config));
  const counted = await rig.env.store.count(
    slots.map(({ row, inFlight, reservedNanos, reservedTokens }) => ({
      row,
      steps: [inFlight, reservedNanos, reservedTokens].map((cell) => ({ cell, by: 0 })),
    })),
  );
  return [0, 1, 2].map((index) => counted.reduce((sum, row) => sum + (row[index] ?? 0), 0));
}

function pass(milliseconds: number): void {
  rig.pass(milliseconds);
  vi.advanceTimersByTime(milliseconds);
}

async function begin(id: string) {
  const slot = slotOf(id, rig.env.now(), rig.env.config);
  const amounts = [share.calls, share.nanos, share.tokens];
  const steps = [slot.inFlight, slot.reservedNanos, slot.reservedTokens].map((cell, at) => ({
    cell,
    by: amounts[at] ?? 0,
  }));
  await rig.env.store.count([{ row: slot.row, steps }]);
  return slot;
}

test("a call that runs for hours stays under way, across midnight too, and leaves nothing behind", async () => {
  const leave = keepInSight("k", await begin("k"), share, rig.env);
  for (let minutes = 0; minutes < 180; minutes += 5) {
    expect(await inSight("k")).toEqual([1, 700, 30]);
    pass(5 * 60_000);
  }
  const { row, inFlight, reservedNanos, reservedTokens } = leave();
  const given = [inFlight, reservedNanos, reservedTokens].map((cell, at) => ({ cell, by: -([1, 700, 30][at] ?? 0) }));
  await rig.env.store.count([{ row, steps: given }]);
  expect(await inSight("k")).toEqual([0, 0, 0]);
  pass(slotMs);
  expect(await inSight("k")).toEqual([0, 0, 0]);
});

test("one whose process died is out of sight within half an hour", async () => {
  await begin("k");
  pass(14 * 60_000);
  expect(await inSight("k")).toEqual([1, 700, 30]);
  pass(16 * 60_000);
  expect(await inSight("k")).toEqual([0, 0, 0]);
});

test("an account's place is kept as long as the call runs", async () => {
  const account = await rig.addAccount({ maxConcurrency: 1 });
  const give = await takeSeat(account, rig.env);
  pass(3 * 3_600_000);
  await rig.settled();
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
  const env = { ...rig.env, store };
  for (let calls = 0; calls < 5; calls += 1) {
    (await takeSeat(account, env))?.();
    await rig.settled();
  }
  expect(expires).toBe(1);
  const { row } = slotOf(account.id, rig.env.now(), rig.env.config);
  expect(await rig.env.store.count([{ row, steps: [{ cell: cells.requests, by: 0 }] }])).toEqual([[5]]);
});
