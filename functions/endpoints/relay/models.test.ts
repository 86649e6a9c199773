import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ask } from "../../../test/openai.ts";
import { type Rig, startRig } from "../../../test/rig.ts";
import { secretOf } from "../../../test/upstream/bedrock/sigv4.ts";
import { serviceAccountKey } from "../../../test/upstream/gemini/google-oauth.ts";
import { startUpstream, type Upstream } from "../../../test/upstream/upstream.ts";
import type { Account, Credential } from "../../core/accounts/account.ts";
import { vertex } from "../../relay/upstreams/google/vertex.ts";

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

const byKey: Credential = { kind: "api-key", secret: "sk-sim-ok" };
const add = (kind: string, change: Partial<Account> = {}, credential: Credential = byKey) =>
  rig.addAccount({ kind, baseUrl: upstream.url, ...change }, credential);
const list = (path: string, key = secret) => ask(rig, key, path, { method: "GET" });

const modelOf = ({ body }: { readonly body: Buffer }) =>
  (JSON.parse(body.toString("utf8")) as { model?: string }).model ?? "";

interface Listed {
  readonly data?: readonly {
    readonly id: string;
    readonly type?: string;
    readonly display_name?: string;
    readonly description?: string;
  }[];
  readonly models?: readonly {
    readonly name: string;
    readonly slug?: string;
    readonly description?: string;
    readonly supportedGenerationMethods?: readonly string[];
  }[];
}

async function idsOf(path: string, key = secret): Promise<string[]> {
  const { data, models } = JSON.parse((await list(path, key)).text) as Listed;
  return (data?.map(({ id }) => id) ?? models?.map(({ name }) => name) ?? []).toSorted();
}

const claudes = [
  ...["claude-haiku-4-5-20251001", "claude-haiku-5-5", "claude-opus-4-5-20251101", "claude-opus-5-5"],
  ...["claude-sonnet-4-5-20250929", "claude-sonnet-4-6"],
];

describe("GET /v1/models of Anthropic's language", () => {
  test("says of each model whose it is and what it costs, and of an alias what it stands for", async () => {
    await add("openai");
    const { secret: own } = await rig.addKey({ aliases: { "claude-via-gpt": "gpt-5-mini" } });
    const { data = [] } = JSON.parse((await list("/api/v1/models", own)).text) as Listed;
    const described = Object.fromEntries(data.map(({ id, description }) => [id, description]));
    expect(described).toMatchObject({
      "gpt-5-mini": "openai · $0.25 in, $2 out per million tokens",
      "claude-via-gpt": "gpt-5-mini · $0.25 in, $2 out per million tokens",
    });
    const codex = await ask(rig, own, "/openai/models", { method: "GET", query: "client_version=0.171.0" });
    const { models = [] } = JSON.parse(codex.text) as Listed;
    expect(models.find(({ slug }) => slug === "gpt-5-mini")?.description).toMatch(/^openai · \$0\.25 in/);
  });

  test("has the provider's own words, and of every account that messages reach", async () => {
    await add("anthropic");
    await add("openai", { aliases: { "gpt-fast": "gpt-5-mini" } });
    expect(await idsOf("/api/v1/models")).toEqual(
      [...claudes, "gpt-5-mini", "gpt-5.5", "gpt-5.5-codex", "gpt-fast", "gpt-image-1", "o4-mini"].toSorted(),
    );
    const { data = [] } = JSON.parse((await list("/api/v1/models")).text) as Listed;
    const providers = data.map(({ id }) => id.startsWith("claude-"));
    expect(providers).toEqual(providers.toSorted((one, other) => Number(other) - Number(one)));
    expect(data.find(({ id }) => id === "claude-opus-5-5")?.display_name).toBe("Claude Opus 5.5");
    expect(data.every(({ type }) => type === "model")).toBe(true);
  });

  test("has only what this key may use: its lists, permissions and bindings count", async () => {
    const own = await add("anthropic", { models: ["claude-opus-5-5", "claude-haiku-5-5"] });
    await add("anthropic", { models: ["claude-for-others"], isDedicated: true });
    await add("openai");
    const { secret: few } = await rig.addKey({ allowedModels: ["claude-*", "gpt-5.5"], blockedModels: ["*haiku*"] });
    expect(await idsOf("/api/v1/models", few)).toEqual(["claude-haiku-5-5", "claude-opus-5-5", "gpt-5.5"]);
    const { secret: blocked } = await rig.addKey({ blockedModels: ["claude-haiku-*", "gpt-*", "o4-mini"] });
    expect(await idsOf("/api/v1/models", blocked)).toEqual(["claude-opus-5-5"]);
    const { secret: bound } = await rig.addKey({ permissions: ["claude"], bindings: { claude: own.id } });
    expect(await idsOf("/api/v1/models", bound)).toEqual(["claude-haiku-5-5", "claude-opus-5-5"]);
  });

  test("has what the clouds list, by the names that calls give", async () => {
    const aws = { kind: "aws", accessKeyId: "AKIA", secretAccessKey: secretOf("AKIA") } as const;
    await add("bedrock", {}, aws);
    expect(await idsOf("/api/v1/models")).toEqual(["claude-sonnet-4-5-20250929"]);
    const key = { kind: "api-key", secret: serviceAccountKey(`${upstream.url}/token`) } as const;
    await add("vertex", {}, vertex.accept?.(key));
    rig.pass(5_000);
    expect(await idsOf("/api/v1/models")).toEqual(["claude-sonnet-4-5-20250929"]);
    expect(upstream.requests.filter(({ path }) => path.endsWith("/publishers/anthropic/models"))).toHaveLength(1);
  });

  test("has a sign-in's models for its provider's own tool, and for nobody else", async () => {
    await add("claude", {}, { kind: "oauth", accessToken: upstream.oauth.issue().accessToken });
    expect(await idsOf("/api/v1/models")).toEqual([]);
    const headers = {
      "user-agent": "claude-cli/2.1.330 (external, cli)",
      "x-app": "cli",
      "anthropic-beta": "claude-code-20250219",
    };
    const { text } = await ask(rig, secret, "/api/v1/models", { method: "GET", headers });
    expect((JSON.parse(text) as Listed).data?.map(({ id }) => id).toSorted()).toEqual(claudes);
    expect(upstream.requests.at(-1)?.headers["user-agent"]).toBe(headers["user-agent"]);
  });

  test("one that no list names is asked for at the provider; one that the key may not use does not exist", async () => {
    await add("anthropic");
    expect((await list("/api/v1/models/claude-opus-5-5")).answer.status).toBe(200);
    const { answer, text } = await list("/api/v1/models/claude-unlisted");
    expect([answer.status, text]).toEqual([404, expect.stringContaining("model: claude-unlisted")]);
    const { secret: blocked } = await rig.addKey({ blockedModels: ["claude-opus-*"] });
    expect((await list("/api/v1/models/claude-opus-5-5", blocked)).answer.status).toBe(404);
  });
});

