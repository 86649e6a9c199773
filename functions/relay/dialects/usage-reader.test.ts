import { describe, expect, test } from "vitest";
import { isUntold, totalTokens } from "../../core/money/usage.ts";
import { anthropicDialect } from "./anthropic/anthropic.ts";
import type { Call, Dialect, UsageReader } from "./dialect.ts";
import { geminiDialect } from "./gemini/gemini.ts";
import { openaiChatDialect } from "./openai/chat.ts";
import { openaiDialect } from "./openai/other.ts";
import { openaiResponsesDialect } from "./openai/responses.ts";

/** One answer of 100 tokens in and 20 out, as a stream's events and as one document. */
interface Form {
  readonly dialect: Dialect;
  readonly events: readonly Record<string, unknown>[];
  readonly whole: Record<string, unknown>;
  /** The same without a usage. */
  readonly silent: Record<string, unknown>;
  readonly last?: string;
}

const text = "a".repeat(400);
const responses = { object: "response", model: "m", status: "completed" };
const message = [{ type: "message", content: [{ type: "output_text", text }] }];
const forms: Readonly<Record<string, Form>> = {
  messages: {
    dialect: anthropicDialect,
    events: [
      { type: "message_start", message: { model: "m", usage: { input_tokens: 100, output_tokens: 1 } } },
      { type: "content_block_delta", index: 0, delta: { type: "text_delta", text } },
      { type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: 20 } },
      { type: "message_stop" },
    ],
    whole: {
      type: "message",
      model: "m",
      content: [{ type: "text", text }],
      usage: { input_tokens: 100, output_tokens: 20 },
    },
    silent: { type: "message", model: "m", content: [{ type: "text", text }] },
  },
  responses: {
    dialect: openaiResponsesDialect,
    events: [
      { type: "response.output_text.delta", delta: text },
      {
        type: "response.completed",
        response: { ...responses, output: message, usage: { input_tokens: 100, output_tokens: 20 } },
      },
    ],
    whole: { ...responses, output: message, usage: { input_tokens: 100, output_tokens: 20 } },
    silent: { ...responses, output: message },
  },
  chat: {
    dialect: openaiChatDialect,
    events: [
      { model: "m", choices: [{ delta: { content: text } }], usage: null },
      { model: "m", choices: [], usage: { prompt_tokens: 100, completion_tokens: 20 } },
    ],
    last: "data: [DONE]\n\n",
    whole: {
      model: "m",
      choices: [{ message: { content: text } }],
      usage: { prompt_tokens: 100, completion_tokens: 20 },
    },
    silent: { model: "m", choices: [{ message: { content: text } }] },
  },
  images: {
    dialect: openaiDialect,
    events: [{ type: "image_generation.completed", b64_json: text, usage: { input_tokens: 100, output_tokens: 20 } }],
    whole: { data: [{ b64_json: text }], usage: { input_tokens: 100, output_tokens: 20 } },
    silent: { data: [{ b64_json: text }] },
  },
  gemini: {
    dialect: geminiDialect,
    events: [
      { candidates: [{ content: { parts: [{ text }] } }], usageMetadata: { promptTokenCount: 100 }, modelVersion: "m" },
      {
        candidates: [{ finishReason: "STOP" }],
        usageMetadata: { promptTokenCount: 100, candidatesTokenCount: 20, totalTokenCount: 120 },
        modelVersion: "m",
      },
    ],
    whole: {
      candidates: [{ content: { parts: [{ text }] }, finishReason: "STOP" }],
      usageMetadata: { promptTokenCount: 100, candidatesTokenCount: 20, totalTokenCount: 120 },
      modelVersion: "m",
    },
    silent: { candidates: [{ content: { parts: [{ text }] }, finishReason: "STOP" }], modelVersion: "m" },
  },
};
const names = Object.keys(forms);
const formOf = (name: string): Form => forms[name] as Form;

function read({ dialect }: Form, bytes: string | Buffer, size = 7): UsageReader {
  const reader = dialect.usage({ body: Buffer.alloc(0) } as unknown as Call);
  const all = Buffer.from(bytes);
  for (let at = 0; at < all.length; at += size) reader.see(all.subarray(at, at + size));
  reader.finish();
  return reader;
}

const sse = ({ events, last = "" }: Form, change = (data: string) => `data: ${data}\n\n`) =>
  events.map((event) => change(JSON.stringify(event))).join("") + last;
const figures = (reader: UsageReader) => {
  const { inputTokens, outputTokens } = reader.total();
  return [inputTokens, outputTokens, reader.state()];
};

