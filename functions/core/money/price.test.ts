import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Price } from "./price.ts";
import { computeCost, costClasses, estimateCost, findPrice } from "./price.ts";
import { listPricedModels, pricesMadeOn, pricesSource } from "./price-table.ts";
import type { Usage } from "./usage.ts";
import { noUsage } from "./usage.ts";

const at = Date.parse("2026-11-22T12:00:00Z");

function priceOf(model: string, when = at): Price {
  const price = findPrice(model, when);
  if (price === undefined) throw new Error(`${model} has no price`);
  return price;
}
const usageOf = (usage: Partial<Usage>): Usage => ({ ...noUsage(), ...usage });
const costOf = (model: string, usage: Partial<Usage>, when = at) =>
  computeCost(usageOf(usage), priceOf(model, when)).costNanos;
/** Dollars as pages print them, for a million tokens of one class. */
const dollarsPerMillion = (model: string, field: keyof Usage, when = at) =>
  costOf(model, { [field]: 1_000_000 }, when) / 1e9;

describe("what a call costs", () => {
  test("sonnet 4 with both kinds of cache writes costs what Anthropic's page says", () => {
    const usage = usageOf({
      inputTokens: 100,
      outputTokens: 20,
      cacheReadTokens: 2_000,
      cacheWrite5mTokens: 400,
      cacheWrite1hTokens: 600,
    });
    const cost = computeCost(usage, priceOf("claude-sonnet-4-20250514"));
    expect(cost.costNanos).toBe(6_300_000);
    expect(cost.byClass).toEqual({
      input: 300_000,
      output: 300_000,
      cacheRead: 600_000,
      cacheWrite5m: 1_500_000,
      cacheWrite1h: 3_600_000,
    });
    expect(cost.rates).toEqual({
      inputPicos: 3_000_000,
      outputPicos: 15_000_000,
      cacheReadPicos: 300_000,
      cacheWrite5mPicos: 3_750_000,
      cacheWrite1hPicos: 6_000_000,
    });
  });

  test("a call that used nothing costs nothing", () => {
    expect(computeCost(noUsage(), priceOf("claude-opus-5-5"))).toMatchObject({ costNanos: 0, rates: {} });
  });

  test("fractions of a nano-dollar are rounded half up once for the call, not once a class", () => {
    const price: Price = { inputPicos: 400, outputPicos: 400, cacheReadPicos: 400 };
    expect(computeCost(usageOf({ inputTokens: 1 }), price).costNanos).toBe(0);
    expect(computeCost(usageOf({ inputTokens: 1, outputTokens: 1 }), price)).toMatchObject({
      costNanos: 1,
      byClass: { input: 0, output: 1 },
    });
    expect(computeCost(usageOf({ inputTokens: 1, outputTokens: 1, cacheReadTokens: 1 }), price).costNanos).toBe(1);
    expect(computeCost(usageOf({ inputTokens: 1 }), { inputPicos: 500, outputPicos: 0 }).costNanos).toBe(1);
    expect(computeCost(usageOf({ inputTokens: 1 }), { inputPicos: 499, outputPicos: 0 }).costNanos).toBe(0);
  });

  test("negative, fractional and absent figures count as nothing", () => {
    const broken = { inputTokens: -5, outputTokens: Number.NaN, cacheReadTokens: 1.5 } as unknown as Usage;
    expect(computeCost(broken, priceOf("claude-sonnet-4-5")).costNanos).toBe(0);
  });

  test("a figure beyond all reason ends at the greatest exact number", () => {
    const cost = computeCost(usageOf({ inputTokens: Number.MAX_SAFE_INTEGER, outputTokens: 1 }), priceOf("o1-pro"));
    expect(cost.costNanos).toBe(Number.MAX_SAFE_INTEGER);
    expect(cost.byClass.output).toBe(0);
  });

  test("web searches cost by the piece, and a model without a price for them adds nothing", () => {
    expect(costOf("claude-sonnet-4-5", { webSearches: 3 })).toBe(30_000_000);
    expect(costOf("gpt-5", { webSearches: 1 })).toBe(10_000_000);
    expect(costOf("claude-3-opus", { webSearches: 1 })).toBe(0);
  });

  test("Gemini's searches cost by the call up to 2.5, and by the query from 3 on", () => {
    expect(costOf("gemini-2.5-pro", { webSearches: 3 })).toBe(35_000_000);
    expect(costOf("gemini-3.1-pro-preview", { webSearches: 3 })).toBe(42_000_000);
  });

  test("a class without a rate of its own costs what input costs", () => {
    expect(costOf("o1-pro", { cacheReadTokens: 10 })).toBe(costOf("o1-pro", { inputTokens: 10 }));
    expect(costOf("gpt-5", { cacheWrite5mTokens: 10, cacheWrite1hTokens: 10 })).toBe(
      costOf("gpt-5", { inputTokens: 20 }),
    );
  });

  test("Claude's writes to the cache cost 1.25 and 2 times its input where a list does not say", () => {
    const bedrock = priceOf("us.anthropic.claude-sonnet-4-5-20250929-v1:0");
    expect(bedrock).toMatchObject({
      inputPicos: 3_300_000,
      cacheWrite5mPicos: 4_125_000,
      cacheWrite1hPicos: 6_600_000,
    });
    expect(priceOf("anthropic.claude-3-haiku-20240307-v1:0")).toMatchObject({
      cacheWrite5mPicos: 312_500,
      cacheWrite1hPicos: 500_000,
    });
  });
});

