import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Desk } from "../../../test/admin/desk.ts";
import { cookieOf, environment, openDesk } from "../../../test/admin/desk.ts";

const right = { username: environment.ADMIN_USERNAME, password: environment.ADMIN_PASSWORD };
const hourMs = 3_600_000;

let desk: Desk;
beforeEach(async () => {
  desk = await openDesk();
});
afterEach(() => desk.stop());

const signIn = (body: object = right, on: Pick<Desk, "ask"> = desk) => on.ask("POST", "/admin/session", { body });
const bearerOf = async (on: Pick<Desk, "ask"> = desk, body: object = right) => {
  const told = await signIn({ ...body, bearer: true }, on);
  return { authorization: `Bearer ${told.body.token as string}` };
};
const isSignedIn = async (headers: Record<string, string>, on: Pick<Desk, "ask"> = desk) =>
  (await on.ask("GET", "/admin/session", { headers })).status === 200;

describe("signing in", () => {
  test("sets a cookie that only the relay's own pages send and no script reads", async () => {
    const told = await signIn();
    expect(told.status).toBe(201);
    expect(told.cookies).toHaveLength(2);
    expect(told.cookies[0]).toMatch(
      /^relay_session=[\w.-]+; Path=\/admin; Max-Age=86400; HttpOnly; SameSite=Strict; Secure$/,
    );
    expect(told.body).toEqual({
      username: "admin",
      expiresAt: expect.any(Number),
      timeZone: "UTC+8",
      csrfToken: expect.any(String),
    });
    expect(told.text).not.toContain(cookieOf(told).split("=")[1]);
  });

  test.each([
    ["localhost:3000", "", false],
    ["127.0.0.1:3000", "", false],
    ["[::1]:3000", "", false],
    ["relay.localhost", "", false],
    ["localhost:3000", "https", true],
    ["192.168.1.9:3000", "", true],
    ["relay.example", "", true],
    ["localhost.evil.example", "", true],
    ["127.0.0.1.evil.example", "", true],
  ])("to %s (forwarded as %j) makes a Secure cookie: %s", async (host, proto, isSecure) => {
    const told = await desk.ask("POST", "/admin/session", {
      body: right,
      headers: { host, "x-forwarded-proto": proto },
    });
    expect(told.cookies[0]?.includes("; Secure")).toBe(isSecure);
  });

  describe("over plain http from another machine", () => {
    const lan = { host: "192.168.1.9:3000", origin: "http://192.168.1.9:3000", "x-forwarded-proto": "" };
    const open = (headers: Record<string, string>, on: Pick<Desk, "ask"> = desk) =>
      on.ask("POST", "/admin/session", { body: right, headers });

    test("says why nobody stays signed in and what to do, and makes no session", async () => {
      const told = await open(lan);
      expect([told.status, told.body.error.code, told.cookies]).toEqual([403, "login.insecure", []]);
      for (const word of ["ssh -L", "https", "ALLOW_HTTP_CONSOLE=true"])
        expect(told.body.error.message).toContain(word);
    });

    test.each([
      [{ ...lan, "x-forwarded-proto": "https" }],
      [{ ...lan, origin: "https://192.168.1.9" }],
      [{ host: "relay.example", "x-forwarded-proto": "" }],
    ])("is not what %j is", async (headers) => {
      const told = await open(headers);
      expect([told.status, told.cookies[0]]).toEqual([201, expect.stringMatching(/; Secure$/)]);
    });

    test("is allowed by a setting, which changes nothing for pages by https", async () => {
      const other = desk.other({ ALLOW_HTTP_CONSOLE: "true" });
      const told = await open(lan, other);
      expect([told.status, told.cookies.some((cookie) => cookie.includes("Secure"))]).toEqual([201, false]);
      const cookie = cookieOf(told);
      expect((await other.ask("GET", "/admin/session", { headers: { ...lan, cookie } })).status).toBe(200);
      expect((await open({ ...lan, origin: "https://relay.example" }, other)).cookies[0]).toMatch(/; Secure$/);
    });
  });

  test("marks the browser, which then has tries of its own while others at its address have none left", async () => {
    const told = await signIn();
    expect(told.cookies[1]).toMatch(
      /^relay_device=[\w.-]+; Path=\/admin\/session; Max-Age=15552000; HttpOnly; SameSite=Strict; Secure$/,
    );
    const cookie = told.cookies[1]?.split(";")[0] ?? "";
    for (let guess = 0; guess < 11; guess += 1) await signIn({ ...right, password: "guess" });
    expect((await signIn()).body.error.code).toBe("login.throttled");
    expect((await desk.ask("POST", "/admin/session", { body: right, headers: { cookie } })).status).toBe(201);
    const forged = `relay_device=${cookie.split(/[=.]/)[1] ?? ""}.forged`;
    expect((await desk.ask("POST", "/admin/session", { body: right, headers: { cookie: forged } })).status).toBe(429);
  });

  test("needs more than the browser's mark", async () => {
    const cookie = (await signIn()).cookies[1]?.split(";")[0] ?? "";
    const value = cookie.slice("relay_device=".length);
    for (const headers of [{ cookie }, { cookie: `relay_session=${value}` }])
      expect(await isSignedIn(headers)).toBe(false);
  });

  test("as a script answers a bearer and sets no cookie", async () => {
    const told = await signIn({ ...right, bearer: true });
    expect(told.cookies).toEqual([]);
    expect(told.body).toEqual({
      username: "admin",
      expiresAt: expect.any(Number),
      timeZone: "UTC+8",
      token: expect.any(String),
    });
    expect(await isSignedIn({ authorization: `Bearer ${told.body.token as string}` })).toBe(true);
  });

  test("with a wrong name and with a wrong password is refused in the same words", async () => {
    const [name, password] = [
      await signIn({ ...right, username: "root" }),
      await signIn({ ...right, password: "wrong" }),
    ];
    expect(name.status).toBe(401);
    expect(name.body).toEqual({ error: { code: "login.wrong", message: "Name or password is wrong." } });
    expect(password.body).toEqual(name.body);
  });

  test("tells the CSRF token again to the cookie, so that a reloaded page can go on", async () => {
    const told = await signIn();
    const again = await desk.ask("GET", "/admin/session", { headers: { cookie: cookieOf(told) } });
    expect(again.body).toEqual(told.body);
  });

  test("gives each session a CSRF token of its own", async () => {
    const [one, other] = [await signIn(), await signIn()];
    const headers = { cookie: cookieOf(one), "x-csrf-token": other.body.csrfToken as string };
    expect((await desk.ask("DELETE", "/admin/session", { headers })).body.error.code).toBe("session.csrf");
  });
});

