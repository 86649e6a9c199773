import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Anthropic, { toFile } from "@anthropic-ai/sdk";
import { GoogleGenAI } from "@google/genai";
import OpenAI from "openai";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import { testEnvironment } from "../../../test/environment.ts";
import { addAccount, addKey } from "../../../test/rig.ts";
import { type Keeper, startKeeper } from "../../../test/upstream/keeper.ts";
import type { UsageEvent } from "../../core/money/usage.ts";
import { parseConfig } from "../../config.ts";
import { type RunningServer, startServer } from "../../runtimes/node/node.ts";

const directory = mkdtempSync(join(tmpdir(), "relay-stored-"));
let keeper: Keeper;
let server: RunningServer;
let secret: string;
let count = 0;

beforeEach(async () => {
  count += 1;
  keeper = await startKeeper();
  const config = parseConfig({
    ...testEnvironment,
    PORT: "0",
    HOST: "127.0.0.1",
    DATA_DIR: join(directory, `${count}`),
  });
  server = await startServer({ config, write: () => undefined });
  for (const kind of ["anthropic", "openai", "gemini"])
    for (const which of ["one", "two"])
      await addAccount(
        server.env,
        { id: `${kind}-${which}`, kind, baseUrl: keeper.url },
        { kind: "api-key", secret: `sk-ant-${kind}-${which}` },
      );
  ({ secret } = await addKey(server.env, {}));
});