describe("long contexts", () => {
  test("above 200,000 tokens of input the whole call has the higher rates, the answer too", () => {
    expect(costOf("claude-sonnet-4-5", { inputTokens: 200_000, outputTokens: 1_000 })).toBe(615_000_000);
    expect(costOf("claude-sonnet-4-5", { inputTokens: 200_001, outputTokens: 1_000 })).toBe(1_200_006_000 + 22_500_000);
  });

  test("what is read from and written to the cache counts as input", () => {
    const usage = { inputTokens: 1, cacheReadTokens: 100_000, cacheWrite5mTokens: 50_000, cacheWrite1hTokens: 50_000 };
    expect(costOf("claude-sonnet-4-5", usage)).toBe(6_000 + 60_000_000 + 375_000_000 + 600_000_000);
    expect(costOf("claude-sonnet-4-5", { ...usage, inputTokens: 0 })).toBe(30_000_000 + 187_500_000 + 300_000_000);
  });

  test("the answer does not count", () => {
    expect(costOf("claude-sonnet-4-5", { inputTokens: 200_000, outputTokens: 500_000 })).toBe(
      600_000_000 + 7_500_000_000,
    );
  });

  test("models that are flat over a million tokens stay flat", () => {
    for (const model of ["claude-opus-5-5", "claude-sonnet-4-6", "claude-fable-5-2", "gpt-5"]) {
      expect(costOf(model, { inputTokens: 1_000_000 }), model).toBe(costOf(model, { inputTokens: 1_000 }) * 1_000);
    }
  });

  test("gpt-5.5 begins at exactly 272,000, gpt-6 above it, as their pages say", () => {
    expect(costOf("gpt-5.5", { inputTokens: 271_999 })).toBe(271_999 * 5_000);
    expect(costOf("gpt-5.5", { inputTokens: 272_000 })).toBe(272_000 * 10_000);
    expect(costOf("gpt-6-sol", { inputTokens: 272_000 })).toBe(272_000 * 2_000);
    expect(costOf("gpt-6-sol", { inputTokens: 272_001, outputTokens: 10 })).toBe(272_001 * 4_000 + 150_000);
  });

  test("haiku 5.5 has its step at 100,000, gemini pro at 200,000", () => {
    expect(costOf("claude-haiku-5-5", { inputTokens: 100_000 })).toBe(100_000 * 100);
    expect(costOf("claude-haiku-5-5", { inputTokens: 100_001, outputTokens: 100 })).toBe(100_001 * 500 + 250_000);
    expect(costOf("gemini-2.5-pro", { inputTokens: 200_000, outputTokens: 10 })).toBe(200_000 * 1_250 + 100_000);
    expect(costOf("gemini-2.5-pro", { inputTokens: 200_001, outputTokens: 10 })).toBe(200_001 * 2_500 + 150_000);
    expect(costOf("gemini-2.5-pro", { inputTokens: 1, cacheReadTokens: 200_000 })).toBe(2_500 + 200_000 * 250);
  });
});

