import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { buildEvent, recompute, readEverything } from "../../../../test/usage.ts";
import { startRig, type Rig } from "../../../../test/rig.ts";
import { buildRetention, cutLog, extend, retentionField, type Stretch } from "./retention.ts";
import { cursorName, readState } from "./state.ts";
import { needsRollup, rollUp } from "./rollup.ts";
import { dayTable, hourTable } from "./schema.ts";
import { readDays, readHours, readKeyDays, readMonths, readTotals } from "../statistics.ts";
import type { UsageEvent } from "../../money/usage.ts";
import { usageLog } from "../log.ts";

const startAt = Date.UTC(2026, 9, 5, 12);
let rig: Rig;
beforeEach(async () => {
  rig = await startRig({ startAt });
});
afterEach(() => rig.stop());

const append = (event: object) => rig.env.store.append(usageLog, JSON.stringify(event));
const roll = () => rollUp(rig.env.now() + 60_000, rig.env);

describe("the rollup", () => {
  test("makes rows that equal a plain recomputation, whatever is folded when", async () => {
    const call = fc.record({
      at: fc.integer({ min: startAt - 5 * 86_400_000, max: startAt }),
      key: fc.constantFrom("k1", "k2", "__proto__"),
      account: fc.constantFrom("a1", "a2", undefined),
      model: fc.constantFrom("claude-sonnet-5", "gpt-5|odd", "\ud800 broken", undefined),
      status: fc.constantFrom(200, 200, 429, 500),
      outcome: fc.constantFrom<UsageEvent["outcome"]>("complete", "gone", "broken"),
      costNanos: fc.nat(1e12),
      input: fc.nat(1e6),
    });
    const steps = fc.array(
      fc.oneof(
        { weight: 9, arbitrary: call },
        { weight: 1, arbitrary: fc.constantFrom("roll" as const, "look" as const) },
      ),
      { maxLength: 60 },
    );
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        const one = await startRig({ startAt });
        try {
          const events: UsageEvent[] = [];
          for (const step of all) {
            if (step === "look") {
              one.pass(1_500);
              expect(await readEverything(events, one.env)).toEqual(recompute(events, one.env.config));
              continue;
            }
            if (step === "roll") {
              await rollUp(one.env.now() + 60_000, one.env);
              continue;
            }
            const { input, ...change } = step;
            const event = buildEvent({ ...change, id: `e${events.length}`, usage: { inputTokens: input } });
            events.push(JSON.parse(JSON.stringify(event)) as UsageEvent);
            await one.env.store.append(usageLog, JSON.stringify(event));
          }
          one.pass(2_000);
          const tailed = await readEverything(events, one.env);
          expect(tailed).toEqual(recompute(events, one.env.config));
          await rollUp(one.env.now() + 60_000, one.env);
          one.pass(120_000);
          expect(await readEverything(events, one.env)).toEqual(tailed);
        } finally {
          await one.stop();
        }
      }),
      { numRuns: 25 },
    );
  });

  test("costs one command when there is nothing to do, and none of the rest", async () => {
    expect(await needsRollup(rig.env)).toBe(false);
    await append(buildEvent({ at: startAt }));
    expect(await needsRollup(rig.env)).toBe(true);
    expect(await roll()).toMatchObject({ events: 1, end: "done" });
    expect(await needsRollup(rig.env)).toBe(false);
    await append(buildEvent({ at: startAt, id: "second" }));
    expect(await needsRollup(rig.env)).toBe(true);
    await roll();
    expect(await needsRollup(rig.env)).toBe(false);
  });

  test("sees an event that came between the last fold and the mark", async () => {
    await append(buildEvent({ id: "one", at: startAt }));
    const { store } = rig.env;
    const late = {
      ...store,
      append: async (log: string, entry: string) => {
        if (entry.includes('"mark"'))
          await store.append(usageLog, JSON.stringify(buildEvent({ id: "two", at: startAt })));
        return store.append(log, entry);
      },
    };
    await rollUp(rig.env.now() + 60_000, { ...rig.env, store: late });
    expect(await needsRollup(rig.env)).toBe(true);
    expect(await roll()).toMatchObject({ events: 1 });
    expect(await needsRollup(rig.env)).toBe(false);
  });

  test("two at once fold each event once", async () => {
    for (let index = 0; index < 1_500; index += 1)
      void append(buildEvent({ id: `e${index}`, at: startAt, costNanos: 7 }));
    const reports = await Promise.all([roll(), roll(), roll()]);
    expect(reports.map(({ end }) => end)).toContain("raced");
    await roll();
    const [total] = await readTotals(["k1"], rig.env);
    expect(total?.slice(0, 1)).toEqual([1_500]);
    expect(total?.[11]).toBe(1_500 * 7);
  });

  test("a page that is read while a rollup folds counts each call once", async () => {
    for (const id of ["one", "two", "three"]) await append(buildEvent({ id, at: startAt }));
    const { store } = rig.env;
    const racing = new Proxy(store, {
      get(target, name) {
        if (name !== "listMany" && name !== "find") return Reflect.get(target, name) as unknown;
        return async (...args: unknown[]) => {
          await roll();
          return Reflect.apply(Reflect.get(target, name), target, args) as unknown;
        };
      },
    });
    const env = { ...rig.env, store: racing };
    const [day] = await readDays(["2026-10-05"], env);
    expect(day?.keys.get("k1")?.[0]).toBe(3);
    await append(buildEvent({ id: "four", at: startAt }));
    expect((await readTotals(["k1"], { ...env }))[0]?.[0]).toBe(4);
  });

  test("a page that is looked at again shows what was folded in between", async () => {
    const look = async () => (await readDays(["2026-10-05"], rig.env))[0]?.keys.get("k1")?.[0];
    for (let count = 1; count <= 3; count += 1) {
      await append(buildEvent({ id: `e${count}`, at: startAt }));
      await roll();
      rig.pass(2_000);
      expect(await look()).toBe(count);
    }
  });

  test("folds an event once that was appended twice: in one batch, in two, and in the wrong order", async () => {
    const repeated = (id: string) => ({ ...buildEvent({ id, at: startAt }), isRepeated: true });
    await append(buildEvent({ id: "same-batch", at: startAt }));
    await append(repeated("same-batch"));
    await append(buildEvent({ id: "next-batch", at: startAt }));
    await append(repeated("only-repeat"));
    await append(repeated("straggler"));
    expect(await roll()).toMatchObject({ events: 4, repeated: 1 });
    await append(repeated("next-batch"));
    await append(buildEvent({ id: "straggler", at: startAt }));
    await append(repeated("only-repeat"));
    expect(await roll()).toMatchObject({ events: 0, repeated: 3 });
    expect((await readTotals(["k1"], rig.env))[0]?.[0]).toBe(4);
  });

  test("is stopped by nothing that stands in the log", async () => {
    for (const entry of ["", "{", "null", "[]", '"x"', "{}", '{"id":"i","key":"k"}', '{"mark":3}'])
      await rig.env.store.append(usageLog, entry);
    const odd = {
      id: "odd",
      key: "k1",
      at: "yesterday",
      usage: { inputTokens: -4, outputTokens: 1e300 },
      costNanos: null,
      ms: null,
      model: 7,
    };
    await append(odd);
    await append({ ...odd, id: "far", at: 9e15, status: 200, rates: {}, model: "x\ud800" });
    expect(await roll()).toMatchObject({ events: 3, unreadable: 7, end: "done" });
    expect((await readTotals(["k1"], rig.env))[0]?.slice(0, 1)).toEqual([2]);
  });

  test("keeps names that clients make up out of the rows", async () => {
    for (let index = 0; index < 50; index += 1)
      await append(
        buildEvent({
          id: `e${index}`,
          at: startAt,
          model: `made up ${index}`,
          status: 404,
          outcome: "failed",
          costNanos: 0,
          usage: { inputTokens: 0, outputTokens: 0 },
          rates: undefined,
        }),
      );
    await roll();
    const [day] = await readDays(["2026-10-05"], rig.env);
    expect([...(day?.shares.keys() ?? [])]).toEqual(["a1|(unknown)"]);
  });

  test("stops when its time is up and goes on from there", async () => {
    for (let index = 0; index < 2_500; index += 1) void append(buildEvent({ id: `e${index}`, at: startAt }));
    expect(await rollUp(rig.env.now() - 1, rig.env)).toMatchObject({ batches: 1, events: 1_000, end: "late" });
    expect(await roll()).toMatchObject({ events: 1_500, end: "done" });
  });

  test("a store that fails at the fold loses nothing and doubles nothing", async () => {
    await append(buildEvent({ at: startAt }));
    const { store } = rig.env;
    const before = { ...store, fold: () => Promise.reject(new Error("lost before")) };
    const behind = {
      ...store,
      fold: async (fold: Parameters<typeof store.fold>[0]) => {
        await store.fold(fold);
        throw new Error("lost after");
      },
    };
    await expect(rollUp(rig.env.now() + 1_000, { ...rig.env, store: before })).rejects.toThrow("lost before");
    await expect(rollUp(rig.env.now() + 1_000, { ...rig.env, store: behind })).rejects.toThrow("lost after");
    await roll();
    expect((await readTotals(["k1"], rig.env))[0]?.[0]).toBe(1);
  });
});

