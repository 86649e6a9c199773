import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { buildBodyQueue } from "../runtimes/http-client/body.ts";
import { call, type Rig, startRig } from "../../test/rig.ts";
import { type Kind, type Reply, accountOf, kindOf, provider, stream, whole } from "../../test/verdict-stage.ts";
import { readPool } from "../core/accounts/pool.ts";
import { anthropicDialect } from "./dialects/anthropic/anthropic.ts";
import { buildAnthropicReader } from "./dialects/anthropic/usage.ts";
import { peek, resume } from "./transport/peek.ts";
import { type Body, pullBody } from "../wire/dispatch.ts";

let rig: Rig;

beforeEach(async () => (rig = await startRig()));
afterEach(() => rig.stop());

const anthropic = kindOf("anthropic");
const opening = { type: "message_start", message: { model: "claude-sonnet-4-5", usage: { input_tokens: 9 } } };
const ping = { type: "ping" };
const overloaded = { type: "error", error: { type: "overloaded_error", message: "Overloaded" } };
const message = [
  opening,
  { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
  { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "well" } },
  { type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: 1 } },
  { type: "message_stop" },
];
const created = { type: "response.created", response: { id: "r", model: "gpt-5.5" } };
const completed = { type: "response.completed", response: { id: "r", usage: { input_tokens: 1, output_tokens: 1 } } };
const delta = { type: "response.output_text.delta", delta: "well" };
const chunkOf = (change: object, rest: object = {}) => ({ id: "c", choices: [{ index: 0, delta: change, ...rest }] });
const role = chunkOf({ role: "assistant", content: "" });
const candidate = { candidates: [{ content: { parts: [{ text: "well" }] }, finishReason: "STOP" }] };
const busy = { error: { code: 503, status: "UNAVAILABLE", message: "The model is overloaded." } };
const usage = { usageMetadata: { promptTokenCount: 9 }, modelVersion: "gemini-2.5-pro" };

const responses = kindOf("openai /openai/v1/responses");
const chat = kindOf("openai /openai/v1/chat/completions");
const gemini = kindOf("gemini");
const codeAssist = kindOf("code-assist");

/** What the first account answers, and what the second: the client gets that, and nothing of the first. */
async function failOver(kind: Kind, bad: Reply, good: Reply, isStream = true) {
  const first = await rig.addAccount({ id: "first", priority: 1, ...accountOf(kind) }, kind.credential);
  await rig.addAccount({ id: "second", priority: 2, ...accountOf(kind) }, kind.credential);
  const { secret } = await rig.addKey();
  const answers = [bad, good];
  const { dispatch, asked } = provider(() => answers.shift() ?? good);
  const { answer, text } = await call(kind.handle, kind.ask(secret, "hello", isStream), { ...rig.env, dispatch });
  const [event] = await rig.events();
  const { cooldowns, accountById } = await readPool(rig.env);
  expect([...cooldowns.keys(), accountById.get(first.id)?.stoppedBecause]).toEqual([undefined]);
  return { status: answer.status, text, event, asked: asked.length };
}

describe("a stream that has only been opened", () => {
  test.each<[string, Kind, Reply, Reply]>([
    ["Anthropic's overload behind message_start", anthropic, stream(opening, ping, overloaded), stream(...message)],
    ["Anthropic's stream that ends there", anthropic, stream(opening), stream(...message)],
    [
      "response.failed without a code",
      responses,
      stream(
        created,
        { type: "response.in_progress" },
        {
          type: "response.failed",
          response: { status: "failed", error: { message: "Our servers are currently overloaded." } },
        },
      ),
      stream(created, delta, completed),
    ],
    [
      "an error event of Responses",
      responses,
      stream(created, { type: "error", code: "server_is_overloaded", message: "busy" }),
      stream(created, delta, completed),
    ],
    [
      "an error behind the role",
      chat,
      stream(role, { error: { code: 503, message: "busy" } }),
      stream(role, chunkOf({ content: "well" }), chunkOf({}, { finish_reason: "stop" }), "data: [DONE]\n\n"),
    ],
    ["Gemini's error behind figures", gemini, stream(usage, busy), stream(usage, candidate)],
    [
      "Code Assist's, too",
      codeAssist,
      stream({ response: usage }, busy),
      stream({ response: usage }, { response: candidate }),
    ],
  ])("goes on to the next account: %s", async (_name, kind, bad, good) => {
    const { status, text, event } = await failOver(kind, bad, good);
    expect([status, text.includes("well"), /overloaded|busy/i.test(text)]).toEqual([200, true, false]);
    expect(text.match(/message_start"|response.created"|promptTokenCount|"role"/g)).toHaveLength(1);
    expect(event).toMatchObject({ account: "second", outcome: "complete", attempts: [{ account: "first" }, {}] });
  });

  test("is not tried again once it has content", async () => {
    const { text, event, asked } = await failOver(
      anthropic,
      stream(...message.slice(0, 2), overloaded),
      stream(...message),
    );
    expect(text).toContain("Overloaded");
    expect([asked, event?.account, event?.outcome]).toEqual([1, "first", "failed"]);
  });
});

