import { AzureOpenAI, toFile } from "openai";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ask, codexHeaders, sdk } from "../../../test/openai.ts";
import { type Rig, startRig } from "../../../test/rig.ts";
import { chatgptAccountId } from "../../../test/upstream/openai/oauth.ts";
import { startUpstream, type Upstream } from "../../../test/upstream/upstream.ts";
import type { Account } from "../../core/accounts/account.ts";

let rig: Rig;
let upstream: Upstream;
let secret: string;

beforeEach(async () => {
  upstream = await startUpstream();
  rig = await startRig();
  ({ secret } = await rig.addKey());
});

afterEach(async () => {
  await rig.stop();
  await upstream.stop();
});

const addOpenai = (change: Partial<Account> = {}, name = "sk-sim-ok") =>
  rig.addAccount({ kind: "openai", baseUrl: upstream.url, ...change }, { kind: "api-key", secret: name });

describe("embeddings", () => {
  test("are what the SDK asked for, as base64 and as numbers, and are charged", async () => {
    await addOpenai();
    const input = "twelve chars";
    const floats = await sdk(rig, secret).embeddings.create({ model: "text-embedding-3-small", input });
    expect(floats.data[0]?.embedding).toHaveLength(8);
    expect(upstream.requests[0]?.body.toString("utf8")).toContain('"encoding_format":"base64"');
    const numbers = await sdk(rig, secret).embeddings.create({
      model: "text-embedding-3-small",
      input,
      encoding_format: "float",
    });
    expect(numbers.data[0]?.embedding).toEqual(floats.data[0]?.embedding);
    expect(await rig.events()).toMatchObject([
      { operation: "embeddings", usage: { inputTokens: 3, outputTokens: 0 } },
      { operation: "embeddings", usage: { inputTokens: 3, outputTokens: 0 } },
    ]);
  });

  test("need the permission of what they are, at every path", async () => {
    await addOpenai();
    const geminiOnly = await rig.addKey({ permissions: ["gemini"] });
    const body = { model: "text-embedding-3-small", input: "x" };
    for (const path of ["/openai/v1/embeddings", "/v1/embeddings", "/openai/v1/images/generations"])
      expect((await ask(rig, geminiOnly.secret, path, { body })).answer.status).toBe(403);
  });
});

describe("images", () => {
  test("come whole and streamed, and are charged", async () => {
    await addOpenai();
    const image = { model: "gpt-image-1", prompt: "a cat" };
    const whole = await sdk(rig, secret).images.generate(image);
    expect(whole.data?.[0]?.b64_json).toMatch(/^iVBOR/);
    const types: string[] = [];
    for await (const event of await sdk(rig, secret).images.generate({ ...image, stream: true }))
      types.push(event.type);
    expect(types).toEqual(["image_generation.partial_image", "image_generation.completed"]);
    const usage = { inputTokens: 12, outputTokens: 272 };
    expect(await rig.events()).toMatchObject([
      { operation: "images", outcome: "complete", usage },
      { operation: "images", outcome: "complete", usage },
    ]);
  });
});

describe("what Codex calls beside its models", () => {
  test.each([
    ["/openai/alpha/search", { id: "s", model: "gpt-5.5", commands: {} }],
    [
      "/openai/images/edits",
      { model: "gpt-image-2", prompt: "a cat", images: [{ image_url: "data:image/png;base64,AA" }] },
    ],
  ])("reaches ChatGPT with its sign-in: %s", async (path, body) => {
    const { accessToken } = upstream.chatgpt.issue();
    await rig.addAccount(
      { kind: "chatgpt", baseUrl: `${upstream.url}/backend-api/codex` },
      { kind: "oauth", accessToken, extra: { accountId: chatgptAccountId } },
    );
    await ask(rig, secret, path, { body, headers: codexHeaders });
    expect(upstream.requests[0]?.path).toBe(`/backend-api/codex${path.slice("/openai".length)}`);
    expect(JSON.parse(upstream.requests[0]?.body.toString("utf8") ?? "")).toEqual(body);
  });

  test("an image to be edited comes as the SDK's form, too, whose model is read", async () => {
    await addOpenai();
    const image = await toFile(Buffer.from("png"), "a.png", { type: "image/png" });
    await sdk(rig, secret)
      .images.edit({ model: "gpt-image-2", prompt: "a cat", image })
      .catch(() => undefined);
    expect(upstream.requests[0]?.path).toBe("/v1/images/edits");
    expect(upstream.requests[0]?.body.toString("utf8")).toContain("a cat");
    expect((await rig.events())[0]?.model).toBe("gpt-image-2");
  });
});

