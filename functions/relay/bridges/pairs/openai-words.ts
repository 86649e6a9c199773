import type { Loose } from "../../dialects/openai/usage.ts";

const tooLong = /prompt is too long|context (window|length)|maximum (context|number of tokens)|input token count/i;

/** Another provider's error as OpenAI's API says it. Source: platform.openai.com/docs/guides/error-codes. */
export function openaiError(status: number, message: string): Loose {
  if (status === 429) return words(message, "requests", "rate_limit_exceeded");
  if (status === 503 || status === 529) return words(message, "server_error", "server_is_overloaded");
  if (status >= 500) return words(message, "server_error", null);
  if (status === 401) return words(message, "invalid_request_error", "invalid_api_key");
  if (status === 404) return words(message, "invalid_request_error", "model_not_found");
  return words(message, "invalid_request_error", tooLong.test(message) ? "context_length_exceeded" : null);
}

const words = (message: string, type: string, code: string | null): Loose => ({ message, type, param: null, code });

/** The figures of an answer as OpenAI counts them: what was cached and thought are parts of input and output. */
export interface Figures {
  readonly input: number;
  readonly cached: number;
  readonly written: number;
  readonly output: number;
  readonly thinking: number;
}
