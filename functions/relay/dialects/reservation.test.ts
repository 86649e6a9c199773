import { describe, expect, test } from "vitest";
import type { Call } from "./dialect.ts";
import { reserve } from "./reservation.ts";

/** What is reserved for a request, in tokens. */
function tokensOf(dialect: Call["dialect"], model: string, request: object | string, maxOutputTokens = 1): number {
  const body = Buffer.from(typeof request === "string" ? request : JSON.stringify(request));
  const call: Pick<Call, "dialect" | "model" | "body" | "headers" | "maxOutputTokens"> = {
    ...{ dialect, model, body, headers: {}, maxOutputTokens },
  };
  return reserve(call as Call, undefined, false).tokens;
}

const tool = (type: string) => ({ tools: [{ type, name: "tool" }] });

describe("a call is reserved what it can cost", () => {
  test.each<[string, Call["dialect"], string, object]>([
    ["a document by its URL", "anthropic", "claude-sonnet-4-5", { source: { type: "url", url: "https://a.example" } }],
    ["a file", "anthropic", "claude-sonnet-4-5", { source: { type: "file", file_id: "file_1" } }],
    ["pages that a tool fetches", "anthropic", "claude-sonnet-4-5", tool("web_fetch_20250910")],
    ["results of a search", "anthropic", "claude-sonnet-4-5", tool("web_search_20250305")],
    ["what code prints", "anthropic", "claude-sonnet-4-5", tool("code_execution_20250825")],
    ["an earlier item", "openai-responses", "gpt-5", { input: [{ type: "item_reference", id: "msg_1" }] }],
    ["an earlier response", "openai-responses", "gpt-5", { previous_response_id: "resp_1" }],
    ["a server of tools", "openai-responses", "gpt-5", tool("mcp")],
    ["a stored prompt", "openai-responses", "gpt-5", { prompt: { id: "pmpt_1" } }],
    ["pages at Gemini", "gemini", "gemini-2.5-pro", { tools: [{ urlContext: {} }] }],
    ["pages at Gemini, in snake case", "gemini", "gemini-2.5-pro", { tools: [{ url_context: {} }] }],
    ["a file at Gemini", "gemini", "gemini-2.5-pro", { fileData: { fileUri: "https://a.example" } }],
    ["cached content at Gemini", "gemini", "gemini-2.5-pro", { cachedContent: "cachedContents/1" }],
  ])("%s may fill the context window", (_name, dialect, model, request) => {
    expect(tokensOf(dialect, model, request)).toBeGreaterThanOrEqual(200_000);
  });

  test("text that only speaks of such things is as large as it is", () => {
    const text = JSON.stringify({ type: "web_fetch_20250910", url: "https://a.example", n: 128 });
    for (const dialect of ["anthropic", "openai-chat", "openai-responses", "gemini"] as const)
      expect(tokensOf(dialect, "any", { messages: [{ role: "user", content: text }] })).toBeLessThan(200);
  });

  test.each(["128", "1.28e2", "12.8E+1", '"128"', "1280"])("n: %s asks for 128 answers", (n) => {
    const request = `{"messages":[],"n":${n}}`;
    expect(tokensOf("openai-chat", "gpt-5", request, 1000)).toBeGreaterThanOrEqual(128_000);
  });

  test.each(["1", "0", "-5", "null"])("n: %s asks for one answer", (n) => {
    expect(tokensOf("openai-chat", "gpt-5", `{"messages":[],"n":${n}}`, 1000)).toBeLessThan(1100);
  });
});
