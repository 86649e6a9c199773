import { expect, test } from "vitest";
import { isFlat, slopeOf } from "./slope.ts";

const noise = [0.4, -0.3, 0.1, -0.5, 0.5, -0.2, 0.3, -0.4, 0.2, -0.1];

test("a line that rises is seen through noise, and noise alone is not a rise", () => {
  const rising = slopeOf(noise.map((each, index) => 40 + index + each));
  expect(rising.rise).toBeGreaterThan(8);
  expect(isFlat(rising, 4)).toBe(false);
  expect(isFlat(slopeOf(noise.map((each) => 40 + 10 * each)), 4)).toBe(true);
  expect(isFlat(slopeOf(noise.map((each, index) => 40 - index + each)), 0)).toBe(true);
});

test("a rise within what is allowed is flat, however sure it is", () => {
  const sure = slopeOf([1, 2, 3, 4, 5]);
  expect(sure).toEqual({ rise: 4, error: 0 });
  expect([isFlat(sure, 4), isFlat(sure, 3.9)]).toEqual([true, false]);
});
