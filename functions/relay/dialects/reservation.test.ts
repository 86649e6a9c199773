import { describe, expect, test } from "vitest";
import type { Call } from "./dialect.ts";
import { guessSent, reserve } from "./reservation.ts";
import { findPrice } from "../../core/money/price.ts";

/** What is reserved for a request, in tokens. */
function tokensOf(dialect: Call["dialect"], model: string, request: object | string, maxOutputTokens = 1): number {
  return reserve(callOf(dialect, model, request, maxOutputTokens), undefined, false).tokens;
}

function callOf(dialect: Call["dialect"], model: string, request: object | string, maxOutputTokens = 1): Call {
  const body = Buffer.from(typeof request === "string" ? request : JSON.stringify(request));
  const call: Pick<Call, "dialect" | "model" | "body" | "headers" | "maxOutputTokens"> = {
    ...{ dialect, model, body, headers: {}, maxOutputTokens },
  };
  return call as Call;
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
    ["a search at OpenAI", "openai-responses", "gpt-5", { tools: [{ type: "web_search" }] }],
    ["a search at OpenAI, previewed", "openai-responses", "gpt-5", tool("web_search_preview_2025_03_11")],
    ["a search in files", "openai-responses", "gpt-5", tool("file_search")],
    ["a search in Chat", "openai-chat", "gpt-5", { web_search_options: {} }],
    ["a model that searches", "openai-chat", "gpt-5-search-api", {}],
    ["code at Gemini", "gemini", "gemini-2.5-pro", { tools: [{ codeExecution: {} }] }],
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

describe("searches cost a fee each, beside what they bring", () => {
  const feesOf = (dialect: Call["dialect"], model: string, request: object, plain: object) => {
    const price = findPrice(model, Date.UTC(2026, 10, 1), new Map());
    const nanosOf = (body: object) => reserve(callOf(dialect, model, body), price, false).nanos;
    return nanosOf(request) - nanosOf(plain);
  };
  test.each<[Call["dialect"], string, object, object]>([
    ["anthropic", "claude-sonnet-4-5", tool("web_search_20250305"), tool("web_fetch_20250305")],
    ["openai-responses", "gpt-5", tool("web_search"), tool("mcp")],
    ["openai-responses", "gpt-5", tool("file_search"), tool("mcp")],
    ["gemini", "gemini-2.5-pro", { tools: [{ googleSearch: {} }] }, { tools: [{ googleSearch: 1 }] }],
    ["gemini", "gemini-2.5-pro", { tools: [{ google_search: {} }] }, { tools: [{ google_search: 1 }] }],
  ])("%s: %s %o", (dialect, model, request, plain) => {
    expect(feesOf(dialect, model, request, plain)).toBeGreaterThan(20_000_000);
  });

  test("a client's own tool of such a name searches nothing", () => {
    const own = { tools: [{ type: "function", name: "web_search" }] };
    expect(tokensOf("openai-responses", "gpt-5", own)).toBeLessThan(100);
  });
});

describe("what a client that left owes for its request", () => {
  test.each<[string, Call["dialect"], string, object]>([
    ["a document by its URL", "anthropic", "claude-sonnet-4-5", { source: { type: "url", url: "https://a.example" } }],
    ["a file", "anthropic", "claude-sonnet-4-5", { source: { type: "file", file_id: "file_1" } }],
    ["a file at OpenAI", "openai-responses", "gpt-5", { type: "input_file", file_url: "https://a.example" }],
    ["an earlier response", "openai-responses", "gpt-5", { previous_response_id: "resp_1" }],
    ["cached content", "gemini", "gemini-2.5-pro", { cachedContent: "cachedContents/1" }],
    ["a name in escapes", "openai-responses", "gpt-5", { input: [] }],
  ])("is a window for %s", (what, dialect, model, request) => {
    const body = what.includes("escapes") ? '{"previous_response_\\u0069d":"resp_1"}' : request;
    expect(guessSent(callOf(dialect, model, body), "gone")).toBeGreaterThanOrEqual(200_000);
  });

  test.each<[string, Call["dialect"], object]>([
    ["text", "anthropic", { messages: [{ role: "user", content: "x".repeat(400) }] }],
    ["a picture by its URL", "openai-chat", { image_url: { url: "https://a.example/a.png" } }],
    ["tools that may read", "openai-responses", tool("web_search")],
    ["servers of tools", "anthropic", { mcp_servers: [{ url: "https://a.example" }] }],
  ])("is little more than its bytes for %s", (_what, dialect, request) => {
    expect(guessSent(callOf(dialect, "m", request), "gone")).toBeLessThan(200);
  });
});
