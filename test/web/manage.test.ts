import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findBarriers } from "./barriers.ts";
import { launchBrowser } from "./browser.ts";
import { type Relay, startRelay } from "./relay.ts";
import { visit } from "./visit.ts";

let relay: Relay;
let browser: Browser;
let secret: string;

interface Named {
  readonly id: string;
  readonly name: string;
}
interface Group extends Named {
  readonly accounts: string[];
  readonly keys: number;
}

const listGroups = async () => (await relay.call<{ items: Group[] }>("GET", "/admin/groups")).items;
const findGroup = async (name: string) => (await listGroups()).find((group) => group.name === name);

async function send(model: string): Promise<void> {
  const body = { model, max_tokens: 16, messages: [{ role: "user", content: "Hello" }] };
  const headers = { "x-api-key": secret, "anthropic-version": "2023-06-01", "content-type": "application/json" };
  const response = await fetch(`${relay.url}/api/v1/messages`, { method: "POST", headers, body: JSON.stringify(body) });
  await response.text();
}

beforeAll(async () => {
  [relay, browser] = [await startRelay(), await launchBrowser()];
  const credential = { kind: "api-key", secret: "sk-ant-api03-team-0123456789" };
  const draft = { name: "Team", kind: "anthropic", baseUrl: relay.upstream.url, credential };
  await relay.call("POST", "/admin/accounts", draft);
  ({ secret } = await relay.call<{ secret: string }>("POST", "/admin/keys", { name: "Ada's laptop" }));
  await send("our-own-model");
}, 180_000);

afterAll(async () => {
  await browser.close();
  await relay.stop();
});

