import { createCipheriv, createHash, randomBytes, scryptSync } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { handle } from "../functions/endpoints/relay/messages.ts";
import { importCrs } from "../functions/operations/takeover/takeover.ts";
import type { Plan } from "../functions/operations/backup/import.ts";
import { openCredential, openProxy } from "../functions/core/accounts/credential.ts";
import { listKeys } from "../functions/core/keys/key.ts";
import { readPool } from "../functions/core/accounts/pool.ts";
import { readTotals } from "../functions/core/usage/statistics.ts";
import { openForeign, type Foreign } from "../functions/stores/redis/foreign.ts";
import { cli } from "../scripts/cli.ts";
import { testEnvironment } from "./environment.ts";
import { startRedis, type RedisServer } from "./redis/server.ts";
import { call, startRig, type Rig } from "./rig.ts";
import { startUpstream, type Upstream } from "./upstream/upstream.ts";

const encryptionKey = "an-old-ENCRYPTION_KEY-of-32-char";
const uuid = (number: number) => `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;

/** As claude-relay-service does it, said anew here: the importer's own code must not prove itself. */
function encrypt(text: string, key: Buffer): string {
  const iv = randomBytes(16);
  const cipher = createCipheriv("aes-256-cbc", key, iv);
  return `${iv.toString("hex")}:${cipher.update(text, "utf8", "hex")}${cipher.final("hex")}`;
}
const salted = (text: string, salt: string) => encrypt(text, scryptSync(encryptionKey, salt, 32));
const bedrock = (value: unknown) => {
  const [iv, encrypted] = encrypt(JSON.stringify(value), createHash("sha256").update(encryptionKey).digest()).split(
    ":",
  );
  return { encrypted, iv };
};

const secrets = [1, 2, 3, 4, 5].map((digit) => `cr_${String(digit).repeat(64)}`);
const hashOf = (secret = "") =>
  createHash("sha256")
    .update(secret + encryptionKey)
    .digest("hex");

let redis: RedisServer;
let foreign: Foreign;
let rig: Rig;
let upstream: Upstream;
let plan: Plan;
let url: string;

const put = (name: string, fields: Record<string, string>) =>
  redis.send("HSET", name, ...Object.entries(fields).flat());

async function fill(): Promise<void> {
  const common = {
    isActive: "true",
    schedulable: "true",
    accountType: "shared",
    priority: "20",
    createdAt: "2025-11-01T00:00:00.000Z",
  };
  await put(`claude:account:${uuid(11)}`, {
    ...common,
    name: "Max",
    accountType: "group",
    accessToken: salted("claude-access", "salt"),
    refreshToken: salted("claude-refresh", "salt"),
    expiresAt: "1795000000000",
    scopes: "user:profile user:inference",
    proxy: JSON.stringify({ type: "socks5", host: "10.0.0.9", port: 1080, username: "me", password: "p@ss" }),
  });
  await redis.send("SADD", "claude:account:index", uuid(11));
  await put(`claude_console_account:${uuid(12)}`, {
    ...common,
    name: "Console",
    apiUrl: `${upstream.url}/v1/messages`,
    apiKey: salted("sk-sim", "claude-console-salt"),
    supportedModels: JSON.stringify({ "claude-sonnet-5": "claude-sonnet-5", "claude-old": "claude-new" }),
  });
  await put(`ccr_account:${uuid(13)}`, { ...common, name: "Router", apiKey: salted("x", "ccr-account-salt") });
  const aws = {
    id: uuid(14),
    name: "AWS",
    isActive: true,
    region: "eu-west-1",
    credentialType: "access_key",
    awsCredentials: bedrock({ accessKeyId: "AKIA1", secretAccessKey: "aws-secret" }),
  };
  await redis.send("SET", `bedrock_account:${uuid(14)}`, JSON.stringify(aws));
  await put(`gemini_account:${uuid(15)}`, {
    ...common,
    name: "Google",
    accessToken: salted("g-access", "gemini-account-salt"),
    refreshToken: salted("g-refresh", "gemini-account-salt"),
    projectId: "my-project",
  });
  await put(`gemini_api_account:${uuid(16)}`, {
    ...common,
    name: "AI Studio",
    apiKey: salted("AIza-key", "gemini-api-salt"),
  });
  const claims = Buffer.from(
    JSON.stringify({ "https://api.openai.com/auth": { chatgpt_account_id: "acct-7" } }),
  ).toString("base64url");
  await put(`openai:account:${uuid(17)}`, {
    ...common,
    name: "Plus",
    accessToken: salted(`h.${claims}.s`, "openai-account-salt"),
  });
  await put(`openai_responses_account:${uuid(18)}`, {
    ...common,
    name: "Platform",
    baseApi: "https://api.example",
    apiKey: salted("sk-openai", "openai-responses-salt"),
  });
  await put(`azure_openai:account:${uuid(19)}`, {
    ...common,
    name: "Azure",
    azureEndpoint: "https://r.openai.azure.com",
    deploymentName: "gpt",
    apiKey: salted("az-key", "azure-openai-account-default-salt"),
  });
  await put(`droid:account:${uuid(20)}`, { ...common, name: "Droid" });
  await put(`gemini_api_account:${uuid(21)}`, { ...common, name: "Broken", apiKey: "not encrypted" });
  await redis.send("SADD", "account_groups", uuid(31));
  await put(`account_group:${uuid(31)}`, { id: uuid(31), name: "Team", platform: "claude", description: "ours" });
  await redis.send("SADD", `account_group_members:${uuid(31)}`, uuid(11));
  const key = { isActive: "true", permissions: "[]", createdAt: "2025-11-02T00:00:00.000Z" };
  await put(`apikey:${uuid(1)}`, {
    ...key,
    apiKey: hashOf(secrets[0]),
    name: "Ann",
    tags: '["团队"]',
    concurrencyLimit: "3",
    rateLimitWindow: "60",
    rateLimitRequests: "100",
    rateLimitCost: "1.5",
    dailyCostLimit: "2.5",
    totalCostLimit: "100",
    weeklyOpusCostLimit: "30",
    weeklyResetDay: "3",
    claudeConsoleAccountId: uuid(12),
  });
  await put(`apikey:${uuid(2)}`, {
    ...key,
    apiKey: hashOf(secrets[1]),
    name: "Ben",
    permissions: '["claude","droid"]',
    enableModelRestriction: "true",
    restrictedModels: '["claude-opus-5"]',
    enableClientRestriction: "true",
    allowedClients: '["claude_code"]',
    claudeAccountId: `group:${uuid(31)}`,
    expirationMode: "activation",
    activationDays: "3",
    isActivated: "true",
    activatedAt: "2025-11-03T00:00:00.000Z",
  });
  await put(`apikey:${uuid(3)}`, { ...key, apiKey: hashOf(secrets[2]), name: "Droid only", permissions: '["droid"]' });
  await put(`apikey:${uuid(4)}`, {
    ...key,
    apiKey: hashOf(secrets[3]),
    name: "Gone",
    isDeleted: "true",
    deletedAt: "2025-11-04T00:00:00.000Z",
  });
  await put(`apikey:${uuid(5)}`, { ...key, apiKey: hashOf(secrets[4]), name: "Spent", totalCostLimit: "1" });
  await put("apikey:hash_map", { [hashOf(secrets[0])]: uuid(1) });
  await put(`usage:${uuid(1)}`, {
    totalRequests: "42",
    totalInputTokens: "1000",
    totalOutputTokens: "200",
    totalCacheReadTokens: "5000",
    totalCacheCreateTokens: "300",
  });
  await redis.send("SET", `usage:cost:total:${uuid(1)}`, "12.345678");
  await redis.send("SET", `usage:cost:total:${uuid(5)}`, "1.2");
}

beforeAll(async () => {
  [redis, upstream] = await Promise.all([startRedis(), startUpstream()]);
  await fill();
  url = `redis://127.0.0.1:${redis.port}/0`;
  foreign = await openForeign(url);
  rig = await startRig();
  await redis.resetCommandCount();
  plan = await importCrs({ redis: foreign, encryptionKey, isWriting: true }, rig.env);
}, 60_000);
afterAll(async () => {
  await foreign.close();
  await rig.stop();
  await Promise.all([redis.stop(), upstream.stop()]);
});

