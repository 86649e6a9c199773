import { describe, expect, test } from "vitest";
import { computeCharge } from "../../core/money/charge.ts";
import type { Usage } from "../../core/money/usage.ts";
import { anthropicDialect } from "./anthropic/anthropic.ts";
import type { Call, Dialect } from "./dialect.ts";
import { geminiDialect } from "./gemini/gemini.ts";
import { openaiChatDialect } from "./openai/chat.ts";
import { openaiDialect } from "./openai/other.ts";
import { openaiResponsesDialect } from "./openai/responses.ts";

const at = Date.parse("2026-11-30T12:00:00Z");
const list = { at, prices: new Map(), assumes: false };

function readWhole(dialect: Dialect, answer: unknown, body = "{}"): Usage {
  const reader = dialect.usage({ dialect: dialect.name, body: Buffer.from(body) } as unknown as Call);
  reader.see(Buffer.from(JSON.stringify(answer)));
  reader.finish();
  return reader.total();
}

function readEvents(dialect: Dialect, events: readonly unknown[]): Usage {
  const reader = dialect.usage({ dialect: dialect.name, body: Buffer.alloc(0) } as unknown as Call);
  for (const event of events) reader.see(Buffer.from(`data: ${JSON.stringify(event)}\n\n`));
  reader.finish();
  return reader.total();
}

const usdOf = (usage: Usage, asked: string, answered?: string) =>
  (computeCharge({ usage, asked, answered }, list)?.costNanos ?? NaN) / 1e9;

