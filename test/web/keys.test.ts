import { readFile } from "node:fs/promises";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchBrowser } from "./browser.ts";
import { type Relay, startRelay } from "./relay.ts";
import { visit } from "./visit.ts";

let relay: Relay;
let browser: Browser;
const many = 10_000;

beforeAll(async () => {
  [relay, browser] = [await startRelay(), await launchBrowser()];
  for (let made = 0; made < many; made += 500)
    await relay.call("POST", "/admin/keys/bulk", { name: `Batch ${made / 500}`, count: 500 });
  await relay.call("POST", "/admin/keys", { name: "=SUM(A1)", owner: "Ada", tags: ["special"] });
}, 240_000);

afterAll(async () => {
  await browser.close();
  await relay.stop();
});

interface KeyPage {
  readonly total: number;
  readonly items: {
    readonly name: string;
    readonly isEnabled: boolean;
    readonly dailyCostUsd: number;
    readonly owner: string;
  }[];
}

describe("the table of ten thousand keys", () => {
  it("holds only the rows in view, and shows the last key of all at its end", async () => {
    const { page, complaints, close } = await visit(browser, relay);
    await page.goto("/web/keys?sort=name&order=asc");
    await page.getByText(`${(many + 1).toString()} keys`).waitFor();
    expect(await page.locator("tbody tr").count()).toBeLessThan(60);
    await page.evaluate("window.scrollTo(0, document.documentElement.scrollHeight)");
    await page.getByRole("link", { name: "Batch 19 500", exact: true }).waitFor();
    expect(complaints).toEqual([]);
    await close();
  }, 60_000);

  it("is searched by the server, with the search in the address", async () => {
    const { page, close } = await visit(browser, relay);
    await page.goto("/web/keys");
    await page.getByLabel("Search name, owner, tag, key").fill("special");
    await page.getByText("1 key", { exact: true }).waitFor();
    expect(new URL(page.url()).searchParams.get("search")).toBe("special");
    await close();
  });

  it("changes many keys at once, and only what was chosen", async () => {
    const { page, close } = await visit(browser, relay);
    await page.goto("/web/keys?search=Batch+7+1&sort=name&order=asc");
    await page.getByRole("checkbox", { name: "Select Batch 7 1", exact: true }).check();
    await page.getByRole("checkbox", { name: "Select Batch 7 10", exact: true }).check();
    await page.getByRole("toolbar").getByRole("button", { name: "Edit" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("What to change").click();
    await page.getByRole("option", { name: "Daily budget (USD)" }).click();
    await page.keyboard.press("Escape");
    await dialog.getByLabel("Daily budget (USD)").fill("7.5");
    await dialog.getByRole("button", { name: "Apply to 2 keys" }).click();
    await page.getByText("2 keys were changed.").waitFor();
    const { items } = await relay.call<KeyPage>("GET", "/admin/keys?search=Batch+7+1&pageSize=200");
    const changed = items.filter(({ dailyCostUsd }) => dailyCostUsd === 7.5).map(({ name }) => name);
    expect(changed.sort()).toEqual(["Batch 7 1", "Batch 7 10"]);
    await close();
  }, 60_000);

  it("comes back to where one was in it", async () => {
    const { page, close } = await visit(browser, relay);
    await page.goto("/web/keys?sort=name&order=asc");
    await page.getByText(`${(many + 1).toString()} keys`).waitFor();
    await page.evaluate("window.scrollTo(0, 200_000)");
    const inView = page.getByRole("link", { name: /^Batch 7 / }).first();
    await inView.waitFor();
    const name = await inView.innerText();
    const link = page.getByRole("link", { name, exact: true });
    // The first one may be a row above the view, to which a click would scroll.
    await link.scrollIntoViewIfNeeded();
    const place = Number(await page.evaluate("window.scrollY"));
    expect(place).toBeGreaterThan(190_000);
    await link.click();
    await page.getByRole("heading", { name }).waitFor();
    await page.goBack();
    await link.waitFor();
    await page.waitForFunction(`Math.abs(window.scrollY - ${place.toString()}) < 100`);
    await close();
  }, 60_000);

  it("shows what was never used and costs nothing, disables all of it at once, and undoes that", async () => {
    const { page, close } = await visit(browser, relay);
    await page.goto("/web/keys?search=Batch+3+49&maxCostUsd=0&unusedDays=1");
    await page.getByText("Every key is in use").waitFor();
    await page.route("**/admin/keys?*", (route) => {
      // Keys made today are not old enough to be idle: the clause is the server's, and has its own tests.
      const url = new URL(route.request().url());
      url.searchParams.delete("unusedDays");
      return route.continue({ url: url.href });
    });
    await page.reload();
    await page.getByText("11 keys", { exact: true }).waitFor();
    await page.getByRole("button", { name: "Disable all 11" }).click();
    await page.getByText("11 keys are disabled.").waitFor();
    const states = async () => {
      const { items } = await relay.call<KeyPage>("GET", "/admin/keys?search=Batch+3+49&pageSize=200");
      return items.filter(({ isEnabled }) => isEnabled).length;
    };
    expect(await states()).toBe(0);
    await page.getByRole("button", { name: "Undo" }).click();
    await page.getByText("Undone.").waitFor();
    expect(await states()).toBe(11);
    await close();
  }, 60_000);

  it("takes a deletion back where it was told", async () => {
    const { page, close } = await visit(browser, relay);
    await page.goto("/web/keys?search=special");
    await page.getByRole("button", { name: "Actions for =SUM(A1)" }).click();
    await page.getByRole("menuitem", { name: "Delete" }).click();
    await page.getByText("No results").waitFor();
    await page.getByRole("button", { name: "Undo" }).click();
    await page.getByRole("link", { name: "=SUM(A1)" }).waitFor();
    await close();
  }, 60_000);

  it("exports what is filtered, with no cell that a spreadsheet would run", async () => {
    const { page, close } = await visit(browser, relay);
    await page.goto("/web/keys?search=special");
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Export CSV" }).click(),
    ]);
    const csv = await readFile(await download.path(), "utf8");
    const lines = csv.trim().split("\r\n");
    expect(lines).toHaveLength(2);
    expect(lines[1]).toContain(",'=SUM(A1),");
    await close();
  });
});