/** The same answer, said in ways that places have been seen to say it. */
const spellings: Readonly<Record<string, (form: Form) => string>> = {
  "events without names": (form) => sse(form),
  "events with names": (form) =>
    sse(form, (data) => `event: ${String((JSON.parse(data) as { type?: string }).type)}\ndata: ${data}\n\n`),
  "events with CRLF": (form) => sse(form).replaceAll("\n", "\r\n"),
  "events without a blank after the colon": (form) => sse(form, (data) => `data:${data}\n\n`),
  "events after a comment and blank lines": (form) => `\n\n: PROCESSING\n\n${sse(form)}`,
  "events after a byte order mark": (form) => `\ufeff${sse(form)}`,
  "events without the last blank line": (form) => sse(form).trimEnd(),
  "figures with blanks around the colon": (form) => sse(form, (data) => `data: ${data.replaceAll('":', '" : ')}\n\n`),
  "an event over several lines": (form) =>
    sse(form, (data) => `data: ${data.replaceAll(/"usage(Metadata)?":/g, '"usage$1":\ndata: ')}\n\n`),
  "one document": ({ whole }) => JSON.stringify(whole),
  "a document in lines": ({ whole }) => JSON.stringify(whole, null, 2).replaceAll("\n", "\r\n"),
  "a document after a byte order mark": ({ whole }) => `\ufeff${JSON.stringify(whole)}`,
  "a document in a list": ({ whole }) => `[${JSON.stringify(whole)}]`,
  "a document with a figure that is not finite": ({ whole }) => `{"score":NaN,${JSON.stringify(whole).slice(1)}`,
};

describe.each(names)("%s", (name) => {
  const form = formOf(name);

  test.each(Object.entries(spellings))("is metered as %s, whatever was asked for", (_spelling, write) => {
    for (const size of [1, 7, 1_000_000]) expect(figures(read(form, write(form), size))).toEqual([100, 20, "complete"]);
  });

  test("an answer that tells nothing has something to be guessed by", () => {
    const reader = read(form, JSON.stringify(form.silent));
    expect(totalTokens(reader.total())).toBe(0);
    expect(isUntold(reader.total(), reader.guess?.() ?? 0)).toBe(true);
    expect(reader.guess?.()).toBeGreaterThan(0);
  });

  test.each(["0", '"20"', "NaN", "null", "-3", "{}"])("figures that are %s are none", (figure) => {
    const bytes = JSON.stringify(form.whole).replaceAll(/(?<=(?:[tT]oken\w*|tokens)":)\d+/g, figure);
    const reader = read(form, bytes);
    expect(totalTokens(reader.total())).toBe(0);
    expect(reader.guess?.()).toBeGreaterThan(0);
  });

  test.each([9e15, 1e300, 2 ** 53])("a figure of %d is clamped and marked", (figure) => {
    const bytes = JSON.stringify(form.whole).replaceAll(/(?<=(?:[tT]oken\w*|tokens)":)\d+/g, String(figure));
    const usage = read(form, bytes).total();
    expect(usage.isClamped).toBe(true);
    expect(totalTokens(usage)).toBeGreaterThan(0);
    expect(totalTokens(usage)).toBeLessThan(1e9);
  });

  test("later zeros wipe nothing", () => {
    const zeros = JSON.stringify(form.events.at(-1)).replaceAll(/(?<=[tT]oken\w*":)\d+/g, "0");
    const bytes = sse({ ...form, last: "" }) + `data: ${zeros}\n\n` + (form.last ?? "");
    expect(figures(read(form, bytes)).slice(0, 2)).toEqual([100, 20]);
  });

  test("never throws, and is never negative, on noise", () => {
    for (const noise of ["", "<html>", "{", "[[", "}}}]{{{", "\ufeff", "data:", "data: {\n\n", "null", "[1,2]"]) {
      expect(totalTokens(read(form, noise).total())).toBe(0);
    }
  });
});

describe("what stands at other places", () => {
  const chat = formOf("chat");
  test.each([
    ["the last choice (Moonshot)", { choices: [{ index: 0, usage: { prompt_tokens: 100, completion_tokens: 20 } }] }],
    ["x_groq", { choices: [], x_groq: { usage: { prompt_tokens: 100, completion_tokens: 20 } } }],
  ])("Chat: %s", (_place, event) => {
    expect(figures(read(chat, `data: ${JSON.stringify(event)}\n\ndata: [DONE]\n\n`))).toEqual([100, 20, "complete"]);
  });

  test("Chat: of figures that grow with every chunk the last ones count", () => {
    const chunk = (completion: number) => ({
      choices: [{}],
      usage: { prompt_tokens: 100, completion_tokens: completion },
    });
    const bytes = [1, 7, 20].map((count) => `data: ${JSON.stringify(chunk(count))}\n\n`).join("");
    expect(figures(read(chat, `${bytes}data: [DONE]\n\n`))).toEqual([100, 20, "complete"]);
  });

  test("Responses: usage beside the response", () => {
    const event = {
      type: "response.completed",
      response: { model: "m" },
      usage: { input_tokens: 100, output_tokens: 20 },
    };
    expect(figures(read(formOf("responses"), `data: ${JSON.stringify(event)}\n\n`))).toEqual([100, 20, "complete"]);
  });

  test("Messages: Bedrock's own count, where the events tell none", () => {
    const metrics = { inputTokenCount: 100, outputTokenCount: 20 };
    const event = { type: "message_stop", "amazon-bedrock-invocationMetrics": metrics };
    expect(figures(read(formOf("messages"), `data: ${JSON.stringify(event)}\n\n`))).toEqual([100, 20, "complete"]);
  });

  test("Messages: a stream that only says that its answer began has not told its length", () => {
    const events = formOf("messages").events.map(({ usage: _usage, ...event }) => event);
    const reader = read(formOf("messages"), sse({ ...formOf("messages"), events }));
    expect(reader.total()).toMatchObject({ inputTokens: 100, outputTokens: 0 });
    expect(reader.guess?.()).toBeGreaterThanOrEqual(50);
  });
});
