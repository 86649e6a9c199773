import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { call, type Ask, type Rig, startRig } from "../../../test/rig.ts";
import { accountOf, inbound, kindOf, stream, type Reply } from "../../../test/verdict-stage.ts";
import { handle as chat } from "../../endpoints/relay/chat-completions.ts";
import { handle as gemini } from "../../endpoints/relay/gemini.ts";
import { handle as messages } from "../../endpoints/relay/messages.ts";
import { handle as responses } from "../../endpoints/relay/responses.ts";
import type { Endpoint, Env } from "../../env.ts";
import { Failure } from "../../failure.ts";
import { pullBody } from "../../wire/dispatch.ts";

let rig: Rig;
beforeEach(async () => (rig = await startRig()));
afterEach(() => rig.stop());

const words = "a question of some length ".repeat(40);
const many = Array.from({ length: 30 }, (_, index) => `word ${index} `);
const user = { role: "user", content: words };

interface Client {
  readonly handle: Endpoint;
  ask(secret: string): Ask;
}

/** A stream asked for in each of the languages. */
const clients: Readonly<Record<string, Client>> = {
  anthropic: {
    handle: messages,
    ask: (secret) => ({
      headers: { "x-api-key": secret },
      body: { model: "claude-sonnet-4-5", max_tokens: 900, stream: true, messages: [user] },
    }),
  },
  responses: {
    handle: responses,
    ask: (secret) => ({
      path: "/openai/v1/responses",
      headers: { authorization: `Bearer ${secret}` },
      body: { model: "gpt-5.5", stream: true, input: words },
    }),
  },
  chat: {
    handle: chat,
    ask: (secret) => ({
      path: "/openai/v1/chat/completions",
      headers: { authorization: `Bearer ${secret}` },
      body: { model: "gpt-5.5", stream: true, messages: [user] },
    }),
  },
  gemini: {
    handle: gemini,
    ask: (secret) => ({
      path: "/gemini/v1beta/models/gemini-2.5-pro:streamGenerateContent",
      query: "alt=sse",
      headers: { "x-goog-api-key": secret },
      body: { contents: [{ role: "user", parts: [{ text: words }] }] },
    }),
  },
};

const chunkOf = (delta: object) => ({ id: "c", object: "chat.completion.chunk", choices: [{ index: 0, delta }] });

/** What opens an answer, its content, and an error, as each provider says them. */
const upstreams = {
  anthropic: {
    account: accountOf(kindOf("anthropic")),
    model: "claude-sonnet-4-5",
    opening: [
      {
        type: "message_start",
        message: { id: "m", model: "claude-sonnet-4-5", content: [], usage: {} },
      },
    ],
    content: [
      { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
      ...many.map((text) => ({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text } })),
    ],
    error: { type: "error", error: { type: "overloaded_error", message: "Overloaded" } },
  },
  responses: {
    account: { kind: "openai", baseUrl: "https://vendor.example", settings: { language: "responses" } },
    model: "gpt-5.5",
    opening: [{ type: "response.created", response: { id: "r", model: "gpt-5.5", output: [] } }],
    content: [
      ...[{ type: "response.output_item.added", output_index: 0, item: { type: "message", id: "i", content: [] } }],
      ...many.map((delta) => ({
        ...{ type: "response.output_text.delta", item_id: "i", output_index: 0, content_index: 0, delta },
      })),
    ],
    error: {
      type: "response.failed",
      response: { id: "r", status: "failed", error: { code: "server_error", message: "no" } },
    },
  },
  chat: {
    account: { kind: "openai", baseUrl: "https://vendor.example", settings: { language: "chat" } },
    model: "gpt-5.5",
    opening: [chunkOf({ role: "assistant", content: "" })],
    content: many.map((content) => chunkOf({ content })),
    error: { error: { code: 503, message: "overloaded" } },
  },
  gemini: {
    account: accountOf(kindOf("gemini")),
    model: "gemini-2.5-pro",
    opening: [{ modelVersion: "gemini-2.5-pro", candidates: [] }],
    content: many.map((text) => ({ candidates: [{ content: { role: "model", parts: [{ text }] } }] })),
    error: { error: { code: 503, status: "UNAVAILABLE", message: "The model is overloaded." } },
  },
};

type Name = keyof typeof upstreams;
const names = Object.keys(upstreams) as Name[];
/** Without a bridge, and over each. */
const pairs = names.flatMap((from) => names.map((to) => [from, to] as const));

