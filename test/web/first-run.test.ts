import Anthropic from "@anthropic-ai/sdk";
import type { Browser } from "playwright-core";
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

describe("the first run", () => {
  it("leads from nothing to the first request of a real SDK, and says when it came", async () => {
    const { page, complaints, close } = await visit(browser, relay);
    await page.goto("/web/");
    await page.getByRole("heading", { name: "Get started" }).waitFor();

    await page.getByRole("button", { name: /^Anthropic API/ }).click();
    await page.getByLabel("API key", { exact: true }).fill("sk-ant-api03-first-run-0123456789");
    await page.getByRole("button", { name: "Base URL, proxy, priority" }).click();
    await page.getByLabel("Base URL").fill(relay.upstream.url);
    await page.getByRole("button", { name: "Connect and test" }).click();
    await page.getByText("Anthropic API is connected").waitFor();
    await page.getByRole("button", { name: "Go on" }).click();

    await page.getByLabel("Name").fill("Laptop");
    await page.getByRole("button", { name: "Create a key" }).click();
    const secret = await page.getByTestId("secret").innerText();
    expect(secret).toMatch(/^cr_[0-9a-f]{64}$/);
    await page.getByText("Waiting for the first request").waitFor();
    const setUp = await page.locator("pre").first().innerText();
    expect(setUp).toContain(`export ANTHROPIC_BASE_URL="${relay.url}/api/"`);
    expect(setUp).toContain(`export ANTHROPIC_AUTH_TOKEN="${secret}"`);

    const client = new Anthropic({ baseURL: `${relay.url}/api`, apiKey: secret });
    await client.messages.create({
      model: "claude-sonnet-4-5",
      max_tokens: 16,
      messages: [{ role: "user", content: "Hello" }],
    });
    await page.getByText("The first request came through").waitFor();

    await page.getByRole("link", { name: "Look at it" }).click();
    const dialog = page.getByRole("dialog", { name: "Request" });
    await dialog.getByText("Try 1: Anthropic API answered 200").waitFor();
    await dialog.getByText("Nothing: the bytes went up as they came.").waitFor();
    expect(complaints).toEqual([]);
    await close();
  }, 90_000);

  it("shows the key nowhere again, neither in the console's pages nor in the address", async () => {
    const { page, close } = await visit(browser, relay);
    const [key] = (await relay.call<{ items: { id: string; prefix: string }[] }>("GET", "/admin/keys")).items;
    await page.goto(`/web/keys/${key?.id}?tab=use`);
    await page.getByRole("heading", { name: "Use it" }).waitFor();
    expect(await page.content()).not.toMatch(/cr_[0-9a-f]{64}/);
    expect(await page.locator("pre").first().innerText()).toContain(`${key?.prefix}…`);
    await close();
  });

  it("lets a key's holder see limits and use by the key alone, and forgets it with the page", async () => {
    const { secret } = await relay.call<{ secret: string }>("POST", "/admin/keys", {
      name: "Holder's key",
      dailyCostUsd: 5,
    });
    const { page, complaints, close } = await visit(browser, relay, { isSignedIn: false });
    await page.goto("/web/key");
    await page.getByLabel("Your key").fill(`cr_${"0".repeat(64)}`);
    await page.getByRole("button", { name: "Show", exact: true }).click();
    await page.getByText("This is no API key of this relay").waitFor();
    await page.getByLabel("Your key").fill(secret);
    await page.getByRole("button", { name: "Show", exact: true }).click();
    await page.getByRole("heading", { name: "Holder's key" }).waitFor();
    await page.getByText("Cost today").waitFor();
    await page.reload();
    await page.getByLabel("Your key").waitFor();
    expect(complaints).toEqual([]);
    await close();
  });
});
