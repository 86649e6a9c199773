import { Secret, TOTP } from "otpauth";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchBrowser } from "./browser.ts";
import { type Relay, startRelay } from "./relay.ts";
import { visit } from "./visit.ts";

let relay: Relay;
let browser: Browser;

beforeAll(async () => {
  [relay, browser] = [await startRelay(), await launchBrowser()];
  await relay.call("POST", "/admin/keys", { name: "Ada's laptop" });
}, 180_000);

afterAll(async () => {
  await browser.close();
  await relay.stop();
});

describe("a session in the console", () => {
  it("opens the page that was asked for once somebody has signed in", async () => {
    const { page, complaints, close } = await visit(browser, relay, { isSignedIn: false });
    await page.goto("/web/keys");
    await page.getByLabel("Username").fill(relay.admin.username);
    await page.getByLabel("Password", { exact: true }).fill("wrong-password");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByText("Name or password is wrong").waitFor();
    await page.getByLabel("Password", { exact: true }).fill(relay.admin.password);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("link", { name: "Ada's laptop" }).waitFor();
    expect(new URL(page.url()).pathname).toBe("/web/keys");
    expect(complaints).toEqual([]);
    await close();
  });

  it("that ends is taken up over the page, and what was typed and sent is done after it", async () => {
    const { page, complaints, close } = await visit(browser, relay);
    await page.goto("/web/keys/new");
    await page.getByLabel("Name", { exact: true }).fill("Written before the end");
    await page.context().clearCookies();
    await page.getByRole("button", { name: "Create a key" }).click();
    const dialog = page.getByRole("dialog", { name: "Your session has ended" });
    await dialog.getByLabel("Password", { exact: true }).fill(relay.admin.password);
    await dialog.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("heading", { name: "Written before the end is ready" }).waitFor();
    expect(complaints).toEqual([]);
    await close();
  });

  it("leaves nothing in the browser's storage but the chosen looks and language", async () => {
    const { page, close } = await visit(browser, relay);
    await page.goto("/web/keys");
    await page.getByRole("button", { name: "Language" }).click();
    await page.getByRole("menuitem", { name: "简体中文" }).click();
    await page.getByRole("heading", { name: "API 密钥" }).waitFor();
    const kept = await page.evaluate("JSON.stringify([{ ...localStorage }, { ...sessionStorage }])");
    expect(JSON.parse(String(kept))).toEqual([{ "relay-language": "zh-CN" }, {}]);
    await page.reload();
    await page.getByRole("heading", { name: "API 密钥" }).waitFor();
    await close();
  });

  it("asks the server nothing while the page is open and nobody touches it", async () => {
    const { page, close } = await visit(browser, relay);
    await page.clock.install();
    await page.goto("/web/accounts");
    await page.getByRole("heading", { name: "Accounts" }).waitFor();
    await page.clock.runFor(150_000);
    let asked = 0;
    page.on("request", () => (asked += 1));
    await page.clock.runFor(600_000);
    expect(asked).toBe(0);
    await close();
  });

  it("asks for a code once an authenticator app is set up in the profile, and can be ended from there", async () => {
    const { page, complaints, close } = await visit(browser, relay);
    await page.goto("/web/profile");
    const section = page.locator("section", { has: page.getByRole("heading", { name: "Second factor" }) });
    await section.getByLabel("Current password").fill(relay.admin.password);
    await section.getByRole("button", { name: "Set up an authenticator app" }).click();
    await section.getByRole("img", { name: "QR code for the authenticator app" }).waitFor();
    const totp = new TOTP({ secret: Secret.fromBase32((await section.locator("pre").innerText()).trim()) });
    await section.getByRole("textbox", { name: "Code" }).fill(totp.generate());
    await section.getByRole("button", { name: "Turn it on" }).click();
    // Until the server has answered, the secret still stands where the codes will.
    const codes = section.getByRole("alert", { name: "Keep these recovery codes" }).locator("pre");
    const [recovery = ""] = (await codes.innerText()).trim().split("\n");
    await section.getByRole("button", { name: "I have kept them" }).click();

    const other = await visit(browser, relay, { isSignedIn: false });
    await other.page.goto("/web/keys");
    await other.page.getByLabel("Username").fill(relay.admin.username);
    await other.page.getByLabel("Password", { exact: true }).fill(relay.admin.password);
    await other.page.getByRole("button", { name: "Sign in" }).click();
    await other.page.getByRole("textbox", { name: "Code" }).fill("000000");
    await other.page.getByRole("button", { name: "Sign in" }).click();
    await other.page.getByText("The code is wrong").waitFor();
    await other.page.getByRole("textbox", { name: "Code" }).fill(totp.generate({ timestamp: Date.now() + 30_000 }));
    await other.page.getByRole("button", { name: "Sign in" }).click();
    await other.page.getByRole("link", { name: "Ada's laptop" }).waitFor();

    await page.reload();
    await page.getByRole("button", { name: "Sign out all others" }).click();
    await page.getByRole("button", { name: "Sign out all others" }).waitFor({ state: "detached" });
    await other.page.reload();
    await other.page.getByRole("heading", { name: "Sign in to Claude Relay" }).waitFor();
    await section.getByLabel("Current password").fill(relay.admin.password);
    await section.getByRole("textbox", { name: "Code" }).fill(recovery);
    await section.getByRole("button", { name: "Turn it off" }).click();
    await section.getByText("Sign-in asks for the password only.").waitFor();
    expect([...complaints, ...other.complaints]).toEqual([]);
    await Promise.all([close(), other.close()]);
  });

  it("signs in by a passkey that was made in the profile, until it is removed", async () => {
    const { page, complaints, close } = await visit(browser, relay);
    const device = await page.context().newCDPSession(page);
    await device.send("WebAuthn.enable");
    const options = {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
    } as const;
    const { authenticatorId } = await device.send("WebAuthn.addVirtualAuthenticator", {
      options: { ...options, isUserVerified: true, automaticPresenceSimulation: true },
    });
    await page.goto("/web/profile");
    await page.getByRole("button", { name: "Add a passkey" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Name").fill("Ada's finger");
    await dialog.getByLabel("Current password").fill(relay.admin.password);
    await dialog.getByRole("button", { name: "Create it" }).click();
    await page.getByText("For localhost, since").waitFor();

    const signOut = async () => {
      await page.context().clearCookies();
      await page.reload();
      await page.getByRole("heading", { name: "Sign in to Claude Relay" }).waitFor();
    };
    await signOut();
    await page.getByRole("button", { name: "Use a passkey" }).click();
    await page.getByText("last used").waitFor();

    await page.getByRole("button", { name: "Remove the passkey “Ada's finger”" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Remove", exact: true }).click();
    await page.getByText("For localhost, since").waitFor({ state: "detached" });
    await signOut();
    await page.getByRole("button", { name: "Use a passkey" }).click();
    await page.getByText("The passkey was not accepted").waitFor();
    await device.send("WebAuthn.removeVirtualAuthenticator", { authenticatorId });
    await device.send("WebAuthn.disable");
    expect(complaints).toEqual([]);
    await close();
  });
});
