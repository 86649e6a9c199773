import { generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { startServer, type RunningServer } from "../functions/runtimes/node/node.ts";
import { openTelemetry } from "../functions/runtimes/telemetry/telemetry.ts";
import { parseConfig } from "../functions/config.ts";
import { buildLog } from "../functions/log.ts";
import { auditLog } from "../functions/core/people/audit.ts";
import { usageLog } from "../functions/core/usage/log.ts";
import { passkeysTable } from "../functions/core/people/passkey.ts";
import { buildAuthenticator } from "./admin/authenticator.ts";
import { testEnvironment } from "./environment.ts";

/** Every secret that went through the relay, by its kind. */
const secrets = new Map<string, string[]>();
const remember = (kind: string, value: string) => {
  secrets.set(kind, [...(secrets.get(kind) ?? []), value]);
  return value;
};
const make = (kind: string, before = "") => remember(kind, before + randomBytes(24).toString("hex"));

const lines: string[] = [];
/** What a collector of telemetry was sent. */
const telemetry: string[] = [];
const accounts: string[] = [];
let server: RunningServer;
let echo: Server;
let echoUrl: string;
let bearer: Record<string, string>;
let directory: string;
let written = "";

/** An upstream that is as careless as can be: it says back, in its errors, all that it was sent. */
function startEcho(): Promise<Server> {
  const careless = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (chunk: Buffer) => parts.push(chunk));
    request.on("end", () => {
      const { authorization, "x-api-key": key, "x-goog-api-key": other, ...headers } = request.headers;
      const credential = authorization ?? key ?? other ?? "";
      const body = Buffer.concat(parts).toString();
      const said = `Not good: ${String(credential)}, ${request.url ?? ""} ${JSON.stringify(headers)} ${body}`;
      if (/^\/v1\/(traces|metrics)$/.test(request.url ?? "")) telemetry.push(Buffer.concat(parts).toString("latin1"));
      const status = /status-(\d+)/.exec(request.url ?? "")?.[1] ?? "401";
      // Slow enough for a keep-alive before the head: such a refusal goes another way.
      const isSlow = status === "400" && body.includes("slow");
      const assertion = /assertion=([^&]+)/.exec(body)?.[1];
      if (assertion) remember("cloud keys", assertion);
      const answer = () => {
        response.writeHead(Number(status), {
          "content-type": "application/json",
          "x-request-id": said.slice(0, 900).replace(/[^ -~]/g, "?"),
        });
        response.end(JSON.stringify({ type: "error", error: { type: "e", message: said, code: said } }));
      };
      if (isSlow) setTimeout(answer, 1_100);
      else answer();
    });
  });
  return new Promise((resolve) => careless.listen(0, "127.0.0.1", () => resolve(careless)));
}

type Asked = { status: number; body: any };
async function ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Asked> {
  const response = await fetch(server.url + path, {
    method,
    headers: { "content-type": "application/json", ...headers },
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const parsed: unknown = /^[[{]/.test(text) ? JSON.parse(text) : text;
  return { status: response.status, body: parsed };
}
const admin = (method: string, path: string, body?: unknown) => ask(method, path, body, bearer);

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "relay-secrets-"));
  echo = await startEcho();
  echoUrl = `http://127.0.0.1:${(echo.address() as AddressInfo).port}`;
  const environment = {
    ...testEnvironment,
    ...{ DATA_DIR: directory, HOST: "127.0.0.1", PORT: "0", LOG_LEVEL: "debug", KEEPALIVE_SECONDS: "1" },
    JWT_SECRET: make("the environment's secrets"),
    ENCRYPTION_KEY: remember("the environment's secrets", randomBytes(32).toString("hex")),
    ADMIN_PASSWORD: make("passwords"),
    METRICS_TOKEN: make("the environment's secrets"),
    QSTASH_TOKEN: make("the environment's secrets"),
    QSTASH_CURRENT_SIGNING_KEY: make("the environment's secrets", "sig_"),
    QSTASH_NEXT_SIGNING_KEY: make("the environment's secrets", "sig_"),
    PUBLIC_URL: "https://relay.example",
  };
  const collector = {
    OTEL_EXPORTER_OTLP_ENDPOINT: echoUrl,
    OTEL_EXPORTER_OTLP_HEADERS: `authorization=${make("the environment's secrets")}`,
  };
  for (const [name, value] of Object.entries(collector)) vi.stubEnv(name, value);
  const write = (line: string) => void lines.push(line);
  const watching = await openTelemetry(collector, buildLog("debug", write, Date.now));
  server = await startServer({ config: parseConfig(environment), write, telemetry: watching });
  const { username, password } = { username: "admin", password: environment.ADMIN_PASSWORD };
  await signInEveryWay(username, password);
  await usePasskeys(password);
  const keys = await makeKeys();
  await connectAccounts();
  await setAlerts();
  await relayEveryWay(keys);
  const kept = await readKept();
  await server.close(0);
  written = `${lines.join("")}\n${kept}\n${telemetry.join("\n")}`;
}, 30_000);
afterAll(() => {
  echo.close();
  rmSync(directory, { recursive: true, force: true });
});

