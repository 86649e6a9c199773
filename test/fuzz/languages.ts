import type { Language } from "./answers-read.ts";

/** A way into the relay: a client's language, and the model that chooses the provider, across a bridge or not. */
export interface Way {
  readonly name: string;
  readonly language: Language;
  /** The provider's, whose words an error may be in where no bridge lies between. */
  readonly provider: Language;
  path(isStream: boolean): string;
  body(words: string, isStream: boolean): Record<string, unknown>;
}

const schema = { type: "object", properties: { path: { type: "string", enum: ["a", "b"] } }, required: ["path"] };
const pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

/** After the API reference of each language: a conversation with system prompt, tools, their use, and an image. */
const anthropic = (model: string) => (words: string, stream: boolean) => ({
  ...{ model, max_tokens: 1_024, stream, temperature: 0.5, metadata: { user_id: "user_a_account__session_b" } },
  system: [{ type: "text", text: "You help.", cache_control: { type: "ephemeral" } }],
  tools: [{ name: "read", description: "Reads a file", input_schema: schema }],
  tool_choice: { type: "auto" },
  messages: [
    { role: "user", content: [{ type: "text", text: "Read a." }] },
    { role: "assistant", content: [{ type: "tool_use", id: "toolu_1", name: "read", input: { path: "a" } }] },
    { role: "user", content: [{ type: "tool_result", tool_use_id: "toolu_1", content: "is empty" }] },
    { role: "assistant", content: "It is empty." },
    {
      role: "user",
      content: [
        { type: "image", source: { type: "base64", media_type: "image/png", data: pixel } },
        { type: "text", text: words },
      ],
    },
  ],
});

const responses = (model: string) => (words: string, stream: boolean) => ({
  ...{ model, stream, store: false, instructions: "You help.", max_output_tokens: 1_024, reasoning: { effort: "low" } },
  tools: [{ type: "function", name: "read", description: "Reads a file", parameters: schema, strict: false }],
  tool_choice: "auto",
  input: [
    { type: "message", role: "user", content: [{ type: "input_text", text: "Read a." }] },
    { type: "function_call", call_id: "call_1", name: "read", arguments: '{"path":"a"}' },
    { type: "function_call_output", call_id: "call_1", output: "is empty" },
    { type: "message", role: "assistant", content: [{ type: "output_text", text: "It is empty.", annotations: [] }] },
    { type: "message", role: "user", content: [{ type: "input_text", text: words }] },
  ],
});

const chat = (model: string) => (words: string, stream: boolean) => ({
  ...{ model, stream, max_tokens: 1_024, ...(stream ? { stream_options: { include_usage: true } } : {}) },
  tools: [{ type: "function", function: { name: "read", description: "Reads a file", parameters: schema } }],
  tool_choice: "auto",
  messages: [
    { role: "system", content: "You help." },
    { role: "user", content: "Read a." },
    {
      role: "assistant",
      content: null,
      tool_calls: [{ id: "call_1", type: "function", function: { name: "read", arguments: '{"path":"a"}' } }],
    },
    { role: "tool", tool_call_id: "call_1", content: "is empty" },
    { role: "user", content: [{ type: "text", text: words }] },
  ],
});

const gemini = (words: string) => ({
  systemInstruction: { parts: [{ text: "You help." }] },
  generationConfig: { maxOutputTokens: 1_024, temperature: 0.5 },
  tools: [{ functionDeclarations: [{ name: "read", description: "Reads a file", parameters: schema }] }],
  contents: [
    { role: "user", parts: [{ text: "Read a." }] },
    { role: "model", parts: [{ functionCall: { name: "read", args: { path: "a" } } }] },
    { role: "user", parts: [{ functionResponse: { name: "read", response: { output: "is empty" } } }] },
    { role: "user", parts: [{ inlineData: { mimeType: "image/png", data: pixel } }, { text: words }] },
  ],
});

const geminiPath = (isStream: boolean) =>
  `/gemini/v1beta/models/gemini-2.5-pro:${isStream ? "streamGenerateContent?alt=sse" : "generateContent"}`;
const [claude, gpt, google] = ["claude-sonnet-4-5", "gpt-5-codex", "gemini-2.5-pro"];
const [messagesPath, responsesPath, chatPath] = ["/v1/messages", "/openai/v1/responses", "/openai/v1/chat/completions"];
const to = (path: string) => () => path;

export const ways: readonly Way[] = [
  { name: "Anthropic", language: "anthropic", provider: "anthropic", path: to(messagesPath), body: anthropic(claude) },
  { name: "Responses", language: "openai", provider: "openai", path: to(responsesPath), body: responses(gpt) },
  { name: "Chat", language: "openai", provider: "openai", path: to(chatPath), body: chat(gpt) },
  { name: "Gemini", language: "gemini", provider: "gemini", path: geminiPath, body: gemini },
  {
    name: "Anthropic on OpenAI",
    language: "anthropic",
    provider: "openai",
    path: to(messagesPath),
    body: anthropic(gpt),
  },
  {
    name: "Anthropic on Gemini",
    language: "anthropic",
    provider: "gemini",
    path: to(messagesPath),
    body: anthropic(google),
  },
  {
    name: "Responses on Claude",
    language: "openai",
    provider: "anthropic",
    path: to(responsesPath),
    body: responses(claude),
  },
  { name: "Chat on Claude", language: "openai", provider: "anthropic", path: to(chatPath), body: chat(claude) },
  { name: "Chat on Gemini", language: "openai", provider: "gemini", path: to(chatPath), body: chat(google) },
];

/** The request's head as a client of the language sends it, up to the body's own headers. */
export function headOf(way: Way, isStream: boolean, secret: string, more: readonly string[]): string {
  const key = { anthropic: "x-api-key", openai: "authorization", gemini: "x-goog-api-key" }[way.language];
  return [
    `POST ${way.path(isStream)} HTTP/1.1`,
    "host: relay",
    "content-type: application/json",
    ...(way.language === "anthropic" ? ["anthropic-version: 2023-06-01"] : []),
    `${key}: ${way.language === "openai" ? "Bearer " : ""}${secret}`,
    ...more,
    "",
    "",
  ].join("\r\n");
}
