import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadEndpoint } from "../functions/runtimes/endpoint-files.ts";
import { completeSecrets } from "../functions/runtimes/node/secrets.ts";
import { operations } from "../functions/admin/http/operations.ts";
import { ConfigError, parseConfig } from "../functions/config.ts";
import type { Env } from "../functions/env.ts";
import { toFailure } from "../functions/failure.ts";
import { deriveKey } from "../functions/core/people/password.ts";
import { dayOf } from "../functions/core/limits/period.ts";
import { seal, unseal } from "../functions/core/accounts/seal.ts";
import { match, routes } from "../functions/routes.ts";
import { isReachable } from "../functions/wire/reach.ts";
import { environment, openDesk, type Desk } from "./admin/desk.ts";
import { testEnvironment } from "./environment.ts";
import { call, startRig, type Ask, type Rig } from "./rig.ts";

/**
 * What has brought down other relays of this kind, each with a test of its own here: published advisories, and defects that
 * were found in the relay whose users this one wants to serve. docs/advisories.md has them all, with the test of each.
 */
let rig: Rig;
let desk: Desk;
/** Where the rig's Env would have gone. */
const sent: string[] = [];
let env: Env;

beforeAll(async () => {
  [rig, desk] = await Promise.all([startRig({ environment: { METRICS_TOKEN: "" } }), openDesk()]);
  env = {
    ...rig.env,
    dispatch: ({ url }) => {
      sent.push(url);
      return Promise.reject(new Error("no provider here"));
    },
  };
  for (const kind of ["anthropic", "openai", "gemini", "azure-openai"]) {
    await rig.addAccount({ kind, baseUrl: `https://${kind}.example` });
  }
});
afterAll(() => Promise.all([rig.stop(), desk.stop()]));

/** Sets of headers of which each has its own names. */
const each = (...sets: Record<string, string>[]) => sets;

const modelBody = {
  ...{
    model: "claude-sonnet-4-5",
    max_tokens: 9,
    messages: [{ role: "user", content: "hi" }],
    input: "hi",
    prompt: "hi",
  },
  ...{ contents: [{ parts: [{ text: "hi" }] }], request: { contents: [{ parts: [{ text: "hi" }] }] } },
};

async function send(ask: Ask): Promise<{ status: number; text: string }> {
  const { found } = match(ask.method ?? "POST", ask.path ?? "");
  const { handle } = await loadEndpoint(found?.route.endpoint ?? "");
  const withParams: typeof handle = (request, at) => handle({ ...request, params: found?.params ?? {} }, at);
  return call(withParams, ask, env).then(
    ({ answer, text }) => ({ status: answer.status, text }),
    (error: unknown) => ({ status: toFailure(error).status, text: toFailure(error).message }),
  );
}

/** Every relayed call there is: POST routes that lead to a model. */
const relayed = routes.filter(({ methods, endpoint }) => methods.includes("POST") && endpoint.startsWith("relay/"));
/** What an account keeps: such a call names no model. */
const keptRoutes = relayed
  .filter(({ endpoint }) => endpoint === "relay/stored")
  .map(({ path }) => path.replace("*", "id_1"));
const modelRoutes = relayed
  .filter(({ endpoint }) => endpoint !== "relay/stored")
  .map(({ path }) =>
    path
      .replace("/models/:call", "/models/gemini-2.5-pro:generateContent")
      .replace("/azure/*", "/azure/openai/responses")
      .replace(/(?<=\/):\w+/g, "gpt-5"),
  )
  .filter((path) => !path.includes("v1internal:") || /:(stream)?generateContent$/i.test(path));

async function statusesOf(secret: string, asked = modelRoutes): Promise<string[]> {
  const told = await Promise.all(
    asked.map(async (path) => [path, await send({ path, headers: { "x-api-key": secret }, body: modelBody })] as const),
  );
  return told.filter(([, { status }]) => status !== 403).map(([path, { status }]) => `${path}: ${status}`);
}

const sources = (folder: string) =>
  readdirSync(join(import.meta.dirname, "..", folder), { recursive: true, encoding: "utf8" })
    .filter((file) => /\.tsx?$/.test(file) && !file.endsWith(".test.ts"))
    .map((file) => [file, readFileSync(join(import.meta.dirname, "..", folder, file), "utf8")] as const);

