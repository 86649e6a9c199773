import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { familyOf, limitsOf } from "./models.ts";
import { fitName } from "./names.ts";

const prices = JSON.parse(readFileSync(join(import.meta.dirname, "../../../core/money/prices.json"), "utf8")) as {
  models: { n: string }[];
};

describe("the table of what models take", () => {
  test("has a family for every model of the price table", () => {
    const names = prices.models.flatMap(({ n }) => n.split("|"));
    expect(names.length).toBeGreaterThan(400);
    expect(names.filter((name) => familyOf(name.replaceAll("*", "")) === undefined)).toEqual([]);
  });

  test.each([
    ["claude-opus-4-7", "Claude from Opus 4.7 on"],
    ["claude-sonnet-5", "Claude from Opus 4.7 on"],
    ["us.anthropic.claude-fable-5-1", "Claude from Opus 4.7 on"],
    ["claude-haiku-5-5", "Claude from Opus 4.7 on"],
    ["claude-sonnet-4-6", "Claude 4.6"],
    ["claude-sonnet-4-20250514", "Claude 4"],
    ["claude-opus-4-20250514", "Claude Opus 4"],
    ["claude-opus-4-1-20250805", "Claude Opus 4.1"],
    ["claude-haiku-4-5@20251001", "Claude 4.5"],
    ["claude-3-5-haiku-latest", "Claude 3.5"],
    ["gpt-5-pro", "GPT pro"],
    ["gpt-5.5-pro", "GPT later pro"],
    ["gpt-6-sol", "GPT-6"],
    ["gpt-5-chat-latest", "GPT without thinking"],
    ["gpt-5.1-codex-max", "GPT-5.x Codex"],
    ["o4-mini", "o series"],
    ["gemini-3-pro-preview", "Gemini 3 Pro"],
    ["gemini-3.1-pro-preview", "Gemini Pro from 3.1 on"],
    ["gemini-3.8-flash", "Gemini Flash from 3 on"],
    ["gemini-2.5-flash-lite", "Gemini 2.5 Flash Lite"],
  ])("puts %s into the family %s", (model, family) => {
    expect(familyOf(model)?.name).toBe(family);
  });

  test("lets an unknown model take what the language does", () => {
    expect(limitsOf("my-own-model", "openai-chat").mostStops).toBe(4);
  });
});

describe("a name or id", () => {
  const illegal = /[^a-zA-Z0-9_-]/g;

  test("that is legal stays as it is", () => {
    expect(fitName("toolu_01-x", illegal, 64)).toBe("toolu_01-x");
  });

  test("that is changed is the same each time, and never the same as another", () => {
    const names = ["functions.Bash:0", "functions_Bash:0", "functions.Bash_0", "x".repeat(80), "x".repeat(81), "", "é"];
    const fitted = names.map((name) => fitName(name, illegal, 64));
    expect(fitted).toEqual(names.map((name) => fitName(name, illegal, 64)));
    expect(new Set(fitted).size).toBe(names.length);
    for (const name of fitted) expect(name).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
  });

  test("holds to a very small length, too", () => {
    expect(fitName("call_0123456789", /[^a-zA-Z0-9]/g, 9)).toMatch(/^[a-zA-Z0-9]{1,9}$/);
  });
});
