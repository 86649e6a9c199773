import { zstdCompressSync } from "node:zlib";
import OpenAI from "openai";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ask, codexHeaders, sdk } from "../../../test/openai.ts";
import { type Rig, startRig } from "../../../test/rig.ts";
import { chatgptAccountId } from "../../../test/upstream/openai/oauth.ts";
import { startUpstream, type Upstream } from "../../../test/upstream/upstream.ts";
import type { Account, Credential } from "../../core/accounts/account.ts";
import { readPool } from "../../core/accounts/pool.ts";

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

const key = (name: string): Credential => ({ kind: "api-key", secret: name });
const addOpenai = (change: Partial<Account> = {}, name = "sk-sim-ok") =>
  rig.addAccount({ kind: "openai", baseUrl: upstream.url, ...change }, key(name));

/** An account signed in at the simulated ChatGPT. */
function addChatgpt(behaviour = "", change: Partial<Account> = {}, expiresInSeconds = 3_600) {
  const { accessToken, refreshToken } = upstream.chatgpt.issue({ behaviour, expiresInSeconds });
  const settings = { tokenUrl: `${upstream.url}/oauth/token` };
  return rig.addAccount(
    { kind: "chatgpt", baseUrl: `${upstream.url}/backend-api/codex`, settings, ...change },
    {
      kind: "oauth",
      accessToken,
      refreshToken,
      expiresAt: rig.env.now() + expiresInSeconds * 1000,
      extra: { accountId: chatgptAccountId },
    },
  );
}

const body = (prompt: string, change: Record<string, unknown> = {}) => ({
  model: "gpt-5.5",
  stream: true,
  instructions: "Be brief.",
  input: [{ type: "message", role: "user", content: [{ type: "input_text", text: prompt }] }],
  prompt_cache_key: "0199a213-0000-7000-8000-000000000001",
  store: false,
  ...change,
});