describe("creating a key", () => {
  it("says in plain words what the key may do, and names the field that the server refuses", async () => {
    const { page, close } = await visit(browser, relay);
    await page.goto("/web/keys/new");
    await page.getByLabel("Name", { exact: true }).fill("Limited");
    await page.getByLabel("Daily budget (USD)").fill("5");
    await page.getByLabel("Concurrent requests").fill("3");
    await page.getByText("Claude", { exact: true }).first().click();
    const summary = page.getByRole("complementary").filter({ hasText: "What this key may do" });
    for (const words of ["up to $5 a day", "3 at once", "only Claude"]) await summary.getByText(words).waitFor();
    await page.getByLabel("Requests in a window").fill("100");
    await page.getByRole("button", { name: "Create a key" }).click();
    await page.getByText("must be set for a limit on the requests").first().waitFor();
    await page.getByLabel("Window (minutes)").fill("60");
    await page.getByRole("button", { name: "Create a key" }).click();
    await page.getByRole("heading", { name: "Limited is ready" }).waitFor();
    await close();
  }, 60_000);

  it("makes many at once, whose secrets are there to download this once", async () => {
    const { page, close } = await visit(browser, relay);
    await page.goto("/web/keys/new");
    await page.getByText("Many keys").click();
    await page.getByLabel("How many").last().fill("3");
    await page.getByLabel("Name", { exact: true }).fill("Workshop");
    await page.getByRole("button", { name: "Create 3 keys" }).click();
    await page.getByRole("heading", { name: "3 keys are ready" }).waitFor();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Download the keys (CSV)" }).click(),
    ]);
    const rows = (await readFile(await download.path(), "utf8")).trim().split("\r\n").slice(1);
    expect(rows.map((row) => row.split(",")[0])).toEqual(["Workshop 1", "Workshop 2", "Workshop 3"]);
    for (const row of rows) expect(row.split(",")[1]).toMatch(/^cr_[0-9a-f]{64}$/);
    await close();
  }, 60_000);

  it("is handed over by a link that works once", async () => {
    const { page, close } = await visit(browser, relay);
    await page.goto("/web/keys/new");
    await page.getByRole("textbox", { name: "Name" }).fill("Handed over");
    await page.getByRole("button", { name: "Create a key" }).click();
    const secret = await page.getByTestId("secret").innerText();
    await page.getByRole("button", { name: "Make a one-time link" }).click();
    const link = await page.getByText("/web/key#hand-over=").innerText();
    await close();

    const theirs = await browser.newContext();
    const their = await theirs.newPage();
    for (const told of [secret, "This link has been opened already."]) {
      await their.goto("about:blank");
      await their.goto(link.trim());
      await their.getByRole("button", { name: "Show the key" }).click();
      await their.getByText(told).first().waitFor();
      if (told === secret) await their.getByRole("heading", { name: "Handed over" }).waitFor();
    }
    await theirs.close();
  });

  it("gets a new secret, which no stray click loses, and its replaced one is ended", async () => {
    const { id, secret } = await relay.call<{ id: string; secret: string }>("POST", "/admin/keys", { name: "Rotated" });
    const { page, complaints, close } = await visit(browser, relay);
    const statusOf = async (shown: string) =>
      (await page.request.get("/api/v1/key-info", { headers: { "x-api-key": shown } })).status();
    await page.goto(`/web/keys/${id}`);
    await page.getByRole("button", { name: "Rotate secret" }).click();
    const dialog = page.getByRole("dialog", { name: "New secret for Rotated" });
    await dialog.getByLabel("The present secret").selectOption("stays valid for 1 hour");
    await dialog.getByRole("button", { name: "Rotate secret" }).click();
    const made = page.getByRole("dialog", { name: "The new secret of Rotated" });
    const fresh = await made.getByTestId("secret").innerText();
    await page.keyboard.press("Escape");
    await page.mouse.click(5, 5);
    expect(await made.getByTestId("secret").innerText()).toBe(fresh);
    await made.getByRole("button", { name: "I have copied it" }).click();
    await made.waitFor({ state: "detached" });
    expect([await statusOf(secret), await statusOf(fresh)]).toEqual([200, 200]);
    await page.getByText(/The replaced secret is valid until/).waitFor();
    await page.getByRole("button", { name: "End it now" }).click();
    await page.getByText("The replaced secret has ended.").waitFor();
    expect([await statusOf(secret), await statusOf(fresh)]).toEqual([403, 200]);
    expect(complaints).toEqual([]);
    await close();
  }, 60_000);

  it("is duplicated with all its settings under another name, and handed over as a message", async () => {
    const draft = { name: "Pattern", owner: "Ada", tags: ["team"], dailyCostUsd: 3, concurrency: 4, weeklyResetDay: 5 };
    const { id } = await relay.call<{ id: string }>("POST", "/admin/keys", draft);
    const { page, complaints, close } = await visit(browser, relay, {
      permissions: ["clipboard-read", "clipboard-write"],
    });
    await page.goto(`/web/keys/${id}`);
    await page.getByRole("button", { name: "Actions for Pattern" }).click();
    await page.getByRole("menuitem", { name: "Duplicate" }).click();
    const name = page.getByRole("textbox", { name: "Name" });
    expect(await name.inputValue()).toBe("Pattern (copy)");
    await page.getByRole("button", { name: "Create a key" }).click();
    const secret = await page.getByTestId("secret").innerText();
    await page.getByRole("button", { name: "Copy as a message to its user" }).click();
    const message = await page.evaluate<string>("navigator.clipboard.readText()");
    expect(message).toContain(secret);
    expect(message).toContain(`${relay.url}/web/key`);
    const { items } = await relay.call<KeyPage>("GET", "/admin/keys?search=Pattern&include=usage");
    expect(items.find((key) => key.name === "Pattern (copy)")).toMatchObject({ ...draft, name: "Pattern (copy)" });
    expect(complaints).toEqual([]);
    await close();
  }, 60_000);

  it("that was deleted is restored from its own page", async () => {
    const { id } = await relay.call<{ id: string }>("POST", "/admin/keys", { name: "Come back" });
    await relay.call("POST", "/admin/keys/delete", { ids: [id] });
    const { page, close } = await visit(browser, relay);
    await page.goto(`/web/keys/${id}`);
    await page.getByText("This key is deleted").waitFor();
    await page.getByRole("button", { name: "Restore" }).click();
    await page.getByText("The key was restored.").waitFor();
    await page.getByText("This key is deleted").waitFor({ state: "detached" });
    await close();
  }, 60_000);
});
