import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { crossRequest } from "../../../functions/relay/bridges/crossing.ts";
import type { Conversation } from "../../../functions/relay/bridges/conversation.ts";
import { Reading } from "../../../functions/relay/bridges/fields.ts";
import { fit } from "../../../functions/relay/bridges/fit/fit.ts";
import { type Language, languages } from "../../../functions/relay/bridges/fit/limits.ts";
import { familyOf } from "../../../functions/relay/bridges/fit/models.ts";
import { repairTurns } from "../../../functions/relay/bridges/fit/repair.ts";
import { type JsonObject, objectOf } from "../../../functions/wire/json.ts";
import { readAnthropicRequest } from "../../../functions/relay/bridges/anthropic/request-read.ts";
import { writeAnthropicRequest } from "../../../functions/relay/bridges/anthropic/request-write.ts";
import { readChatRequest } from "../../../functions/relay/bridges/openai-chat/request-read.ts";
import { writeChatRequest } from "../../../functions/relay/bridges/openai-chat/request-write.ts";
import { readResponsesRequest } from "../../../functions/relay/bridges/openai-responses/request-read.ts";
import { writeResponsesRequest } from "../../../functions/relay/bridges/openai-responses/request-write.ts";
import { readGeminiRequest } from "../../../functions/relay/bridges/gemini/request-read.ts";
import { writeGeminiRequest } from "../../../functions/relay/bridges/gemini/request-write.ts";
import type { Call } from "../../../functions/relay/dialects/dialect.ts";
import { conversations } from "./conversations.ts";
import { validators } from "./validators.ts";

const models: Readonly<Record<Language, readonly string[]>> = {
  anthropic: ["claude-sonnet-4-5", "claude-sonnet-4-6", "claude-opus-5-5"],
  "openai-responses": ["gpt-5.5", "gpt-5.6-sol", "gpt-4.1"],
  "openai-chat": ["deepseek-v4-pro", "kimi-k3", "gpt-5.5", "qwen3-coder"],
  gemini: ["gemini-2.5-flash", "gemini-2.5-pro", "gemini-3-pro", "gemini-3.8-flash"],
};
const operations: Readonly<Record<Language, string>> = {
  anthropic: "messages",
  "openai-responses": "responses",
  "openai-chat": "chat",
  gemini: "generateContent",
};

const callOf = (client: Language, body: JsonObject, model: string): Call => ({
  ...{ dialect: client, service: "claude", operation: operations[client], isMetered: true, target: "/", model },
  ...{ isStream: body.stream === true, session: "s", client: undefined, maxOutputTokens: undefined, method: "POST" },
  ...{ headers: { "x-claude-code-session-id": "s" }, body: Buffer.from(JSON.stringify({ model, ...body })), rules: [] },
});

const all = Object.keys(languages) as Language[];
const directions = all.flatMap((client) =>
  all.filter((upstream) => upstream !== client).map((upstream) => ({ client, upstream })),
);

describe.each(directions)("$client on $upstream", ({ client, upstream }) => {
  test.each(conversations[client].map((kind) => [kind.name, kind] as const))("%s", (_name, { body, keeps = [] }) => {
    for (const model of models[upstream]) {
      const { call } = crossRequest(callOf(client, body, model), model, upstream);
      const text = call.body.toString("utf8");
      const faults = validators[upstream](JSON.parse(text) as JsonObject, model);
      expect([model, faults, call.rules.length > 0]).toEqual([model, [], true]);
      for (const words of keeps) expect(text).toContain(JSON.stringify(words).slice(1, -1));
      expect(text).not.toMatch(/safeguards|diagnostics|context_management|x-anthropic-billing|"tags"/);
      expect(Object.keys(call.headers).join()).not.toContain("x-claude");
    }
  });
});

test("there are at least forty kinds", () => {
  expect(Object.values(conversations).flat().length).toBeGreaterThanOrEqual(40);
});

test("every model that is tried has a family", () => {
  expect(
    Object.values(models)
      .flat()
      .filter((model) => !familyOf(model)),
  ).toEqual([]);
});

// ---- any history ------------------------------------------------------------------------------------------------------------

