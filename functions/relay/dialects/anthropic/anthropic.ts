import { createHash } from "node:crypto";
import { Failure } from "../../../failure.ts";
import type { FailureCode } from "../../../failure.ts";
import { findSecret, pickHeaders } from "../../../wire/headers.ts";
import type { Answer, Headers, Request } from "../../../wire/exchange.ts";
import { json } from "../../../wire/exchange.ts";
import { findFirstItems, readTopLevel } from "../../../wire/top-level.ts";
import { remains } from "./limit-headers.ts";
import { buildAnthropicReader } from "./usage.ts";
import type { Call, Dialect } from "../dialect.ts";
import { findRouting, routingFields } from "../routing.ts";

/** Request headers that go up. Unknown betas and versions pass: new clients bring new ones every few weeks. */
const goesUp = [
  "accept",
  "content-type",
  "content-encoding",
  "user-agent",
  "x-app",
  "anthropic-",
  "x-stainless-",
  "x-claude-code-",
];

/** The Anthropic Messages API. Source: docs.anthropic.com/en/api/messages and /en/api/errors. */
export const anthropicDialect: Dialect = {
  name: "anthropic",
  secret: (request) => findSecret(request.headers),
  claims: (headers) => (isClaudeProgram(headers) ? "claude-code" : undefined),
  isFree: ({ path }) => operationOf(path) !== "messages",
  read: readCall,
  usage: () => buildAnthropicReader(),
  opens: (data) => /^\s*\{\s*"type"\s*:\s*"(message_start|ping)"/.test(data) || isOpening(data),
  refuse,
  remains,
  interrupt: (failure) =>
    Buffer.from(`event: error\ndata: ${JSON.stringify({ type: "error", error: describe(failure) })}\n\n`),
  keepalive: Buffer.from('event: ping\ndata: {"type": "ping"}\n\n'),
  answerProbe,
  passes: [
    "content-type",
    "content-encoding",
    "request-id",
    "anthropic-ratelimit-",
    "retry-after",
    "retry-after-ms",
    "x-should-retry",
  ],
};

/** Vendors write the type in another place than the first. */
function isOpening(data: string): boolean {
  try {
    const { type } = JSON.parse(data) as { type?: unknown };
    return type === "message_start" || type === "ping";
  } catch {
    return false;
  }
}

const wanted = ["model", "stream", "max_tokens", "metadata", ...routingFields];

function readCall(request: Request, bytes: Buffer): Call {
  const fields = request.method === "GET" ? {} : readFields(bytes);
  const model = fields.model;
  if (request.method !== "GET" && (typeof model !== "string" || model === "")) {
    throw new Failure("request.malformed", { message: "model: Field required" });
  }
  const metadata = fields.metadata as { user_id?: unknown } | undefined;
  const session = request.headers["x-claude-code-session-id"] ?? sessionOf(metadata?.user_id);
  const client = isClaudeCode(request.headers, session) ? "claude-code" : undefined;
  const operation = client && isQuotaProbe(fields) ? "quota" : operationOf(request.path);
  return {
    dialect: "anthropic",
    service: "claude",
    operation,
    isMetered: operation === "messages",
    target: `${request.path.slice(request.path.indexOf("/v1/"))}${request.query ? `?${request.query}` : ""}`,
    model: typeof model === "string" ? model : undefined,
    isStream: fields.stream === true,
    session: session ?? prefixOf(fields.messages, fields.system),
    client,
    maxOutputTokens: typeof fields.max_tokens === "number" ? fields.max_tokens : undefined,
    method: request.method,
    headers: pickHeaders(request.headers, goesUp),
    body: bytes,
    routing: findRouting(fields),
    rules: [],
  };
}

function operationOf(path: string): string {
  if (path.endsWith("/count_tokens")) return "count_tokens";
  return path.endsWith("/messages") ? "messages" : "models";
}

/** The few fields that the relay must know; the long ones stay unparsed bytes. */
function readFields(bytes: Buffer): Record<string, unknown> {
  let cause: unknown;
  try {
    const fields = readTopLevel(bytes, wanted, ["messages", "system"]);
    if (fields) return fields;
  } catch (error) {
    if (error instanceof Failure) throw error;
    cause = error;
  }
  throw new Failure("request.malformed", { message: "The request body is not a valid JSON object.", cause });
}

/** What Claude Code asks at its start, for the headers of the answer alone: one token to the one word `quota`. */
function isQuotaProbe({ max_tokens: most, stream, system, messages }: Record<string, unknown>): boolean {
  if (most !== 1 || stream === true || system !== undefined || !Buffer.isBuffer(messages)) return false;
  return messages.length < 300 && probeForm.test(messages.toString("latin1"));
}

const probeForm = /^\[\{"role":"user","content":(?:"quota"|\[\{"type":"text","text":"quota"[^[\]]*\}\])\}\]$/;

/** Claude Code names its session in `metadata.user_id`: up to 2.1.50 as text, later as JSON in text. Both are read. */
function sessionOf(userId: unknown): string | undefined {
  if (typeof userId !== "string") return undefined;
  const old = /_session_([0-9a-f-]{36})$/i.exec(userId)?.[1];
  if (old !== undefined) return old;
  return /"session_id"\s*:\s*"([^"]{8,100})"/.exec(userId)?.[1];
}

