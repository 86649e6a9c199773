import { beforeEach, describe, expect, test } from "vitest";
import { parseConfig } from "../../config.ts";
import type { Env } from "../../env.ts";
import { testEnvironment } from "../../../test/environment.ts";
import { type ApiKey, keyDefaults } from "../keys/key.ts";
import { bodyBudget, openRoom, takePlace } from "./load.ts";

const megabyte = 1024 * 1024;
const keyOf = (change: Partial<ApiKey> = {}): ApiKey => ({
  ...keyDefaults,
  ...{ id: "k", hash: "h", prefix: "cr_", name: "key", createdAt: 0 },
  ...change,
});
const envOf = (memoryMb: number, settings: Record<string, string> = {}) =>
  ({ config: parseConfig({ ...testEnvironment, ...settings }), memoryBytes: memoryMb * megabyte }) as Env;
const busy = expect.objectContaining({ code: "process.busy", status: 503, retryAfterSeconds: 5 }) as Error;
const full = expect.objectContaining({ code: "limit.concurrency", status: 429 }) as Error;
/** How many of so many may come before one has left. */
const takeMost = (count: number, key: ApiKey, isFree: boolean, env: Env) => {
  let taken = 0;
  for (let at = 0; at < count; at++)
    try {
      takePlace(key, isFree, env);
      taken += 1;
    } catch (error) {
      expect(error).toEqual(full);
    }
  return taken;
};

let env: Env;
beforeEach(() => (env = envOf(1_000, { KEY_MAX_CALLS: "50" })));

describe("bodies under way", () => {
  test.each([
    [{ concurrency: 2 }, 2],
    [{ concurrency: 1 }, 1],
    [{ concurrency: 2, queueLength: 3 }, 5],
    [{}, 50],
    [{ concurrency: 100 }, 50],
  ])("of a key with %o: at most %i", (limits, most) => {
    expect(takeMost(60, keyOf(limits), false, env)).toBe(most);
  });

  test("count with those that run, and free calls beside them", () => {
    const key = keyOf({ concurrency: 3 });
    const running = takePlace(key, false, env);
    running.admitted();
    expect(takeMost(10, key, false, env)).toBe(2);
    expect(takeMost(20, key, true, env)).toBe(7);
    running.leave();
    running.leave();
    expect(takeMost(10, key, false, env)).toBe(1);
  });

  test("are refused where their bytes are more than the process's share, and one key's more than half of it", () => {
    const places = Array.from({ length: 3 }, () => takePlace(keyOf(), false, env));
    places[0]?.take(60 * megabyte);
    expect(() => places[1]?.expect(50 * megabyte)).toThrow(busy);
    places[1]?.take(40 * megabyte);
    expect(() => places[2]?.take(1 * megabyte)).toThrow(busy);
    const other = takePlace(keyOf({ id: "other" }), false, env);
    other.take(99 * megabyte);
    expect(() => other.take(2 * megabyte)).toThrow(busy);
    places[0]?.letGo();
    other.take(2 * megabyte);
    places[1]?.leave();
    other.leave();
    openRoom(keyOf(), env).take(200 * megabyte);
  });

  test("may take 512 MB of a large machine, unless the operator says otherwise", () => {
    expect(bodyBudget(envOf(64_000))).toBe(512 * megabyte);
    expect(bodyBudget(envOf(1_000))).toBe(200 * megabyte);
    expect(bodyBudget(envOf(64_000, { BODIES_MAX_MB: "2000" }))).toBe(2_000 * megabyte);
  });
});
