import assert from "node:assert/strict";
import type { Check, Client } from "./check.ts";
import { load } from "./fetch.ts";
import type { Seat } from "./stage.ts";

const wanted = { name: "ai", version: "7.0.173" };
const anthropic = { name: "@ai-sdk/anthropic", version: "4.0.105" };
const openai = { name: "@ai-sdk/openai", version: "4.0.118" };
const google = { name: "@ai-sdk/google", version: "4.0.121" };

/** As much of the Vercel AI SDK as is used here: its types come with packages that are fetched when it is tried. */
interface Ai {
  generateText(options: object): Promise<{ text: string; steps: unknown[]; usage: { outputTokens: number } }>;
  streamText(options: object): { text: PromiseLike<string>; finishReason: PromiseLike<string> };
  tool(options: object): unknown;
  jsonSchema(schema: object): unknown;
  isStepCount(count: number): unknown;
}
type Provider = (model: string) => unknown;

const onAnthropic = async (seat: Seat): Promise<Provider> => {
  const { createAnthropic } = await load<{ createAnthropic(options: object): Provider }>(anthropic);
  return createAnthropic({ apiKey: seat.secret, baseURL: `${seat.url}/api/v1` });
};
const onOpenai = async (seat: Seat): Promise<Provider> => {
  const { createOpenAI } = await load<{ createOpenAI(options: object): Provider }>(openai);
  return createOpenAI({ apiKey: seat.secret, baseURL: `${seat.url}/openai/v1` });
};

const onGoogle = async (seat: Seat): Promise<Provider> => {
  const { createGoogleGenerativeAI } = await load<{ createGoogleGenerativeAI(options: object): Provider }>(google);
  return createGoogleGenerativeAI({ apiKey: seat.secret, baseURL: `${seat.url}/gemini/v1beta` });
};

/** A tool loop, and then a stream; nothing may be stored, since another provider's model has nothing of OpenAI's store. */
const loopAndStream = (name: string, connect: (seat: Seat) => Promise<Provider>, model: string): Check => ({
  ...{ name: `tool loop and stream, ${name} on ${model}`, directives: "in=1200+out=34" },
  async run(seat) {
    const ai = await load<Ai>(wanted);
    const limits = { maxRetries: 0, maxOutputTokens: 400 };
    const asked = { model: (await connect(seat))(model), providerOptions: { openai: { store: false } }, ...limits };
    const weather = ai.tool({
      inputSchema: ai.jsonSchema({ type: "object", properties: { city: { type: "string" } } }),
      execute: ({ city }: { city: string }) => Promise.resolve(`12 degrees in ${city}`),
    });
    const prompt = 'Ask it. [[sim:tool=weather {"city":"Köln"}]]';
    const loop = await ai.generateText({ ...asked, prompt, tools: { weather }, stopWhen: ai.isStepCount(3) });
    assert.equal(loop.steps.length, 2);
    assert.match(loop.text, /12 degrees in Köln/);
    const streamed = ai.streamText({ ...asked, prompt: "Say it. [[sim:say=Streamed 你好]]" });
    assert.equal(await streamed.text, "Streamed 你好");
    assert.equal(await streamed.finishReason, "stop");
    const events = await seat.booked();
    assert.deepEqual(
      events.map(({ outcome, usage }) => [outcome, usage?.outputTokens]),
      Array.from({ length: 3 }, () => ["complete", 34]),
    );
  },
});

export const aiSdkParts = [anthropic, openai, google];

export const aiSdk: readonly Client[] = [
  {
    ...wanted,
    checks: [
      loopAndStream(anthropic.name, onAnthropic, "claude-sonnet-5"),
      loopAndStream(anthropic.name, onAnthropic, "gpt-5.5"),
      loopAndStream(anthropic.name, onAnthropic, "gemini-3-pro"),
      loopAndStream(openai.name, onOpenai, "gpt-5.5"),
      loopAndStream(openai.name, onOpenai, "claude-sonnet-5"),
      loopAndStream(google.name, onGoogle, "gemini-3-pro"),
    ],
  },
];
