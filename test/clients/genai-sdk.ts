import assert from "node:assert/strict";
import type * as Genai from "@google/genai";
import type { Check, Client } from "./check.ts";
import { load } from "./fetch.ts";
import { assertFigures, type Seat } from "./stage.ts";

const name = "@google/genai";
const model = "gemini-2.5-pro";
const figures = "in=1200+out=34+read=560";
const booked = { inputTokens: 1_200, outputTokens: 34, cacheReadTokens: 560 };

type Use = (sdk: Genai.GoogleGenAI, seat: Seat) => Promise<void>;

async function connect(version: string, seat: Seat): Promise<Genai.GoogleGenAI> {
  const { GoogleGenAI } = await load<typeof Genai>({ name, version });
  return new GoogleGenAI({ apiKey: seat.secret, httpOptions: { baseUrl: `${seat.url}/gemini`, timeout: 30_000 } });
}

async function assertBooked(seat: Seat, calls: number): Promise<void> {
  const events = await seat.booked();
  assert.equal(events.length, calls);
  events.forEach((event) => assertFigures(event, booked));
}

async function stream(sdk: Genai.GoogleGenAI, seat: Seat): Promise<void> {
  const chunks = await sdk.models.generateContentStream({ model, contents: "Say it. [[sim:say=Streamed 你好]]" });
  let said = "";
  for await (const chunk of chunks) said += chunk.text ?? "";
  assert.equal(said, "Streamed 你好");
  await assertBooked(seat, 1);
}

async function whole(sdk: Genai.GoogleGenAI, seat: Seat): Promise<void> {
  const answer = await sdk.models.generateContent({ model, contents: "Say it. [[sim:say=In one piece]]" });
  assert.equal(answer.text, "In one piece");
  await assertBooked(seat, 1);
}

async function tools(sdk: Genai.GoogleGenAI, seat: Seat): Promise<void> {
  const contents = [{ role: "user", parts: [{ text: 'Ask it. [[sim:tool=weather {"city":"Köln"}]]' }] }];
  const config = { tools: [{ functionDeclarations: [{ name: "weather" }] }] };
  const first = await sdk.models.generateContent({ model, contents, config });
  const use = first.functionCalls?.[0];
  assert.deepEqual(use?.args, { city: "Köln" });
  const call = first.candidates?.[0]?.content;
  assert.ok(call);
  const result = {
    role: "user",
    parts: [{ functionResponse: { name: "weather", response: { output: "12 degrees" } } }],
  };
  const last = await sdk.models.generateContent({ model, contents: [...contents, call, result], config });
  assert.match(last.text ?? "", /12 degrees/);
  await assertBooked(seat, 2);
}

async function count(sdk: Genai.GoogleGenAI): Promise<void> {
  assert.ok(((await sdk.models.countTokens({ model, contents: "How long is this?" })).totalTokens ?? 0) > 0);
}

async function models(sdk: Genai.GoogleGenAI): Promise<void> {
  const names: string[] = [];
  for await (const { name } of await sdk.models.list()) names.push(name ?? "");
  assert.ok(
    names.some((name) => name.includes("gemini-")),
    names.join(", "),
  );
}

async function embeddings(sdk: Genai.GoogleGenAI): Promise<void> {
  const { embeddings: found } = await sdk.models.embedContent({ model: "gemini-embedding-001", contents: ["a", "b"] });
  assert.equal(found?.length, 2);
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
      check("stream", stream, figures),
      check("whole answer", whole, figures),
      check("tools", tools, figures),
      check("countTokens", count),
      check("embeddings", embeddings),
      check("models", models),
    ],
  };
}

/** They differ in the path: the older one asks under /v1beta. */
export const genaiSdk: readonly Client[] = [client("3.1.0"), client("2.32.0")];
