import { Failure } from "../../../failure.ts";
import type { Headers, Request } from "../../../wire/exchange.ts";
import { countValues, findTopLevel, parseSpan } from "../../../wire/top-level.ts";
import { findSecret, pickHeaders } from "../../../wire/headers.ts";
import type { Call, Dialect } from "../dialect.ts";
import { asksOf } from "../asks.ts";
import { findRouting } from "../routing.ts";
import type { Fields } from "./fields.ts";
import { beginningOf, clientOf, countOf, readFields, requireModel, serviceOf, textOf } from "./fields.ts";
import { budgetHeaders, openaiGoesUp, openaiPasses, remains } from "./headers.ts";
import { describe, refuse } from "./refusal.ts";
import { drawingModelOf, errorOf, fail, openaiForm, seeUsage } from "./usage.ts";
import { type AnswerForm, parseEvent, readAnswer, type Seen } from "../usage-reader.ts";
import { isObject, type JsonObject, objectOf } from "../../../wire/json.ts";

/** The OpenAI Responses API, as Codex speaks it too. Source: platform.openai.com/docs/api-reference/responses. */
export const openaiResponsesDialect: Dialect = {
  name: "openai-responses",
  secret: (request) => findSecret(request.headers),
  claims: clientOf,
  read: readCall,
  usage: (call) => readAnswer(buildForm(call)),
  opens: (data) => openings.has(String(parseEvent(data)?.type)),
  refuse,
  remains: (standings, now, hint) => ({ ...remains(standings, now), ...budgetHeaders(standings, hint) }),
  interrupt(failure) {
    const error = describe(failure);
    const { message, param } = error;
    // `error` repeats the fields for the SDK's older versions, which look for them there.
    const event = { type: "error", code: error.code ?? error.type, message, param, sequence_number: 0, error };
    return Buffer.from(`event: error\ndata: ${JSON.stringify(event)}\n\n`);
  },
  keepalive: Buffer.from(": keep-alive\n\n"),
  passes: openaiPasses,
};

const openings = new Set(["response.created", "response.in_progress", "response.queued", "keepalive"]);

const wanted = ["model", "stream", "max_output_tokens", "prompt_cache_key", "conversation", "background"];

function readCall(request: Request, bytes: Buffer): Call {
  if (request.method !== "POST") {
    throw new Failure("method.unknown", {
      message: "Responses are served over HTTP POST with server-sent events here, not over WebSocket.",
    });
  }
  const fields = readFields(bytes, wanted, ["instructions", "input"]);
  const model = requireModel(fields);
  // What runs in the background is billed after its answer, when nobody here would see its usage.
  if (fields.background === true) {
    throw new Failure("request.unsupported", {
      message: "Unsupported parameter: 'background' is not served by this relay.",
    });
  }
  const operation = /\/(compact|input_tokens)$/.exec(request.path)?.[1] ?? "responses";
  return {
    dialect: "openai-responses",
    service: serviceOf(model),
    operation,
    isMetered: operation !== "input_tokens",
    target: operation === "responses" ? "/v1/responses" : `/v1/responses/${operation}`,
    model,
    isStream: fields.stream === true,
    session: sessionOf(fields, request.headers),
    client: clientOf(request.headers),
    maxOutputTokens: countOf(fields.max_output_tokens),
    method: request.method,
    headers: pickHeaders(request.headers, openaiGoesUp),
    body: bytes,
    routing: findRouting(fields),
    rules: [],
  };
}

/** The body's key is the steadiest: versions of Codex differ in the header's name, and proxies drop those with underscores. */
function sessionOf(fields: Fields, headers: Headers): string | undefined {
  const conversation = isObject(fields.conversation) ? fields.conversation.id : fields.conversation;
  return (
    textOf(fields.prompt_cache_key) ??
    headers["session-id"] ??
    headers.session_id ??
    headers["thread-id"] ??
    headers.conversation_id ??
    textOf(conversation) ??
    beginningOf(fields.input, fields.instructions)
  );
}

const marks = [
  ...['"response.completed"', '"response.incomplete"', '"response.failed"', '"response.created"'],
  ...['"input_tokens"', '"error"'],
];

function buildForm(call: Call): AnswerForm {
  const drawingModel = asksOf(call).mayDraw ? findDrawingModel(call.plain ?? call.body) : undefined;
  return {
    ...openaiForm,
    marks,
    seeEvent: (seen, data) => seeEvent(seen, data, drawingModel),
    seeWhole: (seen, response) => seeResponse(seen, response, drawingModel),
  };
}

const mostToolValues = 200_000;

/** The model that the call's image tool is to draw with: answers need not say it. */
function findDrawingModel(body: Buffer): string | undefined {
  try {
    const tools = findTopLevel(body, ["tools"])?.get("tools");
    // The provider takes 128 tools; what has more values than they can have is not worth a parse.
    if (!tools || countValues(body.subarray(tools.start, tools.end), mostToolValues) > mostToolValues) return undefined;
    return drawingModelOf(parseSpan(body, tools));
  } catch {
    // A body that the provider will refuse.
    return undefined;
  }
}

function seeEvent(seen: Seen, data: string, drawingModel: string | undefined): void {
  const event = parseEvent(data);
  if (!event) return;
  if (event.type === "error") return fail(seen, event.error ?? event);
  const response = objectOf(event.response);
  if (event.type === "response.created") return seeModel(seen, response);
  // Usage may stand beside the response instead of inside it.
  seeResponse(seen, { usage: event.usage, ...response }, drawingModel);
  if (event.type === "response.failed") fail(seen, response.error);
  else if (/^response\.(?:completed|incomplete)$/.test(String(event.type)) && seen.state === "open")
    seen.state = "complete";
}

function seeModel(seen: Seen, response: JsonObject): void {
  if (typeof response.model === "string") seen.model = response.model;
}

function seeResponse(seen: Seen, response: JsonObject, drawingModel: string | undefined): void {
  seeModel(seen, response);
  seeUsage(seen, response, drawingModel);
  if (response.status !== "failed" && !isObject(response.error)) return;
  seen.state = "failed";
  seen.error = errorOf(response.error);
}