describe("models", () => {
  const idsOf = async (key: string): Promise<string[]> => {
    const ids: string[] = [];
    for await (const model of sdk(rig, key).models.list()) ids.push(model.id);
    return ids.toSorted();
  };

  test("are those of the accounts' own lists, with aliases, less what the key may not use", async () => {
    await addOpenai();
    await addOpenai({ models: ["vendor-large", "gpt-5-*"], aliases: { fast: "vendor-small", "any*": "vendor-large" } });
    expect(await idsOf(secret)).toEqual(
      [
        "fast",
        "gpt-5-mini",
        "gpt-5.5",
        "gpt-5.5-codex",
        "gpt-image-1",
        "o4-mini",
        "text-embedding-3-small",
        "vendor-large",
      ].toSorted(),
    );
    const restricted = await rig.addKey({ allowedModels: ["gpt-*", "fast"], blockedModels: ["gpt-image-1"] });
    expect(await idsOf(restricted.secret)).toEqual(["fast", "gpt-5-mini", "gpt-5.5", "gpt-5.5-codex"]);
  });

  test("are only those of accounts that the key may reach", async () => {
    await addOpenai({ models: ["for-others"], isDedicated: true });
    await addOpenai({ models: ["paused"], isEnabled: false });
    const bound = await addOpenai({ models: ["own"] });
    const { secret: own } = await rig.addKey({ bindings: { openai: bound.id } });
    expect(await idsOf(own)).toEqual(["own"]);
    expect(await idsOf(secret)).toEqual(["own"]);
    const { secret: other } = await rig.addKey({ permissions: ["azure"] });
    await expect(idsOf(other)).rejects.toMatchObject({ status: 403 });
  });

  test("are those of other providers, too, which bridges lead to, as far as they answer and the key may use them", async () => {
    const credential = { kind: "api-key" as const, secret: "sk-ant-sim" };
    await rig.addAccount({ kind: "anthropic", baseUrl: upstream.url }, credential);
    await rig.addAccount({ kind: "gemini", baseUrl: upstream.url }, { kind: "api-key", secret: "sk-sim" });
    await rig.addAccount(
      { kind: "bedrock", models: ["claude-cloud"] },
      { kind: "aws", accessKeyId: "A", secretAccessKey: "S" },
    );
    const ids = await idsOf(secret);
    expect(ids).toContain("claude-cloud");
    expect(ids).toContain("gemini-2.5-pro");
    expect(ids.some((id) => /^claude-.*\d$/.test(id))).toBe(true);
    expect(ids.filter((id) => /embedding/.test(id))).toEqual([]);
    const { secret: one } = await rig.addKey({ permissions: ["gemini"] });
    expect((await idsOf(one)).filter((id) => !id.startsWith("gemini-"))).toEqual([]);
  });

  test("one is found by its name, slashes and all; what the key may not use does not exist", async () => {
    await addOpenai({ models: ["openai/gpt-5.5", "secret-model"] });
    expect(await sdk(rig, secret).models.retrieve("openai/gpt-5.5")).toMatchObject({ object: "model" });
    const { secret: blocked } = await rig.addKey({ blockedModels: ["secret-*"] });
    await expect(sdk(rig, blocked).models.retrieve("secret-model")).rejects.toMatchObject({
      status: 404,
      code: "model_not_found",
    });
  });

  test("the provider is asked at most once in ten minutes, and again after it failed", async () => {
    await addOpenai();
    await idsOf(secret);
    await idsOf(secret);
    expect(upstream.requests).toHaveLength(1);
    rig.pass(11 * 60_000);
    await idsOf(secret);
    expect(upstream.requests).toHaveLength(2);
    await addOpenai({}, "sk-sim-500");
    rig.pass(5_000);
    expect(await idsOf(secret)).toHaveLength(6);
    expect(await idsOf(secret)).toHaveLength(6);
    expect(upstream.requests.filter(({ credential }) => credential === "sk-sim-500")).toHaveLength(2);
  });

  test("Codex with an API key gets what its key may use, in the shape that Codex demands", async () => {
    await addOpenai({ models: ["gpt-5.5"] });
    const query = "client_version=0.171.0";
    const { answer, text } = await ask(rig, secret, "/openai/models", { method: "GET", query, headers: codexHeaders });
    const [model] = (JSON.parse(text) as { models: Record<string, unknown>[] }).models;
    expect(answer.status).toBe(200);
    const demanded = [
      ...["slug", "display_name", "supported_reasoning_levels", "shell_type", "visibility", "supported_in_api"],
      ...["priority", "base_instructions", "support_verbosity", "truncation_policy", "experimental_supported_tools"],
    ];
    expect(Object.keys(model ?? {})).toEqual(expect.arrayContaining(demanded) as string[]);
    expect(model?.slug).toBe("gpt-5.5");
  });

  test("Codex with a sign-in gets ChatGPT's own catalogue", async () => {
    const { accessToken } = upstream.chatgpt.issue();
    await rig.addAccount(
      { kind: "chatgpt", baseUrl: `${upstream.url}/backend-api/codex` },
      { kind: "oauth", accessToken, extra: { accountId: chatgptAccountId } },
    );
    const query = "client_version=0.169.0";
    const headers = { ...codexHeaders, "chatgpt-account-id": chatgptAccountId };
    const { answer, text } = await ask(rig, secret, "/openai/models", { method: "GET", query, headers });
    expect([answer.status, JSON.parse(text)]).toEqual([200, { models: [] }]);
    expect(upstream.requests[0]).toMatchObject({ path: "/backend-api/codex/models", query: `?${query}` });
    expect(await rig.events()).toEqual([]);
  });
});