describe("service tiers", () => {
  const tier = (model: string, serviceTier: string) => costOf(model, { outputTokens: 1_000_000, serviceTier }) / 1e9;
  const cases: [string, string, number][] = [
    ["claude-opus-5-5", "standard", 20],
    ["claude-opus-5-5", "batch", 10],
    ["claude-opus-5-5", "fast", 40],
    ["claude-opus-4-7", "fast", 150],
    ["claude-opus-5-5", "priority", 20],
    ["claude-haiku-4-5", "fast", 5],
    ["gpt-5", "default", 10],
    ["gpt-5", "flex", 5],
    ["gpt-5", "priority", 20],
    ["gpt-5-mini", "priority", 3.6],
    ["gpt-5.5", "priority", 75],
    ["gpt-5.6-sol", "fast", 40],
    ["gpt-4.1", "priority", 14],
    ["gpt-4o", "priority", 17],
    ["gpt-4o-mini", "priority", 1],
    ["o3", "priority", 14],
    ["o4-mini", "priority", 8],
    ["gemini-3.8-flash", "priority", 6.75],
    ["gemini-2.5-pro", "flex", 5],
    ["deepseek-v4-pro", "priority", 1.98],
  ];
  test.each(cases)("%s served as %s costs $%s per million tokens of answer", (model, serviceTier, dollars) => {
    expect(tier(model, serviceTier)).toBe(dollars);
  });

  test("applies to the cache, shows the rates it led to, and leaves searches alone", () => {
    const usage = usageOf({ cacheReadTokens: 1_000, cacheWrite1hTokens: 1_000, webSearches: 1, serviceTier: "fast" });
    expect(computeCost(usage, priceOf("claude-opus-5-5"))).toMatchObject({
      costNanos: 400_000 + 16_000_000 + 10_000_000,
      rates: { cacheReadPicos: 400_000, cacheWrite1hPicos: 16_000_000, webSearchNanos: 10_000_000 },
    });
  });

  test("a tier with the name of an object's own method is no tier", () => {
    expect(tier("gpt-5", "constructor")).toBe(10);
    expect(tier("gpt-5", "__proto__")).toBe(10);
  });
});

describe("known list prices in dollars per million tokens", () => {
  const cases: [string, number, number, number][] = [
    ["claude-opus-5-5", 4, 20, 0.2],
    ["claude-opus-4-5", 5, 25, 0.5],
    ["claude-opus-4-1", 15, 75, 1.5],
    ["claude-sonnet-5", 2, 10, 0.2],
    ["claude-sonnet-5-5", 2, 10, 0.1],
    ["claude-sonnet-4-6", 3, 15, 0.3],
    ["claude-haiku-4-5", 1, 5, 0.1],
    ["claude-fable-5-1", 10, 50, 0.25],
    ["claude-fable-5-2", 8, 40, 0.2],
    ["gpt-5", 1.25, 10, 0.125],
    ["gpt-5-codex", 1.25, 10, 0.125],
    ["gpt-5-mini", 0.25, 2, 0.025],
    ["gpt-5-nano", 0.05, 0.4, 0.005],
    ["gpt-5.2", 1.75, 14, 0.175],
    ["gemini-3.8-flash", 0.75, 3.75, 0.075],
    ["kimi-k3", 3, 15, 0.3],
    ["glm-5.3", 1.4, 4.4, 0.26],
  ];
  test.each(cases)("%s: %s, %s, %s", (model, input, output, cacheRead) => {
    expect(dollarsPerMillion(model, "inputTokens")).toBe(input);
    expect(dollarsPerMillion(model, "outputTokens")).toBe(output);
    expect(dollarsPerMillion(model, "cacheReadTokens")).toBe(cacheRead);
  });
});

describe("the price at an instant", () => {
  test("a change holds from its first millisecond in UTC", () => {
    const change = Date.parse("2026-10-07T00:00:00Z");
    expect(dollarsPerMillion("claude-sonnet-5-5", "cacheReadTokens", change - 1)).toBe(0.2);
    expect(dollarsPerMillion("claude-sonnet-5-5", "cacheReadTokens", change)).toBe(0.1);
    const newYear = Date.parse("2027-01-01T00:00:00Z");
    expect(dollarsPerMillion("gemini-3.8-flash", "inputTokens", newYear - 1)).toBe(0.75);
    expect(dollarsPerMillion("gemini-3.8-flash", "inputTokens", newYear)).toBe(1.5);
    expect(priceOf("gemini-3.8-flash", newYear).fromAt).toBe(newYear);
  });

  test("deepseek is dearer at its hours of the day", () => {
    const day = Date.parse("2026-11-22T00:00:00Z");
    const hour = 3_600_000;
    const at = (hours: number) => dollarsPerMillion("deepseek-v4-pro", "inputTokens", day + hours * hour);
    expect([0.99, 1, 3.99, 4, 5.99, 6, 9.99, 10, 23.9].map(at)).toEqual([
      0.66, 1.32, 1.32, 0.66, 0.66, 1.32, 1.32, 0.66, 0.66,
    ]);
  });
});

