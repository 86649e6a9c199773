import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Desk, openDesk } from "../../../test/admin/desk.ts";
import { secretOf } from "../../../test/upstream/bedrock/sigv4.ts";
import { serviceAccountKey } from "../../../test/upstream/gemini/google-oauth.ts";
import { startUpstream, type Upstream } from "../../../test/upstream/upstream.ts";
import { undiciDispatch } from "../../runtimes/http-client/undici.ts";

let upstream: Upstream;
let desk: Desk;
const client = undiciDispatch();

beforeAll(async () => {
  upstream = await startUpstream();
  desk = await openDesk(client.dispatch);
});
afterAll(async () => {
  await desk.stop();
  await client.close();
  await upstream.stop();
});

const places = () => [
  {
    kind: "gemini",
    draft: { credential: { kind: "api-key", secret: "sk-sim" } },
    models: ["gemini-2.5-pro", "gemini-2.5-flash", "gemini-embedding-001"],
  },
  {
    kind: "code-assist",
    draft: {
      credential: { kind: "oauth", accessToken: "ended", refreshToken: "1//sim", expiresAt: 1 },
      settings: { tokenUrl: `${upstream.url}/token` },
    },
    models: ["gemini-2.5-pro"],
  },
  {
    kind: "bedrock",
    draft: {
      credential: { kind: "aws", accessKeyId: "AKIASIM", secretAccessKey: secretOf("AKIASIM") },
      settings: { region: "eu-west-1", inferenceProfile: "eu" },
    },
    models: ["claude-sonnet-4-5-20250929"],
  },
  {
    kind: "vertex",
    draft: {
      credential: { kind: "api-key", secret: serviceAccountKey(`${upstream.url}/token`) },
      settings: { region: "us-east5" },
    },
    models: ["claude-sonnet-4-5-20250929"],
  },
];

describe.each(["gemini", "code-assist", "bedrock", "vertex"])("an account of kind %s", (kind) => {
  test("is made, tells no secret, and its test button lists the provider's models", async () => {
    const place = places().find((each) => each.kind === kind);
    const body = { name: kind, kind, baseUrl: upstream.url, ...place?.draft };
    const made = await desk.admin("POST", "/admin/accounts", { body });
    expect([made.status, made.body.kind, made.body.hasCredential]).toEqual([201, kind, true]);
    expect(made.text).not.toMatch(/PRIVATE KEY|secret-of|1\/\/sim/);
    const told = await desk.admin("POST", `/admin/accounts/${made.body.id as string}/test`, { body: {} });
    expect(told.body).toMatchObject({ isOk: true, models: place?.models });
  });

  test("takes no setting that it would not read", async () => {
    const body = { name: kind, kind, settings: { nonsense: "x" } };
    const told = await desk.admin("POST", "/admin/accounts", { body });
    expect([told.status, told.text]).toEqual([400, expect.stringContaining("settings.nonsense")]);
  });
});

test.each([
  ["bedrock", { kind: "aws", accessKeyId: "AKIASIM" }, /bearerToken/],
  ["vertex", { kind: "api-key", secret: "no json" }, /credential\.secret/],
])("half a credential of %s is refused by name", async (kind, credential, words) => {
  const told = await desk.admin("POST", "/admin/accounts", { body: { name: kind, kind, credential } });
  expect([told.status, told.text]).toEqual([400, expect.stringMatching(words)]);
});

test("a Bedrock API key is enough", async () => {
  const credential = { kind: "aws", bearerToken: "bedrock-api-key" };
  const told = await desk.admin("POST", "/admin/accounts", { body: { name: "b", kind: "bedrock", credential } });
  expect([told.status, told.text.includes("bedrock-api-key")]).toEqual([201, false]);
});
