import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import type { Relay } from "./relay.ts";

export interface Visit {
  readonly page: Page;
  /** What the browser complained of: errors of scripts, refusals by the content security policy. */
  readonly complaints: string[];
  close(): Promise<void>;
}

/** A browser of one's own at the console, signed in unless said otherwise. */
export async function visit(
  browser: Browser,
  relay: Relay,
  options: BrowserContextOptions & { isSignedIn?: boolean } = {},
): Promise<Visit> {
  const { isSignedIn = true, ...rest } = options;
  const context = await browser.newContext({
    locale: "en-US",
    viewport: { width: 1440, height: 900 },
    baseURL: relay.url,
    ...rest,
  });
  context.setDefaultTimeout(15_000);
  if (isSignedIn) {
    const response = await context.request.post("/admin/session", { data: relay.admin });
    if (!response.ok()) throw new Error(`No session: ${response.status()} ${await response.text()}`);
  }
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    const isExpected = /Failed to load resource: the server responded with a status of 4/.test(message.text());
    if (message.type() === "error" && !isExpected) complaints.push(message.text());
  });
  return { page, complaints, close: () => context.close() };
}
