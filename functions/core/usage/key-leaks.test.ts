import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { startRig, type Rig } from "../../../test/rig.ts";
import { buildEvent } from "../../../test/usage.ts";
import { findKeyById } from "../keys/key.ts";
import { readState, cursorName } from "./rollup/state.ts";
import { rollUp } from "./rollup/rollup.ts";
import { addSpread, unusualNetworks } from "./key-leaks.ts";
import { usageLog } from "./log.ts";

const hour = Date.UTC(2026, 9, 7, 16);
const from = (count: number, change: { key?: string; at?: number; first?: number } = {}) =>
  Array.from({ length: count }, (_, index) => ({
    key: change.key ?? "k",
    at: change.at ?? hour + index,
    ip: `203.0.113.${(change.first ?? 0) + index}`,
  }));

describe("from how many networks a key is used", () => {
  test("is unusual from ten on within an hour, however often each of them calls", () => {
    expect(addSpread(undefined, [...from(9), ...from(9), ...from(9)]).notices).toEqual([]);
    expect(addSpread(undefined, from(10)).notices).toEqual([{ key: "k", at: hour + 9, networks: 10 }]);
  });

  test("is counted over the rollup's runs and by key", () => {
    const first = addSpread(undefined, [...from(6), ...from(9, { key: "other" })]);
    const kept = JSON.parse(JSON.stringify(first.spread)) as typeof first.spread;
    const second = addSpread(kept, [...from(4, { first: 6 }), ...from(5, { key: "third" })]);
    expect(second.notices.map(({ key, networks }) => [key, networks])).toEqual([["k", 10]]);
  });

  test("begins anew with each hour, and a late event of the hour before is not counted", () => {
    const next = from(5, { at: hour + 3_600_000, first: 100 });
    const late = from(9, { at: hour - 1 });
    expect(addSpread(undefined, [...from(9), ...next, ...late]).notices).toEqual([]);
  });

  test("counts an IPv6 network once, whatever its last 64 bits are, and a mapped IPv4 address as that", () => {
    const events = Array.from({ length: 50 }, (_, index) => ({ key: "k", at: hour, ip: `2001:db8:1:2::${index}` }));
    const mapped = from(9).flatMap((event) => [event, { ...event, ip: `::ffff:${event.ip}` }]);
    expect(addSpread(undefined, [...events, ...mapped]).notices).toEqual([{ key: "k", at: hour + 8, networks: 10 }]);
  });

  test("is told at 10, 20 and 40 and kept within bounds, whatever comes", () => {
    const events = Array.from({ length: 5_000 }, (_, index) => ({
      key: `k${index % 100}`,
      at: hour,
      ip: `10.${index % 200}.${index % 250}.1`,
    }));
    const { spread, notices } = addSpread(undefined, events);
    expect(Object.keys(spread.seen).length).toBeLessThanOrEqual(50);
    expect(Math.max(...Object.values(spread.seen).map((seen) => seen.length))).toBeLessThanOrEqual(40);
    expect(new Set(notices.map(({ networks }) => networks))).toEqual(new Set([10]));
    expect(JSON.stringify(spread).length).toBeLessThan(25_000);
  });

  test("an event that nobody can read is passed over", () => {
    const events = [
      { key: "k", at: Number.NaN, ip: "203.0.113.1" },
      { key: "k", at: hour, ip: undefined as never },
    ];
    expect(addSpread(undefined, [...events, ...from(10)]).notices).toHaveLength(1);
    expect(addSpread(undefined, [{ key: "__proto__", at: hour, ip: "no address" }]).notices).toEqual([]);
  });
});

describe("the rollup", () => {
  let rig: Rig;
  beforeEach(async () => {
    rig = await startRig({ startAt: hour + 600_000 });
  });
  afterEach(() => rig.stop());
  const append = (events: { key: string; at: number; ip: string }[]) =>
    Promise.all(
      events.map((event, index) =>
        rig.env.store.append(usageLog, JSON.stringify(buildEvent({ ...event, id: `${event.ip}-${index}` }))),
      ),
    );

  test("writes the notice to the key, over two runs, and no address anywhere but in the log", async () => {
    const { key } = await rig.addKey();
    await append(from(7, { key: key.id }));
    await rollUp(rig.env.now() + 60_000, rig.env);
    expect((await findKeyById(key.id, rig.env))?.leak).toBeUndefined();
    await append(from(unusualNetworks - 7, { key: key.id, first: 7 }));
    await rollUp(rig.env.now() + 60_000, rig.env);
    expect((await findKeyById(key.id, rig.env))?.leak).toEqual({ at: hour + 2, networks: 10 });
    const [value] = await rig.env.store.read([cursorName]);
    expect(readState(value).spread?.seen[key.id]).toHaveLength(10);
    expect(value).not.toContain("203.0.113");
  });

  test("notes nothing for a key that is not there", async () => {
    await append(from(12, { key: "f".repeat(32) }));
    expect(await rollUp(rig.env.now() + 60_000, rig.env)).toMatchObject({ events: 12, end: "done" });
    expect(await findKeyById("f".repeat(32), rig.env)).toBeUndefined();
  });
});
