import { SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Desk, Told } from "../../../test/admin/desk.ts";
import { cookieOf, environment, loadEndpoint, openDesk } from "../../../test/admin/desk.ts";
import { deriveKey } from "../../core/people/password.ts";
import { match, routes } from "../../routes.ts";
import { openApiOperations } from "./document.ts";
import type { Operation } from "./operation.ts";
import { operations } from "./operations.ts";

const all: readonly Operation[] = [...operations, ...openApiOperations];
const guarded = all.filter((operation) => !operation.isPublic);
const pathOf = (operation: Operation) => operation.path.replace(/:\w+/g, "anything");
const nameOf = (operation: Operation) => `${operation.method} ${operation.path}`;
const isUnsafe = (operation: Operation) => operation.method !== "GET";

let desk: Desk;
let cookie: string;
let csrfToken: string;
let bearer: string;

beforeAll(async () => {
  desk = await openDesk();
  const body = { username: environment.ADMIN_USERNAME, password: environment.ADMIN_PASSWORD };
  const told = await desk.ask("POST", "/admin/session", { body });
  cookie = cookieOf(told);
  csrfToken = told.body.csrfToken as string;
  bearer = (await desk.ask("POST", "/admin/session", { body: { ...body, bearer: true } })).body.token as string;
});
afterAll(() => desk.stop());

async function forge(claims: { key?: Uint8Array; audience?: string; issuer?: string; exp?: number; alg?: string }) {
  const nowSeconds = Math.floor(Date.now() / 1000);
  return new SignJWT({ generation: "env-whatever" })
    .setProtectedHeader({ alg: claims.alg ?? "HS256", typ: "JWT" })
    .setIssuer(claims.issuer ?? "claude-relay")
    .setAudience(claims.audience ?? "bearer")
    .setSubject("admin")
    .setJti("forged")
    .setIssuedAt(nowSeconds)
    .setExpirationTime(claims.exp ?? nowSeconds + 1000)
    .sign(claims.key ?? deriveKey("admin session", desk.env));
}

/** Credentials that let nobody in, each made when it is tried. */
const strangers: Record<string, () => Promise<Record<string, string>>> = {
  none: async () => ({}),
  "an empty bearer": async () => ({ authorization: "Bearer " }),
  "a garbage bearer": async () => ({ authorization: "Bearer garbage" }),
  "a bearer of three parts": async () => ({ authorization: "Bearer a.b.c" }),
  "basic credentials": async () => ({ authorization: `Basic ${btoa("admin:correct horse battery")}` }),
  "an API key as bearer": async () => ({ authorization: `Bearer cr_${"a".repeat(64)}` }),
  "an API key as x-api-key": async () => ({ "x-api-key": `cr_${"a".repeat(64)}` }),
  "a garbage cookie": async () => ({ cookie: "relay_session=garbage", "x-csrf-token": csrfToken }),
  "an empty cookie": async () => ({ cookie: "relay_session=" }),
  "two session cookies": async () => ({ cookie: `${cookie}; relay_session=other`, "x-csrf-token": csrfToken }),
  "the name of a record of the store": async () => ({ authorization: "Bearer admin/password" }),
  "a bearer signed with JWT_SECRET itself": async () => ({
    authorization: `Bearer ${await forge({ key: Buffer.from(environment.JWT_SECRET) })}`,
  }),
  "a bearer signed with the key of another purpose": async () => ({
    authorization: `Bearer ${await forge({ key: deriveKey("admin csrf", desk.env) })}`,
  }),
  "a bearer of no algorithm": async () => ({
    authorization: `Bearer ${btoa('{"alg":"none","typ":"JWT"}')}.${btoa('{"sub":"admin","aud":"bearer"}')}.`.replaceAll(
      "=",
      "",
    ),
  }),
  "an expired bearer": async () => ({ authorization: `Bearer ${await forge({ exp: 1_000 })}` }),
  "a bearer of another issuer": async () => ({ authorization: `Bearer ${await forge({ issuer: "someone" })}` }),
  "a bearer of an unknown generation": async () => ({ authorization: `Bearer ${await forge({})}` }),
  "a bearer shown as a cookie": async () => ({ cookie: `relay_session=${bearer}`, "x-csrf-token": csrfToken }),
  "a cookie shown as a bearer": async () => ({ authorization: `Bearer ${cookie.split("=")[1] ?? ""}` }),
  "a good cookie beside a garbage bearer": async () => ({
    authorization: "Bearer x",
    cookie,
    "x-csrf-token": csrfToken,
  }),
};

