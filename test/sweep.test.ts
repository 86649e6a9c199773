import { SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadEndpoint } from "../functions/runtimes/endpoint-files.ts";
import { refuse } from "../functions/runtimes/refuse.ts";
import type { Env } from "../functions/env.ts";
import { deriveKey, readAdmin } from "../functions/core/people/password.ts";
import { openSession } from "../functions/core/people/session.ts";
import { match, routes, type Method } from "../functions/routes.ts";
import type { Request } from "../functions/wire/exchange.ts";
import { buildRequest, startRig, type Rig } from "./rig.ts";

/** Everything of routes.ts that is for everybody. All else needs a credential of its own kind. */
const open = [/^\/health$/, /^\/live$/, /^\/api\/?$/, /^\/claude\/?$/, /^\/((api|claude)\/)?api\/hello$/];

interface Door {
  readonly method: Method;
  readonly path: string;
  readonly kind: "relay" | "admin" | "cron" | "metrics";
}

const concrete = (path: string) =>
  path
    .replace("/models/:call", "/models/gemini-2.5-pro:generateContent")
    .replace("/*", "/openai/responses")
    .replace(/(?<=\/):\w+/g, "anything");

const doors: readonly Door[] = routes.flatMap(({ methods, path, endpoint }) =>
  open.some((pattern) => pattern.test(path))
    ? []
    : methods.map((method) => ({
        method,
        path: concrete(path),
        kind: (endpoint.includes("/") ? endpoint.split("/")[0] : endpoint) as Door["kind"],
      })),
);

const publicUrl = "https://relay.example";
const signing = { QSTASH_CURRENT_SIGNING_KEY: "sig_current_key", QSTASH_NEXT_SIGNING_KEY: "sig_next_key" };
const metricsToken = "metrics-token-of-the-sweep";

let rig: Rig;
/** The rig's Env, in which every write, every call upstream and every reading of a body is noted. */
let env: Env;
const done: string[] = [];
const secrets: Record<string, string> = {};

beforeAll(async () => {
  rig = await startRig({
    environment: { ...signing, QSTASH_TOKEN: "token", PUBLIC_URL: publicUrl, METRICS_TOKEN: metricsToken },
  });
  await rig.addAccount();
  const hourAgo = rig.env.now() - 3_600_000;
  const kinds = {
    good: {},
    disabled: { isEnabled: false },
    expired: { expiresAt: hourAgo },
    deleted: { deletedAt: 1 },
  };
  for (const [kind, change] of Object.entries(kinds)) secrets[kind] = (await rig.addKey(change)).secret;
  secrets.elsewhere = (await rig.addKey({ ips: ["198.51.100.0/24"] })).secret;
  const admin = await readAdmin(rig.env);
  for (const kind of ["bearer", "cookie"] as const) secrets[kind] = (await openSession(admin, kind, rig.env)).token;
  secrets.expiredBearer = await new SignJWT({ generation: admin.generation })
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .setIssuer("claude-relay")
    .setAudience("bearer")
    .setSubject(admin.username)
    .setJti("long-ago")
    .setIssuedAt(1_000)
    .setExpirationTime(2_000)
    .sign(deriveKey("admin session", rig.env));
  secrets.otherJob = await new SignJWT({ body: "" })
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .setIssuer("Upstash")
    .setSubject(`${publicUrl}/cron/of-another`)
    .setJti("one")
    .setNotBefore(1)
    .setExpirationTime("5m")
    .sign(Buffer.from(signing.QSTASH_CURRENT_SIGNING_KEY));
  env = watched(rig.env);
});
afterAll(() => rig.stop());

const reads = new Set(["read", "find", "list", "listMany", "readLog", "readLogBackwards", "ping"]);

function watched(base: Env): Env {
  const store = new Proxy(base.store, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== "function") return value;
      return (...args: unknown[]) => {
        if (!reads.has(String(name))) done.push(`store.${String(name)} ${JSON.stringify(args)}`);
        return Reflect.apply(value, target, args) as unknown;
      };
    },
  });
  const dispatch: Env["dispatch"] = ({ url }) => {
    done.push(`dispatch ${url}`);
    return Promise.reject(new Error("nobody may get this far"));
  };
  return { ...base, store, dispatch };
}

const everywhere = (secret: string) => ({
  "x-api-key": secret,
  authorization: `Bearer ${secret}`,
  "x-goog-api-key": secret,
  "api-key": secret,
  cookie: `relay_session=${secret}`,
  "upstash-signature": secret,
});
const prepared = (name: string) => secrets[name] ?? "";

interface Shown {
  headers(): Record<string, string>;
  query?(): string;
  /** The doors that this very credential opens. */
  readonly opens?: Door["kind"];
}

