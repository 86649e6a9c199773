import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { call, type Rig, startRig } from "../../test/rig.ts";
import { accountOf, kindOf, provider, whole } from "../../test/verdict-stage.ts";
import { handle as messages } from "../endpoints/relay/messages.ts";
import { handle as gemini } from "../endpoints/relay/gemini.ts";

let rig: Rig;

beforeEach(async () => (rig = await startRig()));
afterEach(() => rig.stop());

const chat = kindOf("openai /openai/v1/chat/completions");
const answer = (model: string) =>
  whole(200, { model, choices: [{ message: {} }], usage: { prompt_tokens: 1_000_000, completion_tokens: 0 } });

async function send(body: Record<string, unknown> | Buffer, answered = "openai/gpt-5-nano") {
  await rig.addAccount(accountOf(chat), chat.credential);
  const { secret } = await rig.addKey({ allowedModels: ["openai/gpt-5-nano"] });
  const { dispatch, asked } = provider(() => answer(answered));
  const ask = { path: "/openai/v1/chat/completions", headers: { authorization: `Bearer ${secret}` }, body };
  const told = await call(chat.handle, ask, { ...rig.env, dispatch });
  return { ...told, sent: asked[0] && (JSON.parse(String(asked[0].body)) as Record<string, unknown>) };
}

const base = { model: "openai/gpt-5-nano", messages: [{ role: "user", content: "hi" }] };

describe("fields by which an aggregator would choose another model", () => {
  test.each([
    ["models", ["anthropic/claude-opus-4.5"]],
    ["route", "fallback"],
    ["preset", "dear"],
    ["fallbacks", [{ model: "anthropic/claude-opus-4.5" }]],
    ["context_window_fallbacks", [{ "gpt-5-nano": ["claude-opus"] }]],
    ["api_base", "https://elsewhere.example"],
    ["plugins", [{ id: "fusion", analysis_models: ["anthropic/claude-opus-4.5"] }]],
    ["provider", { order: ["x"], fallbacks: ["y"] }],
    ["extra_body", { models: ["anthropic/claude-opus-4.5"] }],
  ])("do not go up, and that is told: %s", async (name, value) => {
    const { answer: told, sent } = await send({ ...base, [name]: value });
    expect(told.status).toBe(200);
    expect(sent).toEqual(base);
    expect(told.headers["x-relay-rules"]).toContain(`${name} taken out`);
  });

  test.each([
    ["provider", { order: ["azure"], data_collection: "deny" }],
    ["transforms", ["middle-out"]],
    ["plugins", [{ id: "web" }]],
  ])("go up where they choose none: %s", async (name, value) => {
    expect((await send({ ...base, [name]: value })).sent).toEqual({ ...base, [name]: value });
  });

  test.each([
    '{"model":"openai/gpt-5-nano","models":["a"],"messages":[],"models":["b"]}',
    '{"model":"openai/gpt-5-nano","\\u006dodels":["a"],"messages":[]}',
    '{"model":"openai/gpt-5-nano","Models":["a"],"messages":[]}',
  ])("are found however they are written: %s", async (text) => {
    const { answer: told, sent } = await send(Buffer.from(text));
    expect(told.status === 400 || sent?.models === undefined).toBe(true);
  });

  test.each(['"Model":"dear"', '"MODEL":"dear"', '"\\u004dodel":"dear"', '"mODELS":["dear"]', '"Stream":true'])(
    "an aggregator's parser that takes %s for the same field is shown none",
    async (field) => {
      const { answer: told, sent } = await send(Buffer.from(`{"model":"openai/gpt-5-nano","messages":[],${field}}`));
      expect([told.status, sent]).toEqual([400, undefined]);
    },
  );
});

test.each([
  ["openai/gpt-5-nano", "anthropic/claude-opus-4.5"],
  ["anthropic/claude-opus-4.5", "openai/gpt-5-nano"],
])("the dearer of the asked and the answered model is paid: %s answered by %s", async (asked, answered) => {
  await rig.addAccount(accountOf(chat), chat.credential);
  const { secret } = await rig.addKey();
  const env = { ...rig.env, dispatch: provider(() => answer(answered)).dispatch };
  await call(
    chat.handle,
    {
      path: "/openai/v1/chat/completions",
      headers: { authorization: `Bearer ${secret}` },
      body: { ...base, model: asked },
    },
    env,
  );
  expect((await rig.events())[0]?.costNanos).toBe(5_000_000_000);
});

describe("a model's name", () => {
  test.each(["..%2fmodels%2fgemini-2.5-pro", "gemini%00", "gemini%3fx", "gemini%23x", "a%252e%252e", "a..b"])(
    "that leads elsewhere in a path is refused: %s",
    async (name) => {
      const { secret } = await rig.addKey();
      const ask = {
        path: `/gemini/v1beta/models/${name}:generateContent`,
        headers: { "x-goog-api-key": secret },
        body: {},
      };
      expect((await call(gemini, ask, rig.env)).answer.status).toBe(400);
    },
  );

  test.each(["claude-x/../y", "claude?x", "claude#x", "claude%2fx", "claude\u0000"])(
    "that is none is refused: %j",
    async (model) => {
      await rig.addAccount(accountOf(kindOf("anthropic")), kindOf("anthropic").credential);
      const { secret } = await rig.addKey();
      const { dispatch, asked } = provider(() => answer("x"));
      const ask = { headers: { "x-api-key": secret }, body: { model, max_tokens: 1, messages: [] } };
      expect((await call(messages, ask, { ...rig.env, dispatch })).answer.status).toBe(400);
      expect(asked).toEqual([]);
    },
  );
});
