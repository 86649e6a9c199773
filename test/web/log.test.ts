import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchBrowser } from "./browser.ts";
import { type Relay, startRelay } from "./relay.ts";
import { visit } from "./visit.ts";

let relay: Relay;
let browser: Browser;
const dayMs = 86_400_000;
let key: { readonly id: string; readonly secret: string };

beforeAll(async () => {
  [relay, browser] = [await startRelay(), await launchBrowser()];
  const credential = { kind: "api-key", secret: "sk-sim-400-once.use" };
  await relay.call("POST", "/admin/accounts", {
    ...{ name: "Studio", kind: "anthropic", baseUrl: relay.upstream.url, credential },
  });
  key = await relay.call("POST", "/admin/keys", { name: "Ada's laptop", owner: "Ada", tags: ["web"] });
  for (const model of ["claude-opus-4-5", "claude-sonnet-4-5", "claude-haiku-4-5"]) await ask(model);
}, 180_000);

afterAll(async () => {
  await browser.close();
  await relay.stop();
});

async function ask(model: string): Promise<void> {
  const response = await fetch(`${relay.url}/api/v1/messages`, {
    method: "POST",
    headers: { "x-api-key": key.secret, "anthropic-version": "2023-06-01", "content-type": "application/json" },
    body: JSON.stringify({ model, max_tokens: 16, messages: [{ role: "user", content: "Hello" }] }),
  });
  await response.arrayBuffer();
}

interface Told {
  readonly items: readonly { readonly logId: string; readonly status: number }[];
}

describe("the log", () => {
  it("says in a sentence what happened, whose fault it was and what to do, and finds it by the provider's words", async () => {
    const { items } = await relay.call<Told>("GET", "/admin/usage/requests?status=4xx");
    const { tries } = await relay.call<{ tries: { reason: string; requestId: string | null }[] }>(
      "GET",
      `/admin/usage/requests/${items[0]?.logId}`,
    );
    const said = tries[0]?.reason ?? "";
    expect(said).not.toBe("");
    const { page, complaints, close } = await visit(browser, relay);
    await page.goto(`/web/requests?search=${encodeURIComponent(said.slice(0, 60))}`);
    await page.getByText("1 request", { exact: true }).waitFor();
    await page.getByRole("row", { name: /400/ }).getByRole("button").click();
    const drawer = page.getByRole("dialog");
    await drawer.getByText("The provider rejected what the client asked for.").waitFor();
    await drawer.getByText(`Studio answered 400: “${said}”`).waitFor();
    await drawer.getByText("Caused by: Client").waitFor();
    if (tries[0]?.requestId) await drawer.getByText(tries[0].requestId).waitFor();
    expect(complaints).toEqual([]);
    await close();
  }, 60_000);

  it("goes to the next request by J and back by K", async () => {
    const { page, close } = await visit(browser, relay);
    await page.goto("/web/requests");
    await page.getByText("3 requests", { exact: true }).waitFor();
    await page.getByRole("row", { name: /haiku/ }).getByRole("button").click();
    const model = (name: string) => page.getByRole("dialog").getByText(name, { exact: true });
    await model("claude-haiku-4-5").waitFor();
    await page.keyboard.press("j");
    await model("claude-sonnet-4-5").waitFor();
    await page.keyboard.press("k");
    await model("claude-haiku-4-5").waitFor();
    await close();
  }, 60_000);

  it("adds up what the filters leave; a bar narrows the list, and the text filters follow the address", async () => {
    const { page, close } = await visit(browser, relay);
    await page.goto("/web/requests");
    await page.getByText(/^3 requests · 1 errors/).waitFor();
    await page.getByRole("button", { name: /3 requests, 1 failed/ }).click();
    await page.waitForURL(/since=\d+&until=\d+/);
    await page.getByText("3 requests", { exact: true }).waitFor();
    for (const name of ["ID, key, account, model, IP, failure", "Model"]) {
      await page.getByLabel(name, { exact: true }).fill("opus");
      await page.waitForURL(/=opus/);
      await page.getByRole("link", { name: "Requests" }).click();
      await page.getByText("3 requests", { exact: true }).waitFor();
      expect(await page.getByLabel(name, { exact: true }).inputValue()).toBe("");
    }
    await close();
  }, 60_000);

  it("searches on by itself and never says that nothing is there while a part was not looked at", async () => {
    const { page, close } = await visit(browser, relay);
    // A log of three parts whose only match is in the last one; each part waits for a sign.
    const parts = [1, 2, 3].map((part) => ({
      ...{ items: [], next: part < 3 ? `${4 - part}-0` : null, looked: 10_000 },
      ...{ lookedTo: Date.now() - part * 30 * dayMs, oldestAt: part < 3 ? Date.now() - 90 * dayMs : null },
    }));
    const { items } = await relay.call<Told>("GET", "/admin/usage/requests?model=claude-haiku-4-5");
    const waiting: (() => void)[] = [];
    await page.route("**/admin/usage/requests?*", async (route) => {
      const before = new URL(route.request().url()).searchParams.get("before");
      const at = before === null ? 0 : 4 - Number(before.split("-")[0]);
      if (at > 0) await new Promise<void>((go) => waiting.push(go));
      await route.fulfill({ json: at === 2 ? { ...parts[2], items } : parts[at] });
    });
    await page.goto("/web/requests?search=needle");
    for (const share of ["33.3%", "66.7%"]) {
      await page.getByText(new RegExp(`Searched back to .*${share}`)).waitFor();
      expect(await page.getByText("No requests here").count()).toBe(0);
      await expect.poll(() => waiting.length).toBeGreaterThan(0);
      waiting.shift()?.();
    }
    await page.getByText("1 request", { exact: true }).waitFor();
    await close();
  }, 60_000);
});

