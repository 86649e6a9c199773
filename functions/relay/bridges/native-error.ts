import type { DialectName } from "../dialects/dialect.ts";
import { readErrorBody, toAnthropicError, toGeminiError, toOpenaiError } from "./answer-error.ts";
import type { AnswerError } from "./answer-event.ts";
import { isObject, type JsonObject, objectOf, parseObject } from "../../wire/json.ts";

interface Form {
  write(error: AnswerError): JsonObject;
  /** Whether the language's own clients read the body, and find in it what they act on. */
  isSaid(body: JsonObject, error: AnswerError): boolean;
}

const hasWords = (error: unknown): boolean => isObject(error) && typeof error.message === "string";

const openai: Form = {
  write: (error) => ({ error: toOpenaiError(error) }),
  isSaid: ({ error }, { kind }) =>
    hasWords(error) && (kind !== "context-too-long" || objectOf(error).code === "context_length_exceeded"),
};
const gemini: Form = { write: (error) => ({ error: toGeminiError(error) }), isSaid: ({ error }) => hasWords(error) };
const forms: Readonly<Record<DialectName, Form>> = {
  anthropic: {
    write: toAnthropicError,
    isSaid: ({ type, error }, { kind, message }) =>
      type === "error" && hasWords(error) && (kind !== "context-too-long" || /prompt is too long/i.test(message)),
  },
  "openai-responses": openai,
  "openai-chat": openai,
  openai,
  azure: openai,
  gemini,
  "code-assist": gemini,
};

/**
 * The error body of an account that speaks the client's own language. It passes as it is where the client can read it; a
 * vendor's other shape, a web page, or a context that is too long without the code that clients act on is said anew in the
 * provider's words. Undefined: as it is.
 */
export function rewordNativeError(dialect: DialectName, status: number, body: Buffer): Buffer | undefined {
  const text = body.toString("utf8");
  const form = forms[dialect];
  // Google's older services answer a list of one error, which its clients know.
  const value = parseObject(/^\s*\[/.test(text) ? text.trim().slice(1, -1) : text);
  const error = readErrorBody(status, text);
  if (value && form.isSaid(value, error)) return undefined;
  return Buffer.from(JSON.stringify(form.write(error)));
}