describe("Anthropic", () => {
  const claude = (usage: object, model = "claude-opus-5-5") => {
    const whole = readWhole(anthropicDialect, { type: "message", model, content: [], usage });
    const { output_tokens: output, ...rest } = usage as { output_tokens: number };
    const streamed = readEvents(anthropicDialect, [
      { type: "message_start", message: { model, usage: { ...rest, output_tokens: 1 } } },
      { type: "message_delta", delta: {}, usage: { ...rest, output_tokens: output } },
      { type: "message_stop" },
    ]);
    expect(streamed).toEqual(whole);
    return usdOf(whole, model);
  };
  const plain = { input_tokens: 100_000, output_tokens: 10_000 };
  const iteration = (type: string, input: number, output: number, more = {}) => ({
    ...{ type, input_tokens: input, output_tokens: output, cache_read_input_tokens: 0, cache_creation_input_tokens: 0 },
    ...more,
  });

  test("a compaction's tokens are paid for, which the top figures leave out", () => {
    const iterations = [iteration("compaction", 180_000, 3_500), iteration("message", 23_000, 1_000)];
    expect(claude({ input_tokens: 23_000, output_tokens: 1_000, iterations })).toBeCloseTo(0.902, 9);
  });

  test("an advisor costs what its own model costs", () => {
    const advisor = iteration("advisor_message", 100_000, 1_000, { model: "claude-fable-5-2" });
    const iterations = [iteration("message", 1_000, 100), advisor, iteration("message", 1_000, 100)];
    const usage = { input_tokens: 2_000, output_tokens: 200, iterations };
    expect(claude(usage)).toBeCloseTo((2_000 * 4 + 200 * 20 + 100_000 * 8 + 1_000 * 40) / 1e6, 9);
  });

  test.each([
    ["the top tells the one that served", { input_tokens: 1_000, output_tokens: 100 }],
    ["the top tells both", { input_tokens: 2_000, output_tokens: 105 }],
  ])("a fallback costs each attempt at its own model: %s", (_form, top) => {
    const iterations = [
      iteration("message", 1_000, 5, { model: "claude-fable-5-2" }),
      iteration("fallback_message", 1_000, 100, { model: "claude-opus-5-5" }),
    ];
    expect(claude({ ...top, iterations })).toBeCloseTo((1_000 * 8 + 5 * 40 + 1_000 * 4 + 100 * 20) / 1e6, 9);
  });

  test("samplings of a loop are long by themselves, not in sum", () => {
    const iterations = [iteration("message", 60_000, 100), iteration("message", 60_000, 100)];
    const usage = { input_tokens: 120_000, output_tokens: 200, iterations };
    expect(claude(usage, "claude-haiku-5-5")).toBeCloseTo((120_000 * 0.1 + 200 * 0.5) / 1e6, 9);
  });

  test.each([
    ["claude-opus-5-5", "us", 1.1],
    ["claude-sonnet-4-6", "us", 1.1],
    ["claude-opus-5-5", "global", 1],
    ["claude-opus-5-5", "not_available", 1],
    ["claude-haiku-4-5", "us", 1],
  ])("%s that ran in %s costs %d times the list price", (model, geo, factor) => {
    expect(claude({ ...plain, inference_geo: geo }, model)).toBeCloseTo(claude(plain, model) * factor, 9);
  });

  test.each([
    ["claude-opus-5-5", 2],
    ["claude-fable-5-2", 2],
    ["claude-mythos-5-2", 2],
    ["claude-sonnet-4-6", 1],
  ])("fast mode of %s costs %d times the list price", (model, factor) => {
    expect(claude({ ...plain, speed: "fast", service_tier: "standard" }, model)).toBeCloseTo(
      claude(plain, model) * factor,
      9,
    );
  });

  test("nulls at the end wipe nothing that the beginning told", () => {
    const usage = readEvents(anthropicDialect, [
      {
        type: "message_start",
        message: {
          usage: {
            input_tokens: 10,
            cache_read_input_tokens: 20,
            speed: "fast",
            inference_geo: "us",
            output_tokens: 1,
          },
        },
      },
      {
        type: "message_delta",
        usage: {
          input_tokens: null,
          cache_read_input_tokens: null,
          speed: null,
          inference_geo: null,
          output_tokens: 5,
        },
      },
      { type: "message_stop" },
    ]);
    expect(usage).toMatchObject({ inputTokens: 10, cacheReadTokens: 20, outputTokens: 5, inferenceGeo: "us" });
    expect(usage.serviceTier).toBe("fast");
  });

  test.each([
    [
      "the split says more than the total",
      { total: 100, short: 100, long: 100 },
      { short: 0, long: 100, isClamped: true },
    ],
    ["the split says less", { total: 100, short: 10, long: 20 }, { short: 80, long: 20 }],
    ["there is no total", { short: 10, long: 20 }, { short: 10, long: 20 }],
  ])(
    "of cache writes, where %s",
    (_case, { total, short, long }: { total?: number; short: number; long: number }, right) => {
      const cache_creation = { ephemeral_5m_input_tokens: short, ephemeral_1h_input_tokens: long };
      const usage = readWhole(anthropicDialect, {
        usage: { input_tokens: 1, output_tokens: 1, cache_creation_input_tokens: total, cache_creation },
      });
      const { isClamped, ...split } = { isClamped: undefined, ...right };
      expect({ short: usage.cacheWrite5mTokens, long: usage.cacheWrite1hTokens }).toEqual(split);
      expect(usage.isClamped).toBe(isClamped);
    },
  );
});

