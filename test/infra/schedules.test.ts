import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parseConfig } from "../../functions/config.ts";
import { listJobs } from "../../functions/operations/jobs/jobs.ts";
import { routes } from "../../functions/routes.ts";
import { cronOf, listCalls } from "../../infra/cron.ts";
import { syncSchedules } from "../../scripts/schedules.ts";
import { startQStash, type SimulatedQStash } from "./qstash.ts";

let qstash: SimulatedQStash;
beforeEach(async () => (qstash = await startQStash()));
afterEach(() => qstash.stop());

const publicUrl = "https://relay.example.com/";
const sync = (more: object = {}) => syncSchedules({ publicUrl, environment: {}, ...more }, qstash);
const kept = () =>
  [...qstash.schedules.values()].map(({ scheduleId, destination, cron }) => [scheduleId, destination, cron]);

describe("the schedules", () => {
  test.each([
    [1, "* * * * *"],
    [7, "*/6 * * * *"],
    [30, "*/30 * * * *"],
    [45, "*/30 * * * *"],
    [60, "0 * * * *"],
    [200, "0 */3 * * *"],
    [1440, "0 0 * * *"],
  ])("run every %i minutes or a little oftener, evenly", (minutes, cron) => {
    expect(cronOf(minutes)).toBe(cron);
  });

  test("are the jobs that a process with a timer runs, as often, at routes that there are", () => {
    const secrets = {
      JWT_SECRET: "j".repeat(32),
      ENCRYPTION_KEY: "e".repeat(32),
      ADMIN_USERNAME: "a",
      ADMIN_PASSWORD: "p".repeat(8),
    };
    for (const given of [{}, { TOKEN_REFRESH_INTERVAL: "10", RATE_LIMIT_CLEANUP_INTERVAL: "120" }]) {
      const jobs = listJobs(parseConfig({ ...secrets, ...given }));
      const calls = listCalls(given);
      expect(calls.map(({ job, cron }) => [job, cron])).toEqual(
        jobs.map(({ name, intervalMinutes }) => [name, cronOf(intervalMinutes)]),
      );
    }
    for (const { path, method } of listCalls({}, 10))
      expect(routes.some((route) => route.path === path && (route.methods as readonly string[]).includes(method))).toBe(
        true,
      );
  });

  test("stay within QStash's free thousand messages a day, with a keep-alive too", () => {
    const perDay = (cron: string) => 1440 / Number(/^\*\/(\d+) \* \* \* \*$/.exec(cron)?.[1]);
    const sum = (keepAlive?: number) => listCalls({}, keepAlive).reduce((total, { cron }) => total + perDay(cron), 0);
    expect(sum()).toBe(144);
    expect(sum(10)).toBe(288);
  });

  test("are put under ids that stay, so that a second run changes nothing", async () => {
    const wanted = [
      ["claude-relay-relay-example-com-refresh", "https://relay.example.com/cron/refresh", "*/30 * * * *"],
      ["claude-relay-relay-example-com-cleanup", "https://relay.example.com/cron/cleanup", "*/30 * * * *"],
      ["claude-relay-relay-example-com-rollup", "https://relay.example.com/cron/rollup", "*/30 * * * *"],
    ];
    await sync();
    expect(kept()).toEqual(wanted);
    await sync();
    expect(kept()).toEqual(wanted);
    await sync({ environment: { TOKEN_REFRESH_INTERVAL: "10" } });
    expect(qstash.schedules.get("claude-relay-relay-example-com-refresh")?.cron).toBe("*/10 * * * *");
  });

  test("that are no longer wanted are removed, and nobody else's", async () => {
    await sync({ keepAlive: 10 });
    expect(qstash.schedules.get("claude-relay-relay-example-com-awake")).toMatchObject({ method: "GET", retries: 0 });
    await syncSchedules({ publicUrl: "https://relay.example.com.au", environment: {} }, qstash);
    expect(await sync()).toContain("removed claude-relay-relay-example-com-awake");
    expect(qstash.schedules.size).toBe(6);
    await sync({ isRemoval: true });
    expect(kept().map(([id]) => id)).toEqual(
      ["refresh", "cleanup", "rollup"].map((job) => `claude-relay-relay-example-com-au-${job}`),
    );
  });

  test("tell what QStash refuses", async () => {
    await expect(syncSchedules({ publicUrl, environment: {} }, { url: qstash.url, token: "other" })).rejects.toThrow(
      "401",
    );
  });
});
