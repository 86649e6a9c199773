import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { launchBrowser } from "./browser.ts";
import { type Relay, startRelay } from "./relay.ts";
import { visit } from "./visit.ts";

let relay: Relay;
let browser: Browser;
let crowded: { readonly id: string };
let secret = "";

beforeAll(async () => {
  [relay, browser] = [await startRelay(), await launchBrowser()];
  const account = (name: string, key: string, priority: number) =>
    relay.call<{ id: string }>("POST", "/admin/accounts", {
      name,
      kind: "anthropic",
      priority,
      baseUrl: relay.upstream.url,
      credential: { kind: "api-key", secret: key },
    });
  // The first account has no room once: the second one answers that call.
  crowded = await account("Crowded", "sk-sim-529-once.use", 1);
  await account("Roomy", "sk-sim-ok", 2);
  const key = await relay.call<{ secret: string }>("POST", "/admin/keys", { name: "Ada's laptop", dailyCostUsd: 5 });
  secret = key.secret;
  await ask("claude-sonnet-5");
  const blocked = { name: "Grace's CI", blockedModels: ["claude-opus-*"] };
  secret = (await relay.call<{ secret: string }>("POST", "/admin/keys", blocked)).secret;
  await ask("claude-haiku-4-5");
}, 180_000);

afterAll(async () => {
  await browser.close();
  await relay.stop();
});

async function ask(model: string): Promise<void> {
  const response = await fetch(`${relay.url}/api/v1/messages`, {
    method: "POST",
    headers: { "x-api-key": secret, "anthropic-version": "2023-06-01", "content-type": "application/json" },
    body: JSON.stringify({ model, max_tokens: 16, messages: [{ role: "user", content: "Hello" }] }),
  });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  await response.arrayBuffer();
}

describe("the dashboard", () => {
  it("tells what today cost, by whom and where, and keeps the chosen view in the address", async () => {
    const { page, complaints, close } = await visit(browser, relay);
    await page.goto("/web/");
    const today = page.locator(".card", { has: page.getByRole("heading", { name: "Requests", exact: true }) });
    await today.getByText("2", { exact: true }).waitFor();
    const box = (name: string) =>
      page.locator("section", { has: page.getByRole("heading", { name, exact: true }) }).first();
    await box("API keys").getByRole("link", { name: "Ada's laptop" }).waitFor();
    await box("Models").getByText("claude-haiku-4-5").waitFor();
    await box("Accounts now").getByRole("link", { name: "Crowded" }).waitFor();
    await box("Last 30 minutes").getByText("Live", { exact: true }).waitFor();
    await page.getByLabel("Split").selectOption("By model");
    await page.getByLabel("By", { exact: true }).selectOption("Hourly");
    await page.getByRole("img", { name: /Cost from .* in total/ }).waitFor();
    expect(new URL(page.url()).search).toBe("?group=model&by=hour");
    await page.reload();
    expect(await page.getByLabel("Split").inputValue()).toBe("model");
    expect(complaints).toEqual([]);
    await close();
  }, 60_000);

  it("says what is wrong when the relay cannot be reached, and goes on when it can", async () => {
    const { page, close } = await visit(browser, relay);
    await page.route("**/admin/usage/overview*", (route) => route.abort());
    await page.goto("/web/");
    await page.getByText("The relay cannot be reached").waitFor();
    await page.unroute("**/admin/usage/overview*");
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByRole("heading", { name: "Usage over time" }).waitFor();
    await close();
  }, 60_000);
});

describe("the list of requests", () => {
  it("is searched by any word, and explains a call with its tries and times, by an address to share", async () => {
    const { page, complaints, close } = await visit(browser, relay);
    await page.goto("/web/requests");
    await page.getByText("2 requests", { exact: true }).waitFor();
    await page.getByLabel("ID, key, account, model, IP, failure").fill("ada");
    await page.getByText("1 request", { exact: true }).waitFor();
    await page.getByRole("button", { name: /ago|now/ }).click();
    const drawer = page.getByRole("dialog", { name: "Request" });
    await drawer.getByText("Try 1: Crowded answered 529").waitFor();
    await drawer.getByText("Try 2: Roomy answered 200").waitFor();
    for (const span of ["Account chosen", "First byte", "Streaming"]) await drawer.getByText(span).waitFor();
    await drawer.getByText("Total").waitFor();
    const shared = page.url();
    expect(new URL(shared).searchParams.get("search")).toBe("ada");
    const other = await visit(browser, relay);
    await other.page.goto(shared);
    await other.page.getByRole("dialog", { name: "Request" }).getByText("Try 2: Roomy answered 200").waitFor();
    expect([...complaints, ...other.complaints]).toEqual([]);
    await Promise.all([close(), other.close()]);
  }, 60_000);
});