describe("an overload", () => {
  const sentence = "Our servers are currently overloaded. Please try again later.";
  const fine = whole(200, {
    object: "response",
    status: "completed",
    output: [],
    usage: { input_tokens: 1, output_tokens: 1 },
  });

  test.each<[string, Kind, Reply]>([
    ["in a 400, by its sentence", responses, whole(400, { error: { message: sentence } })],
    ["in a 400, by its code", responses, whole(400, { error: { code: "server_is_overloaded", message: "no" } })],
    [
      "in a 400, by its type",
      anthropic,
      whole(400, { type: "error", error: { type: "overloaded_error", message: "no" } }),
    ],
    ["in a 500", responses, whole(500, { error: { message: "no" } })],
    [
      "in a whole answer with status 200",
      responses,
      whole(200, { error: { code: "server_is_overloaded", message: "no" } }),
    ],
    ["in a whole message with status 200", anthropic, whole(200, overloaded)],
    [
      "in a failed response",
      responses,
      whole(200, { status: "failed", error: { code: "server_error", message: "no" } }),
    ],
    ["in a 400 of Chat, by its sentence", chat, whole(400, { error: { message: sentence } })],
    ["in a 400 of Chat, by its code", chat, whole(400, { error: { code: "server_is_overloaded", message: "no" } })],
    ["in a 500 of Chat", chat, whole(500, { error: { type: "server_error", message: "no" } })],
    ["in a 503 of Chat", chat, whole(503, { error: { message: "slow down" } })],
    ["in a 200 of Chat", chat, whole(200, { error: { code: "server_is_overloaded", message: "no" } })],
    ["in a 200 of Chat, by a number", chat, whole(200, { error: { code: 503, message: "no" } })],
    [
      "in a 400 of Gemini, by its status",
      gemini,
      whole(400, { error: { code: 400, status: "UNAVAILABLE", message: "The model is overloaded." } }),
    ],
    ["in a 500 of Gemini", gemini, whole(500, { error: { code: 500, status: "INTERNAL", message: "no" } })],
    ["in a 503 of Gemini", gemini, whole(503, busy)],
    ["in a 200 of Gemini", gemini, whole(200, busy)],
    ["in a list with status 200 of Gemini", gemini, whole(200, [busy])],
    [
      "in a 400 of Anthropic, by its sentence",
      anthropic,
      whole(400, { type: "error", error: { type: "api_error", message: "Overloaded" } }),
    ],
    ["in a 500 of Anthropic", anthropic, whole(500, { type: "error", error: { type: "api_error", message: "no" } })],
  ])("told %s goes on, and rests nothing", async (_name, kind, bad) => {
    const good =
      new Map([
        [anthropic, whole(200, { type: "message", usage: { input_tokens: 1, output_tokens: 1 } })],
        [chat, whole(200, { choices: [], usage: { prompt_tokens: 1, completion_tokens: 1 } })],
        [gemini, whole(200, { ...candidate, usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 1 } })],
      ]).get(kind) ?? fine;
    const { status, event } = await failOver(kind, bad, good, false);
    expect([status, event?.account, event?.attempts.length]).toEqual([200, "second", 2]);
  });
});

