import { expect, test } from "vitest";
import { joinUrl } from "./anthropic/anthropic.ts";
import { joinGoogleUrl } from "./google/gemini.ts";
import { joinVersion } from "./openai/openai.ts";
import { vendors } from "./vendors.ts";

const urlOf = ({ kind, baseUrl }: (typeof vendors)[number]) =>
  kind === "anthropic" ? joinUrl(baseUrl, "/v1/messages") : joinVersion(baseUrl, "/v1/chat/completions");

test("every vendor has a name of its own and an address that a call can be sent to", () => {
  expect(new Set(vendors.map(({ name }) => name)).size).toBe(vendors.length);
  for (const vendor of vendors) {
    const url = new URL(urlOf(vendor));
    expect(url.pathname).toMatch(/^(?:(?!\/v\d).)*\/v\d+\/(messages|chat\/completions)$/);
  }
});

test("addresses join to what the vendors document", () => {
  const found = Object.fromEntries(vendors.map((vendor) => [vendor.name, urlOf(vendor)]));
  expect(found).toMatchObject({
    OpenAI: "https://api.openai.com/v1/chat/completions",
    OpenRouter: "https://openrouter.ai/api/v1/chat/completions",
    "DeepSeek (Anthropic)": "https://api.deepseek.com/anthropic/v1/messages",
    GLM: "https://api.z.ai/api/paas/v4/chat/completions",
    "GLM Coding Plan": "https://api.z.ai/api/coding/paas/v4/chat/completions",
    "Qwen (Anthropic)": "https://dashscope-intl.aliyuncs.com/apps/anthropic/v1/messages",
    "MiniMax (Anthropic)": "https://api.minimax.io/anthropic/v1/messages",
    Qwen: "https://dashscope-intl.aliyuncs.com/compatible-mode/v1/chat/completions",
    "Another relay": "https://relay.example.com/openai/v1/chat/completions",
    "Another relay (Anthropic)": "https://relay.example.com/api/v1/messages",
  });
});

test.each([
  ["https://x.example", "https://x.example/v1/chat/completions"],
  ["https://x.example/v1/", "https://x.example/v1/chat/completions"],
  ["https://x.example/v1/chat/completions", "https://x.example/v1/chat/completions"],
  ["https://x.example/v1/responses/", "https://x.example/v1/chat/completions"],
  ["https://x.example/v1/models", "https://x.example/v1/chat/completions"],
  ["https://x.example/api/paas/v4/", "https://x.example/api/paas/v4/chat/completions"],
  [
    "https://generativelanguage.googleapis.com/v1beta/openai/",
    "https://generativelanguage.googleapis.com/v1beta/openai/chat/completions",
  ],
  ["https://api.deepinfra.com/v1/openai", "https://api.deepinfra.com/v1/openai/chat/completions"],
  ["https://models.github.ai/inference", "https://models.github.ai/inference/chat/completions"],
  [
    "https://gateway.ai.cloudflare.com/v1/account/name/compat",
    "https://gateway.ai.cloudflare.com/v1/account/name/compat/chat/completions",
  ],
  ["https://v1.example", "https://v1.example/v1/chat/completions"],
])("an OpenAI account at %s is asked at %s", (base, wanted) => {
  expect(joinVersion(base, "/v1/chat/completions")).toBe(wanted);
});

test.each([
  ["https://x.example/v1/messages", "https://x.example/v1/messages"],
  ["https://x.example/anthropic/v1/messages/", "https://x.example/anthropic/v1/messages"],
  ["https://x.example/v1/messages/count_tokens", "https://x.example/v1/messages"],
  [
    "https://gateway.ai.cloudflare.com/v1/account/name/anthropic",
    "https://gateway.ai.cloudflare.com/v1/account/name/anthropic/v1/messages",
  ],
])("an Anthropic account at %s is asked at %s", (base, wanted) => {
  expect(joinUrl(base, "/v1/messages")).toBe(wanted);
});

test("a Gemini account is asked at its base, whatever was pasted behind it", () => {
  const target = "/v1beta/models/gemini-3-pro:generateContent";
  for (const path of ["", "/v1beta", "/v1beta/models", "/v1beta/models/gemini-2.5-pro:generateContent"])
    expect(joinGoogleUrl({ baseUrl: `https://x.example${path}` }, "", target)).toBe(`https://x.example${target}`);
});
