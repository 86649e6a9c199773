import { Failure } from "../../../failure.ts";
import type { Headers, Request } from "../../../wire/exchange.ts";
import { findSecret, pickHeaders } from "../../../wire/headers.ts";
import type { Call, Dialect } from "../dialect.ts";
import type { Fields } from "./fields.ts";
import { beginningOf, clientOf, countOf, readFields, requireModel, serviceOf, textOf } from "./fields.ts";
import { openaiGoesUp, openaiPasses, remains } from "./headers.ts";
import { describe, refuse } from "./refusal.ts";
import type { Loose, Seen } from "./usage.ts";
import { errorOf, fail, isLoose, mergeUsage, parse, readStream, readWhole } from "./usage.ts";

/** The OpenAI Responses API, as Codex speaks it too. Source: platform.openai.com/docs/api-reference/responses. */
export const openaiResponsesDialect: Dialect = {
  name: "openai-responses",
  secret: (request) => findSecret(request.headers),
  read: readCall,
  usage: (call) => (call.isStream ? readStream(marks, seeEvent) : readWhole(seeResponse)),
  opens: (data) => openings.has(String(parse(data)?.type)),
  refuse,
  remains,
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
  const operation = request.path.endsWith("/compact") ? "compact" : "responses";
  return {
    dialect: "openai-responses",
    service: serviceOf(model),
    operation,
    isMetered: true,
    target: operation === "compact" ? "/v1/responses/compact" : "/v1/responses",
    model,
    isStream: fields.stream === true,
    session: sessionOf(fields, request.headers),
    client: clientOf(request.headers),
    maxOutputTokens: countOf(fields.max_output_tokens),
    method: request.method,
    headers: pickHeaders(request.headers, openaiGoesUp),
    body: bytes,
    rules: [],
  };
}

/** The body's key is the steadiest: versions of Codex differ in the header's name, and proxies drop those with underscores. */
function sessionOf(fields: Fields, headers: Headers): string | undefined {
  const conversation = isLoose(fields.conversation) ? fields.conversation.id : fields.conversation;
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

/** Quotes inside a delta's text are escaped, so these match envelopes only. */
const marks = ['"response.completed"', '"response.incomplete"', '"response.failed"', '"response.created"', '"error"'];

function seeEvent(seen: Seen, data: string): void {
  const event = parse(data);
  if (!event) return;
  const response = isLoose(event.response) ? event.response : {};
  if (event.type === "response.created") seeModel(seen, response);
  else if (event.type === "response.completed" || event.type === "response.incomplete") {
    seeResponse(seen, response);
    if (seen.state === "open") seen.state = "complete";
  } else if (event.type === "response.failed") {
    seeResponse(seen, response);
    fail(seen, response.error);
  } else if (event.type === "error") fail(seen, event.error ?? event);
}

function seeModel(seen: Seen, response: Loose): void {
  if (typeof response.model === "string") seen.model = response.model;
}

function seeResponse(seen: Seen, response: Loose): void {
  seeModel(seen, response);
  mergeUsage(seen.usage, response.usage);
  if (typeof response.service_tier === "string") seen.usage.serviceTier = response.service_tier;
  const output = Array.isArray(response.output) ? (response.output as unknown[]) : [];
  const searches = output.filter(isSearch).length;
  if (searches > 0) seen.usage.webSearches = searches;
  if (response.status !== "failed" && !isLoose(response.error)) return;
  seen.state = "failed";
  seen.error = errorOf(response.error);
}

/** Only the search itself is billed, not the opening of a page that it found. Source: openai.com/api/pricing, built-in tools. */
function isSearch(item: unknown): boolean {
  if (!isLoose(item) || item.type !== "web_search_call") return false;
  return !isLoose(item.action) || item.action.type === "search";
}