test("an account that has just failed is tried last by this instance, for a while", async () => {
  await rig.addAccount({ id: "first", priority: 1, ...accountOf(anthropic) }, anthropic.credential);
  await rig.addAccount({ id: "second", priority: 2, ...accountOf(anthropic) }, anthropic.credential);
  const { secret } = await rig.addKey();
  const answers = [whole(503, { error: { message: "no" } })];
  const { dispatch } = provider(() => answers.shift() ?? stream(...message));
  const env = { ...rig.env, dispatch };
  for (const ms of [0, 14_000, 2_000]) {
    rig.pass(ms);
    // Another conversation each time: one that is under way stays where it is.
    await call(anthropic.handle, anthropic.ask(secret, `hello ${ms}`, true), env);
  }
  const events = await rig.events();
  expect(events.map(({ attempts }) => attempts.map(({ account }) => account))).toEqual([
    ["first", "second"],
    ["second"],
    ["first"],
  ]);
  expect((await readPool(env)).cooldowns.size).toBe(0);
});

describe("what is held back", () => {
  const tap = { pause: () => undefined, resume: () => undefined, drop: () => undefined };
  const text = (event: { type: string }) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;

  test("goes out after 20 seconds, and what comes then follows it", async () => {
    vi.useFakeTimers();
    try {
      const queue = buildBodyQueue(tap);
      const inbound = { status: 200, headers: {}, body: queue.body };
      const peeking = peek(inbound, buildAnthropicReader(), anthropicDialect, true);
      queue.push(Buffer.from(text(opening)));
      await vi.advanceTimersByTimeAsync(19_000);
      queue.push(Buffer.from(text(ping)));
      await vi.advanceTimersByTimeAsync(2_000);
      const { chunks, body, hasMore } = await peeking;
      expect([Buffer.concat(chunks).toString(), hasMore]).toEqual([text(opening) + text(ping), true]);
      const seen: string[] = [];
      body.flow({
        chunk: (bytes) => seen.push(Buffer.from(bytes).toString()) > 0,
        end: () => void seen.push("end"),
        fail: () => void seen.push("fail"),
      });
      for (const chunk of ["a", "b"]) queue.push(Buffer.from(chunk));
      await vi.advanceTimersByTimeAsync(1);
      queue.push(Buffer.from("c"));
      queue.end();
      await vi.advanceTimersByTimeAsync(1);
      expect([seen.slice(0, -1).join(""), seen.at(-1)]).toEqual(["abc", "end"]);
    } finally {
      vi.useRealTimers();
    }
  });

  test("is 64 kB at most", async () => {
    const queue = buildBodyQueue(tap);
    for (let count = 0; count < 100; count += 1)
      queue.push(Buffer.from(text({ ...ping, pad: "x".repeat(1_000) } as typeof ping)));
    const inbound = { status: 200, headers: {}, body: queue.body };
    const { chunks, hasMore } = await peek(inbound, buildAnthropicReader(), anthropicDialect, true);
    expect([hasMore, Buffer.concat(chunks).length < 70_000]).toEqual([true, true]);
  });
});

test.each([
  [
    "a body that is pulled",
    (body: Body) =>
      pullBody(
        () => body.read(),
        () => undefined,
      ),
  ],
  ["a body that is waited for already", (body: Body) => resume(body.read(), body)],
])("a reader that drains at once loses no wake-up: %s", async (_name, wrap) => {
  const queue = buildBodyQueue({ pause: () => undefined, resume: () => undefined, drop: () => undefined });
  const seen: string[] = [];
  const ended = Promise.withResolvers<void>();
  let goOn: () => void = () => undefined;
  goOn = wrap(queue.body).flow({
    chunk(bytes) {
      seen.push(Buffer.from(bytes).toString());
      goOn();
      return false;
    },
    end: ended.resolve,
    fail: ended.reject,
  });
  for (const word of ["one", "two", "three"]) {
    queue.push(Buffer.from(word));
    await new Promise(setImmediate);
  }
  queue.end();
  await ended.promise;
  expect(seen).toEqual(["one", "two", "three"]);
});