const refusedBy = (work: () => unknown): readonly string[] => {
  try {
    work();
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
};

describe("advisories", () => {
  test("claude-relay-service 982cca10, 45b81bd4: a session that is not there is nobody's, and asking makes none", async () => {
    for (const token of ["admin_credentials", "admin/password", "admin/sessions", "{}", "undefined", "__proto__"]) {
      desk.calls.length = 0;
      const told = await desk.ask("GET", "/admin/session", { headers: { authorization: `Bearer ${token}` } });
      expect([told.status, desk.calls]).toEqual([401, []]);
    }
    // Well signed, but of no session that was ever opened under this password.
    const forged = await new SignJWT({ generation: "" })
      .setProtectedHeader({ alg: "HS256", typ: "JWT" })
      .setIssuer("claude-relay")
      .setAudience("bearer")
      .setSubject("admin")
      .setJti("never-opened")
      .setIssuedAt()
      .setExpirationTime("1h")
      .sign(deriveKey("admin session", desk.env));
    const told = await desk.ask("GET", "/admin/session", { headers: { authorization: `Bearer ${forged}` } });
    expect(told.status).toBe(401);
  });

  test("claude-relay-service e3ca555d, LiteLLM CVE-2026-35029: no operation is open, and no API key is an admin", async () => {
    const { body: key } = await desk.admin("POST", "/admin/keys", { body: { name: "holder" } });
    const open: string[] = [];
    for (const { method, path, isPublic } of operations) {
      const ways = each({}, { authorization: `Bearer ${String(key.secret)}` }, { "x-api-key": String(key.secret) });
      for (const headers of ways) {
        const told = await desk.ask(method, path.replace(/:\w+/g, "x"), { headers, body: {} });
        if (told.status !== 401) open.push(`${method} ${path}${isPublic ? " (public)" : ""}`);
      }
    }
    const signIns = ["POST /admin/session", "GET /admin/session/passkey", "POST /admin/session/passkey"];
    const isOpen = [...signIns, "POST /admin/keys/hand-over"];
    expect(new Set(open)).toEqual(new Set(isOpen.map((name) => `${name} (public)`)));
  });

  test("claude-relay-service 8a4dadbb, § 11.35, Bifrost CVE-2026-90898, CVE-2026-86242: nothing that is configured is ever run", () => {
    const runners = /\beval\(|new Function\(|["'](node:)?(vm|child_process|worker_threads)["']|\.runIn\w*Context\(/;
    expect(
      sources("functions")
        .filter(([, text]) => runners.test(text))
        .map(([file]) => file),
    ).toEqual([]);
  });

  test("claude-relay-service 6c467021, § 11.12: a client restriction holds on every route, whatever the body", async () => {
    const { secret } = await rig.addKey({ clients: ["claude-code"] });
    expect(modelRoutes.length).toBeGreaterThan(30);
    sent.length = 0;
    expect(await statusesOf(secret, [...modelRoutes, ...keptRoutes])).toEqual([]);
    const spoofs = each({ "user-agent": "claude-cli/2.0.0 (external, cli)" }, { "x-app": "cli" });
    for (const more of spoofs) {
      const headers = { "x-api-key": secret, ...more };
      expect((await send({ path: "/api/v1/messages", headers, body: { ...modelBody, system: [] } })).status).toBe(403);
    }
    const codex = await rig.addKey({ clients: ["codex"] });
    const headers = { "x-api-key": codex.secret, "user-agent": "codex_cli_rs/0.50.0" };
    expect((await send({ path: "/openai/responses", headers, body: modelBody })).status).toBe(403);
    expect(sent).toEqual([]);
  });

  test("LiteLLM CVE-2026-42208: what is shown as a key reaches the store as a hash and the log not at all", async () => {
    const evil = `cr_' OR 1=1; DROP TABLE "keys" --\u0000${"x".repeat(40)}`;
    rig.logged.length = 0;
    for (const headers of each(
      { "x-api-key": evil },
      { authorization: `Bearer ${evil}` },
      { "x-goog-api-key": evil },
    )) {
      expect((await send({ path: "/api/v1/messages", headers, body: modelBody })).status).toBe(401);
    }
    expect(
      (await send({ path: "/gemini/v1beta/models/x:generateContent", query: `key=${encodeURIComponent(evil)}` }))
        .status,
    ).toBe(401);
    expect(JSON.stringify(rig.logged)).not.toMatch(/DROP TABLE|OR 1=1/);
    const { secret } = await rig.addKey();
    expect((await send({ path: "/api/v1/me", method: "GET", headers: { "x-api-key": secret } })).status).toBe(200);
  });

  test("LiteLLM CVE-2026-49468: who may is decided by the path as it came, whatever host and forwarding headers say", async () => {
    for (const host of ["relay.example/health", "relay.example?/admin/session", "health", "localhost"]) {
      const headers = {
        host,
        "x-forwarded-host": host,
        "x-original-url": "/health",
        "x-rewrite-url": "/admin/session",
      };
      expect((await desk.ask("GET", "/admin/keys", { headers })).status).toBe(401);
    }
    expect(match("GET", "/health/../admin/keys").found).toBeUndefined();
    expect(match("GET", "/ADMIN/keys").found).toBeUndefined();
  });

  test("LiteLLM CVE-2026-47101, CVE-2025-0628: a key's holder can look at its own use and make nothing", async () => {
    const own = routes.filter(({ endpoint }) => endpoint === "relay/own-key");
    expect(own.flatMap(({ methods }) => methods)).toEqual(own.map(() => "GET"));
    const { secret } = await rig.addKey();
    const before = await rig.env.store.list("keys");
    for (const { path } of own) {
      const { status, text } = await send({ method: "GET", path, headers: { "x-api-key": secret } });
      expect([status, text.includes(secret)]).toEqual([200, false]);
    }
    expect(await rig.env.store.list("keys")).toEqual(before);
  });

  test("LiteLLM CVE-2026-114612, § 11.38: each purpose has a key of its own, and a sealed value opens in its place only", async () => {
    const keys = { ENCRYPTION_KEY: environment.ENCRYPTION_KEY };
    const sealed = seal("secret", "account/a/credential", keys);
    expect(() => unseal(sealed, "account/b/credential", keys)).toThrow("cannot be decrypted");
    expect(() => unseal(sealed, "account/a/proxy", keys)).toThrow("cannot be decrypted");
    const tampered = sealed.slice(0, -2) + (sealed.endsWith("AA") ? "BB" : "AA");
    expect(() => unseal(tampered, "account/a/credential", keys)).toThrow("cannot be decrypted");
    const labels = ["admin session", "admin csrf", "admin device", "admin generation"];
    const derived = labels.map((label) => deriveKey(label, desk.env).toString("hex"));
    const raw = [environment.JWT_SECRET, environment.ENCRYPTION_KEY].map((value) => Buffer.from(value).toString("hex"));
    expect(new Set([...derived, ...raw]).size).toBe(labels.length + 2);
  });

  test("LiteLLM on PyPI, 2026-03: every dependency is exact and sealed by the lockfile, and may run nothing at its install", () => {
    const file = (name: string) => JSON.parse(readFileSync(join(import.meta.dirname, "..", name), "utf8")) as Lock;
    const { dependencies, devDependencies, allowScripts, packages } = {
      ...file("package-lock.json"),
      ...file("package.json"),
    };
    const loose = Object.entries({ ...dependencies, ...devDependencies }).filter(
      ([, version]) => !/^\d+\.\d+\.\d+$/.test(version),
    );
    expect(loose).toEqual([]);
    expect(Object.keys(allowScripts)).toEqual(["esbuild", "node"]);
    const unsealed = Object.entries(packages).filter(
      ([path, { integrity, link }]) => path !== "" && !integrity && !link,
    );
    expect(unsealed.map(([path]) => path)).toEqual([]);
  });

  test("Bifrost, One API: there is no first start without a password, nor with one that everybody knows", () => {
    const bare = refusedBy(() => parseConfig({ REDIS_HOST: "redis" }));
    for (const name of ["JWT_SECRET", "ENCRYPTION_KEY", "ADMIN_USERNAME", "ADMIN_PASSWORD"])
      expect(bare.some((problem) => problem.startsWith(`${name} is missing`))).toBe(true);
    expect(completeSecrets({ REDIS_HOST: "redis" }).environment.ADMIN_PASSWORD).toBeUndefined();
    expect(refusedBy(() => parseConfig({ ...testEnvironment, ADMIN_PASSWORD: "123456" }))).toHaveLength(1);
  });

  test.each([
    ["Bifrost CVE-2026-55245", ["100.64.0.1", "2002:7f00:1::", "64:ff9b::7f00:1", "64:ff9b:1::1", "fd00::1"]],
    ["New API GO-2025-4154, GO-2026-5652", ["0.0.0.0", "::", "0.255.255.255", "::ffff:0.0.0.0"]],
    ["Portkey CVE-2025-66405", ["127.0.0.1", "127.255.255.254", "::1", "169.254.169.254"]],
  ])("%s: no such address is within reach", (_, addresses) => {
    expect(addresses.filter((ip) => isReachable(ip, false))).toEqual([]);
  });

  test("Portkey CVE-2025-66405, CVE-2026-110719: no header of a caller says where a call goes", async () => {
    const { secret } = await rig.addKey();
    const evil = "http://169.254.169.254/latest";
    const names = [
      "x-portkey-custom-host",
      "x-custom-host",
      "x-base-url",
      "x-forwarded-host",
      "host",
      "x-target",
      "referer",
    ];
    sent.length = 0;
    const headers = { "x-api-key": secret, ...Object.fromEntries(names.map((name) => [name, evil])) };
    await send({ path: "/api/v1/messages", headers, body: { ...modelBody, base_url: evil, api_base: evil } });
    expect([...new Set(sent.map((url) => new URL(url).host))]).toEqual(["anthropic.example"]);
  });

  test("New API CVE-2026-41432: a signature by an empty key opens nothing, and an empty setting is none", async () => {
    const emptyKey = await new SignJWT({ body: "" })
      .setProtectedHeader({ alg: "HS256" })
      .setIssuer("Upstash")
      .setSubject("/cron/rollup")
      .setJti("one")
      .setExpirationTime("5m")
      .sign(Buffer.from("undefined"));
    for (const path of ["/cron/rollup", "/cron/refresh", "/cron/cleanup"]) {
      expect((await send({ path, headers: { "upstash-signature": emptyKey } })).status).toBe(404);
    }
    const config = parseConfig({ ...testEnvironment, METRICS_TOKEN: "", QSTASH_CURRENT_SIGNING_KEY: "" });
    expect([config.METRICS_TOKEN, config.QSTASH_CURRENT_SIGNING_KEY]).toEqual([undefined, undefined]);
  });

  test("New API GO-2026-4813, CVE-2026-25802: no answer of the admin API has a secret in it, no page takes HTML", async () => {
    const secret = `sk-ant-api03-${"s".repeat(40)}`;
    const proxy = "http://me:proxy-password@proxy.example:1";
    const body = { name: "a", kind: "anthropic", credential: { kind: "api-key", secret }, proxy };
    const { body: account } = await desk.admin("POST", "/admin/accounts", { body });
    const { body: key } = await desk.admin("POST", "/admin/keys", { body: { name: "k" } });
    const told: string[] = [];
    for (const { method, path } of operations.filter((one) => one.method === "GET")) {
      const id = path.includes("/keys/") ? String(key.id) : String(account.id);
      told.push((await desk.admin(method, path.replace(/:\w+/g, id))).text);
    }
    const all = told.join("\n");
    for (const hidden of [secret, "proxy-password", String(key.secret)]) expect(all).not.toContain(hidden);
    const html = /dangerouslySetInnerHTML|\.innerHTML|insertAdjacentHTML|document\.write/;
    expect(
      sources("web/src")
        .filter(([, text]) => html.test(text))
        .map(([file]) => file),
    ).toEqual([]);
  });

  test("New API CVE-2026-25591: a search takes what is typed for what it is, and not much of it", async () => {
    await desk.admin("POST", "/admin/keys", { body: { name: "plain" } });
    expect((await desk.admin("GET", "/admin/keys", { query: "search=plain" })).body.total).toBe(1);
    for (const search of ["%", "_____", "(a+)+$", "plain%"]) {
      expect(
        (await desk.admin("GET", "/admin/keys", { query: `search=${encodeURIComponent(search)}` })).body.total,
      ).toBe(0);
    }
    expect((await desk.admin("GET", "/admin/keys", { query: `search=${"x".repeat(201)}` })).status).toBe(400);
  });
});

interface Lock {
  readonly dependencies: Record<string, string>;
  readonly devDependencies: Record<string, string>;
  readonly allowScripts: Record<string, boolean>;
  readonly packages: Record<string, { integrity?: string; link?: boolean }>;
}

describe("defects of claude-relay-service", () => {
  test("§ 11.11, 11.30: a blocked model is refused on every route, and so is one that no list allows", async () => {
    const blocked = await rig.addKey({ blockedModels: ["claude-*", "gpt-*", "gemini-*"] });
    const allowed = await rig.addKey({ allowedModels: ["only-this"] });
    sent.length = 0;
    expect([await statusesOf(blocked.secret), await statusesOf(allowed.secret), sent]).toEqual([[], [], []]);
    // And would be seen if it were not: a key without a limit is refused by none of them.
    expect(await statusesOf((await rig.addKey()).secret)).toHaveLength(modelRoutes.length);
  });

  test("§ 11.11, 11.29: a key without a service's permission is refused on every route of it, Azure's too", async () => {
    const { secret } = await rig.addKey({ permissions: ["none-of-them"] });
    sent.length = 0;
    expect([await statusesOf(secret, [...modelRoutes, ...keptRoutes]), sent]).toEqual([[], []]);
  });

  test("§ 11.31: an offset of 0 hours is 0", () => {
    const config = parseConfig({ ...testEnvironment, TIMEZONE_OFFSET: "0" });
    expect(config.TIMEZONE_OFFSET).toBe(0);
    expect(dayOf(Date.UTC(2026, 0, 1, 23, 59), config).name).toBe("2026-01-01");
  });

  test("§ 11.40: the id of a key, which is no secret, tells nothing about it", async () => {
    const { key } = await rig.addKey();
    for (const path of ["/api/v1/usage", "/api/v1/key-info", "/api/v1/me"]) {
      for (const headers of each({ "x-api-key": key.id }, { authorization: `Bearer ${key.hash}` })) {
        expect((await send({ method: "GET", path, headers })).status).toBe(401);
      }
      expect((await send({ method: "GET", path, query: `apiId=${key.id}` })).status).toBe(401);
    }
  });

  test("§ 11.19: a body that is no JSON is the client's mistake, in words", async () => {
    const { secret } = await rig.addKey();
    const told = await send({ path: "/api/v1/messages", headers: { "x-api-key": secret }, body: Buffer.from("{") });
    expect(told.status).toBe(400);
    expect(told.text).toMatch(/JSON/);
    expect(told.text).not.toMatch(/internal/i);
  });
});

describe("docs/advisories.md", () => {
  const root = join(import.meta.dirname, "..");
  const page = readFileSync(join(root, "docs/advisories.md"), "utf8");
  const rows = page
    .split("\n")
    .filter((line) => line.startsWith("| "))
    .map((line) => line.slice(2, -2).split(/\s+\|\s+/))
    .filter(([first = ""]) => !/^(-+|Product and number|Weakness|§ 11\.)$/.test(first));

  test("tells each of the defects once, and every advisory that a test here names", () => {
    const numbers = rows.flatMap(([first = ""]) => (/^\d+$/.test(first) ? [Number(first)] : []));
    expect(numbers).toEqual(Array.from({ length: 46 }, (_, index) => index + 1));
    const own = readFileSync(import.meta.filename, "utf8");
    for (const number of own.match(/CVE-\d+-\d+|GO-\d+-\d+/g) ?? []) expect(page).toContain(number);
  });

  test.each(rows)("%s (%s) is tested where it says, or says why not", (_, what = "", cell = "") => {
    const named = [...cell.matchAll(/`([\w./-]+\.test\.ts)`: “([^”]+)”/g)];
    expect(named.length > 0 || cell.startsWith("does not apply: "), what).toBe(true);
    for (const [, file = "", title = ""] of named)
      expect(readFileSync(join(root, file), "utf8"), title).toContain(`"${title}"`);
  });
});