describe("Azure OpenAI", () => {
  const addAzure = (change: Partial<Account> = {}) =>
    rig.addAccount(
      { kind: "azure-openai", baseUrl: upstream.url, ...change },
      { kind: "api-key", secret: "azure-key" },
    );
  const chat = { model: "gpt-5.5", messages: [{ role: "user", content: "x" }] };

  const styles = [
    [{}, "/openai/v1/chat/completions", ""],
    [{ apiVersion: "2024-10-21" }, "/openai/deployments/gpt-5.5/chat/completions", "?api-version=2024-10-21"],
    [
      { apiVersion: "2024-10-21", deployment: "main" },
      "/openai/deployments/main/chat/completions",
      "?api-version=2024-10-21",
    ],
  ] as const;

  test.each(styles)("chat goes up in the account's style: %o", async (settings, path, query) => {
    await addAzure({ settings });
    const { answer } = await ask(rig, secret, "/azure/chat/completions", { body: chat });
    expect(answer.status).toBe(200);
    expect(upstream.requests[0]).toMatchObject({ path, query });
    expect(upstream.requests[0]?.headers["api-key"]).toBe("azure-key");
    expect(upstream.requests[0]?.headers.authorization).toBeUndefined();
  });

  test.each(["", "/openai", "/openai/v1", "/openai/v1/"])("at a base URL that ends in %j", async (end) => {
    await addAzure({ baseUrl: `${upstream.url}${end}` });
    await ask(rig, secret, "/azure/responses", { body: { model: "gpt-5.5", input: "x" } });
    expect(upstream.requests[0]?.path).toBe("/openai/v1/responses");
  });

  test("Azure's own SDK may name the deployment in its path alone, whatever the account's style", async () => {
    await addAzure({ aliases: { mine: "theirs" } });
    const body = Buffer.from('{"messages":[{"role":"user","content":"x"}]}');
    const path = "/azure/openai/deployments/mine/chat/completions";
    const headers = { authorization: "", "api-key": secret };
    const { answer } = await ask(rig, secret, path, { body, headers, query: "api-version=2024-10-21" });
    expect(answer.status).toBe(200);
    expect(upstream.requests[0]?.path).toBe("/openai/v1/chat/completions");
    expect(upstream.requests[0]?.body.toString("utf8")).toBe(
      '{"model":"theirs","messages":[{"role":"user","content":"x"}]}',
    );
    expect(await rig.events()).toMatchObject([{ model: "mine", usage: { inputTokens: 16 } }]);
    expect(
      new AzureOpenAI({ endpoint: "http://relay.invalid/azure", apiKey: secret, apiVersion: "2024-10-21" }).baseURL,
    ).toBe("http://relay.invalid/azure/openai");
  });

  test("responses of the older style stand beside the deployments", async () => {
    await addAzure({ settings: { apiVersion: "2025-04-01-preview" }, aliases: { "gpt-5.5": "main" } });
    await ask(rig, secret, "/azure/openai/v1/responses", { body: { model: "gpt-5.5", input: "x" } });
    expect(upstream.requests[0]).toMatchObject({ path: "/openai/responses", query: "?api-version=2025-04-01-preview" });
    expect(JSON.parse(upstream.requests[0]?.body.toString("utf8") ?? "")).toMatchObject({ model: "main" });
  });

  test("serves keys with its own permission, and no others", async () => {
    await addAzure();
    const { secret: azureOnly } = await rig.addKey({ permissions: ["azure"] });
    const { secret: openaiOnly } = await rig.addKey({ permissions: ["openai"] });
    const statusOf = async (key: string) =>
      (await ask(rig, key, "/azure/chat/completions", { body: chat })).answer.status;
    expect([await statusOf(azureOnly), await statusOf(openaiOnly)]).toEqual([200, 403]);
  });
});
