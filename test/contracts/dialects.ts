import Anthropic from "@anthropic-ai/sdk";
import { ApiError, GoogleGenAI } from "@google/genai";
import OpenAI from "openai";
import { anthropicDialect } from "../../functions/dialects/anthropic.ts";
import { codeAssistDialect } from "../../functions/dialects/code-assist.ts";
import type { Dialect } from "../../functions/dialects/dialect.ts";
import { geminiDialect } from "../../functions/dialects/gemini.ts";
import { openaiChatDialect } from "../../functions/dialects/openai-chat.ts";
import { openaiDialect } from "../../functions/dialects/openai-other.ts";
import { openaiResponsesDialect } from "../../functions/dialects/openai-responses.ts";
import type { Account, Credential } from "../../functions/records/account.ts";
import { anthropic } from "../../functions/upstreams/anthropic.ts";
import { codeAssist as codeAssistUpstream } from "../../functions/upstreams/code-assist.ts";
import { gemini as geminiByKey } from "../../functions/upstreams/gemini.ts";
import { openai, speaking } from "../../functions/upstreams/openai.ts";
import type { Upstream } from "../../functions/upstreams/upstream.ts";

/** A dialect as its contract suite tries it: what a client asks, and how the official SDK reads an answer. */
export interface Subject {
  readonly dialect: Dialect;
  readonly upstream: Upstream;
  readonly account?: Partial<Account>;
  readonly credential?: Credential;
  /** A folder of fixtures: `*.sse` streamed and `*.json` whole, with what to find in each in `expected.json`. */
  readonly fixtures: string;
  ask(isStream: boolean): { path: string; query?: string; body: unknown };
  /** The text that the official SDK reads; throws what it throws. */
  judge(answer: Response, isStream: boolean): Promise<string>;
  /** The kind of error that the official SDK makes of a refusal. */
  readonly refusalClass: new (...values: never[]) => Error;
}

const messages = [{ role: "user" as const, content: "x" }];
const openaiSdk = (answer: Response) =>
  new OpenAI({
    apiKey: "none",
    baseURL: "http://fixtures.invalid",
    maxRetries: 0,
    logLevel: "off",
    fetch: async () => answer,
  });

const anthropicMessages: Subject = {
  dialect: anthropicDialect,
  upstream: anthropic,
  fixtures: "anthropic",
  ask: (isStream) => ({
    path: "/v1/messages",
    body: { model: "claude-sonnet-4-6", max_tokens: 9, stream: isStream, messages },
  }),
  async judge(answer, isStream) {
    const fetch = async () => answer;
    const client = new Anthropic({ apiKey: "none", baseURL: "http://fixtures.invalid", maxRetries: 0, fetch });
    const request = { model: "claude-sonnet-4-6", max_tokens: 9, messages };
    const message = isStream
      ? await client.messages.stream(request).finalMessage()
      : await client.messages.create(request);
    return message.content.find((block) => block.type === "text")?.text ?? "";
  },
  refusalClass: Anthropic.APIError,
};

const responses: Subject = {
  dialect: openaiResponsesDialect,
  upstream: openai,
  fixtures: "openai-responses",
  ask: (isStream) => ({ path: "/openai/responses", body: { model: "gpt-5.5", stream: isStream, input: "x" } }),
  async judge(answer, isStream) {
    const request = { model: "gpt-5.5", input: "x" };
    if (!isStream) return (await openaiSdk(answer).responses.create(request)).output_text;
    let text = "";
    for await (const event of await openaiSdk(answer).responses.create({ ...request, stream: true })) {
      if (event.type === "response.output_text.delta") text += event.delta;
      // The SDK hands a failed response over as an event like any other, to be judged by whoever reads it.
      if (event.type === "response.failed") throw new Error(event.response.error?.message);
    }
    return text;
  },
  refusalClass: OpenAI.APIError,
};

const chat: Subject = {
  dialect: openaiChatDialect,
  upstream: speaking("openai-chat", openai),
  fixtures: "openai-chat",
  ask: (isStream) => ({
    path: "/openai/v1/chat/completions",
    body: {
      model: "gpt-5.5",
      stream: isStream,
      messages,
      ...(isStream ? { stream_options: { include_usage: true } } : {}),
    },
  }),
  async judge(answer, isStream) {
    const request = { model: "gpt-5.5", messages };
    if (!isStream) return (await openaiSdk(answer).chat.completions.create(request)).choices[0]?.message.content ?? "";
    const completion = await openaiSdk(answer).chat.completions.stream(request).finalChatCompletion();
    return completion.choices[0]?.message.content ?? "";
  },
  refusalClass: OpenAI.APIError,
};

const images: Subject = {
  dialect: openaiDialect,
  upstream: speaking("openai", openai),
  fixtures: "openai",
  ask: (isStream) => ({
    path: "/openai/v1/images/generations",
    body: { model: "gpt-image-1", stream: isStream, prompt: "x" },
  }),
  async judge(answer, isStream) {
    const request = { model: "gpt-image-1", prompt: "x" };
    if (!isStream) return (await openaiSdk(answer).images.generate(request)).data?.[0]?.b64_json ?? "";
    let image = "";
    for await (const event of await openaiSdk(answer).images.generate({ ...request, stream: true }))
      image = event.b64_json;
    return image;
  },
  refusalClass: OpenAI.APIError,
};

async function readGemini(answer: Response, isStream: boolean): Promise<string> {
  const httpOptions = { baseUrl: "http://fixtures.invalid", fetch: async () => answer };
  const { models } = new GoogleGenAI({ apiKey: "none", httpOptions });
  const request = { model: "gemini-2.5-pro", contents: "x" };
  if (!isStream) return (await models.generateContent(request)).text ?? "";
  let text = "";
  for await (const chunk of await models.generateContentStream(request)) text += chunk.text ?? "";
  return text;
}

const geminiContents = [{ role: "user", parts: [{ text: "x" }] }];

const gemini: Subject = {
  dialect: geminiDialect,
  upstream: geminiByKey,
  fixtures: "gemini",
  ask: (isStream) => ({
    path: `/gemini/v1beta/models/gemini-2.5-pro:${isStream ? "streamGenerateContent" : "generateContent"}`,
    ...(isStream ? { query: "alt=sse" } : {}),
    body: { contents: geminiContents },
  }),
  judge: readGemini,
  refusalClass: ApiError,
};

const { onlyClient: _onlyClient, ...codeAssistPlace } = codeAssistUpstream;

const codeAssist: Subject = {
  dialect: codeAssistDialect,
  // That it serves its own tool only is tried elsewhere.
  upstream: codeAssistPlace,
  credential: { kind: "oauth", accessToken: "none" },
  fixtures: "code-assist",
  ask: (isStream) => ({
    path: `/gemini/v1internal:${isStream ? "streamGenerateContent" : "generateContent"}`,
    ...(isStream ? { query: "alt=sse" } : {}),
    body: { model: "gemini-2.5-pro", project: "p", request: { contents: geminiContents } },
  }),
  /** Gemini CLI takes the envelope off and reads what is in it as the SDK does. */
  async judge(answer, isStream) {
    const plain = (await answer.text()).replace(/\{"response": ?(\{.*\}), "traceId": "fixture"\}/g, "$1");
    const { status, headers } = answer;
    return readGemini(new Response(plain, { status, headers }), isStream);
  },
  refusalClass: ApiError,
};

/** Every dialect there is. */
export const subjects: readonly Subject[] = [anthropicMessages, responses, chat, images, gemini, codeAssist];
