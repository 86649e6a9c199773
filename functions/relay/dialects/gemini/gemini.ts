import { createHash } from "node:crypto";
import { Failure } from "../../../failure.ts";
import type { Answer, Headers, Request } from "../../../wire/exchange.ts";
import { json } from "../../../wire/exchange.ts";
import { findSecret, pickHeaders } from "../../../wire/headers.ts";
import { findFirstItems, findTopLevel, readTopLevel } from "../../../wire/top-level.ts";
import type { Call, Dialect } from "../dialect.ts";
import { buildGeminiReader, isGeminiOpening } from "./usage.ts";

/** Request headers that go up. */
const goesUp = [
  "accept",
  "content-type",
  "content-encoding",
  "user-agent",
  "x-goog-api-client",
  "x-server-timeout",
  "x-gemini-",
];

/** The Gemini API. Source: ai.google.dev/api and google.aip.dev/193 (errors). */
export const geminiDialect: Dialect = {
  name: "gemini",
  secret: (request) => findSecret(request.headers, new URLSearchParams(request.query).get("key")),
  claims: (headers) => (isGeminiCli(headers) ? "gemini-cli" : undefined),
  isFree: ({ path }) => path.endsWith(":countTokens"),
  read: readCall,
  usage: () => buildGeminiReader(),
  opens: isGeminiOpening,
  refuse,
  interrupt,
  // White space: Google's older SDKs (1.x, so Gemini CLI too) stop at a comment line and never read on.
  keepalive: Buffer.from("\n"),
  passes: ["content-type", "content-encoding", "retry-after", "x-gemini-", "x-cloudaicompanion-"],
};

/** What may be asked of a model, and whether it costs tokens. */
const methods: Readonly<Record<string, { readonly isMetered: boolean }>> = {
  generateContent: { isMetered: true },
  streamGenerateContent: { isMetered: true },
  embedContent: { isMetered: true },
  batchEmbedContents: { isMetered: true },
  predict: { isMetered: true },
  countTokens: { isMetered: false },
};

function readCall(request: Request, bytes: Buffer): Call {
  const place = /\/(v\d+(?:alpha|beta)?\/models(?:\/([^/]+))?)\/?$/.exec(request.path);
  const [name = "", operation = "models"] = decode(place?.[2] ?? "").split(/:(?=[^:]*$)/);
  // A name in a path that is more than a name leads elsewhere.
  if (name !== "" && !/^[\w@.:+-]+$/.test(name.replaceAll("..", "/"))) {
    throw new Failure("request.malformed", { message: "The model's name has characters that no model's name has." });
  }
  const method = Object.hasOwn(methods, operation) ? methods[operation] : undefined;
  if (!place || (request.method !== "GET" && !method)) {
    throw new Failure("route.unknown", { message: `There is no ${request.path} here.` });
  }
  const fields = request.method === "GET" ? {} : readFields(bytes, [], ["generationConfig", "generation_config"]);
  return {
    dialect: "gemini",
    service: "gemini",
    operation,
    isMetered: method?.isMetered === true,
    target: `/${place[1]}${withoutSecrets(request.query)}`,
    model: name === "" ? undefined : name,
    // Without `alt=sse` a stream is one JSON array, which tells by itself whether it is whole.
    isStream: operation === "streamGenerateContent" && new URLSearchParams(request.query).get("alt") === "sse",
    session: request.method === "GET" ? undefined : prefixOf(bytes),
    client: isGeminiCli(request.headers) ? "gemini-cli" : undefined,
    maxOutputTokens: mostOutput(fields.generationConfig ?? fields.generation_config),
    method: request.method,
    headers: pickHeaders(request.headers, goesUp),
    body: bytes,
    rules: [],
  };
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch (error) {
    throw new Failure("request.malformed", { message: "The model's name is not well encoded.", cause: error });
  }
}

/** The query as sent, but for what authenticates: our own key must not go up, and no credential but the account's may. */
export function withoutSecrets(query: string): string {
  const kept = query
    .split("&")
    .filter((part) => part !== "" && !/^(%24|\$)?\.?(key|access_token|oauth_token)(=|$)/i.test(part));
  return kept.length === 0 ? "" : `?${kept.join("&")}`;
}

/** The few top-level fields that the relay must know; those in `long` stay bytes. Throws `request.malformed` for what is no JSON object. */
export function readFields(bytes: Buffer, wanted: readonly string[], long: readonly string[]): Record<string, unknown> {
  let cause: unknown;
  try {
    const fields = readTopLevel(bytes, wanted, long);
    if (fields) return fields;
  } catch (error) {
    if (error instanceof Failure) throw error;
    cause = error;
  }
  throw new Failure("request.malformed", { message: "Invalid JSON payload received: it must be an object.", cause });
}