const shown: Record<string, Shown> = {
  "no credential": { headers: () => ({}) },
  "empty ones": { headers: () => everywhere("") },
  garbage: { headers: () => everywhere("garbage") },
  "an unknown API key": { headers: () => everywhere(`cr_${"0".repeat(64)}`), query: () => `key=cr_${"0".repeat(64)}` },
  "a disabled API key": { headers: () => everywhere(prepared("disabled")) },
  "an expired API key": { headers: () => everywhere(prepared("expired")) },
  "a deleted API key": { headers: () => everywhere(prepared("deleted")) },
  "an API key of another address": { headers: () => everywhere(prepared("elsewhere")) },
  "the beginning of an API key": { headers: () => everywhere(prepared("good").slice(0, 40)) },
  "a good API key": { headers: () => everywhere(prepared("good")), opens: "relay" },
  "an admin's bearer": { headers: () => everywhere(prepared("bearer")), opens: "admin" },
  "an admin's cookie": { headers: () => everywhere(prepared("cookie")) },
  "an expired bearer": { headers: () => everywhere(prepared("expiredBearer")) },
  "a signature for another job": { headers: () => everywhere(prepared("otherJob")) },
  "the admin's password": { headers: () => everywhere("correct horse battery") },
  "the metrics' token": { headers: () => everywhere(metricsToken), opens: "metrics" },
  "names of prototypes": { headers: () => everywhere("__proto__"), query: () => "key=constructor" },
};

async function knock(door: Door, { headers, query }: Shown): Promise<number> {
  const { found } = match(door.method, door.path);
  if (!found) throw new Error(`routes.ts does not know ${door.method} ${door.path}`);
  const { handle } = await loadEndpoint(found.route.endpoint);
  const body = { model: "claude-sonnet-4-5", max_tokens: 9, messages: [{ role: "user", content: "hi" }] };
  const built = buildRequest({ ...door, headers: headers(), query: query?.() ?? "", body });
  const request: Request = {
    ...built,
    params: found.params,
    body: (limit) => {
      // QStash signs the body, so its guard must read it.
      if (door.kind !== "cron") done.push("the body was read");
      return built.body(limit);
    },
  };
  return handle(request, env).then(
    (answer) => answer.status,
    (error: unknown) => refuse(error, door.path, built.id).status,
  );
}

test("the sweep knocks at the doors of every kind that there is", () => {
  const kinds = new Set(doors.map(({ kind }) => kind));
  for (const kind of ["relay", "admin", "cron"] as const) expect(kinds).toContain(kind);
  expect(doors.length).toBeGreaterThan(100);
});

describe.each(Object.entries(shown))("with %s", (_, credential) => {
  test("nobody is let in at any door, nothing is read, written or sent on", async () => {
    const through: string[] = [];
    for (const door of doors) {
      if (credential.opens === door.kind) continue;
      // Signing in is for who has no session yet; it is asked with a body that holds no password.
      const isSignIn = door.path.startsWith("/admin/session") && door.method === "POST";
      done.length = 0;
      const status = await knock(door, credential);
      const isRefused = [401, 403].includes(status) || (isSignIn && status === 400);
      const happened = done.filter((what) => !(isSignIn && what === "the body was read"));
      if (!isRefused || happened.length > 0)
        through.push(`${door.method} ${door.path}: ${status} ${happened.join(", ")}`);
    }
    expect(through).toEqual([]);
  });
});

test("where no token or signing key is set, the doors that need it are shut for everybody", async () => {
  const bare = await startRig();
  try {
    for (const door of doors.filter(({ kind }) => kind === "cron" || kind === "metrics")) {
      const { handle } = await loadEndpoint(match(door.method, door.path).found?.route.endpoint ?? "");
      for (const value of ["", "undefined", "null", "Bearer "]) {
        const request = buildRequest({ ...door, headers: everywhere(value) });
        const status = await handle(request, bare.env).then(
          (answer) => answer.status,
          (error: unknown) => refuse(error, door.path, request.id).status,
        );
        expect([401, 403, 404], `${door.path} ${value}`).toContain(status);
      }
    }
  } finally {
    await bare.stop();
  }
});

test("the right credential opens its own doors, so that the sweep would see it if another did", async () => {
  done.length = 0;
  const { "a good API key": key, "an admin's bearer": bearer } = shown;
  if (!key || !bearer) throw new Error("the table of credentials has changed");
  const status = await knock({ method: "POST", path: "/api/v1/messages", kind: "relay" }, key);
  expect([401, 403]).not.toContain(status);
  expect(done.some((what) => what.startsWith("dispatch"))).toBe(true);
  expect(await knock({ method: "GET", path: "/admin/keys", kind: "admin" }, bearer)).toBe(200);
});
