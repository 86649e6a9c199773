import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import words from "../../web/src/language/en/index.ts";
import rest from "../../web/src/language/en/rest.ts";
import { findBarriers } from "./barriers.ts";
import { launchBrowser } from "./browser.ts";
import { type Relay, startRelay } from "./relay.ts";
import { visit } from "./visit.ts";

let relay: Relay;
let browser: Browser;
const paths: Record<string, string> = {
  "sign-in": "/web/",
  dashboard: "/web/",
  start: "/web/start",
  accounts: "/web/accounts",
  "connect an account": "/web/accounts/new",
  "connect by key": "/web/accounts/new?kind=anthropic",
  "connect by sign-in": "/web/accounts/new?kind=claude",
  keys: "/web/keys",
  "create a key": "/web/keys/new",
  requests: "/web/requests",
  usage: "/web/usage",
  "use by the hour and model": "/web/?by=hour&group=model&measure=tokens",
  groups: "/web/groups",
  prices: "/web/prices",
  alerts: "/web/alerts",
  settings: "/web/settings",
  maintenance: "/web/maintenance",
  backup: "/web/backup",
  logs: "/web/logs",
  audit: "/web/audit",
  "unused keys": "/web/keys?unusedDays=90",
  profile: "/web/profile",
  "a key holder's page": "/web/key",
  "no such page": "/web/nowhere",
};

beforeAll(async () => {
  [relay, browser] = [await startRelay(), await launchBrowser()];
  const draft = {
    name: "Team",
    kind: "anthropic",
    baseUrl: relay.upstream.url,
    credential: { kind: "api-key", secret: "sk-ant-api03-team-0123456789" },
  };
  const account = await relay.call<{ id: string }>("POST", "/admin/accounts", draft);
  await relay.call("POST", "/admin/accounts", { ...draft, name: "Paused one", isEnabled: false });
  const key = await relay.call<{ id: string; secret: string }>("POST", "/admin/keys", {
    name: "Ada's laptop",
    owner: "Ada",
    tags: ["frontend"],
    dailyCostUsd: 5,
  });
  await relay.call("POST", "/admin/keys", { name: "Disabled", isEnabled: false });
  await relay.call("POST", "/admin/groups", { name: "Frontend", accounts: [account.id] });
  await relay.call("PUT", "/admin/prices", { model: "our-own-model", inputUsd: 1, outputUsd: 2 });
  // A call, so that pages with figures have some.
  await fetch(`${relay.url}/api/v1/messages`, {
    method: "POST",
    headers: { "x-api-key": key.secret, "anthropic-version": "2023-06-01", "content-type": "application/json" },
    body: JSON.stringify({
      model: "claude-sonnet-4-5",
      max_tokens: 16,
      messages: [{ role: "user", content: "Hello" }],
    }),
  }).then((response) => response.text());
  const [call] = (await relay.call<{ items: { logId: string }[] }>("GET", "/admin/usage/requests")).items;
  paths["a request"] = `/web/requests?request=${call?.logId}`;
  paths.account = `/web/accounts/${account.id}`;
  paths["an account's errors"] = `/web/accounts/${account.id}?tab=errors`;
  paths["an account's settings"] = `/web/accounts/${account.id}?tab=settings`;
  paths.key = `/web/keys/${key.id}`;
  paths["a key's settings"] = `/web/keys/${key.id}?tab=settings`;
  paths["a key's set-up"] = `/web/keys/${key.id}?tab=use`;
}, 180_000);

afterAll(async () => {
  await browser.close();
  await relay.stop();
});

const sections = Object.keys({ ...words, ...rest }).join("|");
/** Where a word is missing, its name stands in its place. */
const nameOfWord = new RegExp(`[>"](?:${sections})\\.[a-zA-Z][\\w.-]+[<"]`, "g");

/** The first page is seen without a session, all others with one. */
async function signIn(page: Page): Promise<void> {
  const response = await page.context().request.post("/admin/session", { data: relay.admin });
  expect(response.ok()).toBe(true);
}

describe("every page", () => {
  it.concurrent.each([
    { device: "desktop", viewport: { width: 1440, height: 900 }, locale: "en-US" },
    { device: "phone", viewport: { width: 360, height: 780 }, locale: "zh-CN" },
  ])(
    "bars nobody, light or dark, complains of nothing and is no wider than the $device",
    async ({ viewport, locale }) => {
      const problems: string[] = [];
      const look = { viewport, locale, isSignedIn: false, reducedMotion: "reduce" } as const;
      const { page, complaints, close } = await visit(browser, relay, look);
      for (const [name, path] of Object.entries(paths)) {
        await page.emulateMedia({ colorScheme: "light" });
        await page.goto(path);
        await page.getByRole("heading").first().waitFor();
        await page.waitForLoadState("networkidle");
        for (const colorScheme of ["light", "dark"] as const) {
          await page.emulateMedia({ colorScheme });
          await page.locator(`html[data-mantine-color-scheme="${colorScheme}"]`).waitFor();
          // Half-way between two colours there is no contrast to speak of.
          await page.evaluate(
            "document.getAnimations().forEach((one) => one instanceof CSSTransition && one.finish())",
          );
          problems.push(...(await findBarriers(page)).map((barrier) => `${name}, ${colorScheme}: ${barrier}`));
        }
        problems.push(...((await page.content()).match(nameOfWord) ?? []).map((word) => `${name}: ${word}`));
        problems.push(...complaints.splice(0).map((text) => `${name}: ${text}`));
        const width = Number(await page.evaluate("document.documentElement.scrollWidth"));
        if (width > viewport.width) problems.push(`${name}: ${width} px wide`);
        if (name === "sign-in") await signIn(page);
      }
      await close();
      expect(problems).toEqual([]);
    },
    300_000,
  );
});