/** `config`: the bytes of a generation config. */
export function mostOutput(config: unknown): number | undefined {
  if (!Buffer.isBuffer(config) || config[0] !== 0x7b) return undefined;
  const given = readFields(config, ["maxOutputTokens", "max_output_tokens"], []);
  const most = given.maxOutputTokens ?? given.max_output_tokens;
  return typeof most === "number" ? most : undefined;
}

const prefixBytes = 4_096;

/** A conversation bears no name in this language: it is known by how it begins, instruction and first content. */
function prefixOf(bytes: Buffer): string | undefined {
  const spans = findTopLevel(bytes, ["contents", "systemInstruction", "system_instruction"]);
  const contents = spans?.get("contents");
  const [first] = contents ? findFirstItems(bytes.subarray(contents.start, contents.end), 1) : [];
  if (!contents || !first) return undefined;
  const hash = createHash("sha256");
  const system = spans?.get("systemInstruction") ?? spans?.get("system_instruction");
  if (system) hash.update(bytes.subarray(system.start, Math.min(system.end, system.start + prefixBytes)));
  const from = contents.start + first.start;
  hash.update("\n").update(bytes.subarray(from, Math.min(contents.start + first.end, from + prefixBytes)));
  return hash.digest("base64url").slice(0, 22);
}

/** Version 0.11 names itself by Node's version, `GeminiCLI/v24.21.0 (…)`; later ones `GeminiCLI-tui/0.61.0/<model> (…)`. */
export function isGeminiCli(headers: Headers): boolean {
  return /^GeminiCLI(-[a-z-]+)?\/v?\d/.test(headers["user-agent"] ?? "");
}

const statusNames: Readonly<Record<number, string>> = {
  400: "INVALID_ARGUMENT",
  401: "UNAUTHENTICATED",
  403: "PERMISSION_DENIED",
  404: "NOT_FOUND",
  405: "UNIMPLEMENTED",
  408: "DEADLINE_EXCEEDED",
  413: "INVALID_ARGUMENT",
  429: "RESOURCE_EXHAUSTED",
  499: "CANCELLED",
  500: "INTERNAL",
  504: "DEADLINE_EXCEEDED",
};

function describe(failure: Failure): Record<string, unknown> {
  const { status, message } = failure;
  return { code: status, message, status: statusNames[status] ?? "UNAVAILABLE", details: detailsOf(failure) };
}

/**
 * Gemini CLI decides by these: it repeats a 429 ten times unless a reason of its own provider's domain says that a quota is
 * spent, and shows our message then; a per-day `QuotaFailure` would stop it too, but with a message of its own.
 */
function detailsOf(failure: Failure): Record<string, unknown>[] {
  const details: Record<string, unknown>[] = [];
  if (failure.status === 429) {
    const reason = failure.isRetryable ? "RATE_LIMIT_EXCEEDED" : "QUOTA_EXHAUSTED";
    const domain = "cloudcode-pa.googleapis.com";
    details.push({
      "@type": "type.googleapis.com/google.rpc.ErrorInfo",
      reason,
      domain,
      metadata: { limit: failure.code },
    });
  }
  if (failure.status === 401) {
    const domain = "googleapis.com";
    details.push({ "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason: "API_KEY_INVALID", domain });
  }
  if (failure.retryAfterSeconds !== undefined) {
    const retryDelay = `${Math.ceil(failure.retryAfterSeconds)}s`;
    details.push({ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay });
  }
  return details;
}

function refuse(failure: Failure, _request: Request): Answer {
  const headers: Headers = {};
  if (failure.retryAfterSeconds !== undefined) headers["retry-after"] = String(Math.ceil(failure.retryAfterSeconds));
  if (!failure.isRetryable) headers["x-should-retry"] = "false";
  return json(failure.status, { error: describe(failure) }, headers);
}

/**
 * The error as an event, which SDKs from 2.x on throw, and then as bare JSON without an end: what stands there unfinished is
 * what makes the 1.x SDKs throw, which would take an end without it for a good one. Other readers skip that line.
 */
function interrupt(failure: Failure): Uint8Array {
  const error = JSON.stringify({ error: describe(failure) });
  return Buffer.from(`data: ${error}\r\n\r\n${error}`);
}