describe("groups", () => {
  it("are made with accounts, changed, and a change is taken back where it is told", async () => {
    const { page, complaints, close } = await visit(browser, relay);
    await page.goto("/web/groups");
    await page.getByRole("button", { name: "Create a group" }).first().click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Name").fill("Frontend");
    await dialog.getByRole("combobox", { name: "Accounts" }).click();
    await page.getByRole("option", { name: /^Team/ }).click();
    await dialog.getByRole("button", { name: "Create a group" }).click();
    await page.getByText("Frontend was created.").waitFor();
    expect((await findGroup("Frontend"))?.accounts).toHaveLength(1);
    await page.getByRole("button", { name: "Edit Frontend" }).click();
    await dialog.getByLabel("Name").fill("Interfaces");
    await dialog.getByRole("button", { name: "Save changes" }).click();
    await page.getByText("Interfaces was saved.").waitFor();
    await page.getByRole("button", { name: "Undo" }).click();
    await page.getByText("Undone.").waitFor();
    expect(await findGroup("Frontend")).toBeDefined();
    expect(complaints).toEqual([]);
    await close();
  }, 60_000);

  it("that keys are bound to go only once it is said what becomes of the keys", async () => {
    const { id } = await relay.call<Named>("POST", "/admin/groups", { name: "Old" });
    await relay.call("POST", "/admin/groups", { name: "New" });
    await relay.call("POST", "/admin/keys", { name: "Bound", bindings: { claude: `group:${id}` } });
    const { page, close } = await visit(browser, relay);
    await page.goto("/web/groups");
    await page.getByRole("button", { name: "Delete Old" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("1 key is bound to this group: Bound.").waitFor();
    expect(await dialog.getByRole("button", { name: "Delete" }).isDisabled()).toBe(true);
    await dialog.getByRole("combobox", { name: "What becomes of them" }).click();
    await page.getByRole("option", { name: /Bound to New/ }).click();
    await dialog.getByRole("button", { name: "Delete" }).click();
    await page.getByText("Old was deleted.").waitFor();
    expect(await findGroup("Old")).toBeUndefined();
    expect((await findGroup("New"))?.keys).toBe(1);
    await close();
  }, 60_000);
});

describe("prices", () => {
  it("show a model that has none, take one for it, and take it away again", async () => {
    const { page, complaints, close } = await visit(browser, relay);
    await page.goto("/web/prices");
    await page.getByRole("button", { name: "Set a price for our-own-model" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Input").fill("1.5");
    await dialog.getByLabel("Output").fill("6");
    await dialog.getByRole("button", { name: "Save changes" }).click();
    await page.getByText("The price of our-own-model was saved.").waitFor();
    await page.getByRole("row", { name: /our-own-model.*\$1\.50.*\$6\.00/ }).waitFor();
    await page.getByRole("heading", { name: "Without a price" }).waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Change the price of our-own-model" }).click();
    await dialog.getByRole("button", { name: "Take the price away" }).click();
    await page.getByText("The own price of our-own-model is gone.").waitFor();
    expect((await relay.call<{ own: number }>("GET", "/admin/prices?of=own")).own).toBe(0);
    expect(complaints).toEqual([]);
    await close();
  }, 60_000);

  it("are searched by the server, with the search in the address", async () => {
    const { page, close } = await visit(browser, relay);
    await page.goto("/web/prices");
    await page.getByLabel("Search a model").fill("no-such-model");
    await page.getByText("No results").waitFor();
    expect(new URL(page.url()).searchParams.get("search")).toBe("no-such-model");
    await page.getByRole("button", { name: "Clear filters" }).click();
    await page
      .getByRole("row", { name: /claude-/ })
      .first()
      .waitFor();
    expect(await page.getByLabel("Search a model").inputValue()).toBe("");
    await close();
  }, 60_000);
});

describe("settings", () => {
  interface Settings {
    readonly publicUrl: string | null;
    readonly unusedDays: number;
  }
  const read = () => relay.call<Settings>("GET", "/admin/settings");

  it("say what is wrong beside the field, are saved, and taken back where that is told", async () => {
    const { page, complaints, close } = await visit(browser, relay);
    await page.goto("/web/settings");
    const general = page.getByRole("form", { name: "General" });
    await general.getByLabel("Address for clients").fill("relay.example.com");
    await general.getByLabel("Days until a key counts as unused").fill("45");
    await general.getByRole("button", { name: "Save changes" }).click();
    await general.getByText("A URL begins with https:// or http://.").waitFor();
    expect(await general.locator("input:focus").inputValue()).toBe("relay.example.com");
    await general.getByLabel("Address for clients").fill("https://relay.example.com/");
    await general.getByRole("button", { name: "Save changes" }).click();
    await page.getByText("The settings were saved.").waitFor();
    expect(await read()).toMatchObject({ publicUrl: "https://relay.example.com", unusedDays: 45 });
    await page.getByRole("button", { name: "Undo" }).click();
    await page.getByText("Undone.").waitFor();
    expect(await read()).toMatchObject({ publicUrl: null, unusedDays: 90 });
    expect(complaints).toEqual([]);
    await close();
  }, 60_000);

  it("ask before usage is kept for less long, which deletes it", async () => {
    const { page, close } = await visit(browser, relay);
    await page.goto("/web/settings");
    const kept = page.getByRole("form", { name: "How long usage is kept" });
    await kept.getByLabel("Figures by the day, days").fill("60");
    await kept.getByRole("button", { name: "Save changes" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
    const days = async () => (await relay.call<{ dayRows: number }>("GET", "/admin/usage/retention")).dayRows;
    expect(await days()).toBe(400);
    await kept.getByRole("button", { name: "Save changes" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Keep less" }).click();
    await page.getByText("The settings were saved.").waitFor();
    expect(await days()).toBe(60);
    await close();
  }, 60_000);
});

describe("usage", () => {
  it("ranks models, sorted by a column, with all of it in the address, and exports it", async () => {
    const { page, complaints, close } = await visit(browser, relay);
    await page.goto("/web/usage");
    await page.getByRole("link", { name: "Ada's laptop" }).waitFor();
    await page.getByRole("combobox", { name: "Rows" }).selectOption("model");
    const head = page.getByRole("columnheader", { name: "Requests" });
    await head.getByRole("button").click();
    await page.getByRole("link", { name: "our-own-model" }).waitFor();
    expect(new URL(page.url()).search).toBe("?by=model&sort=requests");
    expect(await head.getAttribute("aria-sort")).toBe("descending");
    await page.getByRole("button", { name: "Export CSV" }).click();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("menuitem", { name: "A row for each day and model" }).click(),
    ]);
    expect(download.suggestedFilename()).toMatch(/^usage-model-.*\.csv$/);
    expect(complaints).toEqual([]);
    await close();
  }, 60_000);
});

describe("the audit log", () => {
  it("tells what was done in words, to what, and what changed, and that its chain is whole", async () => {
    const { id } = await relay.call<Named>("POST", "/admin/keys", { name: "Audited", dailyCostUsd: 5 });
    await relay.call("PATCH", `/admin/keys/${id}`, { dailyCostUsd: 7 });
    const { page, complaints, close } = await visit(browser, relay);
    await page.goto(`/web/audit?target=${id}&operation=updateKey`);
    await page.getByRole("button", { name: "API key changed" }).click();
    const drawer = page.getByRole("dialog", { name: "API key changed" });
    await drawer.getByRole("row", { name: "dailyCostUsd 5 7" }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Verify integrity" }).click();
    await page.getByText(/The chain is whole: entries 1 to \d+\./).waitFor();
    expect(complaints).toEqual([]);
    await close();
  }, 60_000);
});

describe("the logs", () => {
  it("are searched and narrowed to a level, and say when nothing matches", async () => {
    const { page, complaints, close } = await visit(browser, relay, { isSignedIn: false });
    await page.context().request.post("/admin/session", { data: { ...relay.admin, password: "wrong-password" } });
    await page.context().request.post("/admin/session", { data: relay.admin });
    await page.goto("/web/logs?level=warn");
    await page.getByText("admin.wrong-password").first().waitFor();
    await page.getByLabel("Search the lines").fill("no such line");
    await page.getByText("No results").waitFor();
    await page.getByRole("button", { name: "Clear filters" }).click();
    await page.getByText("admin.wrong-password").first().waitFor();
    expect(complaints).toEqual([]);
    await close();
  }, 60_000);
});

describe("what opens over a page", () => {
  it("bars nobody, light or dark: dialogs, questions, drawers and menus", async () => {
    await relay.call("POST", "/admin/alerts/channels", { kind: "webhook", name: "Hook", url: relay.upstream.url });
    const opened = {
      "/web/groups": "Create a group",
      "/web/prices": "Set a price",
      "/web/alerts": "Add a channel",
      "/web/alerts?": "Remove Hook",
      "/web/audit": "Alert channel added",
      "/web/usage": "Export CSV",
    };
    const { page, close } = await visit(browser, relay, { reducedMotion: "reduce" });
    const problems: string[] = [];
    for (const [path, button] of Object.entries(opened)) {
      await page.goto(path);
      await page.getByRole("button", { name: button }).first().click();
      await page.getByRole(button === "Export CSV" ? "menu" : "dialog").waitFor();
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        await page.locator(`html[data-mantine-color-scheme="${colorScheme}"]`).waitFor();
        problems.push(...(await findBarriers(page)).map((barrier) => `${button}, ${colorScheme}: ${barrier}`));
      }
    }
    await close();
    expect(problems).toEqual([]);
  }, 90_000);
});
