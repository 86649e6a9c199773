import { Secret, TOTP } from "otpauth";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { buildAuthenticator, type Authenticator, type Behaviour } from "../../../test/admin/authenticator.ts";
import type { Asking, Desk } from "../../../test/admin/desk.ts";
import { cookieOf, environment, openDesk } from "../../../test/admin/desk.ts";

const password = environment.ADMIN_PASSWORD;
const path = "/admin/session/passkeys";

let desk: Desk;
let device: Authenticator;
beforeEach(async () => {
  desk = await openDesk();
  device = buildAuthenticator();
});
afterEach(() => desk.stop());

type At = Pick<Desk, "ask" | "admin">;

async function register(behaviour: Behaviour = {}, on: At = desk, asking: Asking = {}) {
  const started = await on.admin("POST", `${path}/start`, { body: { password }, ...asking });
  const credential = device.create(started.body.challenge as string, behaviour);
  return on.admin("POST", path, { ...asking, body: { name: "Laptop", credential } });
}

async function challengeOf(on: At = desk, asking: Asking = {}): Promise<string> {
  return (await on.ask("GET", "/admin/session/passkey", asking)).body.challenge as string;
}

const show = (credential: object, on: At = desk, asking: Asking = {}) =>
  on.ask("POST", "/admin/session/passkey", { ...asking, body: { credential } });
const signIn = async (behaviour: Behaviour = {}, on: At = desk, asking: Asking = {}) =>
  show(device.get(await challengeOf(on, asking), behaviour), on, asking);
const list = async () => (await desk.admin("GET", path)).body.items as Record<string, unknown>[];

describe("a passkey", () => {
  test("is made after the password was shown, listed by its name, and signs in by itself", async () => {
    const told = await register();
    expect(told.status).toBe(201);
    expect(await list()).toEqual([
      {
        ...{ id: device.id, name: "Laptop", host: "relay.example", isBackedUp: false },
        ...{ createdAt: expect.any(Number), usedAt: null },
      },
    ]);
    const signed = await signIn();
    expect(signed.status).toBe(201);
    const session = await desk.ask("GET", "/admin/session", { headers: { cookie: cookieOf(signed) } });
    expect(session.body).toEqual(signed.body);
    expect((await list())[0]?.usedAt).toEqual(expect.any(Number));
  });

  test("is asked for in a way that finds it without a name and has its holder prove who they are", async () => {
    const { body: made } = await desk.admin("POST", `${path}/start`, { body: { password } });
    expect(made).toMatchObject({
      rp: { id: "relay.example" },
      authenticatorSelection: { residentKey: "required", userVerification: "required" },
    });
    const { body: asked } = await desk.ask("GET", "/admin/session/passkey");
    expect(asked).toMatchObject({ rpId: "relay.example", userVerification: "required" });
    expect(asked.allowCredentials ?? []).toEqual([]);
  });

  test("signs in without the code that a password needs", async () => {
    const { body: draft } = await desk.admin("POST", "/admin/session/second-factor", { body: { password } });
    const totp = new TOTP({ secret: Secret.fromBase32(draft.secret as string) });
    const shows = () => totp.generate({ timestamp: desk.env.now() });
    await desk.admin("PUT", "/admin/session/second-factor", { body: { code: shows() } });
    desk.pass(60_000);
    const bare = await desk.admin("POST", `${path}/start`, { body: { password } });
    expect(bare.body.error.code).toBe("login.code-missing");
    const body = { password, code: shows() };
    expect((await register({}, desk, { body })).status).toBe(201);
    expect((await signIn()).status).toBe(201);
  });

  test("needs the password to be made", async () => {
    const told = await desk.admin("POST", `${path}/start`, { body: { password: "guess" } });
    expect([told.status, told.body.error.field]).toEqual([400, "password"]);
  });

  test("that was removed signs in no more", async () => {
    await register();
    expect((await desk.admin("DELETE", `${path}/${device.id}`)).status).toBe(204);
    expect(await list()).toEqual([]);
    const told = await signIn();
    expect([told.status, told.body.error.code]).toEqual([401, "login.passkey-wrong"]);
    expect((await desk.admin("DELETE", `${path}/${device.id}`)).status).toBe(404);
  });

  test("stands in the audit log with who used it, and no key of it", async () => {
    await register();
    await signIn();
    const { items } = (await desk.admin("GET", "/admin/audit")).body;
    const of = (operation: string) => items.find((item: { operation: string }) => item.operation === operation);
    expect(of("signInByPasskey")).toMatchObject({ who: "admin", status: 201 });
    expect(of("addPasskey")).toMatchObject({ who: "admin", target: device.id, after: { name: "Laptop" } });
  });
});