describe("OpenAI", () => {
  const gpt = (usage: object, more: object = {}, body?: string) =>
    readWhole(openaiResponsesDialect, { model: "gpt-6.2-sol", status: "completed", usage, ...more }, body);
  const plain = { input_tokens: 1_000, output_tokens: 100 };

  test("writes of 30 minutes and of 12 hours have rates of their own", () => {
    const details = {
      cache_write_tokens: 900,
      cache_write_tokens_details: { ttl_12h_tokens: 600, ttl_30m_tokens: 300 },
    };
    const usage = gpt({ ...plain, input_tokens_details: { ...details, cached_tokens: 50 } });
    expect(usage).toMatchObject({
      inputTokens: 50,
      cacheReadTokens: 50,
      cacheWrite5mTokens: 300,
      cacheWrite1hTokens: 600,
    });
    const right = (50 * 2 + 50 * 0.1 + 300 * 2.5 + 600 * 5 + 100 * 10) / 1e6;
    expect(usdOf(usage, "gpt-6.2-sol")).toBeCloseTo(right, 9);
  });

  test("the image tool's tokens cost what its model's do, which the call names", () => {
    const image_gen = {
      input_tokens: 50,
      input_tokens_details: { image_tokens: 40, text_tokens: 10 },
      output_tokens: 7_024,
      output_tokens_details: { image_tokens: 7_024, text_tokens: 0 },
    };
    const tool_usage = { image_gen, web_search: { num_requests: 3 } };
    const body = JSON.stringify({ tools: [{ type: "image_generation", model: "gpt-image-1.5" }] });
    const usage = gpt(plain, { tool_usage, output: [{ type: "web_search_call" }] }, body);
    const own = (1_000 * 2 + 100 * 10) / 1e6 + 0.03;
    expect(usdOf(usage, "gpt-6.2-sol")).toBeCloseTo(own + (10 * 5 + 40 * 8 + 7_024 * 32) / 1e6, 9);
  });

  test("searches in files cost by the call", () => {
    const usage = gpt(plain, { output: [{ type: "file_search_call" }, { type: "file_search_call" }] });
    expect(usdOf(usage, "gpt-6-sol") - usdOf(gpt(plain), "gpt-6-sol")).toBeCloseTo(0.005, 9);
  });

  test.each([
    ["flex", 0.5],
    ["batch", 0.5],
    ["priority", 2],
    ["fast", 2],
    ["ultrafast", 6],
    ["default", 1],
  ])("the tier %s costs %d times the list price", (service_tier, factor) => {
    const cost = usdOf(gpt(plain, { service_tier }), "gpt-6.2-sol");
    expect(cost).toBeCloseTo(usdOf(gpt(plain), "gpt-6.2-sol") * factor, 9);
  });

  test("images of the input have a rate of their own", () => {
    const usage = readWhole(openaiDialect, {
      data: [],
      usage: {
        input_tokens: 1_678,
        input_tokens_details: { image_tokens: 1_450, text_tokens: 228 },
        output_tokens: 13_342,
      },
    });
    expect(usdOf(usage, "gpt-image-2")).toBeCloseTo((228 * 5 + 1_450 * 8 + 13_342 * 30) / 1e6, 9);
  });

  test("sound of Chat's answers and prompts has rates of its own", () => {
    const usage = readWhole(openaiChatDialect, {
      usage: {
        prompt_tokens: 100,
        prompt_tokens_details: { audio_tokens: 80, text_tokens: 20 },
        completion_tokens: 50,
        completion_tokens_details: { audio_tokens: 40, text_tokens: 10 },
      },
    });
    expect(usdOf(usage, "gpt-audio")).toBeCloseTo((20 * 2.5 + 80 * 32 + 10 * 10 + 40 * 64) / 1e6, 9);
  });
});

describe("Gemini", () => {
  const gemini = (usageMetadata: object, candidate: object = {}) =>
    readWhole(geminiDialect, { candidates: [{ finishReason: "STOP", ...candidate }], usageMetadata });

  test("thoughts of a model that draws are text, and so is what it says", () => {
    const usage = gemini({
      promptTokenCount: 326,
      candidatesTokenCount: 2_340,
      candidatesTokensDetails: [{ modality: "IMAGE", tokenCount: 2_000 }],
      thoughtsTokenCount: 337,
      totalTokenCount: 3_003,
    });
    expect(usdOf(usage, "gemini-3-pro-image-preview")).toBeCloseTo((326 * 2 + (340 + 337) * 12 + 2_000 * 120) / 1e6, 9);
  });

  test("sound of the prompt has a rate of its own, cached or not", () => {
    const usage = gemini({
      promptTokenCount: 1_000,
      promptTokensDetails: [{ modality: "AUDIO", tokenCount: 800 }],
      cachedContentTokenCount: 300,
      cacheTokensDetails: [{ modality: "AUDIO", tokenCount: 300 }],
      candidatesTokenCount: 10,
    });
    expect(usdOf(usage, "gemini-2.5-flash")).toBeCloseTo((200 * 0.3 + 500 * 1 + 300 * 0.1 + 10 * 2.5) / 1e6, 9);
  });

  test("prompts of tools are input, and what the total alone tells is output", () => {
    const usage = gemini({
      promptTokenCount: 10,
      toolUsePromptTokenCount: 5,
      candidatesTokenCount: 3,
      totalTokenCount: 30,
    });
    expect(usage).toMatchObject({ inputTokens: 15, outputTokens: 15 });
  });

  test.each([
    ["gemini-2.5-pro", 0.035],
    ["gemini-3.8-flash", 0.028],
  ])("searches of %s cost $%d", (model, fee) => {
    const metadata = { promptTokenCount: 10, candidatesTokenCount: 3 };
    const usage = gemini(metadata, { groundingMetadata: { webSearchQueries: ["a", "b"] } });
    expect(usdOf(usage, model) - usdOf(gemini(metadata), model)).toBeCloseTo(fee, 9);
  });

  test("Vertex tells the tier as the kind of traffic", () => {
    expect(gemini({ promptTokenCount: 1, trafficType: "ON_DEMAND_PRIORITY" }).serviceTier).toBe("priority");
  });
});

