import assert from "node:assert/strict";
import type Anthropic from "@anthropic-ai/sdk";
import type { Check, Client } from "./check.ts";
import { load, type Package } from "./fetch.ts";
import { assertFigures, figures, type Seat } from "./stage.ts";
import { until } from "./wait.ts";

const name = "@anthropic-ai/sdk";
const model = "claude-sonnet-5";

async function connect(wanted: Package, seat: Seat, baseURL = `${seat.url}/api`): Promise<Anthropic> {
  const { default: Sdk } = await load<{ default: typeof Anthropic }>(wanted);
  return new Sdk({ apiKey: seat.secret, baseURL, timeout: 30_000 });
}

const ask = (content: string) => ({ model, max_tokens: 256, messages: [{ role: "user" as const, content }] });

type Use = (sdk: Anthropic, seat: Seat) => Promise<void>;

async function stream(sdk: Anthropic, seat: Seat): Promise<void> {
  const answer = sdk.messages.stream(ask("Say it. [[sim:say=Streamed 你好]]"));
  const pieces: string[] = [];
  answer.on("text", (piece) => pieces.push(piece));
  const message = await answer.finalMessage();
  assert.equal(pieces.join(""), "Streamed 你好");
  assert.equal(message.usage.output_tokens, 34);
  assert.ok(answer.request_id, "the answer has no request id");
  await assertBooked(seat, 1);
}

async function whole(sdk: Anthropic, seat: Seat): Promise<void> {
  const message = await sdk.messages.create(ask("Say it. [[sim:say=In one piece]]"));
  assert.deepEqual(
    message.content.map((block) => (block.type === "text" ? block.text : block.type)),
    ["In one piece"],
  );
  await assertBooked(seat, 1);
}

async function tools(sdk: Anthropic, seat: Seat): Promise<void> {
  const tool = { name: "weather", input_schema: { type: "object" as const, properties: { city: { type: "string" } } } };
  const first = ask('Ask it. [[sim:tool=weather {"city":"Köln"}]]');
  const call = await sdk.messages.stream({ ...first, tools: [tool] }).finalMessage();
  const use = call.content.find((block) => block.type === "tool_use");
  assert.deepEqual(use?.input, { city: "Köln" });
  assert.equal(call.stop_reason, "tool_use");
  const result = { type: "tool_result" as const, tool_use_id: use?.id ?? "", content: "12 degrees" };
  const messages = [
    ...first.messages,
    { role: "assistant" as const, content: call.content },
    { role: "user" as const, content: [result] },
  ];
  const last = await sdk.messages.create({ ...first, messages, tools: [tool] });
  assert.match(JSON.stringify(last.content), /The tool answered: 12 degrees/);
  await assertBooked(seat, 2);
}

async function count(sdk: Anthropic, seat: Seat): Promise<void> {
  const { input_tokens: tokens } = await sdk.messages.countTokens({
    model,
    messages: ask("How long is this?").messages,
  });
  assert.ok(tokens > 0);
  assert.ok((await seat.booked()).every(({ costNanos }) => costNanos === 0));
}

async function models(sdk: Anthropic): Promise<void> {
  const ids: string[] = [];
  for await (const { id } of sdk.models.list()) ids.push(id);
  const [first = ""] = ids;
  assert.match(first, /claude/);
  assert.equal((await sdk.models.retrieve(first)).id, first);
}

/** The relay has one account here: the client's own retry must find it again. */
function retry(status: number): Use {
  return async (sdk, seat) => {
    const message = await sdk.messages.create(ask("Say it. [[sim:say=Second try]]"));
    assert.match(JSON.stringify(message.content), /Second try/);
    assert.deepEqual(
      seat.asked().map((request) => request.status),
      [status, 200],
    );
    assert.equal((await seat.booked()).at(-1)?.outcome, "complete");
  };
}

async function abort(sdk: Anthropic, seat: Seat): Promise<void> {
  const answer = sdk.messages.stream(ask("Go on. [[sim:pace=50,deltas=200]]"));
  answer.once("text", () => answer.abort());
  await assert.rejects(answer.finalMessage(), /abort/i);
  // The relay learns of a hang-up a moment after the client, and the provider after the relay.
  const [event, ...others] = await until(
    () => seat.booked(),
    (events) => events.length > 0,
  );
  await until(
    () => seat.asked().map(({ outcome }) => outcome),
    ([outcome, ...more]) => outcome === "hung-up" && more.length === 0,
  );
  assert.equal(event?.outcome, "gone");
  assert.equal(others.length, 0);
  assert.ok((event?.usage.inputTokens ?? 0) > 0, "a client that hangs up is charged for what was seen");
  assert.ok((event?.ms.total ?? Infinity) < 5_000, "the upstream was read on after the client was gone");
}

async function badKey(wanted: Package, seat: Seat): Promise<void> {
  const sdk = await connect(wanted, { ...seat, secret: `cr_${"0".repeat(64)}` });
  const startedAt = performance.now();
  await assert.rejects(sdk.messages.create(ask("Hello")), (error: unknown) => {
    assert.ok(error instanceof Error && "status" in error);
    assert.equal(error.status, 401);
    return true;
  });
  assert.ok(performance.now() - startedAt < 5_000, "a refusal that stands was retried");
}

async function assertBooked(seat: Seat, calls: number): Promise<void> {
  const events = await seat.booked();
  assert.equal(events.length, calls);
  events.forEach((event) => assertFigures(event));
}

function client(version: string): Client {
  const wanted = { name, version };
  const check = (title: string, use: Use, directives?: string): Check => ({
    name: title,
    ...(directives === undefined ? {} : { directives }),
    run: async (seat) => use(await connect(wanted, seat), seat),
  });
  return {
    ...wanted,
    checks: [
      check("stream", stream, figures),
      check("whole answer", whole, figures),
      check("tools", tools, figures),
      check("count_tokens", count),
      check("models", models),
      check("retry after 429", retry(429), "429-once+retry-after=1"),
      check("retry after 529", retry(529), "529-once"),
      check("abort in mid-stream", abort),
      { name: "bad key", run: (seat) => badKey(wanted, seat) },
    ],
  };
}

export const anthropicSdk: readonly Client[] = [client("1.12.0"), client("0.137.0")];
