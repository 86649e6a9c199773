import { expect, test } from "vitest";
import { joinUrl } from "./anthropic/anthropic.ts";
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
