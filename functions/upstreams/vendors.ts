/** A vendor whose API speaks a dialect of the relay at an address of its own: prefills an account's form. */
export interface Vendor {
  readonly name: string;
  /** The kind of account: which language the address speaks. */
  readonly kind: "openai" | "anthropic" | "gemini";
  readonly baseUrl: string;
  /** Absent: a bearer. */
  readonly shownAs?: "x-api-key" | "api-key";
  /** Settings that the vendor needs, such as `streamUsage`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** What its models are called, for the account's list: without one the account is asked for every model. */
  readonly models?: readonly string[];
}

/**
 * Known vendors, by their own documentation; whatever is not here is an account with a base URL all the same. Those who speak
 * Anthropic's language serve Claude Code without a bridge.
 */
export const vendors: readonly Vendor[] = [
  { name: "OpenAI", kind: "openai", baseUrl: "https://api.openai.com/v1" },
  // openrouter.ai/docs/quickstart
  { name: "OpenRouter", kind: "openai", baseUrl: "https://openrouter.ai/api/v1" },
  { name: "OpenRouter (Anthropic)", kind: "anthropic", baseUrl: "https://openrouter.ai/api" },
  // api-docs.deepseek.com
  { name: "DeepSeek", kind: "openai", baseUrl: "https://api.deepseek.com/v1", models: ["deepseek-*"] },
  {
    name: "DeepSeek (Anthropic)",
    kind: "anthropic",
    baseUrl: "https://api.deepseek.com/anthropic",
    models: ["deepseek-*"],
  },
  // platform.moonshot.ai/docs and platform.moonshot.cn/docs
  { name: "Kimi", kind: "openai", baseUrl: "https://api.moonshot.ai/v1", models: ["kimi-*", "moonshot-*"] },
  { name: "Kimi (Anthropic)", kind: "anthropic", baseUrl: "https://api.moonshot.ai/anthropic", models: ["kimi-*"] },
  { name: "Kimi (China)", kind: "openai", baseUrl: "https://api.moonshot.cn/v1", models: ["kimi-*", "moonshot-*"] },
  {
    name: "Kimi (China, Anthropic)",
    kind: "anthropic",
    baseUrl: "https://api.moonshot.cn/anthropic",
    models: ["kimi-*"],
  },
  // docs.z.ai and docs.bigmodel.cn
  { name: "GLM", kind: "openai", baseUrl: "https://api.z.ai/api/paas/v4", models: ["glm-*"] },
  { name: "GLM Coding Plan", kind: "openai", baseUrl: "https://api.z.ai/api/coding/paas/v4", models: ["glm-*"] },
  { name: "GLM (Anthropic)", kind: "anthropic", baseUrl: "https://api.z.ai/api/anthropic", models: ["glm-*"] },
  { name: "GLM (China)", kind: "openai", baseUrl: "https://open.bigmodel.cn/api/paas/v4", models: ["glm-*"] },
  {
    name: "GLM (China, Anthropic)",
    kind: "anthropic",
    baseUrl: "https://open.bigmodel.cn/api/anthropic",
    models: ["glm-*"],
  },
  // www.alibabacloud.com/help/en/model-studio
  {
    name: "Qwen",
    kind: "openai",
    baseUrl: "https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
    models: ["qwen*", "qwq-*"],
  },
  {
    name: "Qwen (China)",
    kind: "openai",
    baseUrl: "https://dashscope.aliyuncs.com/compatible-mode/v1",
    models: ["qwen*", "qwq-*"],
  },
  // docs.x.ai, console.groq.com/docs, docs.mistral.ai
  { name: "xAI", kind: "openai", baseUrl: "https://api.x.ai/v1", models: ["grok-*"] },
  { name: "Groq", kind: "openai", baseUrl: "https://api.groq.com/openai/v1" },
  { name: "Mistral", kind: "openai", baseUrl: "https://api.mistral.ai/v1" },
  // docs.siliconflow.com
  { name: "SiliconFlow", kind: "openai", baseUrl: "https://api.siliconflow.com/v1" },
  { name: "SiliconFlow (China)", kind: "openai", baseUrl: "https://api.siliconflow.cn/v1" },
  // Servers of one's own: docs.litellm.ai/docs/simple_proxy; another Claude Relay, or claude-relay-service.
  { name: "LiteLLM", kind: "openai", baseUrl: "http://localhost:4000/v1" },
  { name: "LiteLLM (Anthropic)", kind: "anthropic", baseUrl: "http://localhost:4000" },
  { name: "Another relay", kind: "openai", baseUrl: "https://relay.example.com/openai" },
  { name: "Another relay (Anthropic)", kind: "anthropic", baseUrl: "https://relay.example.com/api" },
];