describe("finding a model by its names", () => {
  const same: [string, string][] = [
    ["claude-opus-5-5-20260922", "claude-opus-5-5"],
    ["claude-opus-5-5@20260922", "claude-opus-5-5"],
    ["claude-opus-5@default", "claude-opus-5"],
    ["Claude-Opus-5-5", "claude-opus-5-5"],
    ["claude-sonnet-4-5-20250929[1m]", "claude-sonnet-4-5"],
    ["claude-3-5-sonnet-latest", "claude-3-5-sonnet-20241022"],
    ["anthropic/claude-opus-5.5", "claude-opus-5-5"],
    ["anthropic/claude-fable-5.1", "claude-fable-5-1"],
    ["anthropic/claude-3.7-sonnet:thinking", "claude-3-7-sonnet-20250219"],
    ["global.anthropic.claude-fable-5-1-v1:0", "claude-fable-5-1"],
    ["us.anthropic.claude-opus-4-1-20250805-v1:0", "anthropic.claude-opus-4-1-20250805-v1:0"],
    [
      "arn:aws:bedrock:us-east-1:1:inference-profile/us.anthropic.claude-opus-4-5-20251101-v1:0",
      "eu.anthropic.claude-opus-4-5-20251101-v1:0",
    ],
    ["bedrock/us.anthropic.claude-opus-5-5", "us.anthropic.claude-opus-5-5"],
    ["models/gemini-2.5-pro", "gemini-2.5-pro"],
    ["publishers/google/models/gemini-2.5-pro", "gemini-2.5-pro"],
    ["gemini-2.5-pro-preview-05-06", "gemini-2.5-pro"],
    ["gemini-2.0-flash-001", "gemini-2.0-flash"],
    ["gpt-5-2025-08-07", "gpt-5"],
    ["openai/gpt-5", "gpt-5"],
    ["azure/gpt-4o", "gpt-4o"],
    ["gpt-6-sol-2026-09-22", "gpt-6-sol"],
    ["ft:gpt-4o-mini-2024-07-18:org:name:id", "ft:gpt-4o-mini-2024-07-18"],
    ["GLM-5.3", "glm-5.3"],
  ];
  test.each(same)("%s costs what %s costs", (name, plain) => {
    const [price, other] = [priceOf(name), priceOf(plain)];
    expect([price.inputPicos, price.outputPicos, price.cacheReadPicos]).toEqual([
      other.inputPicos,
      other.outputPicos,
      other.cacheReadPicos,
    ]);
  });

  test("Bedrock's regional profiles cost their premium, its global ones do not", () => {
    expect(dollarsPerMillion("us.anthropic.claude-opus-5-5", "inputTokens")).toBe(4.4);
    expect(dollarsPerMillion("anthropic.claude-opus-5-5", "inputTokens")).toBe(4.4);
    expect(dollarsPerMillion("global.anthropic.claude-opus-5-5", "inputTokens")).toBe(4);
  });

  test("OpenRouter's own price of an open model is not its maker's", () => {
    expect(dollarsPerMillion("moonshotai/kimi-k2.5", "inputTokens")).toBe(0.4);
    expect(dollarsPerMillion("kimi-k2.5", "inputTokens")).toBe(0.6);
  });

  test("a snapshot with a price of its own keeps it", () => {
    expect(dollarsPerMillion("gpt-4o-2024-05-13", "inputTokens")).toBe(5);
    expect(dollarsPerMillion("gpt-4o-2024-11-20", "inputTokens")).toBe(2.5);
  });

  const unknown = [
    "claude-sonnet-6",
    "claude-opus-5-6",
    "claude-haiku-5",
    "claude-opus-5-5-mini",
    "gemini-3.8-flash-lite",
    "gemini-2.5-pro-image",
    "gpt-5.9",
    "gpt-5-huge",
    "gpt-5-fast",
    "gpt-5-preview",
    "kimi-k3-latest",
    "us.anthropic.claude-haiku-5-5",
    "somebody/gpt-5",
    "my gpt-5",
    "deepseek-chat-v9",
    "",
    "*",
    "constructor",
    "__proto__",
    "hasOwnProperty",
    "x".repeat(100_000),
  ];
  test.each(unknown)("%.40s is unpriced, not guessed", (name) => {
    expect(findPrice(name, at)).toBeUndefined();
  });

  test("never throws and never prices noise", () => {
    const known = new Set(listPricedModels().map((name) => name.replace("*", "")));
    fc.assert(
      fc.property(fc.string(), (name) => {
        fc.pre(!known.has(name.trim().toLowerCase()));
        expect(findPrice(name, at)).toBeUndefined();
      }),
    );
  });

  test("stays right and small when clients ask for ever new names", () => {
    for (let index = 0; index < 5_000; index++) expect(findPrice(`model-${index}`, at)).toBeUndefined();
    expect(dollarsPerMillion("claude-opus-5-5", "inputTokens")).toBe(4);
  });
});