async function readKept(): Promise<string> {
  const logs = await Promise.all([usageLog, auditLog].map((log) => server.env.store.readLog(log, "0", 1_000)));
  const tables = await Promise.all(
    ["pool", "keys", "admin/sessions", passkeysTable].map((table) => server.env.store.list(table)),
  );
  return [...logs.flat().map(({ entry }) => entry), ...tables.map((table) => JSON.stringify(table))].join("\n");
}

async function signInEveryWay(username: string, password: string): Promise<void> {
  const session = "/admin/session";
  await ask("POST", session, { username, password: make("passwords") });
  await ask("POST", session, { username: make("passwords"), password, other: 1 });
  await ask("POST", session, `{"username":"admin","password":"${make("passwords")}`);
  await ask("POST", session, { username, password: [make("passwords")] });
  const opened = await fetch(server.url + session, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ username, password }),
  });
  for (const cookie of opened.headers.getSetCookie()) {
    const value = remember("cookies", cookie.split(";")[0]?.split("=")[1] ?? "");
    await ask("GET", session, undefined, { cookie: `relay_session=${value}` });
  }
  const csrf = remember("cookies", ((await opened.json()) as { csrfToken: string }).csrfToken);
  await ask("POST", "/admin/keys", {}, { "x-csrf-token": `${csrf}x`, cookie: `relay_session=${make("cookies")}` });
  const { body } = await ask("POST", session, { username, password, bearer: true });
  bearer = { authorization: `Bearer ${remember("session tokens", String(body.token))}` };
  await ask("GET", "/admin/keys", undefined, { authorization: `Bearer ${make("session tokens")}` });
  await admin("PUT", `${session}/password`, { currentPassword: make("passwords"), newPassword: make("passwords") });
  const draft = await admin("POST", `${session}/second-factor`, { password });
  remember("second factors", String(draft.body.secret));
  await admin("PUT", `${session}/second-factor`, { code: "123456" });
  await admin("POST", "/cron/rollup", { token: make("signatures") });
  await ask("POST", "/cron/rollup", {}, { "upstash-signature": make("signatures", "eyJhbGciOiJIUzI1NiJ9.e30.") });
  await ask("GET", "/metrics", undefined, { authorization: `Bearer ${make("metrics tokens")}` });
}

/** One that signs rightly, wrongly, for nobody, and twice. */
async function usePasskeys(password: string): Promise<void> {
  const path = "/admin/session/passkey";
  const device = buildAuthenticator();
  const challengeOf = async () => remember("passkeys", String((await ask("GET", path)).body.challenge));
  const started = await admin("POST", `${path}s/start`, { password });
  const made = device.create(remember("passkeys", String(started.body.challenge))) as { response: object };
  const draft = { name: "one", credential: made };
  await admin("POST", `${path}s`, { ...draft, credential: { ...made, response: { ...made.response, more: [] } } });
  await admin("POST", `${path}s`, draft);
  await admin("POST", `${path}s/start`, { password: make("passwords") });
  for (const behaviour of [{ isVerified: false }, { origin: "https://evil.example" }, {}]) {
    const shown = device.get(await challengeOf(), behaviour) as { response: { signature: string } };
    remember("passkeys", shown.response.signature);
    for (const credential of [shown, { ...shown, id: "unknown" }, shown]) await ask("POST", path, { credential });
  }
  await ask("POST", path, { credential: { id: make("passkeys") } });
}

async function makeKeys(): Promise<string[]> {
  const made: string[] = [];
  for (const more of [{}, { isEnabled: false }, { permissions: ["gemini"] }]) {
    const { body } = await admin("POST", "/admin/keys", { name: "one", ...more });
    made.push(remember("API keys", String(body.secret)));
  }
  return [...made, remember("API keys", `cr_${randomBytes(32).toString("hex")}`)];
}

