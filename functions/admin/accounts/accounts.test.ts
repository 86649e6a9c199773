import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { written } from "../../../test/admin/desk.ts";
import type { Shop } from "../../../test/admin/provider.ts";
import { openShop } from "../../../test/admin/provider.ts";
import { openCredential, openProxy } from "../../core/accounts/credential.ts";
import { poolTable, putPool, readPool } from "../../core/accounts/pool.ts";

const secret = "sk-ant-api03-a-long-and-secret-key-WXYZ";
const proxy = "http://proxyname:proxysecret@proxy.example:8080";
const draft = { name: "Work", kind: "anthropic", credential: { kind: "api-key", secret } };

let shop: Shop;
beforeEach(async () => {
  shop = await openShop();
});
afterEach(() => shop.stop());

const create = async (body: object = {}) =>
  (await shop.admin("POST", "/admin/accounts", { body: { ...draft, ...body } })).body;
const patch = (id: string, body: object) => shop.admin("PATCH", `/admin/accounts/${id}`, { body });
const read = async (id: string) => (await shop.admin("GET", `/admin/accounts/${id}`)).body;
const stored = async (id: string) => {
  const account = (await readPool(shop.env)).accountById.get(id);
  if (!account) throw new Error("The account is not in the store.");
  return account;
};

describe("an account's secrets", () => {
  test("go in sealed and never come out", async () => {
    const { id } = await create({ proxy });
    const told = [
      await shop.admin("GET", `/admin/accounts/${id}`),
      await shop.admin("GET", "/admin/accounts"),
      await patch(id, { credential: { kind: "api-key", secret: `${secret}2` } }),
      await shop.admin("POST", `/admin/accounts/${id}/reset`),
      await shop.admin("POST", `/admin/accounts/${id}/test`, { body: {} }),
      await shop.admin("DELETE", `/admin/accounts/${id}`),
    ];
    const fields = JSON.stringify(await shop.store.list(poolTable));
    for (const text of [...told.map((one) => one.text), fields, JSON.stringify(shop.logs)]) {
      expect(text).not.toContain("secret-key");
      expect(text).not.toContain("proxysecret");
    }
  });

  test("show as their last four characters, the proxy without its password", async () => {
    expect(await create({ proxy })).toMatchObject({
      hasCredential: true,
      credentialKind: "api-key",
      credentialHint: "WXYZ",
      proxy: "http://proxyname@proxy.example:8080",
    });
    expect((await create({ credential: { kind: "api-key", secret: "short-secret" } })).credentialHint).toBeNull();
  });

  test.each([
    ...['"KEY"', "'KEY'", "`KEY`", "Bearer KEY", '"bearer  KEY"', "KEY\r\n", "\ufeffKEY\u200b"],
    `${secret.slice(0, 9)}\r\n  ${secret.slice(9)}`,
  ])("are mended of what pasting adds: %j", async (pasted) => {
    const { id } = await create({ credential: { kind: "api-key", secret: pasted.replace("KEY", secret) } });
    expect(openCredential(await stored(id), shop.env)).toEqual({ kind: "api-key", secret });
  });

  test.each(["sk one", "sk-\u00e9", "sk-\uff58", "sk-\u0000x", "\u5bc6\u94a5", '""'])(
    "are refused where no header can carry them: %j",
    async (pasted) => {
      const credentials = [
        { kind: "api-key", secret: pasted },
        { kind: "oauth", accessToken: pasted },
        { kind: "aws", bearerToken: pasted },
      ];
      const answers = credentials.map((credential) =>
        shop.admin("POST", "/admin/accounts", { body: { ...draft, credential } }),
      );
      expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([400, 400, 400]);
    },
  );

  test("stay as they are where they are a service account's JSON", async () => {
    const key = JSON.stringify({ client_email: "a@b.example", private_key: "-----BEGIN X-----\nab\n" }, null, 2);
    const { id } = await create({ kind: "vertex", credential: { kind: "api-key", secret: `\n${key}\n` } });
    expect(openCredential(await stored(id), shop.env)).toMatchObject({ refreshToken: key });
  });

  test("open for the relay, in their own record only", async () => {
    const { id } = await create({ proxy });
    const account = await stored(id);
    expect(openCredential(account, shop.env)).toEqual({ kind: "api-key", secret });
    expect(openProxy(account, shop.env)).toBe(proxy);
    expect(() => openCredential({ ...account, id: "another" }, shop.env)).toThrow("cannot be decrypted");
    expect(() => openCredential({ ...account, credential: account.proxy }, shop.env)).toThrow("cannot be decrypted");
  });

  test("that do not open stop their account and leave the list standing", async () => {
    await create();
    const other = shop.other({ ENCRYPTION_KEY: "another-key-another-key-another-" });
    const told = await other.admin("GET", "/admin/accounts");
    expect(told.body.items[0]).toMatchObject({
      hasCredential: true,
      credentialHint: null,
      state: { status: "stopped" },
    });
    expect(told.body.items[0].state.reason).toContain("ENCRYPTION_KEY");
  });

  test("sealed under the previous ENCRYPTION_KEY still open", async () => {
    const { id } = await create();
    const { ENCRYPTION_KEY } = shop.env.config;
    const other = shop.other({
      ENCRYPTION_KEY: "another-key-another-key-another-",
      ENCRYPTION_KEY_PREVIOUS: ENCRYPTION_KEY,
    });
    expect((await other.admin("GET", `/admin/accounts/${id as string}`)).body.credentialHint).toBe("WXYZ");
  });
});

