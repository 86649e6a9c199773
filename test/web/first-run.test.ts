import Anthropic from "@anthropic-ai/sdk";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchBrowser } from "./browser.ts";
import { type Relay, startRelay } from "./relay.ts";
import { visit } from "./visit.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
let relay: Relay;
let browser: Browser;

beforeAll(async () => {
  [relay, browser] = [await startRelay(), await launchBrowser()];
}, 180_000);

afterAll(async () => {
  await browser.close();
  await relay.stop();
});

/** What a client's page shows, run as it stands: its variables by a shell, its program by Node. Gives what it printed. */
async function runShown(page: Page, client: string): Promise<string> {
  await page.getByRole("radio", { name: client, exact: true }).click();
  const program = page.locator("pre", { hasText: "import " }).first();
  await program.waitFor();
  const [exports, code] = [await page.locator("pre").first().innerText(), await program.innerText()];
  // Beside the repository's own packages, which is where the program's import looks.
  const directory = mkdtempSync(join(root, "dist", "shown-"));
  try {
    writeFileSync(join(directory, "hello.mjs"), code);
    const script = `${exports}\n"${process.execPath}" hello.mjs`;
    const { stdout } = await promisify(execFile)("bash", ["-c", script], { cwd: directory, env: {} });
    return stdout;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

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
    await page.getByRole("button", { name: "Continue" }).click();

    await page.getByLabel("Name").fill("Laptop");
    await page.getByRole("button", { name: "Create a key" }).click();
    const secret = await page.getByTestId("secret").innerText();
    expect(secret).toMatch(/^cr_[0-9a-f]{64}$/);
    await page.getByText("Waiting for the first request").waitFor();
    const setUp = await page.locator("pre").first().innerText();
    expect(setUp).toContain(`export ANTHROPIC_BASE_URL="${relay.url}/api/"`);
    expect(setUp).toContain(`export ANTHROPIC_AUTH_TOKEN="${secret}.eyJhdWQiOiJjbGF1ZGUtZ2F0ZXdheSJ9.x"`);

    const client = new Anthropic({ baseURL: `${relay.url}/api`, apiKey: secret });
    await client.messages.create({
      model: "claude-sonnet-5",
      max_tokens: 16,
      messages: [{ role: "user", content: "Hello" }],
    });
    await page.getByText("The first request came through").waitFor();

    await page.getByRole("link", { name: "View request" }).click();
    const dialog = page.getByRole("dialog", { name: "Request" });
    await dialog.getByText("Try 1: Anthropic API answered 200").waitFor();
    await dialog.getByText("None: forwarded unchanged.").waitFor();
    expect(complaints).toEqual([]);
    await close();
  }, 90_000);

  it("shows the key nowhere again, neither in the console's pages nor in the address", async () => {
    const { page, close } = await visit(browser, relay);
    const [key] = (await relay.call<{ items: { id: string; prefix: string }[] }>("GET", "/admin/keys")).items;
    await page.goto(`/web/keys/${key?.id}?tab=use`);
    await page.getByRole("heading", { name: "Set up" }).waitFor();
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
    const models = page.locator("section", { has: page.getByRole("heading", { name: "Models" }) });
    await models
      .getByText(/^claude-/)
      .first()
      .waitFor();
    await page.reload();
    await page.getByLabel("Your key").waitFor();
    expect(complaints).toEqual([]);
    await close();
  });
});

describe("the set-up that the console shows", () => {
  it("works as pasted, for each SDK", async () => {
    for (const kind of ["anthropic", "openai", "gemini"]) {
      const credential = { kind: "api-key", secret: "sk-sim-ok" };
      await relay.call("POST", "/admin/accounts", { name: kind, kind, baseUrl: relay.upstream.url, credential });
    }
    const { id, secret } = await relay.call<{ id: string; secret: string }>("POST", "/admin/keys", { name: "SDKs" });
    const { page, close } = await visit(browser, relay);
    await page.goto(`/web/keys/${id}?tab=use`);
    await page.getByLabel("Your key").fill(secret);
    await page.getByText("Linux", { exact: true }).click();
    for (const client of ["Anthropic SDK", "OpenAI SDK", "Google Gen AI SDK"])
      expect((await runShown(page, client)).trim(), client).not.toBe("");
    await page.getByText("The first request came through").waitFor();
    const { items } = await relay.call<{ items: { dialect: string; status: number }[] }>(
      "GET",
      `/admin/usage/requests?key=${id}`,
    );
    expect(items.map(({ dialect, status }) => [dialect, status])).toEqual([
      ["gemini", 200],
      ["openai-responses", 200],
      ["anthropic", 200],
    ]);
    await close();
  }, 90_000);

  it("is written as each system's shell wants it", async () => {
    const { page, close } = await visit(browser, relay);
    const { id } = await relay.call<{ id: string }>("POST", "/admin/keys", { name: "Systems" });
    await page.goto(`/web/keys/${id}?tab=use`);
    const shown = async (system: string) => {
      await page.getByText(system, { exact: true }).click();
      return page.locator("pre").allInnerTexts();
    };
    expect((await shown("macOS")).join()).toContain("~/.zshrc");
    expect((await shown("Linux")).join()).toContain("~/.bashrc");
    expect((await shown("Windows PowerShell"))[0]).toContain(`$env:ANTHROPIC_BASE_URL = "${relay.url}/api/"`);
    expect((await shown("Windows cmd"))[0]).toContain(`set ANTHROPIC_BASE_URL=${relay.url}/api/`);
    await page.getByRole("radio", { name: "VS Code extension" }).click();
    await page.getByText("%USERPROFILE%\\.claude\\settings.json").waitFor();
    await close();
  }, 60_000);
});