describe("GET /v1beta/models of Gemini's language", () => {
  test("has the provider's own words, embedding models too, less what the key may not use", async () => {
    await add("gemini", { aliases: { "gemini-best": "gemini-2.5-pro" } });
    expect(await idsOf("/gemini/v1beta/models")).toEqual(
      ["gemini-2.5-flash", "gemini-2.5-pro", "gemini-best", "gemini-embedding-001"].map((id) => `models/${id}`),
    );
    const { secret: few } = await rig.addKey({ allowedModels: ["gemini-2.5-flash"] });
    expect(await idsOf("/gemini/v1beta/models", few)).toEqual(["models/gemini-2.5-flash"]);
    expect((await list("/gemini/v1beta/models/gemini-2.5-pro", few)).answer.status).toBe(404);
  });
});

describe("aliases of a key", () => {
  test("are exact names and prefixes, in every language, and say so", async () => {
    await add("anthropic");
    await add("openai");
    await add("gemini");
    const { secret: key } = await rig.addKey({
      aliases: {
        best: "claude-opus-5-5",
        "gpt-4*": "gpt-5.5",
        "claude-3*": "gemini-2.5-pro",
        small: "gemini-2.5-flash",
      },
    });
    const messages = [{ role: "user", content: "x" }];
    const asks = [
      ["/api/v1/messages", { model: "best", max_tokens: 9, messages }],
      ["/api/v1/messages", { model: "claude-3-opus-20240229", max_tokens: 9, messages }],
      ["/openai/v1/chat/completions", { model: "gpt-4o-mini", messages }],
      ["/openai/v1/responses", { model: "gpt-4.1", input: "x" }],
      ["/gemini/v1beta/models/small:generateContent", { contents: [{ parts: [{ text: "x" }] }] }],
    ] as const;
    for (const [path, body] of asks) {
      const { answer } = await ask(rig, key, path, { body });
      expect([path, answer.status]).toEqual([path, 200]);
      expect(answer.headers["x-relay-rules"]).toMatch(/^model \S+ -> \S+ \(alias of the key\)/);
    }
    expect(upstream.requests.map((asked) => `${asked.path} ${modelOf(asked)}`.trim())).toEqual([
      "/v1/messages claude-opus-5-5",
      "/v1beta/models/gemini-2.5-pro:generateContent",
      "/v1/chat/completions gpt-5.5",
      "/v1/responses gpt-5.5",
      "/v1beta/models/gemini-2.5-flash:generateContent",
    ]);
  });

  test("change one value and no other byte", async () => {
    await add("anthropic");
    const { secret: key } = await rig.addKey({ aliases: { a: "claude-opus-5-5" } });
    const body = Buffer.from('{ "max_tokens":9,\n"model" : "a", "messages":[{"role":"user","content":"h\\u00e9"}] }');
    await ask(rig, key, "/api/v1/messages", { body });
    expect(upstream.requests[0]?.body.toString("utf8")).toBe(body.toString("utf8").replace('"a"', '"claude-opus-5-5"'));
  });

  test("are judged by the model that is meant: lists, permissions, and the account's own aliases after them", async () => {
    await add("openai", { aliases: { "gpt-5.5": "gpt-5-mini" } });
    const body = { model: "mine", messages: [{ role: "user", content: "x" }] };
    const aliases = { mine: "gpt-5.5" };
    const { secret: allowed } = await rig.addKey({ aliases, allowedModels: ["gpt-5.5"], permissions: ["openai"] });
    const { secret: blocked } = await rig.addKey({ aliases, blockedModels: ["gpt-*"] });
    const { secret: other } = await rig.addKey({ aliases: { mine: "claude-opus-5-5" }, permissions: ["openai"] });
    const statusOf = async (key: string) =>
      (await ask(rig, key, "/openai/v1/chat/completions", { body })).answer.status;
    expect([await statusOf(allowed), await statusOf(blocked), await statusOf(other)]).toEqual([200, 403, 403]);
    expect(upstream.requests.map(modelOf)).toEqual(["gpt-5-mini"]);
  });

  test("are names in the list, where they lead to something that the key may use", async () => {
    await add("openai", { models: ["gpt-5.5"] });
    const { secret: key } = await rig.addKey({ aliases: { mine: "gpt-5.5", "gpt-4*": "gpt-5.5", lost: "nowhere" } });
    expect(await idsOf("/openai/v1/models", key)).toEqual(["gpt-5.5", "mine"]);
  });
});
