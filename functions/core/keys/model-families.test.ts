import { describe, expect, test } from "vitest";
import { families, familyIndex, familyOf } from "./model-families.ts";

describe("the family of a model", () => {
  const cases: Record<string, string | undefined> = {
    "claude-opus-5-5": "opus",
    "claude-3-opus-20240229": "opus",
    "us.anthropic.claude-opus-4-5-20251101-v1:0": "opus",
    "claude-sonnet-4-5@20250929": "sonnet",
    "anthropic/claude-sonnet-4.5": "sonnet",
    "claude-sonnet-4-5-20250929[1m]": "sonnet",
    "claude-haiku-5-5": "haiku",
    "Claude-Fable-5-1": "fable",
    "claude-mythos-5-1": "mythos",
    "gpt-5.5": "gpt",
    "gpt-6-luna": "gpt",
    "openai/gpt-4o-mini": "gpt",
    "gpt-5-codex": "codex",
    "codex-mini-latest": "codex",
    o3: "o-series",
    "o4-mini-2025-04-16": "o-series",
    "openai/o3-pro": "o-series",
    "models/gemini-2.5-pro": "gemini-pro",
    "gemini-3.1-pro-preview": "gemini-pro",
    "gemini-3.8-flash": "gemini-flash",
    "gemini-3.5-flash-lite": "gemini-flash-lite",
    "gemini-2.5-flash-lite-preview-09-2025": "gemini-flash-lite",
    "deepseek-v4-pro": "deepseek",
    "moonshotai/kimi-k3": "kimi",
    "GLM-5.3": "glm",
    "claude-instant": undefined,
    "text-embedding-3-small": undefined,
    opus: undefined,
    "": undefined,
  };
  test.each(Object.entries(cases))("%s is of %s", (model, family) => {
    expect(familyOf(model)).toBe(family);
    expect(familyIndex(model)).toBe(family === undefined ? -1 : families.indexOf(family as (typeof families)[number]));
  });

  test("keeps its place among the meters: the order is part of the stored data", () => {
    expect(families.slice(0, 14)).toEqual([
      "opus",
      "sonnet",
      "haiku",
      "fable",
      "gpt",
      "codex",
      "o-series",
      "gemini-pro",
      "gemini-flash",
      "gemini-flash-lite",
      "deepseek",
      "kimi",
      "glm",
      "mythos",
    ]);
  });

  test("answers the same however many other names were asked for", () => {
    for (let index = 0; index < 3_000; index++) familyOf(`claude-sonnet-${index}`);
    expect(familyOf("claude-opus-5-5")).toBe("opus");
    expect(familyOf(`${"x".repeat(10_000)}claude-opus-5`)).toBeUndefined();
  });
});
