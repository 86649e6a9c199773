import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { dayOf, weekOf, windowOf } from "./period.ts";

const zones = [
  { TIMEZONE_OFFSET: 8 },
  { TIMEZONE_OFFSET: 0 },
  { TIMEZONE_OFFSET: -9.5 },
  { TIMEZONE: "Europe/Berlin", TIMEZONE_OFFSET: 8 },
  { TIMEZONE: "America/New_York", TIMEZONE_OFFSET: 8 },
  { TIMEZONE: "Australia/Lord_Howe", TIMEZONE_OFFSET: 8 },
  { TIMEZONE: "America/Sao_Paulo", TIMEZONE_OFFSET: 8 },
];
const instant = fc.integer({ min: Date.UTC(2015, 0, 1), max: Date.UTC(2035, 0, 1) });
const zone = fc.constantFrom(...zones);
const hour = 3_600_000;

describe("periods", () => {
  test("an instant lies in its own period, and the end of one is the start of the next", () => {
    fc.assert(
      fc.property(
        instant,
        zone,
        fc.integer({ min: 1, max: 7 }),
        fc.integer({ min: 0, max: 23 }),
        (at, where, day, resetHour) => {
          const kinds = [
            (when: number) => dayOf(when, where),
            (when: number) => weekOf(when, day, resetHour, where),
            (when: number) => windowOf(when, 300),
          ];
          for (const of of kinds) {
            const period = of(at);
            expect(period.startAt).toBeLessThanOrEqual(at);
            expect(period.endAt).toBeGreaterThan(at);
            const next = of(period.endAt);
            expect(next.startAt).toBe(period.endAt);
            expect(next.name).not.toBe(period.name);
            expect(of(period.endAt - 1)).toEqual(period);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  test("a local day begins at local midnight, or at the first moment after it where the clock jumps over it", () => {
    expect(dayOf(Date.UTC(2026, 10, 22, 15, 59), { TIMEZONE_OFFSET: 8 })).toEqual({
      name: "2026-11-22",
      startAt: Date.UTC(2026, 10, 21, 16),
      endAt: Date.UTC(2026, 10, 22, 16),
    });
    // Clocks in São Paulo went from 23:59:59 on 3 November 2018 to 01:00 on the 4th.
    const jump = dayOf(Date.UTC(2018, 10, 4, 12), { TIMEZONE: "America/Sao_Paulo", TIMEZONE_OFFSET: 0 });
    expect(jump).toEqual({ name: "2018-11-04", startAt: Date.UTC(2018, 10, 4, 3), endAt: Date.UTC(2018, 10, 5, 2) });
  });

  test("days of daylight-saving ends have 23 and 25 hours", () => {
    const berlin = { TIMEZONE: "Europe/Berlin", TIMEZONE_OFFSET: 0 };
    const spring = dayOf(Date.UTC(2026, 2, 29, 10), berlin);
    const autumn = dayOf(Date.UTC(2026, 9, 25, 10), berlin);
    expect([spring, autumn].map(({ startAt, endAt }) => (endAt - startAt) / hour)).toEqual([23, 25]);
  });

  test("an offset of 0 hours is 0, not the default", () => {
    expect(dayOf(Date.UTC(2026, 0, 1, 0), { TIMEZONE_OFFSET: 0 }).startAt).toBe(Date.UTC(2026, 0, 1));
  });

  test("a week begins on its reset day and hour", () => {
    const week = weekOf(Date.UTC(2026, 10, 22, 12), 1, 9, { TIMEZONE_OFFSET: 0 });
    expect([week.startAt, week.endAt]).toEqual([Date.UTC(2026, 10, 16, 9), Date.UTC(2026, 10, 23, 9)]);
  });
});
