import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { startServer } from "../functions/adapters/node.ts";
import { parseConfig } from "../functions/config.ts";
import { testEnvironment } from "../test/environment.ts";
import { startRedis } from "../test/redis/server.ts";
import { launchBrowser } from "../test/web/browser.ts";
import { buildConsole } from "../test/web/build.ts";
import { quantile } from "./load.ts";
import { fillSample } from "./sample.ts";

/**
 * `npm run bench:console`: the console in a real Chromium, over a server with 10,000 keys and a month of calls on a genuine
 * Redis: how soon it paints with the processor slowed four times, how soon it answers, and what it spends.
 */
const rounds = process.argv.includes("--quick") ? 3 : 7;
await buildConsole();
const redis = await startRedis();
const scratch = mkdtempSync(join(tmpdir(), "relay-console-"));
const environment = { ...testEnvironment, REDIS_HOST: redis.host, REDIS_PORT: String(redis.port), PORT: "0" };
const server = await startServer({
  config: parseConfig({ ...environment, HOST: "127.0.0.1", DATA_DIR: scratch }),
  write: () => undefined,
  consoleDirectory: fileURLToPath(new URL("../dist/web/", import.meta.url)),
});
await fillSample({ keys: 10_000, days: 30, callsADay: 400 }, server.env);
const browser = await launchBrowser();

async function open(slowness: number): Promise<Page> {
  const context = await browser.newContext({ baseURL: server.url, viewport: { width: 1440, height: 900 } });
  const { ADMIN_USERNAME: username, ADMIN_PASSWORD: password } = testEnvironment;
  await context.request.post("/admin/session", { data: { username, password } });
  const page = await context.newPage();
  const debug = await context.newCDPSession(page);
  await debug.send("Emulation.setCPUThrottlingRate", { rate: slowness });
  return page;
}

const tell = (what: string, values: readonly number[], unit: string, goal: string) =>
  console.log(`| ${what} | ${Math.round(quantile(values, 0.5))} ${unit} | ${goal} |`);

async function paints(): Promise<void> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const page = await open(4);
    await page.goto("/web/");
    await page.getByRole("heading", { name: "Use over time" }).waitFor();
    times.push(Number(await page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")));
    await page.context().close();
  }
  tell("dashboard, processor slowed 4 ×: first contentful paint", times, "ms", "≤ 1,000 ms");
}

/** From an input to the frame that shows its answer, by the browser's own event timing, which tells nothing under 16 ms. */
const watch = `new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) window.__times.push(duration);
}).observe({ type: "event", durationThreshold: 16, buffered: false })`;

async function interactions(): Promise<void> {
  const page = await open(1);
  await page.goto("/web/keys");
  await page.getByRole("row").nth(5).waitFor();
  await page.evaluate("window.__times = []");
  await page.evaluate(watch);
  const act = async (what: string, work: () => Promise<void>) => {
    const times: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      await page.evaluate("window.__times = []");
      await work();
      await page.waitForTimeout(700);
      times.push(Number(await page.evaluate("Math.max(0, ...window.__times)")));
    }
    tell(`10,000 keys: ${what}`, times, "ms", "≤ 100 ms");
  };
  const search = page.getByRole("textbox").first();
  await act("a letter typed into the search", () => search.press("A"));
  await search.fill("");
  await act("a key chosen, or no longer", () => page.getByRole("checkbox").nth(2).click());
  await act("sorted by another column", () => page.getByRole("columnheader").getByRole("button").nth(1).click());
  await act("scrolled by some pages, then a key chosen", async () => {
    await page.mouse.move(1_380, 600);
    for (let step = 0; step < 10; step += 1) await page.mouse.wheel(0, 600);
    await page.waitForTimeout(500);
    await page.evaluate("window.__times = []");
    await page.getByRole("checkbox").nth(9).click();
  });
  await page.context().close();
}

async function commands(): Promise<void> {
  const page = await open(1);
  await page.goto("/web/");
  await page.getByRole("heading", { name: "Use over time" }).waitFor();
  await page.waitForLoadState("networkidle");
  await redis.resetCommandCount();
  await page.reload();
  await page.getByRole("heading", { name: "Use over time" }).waitFor();
  await page.waitForLoadState("networkidle");
  tell("dashboard: Redis commands of a refresh", [await redis.commandCount()], "commands", "≤ 40");
  await redis.resetCommandCount();
  // In a tab behind another, as consoles stand open.
  await page.evaluate(`Object.defineProperty(document, "visibilityState", { value: "hidden" });
    document.dispatchEvent(new Event("visibilitychange"))`);
  await page.waitForTimeout(60_000);
  tell("dashboard left open for a minute", [await redis.commandCount()], "commands", "≤ 1");
}

console.log("| console in Chromium | median | goal |\n|---|---|---|");
await paints();
await interactions();
await commands();
await browser.close();
await server.close(0);
await redis.stop();
rmSync(scratch, { recursive: true, force: true });
process.exit(0);