describe("a session", () => {
  test("ends after a day", async () => {
    const headers = await bearerOf();
    desk.pass(23.9 * hourMs);
    expect(await isSignedIn(headers)).toBe(true);
    desk.pass(0.2 * hourMs);
    expect(await isSignedIn(headers)).toBe(false);
  });

  test("costs one command when it is looked at, none again within seconds, and one for many at once", async () => {
    const headers = await bearerOf();
    desk.calls.length = 0;
    await Promise.all(Array.from({ length: 8 }, () => isSignedIn(headers)));
    await isSignedIn(headers);
    expect(desk.calls.map((call) => call.method)).toEqual(["read"]);
    desk.pass(60_000);
    await isSignedIn(headers);
    expect(desk.calls).toHaveLength(2);
  });

  test("that signed out is refused here at once and on another instance within five seconds", async () => {
    const other = desk.other();
    const headers = await bearerOf();
    expect(await isSignedIn(headers, other)).toBe(true);
    await desk.ask("DELETE", "/admin/session", { headers });
    expect(await isSignedIn(headers)).toBe(false);
    desk.pass(5_000);
    expect(await isSignedIn(headers, other)).toBe(false);
  });

  test("that signs out takes only itself out, and clears its cookie", async () => {
    const [one, other] = [await signIn(), await signIn()];
    const headers = { cookie: cookieOf(one), "x-csrf-token": one.body.csrfToken as string };
    const told = await desk.ask("DELETE", "/admin/session", { headers });
    expect(told.cookies[0]).toMatch(/^relay_session=; Path=\/admin; Max-Age=0;/);
    expect(await isSignedIn({ cookie: cookieOf(other) })).toBe(true);
  });

  test("is not in force under another JWT_SECRET", async () => {
    const headers = await bearerOf();
    const other = desk.other({ JWT_SECRET: "another-secret-another-secret-another" });
    expect(await isSignedIn(headers, other)).toBe(false);
  });

  test("ends when the environment's password or name is another", async () => {
    const headers = await bearerOf();
    expect(await isSignedIn(headers, desk.other())).toBe(true);
    expect(await isSignedIn(headers, desk.other({ ADMIN_PASSWORD: "another password" }))).toBe(false);
    expect(await isSignedIn(headers, desk.other({ ADMIN_USERNAME: "operator" }))).toBe(false);
  });
});