const isChange = (method: string) =>
  !["read", "find", "list", "listMany", "readLog", "readLogBackwards", "ping"].includes(method);

function expectRefused(told: Told, status: number, code: string) {
  expect([told.status, told.body.error.code]).toEqual([status, code]);
}

describe("the guard", () => {
  test("stands before every route of routes.ts under /admin", async () => {
    const admin = routes.filter((route) => route.path.startsWith("/admin"));
    expect(admin.length).toBeGreaterThan(0);
    for (const route of admin) {
      for (const method of route.methods) {
        const told = await desk.ask(method, route.path.replace("/*", "/no/such/thing"));
        expectRefused(told, 401, "session.missing");
      }
    }
  });

  test("knows every operation that is routed, and every operation is routed to the endpoint that has it", async () => {
    const endpoints = new Set(
      routes.filter((route) => route.endpoint.startsWith("admin/")).map((route) => route.endpoint),
    );
    const routed: string[] = [];
    for (const endpoint of endpoints) {
      for (const operation of (await loadEndpoint(endpoint)).operations) {
        expect(match(operation.method, pathOf(operation)).found?.route.endpoint).toBe(endpoint);
        routed.push(nameOf(operation));
      }
    }
    expect(routed.toSorted()).toEqual(all.map(nameOf).toSorted());
  });

  test("lets nobody past but who signs in or opens a link", () => {
    expect(all.filter((operation) => operation.isPublic).map(nameOf)).toEqual([
      "POST /admin/session",
      "GET /admin/session/passkey",
      "POST /admin/session/passkey",
      "POST /admin/keys/hand-over",
    ]);
  });

  describe.each(Object.keys(strangers))("with %s", (name) => {
    test.each(guarded.map((operation) => [nameOf(operation), operation] as const))(
      "refuses %s and changes nothing",
      async (_, operation) => {
        const headers = (await strangers[name]?.()) ?? {};
        desk.calls.length = 0;
        const told = await desk.ask(operation.method, pathOf(operation), { headers, body: {} });
        expectRefused(told, 401, "session.missing");
        expect(desk.calls.filter((call) => isChange(call.method))).toEqual([]);
      },
    );
  });

  test("asks the store nothing for what is not signed by the relay", async () => {
    desk.calls.length = 0;
    const shown: Record<string, string>[] = [
      {},
      { authorization: "Bearer garbage" },
      { authorization: `Bearer cr_${"a".repeat(64)}` },
      { cookie: "relay_session=x" },
    ];
    for (const headers of shown) {
      await desk.ask("GET", "/admin/keys", { headers });
    }
    expect(desk.calls).toEqual([]);
  });

  test.each(guarded.filter(isUnsafe).map((operation) => [nameOf(operation), operation] as const))(
    "refuses %s by cookie without its CSRF token",
    async (_, operation) => {
      for (const token of [undefined, "", "wrong", cookie.split("=")[1]]) {
        const headers = { cookie, ...(token === undefined ? {} : { "x-csrf-token": token }) };
        expectRefused(await desk.ask(operation.method, pathOf(operation), { headers, body: {} }), 403, "session.csrf");
      }
    },
  );

  test.each(guarded.map((operation) => [nameOf(operation), operation] as const))(
    "refuses %s after signing out",
    async (_, operation) => {
      const body = { username: environment.ADMIN_USERNAME, password: environment.ADMIN_PASSWORD, bearer: true };
      const { token } = (await desk.ask("POST", "/admin/session", { body })).body as { token: string };
      const headers = { authorization: `Bearer ${token}` };
      expect((await desk.ask("GET", "/admin/session", { headers })).status).toBe(200);
      expect((await desk.ask("DELETE", "/admin/session", { headers })).status).toBe(204);
      expectRefused(await desk.ask(operation.method, pathOf(operation), { headers, body: {} }), 401, "session.missing");
    },
  );

  test("lets reading and changing through with a bearer, and with cookie and CSRF token", async () => {
    const byCookie = { cookie, "x-csrf-token": csrfToken };
    for (const headers of [{ authorization: `Bearer ${bearer}` }, byCookie]) {
      expect((await desk.ask("GET", "/admin/keys", { headers })).status).toBe(200);
      expect((await desk.ask("POST", "/admin/keys", { headers, body: { name: "one" } })).status).toBe(201);
    }
    expect((await desk.ask("GET", "/admin/keys", { headers: { cookie } })).status).toBe(200);
  });

  test("answers 503 while the store is down, and lets nobody in", async () => {
    const other = desk.other();
    const { Failure } = await import("../../failure.ts");
    other.env.store.read = () => Promise.reject(new Failure("store.unavailable", { message: "down" }));
    const told = await other.ask("GET", "/admin/keys", { headers: { authorization: `Bearer ${bearer}` } });
    expectRefused(told, 503, "store.unavailable");
  });
});

