import { describe, expect, test } from "vitest";
import { anthropic } from "./anthropic/anthropic.ts";
import { azureOpenai } from "./openai/azure-openai.ts";
import { openai } from "./openai/openai.ts";

const resetAt = Date.parse("2026-11-22T12:06:00Z");

describe("the limits of an API key, as its provider heads them", () => {
  test.each([
    ["OpenAI", openai],
    ["Azure", azureOpenai],
  ])("are windows of an account at %s", (_name, upstream) => {
    const headers = {
      date: "Sun, 22 Nov 2026 12:00:00 GMT",
      ...{ "x-ratelimit-limit-requests": "500", "x-ratelimit-remaining-requests": "125" },
      ...{ "x-ratelimit-limit-tokens": "1000", "x-ratelimit-remaining-tokens": "1000" },
      "x-ratelimit-reset-requests": "6m0s",
    };
    expect(upstream.windows?.(headers)).toEqual([
      { name: "requests", utilization: 0.75, resetAt },
      { name: "tokens", utilization: 0, resetAt: undefined },
    ]);
  });

  test("are windows of an account at Anthropic", () => {
    const headers = {
      ...{ "anthropic-ratelimit-requests-limit": "50", "anthropic-ratelimit-requests-remaining": "40" },
      "anthropic-ratelimit-requests-reset": "2026-11-22T12:06:00Z",
      ...{ "anthropic-ratelimit-output-tokens-limit": "8000", "anthropic-ratelimit-output-tokens-remaining": "0" },
    };
    expect(anthropic.windows?.(headers)).toEqual([
      { name: "requests", utilization: expect.closeTo(0.2), resetAt },
      { name: "output-tokens", utilization: 1, resetAt: undefined },
    ]);
  });

  test.each([
    ["nothing", {}],
    ["no limit", { "x-ratelimit-remaining-tokens": "5" }],
    ["words", { "x-ratelimit-limit-tokens": "many", "x-ratelimit-remaining-tokens": "few" }],
    ["none", { "x-ratelimit-limit-requests": "0", "x-ratelimit-remaining-requests": "0" }],
  ])("are not made up where a vendor tells %s", (_what, headers) => {
    expect(openai.windows?.(headers)).toEqual([]);
  });
});
