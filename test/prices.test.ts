import { readFileSync } from "node:fs";
import type { MatchLogic, ModelInfo } from "@pydantic/genai-prices";
import { calcPrice, findProvider } from "@pydantic/genai-prices";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { computeCost, findPrice } from "../functions/core/money/price.ts";
import { listPricedModels } from "../functions/core/money/price-table.ts";
import { newerModels } from "../scripts/prices-newer.ts";
import type { PriceFile } from "../scripts/prices.ts";
import { buildPrices, formatPrices, namesOf } from "../scripts/prices.ts";

const text = readFileSync(new URL("../functions/core/money/prices.json", import.meta.url), "utf8");
const file = JSON.parse(text) as PriceFile;
const newer = new Set(newerModels.flatMap((model) => model.names.map((name) => name.replace("*", ""))));

interface Case {
  readonly provider: string;
  readonly name: string;
  readonly model: ModelInfo;
}

/** Names by which the library itself knows a model: its rules' whole names, and its id where that is no made-up one. */
function literalNames(rule: MatchLogic): string[] {
  if ("or" in rule) return rule.or.flatMap(literalNames);
  if ("and" in rule) return rule.and.flatMap(literalNames);
  if ("equals" in rule) return [rule.equals];
  if ("starts_with" in rule && rule.starts_with.startsWith("ft:"))
    return [`${rule.starts_with.replace(/-2024-$/, "")}-2024-08-06:org::id`];
  return "starts_with" in rule ? [rule.starts_with.replace(/[-@.]$/, "")] : [];
}

function listCases(provider: string): Case[] {
  const models = findProvider({ providerId: provider })?.models ?? [];
  return models.flatMap((model) => {
    const names = [...literalNames(model.match), model.id.replace(/^regional\./, "us.")];
    return [...new Set(names)].map((name) => ({ provider, name, model }));
  });
}

/** The rates of the library at an instant, or undefined where it would not find this very model by the name. */
function libraryDollars(each: Case, usage: Record<string, number>, at: number): number | undefined {
  const result = calcPrice(usage, each.name, { providerId: each.provider, timestamp: new Date(at) });
  return result?.model === each.model ? result.total_price : undefined;
}

const providers = ["anthropic", "openai", "google", "deepseek", "moonshotai", "zai", "zhipuai", "aws", "openrouter"];
/** What OpenRouter sells at the maker's price is priced by the maker's list. */
const listsByItself = /^(?!~|anthropic\/|openai\/(?!gpt-oss)|google\/gemini).+\//;
const zai = new Set(listCases("zai").map((each) => each.name.toLowerCase()));

/** Models that both know. The table leaves out what it cannot price right, and takes z.ai's list before its Chinese sister's. */
const shared = providers
  .flatMap(listCases)
  .filter((each) => !(each.provider === "zhipuai" && zai.has(each.name.toLowerCase())))
  .filter((each) => each.provider !== "openrouter" || listsByItself.test(each.name))
  .filter((each) => !(each.provider === "aws" && /^(?:claude|gpt)-/.test(each.name)))
  .filter((each) => !(each.provider === "google" && each.name.includes("claude")))
  .filter((each) => !newer.has(each.name) && findPrice(each.name, Date.now()) !== undefined)
  .filter((each) => libraryDollars(each, { input_tokens: 1 }, Date.now()) !== undefined);

const tokens = fc.nat({ max: 400_000 });

describe("the price table", () => {
  test("is what the generator makes of the installed library", () => {
    expect(formatPrices(buildPrices(file.madeOn))).toBe(text);
  });

  test("is small enough to stand in a relay function", () => {
    expect(text.length).toBeLessThan(40_000);
  });

  test("shares every model with the library but those that are newer than it", () => {
    const found = new Set(shared.map((each) => findPrice(each.name, Date.now())));
    const alone = listPricedModels()
      .map((name) => name.replace("*", "").replace(/^regional\./, "us."))
      .filter((name) => !found.has(findPrice(name, Date.now())));
    expect(alone.filter((name) => !newer.has(name))).toEqual([]);
    expect(shared.length).toBeGreaterThan(500);
  });

  test("gives the library's own price within a nano-dollar, for every model, usage and day", () => {
    const when = fc.integer({ min: Date.parse("2025-01-01"), max: Date.parse("2027-06-01") });
    fc.assert(
      fc.property(
        fc.constantFrom(...shared),
        tokens,
        tokens,
        tokens,
        tokens,
        when,
        (each, input, read, write, output, at) => {
          const price = findPrice(each.name, at);
          if (price === undefined) throw new Error(`${each.name} has no price`);
          const isOwnWrite = each.name.includes("claude") && !hasRate(each.model, "cache_write_mtok");
          const short = isOwnWrite ? 0 : write;
          const long = hasRate(each.model, "cache_write_1h_mtok") ? Math.floor(write / 3) : 0;
          const usage = {
            inputTokens: input,
            outputTokens: output,
            cacheReadTokens: read,
            cacheWrite5mTokens: short,
            cacheWrite1hTokens: long,
            reasoningTokens: 0,
          };
          const theirs = libraryDollars(
            each,
            {
              input_tokens: input + read + short + long,
              output_tokens: output,
              ...(each.model.id.includes("image") ? { output_image_tokens: output } : {}),
              cache_read_tokens: read,
              cache_write_tokens: short + long,
              cache_write_1h_tokens: long,
            },
            at,
          );
          expect(
            Math.abs(computeCost(usage, price).costNanos - (theirs ?? -1) * 1e9),
            `${each.provider} ${each.name}`,
          ).toBeLessThanOrEqual(1);
        },
      ),
      { numRuns: 5_000 },
    );
  });
});

function hasRate(model: ModelInfo, key: string): boolean {
  const prices = Array.isArray(model.prices) ? model.prices.map((each) => each.prices) : [model.prices];
  return prices.every((each) => each[key] !== undefined);
}

describe("names of a rule", () => {
  test("a start stands for itself and its snapshots, a whole name only for itself", () => {
    expect(namesOf({ or: [{ starts_with: "claude-sonnet-4-2025" }, { equals: "Claude-X" }] })).toEqual([
      "claude-sonnet-4*",
      "claude-x",
    ]);
    expect(namesOf({ regex: "^gpt-6-sol-\\d{4}-\\d{2}-\\d{2}$" })).toEqual([]);
  });

  test("a form that is new to the generator stops it", () => {
    expect(() => namesOf({ regex: "^gpt-[67]" })).toThrow("another form");
  });
});
