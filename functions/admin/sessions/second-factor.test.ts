import { Secret, TOTP } from "otpauth";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Desk } from "../../../test/admin/desk.ts";
import { environment, openDesk } from "../../../test/admin/desk.ts";
import { secondFactorName } from "../../core/people/second-factor.ts";

const right = { username: environment.ADMIN_USERNAME, password: environment.ADMIN_PASSWORD };
const { password } = right;
const path = "/admin/session/second-factor";
const halfMinute = 30_000;

let desk: Desk;
beforeEach(async () => {
  desk = await openDesk();
});
afterEach(() => desk.stop());

/** What an app shows at the desk's time. */
const shows = (secret: string) =>
  new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: desk.env.now() });
const signIn = (more: object = {}, on: Pick<Desk, "ask"> = desk) =>
  on.ask("POST", "/admin/session", { body: { ...right, bearer: true, ...more } });

/** Turned on and confirmed; the code of the confirmation is used, so the clock moves on. */
async function turnOn() {
  const { body: draft } = await desk.admin("POST", path, { body: { password } });
  const confirmed = await desk.admin("PUT", path, { body: { code: shows(draft.secret as string) } });
  expect(confirmed.status).toBe(200);
  desk.pass(2 * halfMinute);
  return {
    secret: draft.secret as string,
    recovery: confirmed.body.recoveryCodes as string[],
    uri: draft.uri as string,
  };
}

describe("a second factor", () => {
  test("is off until a code of the app confirms its secret", async () => {
    const { body } = await desk.admin("POST", path, { body: { password } });
    expect(body.uri).toBe(
      `otpauth://totp/Claude%20Relay:admin?issuer=Claude%20Relay&secret=${String(body.secret)}&algorithm=SHA1&digits=6&period=30`,
    );
    expect((await desk.admin("PUT", path, { body: { code: "000000" } })).body.error.field).toBe("code");
    expect((await desk.admin("GET", path)).body).toEqual({ isOn: false, sinceAt: null, recoveryCodesLeft: 0 });
    expect((await signIn()).status).toBe(201);
  });

  test("needs the password to be begun, and is begun only once", async () => {
    const wrong = await desk.admin("POST", path, { body: { password: "guess" } });
    expect([wrong.status, wrong.body.error.field]).toEqual([400, "password"]);
    await turnOn();
    expect((await desk.admin("POST", path, { body: { password } })).status).toBe(409);
  });

  test("is asked for at sign-in, and only after the password was right", async () => {
    const { secret } = await turnOn();
    expect((await signIn()).body.error.code).toBe("login.code-missing");
    expect((await signIn({ password: "guess" })).body.error.code).toBe("login.wrong");
    expect((await signIn({ code: "123456" })).body.error.code).toBe("login.code-wrong");
    expect((await signIn({ code: shows(secret) })).status).toBe(201);
  });

  test("takes no code twice, not on another instance and not at the same moment", async () => {
    const { secret } = await turnOn();
    const code = shows(secret);
    const told = await Promise.all([signIn({ code }), signIn({ code }, desk.other()), signIn({ code })]);
    expect(told.map(({ status }) => status).sort()).toEqual([201, 401, 401]);
    desk.pass(halfMinute);
    expect((await signIn({ code })).body.error.code).toBe("login.code-wrong");
  });

  test("takes a code of the half minute before and after, and no other", async () => {
    const { secret } = await turnOn();
    const early = shows(secret);
    desk.pass(2 * halfMinute);
    expect((await signIn({ code: early })).status).toBe(401);
    const previous = shows(secret);
    desk.pass(halfMinute);
    expect((await signIn({ code: `${previous.slice(0, 3)} ${previous.slice(3)}` })).status).toBe(201);
  });

  test("counts wrong codes as wrong passwords, and a right password without a code neither so nor as a success", async () => {
    const { secret } = await turnOn();
    for (let guess = 0; guess < 9; guess += 1) {
      expect((await signIn({ code: "000000" })).status).toBe(401);
      expect((await signIn()).body.error.code).toBe("login.code-missing");
    }
    expect((await signIn({ code: "000000" })).body.error.code).toBe("login.code-wrong");
    expect((await signIn({ code: shows(secret) })).body.error.code).toBe("login.throttled");
  });

  test("takes each recovery code once, however it is typed", async () => {
    const { recovery } = await turnOn();
    expect(recovery).toHaveLength(10);
    const [first = "", second = ""] = recovery;
    expect((await signIn({ code: first.toUpperCase().replaceAll("-", " ") })).status).toBe(201);
    expect((await signIn({ code: first })).body.error.code).toBe("login.code-wrong");
    const both = await Promise.all([signIn({ code: second }), signIn({ code: second }, desk.other())]);
    expect(both.map(({ status }) => status).sort()).toEqual([201, 401]);
    expect((await desk.admin("GET", path)).body.recoveryCodesLeft).toBe(8);
  });

  test("is turned off by password and code together only", async () => {
    const { secret } = await turnOn();
    const off = (body: object) => desk.admin("POST", `${path}/off`, { body });
    expect((await off({ password: "guess", code: shows(secret) })).body.error.field).toBe("password");
    expect((await off({ password, code: "000000" })).body.error.field).toBe("code");
    expect((await off({ password })).status).toBe(400);
    expect((await off({ password, code: shows(secret) })).body.isOn).toBe(false);
    expect((await signIn()).status).toBe(201);
  });

  test("is forgotten when the environment's password is taken again, which is the way back without phone and codes", async () => {
    await turnOn();
    expect((await signIn({}, desk.other({ ADMIN_PASSWORD_RESET: "true" }))).status).toBe(201);
    expect((await signIn()).status).toBe(201);
  });

  test("is kept sealed, its recovery codes hashed, and neither is told again or logged", async () => {
    const { secret, recovery } = await turnOn();
    const [kept] = await desk.store.read([secondFactorName]);
    const told = (await desk.admin("GET", path)).text;
    for (const hidden of [secret, ...recovery, ...recovery.map((code) => code.replaceAll("-", ""))]) {
      expect(`${kept ?? ""} ${told} ${JSON.stringify(desk.logs)}`).not.toContain(hidden);
    }
  });
});

