import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parseConfig, type Environment } from "../../functions/config.ts";
import { listJobs } from "../../functions/operations/jobs/jobs.ts";
import { cronOf, listCalls } from "../../functions/operations/jobs/schedules.ts";
import { routes } from "../../functions/routes.ts";
import { runSchedules, syncSchedules } from "../../scripts/schedules.ts";
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
    for (const { path, method } of listCalls({ KEEP_ALIVE_MINUTES: "10" }))
      expect(routes.some((route) => route.path === path && (route.methods as readonly string[]).includes(method))).toBe(
        true,
      );
  });

  test("stay within QStash's free thousand messages a day, with a keep-alive too", () => {
    const perDay = (cron: string) => 1440 / Number(/^\*\/(\d+) \* \* \* \*$/.exec(cron)?.[1]);
    const sum = (environment: Environment) =>
      listCalls(environment).reduce((total, { cron }) => total + perDay(cron), 0);
    expect(sum({})).toBe(144);
    expect(sum({ KEEP_ALIVE_MINUTES: "10" })).toBe(288);
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

  test.each(["30m", "abc", "0", "-5", "1e", "Infinity"])("refuse %j as an interval, by its name", (value) => {
    expect(() => listCalls({ TOKEN_REFRESH_INTERVAL: value })).toThrow(/^TOKEN_REFRESH_INTERVAL must be a number/);
    expect(() => cronOf(Number.NaN)).toThrow("must be a number of minutes");
  });

  test("tell what QStash refuses", async () => {
    await expect(syncSchedules({ publicUrl, environment: {} }, { url: qstash.url, token: "other" })).rejects.toThrow(
      "401",
    );
  });
});

describe("npm run schedules", () => {
  const run = async (args: readonly string[], more: Environment = {}) => {
    const lines: string[] = [];
    const environment = { QSTASH_TOKEN: qstash.token, QSTASH_URL: qstash.url, PUBLIC_URL: publicUrl, ...more };
    const code = await runSchedules(args, environment, (line) => lines.push(line));
    return { code, text: lines.join("\n") };
  };

  test("takes its number with a blank or an equals sign, and keeps what it made", async () => {
    for (const args of [["--keep-alive", "10"], ["--keep-alive=10"]]) {
      expect((await run(args)).code).toBe(0);
      expect(qstash.schedules.get("claude-relay-relay-example-com-awake")?.cron).toBe("*/10 * * * *");
    }
  });

  test.each([
    [["--remve"], 2, "--remve"],
    [["--keep-alive"], 2, "--keep-alive"],
    [["--keep-alive=ten"], 2, "--keep-alive needs a number of minutes"],
    [["--keep-alive=0"], 2, "--keep-alive needs a number of minutes"],
    [["10"], 2, "10"],
  ])("refuses %j in words and changes nothing", async (args, code, word) => {
    await run(["--keep-alive=10"]);
    const before = [...qstash.schedules];
    const ended = await run(args);
    expect([ended.code, ended.text]).toEqual([code, expect.stringContaining(word)]);
    expect([...qstash.schedules]).toEqual(before);
  });

  test.each([
    [{ QSTASH_TOKEN: "other" }, 1, "QStash answered 401"],
    [{ QSTASH_URL: "http://127.0.0.1:9" }, 1, "QStash cannot be reached at http://127.0.0.1:9"],
    [{ QSTASH_TOKEN: "" }, 78, "QSTASH_TOKEN is missing"],
    [{ PUBLIC_URL: "relay" }, 78, "PUBLIC_URL is missing or no URL"],
    [{ TOKEN_REFRESH_INTERVAL: "abc" }, 78, "TOKEN_REFRESH_INTERVAL must be a number of minutes"],
  ])("says %j in a sentence", async (wrong, code, words) => {
    expect(await run([], wrong)).toEqual({ code, text: expect.stringMatching(`^${words}`) });
  });
});