describe("time", () => {
  it("is chosen alike on every page, moved by arrows, kept in the address and obeyed by exports", async () => {
    const { page, close } = await visit(browser, relay);
    for (const path of ["/web/", "/web/usage", "/web/requests", `/web/keys/${key.id}`]) {
      await page.goto(path);
      const control = page.getByRole("group", { name: "Time" });
      await control.getByRole("button").nth(1).click();
      await page.getByRole("button", { name: "Last month" }).click();
      await page.waitForURL(/span=lastMonth/);
      await control.getByRole("button", { name: "Earlier" }).click();
      await page.waitForURL(/from=\d{4}-\d\d-01&to=\d{4}-\d\d-(28|29|30|31)/);
    }
    await page.goto("/web/usage?from=2026-05-01&to=2026-05-31");
    await page.getByRole("button", { name: "Export CSV" }).click();
    const file = page.waitForEvent("download");
    await page.getByRole("menuitem", { name: /each day and API key/ }).click();
    expect((await file).suggestedFilename()).toBe("usage-key-2026-05-01-2026-05-31.csv");
    await close();
  }, 60_000);
});

describe("usage", () => {
  it("is split twice, and a row opens the requests behind it", async () => {
    const { page, complaints, close } = await visit(browser, relay);
    await page.goto("/web/usage?by=owner&split=model&span=today");
    const row = page.getByRole("row", { name: /Ada.*claude-haiku-4-5/ });
    await row.waitFor();
    await page.getByRole("row", { name: /Total 3/ }).waitFor();
    await row.getByRole("link", { name: "Ada" }).click();
    await page.waitForURL(/owner=Ada&model=claude-haiku-4-5&span=today/);
    await page.getByText("1 request", { exact: true }).waitFor();
    expect(complaints).toEqual([]);
    await close();
  }, 60_000);
});

describe("attention", () => {
  it("tells on the dashboard and by badges what needs a person, without any channel", async () => {
    await relay.call("POST", "/admin/accounts", { name: "Bare", kind: "anthropic" });
    const { page, close } = await visit(browser, relay);
    await page.goto("/web/");
    const box = page.getByRole("region", { name: /needs? attention/ });
    await box.getByText("has no credential").waitFor();
    await page.getByRole("link", { name: /^Accounts 1/ }).waitFor();
    await box.getByRole("link", { name: "Add a credential" }).click();
    await page.getByRole("heading", { name: "Bare" }).waitFor();
    await close();
  }, 60_000);
});
