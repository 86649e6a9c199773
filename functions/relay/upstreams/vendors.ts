/** A vendor whose API speaks a dialect of the relay at an address of its own: prefills an account's form. */
export interface Vendor {
  readonly name: string;
  /** The kind of account: which language the address speaks. */
  readonly kind: "openai" | "anthropic" | "gemini";
  readonly baseUrl: string;
  /** Where the vendor tells of this address. */
  readonly docs: string;
  /** The address is an example, of a server of one's own: its host must be put in. */
  readonly isExample?: true;
  /** Absent: a bearer. */
  readonly shownAs?: "x-api-key" | "api-key";
  /** Settings that the vendor needs, such as `streamUsage`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** What its models are called, for the account's list: without one the account is asked for every model. */
  readonly models?: readonly string[];
}

type Rest = Partial<Pick<Vendor, "isExample" | "shownAs" | "settings" | "models">>;
/** But for OpenAI itself and other relays, vendors speak Chat for certain, and Responses seldom. */
const both = /^(OpenAI|Another relay)$/;
const openai = (name: string, baseUrl: string, docs: string, { settings, ...rest }: Rest = {}): Vendor => ({
  ...{ name, kind: "openai", baseUrl, docs },
  ...rest,
  ...(both.test(name) ? (settings ? { settings } : {}) : { settings: { language: "chat", ...settings } }),
});
const anthropic = (name: string, baseUrl: string, docs: string, rest: Rest = {}): Vendor => ({
  ...{ name: `${name} (Anthropic)`, kind: "anthropic", baseUrl, docs },
  ...rest,
});

const called = (...models: string[]) => ({ models });
const [deepseek, kimi, glm] = [called("deepseek-*"), called("kimi-*", "moonshot-*"), called("glm-*")];
const [qwen, minimax] = [called("qwen*", "qwq-*"), called("MiniMax-*")];
const kimiDocs = "https://platform.moonshot.ai/docs";
const alibaba = "https://www.alibabacloud.com/help/en/model-studio";
const relay = { isExample: true } as const;

/**
 * Known vendors, by their own documentation; whatever is not here is an account with a base URL all the same. Those who speak
 * Anthropic's language serve Claude Code without a bridge.
 */
export const vendors: readonly Vendor[] = [
  openai("OpenAI", "https://api.openai.com/v1", "https://platform.openai.com/docs/api-reference"),
  openai("OpenRouter", "https://openrouter.ai/api/v1", "https://openrouter.ai/docs/quickstart"),
  anthropic(
    "OpenRouter",
    "https://openrouter.ai/api",
    "https://openrouter.ai/docs/guides/coding-agents/claude-code-integration",
  ),
  openai("DeepSeek", "https://api.deepseek.com/v1", "https://api-docs.deepseek.com", deepseek),
  anthropic(
    "DeepSeek",
    "https://api.deepseek.com/anthropic",
    "https://api-docs.deepseek.com/guides/anthropic_api",
    deepseek,
  ),
  openai("Kimi", "https://api.moonshot.ai/v1", kimiDocs, kimi),
  anthropic("Kimi", "https://api.moonshot.ai/anthropic", kimiDocs, kimi),
  openai("Kimi (China)", "https://api.moonshot.cn/v1", "https://platform.moonshot.cn/docs", kimi),
  anthropic("Kimi (China)", "https://api.moonshot.cn/anthropic", "https://platform.moonshot.cn/docs", kimi),
  openai("GLM", "https://api.z.ai/api/paas/v4", "https://docs.z.ai", glm),
  openai("GLM Coding Plan", "https://api.z.ai/api/coding/paas/v4", "https://docs.z.ai/devpack/quick-start", glm),
  anthropic("GLM", "https://api.z.ai/api/anthropic", "https://docs.z.ai/devpack/tool/claude", glm),
  openai("GLM (China)", "https://open.bigmodel.cn/api/paas/v4", "https://docs.bigmodel.cn", glm),
  anthropic(
    "GLM (China)",
    "https://open.bigmodel.cn/api/anthropic",
    "https://docs.bigmodel.cn/cn/guide/develop/claude/introduction",
    glm,
  ),
  openai("Qwen", "https://dashscope-intl.aliyuncs.com/compatible-mode/v1", alibaba, qwen),
  anthropic("Qwen", "https://dashscope-intl.aliyuncs.com/apps/anthropic", `${alibaba}/claude-code`, qwen),
  openai("Qwen (China)", "https://dashscope.aliyuncs.com/compatible-mode/v1", alibaba, qwen),
  anthropic("Qwen (China)", "https://dashscope.aliyuncs.com/apps/anthropic", `${alibaba}/claude-code`, qwen),
  openai("MiniMax", "https://api.minimax.io/v1", "https://platform.minimax.io/docs", minimax),
  anthropic(
    "MiniMax",
    "https://api.minimax.io/anthropic",
    "https://platform.minimax.io/docs/api-reference/text-anthropic-api",
    minimax,
  ),
  openai("MiniMax (China)", "https://api.minimaxi.com/v1", "https://platform.minimaxi.com/docs", minimax),
  anthropic("MiniMax (China)", "https://api.minimaxi.com/anthropic", "https://platform.minimaxi.com/docs", minimax),
  openai("xAI", "https://api.x.ai/v1", "https://docs.x.ai", called("grok-*")),
  openai("Groq", "https://api.groq.com/openai/v1", "https://console.groq.com/docs/openai"),
  openai("Mistral", "https://api.mistral.ai/v1", "https://docs.mistral.ai"),
  openai("SiliconFlow", "https://api.siliconflow.com/v1", "https://docs.siliconflow.com"),
  openai("SiliconFlow (China)", "https://api.siliconflow.cn/v1", "https://docs.siliconflow.cn"),
  // Servers of one's own: LiteLLM, another Claude Relay or claude-relay-service.
  openai("LiteLLM", "http://localhost:4000/v1", "https://docs.litellm.ai/docs/simple_proxy", relay),
  anthropic("LiteLLM", "http://localhost:4000", "https://docs.litellm.ai/docs/proxy/client_setup/claude_code", relay),
  openai("Another relay", "https://relay.example.com/openai", "https://relay.example.com", relay),
  anthropic("Another relay", "https://relay.example.com/api", "https://relay.example.com", relay),
];
