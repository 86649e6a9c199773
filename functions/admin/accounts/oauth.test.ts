import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { written } from "../../../test/admin/desk.ts";
import type { Shop } from "../../../test/admin/provider.ts";
import { consent, openShop } from "../../../test/admin/provider.ts";
import { openCredential } from "../../core/accounts/credential.ts";
import { readPool } from "../../core/accounts/pool.ts";

let shop: Shop;
beforeEach(async () => {
  shop = await openShop();
});
afterEach(() => shop.stop());

const start = async (body: object = {}) => {
  const told = await shop.admin("POST", "/admin/oauth/start", {
    body: { kind: "claude", settings: shop.signInSettings, ...body },
  });
  return told.body as { url: string; state: string; expiresAt: number };
};
const finish = (body: object) => shop.admin("POST", "/admin/oauth/finish", { body });
const credentialOf = async (id: string) => {
  const account = (await readPool(shop.env)).accountById.get(id);
  if (!account) throw new Error("The account is not in the store.");
  return openCredential(account, shop.env);
};

describe("connecting an account by sign-in", () => {
  test("gives a link with PKCE and a state, good for fifteen minutes", async () => {
    const link = await start();
    const query = new URL(link.url).searchParams;
    expect(query.get("code_challenge_method")).toBe("S256");
    expect(query.get("code_challenge")).toMatch(/^[\w-]{43}$/);
    expect(query.get("state")).toBe(link.state);
    expect(query.get("scope")).toContain("user:profile");
    expect(Math.abs(link.expiresAt - shop.env.now() - 900_000)).toBeLessThan(5_000);
  });

  test.each([
    [
      "code#state",
      (callback: URL) => `${callback.searchParams.get("code") ?? ""}#${callback.searchParams.get("state") ?? ""}`,
    ],
    ["the bare code", (callback: URL) => callback.searchParams.get("code") ?? ""],
    ["the callback URL", (callback: URL) => callback.href],
    [
      "the callback URL broken by blanks",
      (callback: URL) => `  ${callback.href.slice(0, 40)} \r\n ${callback.href.slice(40)} `,
    ],
  ])("takes %s and makes an account that can call", async (_, paste) => {
    const link = await start();
    const code = paste(new URL(await consent(link.url)));
    const told = await finish({ state: link.state, code, name: "Mine", priority: 3 });
    expect(told.status).toBe(200);
    expect(told.body).toMatchObject({
      name: "Mine",
      kind: "claude",
      priority: 3,
      subject: "person@example.com",
      canRefresh: true,
      settings: shop.signInSettings,
      state: { status: "serving" },
    });
    const { id } = told.body;
    await shop.admin("PATCH", `/admin/accounts/${id as string}`, { body: { baseUrl: shop.provider.url } });
    expect((await shop.admin("POST", `/admin/accounts/${id as string}/test`, { body: {} })).body).toMatchObject({
      isOk: true,
    });
    expect((await shop.admin("GET", `/admin/accounts/${id as string}`)).body.subject).toBe("person@example.com");
  });

  test("names it after who signed in, unless a name is given", async () => {
    const link = await start();
    expect((await finish({ state: link.state, callbackUrl: await consent(link.url) })).body.name).toBe(
      "person@example.com",
    );
  });

  test("by a setup-token asks for inference only, and keeps no refresh token", async () => {
    const link = await start({ variant: "setup" });
    expect(new URL(link.url).searchParams.get("scope")).toBe("user:inference");
    const told = await finish({ state: link.state, callbackUrl: await consent(link.url) });
    expect(told.body.canRefresh).toBe(false);
    expect(told.body.credentialExpiresAt).toBeGreaterThan(shop.env.now() + 300 * 86_400_000);
    expect(await credentialOf(told.body.id as string)).not.toHaveProperty("refreshToken");
  });

  test("never shows or keeps verifier and tokens in clear", async () => {
    const link = await start({ proxy: "http://name:proxysecret@127.0.0.1:1" });
    const pending = await shop.store.read([`admin/sign-in/${link.state}`]);
    expect(pending[0]).toMatch(/^s1\./);
    expect(JSON.stringify(link)).not.toContain("proxysecret");
    const other = await start();
    const told = await finish({ state: other.state, callbackUrl: await consent(other.url) });
    const credential = await credentialOf(told.body.id as string);
    if (credential?.kind !== "oauth") throw new Error("No OAuth credential was kept.");
    for (const text of [told.text, JSON.stringify(shop.logs), JSON.stringify(await shop.store.list("pool"))]) {
      expect(text).not.toContain(credential.accessToken);
      expect(text).not.toContain(credential.refreshToken);
    }
  });

  test("can be finished once, and not after fifteen minutes", async () => {
    const link = await start();
    const callbackUrl = await consent(link.url);
    expect((await finish({ state: link.state, callbackUrl })).status).toBe(200);
    expect((await finish({ state: link.state, callbackUrl })).body.error.code).toBe("record.unknown");
    const late = await start();
    const lateUrl = await consent(late.url);
    shop.pass(901_000);
    expect((await finish({ state: late.state, callbackUrl: lateUrl })).body.error.code).toBe("record.unknown");
  });

  test("refuses another sign-in's paste by name, a spent code in the provider's words, and lets one try again", async () => {
    const [link, other] = [await start(), await start()];
    const told = await finish({ state: link.state, callbackUrl: await consent(other.url) });
    expect([told.status, told.body.error.field]).toEqual([400, "callbackUrl"]);
    const wrong = await finish({ state: link.state, code: "a-code-that-is-none" });
    expect([wrong.status, wrong.body.error.code]).toEqual([502, "credential.rejected"]);
    expect(wrong.body.error.message).toContain("Invalid 'code'");
    expect((await finish({ state: link.state, callbackUrl: await consent(link.url) })).status).toBe(200);
  });

  test.each([
    [{ kind: "anthropic" }, "kind"],
    [{ settings: { baseUrl: "https://x.example" } }, "settings.baseUrl"],
    [{ settings: { tokenUrl: "nonsense" } }, "settings.tokenUrl"],
    [{ proxy: "nonsense" }, "proxy"],
    [{ variant: "cookie" }, "variant"],
  ])("refuses to start with %j", async (body, field) => {
    const told = await shop.admin("POST", "/admin/oauth/start", { body: { kind: "claude", ...body } });
    expect([told.status, told.body.error.field]).toEqual([400, field]);
  });

  test("goes through the proxy that was given", async () => {
    const link = await start({ proxy: "http://127.0.0.1:1" });
    const told = await finish({ state: link.state, callbackUrl: await consent(link.url) });
    expect(told.status).toBe(502);
    expect(shop.sent.at(-1)?.proxy).toBe("http://127.0.0.1:1");
  });
});

