import type { AnswerError, ErrorKind } from "./answer-event.ts";
import { isObject, type JsonObject, parseJson } from "../../wire/json.ts";

/** More of an error than this helps nobody, and some proxies answer whole web pages. */
const mostCharacters = 2_000;

/** An error body of any shape. `status`: the answer's own. */
export function readErrorBody(status: number, body: string): AnswerError {
  const value = parseJson(body);
  const code = codeOf(value);
  const message = cut(wordsOf(value) ?? plainWords(body) ?? `The upstream answered ${status}.`);
  return { status, kind: kindOf(status, code, message), message };
}

/** An error that a stream, or a whole answer with status 200, has in it. */
export function readStreamError(error: unknown): AnswerError {
  const code = codeOf(error);
  const message = cut(wordsOf(error) ?? (code === "" ? "The upstream broke off its answer." : code));
  const status = statusIn(error) ?? 0;
  const kind = kindOf(status, code, message);
  return { status: status === 0 ? statusOfKind[kind] : status, kind, message };
}

/** The status under which official APIs answer an error of a kind. */
export const statusOfKind: Readonly<Record<ErrorKind, number>> = {
  invalid: 400,
  "context-too-long": 400,
  "content-filter": 400,
  authentication: 401,
  permission: 403,
  "not-found": 404,
  "too-large": 413,
  "rate-limit": 429,
  quota: 429,
  overloaded: 503,
  timeout: 504,
  server: 500,
};

/** By what providers write, most telling first: a code or type, or else the words. `from`: the statuses that may mean it; 0 is a stream. */
const signs: readonly { readonly kind: ErrorKind; readonly sign: RegExp; readonly from: readonly number[] }[] = [
  {
    kind: "context-too-long",
    sign: /context_length_exceeded|prompt is too long|(exceeds?|larger than|beyond|maximum).{0,60}context|context (window|length|size).{0,60}(exceed|limit|long|is \d)|input token count|(input|prompt) (is )?too long|too many (input )?tokens|reduce the length/i,
    from: [0, 400, 413, 422, 500],
  },
  {
    kind: "content-filter",
    sign: /content_?filter|content_policy|content management policy|responsible_?ai|data_inspection_failed|prohibited_content|blocked by|safety system/i,
    from: [0, 400, 403, 422],
  },
  {
    kind: "quota",
    sign: /insufficient_quota|billing|credit balance|usage_limit_reached|usage_not_included|exceeded your current quota|insufficient[_ ]balance|free-usage-exhausted|out of credits/i,
    from: [0, 400, 402, 403, 429],
  },
  { kind: "overloaded", sign: /overloaded|slow_down|at capacity/i, from: [0, 400, 500, 503, 529] },
  { kind: "overloaded", sign: /^(service_)?unavailable/i, from: [0] },
  { kind: "rate-limit", sign: /rate_?limit|resource_exhausted|too many requests/i, from: [0, 400, 429, 503] },
  { kind: "authentication", sign: /authentication_error|invalid_api_key|unauthenticated/i, from: [0] },
  { kind: "permission", sign: /permission_(error|denied)/i, from: [0] },
  { kind: "not-found", sign: /model_not_found|not_found(_error)?$/i, from: [0, 400] },
  { kind: "too-large", sign: /request_too_large/i, from: [0] },
  { kind: "timeout", sign: /timeout_error|deadline_exceeded/i, from: [0] },
  { kind: "invalid", sign: /invalid_(request|prompt|argument)|failed_precondition/i, from: [0] },
];

const kindOfStatus: Readonly<Record<number, ErrorKind>> = {
  401: "authentication",
  402: "quota",
  403: "permission",
  404: "not-found",
  408: "timeout",
  413: "too-large",
  429: "rate-limit",
  503: "overloaded",
  504: "timeout",
  529: "overloaded",
};

function kindOf(status: number, code: string, message: string): ErrorKind {
  const found = signs.find(({ sign, from }) => from.includes(status) && (sign.test(code) || sign.test(message)));
  if (found) return found.kind;
  return kindOfStatus[status] ?? (status >= 400 && status < 500 ? "invalid" : "server");
}

/** Where errors have their words, by the field: Google's lists, FastAPI's `detail`, `msg` of Chinese vendors, texts alone. */
const wordy = [
  "error",
  "message",
  "Message",
  "detail",
  "details",
  "msg",
  "errors",
  "error_description",
  "reason",
  "title",
];

/** Deep enough for an error in an error; a body is no tree to be searched. */
const mostLevels = 6;

function wordsOf(value: unknown, level = 0): string | undefined {
  if (level > mostLevels) return undefined;
  if (typeof value === "string") return wordsInText(value, level);
  if (Array.isArray(value)) {
    const words = value.flatMap((each) => wordsOf(each, level + 1) ?? []);
    return words.length > 0 ? words.slice(0, 5).join("; ") : undefined;
  }
  if (!isObject(value)) return undefined;
  const words = wordy.map((name) => wordsOf(value[name], level + 1)).find((found) => found !== undefined);
  return words === undefined ? undefined : placed(value, words);
}