describe("retention", () => {
  test("cuts the log only where it is folded, by age and by number", async () => {
    await rig.env.store.put("pool", { [retentionField]: JSON.stringify({ logEvents: 100, logDays: 2 }) });
    for (let index = 0; index < 60; index += 1) await append(buildEvent({ id: `a${index}`, at: startAt }));
    await roll();
    for (let index = 0; index < 60; index += 1) await append(buildEvent({ id: `b${index}`, at: startAt }));
    expect((await roll()).trimmedTo).toBeUndefined();
    for (let index = 0; index < 60; index += 1) await append(buildEvent({ id: `c${index}`, at: startAt }));
    expect((await roll()).trimmedTo).toBeDefined();
    expect((await rig.env.store.readLog(usageLog, "0", 1_000)).length).toBeLessThan(130);
    await append(buildEvent({ id: "unfolded", at: startAt }));
    expect((await readTotals(["k1"], rig.env))[0]?.[0]).toBe(181);
  });

  test("of an idle service ends by itself", async () => {
    await append(buildEvent({ at: startAt }));
    await roll();
    rig.pass(6.9 * 86_400_000);
    expect(await needsRollup(rig.env)).toBe(false);
    rig.pass(0.2 * 86_400_000);
    expect(await needsRollup(rig.env)).toBe(true);
    await roll();
    expect((await rig.events()).filter((event) => event.id !== undefined)).toEqual([]);
    expect(await needsRollup(rig.env)).toBe(false);
  });

  test("drops the rows of old hours and days by name and keeps months and totals", async () => {
    await append(buildEvent({ at: startAt }));
    await roll();
    rig.pass(40 * 86_400_000);
    await append(buildEvent({ id: "later", at: rig.env.now() }));
    expect(await roll()).toMatchObject({ dropped: expect.any(Number) as number });
    expect(await rig.env.store.list(hourTable("2026-10-05"))).toEqual({});
    expect(await rig.env.store.list(dayTable("2026-10-05"))).not.toEqual({});
    rig.pass(400 * 86_400_000);
    await append(buildEvent({ id: "much-later", at: rig.env.now() }));
    await append(buildEvent({ id: "too-late", at: startAt }));
    await roll();
    expect(await rig.env.store.list(dayTable("2026-10-05"))).toEqual({});
    const [month] = await readMonths(["2026-10"], rig.env);
    expect(month?.keys.get("k1")?.[0]).toBe(2);
    expect((await readTotals(["k1"], rig.env))[0]?.[0]).toBe(4);
    const [value] = await rig.env.store.read([cursorName]);
    expect(readState(value).horizon.days > "2026-10-05").toBe(true);
  });

  test("keeps few stretches, and at least as much of the log as it says", () => {
    const retention = buildRetention({ logEvents: 1_000, logDays: 7 });
    const calls = fc.array(fc.record({ afterMs: fc.nat(3_600_000), entries: fc.integer({ min: 1, max: 30 }) }), {
      maxLength: 400,
    });
    fc.assert(
      fc.property(calls, (all) => {
        let kept: readonly Stretch[] = [];
        let now = startAt;
        let folded = 0;
        for (const { afterMs, entries } of all) {
          const firstMs = now;
          now += afterMs;
          folded += entries;
          kept = cutLog(extend(kept, [`${now}-0`, entries, firstMs], retention), retention, now).kept;
          const held = kept.reduce((sum, [, count]) => sum + count, 0);
          expect(kept.length).toBeLessThan(140);
          expect(held).toBeLessThan(1_000 + 50);
          expect(held).toBeGreaterThanOrEqual(Math.min(folded, 1_000) - (now - startAt > 7 * 86_400_000 ? 1_000 : 0));
        }
      }),
    );
  });
});

test("hours are counted from the day's own midnight, so that a day of 25 hours has 25", async () => {
  const berlin = await startRig({ startAt: Date.UTC(2026, 9, 25, 23, 30), environment: { TIMEZONE: "Europe/Berlin" } });
  try {
    for (let hour = 0; hour < 25; hour += 1) {
      const at = Date.UTC(2026, 9, 24, 22) + hour * 3_600_000;
      await berlin.env.store.append(usageLog, JSON.stringify(buildEvent({ id: `h${hour}`, at })));
    }
    await rollUp(berlin.env.now() + 1_000, berlin.env);
    const [hours] = await readHours(["2026-10-25"], berlin.env);
    expect([...(hours?.keys() ?? [])]).toEqual(Array.from({ length: 25 }, (_, hour) => hour));
    const [detail] = await readKeyDays("k1", ["2026-10-25"], berlin.env);
    expect(detail?.get("a1|claude-sonnet-5")?.figures[0]).toBe(25);
  } finally {
    await berlin.stop();
  }
});
