import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { fillSample } from "../test/sample.ts";
import { startServer } from "../functions/runtimes/node/node.ts";
import { parseConfig } from "../functions/config.ts";
import { testEnvironment } from "../test/environment.ts";
import { launchBrowser } from "../test/web/browser.ts";
import { buildConsole } from "../test/web/build.ts";

/** `npm run pictures`: the pictures of the console in docs/pictures, taken of the real server with a sample month in it. */
const pictures = fileURLToPath(new URL("../docs/pictures/", import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), "relay-pictures-"));
mkdirSync(pictures, { recursive: true });
await buildConsole();
const server = await startServer({
  config: parseConfig({ ...testEnvironment, PORT: "0", HOST: "127.0.0.1", DATA_DIR: scratch }),
  write: () => undefined,
  consoleDirectory: fileURLToPath(new URL("../dist/web/", import.meta.url)),
});
const { keys } = await fillSample({ keys: 24, days: 30, callsADay: 600 }, server.env);
const browser = await launchBrowser();

interface Look {
  readonly colorScheme: "light" | "dark";
  readonly locale?: string;
  readonly width?: number;
  readonly height?: number;
}

async function take(name: string, path: string, look: Look): Promise<void> {
  const { colorScheme, locale = "en-US", width = 1440, height = 900 } = look;
  const page = await open(browser, { colorScheme, locale, viewport: { width, height } });
  await page.goto(path);
  await page.getByRole("heading").first().waitFor();
  await page.waitForLoadState("networkidle");
  // Charts draw themselves in.
  await page.waitForTimeout(1_500);
  await page.screenshot({ path: join(pictures, `${name}.png`) });
  await page.context().close();
  console.log(`docs/pictures/${name}.png`);
}

/** Calls the admin API as a script does. */
async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  const headers = { "content-type": "application/json" };
  const { ADMIN_USERNAME: username, ADMIN_PASSWORD: password } = testEnvironment;
  const login = { method: "POST", headers, body: JSON.stringify({ username, password, bearer: true }) };
  const { token } = (await (await fetch(`${server.url}/admin/session`, login)).json()) as { token: string };
  const response = await fetch(server.url + path, {
    method,
    headers: { ...headers, authorization: `Bearer ${token}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return (await response.json()) as T;
}

async function open(from: Browser, look: Parameters<Browser["newContext"]>[0]): Promise<Page> {
  const context = await from.newContext({ baseURL: server.url, ...look });
  const { ADMIN_USERNAME: username, ADMIN_PASSWORD: password } = testEnvironment;
  await context.request.post("/admin/session", { data: { username, password } });
  return context.newPage();
}

const key = `/web/keys/${keys[0]?.id ?? ""}`;
// The address that the set-up names is the one of a real deployment.
await call("PATCH", "/admin/settings", { publicUrl: "https://relay.example.com" });
interface Calls {
  readonly items: readonly { readonly logId: string; readonly attempts: number; readonly status: number }[];
}
const calls = (await call<Calls>("GET", "/admin/usage/requests?pageSize=200")).items;
const retried = calls.find(({ attempts, status }) => attempts > 1 && status === 200) ?? calls[0];
await take("dashboard", "/web/?group=model", { colorScheme: "light", height: 1000 });
await take("accounts", "/web/accounts", { colorScheme: "light", height: 640 });
await take("key", key, { colorScheme: "dark" });
await take("request", `/web/requests?request=${retried?.logId ?? ""}`, { colorScheme: "light", height: 1000 });
await take("use-it", `${key}?tab=use`, { colorScheme: "light", height: 1000 });
await take("phone", "/web/", { colorScheme: "dark", locale: "zh-CN", width: 390, height: 844 });
await browser.close();
await server.close(0);
rmSync(scratch, { recursive: true, force: true });
process.exit(0);
