import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { call, type Rig, startRig } from "../../../../test/rig.ts";
import { serviceAccountKey } from "../../../../test/upstream/gemini/google-oauth.ts";
import { startUpstream, type Upstream } from "../../../../test/upstream/upstream.ts";
import { handle as countTokens } from "../../../endpoints/relay/count-tokens.ts";
import { handle as gemini } from "../../../endpoints/relay/gemini.ts";
import { handle as messages } from "../../../endpoints/relay/messages.ts";
import type { Account } from "../../../core/accounts/account.ts";
import { readPool } from "../../../core/accounts/pool.ts";
import { vertexId } from "../anthropic/claude-names.ts";
import { vertex } from "./vertex.ts";

let rig: Rig;
let upstream: Upstream;

beforeEach(async () => {
  upstream = await startUpstream();
  rig = await startRig();
});

afterEach(async () => {
  await rig.stop();
  await upstream.stop();
});

const keep = (secret: string) => vertex.accept?.({ kind: "api-key", secret }) ?? { kind: "api-key" as const, secret };
const addVertex = (change: Partial<Account> = {}) =>
  rig.addAccount(
    { kind: "vertex", baseUrl: upstream.url, settings: { region: "us-east5" }, ...change },
    keep(serviceAccountKey(`${upstream.url}/token`)),
  );
const ask = (secret: string, content = "hello", change: Record<string, unknown> = {}) => ({
  headers: { authorization: `Bearer ${secret}`, "anthropic-beta": "claude-code-20250219,context-1m-2025-08-07" },
  body: { model: "claude-sonnet-4-5", max_tokens: 99, stream: true, messages: [{ role: "user", content }], ...change },
});
const models = "/v1/projects/sim-cloud/locations/us-east5/publishers/anthropic/models";

describe("Claude by way of Vertex AI", () => {
  test("the model goes into the address, and the body is as it was but for that and the version", async () => {
    await addVertex();
    const { secret } = await rig.addKey();
    const body =
      '{ "model":"claude-sonnet-4-5", "max_tokens":9,"stream" : true,"messages":[{"role":"user","content":"h\\u00e9"}]}';
    const { text } = await call(messages, { ...ask(secret), body: Buffer.from(body) }, rig.env);
    expect(text).toContain("message_stop");
    const [, asked] = upstream.requests;
    expect(asked?.path).toBe(`${models}/claude-sonnet-4-5@20250929:streamRawPredict`);
    expect(asked?.body.toString()).toBe(
      '{"anthropic_version":"vertex-2023-10-16",  "max_tokens":9,"stream" : true,"messages":[{"role":"user","content":"h\\u00e9"}]}',
    );
    expect(asked?.headers["anthropic-beta"]).toBe("context-1m-2025-08-07");
    expect((await rig.events())[0]).toMatchObject({ outcome: "complete", model: "claude-sonnet-4-5" });
  });

  test("the service account's token is had once, kept, and renewed when it ends", async () => {
    await addVertex();
    const { secret } = await rig.addKey();
    await Promise.all([1, 2, 3].map(() => call(messages, ask(secret), rig.env)));
    await call(messages, ask(secret), rig.env);
    const tokens = () => upstream.requests.filter(({ path }) => path === "/token").length;
    expect(tokens()).toBe(1);
    rig.pass(3_600_000);
    await call(messages, ask(secret), rig.env);
    expect(tokens()).toBe(2);
  });

  test("a key that Google refuses stops the account", async () => {
    const key = JSON.parse(serviceAccountKey(`${upstream.url}/token`)) as Record<string, string>;
    const { privateKey } = await crypto.subtle.generateKey(
      { name: "RSASSA-PKCS1-v1_5", modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: "SHA-256" },
      true,
      ["sign", "verify"],
    );
    const other = Buffer.from(await crypto.subtle.exportKey("pkcs8", privateKey)).toString("base64");
    const pem = `-----BEGIN PRIVATE KEY-----\n${other}\n-----END PRIVATE KEY-----\n`;
    const account = await rig.addAccount(
      { kind: "vertex", baseUrl: upstream.url },
      keep(JSON.stringify({ ...key, private_key: pem })),
    );
    const { secret } = await rig.addKey();
    expect((await call(messages, ask(secret), rig.env)).answer.status).toBe(502);
    expect((await readPool(rig.env)).accountById.get(account.id)?.stoppedBecause).toMatch(/Invalid JWT Signature/);
  });

  test("Google's errors are said as Anthropic's API says errors, and are another account's turn", async () => {
    await addVertex({ priority: 1 });
    const { secret } = await rig.addKey();
    upstream.behave("429");
    const { answer, text } = await call(messages, ask(secret), rig.env);
    expect([answer.status, JSON.parse(text)]).toMatchObject([
      429,
      {
        type: "error",
        error: { type: "rate_limit_error", message: expect.stringMatching(/Quota exceeded/) as string },
      },
    ]);
  });

  test("counts tokens, the model in the body", async () => {
    await addVertex();
    const { secret } = await rig.addKey();
    const asked = { ...ask(secret, "hello", { stream: undefined }), path: "/v1/messages/count_tokens" };
    const { answer, text } = await call(countTokens, asked, rig.env);
    expect([answer.status, JSON.parse(text)]).toEqual([200, { input_tokens: expect.any(Number) as number }]);
    expect(upstream.requests.at(-1)?.path).toBe(`${models}/count-tokens:rawPredict`);
    expect(JSON.parse(upstream.requests.at(-1)?.body.toString() ?? "")).toMatchObject({
      model: "claude-sonnet-4-5@20250929",
    });
  });

  test("takes the JSON of a service account's key and nothing else", () => {
    expect(() => keep("not json")).toThrow(/credential\.secret/);
    expect(() => keep('{"type":"authorized_user"}')).toThrow(/service account/);
    expect(keep(serviceAccountKey("http://x/token"))).toMatchObject({
      kind: "oauth",
      expiresAt: 0,
      extra: { project: "sim-cloud" },
    });
  });
});

