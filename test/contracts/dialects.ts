import Anthropic from "@anthropic-ai/sdk";
import { ApiError, GoogleGenAI } from "@google/genai";
import OpenAI from "openai";
import { anthropicDialect } from "../../functions/relay/dialects/anthropic/anthropic.ts";
import { codeAssistDialect } from "../../functions/relay/dialects/code-assist/code-assist.ts";
import type { Dialect } from "../../functions/relay/dialects/dialect.ts";
import { geminiDialect } from "../../functions/relay/dialects/gemini/gemini.ts";
import { asAzure } from "../../functions/relay/dialects/openai/azure.ts";
import { openaiChatDialect } from "../../functions/relay/dialects/openai/chat.ts";
import { openaiDialect } from "../../functions/relay/dialects/openai/other.ts";
import { openaiResponsesDialect } from "../../functions/relay/dialects/openai/responses.ts";
import type { Account, Credential } from "../../functions/core/accounts/account.ts";
import { anthropic } from "../../functions/relay/upstreams/anthropic/anthropic.ts";
import { azureOpenai } from "../../functions/relay/upstreams/openai/azure-openai.ts";
import { codeAssist as codeAssistUpstream } from "../../functions/relay/upstreams/google/code-assist.ts";
import { gemini as geminiByKey } from "../../functions/relay/upstreams/google/gemini.ts";
import { openai, speaking } from "../../functions/relay/upstreams/openai/openai.ts";
import type { Upstream } from "../../functions/relay/upstreams/upstream.ts";

/** A dialect as its contract suite tries it: what a client asks, and how the official SDK reads an answer. */
export interface Subject {
  /** Where it is not the dialect's name. */
  readonly title?: string;
  readonly dialect: Dialect;
  readonly upstream: Upstream;
  readonly account?: Partial<Account>;
  readonly credential?: Credential;
  /** A folder of fixtures: `*.sse` streamed and `*.json` whole, with what to find in each in `expected.json`. */
  readonly fixtures: string;
  ask(isStream: boolean): {
    path: string;
    query?: string;
    params?: Readonly<Record<string, string>>;
    body: unknown;
  };
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

/** The numbers, whether they came as such or as base64. */
async function readNumbers(answer: Response): Promise<string> {
  // Unless it is told otherwise the SDK asks for base64 and decodes whatever comes.
  const isPlain = /"embedding":\s*\[/.test(await answer.clone().text());
  const asked = {
    model: "text-embedding-3-small",
    input: "x",
    ...(isPlain ? { encoding_format: "float" as const } : {}),
  };
  const { data } = await openaiSdk(answer).embeddings.create(asked);
  return (data[0]?.embedding ?? []).map((number) => number.toFixed(2)).join(",");
}

const embeddings: Subject = {
  title: "openai, embeddings",
  dialect: openaiDialect,
  upstream: speaking("openai", openai),
  fixtures: "openai-embeddings",
  ask: () => ({ path: "/openai/v1/embeddings", body: { model: "text-embedding-3-small", input: "x" } }),
  judge: readNumbers,
  refusalClass: OpenAI.APIError,
};

/** Without `alt=sse` a stream is one JSON array, which no official SDK of today asks for. */
const geminiArray: Subject = {
  ...gemini,
  title: "gemini, a stream as a JSON array",
  fixtures: "gemini-array",
  ask: () => ({
    path: "/gemini/v1beta/models/gemini-2.5-pro:streamGenerateContent",
    body: { contents: geminiContents },
  }),
  async judge(answer) {
    if (!answer.ok) return readGemini(answer, false);
    const texts: string[] = [];
    for (const element of JSON.parse(await answer.text()) as unknown[])
      texts.push(await readGemini(new Response(JSON.stringify(element)), false));
    return texts.join("");
  },
};

/** Azure's clients name a deployment in the path, or a model as OpenAI's do. */
const azureChat: Subject = {
  ...chat,
  title: "azure, chat at a deployment",
  dialect: asAzure(openaiChatDialect),
  upstream: speaking("openai-chat", azureOpenai),
  account: { settings: { apiVersion: "2024-10-21" } },
  ask(isStream) {
    const { model: _model, ...body } = chat.ask(isStream).body as Record<string, unknown>;
    const path = "/azure/openai/deployments/gpt-5.5/chat/completions";
    return { path, query: "api-version=2024-10-21", params: { deployment: "gpt-5.5" }, body };
  },
};
const azureResponses: Subject = {
  ...responses,
  title: "azure, responses under /openai/v1",
  dialect: asAzure(openaiResponsesDialect),
  upstream: azureOpenai,
  ask: (isStream) => ({ ...responses.ask(isStream), path: "/azure/openai/v1/responses" }),
};
/** A conversation made shorter is answered as any response is. */
const compact: Subject = {
  ...responses,
  title: "openai-responses, compact",
  ask: (isStream) => ({ ...responses.ask(isStream), path: "/openai/responses/compact" }),
};

/** Every dialect there is, in each of its forms. */
export const subjects: readonly Subject[] = [
  ...[anthropicMessages, responses, compact, chat, images, embeddings, azureChat, azureResponses],
  ...[gemini, geminiArray, codeAssist],
];
