import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchBrowser } from "./browser.ts";
import { type Relay, startRelay } from "./relay.ts";
import { visit } from "./visit.ts";

let relay: Relay;
let browser: Browser;
const built = fileURLToPath(new URL("../../dist/web/", import.meta.url));

beforeAll(async () => {
  [relay, browser] = [await startRelay(), await launchBrowser()];
  const credential = { kind: "api-key", secret: "sk-ant-api03-weight-0123456789" };
  await relay.call("POST", "/admin/accounts", {
    name: "Team",
    kind: "anthropic",
    baseUrl: relay.upstream.url,
    credential,
  });
  await relay.call("POST", "/admin/keys", { name: "Laptop" });
}, 180_000);

afterAll(async () => {
  await browser.close();
  await relay.stop();
});

describe("the dashboard", () => {
  it("needs at most 250 kB of compressed scripts, the charts apart, which come after it", async () => {
    const { page, close } = await visit(browser, relay);
    const scripts = new Set<string>();
    page.on("response", (response) => {
      const name = new URL(response.url()).pathname;
      if (name.endsWith(".js")) scripts.add(name.replace("/web/", ""));
    });
    await page.goto("/web/");
    await page.getByRole("heading", { name: "Usage over time" }).waitFor();
    await page.getByRole("img", { name: /^Cost from/ }).waitFor();
    await page.waitForLoadState("networkidle");
    const bytes = (names: string[]) =>
      names.reduce((sum, name) => sum + gzipSync(readFileSync(built + name)).length, 0);
    const charts = [...scripts].filter((name) => /\/chart-/.test(name));
    expect(charts).toHaveLength(1);
    expect(bytes([...scripts].filter((name) => !charts.includes(name)))).toBeLessThan(250_000);
    await close();
  });
});