const everything = {
  name: "Renamed",
  isEnabled: false,
  priority: 3,
  weight: 7,
  maxConcurrency: 12,
  baseUrl: "https://vendor.example/v1",
  models: ["claude-*"],
  aliases: { fast: "claude-haiku-4-5" },
  groups: ["g1"],
  isDedicated: true,
  schedule: { fromHour: 22, toHour: 6 },
};

describe("changing an account", () => {
  beforeEach(() => putPool({ "group/g1": { id: "g1", name: "G", description: "" } }, shop.env));

  test.each(Object.entries(everything))("in %s writes that column and no other", async (field, value) => {
    const { id } = await create();
    shop.calls.length = 0;
    const told = await patch(id, { [field]: value });
    expect(told.body[field]).toEqual(value);
    expect(written(shop.calls)).toEqual([`pool:account/${id}/${field}`, "keys:@pool"]);
    expect(await read(id)).toEqual(told.body);
  });

  test("with null takes a value away", async () => {
    const { id } = await create({ ...everything, proxy });
    const told = await patch(id, { baseUrl: null, schedule: null, proxy: null });
    expect(told.body).toMatchObject({ baseUrl: null, schedule: null, proxy: null });
    expect(await read(id)).toEqual(told.body);
  });

  test("to a new credential writes the credential's columns and mends what it was stopped for", async () => {
    const { id } = await create();
    await putPool({ [`account/${id}/stoppedBecause`]: "the key was refused" }, shop.env);
    expect((await read(id)).state).toMatchObject({ status: "stopped", reason: "the key was refused" });
    shop.calls.length = 0;
    const told = await patch(id, { credential: { kind: "api-key", secret: "sk-ant-api03-another-secret-1234" } });
    expect(told.body).toMatchObject({ credentialHint: "1234", state: { status: "serving" } });
    const columns = ["credential", "credentialExpiresAt", "stoppedBecause"];
    expect(written(shop.calls)).toEqual([...columns.map((column) => `pool:account/${id}/${column}`), "keys:@pool"]);
  });

  test("does not undo what another instance changed meanwhile", async () => {
    const { id } = await create();
    const other = shop.other();
    await other.admin("GET", `/admin/accounts/${id as string}`);
    await patch(id, { priority: 1 });
    await other.admin("PATCH", `/admin/accounts/${id as string}`, { body: { weight: 9 } });
    expect(await read(id)).toMatchObject({ priority: 1, weight: 9 });
  });

  test("in nothing writes nothing", async () => {
    const { id } = await create();
    shop.calls.length = 0;
    await patch(id, {});
    expect(written(shop.calls)).toEqual([]);
  });

  test.each([
    [{ kind: "claude" }, "kind"],
    [{ id: "x" }, "id"],
    [{ stoppedBecause: "x" }, "stoppedBecause"],
    [{ priority: 1001 }, "priority"],
    [{ weight: 0 }, "weight"],
    [{ baseUrl: "ftp://vendor.example" }, "baseUrl"],
    [{ baseUrl: "https://name:hunter2@vendor.example" }, "baseUrl"],
    [{ proxy: "proxy.example:8080" }, "proxy"],
    [{ proxy: "ftp://proxy.example" }, "proxy"],
    [{ proxy: "http://proxy.example/path" }, "proxy"],
    [{ groups: ["nobody"] }, "groups"],
    [{ schedule: { fromHour: 5, toHour: 5 } }, "schedule"],
    [{ schedule: { fromHour: 5, toHour: 25 } }, "schedule.toHour"],
    [{ settings: { tokenUrl: "https://x.example" } }, "settings.tokenUrl"],
    [{ credential: { kind: "oauth", accessToken: "x" } }, "credential.kind"],
    [{ credential: { kind: "api-key" } }, "credential.secret"],
    [{ credential: { kind: "api-key", secret: "x", refreshToken: "y" } }, "credential.refreshToken"],
    [{ credential: { kind: "password" } }, "credential.kind"],
  ])("to %j is refused by name, and never with the secret in the answer", async (body, field) => {
    const { id } = await create();
    const told = await patch(id, body);
    expect([told.status, told.body.error.field]).toEqual([400, field]);
    expect(told.text).not.toContain("hunter2");
  });

  test("that is none is 404", async () => {
    for (const [method, path] of [
      ["GET", ""],
      ["PATCH", ""],
      ["DELETE", ""],
      ["POST", "/test"],
      ["POST", "/refresh"],
      ["POST", "/reset"],
    ] as const) {
      const told = await shop.admin(method, `/admin/accounts/nobody${path}`, { body: {} });
      expect([told.status, told.body.error.code]).toEqual([404, "record.unknown"]);
    }
  });
});