async function connectAccounts(): Promise<void> {
  const password = make("proxy passwords");
  const drafts: { kind: string; credential: object; baseUrl?: string; proxy?: string }[] = [
    {
      kind: "anthropic",
      credential: { kind: "api-key", secret: make("provider keys", "sk-ant-api03-") },
      baseUrl: `${echoUrl}/status-400`,
    },
    {
      kind: "anthropic",
      credential: { kind: "api-key", secret: make("provider keys") },
      baseUrl: echoUrl,
    },
    {
      kind: "anthropic",
      credential: { kind: "api-key", secret: make("provider keys", "sk-ant-api03-") },
      baseUrl: `${echoUrl}/status-500`,
    },
    { kind: "openai", credential: { kind: "api-key", secret: make("provider keys", "sk-proj-") }, baseUrl: echoUrl },
    {
      kind: "gemini",
      credential: { kind: "api-key", secret: make("provider keys", "AIza") },
      baseUrl: `${echoUrl}/status-400`,
    },
    {
      kind: "anthropic",
      credential: { kind: "api-key", secret: make("provider keys", "sk-ant-api03-") },
      baseUrl: "http://127.0.0.1:1",
      proxy: `http://me:${password}@127.0.0.1:1`,
    },
    {
      kind: "openai",
      credential: { kind: "api-key", secret: make("provider keys", "sk-") },
      baseUrl: "http://127.0.0.1:1",
      proxy: `socks5://me:${make("proxy passwords")}@127.0.0.1:1`,
    },
    { kind: "claude", credential: oauth(), baseUrl: echoUrl },
    { kind: "chatgpt", credential: oauth(), baseUrl: echoUrl },
    {
      kind: "bedrock",
      credential: {
        kind: "aws",
        accessKeyId: make("cloud keys", "AKIA"),
        secretAccessKey: make("cloud keys"),
        sessionToken: make("cloud keys"),
      },
      baseUrl: echoUrl,
    },
    { kind: "vertex", credential: { kind: "api-key", secret: serviceAccount() }, baseUrl: echoUrl },
  ];
  for (const draft of drafts) {
    const settings = ["claude", "chatgpt"].includes(draft.kind) ? { settings: { tokenUrl: `${echoUrl}/token` } } : {};
    const { body } = await admin("POST", "/admin/accounts", { name: draft.kind, ...settings, ...draft });
    const path = `/admin/accounts/${String(body.id)}`;
    accounts.push(path);
    await admin("POST", `${path}/test`, {});
    await admin("POST", `${path}/refresh`);
    await admin("PATCH", path, { proxy: `http://me:${make("proxy passwords")}@[bad` });
    await admin("POST", `${path}/reset`);
  }
  const wrong = { kind: "api-key", secret: make("provider keys"), more: make("provider keys") };
  await admin("POST", "/admin/accounts", { name: "x", kind: "anthropic", credential: wrong });
  await admin("POST", "/admin/accounts", `{"credential":{"secret":"${make("provider keys")}"},`);
  await admin("POST", "/admin/accounts", {
    name: "x",
    kind: "vertex",
    credential: { kind: "api-key", secret: `{"${make("cloud keys")}` },
  });
  const { body } = await admin("POST", "/admin/oauth/start", {
    kind: "claude",
    settings: { tokenUrl: `${echoUrl}/token` },
  });
  const finish = { state: String(body.state), code: make("OAuth codes") };
  await admin("POST", "/admin/oauth/finish", finish);
  await admin("POST", "/admin/oauth/finish", { ...finish, state: make("OAuth codes") });
}

/** Channels whose receiver is as careless. */
async function setAlerts(): Promise<void> {
  const url = `${echoUrl}/hooks/${make("alert secrets")}`;
  const drafts = [
    { kind: "webhook", url, secret: make("alert secrets") },
    { kind: "slack", url: `${echoUrl}/services/${make("alert secrets")}` },
    { kind: "dingtalk", url: `${echoUrl}/robot?access_token=${make("alert secrets")}`, secret: make("alert secrets") },
    { kind: "telegram", token: make("alert secrets", "123:"), chatId: "1", url: echoUrl },
    { kind: "discord", url: `${echoUrl}/api/webhooks/1/${make("alert secrets")}` },
    { kind: "feishu", url: `${echoUrl}/hook/${make("alert secrets")}`, secret: make("alert secrets") },
    { kind: "wecom", url: `${echoUrl}/send?key=${make("alert secrets")}` },
    {
      kind: "mail",
      host: "127.0.0.1",
      port: 1,
      username: "me",
      password: make("alert secrets"),
      from: "a@b.c",
      to: ["a@b.c"],
    },
    { kind: "webhook", url: "no url", secret: make("alert secrets") },
  ];
  for (const draft of drafts) {
    const { body } = await admin("POST", "/admin/alerts/channels", draft);
    await admin("POST", `/admin/alerts/channels/${String(body.id)}/test`);
  }
}

