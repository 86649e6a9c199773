import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchBrowser } from "./browser.ts";
import { type Relay, startRelay } from "./relay.ts";
import { visit } from "./visit.ts";

let relay: Relay;
let browser: Browser;
let hook: Server;
/** What the webhook was sent, and what it answers. */
const posted: Record<string, unknown>[] = [];
let status = 200;

const hookUrl = () => `http://127.0.0.1:${(hook.address() as AddressInfo).port}/hook`;

beforeAll(async () => {
  hook = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      posted.push(JSON.parse(body) as Record<string, unknown>);
      response.writeHead(status).end(status === 200 ? "ok" : "no such hook");
    });
  }).listen(0, "127.0.0.1");
  await once(hook, "listening");
  [relay, browser] = [await startRelay(), await launchBrowser()];
}, 180_000);

afterAll(async () => {
  await browser.close();
  await relay.stop();
  hook.close();
});

interface Alerts {
  readonly settings: { readonly quiet: unknown; readonly off: string[]; readonly errorShare: number };
  readonly channels: { readonly name: string; readonly isEnabled: boolean }[];
}

const readAlerts = () => relay.call<Alerts>("GET", "/admin/alerts");

async function addWebhook(page: Page, name: string): Promise<void> {
  await page.getByRole("button", { name: "Add a channel" }).first().click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("combobox", { name: "Kind" }).click();
  await page.getByRole("option", { name: "Webhook" }).click();
  await dialog.getByLabel("Name").fill(name);
  await dialog.getByRole("button", { name: "Add a channel" }).click();
  await dialog.getByText("This is needed.").waitFor();
  await dialog.getByLabel("Webhook URL").fill("hooks.example.com");
  await dialog.getByRole("button", { name: "Add a channel" }).click();
  await dialog.getByText("A URL begins with https:// or http://.").waitFor();
  await dialog.getByLabel("Webhook URL").fill(hookUrl());
  await dialog.getByRole("button", { name: "Add a channel" }).click();
  await page.getByText(`${name} was added.`).waitFor();
}

