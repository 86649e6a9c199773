import assert from "node:assert/strict";
import type OpenAI from "openai";
import type { Check, Client } from "./check.ts";
import { load } from "./fetch.ts";
import { assertFigures, type Seat } from "./stage.ts";

const name = "openai";
const model = "gpt-5.2";
/** OpenAI counts what was read from the cache among the input tokens (1,760 on the wire); it is booked apart. */
const figures = "in=1200+out=34+read=560";
const booked = { inputTokens: 1_200, outputTokens: 34, cacheReadTokens: 560 };

type Use = (sdk: OpenAI, seat: Seat) => Promise<void>;

async function connect(version: string, seat: Seat): Promise<OpenAI> {
  const { default: Sdk } = await load<{ default: typeof OpenAI }>({ name, version });
  return new Sdk({ apiKey: seat.secret, baseURL: `${seat.url}/openai/v1`, timeout: 30_000 });
}

async function assertBooked(seat: Seat, calls: number): Promise<void> {
  const events = await seat.booked();
  assert.equal(events.length, calls);
  events.forEach((event) => assertFigures(event, booked));
}

async function responsesStream(sdk: OpenAI, seat: Seat): Promise<void> {
  const events = await sdk.responses.create({ model, input: "Say it. [[sim:say=Streamed 你好]]", stream: true });
  let said = "";
  let last = "";
  for await (const event of events) {
    if (event.type === "response.output_text.delta") said += event.delta;
    last = event.type;
  }
  assert.equal(said, "Streamed 你好");
  assert.equal(last, "response.completed");
  await assertBooked(seat, 1);
}

async function responsesWhole(sdk: OpenAI, seat: Seat): Promise<void> {
  const response = await sdk.responses.create({ model, input: "Say it. [[sim:say=In one piece]]" });
  assert.equal(response.output_text, "In one piece");
  await assertBooked(seat, 1);
}

async function chatStream(sdk: OpenAI, seat: Seat): Promise<void> {
  const messages = [{ role: "user" as const, content: "Say it. [[sim:say=Streamed 你好]]" }];
  const chunks = await sdk.chat.completions.create({
    ...{ model, messages, stream: true as const, stream_options: { include_usage: true } },
  });
  let said = "";
  for await (const chunk of chunks) said += chunk.choices[0]?.delta.content ?? "";
  assert.equal(said, "Streamed 你好");
  await assertBooked(seat, 1);
}

async function chatTools(sdk: OpenAI, seat: Seat): Promise<void> {
  const messages = [{ role: "user" as const, content: 'Ask it. [[sim:tool=weather {"city":"Köln"}]]' }];
  const tools = [{ type: "function" as const, function: { name: "weather", parameters: { type: "object" } } }];
  const call = (await sdk.chat.completions.create({ model, messages, tools })).choices[0]?.message;
  const use = call?.tool_calls?.[0];
  assert.ok(call && use?.type === "function", "no tool was called");
  assert.deepEqual(JSON.parse(use.function.arguments), { city: "Köln" });
  const result = { role: "tool" as const, tool_call_id: use.id, content: "12 degrees" };
  const last = await sdk.chat.completions.create({ model, messages: [...messages, call, result], tools });
  assert.match(last.choices[0]?.message.content ?? "", /12 degrees/);
  await assertBooked(seat, 2);
}

async function models(sdk: OpenAI): Promise<void> {
  const ids: string[] = [];
  for await (const { id } of sdk.models.list()) ids.push(id);
  assert.ok(
    ids.some((id) => id.startsWith("gpt-")),
    ids.join(", "),
  );
}

async function retry(sdk: OpenAI, seat: Seat): Promise<void> {
  const response = await sdk.responses.create({ model, input: "Say it. [[sim:say=Second try]]" });
  assert.equal(response.output_text, "Second try");
  assert.deepEqual(
    seat.asked().map(({ status }) => status),
    [429, 200],
  );
}

/** Asked for as base64 by the SDK itself, and decoded by it. */
async function embeddings(sdk: OpenAI): Promise<void> {
  const { data } = await sdk.embeddings.create({ model: "text-embedding-3-small", input: "twelve chars" });
  assert.equal(data[0]?.embedding.length, 8);
  assert.ok(data[0].embedding.every((number) => Number.isFinite(number)));
}

function client(version: string): Client {
  const check = (title: string, use: Use, directives?: string): Check => ({
    name: title,
    ...(directives === undefined ? {} : { directives }),
    run: async (seat) => use(await connect(version, seat), seat),
  });
  return {
    ...{ name, version },
    checks: [
      check("responses, stream", responsesStream, figures),
      check("responses, whole", responsesWhole, figures),
      check("chat, stream", chatStream, figures),
      check("chat, tools", chatTools, figures),
      check("embeddings", embeddings),
      check("models", models),
      check("retry after 429", retry, "429-once+retry-after=1"),
    ],
  };
}

/** The older one is what npm gives to whoever has Node 20. */
export const openaiSdk: readonly Client[] = [client("7.57.0"), client("6.49.0")];