describe("a relayed response", () => {
  const paths = ["/openai/responses", "/openai/v1/responses", "/responses", "/v1/responses"];

  test.each(paths)("goes up and comes down byte for byte at %s", async (path) => {
    await addOpenai();
    const odd = Buffer.from(
      '{ "unknown":[1],\n "model" :"gpt-5.5","stream": true, "input":[{"role":"developer","content":"x"},{"role":"user","content":"h\\u00e9😀"}]}',
    );
    const { answer, text } = await ask(rig, secret, path, { body: odd, headers: codexHeaders });
    expect(answer.status).toBe(200);
    const [received] = upstream.requests;
    expect(received?.path).toBe("/v1/responses");
    expect(Buffer.compare(received?.body ?? Buffer.alloc(0), odd)).toBe(0);
    expect(JSON.stringify(received?.headers)).not.toContain(secret);
    expect(Buffer.concat(received?.sent ?? []).toString("utf8")).toBe(text);
    expect(text).toMatch(/event: response\.completed/);
  });

  test("leaves the figures of its last event, with the cached tokens apart", async () => {
    const account = await addOpenai();
    await ask(rig, secret, "/openai/responses", {
      body: body("[[sim:in=100,read=2000,out=50,reasoning=30,tier=priority]]"),
      headers: codexHeaders,
    });
    expect(await rig.events()).toMatchObject([
      {
        account: account.id,
        dialect: "openai-responses",
        client: "codex",
        outcome: "complete",
        session: "0199a213-0000-7000-8000-000000000001",
        usage: {
          inputTokens: 100,
          cacheReadTokens: 2000,
          outputTokens: 50,
          reasoningTokens: 30,
          serviceTier: "priority",
        },
      },
    ]);
  });

  test("an answer cut by its length is complete, a failed one is not", async () => {
    await addOpenai();
    await ask(rig, secret, "/openai/responses", { body: body("[[sim:stop=max_output_tokens,out=9]]") });
    await ask(rig, secret, "/openai/responses", { body: body("[[sim:failed=server_is_overloaded]]") });
    const events = await rig.events();
    expect(events.map(({ outcome }) => outcome)).toEqual(["complete", "failed"]);
    expect(events[0]?.usage.outputTokens).toBe(9);
  });

  test("is known by its session wherever the client names it", async () => {
    await addOpenai();
    const named: [Record<string, unknown>, Record<string, string>][] = [
      [{ prompt_cache_key: "one" }, { "session-id": "two" }],
      [{ prompt_cache_key: undefined }, { "session-id": "two" }],
      [{ prompt_cache_key: undefined }, { session_id: "three" }],
      [{ prompt_cache_key: undefined }, { "thread-id": "four" }],
      [{ prompt_cache_key: undefined }, { conversation_id: "five" }],
    ];
    for (const [change, headers] of named)
      await ask(rig, secret, "/openai/responses", { body: body("x", change), headers });
    expect((await rig.events()).map(({ session }) => session)).toEqual(["one", "two", "three", "four", "five"]);
  });

  test("without a name it is known by its beginning, which later turns share", async () => {
    await addOpenai();
    const system = { type: "message", role: "developer", content: "shared" };
    const first = { type: "message", role: "user", content: "one" };
    const answer = { type: "message", role: "assistant", content: "two" };
    const other = { ...first, content: "another" };
    const inputs = [
      [first],
      [first, answer, other],
      [other],
      [system, first],
      [system, first, answer],
      [system, other],
    ];
    for (const input of inputs)
      await ask(rig, secret, "/openai/responses", { body: body("", { input, prompt_cache_key: undefined }) });
    const [one, oneLater, another, shared, sharedLater, sharedOther] = (await rig.events()).map(
      ({ session }) => session,
    );
    expect([oneLater, sharedLater]).toEqual([one, shared]);
    expect(new Set([one, another, shared, sharedOther]).size).toBe(4);
  });

  test("compaction goes to its own address and is charged", async () => {
    await addOpenai();
    const { text } = await ask(rig, secret, "/openai/responses/compact", {
      body: body("[[sim:in=700,out=40]]", { stream: undefined }),
    });
    expect(upstream.requests[0]?.path).toBe("/v1/responses/compact");
    expect(JSON.parse(text)).toMatchObject({ object: "response.compaction" });
    expect(await rig.events()).toMatchObject([{ operation: "compact", usage: { inputTokens: 700, outputTokens: 40 } }]);
  });

  test("a compressed body goes unpacked to vendors, which do not read what only ChatGPT reads", async () => {
    await addOpenai({ aliases: { "gpt-5.5": "vendor/model" } });
    const headers = { ...codexHeaders, "content-encoding": "zstd" };
    const sent = zstdCompressSync(Buffer.from(JSON.stringify(body("x"))));
    const { answer } = await ask(rig, secret, "/openai/responses", { body: sent, headers });
    expect(answer.status).toBe(200);
    const [received] = upstream.requests;
    expect(received?.headers["content-encoding"]).toBeUndefined();
    expect(JSON.parse(received?.body.toString("utf8") ?? "")).toEqual(body("x", { model: "vendor/model" }));
    expect((await rig.events())[0]?.rules?.join()).toMatch(/unpacked.*model gpt-5.5 → vendor\/model/);
  });
});

