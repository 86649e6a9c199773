import fc from "fast-check";
import { expect, test } from "vitest";
import { nanosOfUsd, usdOfNanos } from "./money.ts";

test.each([
  [0, 0],
  [0.07, 70_000_000],
  [0.1, 100_000_000],
  [1.1, 1_100_000_000],
  [4.35, 4_350_000_000],
  [1e-9, 1],
  [1.5e-8, 15],
  [0.000_000_123, 123],
  [999_999.123_456_789, 999_999_123_456_789],
  [100, 100_000_000_000],
])("%d dollars are exactly %d nanos", (usd, nanos) => {
  expect(nanosOfUsd(usd)).toBe(nanos);
  expect(usdOfNanos(nanos)).toBe(usd);
});

test.each([-1, -0.1, Number.NaN, Infinity, 1_000_000, 1e21, 0.1 + 0.2, 1e-10, 1.000_000_000_1])(
  "%d dollars are refused: no exact count of nanos below a million dollars",
  (usd) => expect(nanosOfUsd(usd)).toBeUndefined(),
);

test("every count of nanos below a million dollars survives JSON and comes back the same", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 999_999_999_999_999 }), (nanos) => {
      expect(nanosOfUsd(JSON.parse(JSON.stringify(usdOfNanos(nanos))) as number)).toBe(nanos);
    }),
    { numRuns: 5_000 },
  );
});
