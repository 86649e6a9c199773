import { Failure } from "../../../failure.ts";
import type { Request } from "../../../wire/exchange.ts";
import { findSecret, pickHeaders } from "../../../wire/headers.ts";
import type { Call, Dialect } from "../dialect.ts";
import { clientOf, readFields, requireModel, serviceOf } from "./fields.ts";
import { openaiGoesUp, openaiPasses, remains } from "./headers.ts";
import { describe, refuse } from "./refusal.ts";
import type { Loose, Seen } from "./usage.ts";
import { fail, isLoose, mergeUsage, parse, readStream, readWhole } from "./usage.ts";

/** What else the OpenAI API has: embeddings, image generation (which may stream previews) and model lists. */
export const openaiDialect: Dialect = {
  name: "openai",
  secret: (request) => findSecret(request.headers),
  read: readCall,
  usage: (call) => (call.isStream ? readStream(marks, seeEvent) : readWhole(seeAnswer)),
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
] as const;

function readCall(request: Request, bytes: Buffer): Call {
  if (request.method === "GET") return buildCall(request, "models", modelsTarget(request), {});
  const found = operations.find(([path]) => path.test(request.path));
  if (!found) throw new Failure("route.unknown", { message: `There is no ${request.path} here.` });
  const fields = readFields(bytes, ["model", "stream"], []);
  const model = requireModel(fields);
  return { ...buildCall(request, found[1], found[2], { model, isStream: fields.stream === true }), body: bytes };
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

const marks = ['"image_generation.completed"', '"error"'];

function seeEvent(seen: Seen, data: string): void {
  const event = parse(data);
  if (!event) return;
  if (event.type === "error" || isLoose(event.error)) fail(seen, event.error ?? event);
  else if (event.type === "image_generation.completed") {
    seeAnswer(seen, event);
    seen.state = "complete";
  }
}

function seeAnswer(seen: Seen, answer: Loose): void {
  if (typeof answer.model === "string") seen.model = answer.model;
  mergeUsage(seen.usage, answer.usage);
  if (isLoose(answer.error)) fail(seen, answer.error);
}