describe("refusals", () => {
  test("parse as the official SDK's errors", async () => {
    const wrong = await sdk(rig, "cr_wrong")
      .responses.create({ model: "gpt-5.5", input: "x" })
      .catch((error: unknown) => error);
    expect(wrong).toBeInstanceOf(OpenAI.AuthenticationError);
    expect(wrong).toMatchObject({ status: 401, code: "invalid_api_key", type: "invalid_request_error" });
    const limited = await rig.addKey({ allowedModels: ["gpt-4*"] });
    const forbidden = await sdk(rig, limited.secret)
      .responses.create({ model: "gpt-5.5", input: "x" })
      .catch((error: unknown) => error);
    expect(forbidden).toBeInstanceOf(OpenAI.PermissionDeniedError);
    const none = await sdk(rig, secret)
      .responses.create({ model: "gpt-5.5", input: "x" })
      .catch((error: unknown) => error);
    expect(none).toMatchObject({ status: 503 });
  });

  test("what is missing or not served is named, as a 400", async () => {
    for (const [change, message] of [
      [{ model: undefined }, /'model'/],
      [{ background: true }, /'background'/],
    ] as const) {
      const { answer, text } = await ask(rig, secret, "/openai/responses", { body: body("x", change) });
      expect(answer.status).toBe(400);
      expect(JSON.parse(text)).toMatchObject({ error: { type: "invalid_request_error" } });
      expect(text).toMatch(message);
    }
    const { answer } = await ask(rig, secret, "/openai/responses", { body: Buffer.from("{") });
    expect(answer.status).toBe(400);
  });

  test("a permission is by what is asked for, never by the path", async () => {
    await addOpenai();
    const claudeOnly = await rig.addKey({ permissions: ["claude"] });
    for (const path of ["/openai/responses", "/v1/responses"])
      expect((await ask(rig, claudeOnly.secret, path, { body: body("x") })).answer.status).toBe(403);
  });

  test("a spent limit tells Codex when it resets, without a retry-after that it would sleep through", async () => {
    await addOpenai();
    const poor = await rig.addKey({ dailyCostNanos: 1 });
    await ask(rig, poor.secret, "/openai/responses", { body: body("x") });
    const { answer, text } = await ask(rig, poor.secret, "/openai/responses", {
      body: body("x"),
      headers: codexHeaders,
    });
    expect([answer.status, answer.headers["retry-after"], answer.headers["x-should-retry"]]).toEqual([
      429,
      undefined,
      "false",
    ]);
    const { error } = JSON.parse(text) as { error: { type: string; resets_at: number } };
    expect(error.type).toBe("usage_limit_reached");
    expect(error.resets_at).toBeGreaterThan(Date.now() / 1000);
    const other = await ask(rig, poor.secret, "/openai/responses", { body: body("x") });
    expect(JSON.parse(other.text)).toMatchObject({ error: { type: "insufficient_quota" } });
    expect(other.answer.headers["x-should-retry"]).toBe("false");
    expect(Number(other.answer.headers["retry-after"])).toBeGreaterThan(0);
  });

  test("and answers tell what remains of a key's window in the official headers", async () => {
    await addOpenai();
    const change = { windowMinutes: 1_440, windowRequests: 2, windowTokens: 1e6 };
    const windowed = await rig.addKey(change);
    const told = [];
    for (let turn = 0; turn < 3; turn += 1) {
      const { answer } = await ask(rig, windowed.secret, "/openai/responses", { body: body("x") });
      const { headers } = answer;
      told.push([answer.status, headers["x-ratelimit-limit-requests"], headers["x-ratelimit-remaining-requests"]]);
      expect(headers["x-ratelimit-reset-requests"]).toMatch(/^((\d+h)?\d+m)?\d+s$/);
      expect(headers["x-ratelimit-limit-tokens"]).toBe("1000000");
    }
    expect(told).toEqual([
      [200, "2", "1"],
      [200, "2", "0"],
      [429, "2", "0"],
    ]);
  });

  test("Codex is told 404 where no account is set up, since it repeats a 5xx thirty times", async () => {
    const { answer, text } = await ask(rig, secret, "/openai/responses", { body: body("x"), headers: codexHeaders });
    expect([answer.status, JSON.parse(text)]).toMatchObject([404, { error: { code: "model_not_found" } }]);
  });

  test("an attempt at WebSocket is sent back to POST with 426", async () => {
    const headers = { ...codexHeaders, upgrade: "websocket", connection: "Upgrade" };
    const { answer, text } = await ask(rig, secret, "/openai/responses", { method: "GET", headers });
    expect(answer.status).toBe(426);
    expect(answer.headers).toMatchObject({ upgrade: "websocket", connection: "upgrade" });
    expect(text).toMatch(/POST/);
    expect((await ask(rig, secret, "/openai/responses", { method: "GET" })).answer.status).toBe(405);
  });
});