describe("connecting an account", () => {
  test("needs a known kind", async () => {
    const told = await shop.admin("POST", "/admin/accounts", { body: { ...draft, kind: "droid" } });
    expect(told.body.error).toMatchObject({ field: "kind", message: expect.stringContaining('"anthropic"') });
  });

  test("without a credential makes one that serves nothing yet", async () => {
    const told = await shop.admin("POST", "/admin/accounts", { body: { name: "Later", kind: "claude" } });
    expect(told.status).toBe(201);
    expect(told.body).toMatchObject({ hasCredential: false, state: { status: "no-credential" }, service: "claude" });
    expect(await read(told.body.id as string)).toEqual(told.body);
  });

  test("takes tokens that were got elsewhere, with when they end", async () => {
    const credential = {
      kind: "oauth",
      accessToken: "sk-ant-oat01-abcdefgh-9876",
      refreshToken: "r",
      expiresAt: 4_000_000_000_000,
    };
    const made = await create({ kind: "claude", credential });
    expect(made).toMatchObject({
      credentialKind: "oauth",
      credentialHint: "9876",
      credentialExpiresAt: 4_000_000_000_000,
      canRefresh: true,
    });
    const lasting = await create({
      kind: "claude",
      credential: { kind: "oauth", accessToken: "sk-ant-oat01-lasting" },
    });
    expect(lasting).toMatchObject({ credentialExpiresAt: null, canRefresh: false });
  });
});

describe("an account's state", () => {
  const cool = (id: string, scope: string, untilAt: number) =>
    putPool(
      { [`cooldown/${id}/${scope}`]: { account: id, scope, untilAt, sinceAt: 1, reason: `429 ${scope}` } },
      shop.env,
    );

  test("is cooling while the whole account rests, and serving while a family of it does", async () => {
    const { id } = await create();
    const untilAt = shop.env.now() + 60_000;
    await cool(id, "family:opus", untilAt);
    expect((await read(id)).state).toEqual({
      status: "serving",
      reason: null,
      untilAt: null,
      cooldowns: [{ scope: "family:opus", reason: "429 family:opus", sinceAt: 1, untilAt }],
    });
    await cool(id, "account", untilAt);
    expect((await read(id)).state).toMatchObject({ status: "cooling", reason: "429 account", untilAt });
    shop.pass(60_001);
    expect((await read(id)).state).toEqual({ status: "serving", reason: null, untilAt: null, cooldowns: [] });
  });

  test("is paused when it is not enabled", async () => {
    const { id } = await create({ isEnabled: false });
    expect((await read(id)).state.status).toBe("paused");
  });

  test("is reset with its cooldowns and the reason it stopped for, and no other account's", async () => {
    const [one, other] = [await create(), await create()];
    for (const { id } of [one, other]) {
      await cool(id, "account", shop.env.now() + 60_000);
      await cool(id, "family:opus", shop.env.now() + 60_000);
    }
    await putPool({ [`account/${one.id as string}/stoppedBecause`]: "why" }, shop.env);
    const told = await shop.admin("POST", `/admin/accounts/${one.id as string}/reset`);
    expect(told.body.state).toEqual({ status: "serving", reason: null, untilAt: null, cooldowns: [] });
    expect((await read(other.id as string)).state.cooldowns).toHaveLength(2);
  });
});

