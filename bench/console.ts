import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import type { Page } from "playwright-core";
import { startServer } from "../functions/runtimes/node/node.ts";
import { parseConfig } from "../functions/config.ts";
import { testEnvironment } from "../test/environment.ts";
import { startRedis } from "../test/redis/server.ts";
import { launchBrowser } from "../test/web/browser.ts";
import { buildConsole } from "../test/web/build.ts";
import { quantile } from "./load.ts";
import { fillSample } from "../test/sample.ts";

/**
 * `npm run bench:console`: the console in a real Chromium, over a server with 10,000 keys and a month of calls on a genuine
 * Redis: how soon it paints with the processor slowed four times, what it weighs, how soon it answers, and what it spends.
 */
const rounds = process.argv.includes("--quick") ? 3 : 7;
const built = fileURLToPath(new URL("../dist/web/", import.meta.url));
await buildConsole();
const redis = await startRedis();
const scratch = mkdtempSync(join(tmpdir(), "relay-console-"));
const environment = { ...testEnvironment, REDIS_HOST: redis.host, REDIS_PORT: String(redis.port), PORT: "0" };
const server = await startServer({
  config: parseConfig({ ...environment, HOST: "127.0.0.1", DATA_DIR: scratch }),
  write: () => undefined,
  consoleDirectory: built,
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

/** What the dashboard's first load brings: scripts as they come over the line, the charts' apart, which come after it. */
async function weighs(): Promise<void> {
  const page = await open(1);
  const bytes = { rest: 0, charts: 0 };
  page.on("requestfinished", (request) => {
    const { pathname } = new URL(request.url());
    if (!pathname.endsWith(".js")) return;
    const code = gzipSync(readFileSync(join(built, pathname.replace("/web/", "")))).length;
    bytes[/\/chart-/.test(pathname) ? "charts" : "rest"] += code;
  });
  await openDashboard(page);
  await page.context().close();
  tell("dashboard: compressed scripts of the first load", [bytes.rest / 1_000], "kB", "≤ 250 kB");
  tell("dashboard: the charts, fetched after it", [bytes.charts / 1_000], "kB", "");
}

async function openDashboard(page: Page): Promise<void> {
  await page.goto("/web/");
  await page.getByRole("heading", { name: "Usage over time" }).waitFor();
  await page.waitForLoadState("networkidle");
}

async function paints(): Promise<void> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const page = await open(4);
    await page.goto("/web/");
    await page.getByRole("heading", { name: "Usage over time" }).waitFor();
    times.push(Number(await page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")));
    await page.context().close();
  }
  tell("dashboard, processor slowed 4 ×: first contentful paint", times, "ms", "≤ 1,000 ms");
}

/**
 * `__times`: from an input to the frame that shows its answer, by the browser's own event timing, which tells nothing under
 * 16 ms. `__settled`: until the table's rows last changed, which is when the server's answer stands there.
 */
const watch = `
new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) window.__times.push(duration);
}).observe({ type: "event", durationThreshold: 16, buffered: false });
addEventListener("click", () => (window.__from = performance.now()), { capture: true });
new MutationObserver(() => (window.__settled = performance.now() - window.__from))
  .observe(document.querySelector("table"), { subtree: true, childList: true, characterData: true, attributes: true })`;

async function interactions(): Promise<void> {
  const page = await open(1);
  await page.goto("/web/keys");
  await page.getByRole("row").nth(5).waitFor();
  await page.evaluate(watch);
  const act = async (what: string, work: (round: number) => Promise<unknown>, hasAnswer = false) => {
    const [frames, answers]: [number[], number[]] = [[], []];
    for (let round = 0; round < rounds; round += 1) {
      await page.evaluate("window.__times = []; window.__settled = 0");
      await work(round);
      await page.waitForTimeout(900);
      frames.push(Number(await page.evaluate("Math.max(0, ...window.__times)")));
      answers.push(Number(await page.evaluate("window.__settled")));
    }
    tell(`10,000 keys: ${what}`, frames, "ms", "≤ 100 ms");
    if (hasAnswer) tell(`10,000 keys: ${what}, until the new rows stand there`, answers, "ms", "");
  };
  const search = page.getByRole("textbox").first();
  await act("a letter typed into the search", () => search.press("A"));
  await search.fill("");
  await act("a key chosen, or no longer", () => page.getByRole("checkbox").nth(2).click());
  const heads = page.getByRole("columnheader").getByRole("button");
  await act("sorted by another column", (round) => heads.nth(round % 2 === 0 ? 0 : 2).click(), true);
  await act("sorted by cost", () => heads.nth(4).click(), true);
  await filter(page, act);
  await act("scrolled by some pages, then a key chosen", async () => {
    await page.mouse.move(1_380, 600);
    for (let step = 0; step < 10; step += 1) await page.mouse.wheel(0, 600);
    await page.waitForTimeout(500);
    await page.evaluate("window.__times = []");
    await page.getByRole("checkbox").nth(9).click();
  });
  await page.context().close();
}

type Act = (what: string, work: (round: number) => Promise<unknown>, hasAnswer?: boolean) => Promise<void>;

/** By tag, another one each time; the list of tags is open before the clock starts. */
async function filter(page: Page, act: Act): Promise<void> {
  const tags = ["backend", "data", "platform", "frontend"];
  const tag = page.getByRole("combobox", { name: "Tag" });
  const choose = async (round: number) => {
    await tag.click();
    const option = page.getByRole("option", { name: tags[round % tags.length] ?? "" });
    await option.waitFor();
    await page.evaluate("window.__times = []");
    await option.click();
  };
  await act("filtered by a tag", choose, true);
}

async function commands(): Promise<void> {
  const page = await open(1);
  await page.clock.install();
  await openDashboard(page);
  await redis.resetCommandCount();
  await page.reload();
  await page.getByRole("heading", { name: "Usage over time" }).waitFor();
  await page.waitForLoadState("networkidle");
  tell("dashboard: Redis commands of a refresh", [await redis.commandCount()], "commands", "≤ 40");
  // Two minutes after the last touch nobody is looking; the browser's clock is moved, the store's commands are real.
  await page.clock.runFor(150_000);
  await page.waitForLoadState("networkidle");
  await redis.resetCommandCount();
  await page.clock.runFor(600_000);
  await page.waitForLoadState("networkidle");
  tell("dashboard left open, in sight, for ten minutes", [await redis.commandCount()], "commands", "≤ 10");
  await page.context().close();
}

/** What the server takes for the dashboard's own question. */
async function overview(): Promise<void> {
  const page = await open(1);
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const startedAt = performance.now();
    await page.context().request.get("/admin/usage/overview");
    times.push(performance.now() - startedAt);
  }
  await page.context().close();
  tell("dashboard: its figures of 30 days from the server, 10,000 keys", times, "ms", "≤ 150 ms with 500 keys");
}

console.log("| console in Chromium | median | goal |\n|---|---|---|");
await weighs();
await paints();
await overview();
await interactions();
await commands();
await browser.close();
await server.close(0);
await redis.stop();
rmSync(scratch, { recursive: true, force: true });
process.exit(0);