afterEach(async () => {
  await server.close(0);
  await keeper.stop();
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const claude = (apiKey = secret, base = "/api") =>
  new Anthropic({ apiKey, baseURL: `${server.url}${base}`, maxRetries: 0 });
const gpt = (apiKey = secret, base = "/openai/v1") =>
  new OpenAI({ apiKey, baseURL: `${server.url}${base}`, maxRetries: 0 });
const google = (apiKey = secret, baseUrl = `${server.url}/gemini`) =>
  new GoogleGenAI({ apiKey, httpOptions: { baseUrl } });
const text = () => toFile(Buffer.from("hello"), "file_a.txt", { type: "text/plain" });
const events = async () => {
  await new Promise((resolve) => setTimeout(resolve, 50));
  return (await server.env.store.readLog("usage", "0", 100)).map(({ entry }) => JSON.parse(entry) as UsageEvent);
};
/** No account was asked twice in different names: what is kept at one is looked for only there. */
const accounts = () => new Set(keeper.seen.map((call) => call.secret)).size;

/** Every account's address, id and credential stays at the relay. */
const expectOwn = (answer: unknown) => {
  const said = JSON.stringify(answer);
  for (const theirs of [keeper.url, "sk-ant-", '"file_011C"', '"file-011C"', '"msgbatch_01"', '"batch_01"', "abc123"])
    expect(said).not.toContain(theirs);
};

describe("Anthropic", () => {
  test.each(["/api", ""])("files are made, read and used at the account that keeps them: %j", async (base) => {
    const file = await claude(secret, base).files.upload({ file: await text() });
    expectOwn(file);
    expect(file).toMatchObject({ filename: "file_a.txt" });
    expect(await claude(secret, base).files.retrieveMetadata(file.id)).toMatchObject({ id: file.id });
    expect(await (await claude(secret, base).files.download(file.id)).text()).toBe("file-011C");
    const source = { type: "file" as const, file_id: file.id };
    const content = [
      { type: "document" as const, source },
      { type: "text" as const, text: `about "file_id": "${file.id}"` },
    ];
    for (let call = 0; call < 6; call += 1)
      await claude(secret, base).beta.messages.create({
        model: "claude-sonnet-4-5",
        max_tokens: 9,
        messages: [{ role: "user", content }],
      });
    expect(keeper.seen.at(-1)?.body).toContain('"file_id":"file_011C"');
    expect(keeper.seen.at(-1)?.body).toContain(`\\"${file.id}\\"`);
    expect(accounts()).toBe(1);
  });

  test("batches lead to the relay for their results, and are metered once, at the batch price", async () => {
    const params = { model: "claude-sonnet-4-5", max_tokens: 9, messages: [{ role: "user" as const, content: "x" }] };
    const batch = await claude().messages.batches.create({ requests: [{ custom_id: "one", params }] });
    expectOwn(batch);
    expect(batch.results_url).toBe(`${server.url}/api/v1/messages/batches/${batch.id}/results`);
    for (let look = 0; look < 2; look += 1) {
      const ids: string[] = [];
      for await (const result of await claude().messages.batches.results(batch.id)) ids.push(result.custom_id);
      expect(ids).toEqual(["one", "two"]);
    }
    // Half of $3 and $15 a million, 200,000 of each.
    expect(await events()).toMatchObject([
      { operation: "batch", model: "claude-sonnet-4-5", costNanos: 1_800_000_000 },
    ]);
  });

  test.each([
    ['"mod\\u0065l":"claude-opus-4-5"', 400],
    ['"model":"claude-\\u006fpus-4-5"', 400],
    ['"model":"claude\\u002dopus-4-5"', 403],
    ['"model":"claude-haiku-4-5","model" : "claude-opus-4-5"', 403],
  ])("a batch that hides its model is refused: %s", async (field, status) => {
    const { secret: narrow } = await addKey(server.env, { allowedModels: ["claude-haiku-*"] });
    const body = `{"requests":[{"custom_id":"one","params":{${field},"max_tokens":9,"messages":[]}}]}`;
    const headers = { "x-api-key": narrow, "anthropic-version": "2023-06-01", "content-type": "application/json" };
    const told = await fetch(`${server.url}/api/v1/messages/batches`, { method: "POST", headers, body });
    expect(told.status).toBe(status);
    expect(keeper.seen).toEqual([]);
  });

  test("a batch of models that the key may not use is refused", async () => {
    const { secret: narrow } = await addKey(server.env, { allowedModels: ["claude-haiku-*"] });
    const params = { model: "claude-sonnet-4-5", max_tokens: 9, messages: [] };
    const made = claude(narrow).messages.batches.create({ requests: [{ custom_id: "one", params }] });
    await expect(made).rejects.toMatchObject({ status: 403 });
    expect(keeper.seen).toEqual([]);
  });

  test("skills pass", async () => {
    const skill = await claude().skills.create({ files: [await text()] } as never);
    expect(skill.id).toMatch(/^skill_crid/);
  });
});

describe("OpenAI", () => {
  test.each(["/openai/v1", "/openai", "/v1"])("files and batches, at %s", async (base) => {
    const file = await gpt(secret, base).files.create({ file: await text(), purpose: "batch" });
    expectOwn(file);
    const made = await gpt(secret, base).batches.create({
      ...{ input_file_id: file.id, endpoint: "/v1/responses", completion_window: "24h" },
    });
    expect(keeper.seen.at(-1)?.body).toContain('"input_file_id":"file-011C"');
    const done = await gpt(secret, base).batches.retrieve(made.id);
    await gpt(secret, base).batches.retrieve(made.id);
    expectOwn(done);
    expect(done).toMatchObject({ id: made.id, input_file_id: file.id, status: "completed" });
    expect(await (await gpt(secret, base).files.content(done.output_file_id ?? "")).text()).toBe("file-011C");
    // Half of $1.25 and $10 a million.
    expect(await events()).toMatchObject([{ operation: "batch", model: "gpt-5", costNanos: 5_625_000_000 }]);
    expect(accounts()).toBe(1);
  });
});

describe("Gemini", () => {
  test("a resumable upload comes back to the relay, and the file is used where it lies", async () => {
    const file = await google().files.upload({ file: new Blob(["hello"], { type: "text/plain" }) });
    expectOwn(file);
    expect(file.uri).toMatch(new RegExp(`^${server.url}/gemini/v1beta/files/crid`));
    expect(await google().files.get({ name: file.name ?? "" })).toMatchObject({ name: file.name });
    const cache = await google().caches.create({ model: "gemini-2.5-pro", config: {} });
    expect(cache.name).toMatch(/^cachedContents\/crid/);
    const parts = [{ fileData: { fileUri: file.uri ?? "", mimeType: "text/plain" } }];
    const config = { cachedContent: cache.name ?? "" };
    await google().models.generateContent({ model: "gemini-2.5-pro", contents: [{ role: "user", parts }], config });
    expect(keeper.seen.at(-1)?.body).toContain(`"${keeper.url}/v1beta/files/abc123"`);
    expect(keeper.seen.at(-1)?.body).toContain('"cachedContents/ccc111"');
    expect(accounts()).toBe(1);
  });
});

describe("what is not a key's own", () => {
  const statusOf = async (asked: Promise<unknown>) =>
    asked.then(
      () => 200,
      (error: { status: number }) => error.status,
    );

  test("another key's id, an account's own id and a made-up one are unknown, everywhere", async () => {
    const file = await claude().files.upload({ file: await text() });
    const { secret: other } = await addKey(server.env, {});
    const before = keeper.seen.length;
    const changed = file.id.replace(/.$/, (last) => (last === "0" ? "1" : "0"));
    for (const [key, id] of [
      [other, file.id],
      [secret, "file_011C"],
      [secret, changed],
    ] as const)
      expect(await statusOf(claude(key).files.retrieveMetadata(id))).toBe(404);
    const content = [{ type: "document" as const, source: { type: "file" as const, file_id: file.id } }];
    const messages = [{ role: "user" as const, content }];
    expect(
      await statusOf(claude(other).beta.messages.create({ model: "claude-sonnet-4-5", max_tokens: 9, messages })),
    ).toBe(404);
    expect(keeper.seen).toHaveLength(before);
  });

  test("lists are refused by name, in the dialect's own words", async () => {
    await expect(claude().files.list()).rejects.toThrow(/keeps no list/);
    await expect(gpt().batches.list()).rejects.toThrow(/keeps no list/);
    await expect(google().files.list()).rejects.toThrow(/keeps no list/);
    expect(keeper.seen).toEqual([]);
  });

  test("a key with a list of models makes no batch of a file that was not read", async () => {
    for (const limits of [{ allowedModels: ["gpt-5-nano"] }, { blockedModels: ["gpt-5"] }]) {
      const { secret: narrow } = await addKey(server.env, limits);
      const file = await gpt(narrow).files.create({ file: await text(), purpose: "batch" });
      const asked = { input_file_id: file.id, endpoint: "/v1/responses", completion_window: "24h" } as const;
      expect(await statusOf(gpt(narrow).batches.create(asked))).toBe(403);
    }
  });

  test.each([{ dailyCostNanos: 1e6 }, { weeklyCostNanos: 1e6 }, { totalCostNanos: 1e6 }, { totalTokens: 1_000 }])(
    "a key that has spent its budget makes no batch: %j",
    async (limits) => {
      const { secret: spent } = await addKey(server.env, limits);
      const file = await gpt(spent).files.create({ file: await text(), purpose: "batch" });
      const messages = [{ role: "user" as const, content: "x" }];
      const params = { model: "claude-sonnet-4-5", max_tokens: 9, messages };
      await claude(spent).messages.create(params);
      const before = keeper.seen.length;
      const asked = { input_file_id: file.id, endpoint: "/v1/responses", completion_window: "24h" } as const;
      await expect.poll(() => statusOf(gpt(spent).batches.create(asked))).toBe(429);
      const requests = [{ custom_id: "one", params }];
      expect(await statusOf(claude(spent).messages.batches.create({ requests }))).toBe(429);
      expect(keeper.seen.slice(before).filter(({ url }) => url.includes("messages/batches"))).toEqual([]);
    },
  );

  test("a key without the service's permission is refused", async () => {
    const { secret: narrow } = await addKey(server.env, { permissions: ["gemini"] });
    expect(await statusOf(gpt(narrow).files.create({ file: await text(), purpose: "batch" }))).toBe(403);
  });
});
