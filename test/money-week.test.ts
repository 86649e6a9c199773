import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { calcPrice } from "@pydantic/genai-prices";
import { afterAll, beforeAll, expect, test } from "vitest";
import { handle as chat } from "../functions/endpoints/relay/chat-completions.ts";
import { handle as gemini } from "../functions/endpoints/relay/gemini.ts";
import { handle as messages } from "../functions/endpoints/relay/messages.ts";
import { handle as responses } from "../functions/endpoints/relay/responses.ts";
import { buildRandom, pick } from "./chaos/random.ts";
import { call, type Rig, startRig } from "./rig.ts";

/**
 * A week of calls in every language, answered in every odd way, and the bill made a second time from the upstream's own book
 * by another program (@pydantic/genai-prices). `WEEK_CALLS=5000 npx vitest run test/money-week.test.ts` is the long form.
 */
const calls = Number(process.env.WEEK_CALLS ?? 80);

interface Booked {
  readonly provider: "anthropic" | "openai" | "google";
  readonly model: string;
  readonly input: number;
  readonly cached: number;
  readonly written: number;
  readonly output: number;
}

const random = buildRandom(Number(process.env.WEEK_SEED ?? 20261130));
const oneOf = <T>(list: readonly T[]): T => pick(list, random);
/** Whole thousands, so that every price is a whole number of nano-dollars. */
const some = (most: number) => Math.floor(random() * most) * 1_000;

const models: readonly (readonly [Booked["provider"], string])[] = [
  ["anthropic", "claude-opus-5-5"],
  ["anthropic", "claude-sonnet-4-5"],
  ["openai", "gpt-5"],
  ["openai", "gpt-5-mini"],
  ["google", "gemini-2.5-pro"],
  ["google", "gemini-2.5-flash"],
];

/** The upstream's book: what it would bill. */
const book: Booked[] = [];
let rig: Rig;
let server: Server;

function usageOf({ provider, input, cached, written, output }: Booked, isChat: boolean): Record<string, unknown> {
  const all = input + cached + written;
  if (provider === "anthropic")
    return {
      ...{ input_tokens: input, cache_read_input_tokens: cached, cache_creation_input_tokens: written },
      output_tokens: output,
    };
  if (provider === "google")
    return { promptTokenCount: all, cachedContentTokenCount: cached, candidatesTokenCount: output };
  return isChat
    ? { prompt_tokens: all, prompt_tokens_details: { cached_tokens: cached }, completion_tokens: output }
    : { input_tokens: all, input_tokens_details: { cached_tokens: cached }, output_tokens: output };
}

/** The same answer as a stream's events and as a document. */
function answerOf(booked: Booked, isChat: boolean): { events: string[]; whole: Record<string, unknown> } {
  const { provider, model } = booked;
  const usage = usageOf(booked, isChat);
  if (provider === "anthropic") {
    const message = { type: "message", role: "assistant", model, content: [{ type: "text", text: "ok" }] };
    const events = [
      { type: "message_start", message: { ...message, usage: { ...usage, output_tokens: 1 } } },
      { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "ok" } },
      { type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { ...usage, input_tokens: null } },
      { type: "message_stop" },
    ];
    return { events: events.map((event) => JSON.stringify(event)), whole: { ...message, usage } };
  }
  if (provider === "google") {
    const end = { candidates: [{ content: { parts: [{ text: "ok" }] }, finishReason: "STOP" }], modelVersion: model };
    return { events: [JSON.stringify({ ...end, usageMetadata: usage })], whole: { ...end, usageMetadata: usage } };
  }
  if (isChat) {
    const chunk = { id: "c", model, choices: [{ index: 0, delta: { content: "ok" } }], usage: null };
    return {
      events: [JSON.stringify(chunk), JSON.stringify({ ...chunk, choices: [], usage }), "[DONE]"],
      whole: { id: "c", model, choices: [{ index: 0, message: { role: "assistant", content: "ok" } }], usage },
    };
  }
  const output = [{ type: "message", role: "assistant", content: [{ type: "output_text", text: "ok" }] }];
  const response = { id: "r", object: "response", status: "completed", model, output, usage };
  const delta = { type: "response.output_text.delta", delta: "ok" };
  return { events: [JSON.stringify(delta), JSON.stringify({ type: "response.completed", response })], whole: response };
}

