import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { call, type Rig, startRig } from "../../../../test/rig.ts";
import { startUpstream, type Upstream } from "../../../../test/upstream/upstream.ts";
import { handle as codeAssist } from "../../../endpoints/relay/code-assist.ts";
import type { Account, Credential } from "../../../core/accounts/account.ts";
import { openCredential } from "../../../core/accounts/credential.ts";
import { readPool } from "../../../core/accounts/pool.ts";
import { codeAssist as place } from "../../upstreams/google/code-assist.ts";

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

const cli = "GeminiCLI-tui/0.61.0/gemini-2.5-pro (linux; x64; terminal) google-api-nodejs-client/10.9.0";
const oauth = (change: Partial<Extract<Credential, { kind: "oauth" }>> = {}): Credential => ({
  ...{
    kind: "oauth",
    accessToken: "ya29-sim-ok",
    expiresAt: Date.now() + 3_600_000,
    extra: { project: "sim-project" },
  },
  ...change,
});
const addAccount = (change: Partial<Account> = {}, credential = oauth()) =>
  rig.addAccount(
    { kind: "code-assist", baseUrl: upstream.url, settings: { tokenUrl: `${upstream.url}/token` }, ...change },
    credential,
  );
const ask = (secret: string, change: Record<string, unknown> = {}, prompt = "hello") => ({
  path: "/gemini/v1internal:streamGenerateContent",
  query: "alt=sse",
  headers: { authorization: `Bearer ${secret}`, "user-agent": cli },
  body: {
    model: "gemini-2.5-pro",
    project: "somebody-else",
    user_prompt_id: "p1",
    request: { contents: [{ role: "user", parts: [{ text: prompt }] }], session_id: "session-1" },
    ...change,
  },
});

describe("Code Assist", () => {
  test("passes Gemini CLI's request up with nothing changed but the project, and the answer down as it is", async () => {
    await addAccount();
    const { secret } = await rig.addKey();
    const odd =
      '{ "model" :"gemini-2.5-pro",\n "project": "somebody-else" , "request":{"contents":[{"parts":[{"text":"h\\u00e9 \\"project\\": 1"}]}]}}';
    const { answer, text } = await call(codeAssist, { ...ask(secret), body: Buffer.from(odd) }, rig.env);
    expect(answer.status).toBe(200);
    const [received] = upstream.requests;
    expect(received?.body.toString()).toBe(odd.replace('"somebody-else"', '"sim-project"'));
    expect(Buffer.concat(received?.sent ?? []).toString("utf8")).toBe(text);
    expect(received?.path).toBe("/v1internal:streamGenerateContent");
    expect((await rig.events())[0]?.rules).toEqual(["project → the account's own project"]);
  });

  test("reads usage inside the envelope, and keeps a session at one account", async () => {
    for (let each = 0; each < 4; each++) await addAccount();
    const { secret } = await rig.addKey();
    for (let turn = 0; turn < 3; turn++)
      await call(codeAssist, ask(secret, {}, `turn ${turn} [[sim:in=50,read=30,out=20,thoughts=5]]`), rig.env);
    const events = await rig.events();
    expect(new Set(events.map((event) => event.account)).size).toBe(1);
    expect(events[0]).toMatchObject({
      session: "session-1",
      client: "gemini-cli",
      outcome: "complete",
      usage: { inputTokens: 50, cacheReadTokens: 30, outputTokens: 25, reasoningTokens: 5 },
    });
  });

  test.each(["google-genai-sdk/3.1.0 gl-node/v22", "curl/8.5", "Mozilla GeminiCLI/1.0", ""])(
    "serves no other client: %s",
    async (agent) => {
      await addAccount();
      const { secret } = await rig.addKey();
      const asked = ask(secret);
      const headers = { ...asked.headers, "user-agent": agent };
      const { answer, text } = await call(codeAssist, { ...asked, headers }, rig.env);
      expect([answer.status, text]).toEqual([503, expect.stringContaining("sign-in accounts")]);
      expect(upstream.requests).toHaveLength(0);
    },
  );

  test("knows Gemini CLI 0.11, which signs in by the name of Google's library and asks by Node's version", async () => {
    await addAccount();
    const { secret } = await rig.addKey();
    const library = "google-api-nodejs-client/9.15.1";
    const statusOf = async (change: object, agent: string) => {
      const asked = { ...ask(secret), ...change };
      const headers = { ...asked.headers, "user-agent": agent };
      return (await call(codeAssist, { ...asked, headers }, rig.env)).answer.status;
    };
    const signIn = { path: "/v1internal:loadCodeAssist", query: "", body: { metadata: { pluginType: "GEMINI" } } };
    expect(await statusOf(signIn, library)).toBe(200);
    expect(await statusOf({}, `GeminiCLI/v24.21.0 (linux; x64) ${library}`)).toBe(200);
    expect(await statusOf({}, library)).toBe(503);
  });

  test.each(["loadCodeAssist", "retrieveUserQuota", "listExperiments", "fetchAdminControls", "countTokens"])(
    "passes %s without a limit or an entry in the log",
    async (method) => {
      await addAccount();
      const { secret } = await rig.addKey({ windowMinutes: 60, windowRequests: 1 });
      const body = { project: "somebody-else", metadata: { ideType: "IDE_UNSPECIFIED" } };
      for (let turn = 0; turn < 2; turn++) {
        const asked = { ...ask(secret), path: `/v1internal:${method}`, query: "", body };
        expect((await call(codeAssist, asked, rig.env)).answer.status).toBe(200);
      }
      expect(upstream.requests[0]?.body.toString()).toBe(JSON.stringify({ ...body, project: "sim-project" }));
      expect(await rig.events()).toEqual([]);
    },
  );

  test("a spent quota rests the account's family until Google's own instant; the next account answers", async () => {
    const spent = await addAccount({ priority: 1 }, oauth({ accessToken: "ya29-sim-429-exhausted" }));
    const good = await addAccount({ priority: 2 });
    const { secret } = await rig.addKey();
    expect((await call(codeAssist, ask(secret), rig.env)).answer.status).toBe(200);
    expect((await rig.events())[0]?.account).toBe(good.id);
    const rest = (await readPool(rig.env)).cooldowns.get(`${spent.id}/family:gemini-pro`);
    expect(Math.round(((rest?.untilAt ?? 0) - Date.now()) / 3_600_000)).toBe(3);
  });

  test("a model must be named for what costs tokens", async () => {
    await addAccount();
    const { secret } = await rig.addKey();
    const { answer, text } = await call(codeAssist, ask(secret, { model: undefined }), rig.env);
    expect([answer.status, JSON.parse(text)]).toMatchObject([400, { error: { status: "INVALID_ARGUMENT" } }]);
  });
});

