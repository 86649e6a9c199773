import OpenAI from "openai";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ask, sdk } from "../../../test/openai.ts";
import { type Rig, startRig } from "../../../test/rig.ts";
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

const path = "/openai/v1/chat/completions";
const body = (prompt: string, change: Record<string, unknown> = {}) => ({
  model: "gpt-5.5",
  stream: true,
  messages: [{ role: "user", content: prompt }],
  ...change,
});

describe("a relayed completion", () => {
  const paths = [
    "/openai/v1/chat/completions",
    "/v1/chat/completions",
    "/api/v1/chat/completions",
    "/openai/claude/v1/chat/completions",
    "/openai/gemini/v1/chat/completions",
  ];

  test.each(paths)("goes up and comes down byte for byte at %s when the client asks for usage itself", async (at) => {
    await addOpenai();
    const odd = Buffer.from(
      '{"stream_options":{"include_usage": true},"model":"gpt-5.5" ,"stream":true,"messages":[{"role":"user","content":"h\\u00e9😀"}]}',
    );
    const { answer, text } = await ask(rig, secret, at, { body: odd });
    expect(answer.status).toBe(200);
    const [received] = upstream.requests;
    expect(received?.path).toBe("/v1/chat/completions");
    expect(Buffer.compare(received?.body ?? Buffer.alloc(0), odd)).toBe(0);
    expect(Buffer.concat(received?.sent ?? []).toString("utf8")).toBe(text);
    const [event] = await rig.events();
    expect(event).toMatchObject({ outcome: "complete", dialect: "openai-chat" });
    expect(event?.rules).toBeUndefined();
  });

  const asking: [string, string, string][] = [
    [
      "no options",
      '{"model":"gpt-5.5","stream":true,"messages":[{"role":"user","content":"x"}] }',
      '"include_usage":true',
    ],
    [
      "empty options",
      '{"model":"gpt-5.5","stream_options":{ },"stream":true,"messages":[{"role":"user","content":"x"}]}',
      '{"include_usage":true }',
    ],
    [
      "another option",
      '{"model":"gpt-5.5","stream_options":{"include_obfuscation":false},"stream":true,"messages":[{"role":"user","content":"x"}]}',
      '{"include_usage":true,"include_obfuscation":false}',
    ],
    [
      "usage declined",
      '{"model":"gpt-5.5","stream_options":{"include_usage":false},"stream":true,"messages":[{"role":"user","content":"x"}]}',
      '{"include_usage":true}',
    ],
    [
      "null",
      '{"model":"gpt-5.5","stream_options":null,"stream":true,"messages":[{"role":"user","content":"x"}]}',
      '{"include_usage":true}',
    ],
  ];

  test.each(asking)(
    "usage is asked for where the client did not (%s), and hidden from it",
    async (_name, sent, spliced) => {
      await addOpenai();
      const { text } = await ask(rig, secret, path, { body: Buffer.from(sent) });
      const received = upstream.requests[0]?.body.toString("utf8") ?? "";
      expect(JSON.parse(received)).toMatchObject({ stream_options: { include_usage: true } });
      expect(received).toContain(spliced);
      expect(received.startsWith(sent.slice(0, 17))).toBe(true);
      const whole = Buffer.concat(upstream.requests[0]?.sent ?? []).toString("utf8");
      expect(whole).toContain("prompt_tokens");
      expect(text).not.toContain("prompt_tokens");
      const kept = whole.split("\n\n").filter((event) => !event.includes("prompt_tokens"));
      expect(text).toBe(kept.join("\n\n"));
      const [event] = await rig.events();
      expect(event?.usage.inputTokens).toBeGreaterThan(0);
      expect(event?.rules?.join()).toMatch(/include_usage/);
    },
  );

  test.each(["chunk=1", "chunk=7", "crlf", "crlf,chunk=3", "burst"])(
    "hides the same bytes however they arrive: %s",
    async (how) => {
      await addOpenai({}, `sk-sim-${how.replace(",", "+")}`);
      const { text } = await ask(rig, secret, path, {
        body: body('[[sim:in=70,read=30,out=5]][[sim:say=né 🙂 "prompt_tokens"]]'),
      });
      const whole = Buffer.concat(upstream.requests[0]?.sent ?? []).toString("utf8");
      const end = how.includes("crlf") ? "\r\n\r\n" : "\n\n";
      const kept = whole.split(end).filter((event) => !event.includes('"choices":[]'));
      expect(text).toBe(kept.join(end));
      expect((await rig.events())[0]).toMatchObject({
        outcome: "complete",
        usage: { inputTokens: 70, cacheReadTokens: 30, outputTokens: 5 },
      });
    },
  );

  test("a vendor that knows no stream options is not asked", async () => {
    await addOpenai({ settings: { streamUsage: "off" } });
    const sent = Buffer.from(JSON.stringify(body("x")));
    await ask(rig, secret, path, { body: sent });
    expect(Buffer.compare(upstream.requests[0]?.body ?? Buffer.alloc(0), sent)).toBe(0);
  });

  test("a whole answer is neither asked nor changed", async () => {
    await addOpenai();
    const sent = Buffer.from(JSON.stringify(body("x", { stream: false })));
    const { text } = await ask(rig, secret, path, { body: sent });
    expect(Buffer.compare(upstream.requests[0]?.body ?? Buffer.alloc(0), sent)).toBe(0);
    expect(Buffer.concat(upstream.requests[0]?.sent ?? []).toString("utf8")).toBe(text);
  });
});