describe("the price of a call", () => {
  const usage = { inputTokens: 1_000, outputTokens: 100 } as Usage;

  test("is the dearer one of the model that was asked for and of the one that answered", () => {
    const [nano, opus] = ["openai/gpt-5-nano", "anthropic/claude-opus-4.5"];
    expect(usdOf(usage, nano, opus)).toBe(usdOf(usage, opus));
    expect(usdOf(usage, opus, nano)).toBe(usdOf(usage, opus));
  });

  test.each([
    ["gpt-9-sol", "gpt-5.6-sol"],
    ["claude-opus-9", "claude-opus-4-1"],
    ["us.anthropic.claude-opus-9-v1:0", "claude-opus-4-1"],
    ["claude-opus-9-turbo", "claude-opus-4-1"],
  ])("of %s, which has none, is that of its dearest kin", (model, kin) => {
    const assumed = computeCharge({ usage, asked: model, answered: undefined }, { ...list, assumes: true });
    expect(assumed?.rates.assumed).toBe(1);
    expect((assumed?.costNanos ?? 0) / 1e9).toBeGreaterThanOrEqual(usdOf(usage, kin));
    expect(computeCharge({ usage, asked: model, answered: undefined }, list)).toBeUndefined();
  });

  test.each(["claude-opus-9", "gpt-9-sol", "my-own-model"])("of %s has a fee for searches", (model) => {
    const costOf = (webSearches: number) =>
      computeCharge(
        { usage: { ...usage, webSearches }, asked: model, answered: undefined },
        { ...list, assumes: true },
      );
    expect((costOf(2)?.costNanos ?? 0) - (costOf(1)?.costNanos ?? 0)).toBeGreaterThanOrEqual(10_000_000);
  });

  test.each(["my-own-model", "", "🤷", "x".repeat(1_000)])("of %.20s is never nothing", (model) => {
    expect(
      computeCharge({ usage, asked: model, answered: undefined }, { ...list, assumes: true })?.costNanos,
    ).toBeGreaterThan(0);
  });

  test("is known for what the newest clients name", () => {
    const named = [
      ...[
        "gpt-6.2-sol",
        "gpt-6.2-astra",
        "gpt-6.2-astra-law",
        "gpt-6-astra",
        "gpt-6-sol",
        "gpt-6-luna",
        "gpt-6-rosalind",
      ],
      ...["gpt-6-cyber", "gpt-5.6-cyber", "gpt-daybreak-blue-latest", "gpt-rosalind-research", "gpt-6.1-terra"],
      ...["claude-fable-5-2", "claude-mythos-5-2", "claude-mythos-5-1", "claude-haiku-5-5", "claude-sonnet-5-5"],
      ...["claude-opus-5-5", "claude-mythos-preview", "claude-haiku-4-5-20251001", "claude-opus-4-7"],
      ...["gemini-3.5-flash-lite", "gemini-3.8-flash", "gemini-3.1-flash-lite", "gpt-image-2.6-flare"],
    ];
    expect(
      named.filter((model) => computeCharge({ usage, asked: model, answered: undefined }, list) === undefined),
    ).toEqual([]);
  });
});