describe("nobody is let in", () => {
  beforeEach(() => register());

  test("by a signature that was shown before, on no instance and not at the same moment", async () => {
    const shown = device.get(await challengeOf());
    const told = await Promise.all([show(shown), show(shown, desk.other()), show(shown)]);
    expect(told.map(({ status }) => status).toSorted()).toEqual([201, 401, 401]);
    expect((await show(shown)).status).toBe(401);
  });

  test("after the five minutes of a challenge", async () => {
    const shown = device.get(await challengeOf());
    desk.pass(301_000);
    expect((await show(shown)).status).toBe(401);
  });

  test.each<[string, Behaviour]>([
    ["made for another site's page", { origin: "https://relay.example.evil" }],
    ["for another host", { host: "evil.example" }],
    ["over plain http", { origin: "http://relay.example" }],
    ["without finger, face or PIN", { isVerified: false }],
  ])("by a signature %s", async (_, behaviour) => {
    expect((await signIn(behaviour)).status).toBe(401);
  });

  test("by another device's signature under a known id", async () => {
    const stranger = buildAuthenticator();
    const forged = { ...stranger.get(await challengeOf()), id: device.id, rawId: device.id };
    expect((await show(forged)).status).toBe(401);
  });

  test("by a challenge that was made for something else, or elsewhere", async () => {
    const { body } = await desk.admin("POST", `${path}/start`, { body: { password } });
    expect((await show(device.get(body.challenge as string))).status).toBe(401);
    const foreign = await challengeOf(desk.other({ JWT_SECRET: "another-secret-another-secret-another" }));
    expect((await show(device.get(foreign))).status).toBe(401);
    expect((await show(device.get("Z2FyYmFnZQ"))).status).toBe(401);
  });

  test("by a copy of a device that counts, once the device has signed after it", async () => {
    expect((await signIn({ counter: 5 })).status).toBe(201);
    expect((await signIn({ counter: 5 })).status).toBe(401);
    expect((await signIn({ counter: 4 })).status).toBe(401);
    expect((await signIn({ counter: 6 })).status).toBe(201);
  });

  test("by guessing without end: tries are counted, and the refusal says until when", async () => {
    for (let guess = 0; guess < 10; guess += 1) expect((await signIn({ isVerified: false })).status).toBe(401);
    const told = await signIn();
    expect([told.status, told.body.error.code]).toEqual([429, "login.throttled"]);
    expect(told.body.error.message).toMatch(/Try again at \d{4}-/);
    expect(Number(told.headers["retry-after"])).toBeGreaterThan(0);
  });

  test("while ADMIN_PASSWORD_RESET is on; a sign-in by password then takes passkeys away", async () => {
    const reset = desk.other({ ADMIN_PASSWORD_RESET: "true" });
    expect((await signIn({}, reset)).status).toBe(409);
    const body = { username: environment.ADMIN_USERNAME, password, bearer: true };
    expect((await reset.ask("POST", "/admin/session", { body })).status).toBe(201);
    expect((await signIn()).status).toBe(401);
  });
});

test("a passkey is not made from what another session was given", async () => {
  const started = await desk.admin("POST", `${path}/start`, { body: { password } });
  const credential = device.create(started.body.challenge as string);
  const told = await desk.other().admin("POST", path, { body: { name: "Laptop", credential } });
  expect([told.status, told.body.error.field]).toEqual([400, "credential"]);
  expect(await list()).toEqual([]);
});

test("asking for a challenge costs a stranger's relay nothing in the store", async () => {
  desk.calls.length = 0;
  await challengeOf();
  expect(desk.calls).toEqual([]);
});

describe("the site that a passkey is for", () => {
  const hostOf = async (extra: Record<string, string>, headers: Record<string, string>) => {
    const told = await desk.other(extra).ask("GET", "/admin/session/passkey", { headers });
    return told.status === 200 ? (told.body.rpId as string) : told.status;
  };
  const proxied = { host: "inside:3000", "x-forwarded-host": "outside.example" };

  test("is PUBLIC_URL's where it is set, else the host that was asked for", async () => {
    expect(await hostOf({ PUBLIC_URL: "https://console.example/" }, proxied)).toBe("console.example");
    expect(await hostOf({}, { host: "relay.example:8443" })).toBe("relay.example");
  });

  test("is what the proxy says only behind a trusted one", async () => {
    expect(await hostOf({}, proxied)).toBe("inside");
    expect(await hostOf({ TRUST_PROXY: "true" }, proxied)).toBe("outside.example");
  });

  test("is a name: for an address the answer says what to do", async () => {
    for (const host of ["192.168.1.9:3000", "[::1]:3000", ""]) expect(await hostOf({}, { host })).toBe(409);
  });

  test("may be this machine over plain http", async () => {
    device = buildAuthenticator("http://localhost:3000");
    const asking = { headers: { host: "localhost:3000", "x-forwarded-proto": "http" } };
    const { authorization } = await bearer();
    const there = { headers: { ...asking.headers, authorization } };
    expect((await register({}, desk, there)).status).toBe(201);
    expect((await signIn({}, desk, asking)).status).toBe(201);
  });
});

async function bearer() {
  const body = { username: environment.ADMIN_USERNAME, password, bearer: true };
  const { token } = (await desk.ask("POST", "/admin/session", { body })).body;
  return { authorization: `Bearer ${token as string}` };
}
