import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchBrowser } from "./browser.ts";
import { type Relay, startRelay } from "./relay.ts";
import { visit } from "./visit.ts";

let relay: Relay;
let browser: Browser;

beforeAll(async () => {
  [relay, browser] = [await startRelay(), await launchBrowser()];
}, 180_000);

afterAll(async () => {
  await browser.close();
  await relay.stop();
});

interface Account {
  readonly id: string;
  readonly name: string;
  readonly priority: number;
  readonly isEnabled: boolean;
}

const listAccounts = async () => (await relay.call<{ items: Account[] }>("GET", "/admin/accounts")).items;
const makeAccount = (name: string) =>
  relay.call<Account>("POST", "/admin/accounts", {
    name,
    kind: "anthropic",
    baseUrl: relay.upstream.url,
    credential: { kind: "api-key", secret: `sk-ant-api03-${name.replaceAll(" ", "-")}-0123456789` },
  });

/** Sends sign-ins to the simulated provider: an operator's console has no field for the provider's own addresses. */
async function signInThere(page: Page): Promise<void> {
  const settings = {
    authorizeUrl: `${relay.upstream.url}/oauth/authorize`,
    tokenUrl: `${relay.upstream.url}/v1/oauth/token`,
  };
  await page.route("**/admin/oauth/start", (route) => {
    const body = JSON.parse(route.request().postData() ?? "{}") as Record<string, unknown>;
    return route.continue({ postData: JSON.stringify({ ...body, settings }) });
  });
}

describe("connecting an account", () => {
  it("by sign-in: open the link, paste what it ends with, and it is there by its name", async () => {
    const { page, close } = await visit(browser, relay);
    await signInThere(page);
    await page.goto("/web/accounts/new?kind=claude");
    await page.getByRole("button", { name: "Get the link" }).click();
    const address = await page.getByRole("link", { name: "Open the sign-in page" }).getAttribute("href");
    await page.getByText(/Valid for 1[45]:\d\d/).waitFor();
    const ended = await fetch(address ?? "", { redirect: "manual" });
    await page
      .getByRole("textbox", { name: /Paste what the page shows/ })
      .fill(ended.headers.get("location") ?? (await ended.text()));
    await page.getByLabel("Name").fill("My subscription");
    await page.getByRole("button", { name: "Connect", exact: true }).click();
    await page.getByText("My subscription is connected").waitFor();
    expect((await listAccounts()).map(({ name }) => name)).toContain("My subscription");
    await close();
  }, 60_000);

  it("by a key that the provider refuses: says what it said, and the next try mends the same account", async () => {
    const before = (await listAccounts()).length;
    const { page, close } = await visit(browser, relay);
    await page.goto("/web/accounts/new?kind=anthropic");
    await page.getByLabel("API key", { exact: true }).fill("sk-ant-sim-401");
    await page.getByLabel("Name").fill("Mended");
    await page.getByRole("button", { name: "Base URL, proxy, priority" }).click();
    await page.getByLabel("Base URL").fill(relay.upstream.url);
    await page.getByRole("button", { name: "Connect and test" }).click();
    await page.getByText("The provider rejected this credential").waitFor();
    await page.getByLabel("API key", { exact: true }).fill("sk-ant-api03-mended-0123456789");
    await page.getByRole("button", { name: "Save and test again" }).click();
    await page.getByText("Mended is connected").waitFor();
    expect(await listAccounts()).toHaveLength(before + 1);
    await close();
  }, 60_000);

  it("of a known vendor: its choice fills in the address and what it serves", async () => {
    const { page, close } = await visit(browser, relay);
    await page.goto("/web/accounts/new?kind=anthropic");
    await page.getByRole("combobox", { name: "Vendor" }).click();
    await page.getByRole("option", { name: "DeepSeek (Anthropic)" }).click();
    await page.getByText("It will serve deepseek-*.").waitFor();
    const address = page.getByLabel("Base URL");
    expect(await address.inputValue()).toBe("https://api.deepseek.com/anthropic");
    await address.fill(relay.upstream.url);
    await page.getByLabel("API key", { exact: true }).fill("sk-sim-ok");
    await page.getByRole("button", { name: "Connect and test" }).click();
    await page.getByText("DeepSeek (Anthropic) is connected").waitFor();
    const made = (await listAccounts()).find(({ name }) => name === "DeepSeek (Anthropic)");
    expect(made).toMatchObject({ baseUrl: relay.upstream.url, models: ["deepseek-*"] });
    await close();
  }, 60_000);
});

describe("the table of accounts", () => {
  it("changes a priority where it stands, and takes it back by Escape", async () => {
    const { id, name } = await makeAccount("In place");
    const { page, close } = await visit(browser, relay);
    await page.goto("/web/accounts");
    const field = page.getByLabel(`Priority of ${name}`);
    await field.fill("7");
    await field.press("Enter");
    await page.getByText(`${name} was saved.`).waitFor();
    await field.fill("99");
    await field.press("Escape");
    await field.blur();
    expect((await listAccounts()).find((account) => account.id === id)?.priority).toBe(7);
    await close();
  }, 60_000);

  it("pauses an account, and undoes it", async () => {
    const { id, name } = await makeAccount("Pausable");
    const isEnabled = async () => (await listAccounts()).find((account) => account.id === id)?.isEnabled;
    const { page, close } = await visit(browser, relay);
    await page.goto("/web/accounts");
    await page.getByRole("button", { name: `Actions for ${name}` }).click();
    await page.getByRole("menuitem", { name: "Pause" }).click();
    await page.getByText(`${name} takes no new calls.`).waitFor();
    expect(await isEnabled()).toBe(false);
    await page.getByRole("button", { name: "Undo" }).click();
    await page.getByText("Undone.").waitFor();
    expect(await isEnabled()).toBe(true);
    await close();
  }, 60_000);

  it("deletes an account only after it has asked", async () => {
    const { id, name } = await makeAccount("Doomed");
    const isThere = async () => (await listAccounts()).some((account) => account.id === id);
    const { page, close } = await visit(browser, relay);
    await page.goto("/web/accounts");
    const remove = async () => {
      await page.getByRole("button", { name: `Actions for ${name}` }).click();
      await page.getByRole("menuitem", { name: /Delete/ }).click();
    };
    await remove();
    await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
    expect(await isThere()).toBe(true);
    await remove();
    await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
    await page.getByText(`${name} was deleted.`).waitFor();
    expect(await isThere()).toBe(false);
    await close();
  }, 60_000);
});