describe("listing accounts", () => {
  test("is by priority and name, searched and filtered, with totals", async () => {
    await create({ name: "B", priority: 2 });
    await create({ name: "a", priority: 2 });
    await create({ name: "First", priority: 1, isEnabled: false });
    const names = async (query: string) => {
      const { body } = await shop.admin("GET", "/admin/accounts", { query });
      return [body.total, ...body.items.map((item: { name: string }) => item.name)] as unknown[];
    };
    expect(await names("")).toEqual([3, "First", "a", "B"]);
    expect(await names("page=2&pageSize=2")).toEqual([3, "B"]);
    expect(await names("status=paused")).toEqual([1, "First"]);
    expect(await names("search=fir")).toEqual([1, "First"]);
    expect(await names("kind=claude")).toEqual([0]);
  });
});

describe("removing an account", () => {
  test("leaves no field of it", async () => {
    const { id } = await create({ ...everything, groups: [], proxy });
    await putPool(
      { [`cooldown/${id}/account`]: { account: id, scope: "account", untilAt: 1, sinceAt: 1, reason: "" } },
      shop.env,
    );
    expect((await shop.admin("DELETE", `/admin/accounts/${id}`)).body.id).toBe(id);
    expect(await shop.store.list(poolTable)).toEqual({});
  });

  test("is refused while a key is bound to it", async () => {
    const { id } = await create();
    const key = (await shop.admin("POST", "/admin/keys", { body: { name: "bound", bindings: { claude: id } } })).body;
    const told = await shop.admin("DELETE", `/admin/accounts/${id}`);
    expect(told.body.error).toMatchObject({
      code: "record.conflict",
      message: expect.stringContaining('1 API keys are bound to this account ("bound"'),
    });
    await shop.admin("PATCH", `/admin/keys/${key.id as string}`, { body: { bindings: {} } });
    expect((await shop.admin("DELETE", `/admin/accounts/${id}`)).status).toBe(200);
  });
});

describe("testing an account", () => {
  const test1 = async (id: string, body: object = {}) =>
    (await shop.admin("POST", `/admin/accounts/${id}/test`, { body })).body;

  test("asks the provider with its own credential and tells its models", async () => {
    const { id } = await create({ baseUrl: shop.provider.url });
    const report = await test1(id);
    expect(report).toMatchObject({ isOk: true, status: 200 });
    expect(report.models.length).toBeGreaterThan(0);
    expect(report.latencyMs).toBeGreaterThanOrEqual(0);
    expect(shop.sent.at(-1)).toMatchObject({
      method: "GET",
      headers: { "x-api-key": secret, "anthropic-version": "2023-06-01" },
    });
    expect(await test1(id, { model: report.models[0] })).toMatchObject({ isOk: true });
    expect(await test1(id, { model: "no-such-model" })).toMatchObject({
      isOk: false,
      message: "The provider does not list the model no-such-model.",
    });
  });

  test("tells the provider's own words where it refuses", async () => {
    const { id } = await create({ baseUrl: shop.provider.url, credential: { kind: "api-key", secret: "sk-sim-401" } });
    const report = await test1(id);
    expect(report).toMatchObject({ isOk: false, status: 401, models: [] });
    expect(report.message.length).toBeGreaterThan(5);
  });

  test("tells when nobody is there, and when there is no credential", async () => {
    const { id } = await create({ baseUrl: "http://127.0.0.1:1" });
    expect(await test1(id)).toMatchObject({ isOk: false, status: null, models: [] });
    const bare = (await shop.admin("POST", "/admin/accounts", { body: { name: "Bare", kind: "anthropic" } })).body;
    expect(await test1(bare.id as string)).toMatchObject({
      isOk: false,
      status: null,
      message: "The account has no credential yet.",
    });
  });

  test("renews a sign-in that has ended before it judges the account", async () => {
    const tokens = shop.provider.oauth.issue();
    const credential = {
      kind: "oauth",
      accessToken: tokens.accessToken,
      refreshToken: tokens.refreshToken,
      expiresAt: 1,
    };
    const { id } = await create({
      kind: "claude",
      baseUrl: shop.provider.url,
      credential,
      settings: shop.signInSettings,
    });
    expect(await test1(id)).toMatchObject({ isOk: true, status: 200 });
    expect((await read(id)).credentialExpiresAt).toBeGreaterThan(shop.env.now());
  });
});