const oauth = () => ({
  kind: "oauth",
  accessToken: make("OAuth tokens", "sk-ant-oat01-"),
  refreshToken: make("OAuth tokens", "sk-ant-ort01-"),
  expiresAt: 1,
});
const serviceAccount = () =>
  JSON.stringify({
    ...{ type: "service_account", project_id: "p", client_email: "a@b.example", token_uri: `${echoUrl}/token` },
    private_key: privateKey(),
  });

function privateKey(): string {
  const pem = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ type: "pkcs8", format: "pem" });
  remember("cloud keys", String(pem).split("\n")[3] ?? "");
  return String(pem);
}

async function relayEveryWay(keys: readonly string[]): Promise<void> {
  const messages = [{ role: "user", content: make("prompts") }];
  const calls: [string, object][] = [
    ["/api/v1/messages", { model: "claude-sonnet-4-5", max_tokens: 9, messages }],
    ["/api/v1/messages", { model: "claude-sonnet-4-5", max_tokens: 9, stream: true, messages }],
    ["/openai/v1/responses", { model: "gpt-5", input: make("prompts") }],
    ["/openai/v1/chat/completions", { model: "gpt-5", messages }],
    ["/gemini/v1beta/models/gemini-2.5-pro:generateContent", { contents: [{ parts: [{ text: make("prompts") }] }] }],
  ];
  const claudeCode = {
    "user-agent": "claude-cli/2.0.0 (external, cli)",
    "x-app": "cli",
    "anthropic-beta": "claude-code-20250219",
  };
  const slow = [{ role: "user", content: `slow ${make("prompts")}` }];
  await ask("POST", "/api/v1/messages", { ...calls[1]?.[1], messages: slow }, { "x-api-key": keys[0] ?? "" });
  for (const key of keys) {
    // Those that an answer stopped are asked again.
    await Promise.all(accounts.map((path) => admin("POST", `${path}/reset`)));
    const ways: Record<string, string>[] = [
      { "x-api-key": key },
      { authorization: `Bearer ${key}`, ...claudeCode },
      { "x-goog-api-key": key },
    ];
    for (const [path, body] of calls) {
      await Promise.all(ways.map((headers) => ask("POST", path, body, { cookie: make("cookies"), ...headers })));
      await ask("POST", `${path}?key=${key}`, body);
    }
    await ask("POST", "/api/v1/messages", `{"messages":"${make("prompts")}`, { "x-api-key": key });
    await ask("GET", `/no/such/page?key=${key}`);
    await ask("GET", "/api/v1/models", undefined, { "x-api-key": key });
  }
}

describe("what the relay writes down", () => {
  test("is something, so that the search can find", () => {
    expect(written).toMatch(/"event":"admin"/);
    expect(written.split("\n").length).toBeGreaterThan(60);
    expect(written).toMatch(/"attempts":\[\{/);
    expect(written).toMatch(/"operation":"createAccount"/);
    expect(written).toMatch(/"operation":"testAlertChannel"[^\n]*"status":200/);
    expect(written).toMatch(/"operation":"signInByPasskey"[^\n]*"status":201/);
    expect(written).toMatch(/"event":"telemetry not sent"/);
    expect(telemetry.some((body) => body.includes("gen_ai.request.model"))).toBe(true);
  });

  const kinds = [
    ...["API keys", "provider keys", "OAuth tokens", "OAuth codes", "cookies", "passwords", "proxy passwords"],
    ...[
      "cloud keys",
      "session tokens",
      "second factors",
      "signatures",
      "metrics tokens",
      "alert secrets",
      "passkeys",
      "the environment's secrets",
    ],
    "prompts",
  ];

  test("was searched for every kind that went through", () => {
    expect([...secrets.keys()].toSorted()).toEqual(kinds.toSorted());
  });

  test.each(kinds)("has no %s in it, neither in the logs nor in the records", (kind) => {
    const found = (secrets.get(kind) ?? []).filter((secret) => {
      // A piece is as bad as the whole; encoded, it is the same secret.
      const middle = secret.slice(-40, -8);
      const forms = [secret, middle, encodeURIComponent(secret), Buffer.from(secret).toString("base64").slice(0, 24)];
      return forms.some((form) => form !== "" && written.includes(form));
    });
    const where = found.map((secret) =>
      written
        .split("\n")
        .find((line) => line.includes(secret.slice(-40, -8)))
        ?.slice(0, 700),
    );
    expect(where).toEqual([]);
  });
});