describe("prices set by the operator", () => {
  const own = { inputPicos: 1_000_000, outputPicos: 2_000_000 };

  test("go before the table, whatever the spelling", () => {
    const overrides = new Map<string, Price>([["Claude-Opus-5-5", own]]);
    for (const name of ["claude-opus-5-5", "claude-opus-5-5-20260922", "anthropic/claude-opus-5.5"]) {
      expect(findPrice(name, at, overrides), name).toMatchObject(own);
    }
    expect(findPrice("us.anthropic.claude-opus-5-5", at, overrides)?.inputPicos).toBe(4_400_000);
    expect(findPrice("claude-opus-5", at, overrides)?.inputPicos).toBe(5_000_000);
  });

  test("price what the table does not know", () => {
    const overrides = new Map<string, Price>([["qwen-of-my-own", own]]);
    expect(findPrice("qwen-of-my-own", at, overrides)).toEqual({ ...own, isOwn: true });
    expect(findPrice("qwen-of-my-own", at)).toBeUndefined();
  });

  test("get Claude's cache rates when they name none, and other models none", () => {
    const overrides = new Map<string, Price>([
      ["claude-sonnet-6", own],
      ["gpt-7", own],
    ]);
    expect(findPrice("claude-sonnet-6", at, overrides)).toEqual({
      ...own,
      cacheWrite5mPicos: 1_250_000,
      cacheWrite1hPicos: 2_000_000,
      isOwn: true,
    });
    expect(findPrice("gpt-7", at, overrides)).toEqual({ ...own, isOwn: true });
  });

  test("hold from their date on, the table until then", () => {
    const overrides = new Map<string, Price>([["claude-opus-5-5", { ...own, fromAt: at }]]);
    expect(findPrice("claude-opus-5-5", at - 1, overrides)?.inputPicos).toBe(4_000_000);
    expect(findPrice("claude-opus-5-5", at, overrides)?.inputPicos).toBe(1_000_000);
  });

  test("of a plain name leave a snapshot alone that the table prices by itself", () => {
    const overrides = new Map<string, Price>([["gpt-4o", own]]);
    expect(findPrice("gpt-4o-2024-05-13", at, overrides)?.inputPicos).toBe(5_000_000);
    expect(findPrice("gpt-4o-2024-08-06", at, overrides)?.inputPicos).toBe(1_000_000);
  });

  test("of one table do not show in another", () => {
    const first = new Map<string, Price>([["gpt-5", own]]);
    const second = new Map<string, Price>([["gpt-5", { ...own, inputPicos: 7 }]]);
    expect(findPrice("gpt-5", at, first)?.inputPicos).toBe(1_000_000);
    expect(findPrice("gpt-5", at, second)?.inputPicos).toBe(7);
    expect(findPrice("gpt-5", at)?.inputPicos).toBe(1_250_000);
  });
});