describe("changing the password", () => {
  const newPassword = "a better horse battery";
  const change = (headers: Record<string, string>, body: object = {}) =>
    desk.ask("PUT", "/admin/session/password", {
      headers,
      body: { currentPassword: right.password, newPassword, ...body },
    });

  test("ends every older session, here and elsewhere, and keeps the caller signed in", async () => {
    const [mine, theirs, other] = [await bearerOf(), await bearerOf(), desk.other()];
    expect(await isSignedIn(theirs, other)).toBe(true);
    const told = await change(mine);
    expect(told.status).toBe(200);
    expect(await isSignedIn({ authorization: `Bearer ${told.body.token as string}` })).toBe(true);
    expect(await isSignedIn(mine)).toBe(false);
    expect(await isSignedIn(theirs)).toBe(false);
    desk.pass(5_000);
    expect(await isSignedIn(theirs, other)).toBe(false);
  });

  test("wins over the environment's from then on, and is kept as a salted scrypt hash", async () => {
    await change(await bearerOf());
    expect((await signIn()).status).toBe(401);
    expect((await signIn({ ...right, password: newPassword })).status).toBe(201);
    const [kept] = await desk.store.read(["admin/password"]);
    expect(kept).toMatch(/"scrypt\$32768\$8\$3\$[\w-]{22}\$[\w-]{43}"/);
    expect(kept).not.toContain(newPassword);
  });

  test("by cookie sets a new cookie", async () => {
    const one = await signIn();
    const told = await change({ cookie: cookieOf(one), "x-csrf-token": one.body.csrfToken as string });
    expect(await isSignedIn({ cookie: cookieOf(told) })).toBe(true);
    expect(await isSignedIn({ cookie: cookieOf(one) })).toBe(false);
  });

  test("needs the current one, and a new one of eight characters", async () => {
    const headers = await bearerOf();
    expect((await change(headers, { currentPassword: "wrong" })).body.error).toMatchObject({
      field: "currentPassword",
    });
    expect((await change(headers, { newPassword: "short" })).body.error).toMatchObject({ field: "newPassword" });
    expect(await isSignedIn(headers)).toBe(true);
  });

  test("guesses at the current one are throttled like signing in", async () => {
    const headers = await bearerOf();
    for (let guess = 0; guess < 10; guess += 1) await change(headers, { currentPassword: "wrong" });
    expect((await change(headers)).body.error.code).toBe("login.throttled");
  });

  test("is taken back by ADMIN_PASSWORD_RESET, for good once somebody has signed in under it", async () => {
    await change(await bearerOf());
    const reset = desk.other({ ADMIN_PASSWORD_RESET: "true" });
    expect((await signIn({ ...right, password: newPassword }, reset)).status).toBe(401);
    const headers = await bearerOf(reset);
    expect(await isSignedIn(headers, reset)).toBe(true);
    const refused = await reset.ask("PUT", "/admin/session/password", {
      headers,
      body: { currentPassword: right.password, newPassword },
    });
    expect(refused.body.error).toMatchObject({
      code: "record.conflict",
      message: expect.stringContaining("ADMIN_PASSWORD_RESET"),
    });
    const after = desk.other();
    expect((await signIn({ ...right, password: newPassword }, after)).status).toBe(401);
    expect((await signIn(right, after)).status).toBe(201);
  });
});

test("no password, token or hash of one is ever logged", async () => {
  const told = await signIn({ ...right, bearer: true });
  await signIn({ ...right, password: "a wrong secret" });
  const log = JSON.stringify(desk.logs);
  for (const secret of [right.password, "a wrong secret", told.body.token as string]) expect(log).not.toContain(secret);
});
