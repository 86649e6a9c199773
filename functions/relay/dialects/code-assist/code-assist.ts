import { Failure } from "../../../failure.ts";
import type { Headers, Request } from "../../../wire/exchange.ts";
import { pickHeaders } from "../../../wire/headers.ts";
import type { Call, Dialect } from "../dialect.ts";
import { geminiDialect, isGeminiCli, mostOutput, readFields, withoutSecrets } from "../gemini/gemini.ts";

/** Request headers that go up. */
const goesUp = ["accept", "content-type", "content-encoding", "user-agent", "x-goog-api-client", "x-gemini-"];

/**
 * What Gemini CLI speaks when it is signed in: Gemini's language in an envelope, `{"model","project","request":{…}}` up and
 * `{"response":{…}}` down, at `v1internal:<method>`. Source: packages/core/src/code_assist of google-gemini/gemini-cli.
 */
export const codeAssistDialect: Dialect = {
  ...geminiDialect,
  name: "code-assist",
  claims: (headers) => (isGeminiCli(headers) || isGoogleLibrary(headers) ? "gemini-cli" : undefined),
  isFree: ({ path }) => !/:(stream)?generateContent$/i.test(path),
  read: readCall,
};

const metered = new Set(["generateContent", "streamGenerateContent"]);

function readCall(request: Request, bytes: Buffer): Call {
  const place = /\/(v1internal(?::(\w+)|\/operations\/[^/]+))$/.exec(request.path);
  if (!place) throw new Failure("route.unknown", { message: `There is no ${request.path} here.` });
  const operation = place[2] ?? "operations";
  const fields = request.method === "GET" ? {} : readEnvelope(bytes);
  if (metered.has(operation) && fields.model === undefined) {
    throw new Failure("request.malformed", { message: "model: a model must be named." });
  }
  return {
    dialect: "code-assist",
    service: "gemini",
    operation,
    isMetered: metered.has(operation),
    target: `/${place[1]}${withoutSecrets(request.query)}`,
    model: fields.model,
    isStream: operation === "streamGenerateContent" && new URLSearchParams(request.query).get("alt") === "sse",
    session: fields.session,
    client: isGeminiCli(request.headers) || isHandshake(operation, request.headers) ? "gemini-cli" : undefined,
    maxOutputTokens: fields.maxOutputTokens,
    method: request.method,
    headers: pickHeaders(request.headers, goesUp),
    body: bytes,
    rules: [],
  };
}

/** Before it asks a model, Gemini CLI 0.11 goes by the name of Google's library; what it asks then spends nothing. */
function isHandshake(operation: string, headers: Headers): boolean {
  return handshake.has(operation) && isGoogleLibrary(headers);
}

function isGoogleLibrary(headers: Headers): boolean {
  return /^google-api-nodejs-client\/\d/.test(headers["user-agent"] ?? "");
}

const handshake = new Set(["loadCodeAssist", "onboardUser", "operations"]);

interface Envelope {
  readonly model: string | undefined;
  readonly session: string | undefined;
  readonly maxOutputTokens: number | undefined;
}

function readEnvelope(bytes: Buffer): Partial<Envelope> {
  const { model, request } = readFields(bytes, ["model"], ["request"]);
  const isObject = Buffer.isBuffer(request) && request[0] === 0x7b;
  const inner = isObject ? readFields(request, ["session_id"], ["generationConfig"]) : {};
  return {
    model: typeof model === "string" && model !== "" ? model : undefined,
    session: typeof inner.session_id === "string" && inner.session_id !== "" ? inner.session_id : undefined,
    maxOutputTokens: mostOutput(inner.generationConfig),
  };
}