describe("alerts", () => {
  it("add a channel, say what is wrong with its fields, and test it", async () => {
    const { page, complaints, close } = await visit(browser, relay);
    await page.goto("/web/alerts");
    await addWebhook(page, "Ops hook");
    await page.getByRole("button", { name: "Send a test to Ops hook" }).click();
    await page.getByText("The test was taken").waitFor();
    expect(posted).toHaveLength(1);
    status = 404;
    await page.getByRole("button", { name: "Send a test to Ops hook" }).click();
    await page.getByText("Delivery failed: The channel answered 404: no such hook").waitFor();
    status = 200;
    expect(await page.content()).not.toContain(hookUrl());
    expect(complaints).toEqual([]);
    await close();
  }, 60_000);

  it("turn a channel off and take that back; remove one only after asking", async () => {
    await relay.call("POST", "/admin/alerts/channels", { kind: "webhook", name: "Doomed", url: hookUrl() });
    const isOn = async () => (await readAlerts()).channels.find(({ name }) => name === "Doomed")?.isEnabled;
    const { page, close } = await visit(browser, relay);
    await page.goto("/web/alerts");
    await page.getByRole("switch", { name: "Tell Doomed" }).click({ force: true });
    await page.getByText("Doomed is told nothing any more.").waitFor();
    expect(await isOn()).toBe(false);
    await page.getByRole("button", { name: "Undo" }).click();
    await page.getByText("Undone.").waitFor();
    expect(await isOn()).toBe(true);
    await page.getByRole("button", { name: "Remove Doomed" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
    expect(await isOn()).toBe(true);
    await page.getByRole("button", { name: "Remove Doomed" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
    await page.getByText("Doomed was removed.").waitFor();
    expect(await isOn()).toBeUndefined();
    await close();
  }, 60_000);

  it("change rules and quiet hours", async () => {
    const { page, close } = await visit(browser, relay);
    await page.goto("/web/alerts");
    const rules = page.getByRole("form", { name: "Rules" });
    await rules.getByRole("switch", { name: /An account's window is nearly used up/ }).click({ force: true });
    await rules.getByLabel("Threshold").nth(0).fill("40");
    await rules.getByRole("button", { name: "Save changes" }).click();
    await page.getByText("The settings were saved.").waitFor();
    const when = page.getByRole("form", { name: "When and how" });
    await when.getByRole("switch", { name: /Quiet hours/ }).click({ force: true });
    await when.getByRole("combobox", { name: "Until" }).click();
    await page.getByRole("option", { name: "08:00" }).click();
    await when.getByRole("button", { name: "Save changes" }).click();
    await when.getByRole("button", { name: "Revert" }).waitFor({ state: "detached" });
    const expected = { quiet: { fromHour: 22, toHour: 8 }, off: ["window-nearly-empty"], errorShare: 0.4 };
    expect((await readAlerts()).settings).toMatchObject(expected);
    await close();
  }, 60_000);
});

describe("a backup", () => {
  it("is written for whoever shows the password, shows its plan first, and brings back what was deleted", async () => {
    const { id } = await relay.call<{ id: string }>("POST", "/admin/keys", { name: "Saved key" });
    const { page, complaints, close } = await visit(browser, relay);
    await page.goto("/web/backup");
    const writing = page.getByRole("form", { name: "Export" });
    await writing.getByLabel("Passphrase", { exact: true }).fill("correct horse battery");
    await writing.getByLabel("Passphrase, again").fill("correct horse");
    await writing.getByRole("button", { name: "Export" }).click();
    await writing.getByText("The two are not the same.").waitFor();
    await writing.getByLabel("Passphrase, again").fill("correct horse battery");
    await writing.getByRole("textbox", { name: "Your password" }).fill("not-the-password");
    await writing.getByRole("button", { name: "Export" }).click();
    await writing.getByText("This is not the present password.").waitFor();
    await writing.getByRole("textbox", { name: "Your password" }).fill(relay.admin.password);
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      writing.getByRole("button", { name: "Export" }).click(),
    ]);
    await writing.getByText("The backup was written").waitFor();
    const file = {
      name: "relay.backup",
      mimeType: "application/octet-stream",
      buffer: await readFile(await download.path()),
    };
    expect(file.buffer.toString("latin1")).not.toContain("Saved key");

    await relay.call("POST", "/admin/keys/delete", { ids: [id] });
    await page.context().request.post(`/admin/keys/${id}/purge`, { headers: await csrf(page) });
    const reading = page.getByRole("form", { name: "Import" });
    await reading.getByLabel("Backup file").setInputFiles(file);
    await reading.getByRole("textbox", { name: "Passphrase of the file" }).fill("wrong passphrase");
    await reading.getByRole("button", { name: "Preview import" }).click();
    await reading.getByText("This is not its passphrase").waitFor();
    await reading.getByRole("textbox", { name: "Passphrase of the file" }).fill("correct horse battery");
    await reading.getByRole("button", { name: "Preview import" }).click();
    await reading.getByText("What an import would do").waitFor();
    expect(await findKey(id)).toBeUndefined();
    await reading.getByRole("button", { name: "Import" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Your password", { exact: true }).fill("not-the-password");
    await dialog.getByRole("button", { name: "Import" }).click();
    await dialog.getByRole("alert").waitFor();
    expect(await findKey(id)).toBeUndefined();
    await dialog.getByLabel("Your password", { exact: true }).fill(relay.admin.password);
    await dialog.getByRole("button", { name: "Import" }).click();
    await reading.getByText("The file was imported").waitFor();
    expect(await findKey(id)).toBe("Saved key");
    expect(complaints).toEqual([]);
    await close();
  }, 90_000);

  it("without secrets asks for no password", async () => {
    const { page, close } = await visit(browser, relay);
    await page.goto("/web/backup");
    const writing = page.getByRole("form", { name: "Export" });
    await writing.getByRole("radio", { name: /Without secrets/ }).check();
    await writing.getByRole("button", { name: "Generate" }).click();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      writing.getByRole("button", { name: "Export" }).click(),
    ]);
    expect(download.suggestedFilename()).toMatch(/^claude-relay-.*\.backup$/);
    await close();
  }, 60_000);
});

async function csrf(page: Page): Promise<Record<string, string>> {
  const response = await page.context().request.get("/admin/session");
  return { "x-csrf-token": ((await response.json()) as { csrfToken: string }).csrfToken };
}

async function findKey(id: string): Promise<string | undefined> {
  const { items } = await relay.call<{ items: { id: string; name: string }[] }>("GET", "/admin/keys?pageSize=200");
  return items.find((key) => key.id === id)?.name;
}

describe("maintenance", () => {
  it("runs a job when asked, and tells what it did", async () => {
    const { page, complaints, close } = await visit(browser, relay);
    await page.goto("/web/maintenance");
    await page.getByRole("button", { name: "Run now: Tidy up and look for alerts" }).click();
    const job = page.getByRole("listitem").filter({ hasText: "Tidy up and look for alerts" });
    await job.getByText("Nothing to do").waitFor();
    expect(complaints).toEqual([]);
    await close();
  });

  it("tells why a job failed", async () => {
    const { page, close } = await visit(browser, relay);
    await page.route("**/admin/maintenance", async (route) => {
      const response = await route.fetch();
      const body = (await response.json()) as { jobs: { name: string; runs: unknown[] }[] };
      const failure = { code: "store.unavailable", message: "The store's quota is spent." };
      const run = { job: "rollup", startedAt: Date.now(), ms: 40, outcome: "failed", report: null, failure };
      await route.fulfill({
        json: { ...body, jobs: body.jobs.map((job) => ({ ...job, runs: [{ ...run, job: job.name }] })) },
      });
    });
    await page.goto("/web/maintenance");
    const job = page.getByRole("listitem").filter({ hasText: "Aggregate usage" });
    await job.getByText("The store's quota is spent.").waitFor();
    await close();
  });

  it("checks the meters of all keys with limits against the log, with progress, and of one key", async () => {
    for (let made = 0; made < 6; made += 1)
      await relay.call("POST", "/admin/keys", { name: `Limited ${made}`, dailyCostUsd: 5 });
    const { page, close } = await visit(browser, relay);
    await page.goto("/web/maintenance");
    await page.getByRole("button", { name: "Check all" }).click();
    await page.getByText("6 keys were checked: their meters and the log agree.").waitFor();
    await page.getByRole("combobox", { name: "API key" }).fill("Limited 3");
    await page.getByRole("option", { name: "Limited 3" }).click();
    await page.getByRole("button", { name: "Check this key" }).click();
    await page.getByText("1 key was checked: its meters and the log agree.").waitFor();
    await close();
  }, 60_000);

  it("sets meters right that differ from the log, and says by how much they did", async () => {
    const { id } = await relay.call<{ id: string }>("POST", "/admin/keys", { name: "Drifted", dailyCostUsd: 5 });
    const side = (costUsd: number) => ({ requests: 3, tokens: 100, costUsd });
    const meter = { period: "day", startAt: 0, meter: side(1), log: side(3), tokens: 0, costUsd: 2, families: {} };
    const { page, close } = await visit(browser, relay);
    await page.route(`**/admin/usage/keys/${id}/drift`, (route) =>
      route.fulfill({
        json: { key: id, isOff: true, isMended: route.request().method() === "POST", meters: [meter] },
      }),
    );
    await page.goto("/web/maintenance");
    await page.getByRole("button", { name: "Check all" }).click();
    await page.getByText("1 key has meters that differ from the log.").waitFor();
    await page.getByText("Day: the meter reads $1, the log $3").waitFor();
    await page.getByRole("button", { name: "Set the meters of Drifted right" }).click();
    await page.getByText("The meters of Drifted read what the log says.").waitFor();
    await page.getByText("Corrected", { exact: true }).waitFor();
    await close();
  }, 60_000);
});

describe("a page whose data cannot be had", () => {
  it("says so, and tries again when asked", async () => {
    const { page, close } = await visit(browser, relay);
    const pages = { maintenance: "maintenance", audit: "audit**" };
    for (const [place, path] of Object.entries(pages)) {
      const broken = { error: { code: "store.unavailable", message: "The store does not answer." } };
      // The console itself tries three times.
      await page.route(`**/admin/${path}`, (route) => route.fulfill({ status: 503, json: broken }));
      await page.goto(`/web/${place}`);
      await page.getByRole("alert").getByText("The store does not answer").waitFor();
      await page.unroute(`**/admin/${path}`);
      await page.getByRole("button", { name: "Try again" }).click();
      await page.getByRole("alert").waitFor({ state: "detached" });
    }
    await close();
  }, 60_000);
});