/** How the connection goes on behind the error. */
const endings = {
  "the end": (reply: Reply) => inbound(reply),
  "a cut": (reply: Reply) => {
    const left = reply.chunks.map((chunk) => Buffer.from(chunk));
    const read = () =>
      left.length > 0 ? Promise.resolve(left.shift()) : Promise.reject(new Failure("upstream.broken"));
    return { status: 200, headers: reply.headers ?? {}, body: pullBody(read, () => undefined) };
  },
};

async function ask(from: Name, to: Name, reply: Reply, ending: keyof typeof endings = "the end") {
  const { account, model } = upstreams[to];
  const aliases = Object.fromEntries(["claude-sonnet-4-5", "gpt-5.5", "gemini-2.5-pro"].map((name) => [name, model]));
  await rig.addAccount({ ...account, aliases });
  const { secret } = await rig.addKey({ dailyCostNanos: 1e12 });
  const dispatch: Env["dispatch"] = () => Promise.resolve(endings[ending](reply));
  const { handle, ask: build } = clients[from] ?? {};
  if (!handle || !build) throw new Error(`There is no ${from} here.`);
  const { text } = await call(handle, build(secret), { ...rig.env, dispatch });
  const [event] = await rig.events();
  return { text, event };
}

describe.each(Object.keys(endings) as (keyof typeof endings)[])("an error behind content, and then %s", (ending) => {
  test.each(pairs)("costs a %s client what was seen of %s, as an estimate", async (from, to) => {
    const { opening, content, error } = upstreams[to];
    const { text, event } = await ask(from, to, stream(...opening, ...content, error), ending);
    expect(text).toContain("word 29");
    expect(event).toMatchObject({ isEstimated: true, status: 200 });
    expect(event?.outcome).not.toBe("complete");
    expect(event?.usage.inputTokens).toBeGreaterThanOrEqual(words.length / 4);
    expect(event?.usage.outputTokens).toBeGreaterThanOrEqual(many.length);
    expect(event?.costNanos).toBeGreaterThan(0);
  });
});

test("an error that tells all figures costs them, and is no estimate", async () => {
  const { opening, content } = upstreams.responses;
  const usage = { input_tokens: 900, output_tokens: 700, total_tokens: 1_600 };
  const failed = { id: "r", status: "failed", error: { code: "server_error", message: "no" }, usage };
  const { event } = await ask(
    "responses",
    "responses",
    stream(...opening, ...content, { type: "response.failed", response: failed }),
  );
  expect(event).toMatchObject({ outcome: "failed", usage: { inputTokens: 900, outputTokens: 700 } });
  expect(event?.isEstimated).toBeUndefined();
});

test.each(names)("an error before any content costs nothing: %s", async (name) => {
  const { opening } = upstreams[name];
  const refusals = {
    anthropic: { type: "error", error: { type: "invalid_request_error", message: "no" } },
    responses: { type: "error", code: "invalid_prompt", message: "no" },
    chat: { error: { type: "invalid_request_error", message: "no" } },
    gemini: { error: { code: 400, status: "INVALID_ARGUMENT", message: "no" } },
  };
  const { event } = await ask(name, name, stream(...opening, refusals[name]));
  expect(event).toMatchObject({ outcome: "failed", costNanos: 0 });
  expect(event?.isEstimated).toBeUndefined();
});

test.each(
  pairs
    .filter(([from, to]) => from !== to)
    .flatMap(([from, to]) => [400, 500].map((status) => [from, to, status] as const)),
)(
  "an error to a %s client of %s, of status %i and without end, lets go of its connection",
  async (from, to, status) => {
    const { account, model } = upstreams[to];
    const aliases = Object.fromEntries(["claude-sonnet-4-5", "gpt-5.5", "gemini-2.5-pro"].map((name) => [name, model]));
    await rig.addAccount({ ...account, aliases });
    const { secret } = await rig.addKey();
    let isCut = false;
    const part = Buffer.from(`{"error":{"type":"invalid_request_error","message":"${"no ".repeat(6_000)}`);
    const read = () => Promise.resolve(isCut ? undefined : part);
    const headers = { "content-type": "application/json" };
    const dispatch: Env["dispatch"] = () =>
      Promise.resolve({ status, headers, body: pullBody(read, () => void (isCut = true)) });
    const client = clients[from];
    const told = client && (await call(client.handle, client.ask(secret), { ...rig.env, dispatch }));
    expect(told?.answer.status).toBeGreaterThanOrEqual(400);
    expect(isCut).toBe(true);
  },
);