describe("renewing an account's sign-in", () => {
  const connect = async () => {
    const tokens = shop.provider.oauth.issue();
    const credential = {
      kind: "oauth",
      accessToken: tokens.accessToken,
      refreshToken: tokens.refreshToken,
      expiresAt: shop.env.now() + 60_000,
    };
    return create({ kind: "claude", baseUrl: shop.provider.url, credential, settings: shop.signInSettings });
  };

  test("writes the credential's columns only, and the old refresh token is spent once", async () => {
    const { id, credentialHint } = await connect();
    shop.calls.length = 0;
    const told = await shop.admin("POST", `/admin/accounts/${id}/refresh`);
    expect(told.status).toBe(200);
    expect(told.body.credentialHint).not.toBe(credentialHint);
    expect(written(shop.calls)).toEqual([
      `pool:account/${id}/credential`,
      `pool:account/${id}/credentialExpiresAt`,
      "keys:@pool",
    ]);
    expect((await shop.admin("POST", `/admin/accounts/${id}/refresh`)).status).toBe(200);
  });

  test("asked for many times at once, here and on another instance, spends one refresh token and answers all", async () => {
    const { id } = await connect();
    const other = shop.other();
    await other.admin("GET", "/admin/session");
    const path = `/admin/accounts/${id as string}/refresh`;
    const told = await Promise.all(
      [...Array(4).keys()].map((index) => (index % 2 === 0 ? shop : other).admin("POST", path)),
    );
    expect(told.map((one) => one.status)).toEqual([200, 200, 200, 200]);
    expect(new Set(told.map((one) => one.body.credentialHint)).size).toBe(1);
    expect(shop.sent).toHaveLength(1);
  });

  test("that the provider refuses says so in its words and keeps what there was", async () => {
    const { id, credentialHint } = await create({
      kind: "claude",
      credential: { kind: "oauth", accessToken: "sk-ant-oat01-some-token", refreshToken: "sk-ant-ort01-spent" },
      settings: shop.signInSettings,
    });
    const told = await shop.admin("POST", `/admin/accounts/${id}/refresh`);
    expect([told.status, told.body.error.code]).toEqual([502, "credential.rejected"]);
    expect(told.body.error.message).toContain("Refresh token not found or invalid");
    expect((await read(id)).credentialHint).toBe(credentialHint);
  });

  test("of a kind without sign-in is refused", async () => {
    const { id } = await create();
    expect((await shop.admin("POST", `/admin/accounts/${id}/refresh`)).body.error.code).toBe("request.unsupported");
  });
});

describe("the proxy", () => {
  let far: Shop;
  beforeAll(async () => {
    far = await openShop();
  });
  afterAll(() => far.stop());

  test("is used for the test of its account", async () => {
    const body = { ...draft, baseUrl: far.provider.url, proxy: "http://127.0.0.1:1" };
    const { id } = (await far.admin("POST", "/admin/accounts", { body })).body;
    const report = (await far.admin("POST", `/admin/accounts/${id as string}/test`, { body: {} })).body;
    expect(report).toMatchObject({ isOk: false, status: null });
    expect(far.sent.at(-1)?.proxy).toBe("http://127.0.0.1:1");
    expect(far.provider.requests).toEqual([]);
  });
});