describe("an account's page", () => {
  it("keeps what failed there, also where another account answered", async () => {
    const { page, close } = await visit(browser, relay);
    await page.goto(`/web/accounts/${crowded.id}`);
    await page.getByRole("heading", { name: "Daily" }).waitFor();
    await page.getByRole("tab", { name: "Errors" }).click();
    const row = page.getByRole("row", { name: /529/ });
    await row.getByText("succeeded on another account").waitFor();
    await row.getByRole("button").click();
    await page.getByRole("dialog", { name: "Request" }).getByText("Try 2: Roomy answered 200").waitFor();
    await close();
  }, 60_000);

  it("puts it into groups, and says another model for the one that is asked for", async () => {
    const group = await relay.call<{ id: string }>("POST", "/admin/groups", { name: "Night shift", accounts: [] });
    const { page, close } = await visit(browser, relay);
    await page.goto("/web/accounts");
    await page.getByRole("button", { name: "Actions for Roomy" }).click();
    await page.getByRole("menuitem", { name: "Groups" }).click();
    await page.getByRole("dialog").getByRole("combobox", { name: "Groups" }).click();
    await page.getByRole("option", { name: "Night shift" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Save changes" }).click();
    const row = page.getByRole("row", { name: /Roomy/ });
    await row.getByText("Night shift").waitFor();
    await row.getByRole("link", { name: "Roomy" }).click();
    await page.getByRole("tab", { name: "Settings" }).click();
    await page.getByRole("button", { name: "Add an alias" }).click();
    await page.getByLabel("Asked for").fill("claude-sonnet-4-5");
    await page.getByLabel("Sent instead").fill("claude-sonnet-5");
    await page.getByRole("button", { name: "Save changes" }).click();
    await page.getByText("Roomy was saved.").last().waitFor();
    const { items } = await relay.call<{ items: { name: string; groups: string[]; aliases: object }[] }>(
      "GET",
      "/admin/accounts",
    );
    expect(items.find(({ name }) => name === "Roomy")).toMatchObject({
      groups: [group.id],
      aliases: { "claude-sonnet-4-5": "claude-sonnet-5" },
    });
    await close();
  }, 60_000);

  it("takes a new credential where the list says that the old one was rejected", async () => {
    await relay.call("POST", "/admin/accounts", {
      name: "Rejected",
      kind: "anthropic",
      models: ["never-*"],
      baseUrl: relay.upstream.url,
    });
    const { page, close } = await visit(browser, relay);
    await page.goto("/web/accounts?search=Rejected");
    await page.getByRole("button", { name: "Replace the credential" }).click();
    await page.getByRole("dialog").getByLabel("API key", { exact: true }).fill("sk-sim-ok");
    await page.getByRole("dialog").getByRole("button", { name: "Save and test" }).click();
    await page.getByText("Rejected has a new credential and serves again.").waitFor();
    await page
      .getByRole("row", { name: /Rejected/ })
      .getByText("Active")
      .waitFor();
    await close();
  }, 60_000);
});

describe("the keyboard", () => {
  it("goes from page to page, finds a key, creates one and explains itself, with no pointer", async () => {
    const { page, close } = await visit(browser, relay);
    await page.goto("/web/");
    await page.getByRole("heading", { name: "Usage over time" }).waitFor();
    const title = page.getByRole("heading", { name: "API keys", level: 1 });
    await vi.waitFor(async () => {
      await page.keyboard.press("g");
      await page.keyboard.press("k");
      await title.waitFor({ timeout: 2_000 });
    }, 15_000);
    await page.getByLabel("Search name, owner, tag, key").waitFor();
    await page.keyboard.press("/");
    await page.keyboard.type("grace");
    await page.getByText("1 key", { exact: true }).waitFor();
    await page.keyboard.press("Escape");
    await page.keyboard.press("Control+k");
    await page.getByLabel("Find a page, an account, an API key…").waitFor();
    await page.keyboard.type("ada");
    await page.getByRole("dialog").getByText("Ada's laptop").waitFor();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Ada's laptop" }).waitFor();
    await page.getByLabel("Find a page, an account, an API key…").waitFor({ state: "detached" });
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.keyboard.press("n");
    await page.getByRole("heading", { name: "Create a key" }).waitFor();
    await close();
  }, 60_000);

  it("leaves single letters alone once they are turned off", async () => {
    const { page, close } = await visit(browser, relay);
    await page.goto("/web/keys");
    await page.getByLabel("Search name, owner, tag, key").waitFor();
    await page.keyboard.press("?");
    await page.getByLabel("Single-letter shortcuts").click();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.keyboard.press("n");
    await page.keyboard.press("Control+k");
    await page.getByLabel("Find a page, an account, an API key…").waitFor();
    expect(new URL(page.url()).pathname).toBe("/web/keys");
    await close();
  }, 60_000);
});
