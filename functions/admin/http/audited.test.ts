import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openShop, type Shop } from "../../../test/admin/provider.ts";
import { auditLog, verifyAudit } from "../../core/people/audit.ts";

let shop: Shop;
beforeEach(async () => (shop = await openShop()));
afterEach(() => shop.stop());

const list = async (query = "") => (await shop.admin("GET", "/admin/audit", { query })).body.items;
const text = async () => JSON.stringify(await shop.store.readLog(auditLog, "0", 1_000));

/** One of each kind, as they look in the wild. */
const secrets = {
  password: "my cat's name 1987",
  relayKey: `cr_${"5eC4".repeat(16).toLowerCase().replaceAll("c", "0")}`,
  anthropic: "sk-ant-api03-Zm9vYmFyYmF6-quxQUX_1234567890",
  openai: "sk-proj-AbCdEfGhIjKlMnOpQrStUvWxYz0123456789",
  google: "AIzaSyA1234567890abcdefghijklmnopqrstuv",
  refresh: "1//0gRefreshTokenOfGoogle-abcdefghijk",
  bearer: "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZG1pbiJ9.c2lnbmF0dXJl",
  aws: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
  pem: "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg\n-----END PRIVATE KEY-----",
  proxy: "http://walker:proxy-pass-word@proxy.example:8080",
  url: "https://hooks.example/services/T000?token=querysecret99",
};
const traces = [
  ...["cat's name", secrets.relayKey, "quxQUX", "sk-proj", "AIzaSy", "RefreshTokenOfGoogle", "eyJhbGci"],
  ...["wJalrXUt", "MIIEvQ", "proxy-pass-word", "querysecret99"],
];

describe("the audit log of the admin API", () => {
  test("tells who did what to which record from where, and only the fields that differ", async () => {
    const { id } = (await shop.admin("POST", "/admin/keys", { body: { name: "one", concurrency: 2 } })).body;
    await shop.admin("PATCH", `/admin/keys/${id}`, { body: { concurrency: 5 }, ip: "198.51.100.7" });
    await shop.admin("DELETE", `/admin/keys/${id}`);
    const [removed, changed, made, signedIn] = await list();
    expect(signedIn).toMatchObject({ operation: "signIn", who: "admin", status: 201, number: 1 });
    expect(made).toMatchObject({ operation: "createKey", target: id, after: { name: "one", concurrency: 2 } });
    expect(changed).toMatchObject({
      ...{ who: "admin", operation: "updateKey", target: id, ip: "198.51.100.7", status: 200 },
      ...{ before: { concurrency: 2 }, after: { concurrency: 5 } },
    });
    expect(removed).toMatchObject({ operation: "deleteKey", target: id });
    expect(JSON.stringify(removed.before)).not.toBe(JSON.stringify(removed.after));
    expect(await list(`target=${id}&operation=updateKey`)).toEqual([changed]);
  });

  test("has an entry for a change that was refused, and none for looking", async () => {
    await shop.admin("GET", "/admin/keys");
    await shop.admin("PATCH", "/admin/keys/nobody", { body: { concurrency: 5 } });
    const [refused, ...rest] = await list();
    expect(refused).toMatchObject({ operation: "updateKey", target: "nobody", status: 404, failure: "record.unknown" });
    expect(refused.after).toBeUndefined();
    expect(rest.map((each: { operation: string }) => each.operation)).toEqual(["signIn"]);
  });

  test("has the sign-ins that failed, without what was typed, and none of those past the throttle", async () => {
    for (let tries = 0; tries < 12; tries += 1)
      await shop.ask("POST", "/admin/session", { body: { username: secrets.password, password: "wrong password" } });
    shop.pass(1_000_000);
    const failed = await list("who=(unknown)");
    expect(failed).toHaveLength(10);
    expect(failed[0]).toMatchObject({ operation: "signIn", status: 401, failure: "login.wrong", ip: "192.0.2.1" });
    expect(await text()).not.toContain("cat's name");
  });

  test("does not undo or refuse a change when it cannot be written, and tells it in the process log", async () => {
    await shop.admin("GET", "/admin/keys");
    shop.env.store.fold = () => Promise.reject(new Error("no"));
    expect((await shop.admin("POST", "/admin/keys", { body: { name: "one" } })).status).toBe(201);
    expect(shop.logs.filter(({ event }) => event === "audit entry lost")).toHaveLength(1);
  });

  test("holds no secret of any kind, whatever field it was sent or answered in", async () => {
    const { password, proxy, url, ...kinds } = secrets;
    const name = (each: string) => `note ${each}`.slice(0, 120);
    for (const secret of Object.values(kinds)) {
      const credential = { kind: "api-key", secret };
      const body = { name: name(secret), kind: "anthropic", credential, proxy, settings: { any: secret } };
      await shop.admin("POST", "/admin/accounts", { body });
      const { id } = (await shop.admin("POST", "/admin/accounts", { body: { ...body, settings: {} } })).body;
      if (id) await shop.admin("PATCH", `/admin/accounts/${id}`, { body: { name: name(secret), credential } });
      await shop.admin("POST", "/admin/keys", { body: { name: name(secret), description: `see ${url} ${secret}` } });
      await shop.admin("POST", "/admin/oauth/finish", { body: { state: secret, code: secret, pasted: secret } });
    }
    const made = (await shop.admin("POST", "/admin/keys", { body: { name: "two" } })).body;
    const bulk = (await shop.admin("POST", "/admin/keys/bulk", { body: { name: "many", count: 2 } })).body;
    const change = { currentPassword: shop.env.config.ADMIN_PASSWORD, newPassword: password };
    const factor = await shop.admin("POST", "/admin/session/second-factor", {
      body: { password: shop.env.config.ADMIN_PASSWORD },
    });
    const session = await shop.admin("PUT", "/admin/session/password", { body: change });
    const written = await text();
    const shown = [made.secret, ...bulk.items.map((item: { secret: string }) => item.secret)];
    const own = [factor.body.secret, session.body.token, shop.env.config.ADMIN_PASSWORD];
    expect([...shown, ...own].every((each) => typeof each === "string" && each.length > 8)).toBe(true);
    for (const trace of [...traces, ...shown, ...own]) expect(written).not.toContain(trace);
    expect(written).toContain("createAccount");
    expect((await verifyAudit(shop.env)).isWhole).toBe(true);
  });

  test("answers its check over the API, and names what is wrong", async () => {
    await shop.admin("POST", "/admin/keys", { body: { name: "one" } });
    expect((await shop.admin("GET", "/admin/audit/check")).body).toMatchObject({ isWhole: true, entries: 2, to: 2 });
    await shop.store.remove([auditLog]);
    expect((await shop.admin("GET", "/admin/audit/check")).body).toMatchObject({
      isWhole: false,
      problems: [{ number: 1, problem: "missing" }, { problem: "missing" }],
    });
  });
});
