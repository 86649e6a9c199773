import { describe, expect, test } from "vitest";
import { isModelName, mayUse } from "./model-rights.ts";

const blocked = { allowedModels: [], blockedModels: ["claude-opus-*", "gemini-2.5-pro", "GPT-5-Pro"] };
const allowed = { allowedModels: ["claude-sonnet-*", "Gemini-2.5-Flash"], blockedModels: [] };

describe("a model that is blocked", () => {
  test.each([
    ...["claude-opus-4-5", "Claude-Opus-4-5", " claude-opus-4-5 ", "claude%2Dopus-4-5", "claude%252Dopus-4-5"],
    ...[
      "anthropic/claude-opus-4.5",
      "us.anthropic.claude-opus-4-5-20251101-v1:0",
      "openrouter/anthropic/claude-opus-4",
    ],
    ...["gemini-2.5-pro%20", "Gemini-2.5-Pro", "models/gemini-2.5-pro", "google/gemini-2.5-pro"],
    ...["gpt-5-pro", "openai/gpt-5-pro"],
  ])("is blocked however it is written: %j", (model) => {
    expect(mayUse(blocked, model)).toBe(false);
  });

  test.each(["claude-sonnet-4-5", "gemini-2.5-flash", "gpt-5", "gpt-5-pro-mini"])("is no other one: %s", (model) => {
    expect(mayUse(blocked, model)).toBe(true);
  });
});

test.each([
  ["claude-sonnet-4-5", true],
  ["Claude-Sonnet-4-5", true],
  ["gemini-2.5-flash", true],
  ["gemini-2.5-flash-lite", false],
  ["claude-opus-4-5", false],
  ["x/claude-sonnet-4-5", false],
])("a list of what is allowed lets %s pass: %s", (model, may) => {
  expect(mayUse(allowed, model)).toBe(may);
});

test.each([
  ...[
    "..%2fmodels%2fgemini-2.5-pro",
    "a/../b",
    "gemini%00",
    "gemini?x",
    "gemini#x",
    "a\\b",
    "a\u0000b",
    "a%20",
    "/a",
    "a//b",
    "a/",
  ],
])("%j is no model's name", (name) => {
  expect(isModelName(name)).toBe(false);
});

test.each([
  ...["claude-sonnet-4-5[1m]", "anthropic/claude-opus-4.5:beta", "ft:gpt-4o:org::id", "@cf/meta/llama-3-8b"],
  ...["arn:aws:bedrock:us-east-1:1:inference-profile/us.anthropic.claude-opus-4", "Llama 3 8B"],
])("%j is one", (name) => {
  expect(isModelName(name)).toBe(true);
});