describe("the sign-in of Code Assist", () => {
  const credentialOf = async (id: string) => {
    const account = (await readPool(rig.env)).accountById.get(id);
    return account && openCredential(account, rig.env);
  };

  test("an ended token is renewed before it is used, and the project that was not known is had and kept", async () => {
    const account = await addAccount({}, { kind: "oauth", accessToken: "old", refreshToken: "1//r", expiresAt: 1 });
    const { secret } = await rig.addKey();
    expect((await call(codeAssist, ask(secret), rig.env)).answer.status).toBe(200);
    expect(await credentialOf(account.id)).toMatchObject({ refreshToken: "1//r", extra: { project: "sim-project" } });
    expect(upstream.requests.map(({ path }) => path)).toEqual([
      "/token",
      "/v1internal:loadCodeAssist",
      "/v1internal:streamGenerateContent",
    ]);
  });

  test("a refused token is renewed once; a refused refresh token stops the account", async () => {
    const account = await addAccount({}, oauth({ accessToken: "ya29-sim-401", refreshToken: "1//revoked" }));
    const { secret } = await rig.addKey();
    expect((await call(codeAssist, ask(secret), rig.env)).answer.status).toBe(502);
    expect((await readPool(rig.env)).accountById.get(account.id)?.stoppedBecause).toMatch(/revoked/);
  });

  const known = (change = {}) => ({ settings: {}, baseUrl: upstream.url, proxy: undefined, ...change });

  test("finds the project of a fresh sign-in, unless the operator names one", async () => {
    const fresh = oauth({ extra: {} });
    expect(await place.complete?.(fresh, known(), rig.env)).toMatchObject({ extra: { project: "sim-project" } });
    expect(await place.complete?.(fresh, known({ settings: { project: "mine" } }), rig.env)).toBe(fresh);
  });

  test("a sign-in survives that the project cannot be had: it is tried again at the first use", async () => {
    const credential = await place.complete?.(oauth({ extra: {} }), known({ baseUrl: "http://127.0.0.1:1" }), rig.env);
    expect(credential).toMatchObject({ accessToken: "ya29-sim-ok" });
    expect(credential?.kind === "oauth" && (credential.expiresAt ?? Infinity)).toBeLessThanOrEqual(Date.now());
  });

  test("onboards a person who has no project yet", async () => {
    const credential = oauth({ accessToken: "ya29-onboard", extra: {} });
    expect(await place.complete?.(credential, known(), rig.env)).toMatchObject({ extra: { project: "sim-project" } });
    expect(upstream.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
      "POST /v1internal:loadCodeAssist",
      "POST /v1internal:onboardUser",
      "GET /v1internal/operations/sim-onboarding",
    ]);
  }, 15_000);
});
