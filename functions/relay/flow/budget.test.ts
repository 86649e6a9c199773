import { afterEach, describe, expect, test } from "vitest";
import { type Ask, call, type Rig, startRig } from "../../../test/rig.ts";
import { accountOf, inbound, kindOf, type Kind, stream, whole } from "../../../test/verdict-stage.ts";
import type { ApiKey } from "../../core/keys/key.ts";
import type { Env } from "../../env.ts";
import { pullBody } from "../../wire/dispatch.ts";

let rig: Rig;
afterEach(() => rig.stop());

const anthropic = kindOf("anthropic");
const responses = kindOf("openai /openai/v1/responses");
const chat = kindOf("openai /openai/v1/chat/completions");
const gemini = kindOf("gemini");
const modelOf = new Map([
  [anthropic, "claude-sonnet-4-5"],
  [responses, "gpt-5.5"],
  [chat, "gpt-5.5"],
  [gemini, "gemini-2.5-pro"],
]);

/** With these fields beside a short question, in the language of the kind. */
function askFor(kind: Kind, secret: string, fields: object, isStream: boolean): Ask {
  const question = { role: "user", content: "hello" };
  const plain = {
    anthropic: { max_tokens: 16, messages: [question] },
    openai: kind === chat ? { messages: [question] } : { input: [question] },
    google: { contents: [{ role: "user", parts: [{ text: "hello" }] }] },
    aws: {},
  }[kind.language];
  const { body: _body, ...ask } = kind.ask(secret, "hello", isStream);
  const own = kind === gemini ? {} : { model: modelOf.get(kind), ...(isStream ? { stream: true } : {}) };
  return { ...ask, body: { ...own, ...plain, ...fields } };
}

describe("a model without a price", () => {
  const answer = whole(200, { type: "message", content: [], usage: { input_tokens: 1_000, output_tokens: 1_000 } });
  const run = async (setting: string | undefined, limits: Partial<ApiKey>) => {
    rig = await startRig(setting === undefined ? {} : { environment: { UNPRICED_MODELS: setting } });
    await rig.addAccount(accountOf(anthropic), anthropic.credential);
    const { secret } = await rig.addKey(limits);
    let asked = 0;
    const dispatch: Env["dispatch"] = () => ((asked += 1), Promise.resolve(inbound(answer)));
    const ask = askFor(anthropic, secret, { model: "claude-opus-99-unheard-of" }, false);
    const { answer: told, text } = await call(anthropic.handle, ask, { ...rig.env, dispatch });
    return { status: told.status, text, asked, event: (await rig.events())[0] };
  };
  const limited: [string, Partial<ApiKey>][] = [
    ["a day's cost", { dailyCostNanos: 1e12 }],
    ["a week's cost", { weeklyCostNanos: 1e12 }],
    ["a family's cost", { weeklyFamilyCostNanos: { opus: 1e12 } }],
    ["a window's cost", { windowMinutes: 60, windowCostNanos: 1e12 }],
    ["a total cost", { totalCostNanos: 1e12 }],
  ];

  test.each(limited)("has the dearest known price under a limit of %s", async (_, limits) => {
    const { status, event } = await run(undefined, limits);
    expect(status).toBe(200);
    // The dearest of its family: no less than $5 and $25 a million.
    expect(event?.costNanos).toBeGreaterThanOrEqual(1_000 * 5_000 + 1_000 * 25_000);
    expect(event?.rates?.assumed).toBe(1);
  });

  test.each(limited)("is refused under a limit of %s where the operator says so", async (_, limits) => {
    const { status, text, asked } = await run("refuse", limits);
    expect([status, asked]).toEqual([403, 0]);
    expect(text).toContain("claude-opus-99-unheard-of has no price");
  });

  test.each(limited)("passes at no cost under a limit of %s where the operator says so", async (_, limits) => {
    const { status, event } = await run("pass", limits);
    expect([status, event?.costNanos, event?.rates]).toEqual([200, 0, undefined]);
  });

  test.each([undefined, "refuse", "pass"])(
    "is served without a cost limit, and its cost is not made up: %s",
    async (setting) => {
      for (const limits of [{}, { concurrency: 2 }, { totalTokens: 1e9 }]) {
        const { status, event } = await run(setting, limits);
        expect([status, event?.costNanos]).toEqual([200, 0]);
        if (limits !== undefined) await rig.stop();
      }
      rig = await startRig();
    },
  );
});

/** An answer that goes on for ever, as each provider writes it: many words at once, time and again. */
const endless: readonly [Kind, opening: object, event: (text: string) => object][] = [
  [
    anthropic,
    { type: "message_start", message: { model: "claude-sonnet-4-5", usage: { input_tokens: 9, output_tokens: 1 } } },
    (text) => ({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text } }),
  ],
  [
    responses,
    { type: "response.created", response: { id: "r", model: "gpt-5.5" } },
    (delta) => ({ type: "response.output_text.delta", delta }),
  ],
  [chat, { choices: [{ delta: { role: "assistant" } }] }, (content) => ({ choices: [{ delta: { content } }] })],
  [
    gemini,
    { modelVersion: "gemini-2.5-pro" },
    (text) => ({ candidates: [{ content: { role: "model", parts: [{ text }] } }] }),
  ],
];
const limits: [string, Partial<ApiKey>][] = [
  ["daily cost", { dailyCostNanos: 3e7 }],
  ["weekly cost", { weeklyCostNanos: 3e7 }],
  ["60-minute cost", { windowMinutes: 60, windowCostNanos: 3e7 }],
  ["total cost", { totalCostNanos: 3e7 }],
  ["60-minute token", { windowMinutes: 60, windowTokens: 3_000 }],
  ["total token", { totalTokens: 3_000 }],
];