/** Some wrap the error of another service, as JSON, into their words. */
function wordsInText(text: string, level: number): string | undefined {
  const trimmed = text.trim();
  const inner = /^[[{]/.test(trimmed) ? parseJson(trimmed) : undefined;
  return (inner === undefined ? undefined : wordsOf(inner, level + 1)) ?? (trimmed || undefined);
}

/** FastAPI tells which field is meant beside its words; OpenRouter has the provider's own words in `metadata.raw`. */
function placed({ loc, metadata }: JsonObject, words: string): string {
  const raw = isObject(metadata) ? wordsOf(metadata.raw) : undefined;
  const place = Array.isArray(loc) ? `${loc.join(".")}: ` : "";
  return place + words + (raw === undefined || words.includes(raw) ? "" : `: ${raw}`);
}

/** What tells the kind of an error, wherever it stands. */
function codeOf(value: unknown, level = 0): string {
  if (level > mostLevels) return "";
  if (Array.isArray(value)) return codeOf(value[0], level + 1);
  if (!isObject(value)) return "";
  const own = [value.code, value.type, value.status].filter((each) => typeof each === "string" && each !== "error");
  const inner = codeOf(value.error, level + 1);
  return [...own, inner].filter(Boolean).join(" ");
}

/** Vendors put the status an error would have had into its `code`, its `status` or its `status_code`. */
function statusIn(error: unknown): number | undefined {
  if (!isObject(error)) return undefined;
  const told = [error.code, error.status, error.status_code].map(Number).find((code) => code >= 400 && code < 600);
  return told ?? statusIn(error.error);
}

function plainWords(body: string): string | undefined {
  const title = /<(title|h1)[^>]*>([^<]+)</i.exec(body)?.[2];
  const isPage = /^\s*<(!doctype|html|head|body)/i.test(body);
  const text = isPage ? (title ?? body.replace(/<(style|script)[\s\S]*?<\/\1>|<[^>]*>/gi, " ")) : body;
  return text.replace(/\s+/g, " ").trim() || undefined;
}

const cut = (words: string): string =>
  words.length <= mostCharacters ? words : `${words.slice(0, mostCharacters).toWellFormed()}…`;

/** Another provider's error in Anthropic's words. Claude Code compacts a conversation when it reads that a prompt is too long. */
export function toAnthropicError({ status, kind, message }: AnswerError): JsonObject {
  const isSaid = kind !== "context-too-long" || message.startsWith("prompt is too long");
  const type = anthropicTypes[kind] ?? (status >= 500 ? "api_error" : "invalid_request_error");
  return { type: "error", error: { type, message: isSaid ? message : `prompt is too long: ${message}` } };
}

const anthropicTypes: Readonly<Partial<Record<ErrorKind, string>>> = {
  authentication: "authentication_error",
  permission: "permission_error",
  "not-found": "not_found_error",
  "too-large": "request_too_large",
  "rate-limit": "rate_limit_error",
  quota: "billing_error",
  overloaded: "overloaded_error",
  timeout: "timeout_error",
};

export interface OpenaiError extends JsonObject {
  readonly message: string;
  readonly type: string;
  readonly param: null;
  readonly code: string | null;
}

/** As OpenAI's API words it. Source: platform.openai.com/docs/guides/error-codes. Codex acts on `context_length_exceeded`. */
export function toOpenaiError({ status, kind, message }: AnswerError): OpenaiError {
  const fallback = status >= 500 ? "server_error" : "invalid_request_error";
  const [type, code] = openaiWords[kind] ?? [fallback, null];
  return { message, type, param: null, code };
}

const openaiWords: Readonly<Partial<Record<ErrorKind, readonly [type: string, code: string | null]>>> = {
  "context-too-long": ["invalid_request_error", "context_length_exceeded"],
  "content-filter": ["invalid_request_error", "content_filter"],
  authentication: ["invalid_request_error", "invalid_api_key"],
  permission: ["invalid_request_error", "permission_denied"],
  "not-found": ["invalid_request_error", "model_not_found"],
  "too-large": ["invalid_request_error", "request_too_large"],
  "rate-limit": ["requests", "rate_limit_exceeded"],
  quota: ["insufficient_quota", "insufficient_quota"],
  overloaded: ["server_error", "server_is_overloaded"],
};

/** As Google's APIs word it. Source: cloud.google.com/apis/design/errors. */
export function toGeminiError({ status, kind, message }: AnswerError): JsonObject {
  const code = kind === "overloaded" ? 503 : status;
  return { code, message, status: googleStatuses[kind] ?? (status >= 500 ? "INTERNAL" : "INVALID_ARGUMENT") };
}

const googleStatuses: Readonly<Partial<Record<ErrorKind, string>>> = {
  authentication: "UNAUTHENTICATED",
  permission: "PERMISSION_DENIED",
  "not-found": "NOT_FOUND",
  "rate-limit": "RESOURCE_EXHAUSTED",
  quota: "RESOURCE_EXHAUSTED",
  overloaded: "UNAVAILABLE",
  timeout: "DEADLINE_EXCEEDED",
};
