import { Failure } from "../../failure.ts";
import type { Headers } from "../../wire/exchange.ts";
import { anthropicDialect } from "../dialects/anthropic/anthropic.ts";
import { type Call, type Dialect, type DialectName, mayCross } from "../dialects/dialect.ts";
import { geminiDialect } from "../dialects/gemini/gemini.ts";
import { openaiChatDialect } from "../dialects/openai/chat.ts";
import { openaiResponsesDialect } from "../dialects/openai/responses.ts";
import { unpack } from "../upstreams/splice.ts";
import { readAnthropicRequest } from "./anthropic/request-read.ts";
import { writeAnthropicCount, writeAnthropicRequest } from "./anthropic/request-write.ts";
import { translateAnswer, type Translation } from "./answer.ts";
import type { Conversation, CrossingContext } from "./conversation.ts";
import { Reading, malformed, unsupported } from "./fields.ts";
import { fit } from "./fit/fit.ts";
import type { Language } from "./fit/limits.ts";
import { limitsOf } from "./fit/models.ts";
import { readGeminiRequest } from "./gemini/request-read.ts";
import { writeGeminiCount, writeGeminiRequest } from "./gemini/request-write.ts";
import { isObject, type JsonObject, objectOf, objectsOf } from "../../wire/json.ts";
import { readChatRequest } from "./openai-chat/request-read.ts";
import { writeChatRequest } from "./openai-chat/request-write.ts";
import { readResponsesRequest } from "./openai-responses/request-read.ts";
import { writeResponsesCount, writeResponsesRequest } from "./openai-responses/request-write.ts";

/** A call said in the language of the account that is to serve it, and what its answer's writer must know of it. */
export interface Crossing {
  readonly call: Call;
  readonly context: CrossingContext;
}

/** The languages that cross to each other. Code Assist is Gemini's in an envelope. */
export const languageOf = (dialect: DialectName): Language | undefined => {
  if (dialect === "code-assist") return "gemini";
  return dialect in writers ? (dialect as Language) : undefined;
};

type Read = (body: JsonObject, call: Call, reading: Reading) => Conversation;
type Write = (said: Conversation, reading: Reading) => JsonObject;

const readers: Readonly<Record<Language, Read>> = {
  anthropic: readAnthropicRequest,
  "openai-responses": readResponsesRequest,
  "openai-chat": readChatRequest,
  gemini: readGeminiRequest,
};

interface Written {
  readonly request: Write;
  /** Absent: the language counts no tokens. */
  readonly count?: Write;
  readonly operation: (isCount: boolean, isStream: boolean) => string;
  readonly target: (model: string, operation: string) => string;
}

const writers: Readonly<Record<Language, Written>> = {
  anthropic: {
    request: writeAnthropicRequest,
    count: writeAnthropicCount,
    operation: (isCount) => (isCount ? "count_tokens" : "messages"),
    target: (_model, operation) => (operation === "messages" ? "/v1/messages" : "/v1/messages/count_tokens"),
  },
  "openai-responses": {
    request: writeResponsesRequest,
    count: writeResponsesCount,
    operation: (isCount) => (isCount ? "input_tokens" : "responses"),
    target: (_model, operation) => (operation === "responses" ? "/v1/responses" : "/v1/responses/input_tokens"),
  },
  "openai-chat": {
    request: writeChatRequest,
    operation: () => "chat",
    target: () => "/v1/chat/completions",
  },
  gemini: {
    request: writeGeminiRequest,
    count: writeGeminiCount,
    operation: (isCount, isStream) =>
      isCount ? "countTokens" : isStream ? "streamGenerateContent" : "generateContent",
    target: (model, operation) => {
      const query = operation === "streamGenerateContent" ? "?alt=sse" : "";
      return `/v1beta/models/${encodeURIComponent(model)}:${operation}${query}`;
    },
  },
};

const counts = ["count_tokens", "input_tokens", "countTokens"];
/**
 * Says a call in another language, for a model there (`call.model`; `askedModel` is the client's name for it). Throws
 * `request.unsupported`, naming the field, and `request.malformed`; what was changed is named in the call's rules.
 */