describe.each(
  endless.map(([kind, ...rest]) => [kind.handle === chat.handle ? "chat" : kind.kind, kind, ...rest] as const),
)("a running call of %s", (_name, kind, opening, event) => {
  test.each(limits)("ends where it passes its key's %s limit", async (name, limit) => {
    rig = await startRig();
    await rig.addAccount(accountOf(kind), kind.credential);
    const { secret } = await rig.addKey(limit);
    let isCut = false;
    const words = stream(...Array.from({ length: 200 }, () => event("some words of it ".repeat(4)))).chunks.join("");
    const chunks = [...stream(opening).chunks];
    const read = async () => {
      const next = chunks.shift();
      if (next !== undefined) return Buffer.from(next);
      await new Promise((resolve) => setTimeout(resolve, 20));
      return isCut ? undefined : Buffer.from(words);
    };
    const body = () => pullBody(read, () => void (isCut = true));
    const headers = { "content-type": "text/event-stream" };
    const dispatch: Env["dispatch"] = () => Promise.resolve({ status: 200, headers, body: body() });
    const { text } = await call(kind.handle, askFor(kind, secret, {}, true), { ...rig.env, dispatch });
    expect(text).toContain(`reached its ${name} limit`);
    expect(isCut).toBe(true);
    const [settled] = await rig.events();
    expect(settled).toMatchObject({ outcome: "broken", isEstimated: true, failure: expect.stringMatching(/^limit\./) });
    expect(settled?.costNanos).toBeGreaterThan(0);
  });
});

/** Requests of some bytes that cost dollars, and what the provider then tells of them. */
const pointing: readonly [string, Kind, fields: object, input: number, output: number][] = [
  [
    "a document by its URL",
    anthropic,
    {
      messages: [
        { role: "user", content: [{ type: "document", source: { type: "url", url: "https://a.example/a.pdf" } }] },
      ],
    },
    190_000,
    1,
  ],
  [
    "a picture by its URL",
    anthropic,
    {
      messages: [
        { role: "user", content: [{ type: "image", source: { type: "url", url: "https://a.example/a.png" } }] },
      ],
    },
    190_000,
    1,
  ],
  ["answers of 64,000 tokens", anthropic, { max_tokens: 64_000 }, 10, 64_000],
  ["a bound below zero", anthropic, { max_tokens: -5 }, 10, 64_000],
  ["128 answers", chat, { n: 128, max_completion_tokens: 1_000 }, 10, 128_000],
  ["128 answers, written otherwise", chat, { "\u006e": "128", max_completion_tokens: 1_000 }, 10, 128_000],
  [
    "a picture by its URL in Chat",
    chat,
    { messages: [{ role: "user", content: [{ type: "image_url", image_url: { url: "https://a.example/a.png" } }] }] },
    300_000,
    1,
  ],
  ["an earlier response", responses, { previous_response_id: "resp_1", max_output_tokens: 16 }, 350_000, 1],
  [
    "an earlier item",
    responses,
    { input: [{ type: "item_reference", id: "msg_1" }], max_output_tokens: 16 },
    350_000,
    1,
  ],
  ["a dearer tier", responses, { service_tier: "priority", max_output_tokens: 60_000 }, 10, 60_000],
  [
    "cached content",
    gemini,
    { cachedContent: "cachedContents/1", generationConfig: { maxOutputTokens: 16 } },
    900_000,
    1,
  ],
  ["many candidates", gemini, { generationConfig: { candidateCount: 8, maxOutputTokens: 8_000 } }, 10, 64_000],
  [
    "a file at Gemini",
    gemini,
    {
      contents: [{ role: "user", parts: [{ fileData: { fileUri: "https://a.example/f" } }] }],
      generationConfig: { maxOutputTokens: 16 },
    },
    900_000,
    1,
  ],
];

test.each(pointing)(
  "60 calls at once overspend a small budget by one at most: %s",
  async (_name, kind, fields, input, output) => {
    rig = await startRig();
    await rig.addAccount(accountOf(kind), kind.credential);
    const budgetNanos = 1e9;
    const { secret } = await rig.addKey({ dailyCostNanos: budgetNanos });
    const usage = {
      anthropic: { type: "message", usage: { input_tokens: input, output_tokens: output } },
      openai:
        kind === chat
          ? { usage: { prompt_tokens: input, completion_tokens: output } }
          : { status: "completed", service_tier: "priority", usage: { input_tokens: input, output_tokens: output } },
      google: {
        candidates: [{ finishReason: "STOP" }],
        usageMetadata: { promptTokenCount: input, candidatesTokenCount: output },
      },
      aws: {},
    }[kind.language];
    const dispatch: Env["dispatch"] = async () => {
      await new Promise((resolve) => setTimeout(resolve, 30));
      return inbound(whole(200, { model: modelOf.get(kind), ...usage }));
    };
    const env = { ...rig.env, dispatch };
    const ask = () => call(kind.handle, askFor(kind, secret, fields, false), env);
    for (let wave = 0; wave < 4; wave += 1) await Promise.all(Array.from({ length: 15 }, ask));
    const costs = (await rig.events()).map(({ costNanos }) => costNanos);
    const spent = costs.reduce((sum, cost) => sum + cost, 0);
    expect(costs.filter((cost) => cost > 0).length).toBeGreaterThan(0);
    expect(spent).toBeLessThanOrEqual(budgetNanos + Math.max(...costs));
  },
);