describe("an operation's request", () => {
  const withBody = guarded.filter((operation) => operation.body);

  test.each(withBody.map((operation) => [nameOf(operation), operation] as const))(
    "%s refuses a field it does not know, by name",
    async (_, operation) => {
      const told = await desk.admin(operation.method, pathOf(operation), { body: { budget: 5 } });
      expectRefused(told, 400, "request.malformed");
      const issues = operation.body?.safeParse({ budget: 5 }).error?.issues ?? [];
      expect(issues.filter((issue) => issue.code === "unrecognized_keys").flatMap((issue) => issue.keys)).toEqual([
        "budget",
      ]);
    },
  );

  test("names an unknown field though all else is right", async () => {
    const told = await desk.admin("POST", "/admin/keys", { body: { name: "n", budget: 5 } });
    expect(told.body.error).toEqual({
      code: "request.malformed",
      message: "budget: is not a field that this operation knows",
      field: "budget",
    });
  });

  test.each([
    ["not JSON", "{", undefined, "The body is not valid JSON."],
    ["an array", "[]", undefined, "The body must be an object."],
    ["a missing field", "{}", "name", "name: is required"],
    ["a field of another type", '{"name":5}', "name", "name: must be a string"],
    [
      "a nested unknown field",
      '{"name":"n","bindings":{"nobody":"x"}}',
      "bindings.nobody",
      "bindings.nobody: is not a field that this operation knows",
    ],
    [
      "a prototype",
      '{"name":"n","__proto__":{"isEnabled":false}}',
      "__proto__",
      "__proto__: is not a field that this operation knows",
    ],
    [
      "a word outside a list",
      '{"name":"n","clients":["codex","vim"]}',
      "clients.1",
      'clients.1: must be "claude-code" or "codex" or "gemini-cli"',
    ],
    [
      "a number out of bounds",
      '{"name":"n","weeklyResetDay":8}',
      "weeklyResetDay",
      "weeklyResetDay: must be at most 7",
    ],
    ["a fraction", '{"name":"n","concurrency":1.5}', "concurrency", "concurrency: must be a whole number"],
  ])("with %s in the body is refused in words", async (_, bytes, field, message) => {
    const told = await desk.admin("POST", "/admin/keys", { bytes });
    expect(told.body.error).toEqual({ code: "request.malformed", message, ...(field === undefined ? {} : { field }) });
  });

  test.each([
    ["pages=2", "pages"],
    ["page=0", "page"],
    ["page=two", "page"],
    ["pageSize=201", "pageSize"],
    ["sort=hash", "sort"],
    ["page=1&page=2", "page"],
  ])("with the query %s is refused by name", async (query, field) => {
    const told = await desk.admin("GET", "/admin/keys", { query });
    expect([told.status, told.body.error.field]).toEqual([400, field]);
  });

  test("to a path or with a method that is none is refused", async () => {
    expectRefused(await desk.admin("GET", "/admin/keys/a/b/c"), 404, "route.unknown");
    expectRefused(await desk.admin("PUT", "/admin/keys"), 405, "method.unknown");
    expectRefused(await desk.admin("GET", "/admin/keys/%E0%A4%A"), 400, "request.malformed");
  });

  test("is never answered with a cacheable answer", async () => {
    expect((await desk.admin("GET", "/admin/keys")).headers["cache-control"]).toBe("no-store");
    expect((await desk.ask("GET", "/admin/keys")).headers["cache-control"]).toBe("no-store");
  });

  test("that fails inside is answered without the cause, which the log has", async () => {
    const other = desk.other();
    await other.admin("GET", "/admin/session");
    other.env.store.list = () => Promise.reject(new Error("secret inner state"));
    const told = await other.admin("GET", "/admin/keys");
    expectRefused(told, 500, "internal");
    expect(told.text).not.toContain("secret inner state");
    expect(other.logs.some((line) => line.event === "admin.failed")).toBe(true);
  });
});

