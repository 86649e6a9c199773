import type { Request } from "../../../wire/exchange.ts";
import { findSecret, pickHeaders } from "../../../wire/headers.ts";
import type { Call, Dialect } from "../dialect.ts";
import { findRouting } from "../routing.ts";
import { hideUsage } from "./ask-usage.ts";
import { beginningOf, clientOf, countOf, readFields, requireModel, serviceOf, textOf } from "./fields.ts";
import { openaiGoesUp, openaiPasses, remains } from "./headers.ts";
import { describe, refuse } from "./refusal.ts";
import { fail, mergeUsage, openaiForm, seeUsage } from "./usage.ts";
import { type AnswerForm, parseEvent, readAnswer, type Seen } from "../usage-reader.ts";
import { isObject, type JsonObject, listOf, objectOf } from "../../../wire/json.ts";

/** The Chat Completions API. Source: platform.openai.com/docs/api-reference/chat. */
export const openaiChatDialect: Dialect = {
  name: "openai-chat",
  secret: (request) => findSecret(request.headers),
  claims: clientOf,
  read: readCall,
  usage: () => readAnswer(form),
  opens: isOpening,
  hide: hideUsage,
  refuse,
  remains,
  interrupt: (failure) => Buffer.from(`data: ${JSON.stringify({ error: describe(failure) })}\n\n`),
  keepalive: Buffer.from(": keep-alive\n\n"),
  passes: openaiPasses,
};

const wanted = ["model", "stream", "max_tokens", "max_completion_tokens", "prompt_cache_key"];

function readCall(request: Request, bytes: Buffer): Call {
  const fields = readFields(bytes, wanted, ["messages"]);
  const model = requireModel(fields);
  return {
    dialect: "openai-chat",
    service: serviceOf(model),
    operation: "chat",
    isMetered: true,
    target: "/v1/chat/completions",
    model,
    isStream: fields.stream === true,
    session: textOf(fields.prompt_cache_key) ?? request.headers["session-id"] ?? beginningOf(fields.messages),
    client: clientOf(request.headers),
    maxOutputTokens: countOf(fields.max_completion_tokens) ?? countOf(fields.max_tokens),
    method: request.method,
    headers: pickHeaders(request.headers, openaiGoesUp),
    body: bytes,
    routing: findRouting(fields),
    rules: [],
  };
}

const form: AnswerForm = {
  ...openaiForm,
  fields: [...openaiForm.fields, "x_groq"],
  // `"usage":null` stands in every chunk of a stream that was asked for usage, so the figures are known by their own names.
  marks: ['"prompt_tokens"', '"completion_tokens"', '"total_tokens"', '"input_tokens"', '"error"', "[DONE]"],
  seeEvent,
  seeWhole: seeAnswer,
};

/** A chunk that names the role at most, or Azure's, which only judges the prompt. */
function isOpening(data: string): boolean {
  const chunk = parseEvent(data);
  if (!chunk || chunk.error !== undefined || isObject(chunk.usage) || !Array.isArray(chunk.choices)) return false;
  return (chunk.choices as unknown[]).every((choice) => {
    if (!isObject(choice) || typeof choice.finish_reason === "string") return false;
    const { role: _role, ...delta } = isObject(choice.delta) ? choice.delta : {};
    return Object.values(delta).every((value) => value === null || value === "");
  });
}

function seeEvent(seen: Seen, data: string): void {
  if (data.trim() === "[DONE]") {
    if (seen.state === "open") seen.state = "complete";
    return;
  }
  const chunk = parseEvent(data);
  if (chunk) seeAnswer(seen, chunk);
}

function seeAnswer(seen: Seen, answer: JsonObject): void {
  if (typeof answer.model === "string") seen.model = answer.model;
  seeUsage(seen, answer);
  // Moonshot tells a stream's usage in its last choice, Groq in a field of its own.
  for (const place of [...listOf(answer.choices), answer.x_groq]) mergeUsage(seen.usage, objectOf(place).usage);
  // These models search with every call. Source: developers.openai.com, Web search, Chat Completions.
  if (/-search-(?:preview|api)/.test(seen.model ?? "")) seen.usage.webSearches ??= 1;
  if (isObject(answer.error)) fail(seen, answer.error);
}