describe("Gemini by way of Vertex AI", () => {
  const asked = (secret: string) => ({
    path: "/gemini/v1beta/models/gemini-2.5-pro:streamGenerateContent",
    query: "alt=sse",
    headers: { "x-goog-api-key": secret },
    body: { contents: [{ role: "user", parts: [{ text: "[[sim:in=5,out=5]]" }] }] },
  });

  test("is the same account in the other language, the body untouched", async () => {
    await addVertex();
    const { secret } = await rig.addKey();
    const { answer } = await call(gemini, asked(secret), rig.env);
    expect(answer.status).toBe(200);
    const sent = upstream.requests.at(-1);
    expect(sent?.path).toBe(
      "/v1beta1/projects/sim-cloud/locations/us-east5/publishers/google/models/gemini-2.5-pro:streamGenerateContent",
    );
    expect(sent?.body.toString()).toBe(JSON.stringify(asked(secret).body));
    expect((await rig.events())[0]).toMatchObject({ outcome: "complete", usage: { inputTokens: 5, outputTokens: 5 } });
  });

  test("what Vertex AI does not have is another account's turn", async () => {
    await addVertex({ priority: 1 });
    await rig.addAccount({ kind: "gemini", baseUrl: upstream.url, priority: 2 });
    const { secret } = await rig.addKey();
    const path = "/v1beta/models/gemini-embedding-001:batchEmbedContents";
    const { answer, text } = await call(
      gemini,
      { ...asked(secret), path, query: "", body: { requests: [{}, {}] } },
      rig.env,
    );
    expect([answer.status, JSON.parse(text)]).toMatchObject([200, { embeddings: [{}, {}] }]);
  });
});

test.each([
  ["global", "https://aiplatform.googleapis.com"],
  ["eu", "https://aiplatform.eu.rep.googleapis.com"],
  ["us-east5", "https://us-east5-aiplatform.googleapis.com"],
])("the location %s is at %s", (region, host) => {
  const account = { settings: { region }, baseUrl: undefined } as unknown as Account;
  expect(vertex.address(account, { target: "/x" } as never)).toBe(`${host}/x`);
});

test("model names", () => {
  expect(
    ["claude-opus-4-1", "claude-3-5-sonnet-20241022", "claude-opus-4-6", "claude-opus-4-1@20250805"].map(vertexId),
  ).toEqual([
    "claude-opus-4-1@20250805",
    "claude-3-5-sonnet-v2@20241022",
    "claude-opus-4-6",
    "claude-opus-4-1@20250805",
  ]);
});
