import { type Language, languages, type Limits } from "./limits.ts";

/** What a family of models takes otherwise than its language says. */
interface Family {
  readonly name: string;
  readonly models: RegExp;
  readonly limits: Partial<Limits> | ((language: Language) => Partial<Limits>);
  /** The document that says so, and when it was read. */
  readonly source: string;
}

const read = "read 2026-11-30";
const claude = `docs.anthropic.com, models overview, extended and adaptive thinking, effort; ${read}`;
const openai = `platform.openai.com, models, reasoning; ${read}`;
const google = `ai.google.dev, models, thinking; ${read}`;

const adaptive: Partial<Limits> = { thinksBy: "effort", mostOutput: 128_000, mayEndWithAssistant: false };
const oneOfTwo: Partial<Limits> = { isTemperatureOrTopP: true };
const budgets: Partial<Limits> = { ...oneOfTwo, mostOutput: 64_000 };
const thoughtless: Partial<Limits> = { thinksBy: "never" };

/** OpenAI's models that think: no sampling unless they are told not to think, and marks for the cache from GPT-5.6 on. */
const thinker =
  (efforts: string, limits: Partial<Limits> = {}) =>
  (language: Language): Partial<Limits> => ({
    ...{ thinksBy: "effort", efforts: efforts.split(" "), samplingWhileThinking: [], mostOutput: 128_000 },
    ...{ sampling: efforts.startsWith("none") ? languages[language].sampling : [] },
    ...(language === "openai-chat" ? atOpenai : {}),
    ...limits,
  });
/** OpenAI itself at its Chat language. */
const atOpenai: Partial<Limits> = { hasSystemTurns: true, takesThoughts: false };
const talker =
  (mostOutput: number) =>
  (language: Language): Partial<Limits> => ({
    ...{ thinksBy: "never", mostOutput },
    ...(language === "openai-chat" ? atOpenai : {}),
  });

const vendor = (docs: string): string => `${docs}; ${read}`;