describe("behind a proxy with a password of its own", () => {
  const basic = `Basic ${btoa("team:let me through")}`;

  test.each([basic, 'Digest username="team"', "Negotiate abc"])(
    "%j leaves the cookie in force",
    async (authorization) => {
      expect((await desk.ask("GET", "/admin/keys", { headers: { authorization, cookie } })).status).toBe(200);
      const change = {
        body: { name: "Through basic auth" },
        headers: { authorization, cookie, "x-csrf-token": csrfToken },
      };
      expect((await desk.ask("POST", "/admin/groups", change)).status).toBe(201);
      const { "x-csrf-token": _left, ...headers } = change.headers;
      expect((await desk.ask("POST", "/admin/groups", { ...change, headers })).status).toBe(403);
    },
  );

  test("a bearer wins over the cookie, a wrong one too", async () => {
    const both = (token: string) => ({ authorization: `bearer ${token}`, cookie });
    expect((await desk.ask("GET", "/admin/session", { headers: both(bearer) })).body.csrfToken).toBeUndefined();
    expect((await desk.ask("GET", "/admin/session", { headers: both("garbage") })).status).toBe(401);
  });
});

describe("a client that takes gzip", () => {
  const ask = (path: string, more: Record<string, string>) =>
    desk.ask("GET", path, { headers: { authorization: `Bearer ${bearer}`, ...more } });

  test.each([
    ["gzip, deflate, br, zstd", "/admin/openapi.json", true],
    ["gzip;q=0.5", "/admin/openapi.json", true],
    ["gzip;q=0, br", "/admin/openapi.json", false],
    ["br", "/admin/openapi.json", false],
    ["gzip", "/admin/maintenance", false],
    ["gzip", "/admin/session", false],
  ])("%s gets %s compressed: %s", async (encodings, path, isCompressed) => {
    const [plain, told] = [await ask(path, {}), await ask(path, { "accept-encoding": encodings })];
    expect([told.headers["content-encoding"], told.headers.vary]).toEqual(
      isCompressed ? ["gzip", "accept-encoding"] : [undefined, undefined],
    );
    expect(told.body).toEqual(plain.body);
    expect(plain.headers["content-encoding"]).toBeUndefined();
  });
});

describe("HEAD", () => {
  const reading = guarded.filter(({ method, path }) => method === "GET" && !path.includes(":"));

  test.each(reading.map((operation) => operation.path))("%s answers as GET does", async (path) => {
    const headers = { authorization: `Bearer ${bearer}` };
    const [head, get] = [await desk.ask("HEAD", path, { headers }), await desk.ask("GET", path, { headers })];
    expect([head.status, head.headers["content-type"]]).toEqual([get.status, get.headers["content-type"]]);
    expect((await desk.ask("HEAD", path)).status).toBe(401);
  });

  test("of a path that only changes is refused", async () => {
    const headers = { authorization: `Bearer ${bearer}` };
    expect((await desk.ask("HEAD", "/admin/keys/delete", { headers })).status).toBe(404);
  });
});