const prefixBytes = 4_096;
/** With the comma that it brought along: the one before it or, of a first member, the one behind. */
const cacheMarker = /,\s*"cache_control"\s*:\s*\{[^{}]*\}|"cache_control"\s*:\s*\{[^{}]*\}\s*,?/g;

/** A conversation that bears no name is known by how it begins: system and first message, whose cache markers come and go. */
function prefixOf(messages: unknown, system: unknown): string | undefined {
  if (!Buffer.isBuffer(messages)) return undefined;
  const [first] = findFirstItems(messages, 1);
  if (!first) return undefined;
  const hash = createHash("sha256");
  // Cut after the markers are out: with one more or less, the same words must end at the same place.
  const beginning = (bytes: Buffer) =>
    bytes
      .toString("latin1", 0, 2 * prefixBytes)
      .replace(cacheMarker, "")
      .slice(0, prefixBytes);
  if (Buffer.isBuffer(system)) hash.update(beginning(system));
  hash.update("\n").update(beginning(messages.subarray(first.start, first.end)));
  return hash.digest("base64url").slice(0, 22);
}

/** By user agent, x-app and beta together, never by a sentence of the prompt: other programs send such sentences, and Claude Code changes its own. */
function isClaudeCode(headers: Headers, session: string | undefined): boolean {
  if (!isClaudeProgram(headers)) return false;
  // Its small helper requests (title, topic) may lack the beta but carry its session.
  return (headers["anthropic-beta"] ?? "").includes("claude-code-") || session !== undefined;
}

function isClaudeProgram(headers: Headers): boolean {
  return /^claude-cli\/\d/.test(headers["user-agent"] ?? "") && headers["x-app"] !== undefined;
}

const errorTypes: Partial<Record<FailureCode, string>> = {
  "limit.cost": "billing_error",
  "request.timeout": "timeout_error",
  "process.busy": "overloaded_error",
  "request.too-large": "request_too_large",
  "account.cooling": "overloaded_error",
  "account.none": "api_error",
  "upstream.timeout": "timeout_error",
};
const errorTypeOfStatus: Readonly<Record<number, string>> = {
  400: "invalid_request_error",
  401: "authentication_error",
  403: "permission_error",
  404: "not_found_error",
  413: "request_too_large",
  429: "rate_limit_error",
  529: "overloaded_error",
};

function describe(failure: Failure): { type: string; message: string } {
  const type = errorTypes[failure.code] ?? errorTypeOfStatus[failure.status] ?? "api_error";
  return { type, message: failure.message };
}

/** No model has spoken, and so nothing is said. */
function answerProbe({ operation, model }: Call, id: string): object | undefined {
  if (operation !== "quota") return undefined;
  const usage = { input_tokens: 0, output_tokens: 0 };
  const message = { id: `msg_${id}`, type: "message", role: "assistant", model, content: [] };
  return { ...message, stop_reason: "max_tokens", stop_sequence: null, usage };
}

/** As api.anthropic.com words it; 529 where nothing is wrong but the load. Claude Code repeats a 401 for three minutes unless told not to. */
function refuse(failure: Failure, request: Request): Answer {
  const status = failure.code === "account.cooling" ? 529 : failure.status;
  const headers: Headers = { "request-id": request.id };
  if (failure.retryAfterSeconds !== undefined) headers["retry-after"] = String(Math.ceil(failure.retryAfterSeconds));
  if (!failure.isRetryable) headers["x-should-retry"] = "false";
  return json(status, { type: "error", error: describe(failure), request_id: request.id }, headers);
}
