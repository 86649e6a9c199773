import { expect, test } from "vitest";
import { forecastWindows, type Sample } from "./forecast.ts";

const minuteMs = 60_000;
const now = Date.UTC(2026, 9, 5, 12);
const sample = (minutesAgo: number, utilization: number, resetInMinutes?: number): Sample => ({
  name: "5h",
  at: now - minutesAgo * minuteMs,
  utilization,
  resetAt: resetInMinutes === undefined ? undefined : now + resetInMinutes * minuteMs,
});

test("a window that fills steadily is said to be used up on the straight line", () => {
  const [window] = forecastWindows([sample(0, 0.6, 200), sample(60, 0.4, 200), sample(30, 0.5, 200)], now);
  expect(window).toMatchObject({ utilization: 0.6, at: now, emptiesAt: now + 120 * minuteMs });
});

test("a window that resets before it is used up never is", () => {
  expect(forecastWindows([sample(60, 0.4, 100), sample(0, 0.6, 100)], now)[0]?.emptiesAt).toBeUndefined();
});

test("what was before a reset says nothing about after it", () => {
  const samples = [sample(90, 0.8), sample(60, 0.95), sample(50, 0.05), sample(25, 0.1), sample(0, 0.15)];
  expect(forecastWindows(samples, now)[0]?.emptiesAt).toBe(now + Math.round((0.85 / 0.1) * 50) * minuteMs);
});

test("a window that is full is empty now, one that has reset is not told, and one look foretells nothing", () => {
  expect(forecastWindows([sample(10, 1, 30)], now)[0]?.emptiesAt).toBe(now);
  expect(forecastWindows([sample(10, 0.9, -1)], now)).toEqual([]);
  expect(forecastWindows([sample(0, 0.9)], now)[0]?.emptiesAt).toBeUndefined();
  expect(forecastWindows([sample(9, 0.1), sample(0, 0.9)], now)[0]?.emptiesAt).toBeUndefined();
  expect(forecastWindows([sample(60, 0.5), sample(30, 0.5), sample(0, 0.5)], now)[0]?.emptiesAt).toBeUndefined();
  expect(forecastWindows([], now)).toEqual([]);
});