describe("signing an account in again", () => {
  test("writes the credential, who signed in and what stopped it, and leaves all else alone", async () => {
    const link = await start();
    const { id } = (
      await finish({ state: link.state, callbackUrl: await consent(link.url), name: "Mine", priority: 9 })
    ).body;
    const again = await start({ accountId: id, settings: undefined });
    shop.calls.length = 0;
    const told = await finish({ state: again.state, callbackUrl: await consent(again.url) });
    expect(told.body).toMatchObject({ id, name: "Mine", priority: 9 });
    const columns = ["credential", "credentialExpiresAt", "subject", "stoppedBecause"];
    expect(written(shop.calls)).toEqual([
      ...columns.map((column) => `pool:account/${id as string}/${column}`),
      "keys:@pool",
    ]);
    expect((await shop.admin("GET", "/admin/accounts")).body.total).toBe(1);
  });

  test("needs an account that is there, of that kind", async () => {
    const none = await shop.admin("POST", "/admin/oauth/start", { body: { kind: "claude", accountId: "nobody" } });
    expect(none.status).toBe(404);
    const made = await shop.admin("POST", "/admin/accounts", { body: { name: "Key", kind: "anthropic" } });
    const other = await shop.admin("POST", "/admin/oauth/start", { body: { kind: "claude", accountId: made.body.id } });
    expect(other.body.error.field).toBe("kind");
  });
});
