import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chooseColumns } from "../../web/src/parts/columns.ts";
import { launchBrowser } from "./browser.ts";
import { type Relay, startRelay } from "./relay.ts";
import { visit } from "./visit.ts";

let relay: Relay;
let browser: Browser;
const longName = "Quarterly report generator of the machine learning platform team, second shift";
const tables: Record<string, string> = {
  keys: "/web/keys",
  accounts: "/web/accounts",
  requests: "/web/requests",
  usage: "/web/usage",
  prices: "/web/prices",
  audit: "/web/audit",
};

beforeAll(async () => {
  [relay, browser] = [await startRelay(), await launchBrowser()];
  for (const name of ["Team", longName])
    await relay.call("POST", "/admin/accounts", {
      name,
      kind: "anthropic",
      baseUrl: relay.upstream.url,
      credential: { kind: "api-key", secret: "sk-ant-api03-team-0123456789" },
    });
  const limits = { dailyCostUsd: 5, weeklyCostUsd: 20, totalCostUsd: 100 };
  const tags = ["a-tag-with-a-long-name", "another-long-tag", "a-third-one", "a-fourth-one"];
  const key = await relay.call<{ id: string; secret: string }>("POST", "/admin/keys", {
    ...{ name: longName, owner: "Ada Lovelace of the analytical engine", tags, ...limits },
  });
  await relay.call("POST", "/admin/keys", { name: "Short" });
  for (const model of ["claude-sonnet-4-5", "claude-sonnet-4-5-20250929-preview-of-a-long-name"])
    await fetch(`${relay.url}/api/v1/messages`, {
      method: "POST",
      headers: { "x-api-key": key.secret, "anthropic-version": "2023-06-01", "content-type": "application/json" },
      body: JSON.stringify({ model, max_tokens: 16, messages: [{ role: "user", content: "Hello" }] }),
    }).then((response) => response.text());
  tables["a key's requests"] = `/web/keys/${key.id}`;
}, 180_000);

afterAll(async () => {
  await browser.close();
  await relay.stop();
});

/** Gives the page `findFaults(least)`: what is wrong with its tables, where a name has at least so many pixels. */
const script = readFileSync(join(import.meta.dirname, "find-faults.js"), "utf8");

/** A page is loaded once, at the narrowest, and widened: its tables go by the width that they are given. */
async function findTableFaults(page: Page): Promise<string[]> {
  const faults: string[] = [];
  for (const [name, path] of Object.entries(tables)) {
    await page.setViewportSize({ width: 1024, height: 900 });
    await page.goto(path);
    await page.locator("table[aria-label] tbody tr").first().waitFor();
    await page.waitForLoadState("networkidle");
    await page.evaluate(script);
    for (const [index, width] of [1024, 1152, 1200, 1280, 1366, 1440].entries()) {
      await page.setViewportSize({ width, height: 900 });
      await page.emulateMedia({ colorScheme: index % 2 === 0 ? "light" : "dark" });
      // The columns are chosen in the frame after the one that measures.
      for (let frame = 0; frame < 4; frame += 1) await page.evaluate("new Promise(requestAnimationFrame)");
      const found = (await page.evaluate("findFaults(160)")) as string[];
      faults.push(...found.map((fault) => `${name}, ${width} px: ${fault}`));
    }
  }
  return faults;
}

describe("tables", () => {
  it.concurrent.each(["en-US", "zh-CN"])(
    "keep names readable and cut nothing without a tooltip, from 1024 to 1440 pixels, in %s",
    async (locale) => {
      const { page, close } = await visit(browser, relay, { locale, reducedMotion: "reduce" });
      const faults = await findTableFaults(page);
      await close();
      expect(faults).toEqual([]);
    },
    300_000,
  );

  it("show a column that was hidden by the chooser again, also after a reload", async () => {
    const { page, close } = await visit(browser, relay);
    await page.goto("/web/keys");
    const owner = page.getByRole("columnheader", { name: "Owner" });
    await owner.waitFor();
    await page.getByRole("button", { name: "Columns" }).click();
    await page.getByRole("menuitemcheckbox", { name: "Owner" }).click();
    await owner.waitFor({ state: "detached" });
    await page.reload();
    await page.getByRole("link", { name: longName }).waitFor();
    expect(await owner.count()).toBe(0);
    await page.getByRole("button", { name: "Columns" }).click();
    await page.getByRole("menuitemcheckbox", { name: "Owner" }).click();
    await owner.waitFor();
    await close();
  });

  it("are walked by the arrow keys", async () => {
    const { page, close } = await visit(browser, relay);
    await page.goto("/web/keys?sort=name&order=asc");
    await page.getByRole("link", { name: longName }).focus();
    await page.keyboard.press("ArrowDown");
    expect(await page.evaluate("document.activeElement?.textContent")).toBe("Short");
    await page.keyboard.press("ArrowUp");
    expect(await page.evaluate("document.activeElement?.textContent")).toBe(longName);
    await close();
  });
});

describe("columns", () => {
  const columns = [
    { id: "name", width: 200 },
    { id: "owner", width: 100, leaves: 2 },
    { id: "created", width: 100, leaves: 1 },
  ];
  const shown = (width: number, hidden: string[] = []) =>
    chooseColumns(columns, new Set(hidden), width).shown.map(({ id }) => id);

  it("leave in their order, and the name never", () => {
    expect(shown(400)).toEqual(["name", "owner", "created"]);
    expect(shown(399)).toEqual(["name", "owner"]);
    expect(shown(299)).toEqual(["name"]);
    expect(shown(10)).toEqual(["name"]);
  });

  it("that a person has hidden leave room for others", () =>
    expect(shown(300, ["owner"])).toEqual(["name", "created"]));
});