describe("the list of sessions", () => {
  const open = async (agent: string, ip: string) => {
    const headers = { "user-agent": agent };
    const told = await desk.ask("POST", "/admin/session", { body: { ...right, bearer: true }, headers, ip });
    return { authorization: `Bearer ${told.body.token as string}` };
  };
  const list = async () => (await desk.admin("GET", "/admin/session/list")).body.items as Record<string, unknown>[];
  const works = async (headers: Record<string, string>, on: Pick<Desk, "ask"> = desk) =>
    (await on.ask("GET", "/admin/session", { headers })).status === 200;

  test("tells who signed in from where, and which one asks", async () => {
    await open("curl/8", "198.51.100.7");
    const items = await list();
    expect(items).toHaveLength(2);
    expect(items.find(({ agent }) => agent === "curl/8")).toMatchObject({
      ip: "198.51.100.7",
      kind: "bearer",
      isThis: false,
    });
    expect(items.filter(({ isThis }) => isThis)).toHaveLength(1);
  });

  test("ends one session, here at once and elsewhere within five seconds", async () => {
    const headers = await open("curl/8", "198.51.100.7");
    const other = desk.other();
    expect(await works(headers, other)).toBe(true);
    const id = String((await list()).find(({ isThis }) => isThis === false)?.id);
    expect((await desk.admin("DELETE", `/admin/session/list/${id}`)).status).toBe(204);
    expect([await works(headers), (await list()).length]).toEqual([false, 1]);
    desk.pass(5_000);
    expect(await works(headers, other)).toBe(false);
    expect((await desk.admin("DELETE", `/admin/session/list/${id}`)).status).toBe(404);
  });

  test("ends all others at once and leaves the one that asks", async () => {
    const [one, two] = [await open("a", "198.51.100.1"), await open("b", "198.51.100.2")];
    expect((await desk.admin("DELETE", "/admin/session/list")).body.items).toHaveLength(1);
    expect([await works(one), await works(two)]).toEqual([false, false]);
    expect(await list()).toHaveLength(1);
  });

  test("forgets who signed out, whose password was changed and whose day is over", async () => {
    const gone = await open("gone", "198.51.100.1");
    await desk.ask("DELETE", "/admin/session", { headers: gone });
    expect((await list()).map(({ agent }) => agent)).not.toContain("gone");
    const old = await open("old", "198.51.100.2");
    desk.pass(86_400_000);
    expect(await works(old)).toBe(false);
    const body = { currentPassword: password, newPassword: "another battery" };
    const fresh = await open("fresh", "198.51.100.3");
    const told = await desk.ask("PUT", "/admin/session/password", { headers: fresh, body });
    const headers = { authorization: `Bearer ${told.body.token as string}` };
    expect((await desk.ask("GET", "/admin/session/list", { headers })).body.items).toHaveLength(1);
    expect(Object.keys(await desk.store.list("admin/sessions"))).toHaveLength(1);
  });
});