test("the old Redis is only read", async () => {
  const stats = String(await redis.send("INFO", "commandstats"));
  const used = [...stats.matchAll(/^cmdstat_([^:]+):calls/gm)].map((match) => match[1]);
  expect(used.sort()).toEqual(expect.arrayContaining(["get", "hgetall", "scan", "smembers"]));
  const harmless = new Set(["get", "hgetall", "scan", "smembers", "info", "config|resetstat", "select"]);
  expect(used.filter((name) => !harmless.has(name ?? ""))).toEqual([]);
});

const authenticates = (secret: string | undefined) =>
  call(
    handle,
    {
      headers: { "x-api-key": secret ?? "" },
      body: { model: "claude-sonnet-5", max_tokens: 5, messages: [{ role: "user", content: "hi" }] },
    },
    rig.env,
  );

test("an old secret authenticates at the relay and is answered by the account that was taken over with it", async () => {
  const { answer, text } = await authenticates(secrets[0]);
  expect([answer.status, text]).toEqual([200, expect.stringContaining('"type":"message"')]);
  const again = await authenticates(secrets[0]);
  expect(again.answer.status).toBe(200);
  await rig.settled();
  const [event] = await rig.events();
  expect(event).toMatchObject({ key: hashOf(secrets[0]).slice(0, 32), account: uuid(12) });
});

test("a secret that nobody had, one of a deleted key, and one whose budget is spent are refused", async () => {
  expect((await authenticates(`cr_${"9".repeat(64)}`)).answer.status).toBe(401);
  expect((await authenticates(secrets[3])).answer.status).toBe(401);
  // A key that could only use what is not here must not become one that may use everything.
  expect((await authenticates(secrets[2])).answer.status).toBe(403);
  const spent = await authenticates(secrets[4]);
  expect([spent.answer.status, spent.text]).toEqual([429, expect.stringContaining("total cost limit of $1")]);
  // The stored hash is no secret: whoever read the old database cannot sign in with it.
  expect((await authenticates(hashOf(secrets[0]))).answer.status).toBe(401);
});