describe("for every model and usage", () => {
  const models = listPricedModels().map((name) => name.replace("*", ""));
  const tokens = fc.nat({ max: 3_000_000 });
  const usages = fc.record({
    inputTokens: tokens,
    outputTokens: tokens,
    cacheReadTokens: tokens,
    cacheWrite5mTokens: tokens,
    cacheWrite1hTokens: tokens,
    reasoningTokens: fc.constant(0),
    webSearches: fc.nat({ max: 20 }),
    serviceTier: fc.constantFrom("standard", "batch", "flex", "priority", "fast"),
  });
  const priced = fc.constantFrom(...models).map((name) => tablePriceOf(name));

  test("the cost is a whole number, the sum of its classes, and never negative", () => {
    fc.assert(
      fc.property(priced, usages, (price, usage) => {
        const { costNanos, byClass } = computeCost(usage, price);
        expect(Number.isSafeInteger(costNanos)).toBe(true);
        const parts = costClasses.map((each) => byClass[each] ?? 0);
        expect(parts.every((part) => Number.isSafeInteger(part) && part >= 0)).toBe(true);
        expect(parts.reduce((sum, part) => sum + part, 0)).toBe(costNanos);
      }),
    );
  });

  test("the rates that are shown give the cost, recomputed in exact integers", () => {
    fc.assert(
      fc.property(priced, usages, (price, usage) => {
        const { costNanos, rates } = computeCost(usage, price);
        const counts: Record<string, number> = {
          inputPicos: usage.inputTokens,
          // What draws has its whole answer counted as image, where nothing else is told.
          [rates.outputImagePicos === undefined ? "outputPicos" : "outputImagePicos"]: usage.outputTokens,
          cacheReadPicos: usage.cacheReadTokens,
          cacheWrite5mPicos: usage.cacheWrite5mTokens,
          cacheWrite1hPicos: usage.cacheWrite1hTokens,
        };
        const searches = rates.searchPerCall ? Math.min(1, usage.webSearches) : usage.webSearches;
        let picos = BigInt(searches) * BigInt(rates.webSearchNanos ?? 0) * 1_000n;
        for (const [name, count] of Object.entries(counts)) picos += BigInt(count) * BigInt(rates[name] ?? 0);
        expect(costNanos).toBe(Number((picos + 500n) / 1_000n));
      }),
    );
  });

  test("more tokens never cost less", () => {
    const fields = [
      "inputTokens",
      "outputTokens",
      "cacheReadTokens",
      "cacheWrite5mTokens",
      "cacheWrite1hTokens",
      "webSearches",
    ] as const;
    fc.assert(
      fc.property(priced, usages, fc.constantFrom(...fields), fc.nat({ max: 500_000 }), (price, usage, field, more) => {
        const grown = { ...usage, [field]: usage[field] + more };
        expect(computeCost(grown, price).costNanos).toBeGreaterThanOrEqual(computeCost(usage, price).costNanos);
      }),
    );
  });

  test("reading from a cache never costs more than reading afresh", () => {
    fc.assert(
      fc.property(priced, tokens, (price, count) => {
        const cached = computeCost(usageOf({ cacheReadTokens: count }), price).costNanos;
        expect(cached).toBeLessThanOrEqual(computeCost(usageOf({ inputTokens: count }), price).costNanos);
      }),
    );
  });

  test("a reservation covers a call that stays within it, whatever it writes to a cache", () => {
    fc.assert(
      fc.property(
        priced,
        tokens,
        tokens,
        tokens,
        tokens,
        fc.boolean(),
        (price, input, cached, written, output, isLong) => {
          const inputTokens = input + cached + written;
          const reserved = estimateCost({ inputTokens, maxOutputTokens: output, isLongCached: isLong }, price);
          const writes = isLong ? { cacheWrite1hTokens: written } : { cacheWrite5mTokens: written };
          const usage = usageOf({ inputTokens: input, cacheReadTokens: cached, ...writes, outputTokens: output });
          expect(reserved).toBeGreaterThanOrEqual(computeCost(usage, price).costNanos);
        },
      ),
    );
  });

  test("a reservation of nonsense is 0", () => {
    expect(estimateCost({ inputTokens: -1, maxOutputTokens: Number.NaN }, priceOf("gpt-5"))).toBe(0);
  });

  test("the table says what it was made of and when", () => {
    expect(pricesMadeOn).toMatch(/^20\d\d-\d\d-\d\d$/);
    expect(pricesSource).toMatch(/^@pydantic\/genai-prices \d/);
    expect(models.length).toBeGreaterThan(400);
  });
});

/** Names of Bedrock stand in the table with `regional` for all the regions of one price. */
function tablePriceOf(name: string): Price {
  return priceOf(name.replace(/^regional\./, "us."));
}
