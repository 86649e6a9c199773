import { Failure } from "../../../failure.ts";
import type { Request } from "../../../wire/exchange.ts";
import { findSecret, pickHeaders } from "../../../wire/headers.ts";
import type { Call, Dialect } from "../dialect.ts";
import { findRouting } from "../routing.ts";
import { clientOf, type Fields, readFields, requireModel, serviceOf } from "./fields.ts";
import { openaiGoesUp, openaiPasses, remains } from "./headers.ts";
import { describe, refuse } from "./refusal.ts";
import { fail, openaiForm, seeUsage } from "./usage.ts";
import { type AnswerForm, parseEvent, readAnswer, type Seen } from "../usage-reader.ts";
import { isObject, type JsonObject } from "../../../wire/json.ts";

/** What else the OpenAI API has: embeddings, image generation (which may stream previews) and model lists. */
export const openaiDialect: Dialect = {
  name: "openai",
  secret: (request) => findSecret(request.headers),
  claims: clientOf,
  read: readCall,
  usage: () => readAnswer(form),
  opens: () => false,
  refuse,
  remains,
  interrupt(failure) {
    const error = describe(failure);
    return Buffer.from(`event: error\ndata: ${JSON.stringify({ type: "error", error })}\n\n`);
  },
  keepalive: Buffer.from(": keep-alive\n\n"),
  passes: openaiPasses,
};

/** The last segments of a path, and what they ask for. */
const operations = [
  [/\/embeddings$/, "embeddings", "/v1/embeddings"],
  [/\/images\/generations$/, "images", "/v1/images/generations"],
  [/\/images\/edits$/, "images", "/v1/images/edits"],
  [/\/alpha\/search$/, "search", "/v1/alpha/search"],
] as const;

function readCall(request: Request, bytes: Buffer): Call {
  if (request.method === "GET") return buildCall(request, "models", modelsTarget(request), {});
  const found = operations.find(([path]) => path.test(request.path));
  if (!found) throw new Failure("route.unknown", { message: `There is no ${request.path} here.` });
  const isForm = /^multipart\//i.test(request.headers["content-type"] ?? "");
  const fields = isForm ? readForm(bytes) : readFields(bytes, ["model", "stream"], []);
  const model = requireModel(fields);
  return {
    ...buildCall(request, found[1], found[2], { model, isStream: fields.stream === true }),
    body: bytes,
    routing: findRouting(fields),
  };
}

/** The SDKs send images to be edited as a form. */
function readForm(bytes: Buffer): Fields {
  const valueOf = (name: string): string | undefined => {
    const at = bytes.indexOf(`name="${name}"\r\n\r\n`);
    const begin = at + name.length + 11;
    return at < 0 ? undefined : bytes.toString("utf8", begin, bytes.indexOf("\r\n", begin));
  };
  return { model: valueOf("model"), stream: valueOf("stream") === "true" };
}

function modelsTarget(request: Request): string {
  return `/v1/models${request.query ? `?${request.query}` : ""}`;
}

function buildCall(
  request: Request,
  operation: string,
  target: string,
  { model, isStream = false }: { model?: string; isStream?: boolean },
): Call {
  return {
    dialect: "openai",
    service: model === undefined ? "openai" : serviceOf(model),
    operation,
    isMetered: operation !== "models",
    target,
    model,
    isStream,
    // Nothing here is worth keeping with one account: no prompt cache, no conversation.
    session: undefined,
    client: clientOf(request.headers),
    maxOutputTokens: operation === "embeddings" ? 0 : undefined,
    method: request.method,
    headers: pickHeaders(request.headers, openaiGoesUp),
    body: Buffer.alloc(0),
    rules: [],
  };
}

const form: AnswerForm = {
  ...openaiForm,
  marks: ['.completed"', '"input_tokens"', '"error"'],
  seeEvent,
  seeWhole: seeAnswer,
};

function seeEvent(seen: Seen, data: string): void {
  const event = parseEvent(data);
  if (!event) return;
  if (event.type === "error" || isObject(event.error)) return fail(seen, event.error ?? event);
  seeAnswer(seen, event);
  if (event.type === "image_generation.completed" && seen.state === "open") seen.state = "complete";
}

function seeAnswer(seen: Seen, answer: JsonObject): void {
  if (typeof answer.model === "string") seen.model = answer.model;
  seeUsage(seen, answer);
  if (isObject(answer.error)) fail(seen, answer.error);
}