const id = fc.constantFrom("c1", "c2", "functions.x:0", "", "é".repeat(70));
const text = fc.constantFrom("", " ", "\n", "words", "more words ");
const args = fc.constantFrom("{}", '{"a":1}', '{"a":', "[]", "null", "");
const message = fc.oneof(
  fc.record({ role: fc.constantFrom("user", "system", "developer"), content: text }),
  fc.record({ role: fc.constant("tool"), tool_call_id: id, content: text }),
  fc.record({
    role: fc.constant("assistant"),
    content: fc.option(text),
    tool_calls: fc.array(
      fc.record({
        id,
        type: fc.constant("function"),
        function: fc.record({ name: fc.constantFrom("look", "a.b", "é"), arguments: args }),
      }),
      { maxLength: 3 },
    ),
  }),
);

test.each(all.filter((one) => one !== "openai-chat"))("any history of Chat is one that %s takes", (upstream) => {
  fc.assert(
    fc.property(fc.array(message, { maxLength: 9 }), fc.constantFrom(...models[upstream]), (messages, model) => {
      const body = { messages: [...messages, { role: "user", content: "now" }] };
      const { call } = crossRequest(callOf("openai-chat", body, model), model, upstream);
      expect(validators[upstream](JSON.parse(call.body.toString("utf8")) as JsonObject, model)).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

// ---- round trip -------------------------------------------------------------------------------------------------------------

type Read = (body: JsonObject, call: Call, reading: Reading) => Conversation;
type Write = (said: Conversation, reading: Reading) => JsonObject;
const voices: Readonly<Record<Language, readonly [Read, Write, model: string]>> = {
  anthropic: [readAnthropicRequest, writeAnthropicRequest, "claude-sonnet-4-6"],
  "openai-responses": [readResponsesRequest, writeResponsesRequest, "gpt-5.6-sol"],
  "openai-chat": [readChatRequest, writeChatRequest, "gpt-4.1"],
  gemini: [readGeminiRequest, writeGeminiRequest, "gemini-3-pro"],
};

test.each(all)("what %s can say survives being read and written, any number of times", (language) => {
  const [read, write, model] = voices[language];
  for (const { body } of conversations[language]) {
    const once = again(body);
    expect(again(once)).toEqual(once);
  }
  function again(body: JsonObject): JsonObject {
    const reading = new Reading();
    const limits = { ...languages[language], thinksBy: "effort" as const, efforts: ["low", "medium", "high"] };
    const { conversation } = fit(read(body, callOf(language, body, model), reading), limits, reading);
    const written = JSON.stringify(write(conversation, reading));
    // Not to be shown is what no word of it means.
    return objectOf(JSON.parse(written.replaceAll(',"display":"summarized"', "")));
  }
});

test("turns that are in order stay as they are, and repair is done once", () => {
  fc.assert(
    fc.property(fc.array(message, { maxLength: 9 }), (messages) => {
      const reading = new Reading();
      const { turns } = readChatRequest({ messages }, callOf("openai-chat", { messages }, "m"), reading);
      const repaired = repairTurns(turns, new Reading());
      const second = new Reading();
      expect(repairTurns(repaired, second)).toEqual(repaired);
      expect([...second.rules]).toEqual([]);
    }),
  );
});

test("what counts the prompt's tokens counts all that the model would be shown, and says so where nobody counts", () => {
  const body = {
    system: "S",
    tools: [{ name: "look", input_schema: { type: "object" } }],
    messages: [{ role: "user", content: "x" }],
  };
  const counted = (upstream: Language, model: string) =>
    crossRequest({ ...callOf("anthropic", body, model), operation: "count_tokens" }, model, upstream).call;
  const openai = counted("openai-responses", "gpt-5.5");
  expect(openai.target).toBe("/v1/responses/input_tokens");
  expect(Object.keys(JSON.parse(openai.body.toString("utf8")) as JsonObject)).toEqual([
    "model",
    "instructions",
    "input",
    "tools",
    "reasoning",
  ]);
  expect(counted("gemini", "gemini-3-pro").target).toBe("/v1beta/models/gemini-3-pro:countTokens");
  expect(() => counted("openai-chat", "kimi-k3")).toThrow(expect.objectContaining({ status: 404 }) as Error);
});
