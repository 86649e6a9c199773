import { describe, expect, test } from "vitest";
import type { DialectName } from "../dialects/dialect.ts";
import { rewordNativeError } from "./native-error.ts";

const own: Readonly<Partial<Record<DialectName, unknown>>> = {
  anthropic: {
    type: "error",
    error: { type: "invalid_request_error", message: "max_tokens: must be positive" },
    request_id: "req_1",
  },
  "openai-responses": {
    error: { message: "Invalid 'input'.", type: "invalid_request_error", param: "input", code: null },
  },
  "openai-chat": { error: { message: "Invalid model.", type: "invalid_request_error", param: null, code: "x" } },
  gemini: [{ error: { code: 400, message: "Invalid value.", status: "INVALID_ARGUMENT", details: [] } }],
  "code-assist": { error: { code: 429, message: "Quota exceeded.", status: "RESOURCE_EXHAUSTED" } },
};

test.each(Object.entries(own))("an error in %s's own form passes as it is", (dialect, body) => {
  expect(rewordNativeError(dialect as DialectName, 400, Buffer.from(JSON.stringify(body)))).toBeUndefined();
});

const shapes: readonly (readonly [name: string, body: string, words: string])[] = [
  ["error as a text", '{"error":"no such model"}', "no such model"],
  ["message", '{"code":7,"message":"no such model"}', "no such model"],
  ["detail", '{"detail":"no such model"}', "no such model"],
  ["a list of details", '{"detail":[{"loc":["body","model"],"msg":"no such model"}]}', "body.model: no such model"],
  ["msg", '{"success":false,"msg":"no such model"}', "no such model"],
  ["an error within an error", '{"error":{"error":{"message":"no such model"}}}', "no such model"],
  [
    "an error in JSON in its words",
    '{"error":{"error":"{\\"error\\":{\\"message\\":\\"no such model\\"}}"}}',
    "no such model",
  ],
  ["plain text", "no such model", "no such model"],
  ["a web page", "<!doctype html><html><head><title>502 Bad Gateway</title></head></html>", "502 Bad Gateway"],
  ["nothing", "", "The upstream answered 404."],
];

describe.each(["anthropic", "openai-responses", "openai-chat", "gemini", "code-assist", "openai", "azure"] as const)(
  "%s",
  (dialect) => {
    test.each(shapes)("tells the provider's words of %s", (_name, body, words) => {
      const error = JSON.parse(rewordNativeError(dialect, 404, Buffer.from(body))?.toString() ?? "{}") as {
        type?: string;
        error: Record<string, unknown>;
      };
      expect(error.error.message).toBe(words);
      if (dialect === "anthropic") expect(error).toMatchObject({ type: "error", error: { type: "not_found_error" } });
      else if (/gemini|assist/.test(dialect)) expect(error.error).toMatchObject({ code: 404, status: "NOT_FOUND" });
      else expect(error.error).toMatchObject({ type: "invalid_request_error", code: "model_not_found" });
    });
  },
);

test.each([
  "This model's maximum context length is 8192 tokens. However, you requested 9000 tokens.",
  "prompt is too long: 210000 tokens > 200000 maximum",
  "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).",
])("a context that is too long has the code that clients act on: %s", (message) => {
  const body = Buffer.from(JSON.stringify({ error: { message, type: "BadRequestError", code: 400 } }));
  expect(rewordNativeError("openai-responses", 400, body)?.toString()).toContain('"code":"context_length_exceeded"');
  expect(rewordNativeError("openai-chat", 400, body)?.toString()).toContain('"code":"context_length_exceeded"');
  expect(rewordNativeError("anthropic", 400, body)?.toString()).toContain('"message":"prompt is too long');
});