describe("compatible vendors", () => {
  const shown = [
    [undefined, "authorization", "Bearer sk-vendor"],
    ["bearer", "authorization", "Bearer sk-vendor"],
    ["x-api-key", "x-api-key", "sk-vendor"],
    ["api-key", "api-key", "sk-vendor"],
  ] as const;

  test.each(shown)("are shown the key as the account says: %s", async (shownAs, header, value) => {
    await rig.addAccount(
      { kind: "openai", baseUrl: upstream.url },
      { kind: "api-key", secret: "sk-vendor", ...(shownAs ? { shownAs } : {}) },
    );
    await ask(rig, secret, path, { body: body("x") });
    const headers = upstream.requests[0]?.headers ?? {};
    expect(headers[header]).toBe(value);
    expect(["authorization", "x-api-key", "api-key"].filter((name) => headers[name] !== undefined)).toEqual([header]);
  });

  const bases = [
    ["", "/v1/chat/completions"],
    ["/", "/v1/chat/completions"],
    ["/api/v1", "/api/v1/chat/completions"],
    ["/api/v1/", "/api/v1/chat/completions"],
    ["/api/paas/v4", "/api/paas/v4/chat/completions"],
    ["/compatible-mode/v1", "/compatible-mode/v1/chat/completions"],
    ["/relay", "/relay/v1/chat/completions"],
  ] as const;

  test.each(bases)("at a base URL that ends in %j", async (base, wanted) => {
    await addOpenai({ baseUrl: `${upstream.url}${base}` });
    await ask(rig, secret, path, { body: body("x") });
    expect(upstream.requests[0]?.path).toBe(wanted);
  });
});

describe("the model chooses the account", () => {
  test("by what each account lists, exactly or by a prefix, and by its aliases", async () => {
    const deepseek = await addOpenai({ models: ["deepseek-*"] });
    const kimi = await addOpenai({ models: ["kimi-k3"], aliases: { "best*": "kimi-k3" } });
    const served: string[] = [];
    for (const model of ["deepseek-chat", "kimi-k3", "best-of-all", "gpt-5.5"]) {
      const { answer } = await ask(rig, secret, path, { body: body("x", { model }) });
      served.push(`${model} ${answer.status}`);
    }
    expect(served).toEqual(["deepseek-chat 200", "kimi-k3 200", "best-of-all 200", "gpt-5.5 503"]);
    const accounts = (await rig.events()).map(({ account }) => account);
    expect(accounts).toEqual([deepseek.id, kimi.id, kimi.id, undefined]);
    expect(JSON.parse(upstream.requests[2]?.body.toString("utf8") ?? "")).toMatchObject({ model: "kimi-k3" });
  });
});

describe("streams that break", () => {
  test.each(["cut=2", "end=3", "end"])("%s ends with an error that the SDK throws", async (fault) => {
    await addOpenai();
    const read = async () => {
      const stream = await sdk(rig, secret).chat.completions.create({
        model: "gpt-5.5",
        messages: [{ role: "user", content: `[[sim:${fault}]]` }],
        stream: true,
      });
      for await (const chunk of stream) void chunk;
    };
    await expect(read()).rejects.toThrow(OpenAI.APIError);
    expect((await rig.events())[0]?.outcome).toBe("broken");
  });
});

describe("the official SDK", () => {
  test("reads streamed tool calls and never sees the figures it did not ask for", async () => {
    await addOpenai();
    const stream = sdk(rig, secret).chat.completions.stream({
      model: "gpt-5.5",
      messages: [{ role: "user", content: '[[sim:tool=look {"at":"née 🙂"}]]' }],
      tools: [{ type: "function", function: { name: "look", parameters: { type: "object" } } }],
    });
    const completion = await stream.finalChatCompletion();
    const [call] = completion.choices[0]?.message.tool_calls ?? [];
    expect(call?.type === "function" && JSON.parse(call.function.arguments)).toEqual({ at: "née 🙂" });
    expect(completion.usage ?? undefined).toBeUndefined();
    await expect.poll(async () => (await rig.events())[0]?.usage.outputTokens).toBeGreaterThan(0);
  });

  test("parses a limit's refusal", async () => {
    await addOpenai();
    const { secret: spent } = await rig.addKey({ windowMinutes: 60, windowRequests: 1 });
    const create = () =>
      sdk(rig, spent).chat.completions.create({ model: "gpt-5.5", messages: [{ role: "user", content: "x" }] });
    await create();
    const error = await create().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(OpenAI.RateLimitError);
    expect(error).toMatchObject({ status: 429, code: "rate_limit_exceeded", type: "requests" });
  });
});