test("keys come with their limits, permissions, bindings and clocks", async () => {
  const keys = new Map((await listKeys(rig.env)).map((key) => [key.name, key]));
  expect(keys.get("Ann")).toMatchObject({
    tags: ["团队"],
    concurrency: 3,
    windowMinutes: 60,
    windowRequests: 100,
    windowCostNanos: 1.5e9,
    dailyCostNanos: 2.5e9,
    totalCostNanos: 100e9,
    weeklyCostNanos: 30e9,
    weeklyResetDay: 3,
    bindings: { claude: uuid(12) },
    mayFallBack: true,
  });
  expect(keys.get("Ben")).toMatchObject({
    permissions: ["claude"],
    blockedModels: ["claude-opus-5"],
    clients: ["claude-code"],
    bindings: { claude: `group:${uuid(31)}` },
    mayFallBack: false,
    activeHours: 72,
    firstUsedAt: Date.parse("2025-11-03T00:00:00Z"),
  });
  expect(keys.get("Gone")?.deletedAt).toBe(Date.parse("2025-11-04T00:00:00Z"));
  expect(plan.counts.keys.new).toBe(5);
});

test("accounts come with their credentials, opened with the salt of their kind and sealed anew", async () => {
  const { accounts, groups } = await readPool(rig.env);
  const told = Object.fromEntries(
    accounts.map((account) => [
      account.name,
      { kind: account.kind, ...openCredential(account, rig.env), as: account.kind },
    ]),
  );
  expect(told).toMatchObject({
    Max: { as: "claude", accessToken: "claude-access", refreshToken: "claude-refresh", expiresAt: 1795000000000 },
    Console: { as: "anthropic", secret: "sk-sim" },
    AWS: { as: "bedrock", accessKeyId: "AKIA1", secretAccessKey: "aws-secret" },
    Google: { as: "code-assist", accessToken: "g-access", refreshToken: "g-refresh" },
    "AI Studio": { as: "gemini", secret: "AIza-key" },
    Plus: { as: "chatgpt", extra: { accountId: "acct-7" } },
    Platform: { as: "openai", secret: "sk-openai" },
    Azure: { as: "azure-openai", secret: "az-key" },
  });
  const max = accounts.find(({ name }) => name === "Max");
  expect(max).toMatchObject({ isDedicated: true, groups: [uuid(31)], priority: 20, isEnabled: true });
  expect(max && openProxy(max, rig.env)).toBe("socks5://me:p%40ss@10.0.0.9:1080");
  expect(groups.get(uuid(31))).toMatchObject({ name: "Team", description: "ours" });
  expect(accounts.find(({ name }) => name === "Console")?.aliases).toEqual({ "claude-old": "claude-new" });
});

test("totals of usage come along, and what is not taken is told with its reason", async () => {
  const [totals = []] = await readTotals([hashOf(secrets[0]).slice(0, 32)], rig.env);
  // The two calls of the test above are counted on top.
  expect(totals[0]).toBe(44);
  expect(totals[11]).toBeGreaterThan(12_345_678_000);
  const notes = plan.notes.join("\n");
  for (const note of [
    /"Router" .*was not taken: .*ccr,/,
    /"Droid" .*no Droid accounts/,
    /"Broken" .*does not open/,
    /"Droid only" is disabled/,
    /"Ann" has its weekly limit/,
    /Not taken: users/,
  ])
    expect(notes).toMatch(note);
});

test("it is run again without changing anything, and a wrong ENCRYPTION_KEY takes no account", async () => {
  const again = await importCrs({ redis: foreign, encryptionKey, isWriting: true }, rig.env);
  const sum = (name: "new" | "different") =>
    Object.values(again.counts).reduce((total, count) => total + count[name], 0);
  expect([sum("new"), sum("different")]).toEqual([0, 0]);
  const empty = await startRig();
  const wrong = await importCrs({ redis: foreign, encryptionKey: "x".repeat(32), isWriting: false }, empty.env);
  expect(wrong.counts.accounts.new).toBe(0);
  expect(await listKeys(empty.env)).toEqual([]);
  await empty.stop();
});

test("the command tells the plan, with the key from the environment", async () => {
  const directory = mkdtempSync(join(tmpdir(), "relay-crs-"));
  const said: string[] = [];
  const terminal = {
    environment: { ...testEnvironment, CRS_ENCRYPTION_KEY: encryptionKey },
    say: (line: string) => void said.push(line),
    askSecret: () => Promise.resolve(undefined),
    isYes: () => Promise.resolve(false),
  };
  expect(await cli(["import-crs", "--redis", url, "--store", directory, "--dry-run"], terminal)).toBe(0);
  expect(said.join("\n")).toMatch(/accounts +8 +0 +0\n[^]*keys +5 +0 +0[^]*no Droid accounts/);
  expect(said.join("\n")).not.toContain(encryptionKey);
  rmSync(directory, { recursive: true, force: true });
});