/** Writes an answer in a way that some place has been seen to write it, whatever was asked for. */
function send(response: ServerResponse, booked: Booked, isChat: boolean): void {
  const { events, whole } = answerOf(booked, isChat);
  const nl = oneOf(["\n", "\r\n"]);
  const colon = oneOf(["data: ", "data:"]);
  const asEvents = oneOf(["", "\ufeff", ": hello\n\n"]) + events.map((event) => colon + event + nl + nl).join("");
  const asDocument = oneOf(["", "\ufeff", "\n"]) + JSON.stringify(whole, null, oneOf([0, 2])).replaceAll("\n", nl);
  const text = random() < 0.5 ? asEvents : asDocument;
  const isPacked = random() < 0.2;
  const type = oneOf(["application/json", "text/event-stream", "text/plain"]);
  response.writeHead(200, { "content-type": type, ...(isPacked ? { "content-encoding": "gzip" } : {}) });
  response.end(isPacked ? gzipSync(text) : text);
}

beforeAll(async () => {
  rig = await startRig();
  server = createServer((request, response) => {
    request.resume().on("end", () => {
      const booked = book.at(-1);
      if (booked) send(response, booked, (request.url ?? "").includes("chat"));
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  for (const kind of ["anthropic", "openai", "gemini"])
    await rig.addAccount({ kind, baseUrl }, { kind: "api-key", secret: "sk-book" });
});
afterAll(async () => {
  await rig.stop();
  server.close();
});

/** Asks in a language of the model's own provider, for a stream or not. */
async function ask({ provider, model }: Booked, secret: string): Promise<number> {
  const stream = random() < 0.5;
  const headers = { "x-api-key": secret };
  const content = [{ role: "user", content: "x" }];
  if (provider === "google") {
    const path = `/gemini/v1beta/models/${model}:${stream ? "streamGenerateContent" : "generateContent"}`;
    const body = { contents: [{ role: "user", parts: [{ text: "x" }] }] };
    return (await call(gemini, { path, query: stream ? "alt=sse" : "", headers, body }, rig.env)).answer.status;
  }
  const [handle, path, body] =
    provider === "anthropic"
      ? [messages, "/api/v1/messages", { model, stream, max_tokens: 9, messages: content }]
      : oneOf([
          [chat, "/openai/v1/chat/completions", { model, stream, messages: content }],
          [responses, "/openai/v1/responses", { model, stream, input: "x" }],
        ] as const);
  return (await call(handle, { path, headers, body }, rig.env)).answer.status;
}

function billOf({ provider, model, input, cached, written, output }: Booked, at: number): number {
  const usage = {
    input_tokens: input + cached + written,
    cache_read_tokens: cached,
    cache_write_tokens: written,
    output_tokens: output,
  };
  const price = calcPrice(usage, model, { providerId: provider, timestamp: new Date(at) });
  return Math.round((price?.total_price ?? NaN) * 1e9);
}

test(`the bill of ${calls} calls is the provider's own, to the nano-dollar`, async () => {
  const { secret } = await rig.addKey();
  for (let turn = 0; turn < calls; turn += 1) {
    const [provider, model] = oneOf(models);
    const written = provider === "anthropic" ? some(50) : 0;
    book.push({ provider, model, input: some(150) + 1_000, cached: some(150), written, output: some(20) + 1_000 });
    const status = await ask(book.at(-1) as Booked, secret);
    expect(status).toBe(200);
  }
  await rig.settled();
  const events = await rig.events();
  expect(events).toHaveLength(calls);
  const wrong = events.flatMap((event, index) => {
    const booked = book[index] as Booked;
    const bill = billOf(booked, event.at);
    return event.costNanos === bill && !event.isEstimated
      ? []
      : [{ booked, bill, cost: event.costNanos, usage: event.usage }];
  });
  expect(wrong).toEqual([]);
}, 600_000);