/** The first family that a name fits. Names may bear a place before them (`us.anthropic.`, `google/`) and a date behind. */
const families: readonly Family[] = [
  // Non-default sampling is refused from Opus 4.7 on, and so is `thinking.enabled`: migration guide to Opus 4.7.
  {
    name: "Claude from Opus 4.7 on",
    models:
      /claude-(?:mythos|(?:opus-4-[7-9]|(?:opus|sonnet|haiku|fable|mythos)-(?:[5-9]|\d\d))(?!\d)|4-[78]-opus|(?:5|5-\d)-(?:opus|sonnet|haiku))/,
    limits: { ...adaptive, sampling: [], efforts: ["low", "medium", "high", "xhigh", "max"] },
    source: claude,
  },
  {
    name: "Claude 4.6",
    models: /claude-(?:(?:opus|sonnet|haiku)-4-6|4-6-)/,
    limits: { ...adaptive, ...oneOfTwo, efforts: ["low", "medium", "high", "max"] },
    source: claude,
  },
  { name: "Claude 4.5", models: /claude-(?:(?:opus|sonnet|haiku)-4-5|4-5-)/, limits: budgets, source: claude },
  {
    name: "Claude Opus 4.1",
    models: /claude-opus-4-1(?!\d)/,
    limits: { ...budgets, mostOutput: 32_000 },
    source: claude,
  },
  {
    name: "Claude Opus 4",
    models: /claude-(?:opus-4|4-opus)/,
    limits: { hasFormat: false, mostOutput: 32_000 },
    source: claude,
  },
  {
    name: "Claude 4",
    models: /claude-(?:(?:sonnet|haiku)-4|4-)/,
    limits: { hasFormat: false, mostOutput: 64_000 },
    source: claude,
  },
  {
    name: "Claude 3.7",
    models: /claude-(?:3-7|sonnet-3-7)/,
    limits: { hasFormat: false, mostOutput: 64_000 },
    source: claude,
  },
  {
    name: "Claude 3.5",
    models: /claude-3-5/,
    limits: { ...thoughtless, hasFormat: false, mostOutput: 8_192 },
    source: claude,
  },
  {
    name: "Claude 3",
    models: /claude-[123]/,
    limits: { ...thoughtless, hasFormat: false, mostOutput: 4_096 },
    source: claude,
  },

  {
    name: "GPT open weights",
    models: /gpt-oss/,
    limits: { thinksBy: "effort", efforts: ["low", "medium", "high"] },
    source: vendor("github.com/openai/gpt-oss"),
  },
  {
    name: "GPT without thinking",
    models: /gpt-(?:\d[\d.-]*-)?chat|chatgpt-|gpt-4o:/,
    limits: talker(16_384),
    source: openai,
  },
  {
    name: "GPT images, speech, embeddings",
    models: /gpt-image|-image(?:-mini|-\d)?$|gpt-4o.*(?:audio|transcribe|tts)|gpt-(?:audio|realtime)|text-embedding/,
    limits: talker(16_384),
    source: openai,
  },
  { name: "GPT pro", models: /gpt-5-pro/, limits: thinker("high"), source: openai },
  { name: "GPT later pro", models: /gpt-[5-9][.-]?\d?-pro/, limits: thinker("medium high xhigh"), source: openai },
  {
    name: "GPT-6",
    models: /gpt-(?:[6-9]|\d\d)(?![\d])/,
    limits: thinker("none low medium high xhigh max", { mostCacheMarks: 4 }),
    source: openai,
  },
  {
    name: "GPT-5.6",
    models: /gpt-5[.-][6-9]/,
    limits: thinker("none low medium high xhigh max", { mostCacheMarks: 4 }),
    source: openai,
  },
  {
    name: "GPT-5.x Codex",
    models: /gpt-5[.-]\d+-codex(?!-m)|gpt-5[.-]1-codex-max/,
    limits: thinker("low medium high xhigh"),
    source: openai,
  },
  { name: "GPT-5.1", models: /gpt-5[.-]1/, limits: thinker("none low medium high"), source: openai },
  { name: "GPT-5.2 to 5.5", models: /gpt-5[.-]\d/, limits: thinker("none low medium high xhigh"), source: openai },
  { name: "GPT-5 Codex", models: /gpt-5-codex|codex-mini/, limits: thinker("low medium high"), source: openai },
  { name: "GPT-5", models: /gpt-5/, limits: thinker("minimal low medium high"), source: openai },
  {
    name: "GPT for research and security",
    models: /gpt-(?:rosalind|daybreak)/,
    limits: thinker("low medium high"),
    source: openai,
  },
  {
    name: "o series",
    models: /(?:^|[/.])o\d|computer-use/,
    limits: thinker("low medium high", { mostOutput: 100_000 }),
    source: openai,
  },
  { name: "GPT-4.1", models: /gpt-4\.1/, limits: talker(32_768), source: openai },
  { name: "GPT-4o and 4.5", models: /gpt-4o|gpt-4\.5/, limits: talker(16_384), source: openai },
  { name: "GPT-4 and 3.5", models: /gpt-(?:4|3\.?5)/, limits: talker(4_096), source: openai },

  {
    name: "Gemma, Gemini 1 and 2.0",
    models: /gemini-(?:1|2\.0|pro|flash)|gemma|learnlm|palm-2/,
    limits: { ...thoughtless, mostOutput: 8_192, mayFormatWithTools: false, hasMediaUrls: false },
    source: google,
  },
  {
    name: "Gemini 2.5 Flash Lite",
    models: /gemini-2\.5-flash-lite/,
    limits: { thinksBy: "budget", mayFormatWithTools: false },
    source: google,
  },
  {
    name: "Gemini 2.5 Flash",
    models: /gemini-(?:live-)?2\.5-flash/,
    limits: { thinksBy: "budget", mayFormatWithTools: false },
    source: google,
  },
  {
    name: "Gemini 2.5 Pro",
    models: /gemini-2\.5/,
    limits: { thinksBy: "budget", budget: [128, 32_768], mayFormatWithTools: false },
    source: google,
  },
  {
    name: "Gemini Flash from 3 on",
    models: /gemini-(?:(?:[3-9]|\d\d)[\d.]*|omni)-(?:flash|argon)/,
    limits: {},
    source: google,
  },
  { name: "Gemini 3 Pro", models: /gemini-3-pro/, limits: { efforts: ["low", "high"] }, source: google },
  {
    name: "Gemini Pro from 3.1 on",
    models: /gemini-(?:[3-9]|\d\d)/,
    limits: { efforts: ["low", "medium", "high"] },
    source: google,
  },
  { name: "Gemini embeddings", models: /gemini-embedding/, limits: thoughtless, source: google },

  {
    name: "DeepSeek V4",
    models: /deepseek-v(?:[4-9]|\d\d)/,
    limits: { thinksBy: "switch", mostOutput: 393_216 },
    source: vendor("api-docs.deepseek.com"),
  },
  {
    name: "DeepSeek reasoner",
    models: /deepseek[-.](?:reasoner|r1)/,
    limits: { mostOutput: 65_536, takesThoughts: false },
    source: vendor("api-docs.deepseek.com"),
  },
  {
    name: "DeepSeek V3",
    models: /deepseek/,
    limits: { ...thoughtless, mostOutput: 8_192 },
    source: vendor("api-docs.deepseek.com"),
  },
  {
    name: "Kimi that thinks",
    models: /kimi-k(?:2\.[5-9]|[3-9])/,
    limits: { thinksBy: "switch" },
    source: vendor("platform.moonshot.ai/docs"),
  },
  { name: "Kimi", models: /kimi|moonshot/, limits: {}, source: vendor("platform.moonshot.ai/docs") },
  {
    name: "GLM that thinks",
    models: /glm-(?:4\.[5-9]|[5-9])/,
    limits: { thinksBy: "switch", mostOutput: 98_304 },
    source: vendor("docs.z.ai"),
  },
  { name: "GLM", models: /glm/, limits: { ...thoughtless, mostOutput: 4_095 }, source: vendor("docs.bigmodel.cn") },
  {
    name: "Qwen",
    models: /qw(?:en|q)/,
    limits: { hasMediaUrls: true },
    source: vendor("help.aliyun.com, Qwen API reference"),
  },
  {
    name: "Grok with efforts",
    models: /grok-(?:3-mini|4\.[2-9])/,
    limits: { thinksBy: "effort", efforts: ["low", "high"] },
    source: vendor("docs.x.ai"),
  },
  { name: "Grok", models: /grok/, limits: {}, source: vendor("docs.x.ai") },
  {
    name: "Mistral",
    models: /mi(?:s|x|ni)tral|codestral|devstral|magistral|pixtral|voxtral|ministral/,
    limits: { ...thoughtless, takesThoughts: false, illegalInIds: /[^a-zA-Z0-9]/g, mostIdLength: 9 },
    source: vendor("docs.mistral.ai, function calling: ids of nine letters and digits"),
  },
  {
    name: "other open models",
    models: /llama|nova|titan|nemotron|palmyra|phi-|wizardlm|command|minimax|mimo|seed-|jamba/,
    limits: {},
    source: vendor("openrouter.ai/docs"),
  },
];

/** The family of a model's name, undefined if the table has none. */
export const familyOf = (model: string): Family | undefined => families.find(({ models }) => models.test(model));

/** Whether a model is one of OpenAI's own, which are told some things that no vendor of its language knows. */
export const ofOpenai = (model: string): boolean => familyOf(model)?.source === openai;

/** What a model takes when it is asked in a language. An unknown model takes what the language does. */
export function limitsOf(model: string, language: Language): Limits {
  const { limits = {} } = familyOf(model) ?? {};
  const own = typeof limits === "function" ? limits(language) : limits;
  // Vendors of the Chat language offer Claude and Gemini with OpenAI's efforts.
  const isBudget = language === "openai-chat" && own.thinksBy === "budget";
  const efforts: Partial<Limits> = isBudget ? { thinksBy: "effort", efforts: ["low", "medium", "high"] } : {};
  return { ...languages[language], ...own, ...efforts };
}