describe("streams that break", () => {
  test.each(["cut=5", "end=3", "end"])("%s ends with an error event, and the SDK throws", async (fault) => {
    await addOpenai();
    const { text } = await ask(rig, secret, "/openai/responses", { body: body(`[[sim:${fault}]]`) });
    expect(text.trimEnd().split("\n\n").at(-1)).toMatch(/^event: error\ndata: \{"type":"error"/);
    const read = async () => {
      const stream = await sdk(rig, secret).responses.create({
        model: "gpt-5.5",
        input: `[[sim:${fault}]]`,
        stream: true,
      });
      for await (const event of stream) void event;
    };
    await expect(read()).rejects.toThrow(OpenAI.APIError);
    expect((await rig.events()).map(({ outcome }) => outcome)).toEqual(["broken", "broken"]);
  });
});

describe("failover", () => {
  const faults = ["429", "429-bare", "429-quota", "500", "502", "503", "401", "402", "403", "404", "reset", "empty"];

  test.each([...faults, "error-first=server_is_overloaded"])(
    "from an account that answers %s to the next one",
    async (fault) => {
      await addOpenai({ priority: 1 }, `sk-sim-${fault}`);
      const good = await addOpenai({ priority: 2 });
      const { answer, text } = await ask(rig, secret, "/openai/responses", { body: body("x") });
      expect([answer.status, /response\.completed/.test(text)]).toEqual([200, true]);
      expect((await rig.events())[0]?.account).toBe(good.id);
    },
  );

  test.each(["400", "400-long", "413"])(
    "not where the client is at fault: %s passes in the provider's words",
    async (fault) => {
      await addOpenai({ priority: 1 }, `sk-sim-${fault}`);
      await addOpenai({ priority: 2 });
      const { answer, text } = await ask(rig, secret, "/openai/responses", { body: body("x") });
      expect(answer.status).toBe(Number(fault.slice(0, 3)));
      expect(JSON.parse(text)).toHaveProperty("error.message");
      expect(upstream.requests).toHaveLength(1);
    },
  );

  test("a limit per model rests the model's family until the named reset; an empty purse rests the account", async () => {
    const limited = await addOpenai({ priority: 1 }, "sk-sim-429+retry-after=120");
    const empty = await addOpenai({ priority: 2 }, "sk-sim-429-quota");
    await addOpenai({ priority: 3 });
    // Of one call at most one account rests, and a conversation stays where it is.
    for (const words of ["x", "y"]) {
      await ask(rig, secret, "/openai/responses", { body: body(words, { prompt_cache_key: words }) });
      rig.pass(5_000);
    }
    const { cooldowns } = await readPool(rig.env);
    expect([...cooldowns.keys()].toSorted()).toEqual([`${limited.id}/family:gpt`, `${empty.id}/account`].toSorted());
    expect((cooldowns.get(`${limited.id}/family:gpt`)?.untilAt ?? 0) - rig.env.now()).toBeGreaterThan(100_000);
  });
});

describe("a ChatGPT sign-in", () => {
  test("serves Codex unchanged, with the account's own id, its turn state and its windows", async () => {
    await addChatgpt();
    const headers = { ...codexHeaders, "x-codex-turn-state": "ts_before", "chatgpt-account-id": "the-client's" };
    const sent = Buffer.from(JSON.stringify(body("x")));
    const { answer } = await ask(rig, secret, "/openai/responses", { body: sent, headers });
    expect(answer.status).toBe(200);
    const [received] = upstream.requests;
    expect(received?.path).toBe("/backend-api/codex/responses");
    expect(received?.headers).toMatchObject({
      ...codexHeaders,
      "chatgpt-account-id": chatgptAccountId,
      "x-codex-turn-state": "ts_before",
    });
    expect(Buffer.compare(received?.body ?? Buffer.alloc(0), sent)).toBe(0);
    expect(answer.headers).toMatchObject({
      "x-codex-turn-state": "ts_simulated",
      "x-codex-primary-used-percent": "37",
      "x-codex-secondary-window-minutes": "10080",
    });
    expect(answer.headers["openai-organization"]).toBeUndefined();
    expect(answer.headers["set-cookie"]).toBeUndefined();
  });

  test("passes Codex's zstd bodies as they are", async () => {
    await addChatgpt();
    const sent = zstdCompressSync(Buffer.from(JSON.stringify(body("x"))));
    const headers = { ...codexHeaders, "content-encoding": "zstd" };
    await ask(rig, secret, "/openai/responses", { body: sent, headers });
    expect(Buffer.compare(upstream.requests[0]?.body ?? Buffer.alloc(0), sent)).toBe(0);
    expect(upstream.requests[0]?.headers["content-encoding"]).toBe("zstd");
  });

  const strangers: Record<string, string>[] = [
    { "user-agent": "OpenAI/JS 7.57.0" },
    { originator: "codex_exec", "user-agent": "OpenAI/JS 7.57.0" },
    { "user-agent": codexHeaders["user-agent"] },
    { originator: "my_tool", "user-agent": "my_tool/1.0" },
  ];

  test.each(strangers)("serves nobody else: %o", async (headers) => {
    await addChatgpt();
    const { answer, text } = await ask(rig, secret, "/openai/responses", { body: body("x"), headers });
    expect(answer.status).toBe(503);
    expect(text).toMatch(/sign-in accounts/);
    expect(upstream.requests).toEqual([]);
  });

  test("rests until the instant that a spent window names, and Codex goes to the next account", async () => {
    const spent = await addChatgpt("429-usage", { priority: 1 });
    const next = await addOpenai({ priority: 2 });
    const { answer } = await ask(rig, secret, "/openai/responses", { body: body("x"), headers: codexHeaders });
    expect(answer.status).toBe(200);
    expect((await rig.events())[0]?.account).toBe(next.id);
    const { untilAt } = (await readPool(rig.env)).cooldowns.get(`${spent.id}/account`) ?? { untilAt: 0 };
    expect(Math.abs(untilAt - rig.env.now() - 9_000_000)).toBeLessThan(10_000);
  });

  test("alone and spent, it shows Codex ChatGPT's own words", async () => {
    await addChatgpt("429-usage");
    const { answer, text } = await ask(rig, secret, "/openai/responses", { body: body("x"), headers: codexHeaders });
    expect([answer.status, JSON.parse(text)]).toMatchObject([
      429,
      { error: { type: "usage_limit_reached", plan_type: "plus" } },
    ]);
    rig.pass(5_000);
    const again = await ask(rig, secret, "/openai/responses", { body: body("x"), headers: codexHeaders });
    expect([again.answer.status, JSON.parse(again.text)]).toMatchObject([
      429,
      { error: { type: "usage_limit_reached" } },
    ]);
    expect(upstream.requests).toHaveLength(1);
  });

  test("a token that has ended is renewed with a form and the rotated one kept, the account id too", async () => {
    const account = await addChatgpt("", {}, 1);
    const { answer } = await ask(rig, secret, "/openai/responses", { body: body("x"), headers: codexHeaders });
    expect(answer.status).toBe(200);
    const [refresh, call] = upstream.requests;
    expect(Object.fromEntries(new URLSearchParams(refresh?.body.toString("utf8")))).toMatchObject({
      grant_type: "refresh_token",
      scope: "openid profile email",
    });
    expect(call?.headers["chatgpt-account-id"]).toBe(chatgptAccountId);
    expect((await readPool(rig.env)).accountById.get(account.id)?.credentialExpiresAt).toBeGreaterThan(rig.env.now());
  });

  test("a refused refresh stops the account", async () => {
    const settings = { tokenUrl: `${upstream.url}/oauth/token` };
    const spent = { kind: "oauth", accessToken: "old", refreshToken: "rt_spent", expiresAt: 1 } as const;
    const account = await rig.addAccount(
      { kind: "chatgpt", baseUrl: `${upstream.url}/backend-api/codex`, settings },
      spent,
    );
    await ask(rig, secret, "/openai/responses", { body: body("x"), headers: codexHeaders });
    expect((await readPool(rig.env)).accountById.get(account.id)?.stoppedBecause).toMatch(/refresh_token_reused/);
  });
});

describe("the official SDK", () => {
  test("reads a stream with a tool call in its helper's strictest mode", async () => {
    await addOpenai();
    const stream = sdk(rig, secret).responses.stream({
      model: "gpt-5.5",
      input: '[[sim:tool=get_weather {"city":"Zürich"}]]',
      tools: [{ type: "function", name: "get_weather", parameters: { type: "object" }, strict: false }],
    });
    const response = await stream.finalResponse();
    const call = response.output.find((item) => item.type === "function_call");
    expect(JSON.parse(call?.arguments ?? "")).toEqual({ city: "Zürich" });
    expect(response.usage?.input_tokens).toBeGreaterThan(0);
  });

  test("reads a whole answer", async () => {
    await addOpenai();
    const response = await sdk(rig, secret).responses.create({ model: "gpt-5.5", input: "[[sim:say=Grüße 🙂]]" });
    expect(response.output_text).toBe("Grüße 🙂");
    expect((await rig.events())[0]?.usage.inputTokens).toBe(response.usage?.input_tokens);
  });
});