export function crossRequest(call: Call, askedModel: string, upstream: Language): Crossing {
  const client = languageOf(call.dialect);
  if (!client || !mayCross(call) || call.operation === "compact")
    throw unsupported(call.operation, "the model's own API has nothing like it");
  const isCount = counts.includes(call.operation);
  const reading = new Reading();
  reading.note(`${names[client]} said as ${names[upstream]}`);
  const body = readBody(call, reading);
  const limits = limitsOf(call.model ?? "", upstream);
  const asked = readers[client](body, call, reading);
  const { conversation, origins, watchedStops, isOneCall } = fit(asked, limits, reading);
  const writer = writers[upstream];
  const write = isCount ? writer.count : writer.request;
  // Clients fall back to an estimate of their own where a 404 says that nobody counts.
  if (!write)
    throw new Failure("model.unknown", { message: "The model's own API counts no tokens.", isRetryable: false });
  const written = write(conversation, reading);
  const operation = writer.operation(isCount, call.isStream);
  const said: Call = {
    ...call,
    dialect: upstream,
    operation,
    target: writer.target(conversation.model, operation),
    maxOutputTokens: isCount ? undefined : conversation.maxTokens,
    method: "POST",
    headers: headersFor(upstream, call),
    body: Buffer.from(JSON.stringify(written)),
    rules: [...call.rules, ...reading.rules],
  };
  return {
    call: said,
    context: {
      ...{ client, upstream, isCount, askedModel, model: conversation.model, isStream: call.isStream },
      ...readWishes(body, client, call),
      ...{ tools: origins, isOneCall, watchedStops, stops: asked.stops },
      isThinkingAsked: asked.thinking.mode === "on",
      isThinkingShown: asked.thinking.isShown,
    },
  };
}

export interface Crossed {
  readonly call: Call;
  /** The account's language. */
  readonly dialect: Dialect;
  /** A translator of one answer, made once per answer. */
  answer(): Translation;
}

const dialects: Readonly<Record<Language, Dialect>> = {
  anthropic: anthropicDialect,
  "openai-responses": openaiResponsesDialect,
  "openai-chat": openaiChatDialect,
  gemini: geminiDialect,
};

/** A call in another language, with the translator of its answer. */
export function crossTo(language: Language, call: Call, asked: string): Crossed {
  const { call: said, context } = crossRequest(call, asked, language);
  // Without `alt=sse` a stream of Gemini's is one JSON list.
  const isList = call.operation === "streamGenerateContent" && !call.isStream;
  return {
    call: said,
    dialect: dialects[language],
    answer: () => translateAnswer(context, { isEnveloped: context.isCodeAssist, isList }),
  };
}

const names: Readonly<Record<Language, string>> = {
  anthropic: "Anthropic Messages",
  "openai-responses": "OpenAI Responses",
  "openai-chat": "OpenAI Chat",
  gemini: "Gemini",
};

function readBody(call: Call, reading: Reading): JsonObject {
  const body = reading.parse(unpack(call).body);
  if (body) return body;
  throw malformed("The request body must be a JSON object.");
}

/** Nothing of the client's own headers is meant for another vendor, but for what it calls itself. */
function headersFor(upstream: Language, { headers, isStream }: Call): Headers {
  const agent = headers["user-agent"];
  const accept = isStream && upstream !== "anthropic" ? "text/event-stream" : "application/json";
  return {
    accept,
    "content-type": "application/json",
    ...(upstream === "anthropic" ? { "anthropic-version": "2023-06-01" } : {}),
    ...(agent === undefined || upstream !== "anthropic" ? {} : { "user-agent": agent }),
  };
}

type Wishes = Pick<CrossingContext, "asksUsage" | "safeguards" | "echo" | "isCodeAssist">;

/** What only the answer's writer looks at. */
function readWishes(body: JsonObject, client: Language, call: Call): Wishes {
  return {
    asksUsage: objectOf(body.stream_options).include_usage === true,
    safeguards: client === "anthropic" ? objectsOf(body.safeguards).map(({ type }) => String(type)) : [],
    echo: client === "openai-responses" ? echoOf(body) : {},
    isCodeAssist: call.dialect === "code-assist",
  };
}

const echoed = [
  ...["max_output_tokens", "metadata", "prompt_cache_key", "safety_identifier", "user", "parallel_tool_calls"],
  ...["tool_choice", "temperature", "top_p", "reasoning", "text"],
];

/**
 * What a response says back of its request, as far as it is short: with instructions and tools a stream would say the request
 * back three times, at the operator's expense.
 */
function echoOf(body: JsonObject): JsonObject {
  const entries = echoed.flatMap((name) => {
    const value = body[name];
    const isShort = !isObject(value) || JSON.stringify(value).length < 4_096;
    return value === undefined || value === null || !isShort ? [] : [[name, value]];
  });
  return Object.fromEntries(entries) as JsonObject;
}
