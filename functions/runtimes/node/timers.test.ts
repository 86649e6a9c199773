import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Env } from "../../env.ts";
import { startTimers } from "./timers.ts";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function rig() {
  const logged: string[] = [];
  const work: Promise<unknown>[] = [];
  const parts: Pick<Env, "log" | "after"> = {
    log: (_level, event) => void logged.push(event),
    after: (promise) => void work.push(promise),
  };
  return { env: parts as Env, logged, work };
}

describe("timers of a process that stays up", () => {
  test("run a job after each interval and not at the start", async () => {
    const { env } = rig();
    const run = vi.fn(async () => undefined);
    startTimers([{ name: "a", intervalMinutes: 30, run }], env);
    await vi.advanceTimersByTimeAsync(29 * 60_000);
    expect(run).toHaveBeenCalledTimes(0);
    await vi.advanceTimersByTimeAsync(61 * 60_000);
    expect(run).toHaveBeenCalledTimes(3);
    expect(run).toHaveBeenCalledWith(env);
  });

  test("leave a job that still runs alone", async () => {
    const { env } = rig();
    let finish = () => undefined as void;
    const run = vi.fn(() => new Promise<void>((resolve) => (finish = resolve)));
    startTimers([{ name: "a", intervalMinutes: 1, run }], env);
    await vi.advanceTimersByTimeAsync(5 * 60_000);
    expect(run).toHaveBeenCalledTimes(1);
    finish();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(run).toHaveBeenCalledTimes(2);
  });

  test("go on after a failure, and tell it", async () => {
    const { env, logged, work } = rig();
    const run = vi.fn(() => Promise.reject(new Error("no")));
    startTimers([{ name: "a", intervalMinutes: 1, run }], env);
    await vi.advanceTimersByTimeAsync(2 * 60_000);
    await Promise.all(work);
    expect([run.mock.calls.length, logged]).toEqual([2, ["job failed", "job failed"]]);
  });

  test("stop when told", async () => {
    const { env } = rig();
    const run = vi.fn(async () => undefined);
    startTimers([{ name: "a", intervalMinutes: 1, run }], env)();
    await vi.advanceTimersByTimeAsync(5 * 60_000);
    expect(run).toHaveBeenCalledTimes(0);
  });
});
