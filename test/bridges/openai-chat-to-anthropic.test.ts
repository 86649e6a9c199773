import { readFileSync } from "node:fs";
import { join } from "node:path";
import OpenAI from "openai";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ask, sdk } from "../openai.ts";
import { buildRequest, type Rig, startRig } from "../rig.ts";
import { startUpstream, type Upstream } from "../upstream/upstream.ts";
import { openaiChatDialect } from "../../functions/relay/dialects/openai/chat.ts";
import { direction } from "./bridge.ts";

const bridge = direction("openai-chat", "anthropic");
let rig: Rig;
let upstream: Upstream;
let secret: string;
let client: OpenAI;

beforeEach(async () => {
  upstream = await startUpstream();
  rig = await startRig();
  ({ secret } = await rig.addKey());
  client = sdk(rig, secret, "http://relay.invalid/api/v1");
});

afterEach(async () => {
  await rig.stop();
  await upstream.stop();
});

const model = "claude-sonnet-5-5";
const add = (name = "sk-ant-sim-chunk=1", id = "claude") =>
  rig.addAccount({ id, kind: "anthropic", baseUrl: upstream.url }, { kind: "api-key", secret: name });
const user = (content: string) => ({ role: "user" as const, content });
const sentBody = (at = -1) =>
  JSON.parse(upstream.requests.at(at)?.body.toString("utf8") ?? "{}") as Record<string, unknown>;

interface Chunk {
  readonly choices: readonly { readonly delta?: object; readonly message?: object }[];
}

const weather: OpenAI.ChatCompletionTool = {
  type: "function",
  function: { name: "weather", description: "d", parameters: { type: "object", properties: { city: {} } } },
};

const readCall = (body: Record<string, unknown>) => {
  const bytes = Buffer.from(JSON.stringify({ model, messages: [user("x")], ...body }));
  return openaiChatDialect.read(buildRequest({ path: "/v1/chat/completions" }), bytes);
};
const say = (body: Record<string, unknown>) => {
  const call = bridge.request(readCall(body));
  return { call, body: JSON.parse(call.body.toString("utf8")) as Record<string, unknown> };
};

describe("the OpenAI SDK on Claude", () => {
  test("gets a whole answer, and usage is counted in the upstream's words", async () => {
    await add();
    const answer = await client.chat.completions.create({ model, messages: [user("[[sim:say=héllo 你好 🙂]]")] });
    expect(answer.choices[0]).toMatchObject({
      finish_reason: "stop",
      message: { role: "assistant", content: "héllo 你好 🙂", refusal: null },
    });
    const [event] = await rig.events();
    expect(event).toMatchObject({ outcome: "complete", status: 200, dialect: "openai-chat", account: "claude" });
    expect(answer.usage?.prompt_tokens).toBe(event?.usage?.inputTokens);
    expect(answer.usage?.completion_tokens).toBe(event?.usage?.outputTokens);
    expect(event?.rules).toContain("OpenAI Chat said as Anthropic Messages");
    expect(upstream.requests[0]?.path).toBe("/v1/messages");
  });

  test("is asked of the model that the account's alias names: what depends on a model is said for that one", async () => {
    const aliases = { "gpt-5.5": "claude-haiku-4-5" };
    await rig.addAccount({ baseUrl: upstream.url, aliases }, { kind: "api-key", secret: "sk-ant-sim" });
    const body = { model: "gpt-5.5", messages: [user("x")], reasoning_effort: "medium" as const };
    await client.chat.completions.create(body);
    expect(sentBody()).toMatchObject({
      model: "claude-haiku-4-5",
      thinking: { type: "enabled", budget_tokens: 8_192 },
    });
    const [event] = await rig.events();
    expect(event?.rules).toContain("model gpt-5.5 → claude-haiku-4-5 (alias of the account)");
  });

  test("gets a stream at /openai/v1 whose every byte comes alone, with usage as its last chunk", async () => {
    await add();
    const stream = sdk(rig, secret).chat.completions.stream({
      model,
      messages: [user("[[sim:say=héllo 你好 🙂]]")],
      stream_options: { include_usage: true },
    });
    const answer = await stream.finalChatCompletion();
    expect(answer.choices[0]?.message.content).toBe("héllo 你好 🙂");
    expect(answer.choices[0]?.finish_reason).toBe("stop");
    // The SDK has its last chunk before the relay has settled the call.
    const event = await vi.waitFor(async () => (await rig.events())[0] ?? Promise.reject(new Error("not settled")));
    expect(event.outcome).toBe("complete");
    expect(answer.usage).toMatchObject({
      prompt_tokens: event.usage?.inputTokens,
      completion_tokens: event.usage?.outputTokens,
    });
  });

  test("runs a tool loop over streams", async () => {
    await add();
    const runner = client.chat.completions.runTools({
      model,
      stream: true,
      messages: [{ role: "system", content: "Be brief." }, user('[[sim:tool=weather {"city":"Zürich"}]]')],
      tools: [
        {
          type: "function",
          function: {
            name: "weather",
            description: "d",
            parameters: { type: "object", properties: { city: { type: "string" } } },
            parse: JSON.parse as (text: string) => { city: string },
            function: ({ city }: { city: string }) => `sunny in ${city}`,
          },
        },
      ],
    });
    expect(await runner.finalContent()).toContain("sunny in Zürich");
    const second = sentBody();
    expect(second.system).toEqual([{ type: "text", text: "Be brief." }]);
    const [, assistant, result] = second.messages as { role: string; content: Record<string, unknown>[] }[];
    expect(assistant?.content.at(-1)).toMatchObject({ type: "tool_use", name: "weather", input: { city: "Zürich" } });
    expect(result).toEqual({
      role: "user",
      content: [{ type: "tool_result", tool_use_id: assistant?.content.at(-1)?.id, content: "sunny in Zürich" }],
    });
  });

  test.each([true, false])("gets thinking beside the words, and may send it back (stream: %s)", async (stream) => {
    await add();
    const body = { model, stream, reasoning_effort: "high", messages: [user("[[sim:tool=weather {}]]")] };
    const { text } = await ask(rig, secret, "/openai/v1/chat/completions", { body: { ...body, tools: [weather] } });
    const chunks = stream
      ? text
          .split("\n\n")
          .filter((line) => line.startsWith("data: {"))
          .map((line) => JSON.parse(line.slice(6)) as Chunk)
      : [JSON.parse(text) as Chunk];
    const messages = chunks.map((chunk) => {
      const choice = chunk.choices[0];
      return { ...(choice?.delta ?? choice?.message) } as Record<string, unknown>;
    });
    const thinking = messages.flatMap((message) => (message.thinking_blocks as object[] | undefined) ?? []);
    expect(thinking).toEqual([
      { type: "thinking", thinking: expect.stringContaining("Considering"), signature: expect.any(String) },
    ]);
    expect(messages.map((message) => message.reasoning_content ?? "").join("")).toContain("Considering");
    expect(sentBody()).toMatchObject({ thinking: { type: "adaptive" }, output_config: { effort: "high" } });
  });

  test.each([
    ["max_tokens", "length"],
    ["refusal", "content_filter"],
    ["stop_sequence", "stop"],
    ["model_context_window_exceeded", "length"],
  ])("learns why the answer ended: %s is %s", async (reason, told) => {
    await add(`sk-ant-sim-stop=${reason}`);
    const asked = { model, messages: [user("x")] };
    const whole = await client.chat.completions.create(asked);
    expect(whole.choices[0]?.finish_reason).toBe(told);
    const { text } = await ask(rig, secret, "/v1/chat/completions", { body: { ...asked, stream: true } });
    expect(text).toContain(`"finish_reason":"${told}"`);
  });
});

describe("what goes wrong at Claude", () => {
  test("is told in OpenAI's words, with the status it had", async () => {
    await add("sk-ant-sim-400-long");
    const error = await client.chat.completions.create({ model, messages: [user("x")] }).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(OpenAI.BadRequestError);
    expect(error).toMatchObject({ type: "invalid_request_error", code: "context_length_exceeded" });
    expect((error as Error).message).toContain("prompt is too long");
  });

  test.each(["error-after=4", "cut=4", "end"])("within a stream ends it with an error: %s", async (fault) => {
    await add(`sk-ant-sim-${fault}`);
    const read = async () => {
      const stream = await client.chat.completions.create({ model, stream: true, messages: [user("x")] });
      for await (const chunk of stream) void chunk;
    };
    await expect(read()).rejects.toBeInstanceOf(OpenAI.APIError);
    const [event] = await rig.events();
    expect(event?.outcome).not.toBe("complete");
  });

  test("before its first event is mended by another account", async () => {
    await rig.addAccount({ id: "a", priority: 1, baseUrl: upstream.url }, { kind: "api-key", secret: "sk-sim-529" });
    await rig.addAccount({ id: "b", priority: 2, baseUrl: upstream.url }, { kind: "api-key", secret: "sk-sim-ok" });
    const answer = await client.chat.completions.create({ model, messages: [user("[[sim:say=ok]]")] });
    expect(answer.choices[0]?.message.content).toBe("ok");
  });
});

describe("a Chat request as Anthropic's", () => {
  test("keeps instructions, sampling, cache markers and their lifetimes", () => {
    const cache_control = { type: "ephemeral", ttl: "1h" };
    const { body } = say({
      messages: [
        { role: "system", content: [{ type: "text", text: "S", cache_control }] },
        { role: "developer", content: "D", cache_control: { type: "ephemeral" } },
        { role: "user", content: [{ type: "text", text: "U", cache_control }] },
        { role: "user", content: "again" },
      ],
      tools: [{ ...weather, cache_control }],
      temperature: 0.3,
      top_p: 0.9,
      stop: "END",
      max_completion_tokens: 77,
      tool_choice: "required",
      parallel_tool_calls: false,
      user: "u1",
    });
    expect(body).toEqual({
      model,
      max_tokens: 77,
      stop_sequences: ["END"],
      system: [
        { type: "text", text: "S", cache_control },
        { type: "text", text: "D", cache_control: { type: "ephemeral" } },
      ],
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: "U", cache_control },
            { type: "text", text: "again" },
          ],
        },
      ],
      tools: [
        {
          name: "weather",
          description: "d",
          input_schema: { type: "object", properties: { city: {} } },
          cache_control,
        },
      ],
      tool_choice: { type: "any", disable_parallel_tool_use: true },
      metadata: { user_id: "u1" },
    });
  });

  test("carries images and files, by their bytes or their address", () => {
    const content = [
      { type: "image_url", image_url: { url: "data:image/png;base64,AAAA", detail: "high" } },
      { type: "image_url", image_url: { url: "https://example.com/a.png" } },
      { type: "file", file: { filename: "a.pdf", file_data: "data:application/pdf;base64,BBBB" } },
    ];
    const { body } = say({ messages: [{ role: "user", content }] });
    expect((body.messages as { content: unknown }[])[0]?.content).toEqual([
      { type: "image", source: { type: "base64", media_type: "image/png", data: "AAAA" } },
      { type: "image", source: { type: "url", url: "https://example.com/a.png" } },
      {
        type: "document",
        source: { type: "base64", media_type: "application/pdf", data: "BBBB" },
        title: "a.pdf",
      },
    ]);
  });

  test("joins a call, its results and what the person says then, with thinking before the call", () => {
    const thinking_blocks = [{ type: "thinking", thinking: "t", signature: "s" }];
    const call = (id: string) => ({ id, type: "function", function: { name: "weather", arguments: '{"city":"x"}' } });
    const { body, call: said } = say({
      reasoning_effort: "low",
      messages: [
        user("a"),
        { role: "assistant", content: null, tool_calls: [call("1"), call("2")], thinking_blocks },
        { role: "tool", tool_call_id: "1", content: "one" },
        { role: "tool", tool_call_id: "2", content: [{ type: "text", text: "two" }] },
      ],
    });
    const [, assistant, results] = body.messages as { role: string; content: unknown[] }[];
    expect(assistant?.content[0]).toEqual(thinking_blocks[0]);
    expect(results?.content).toHaveLength(2);
    expect(body.thinking).toEqual({ type: "adaptive", display: "summarized" });
    expect(said.rules.join()).not.toContain("thinking left off");
  });

  test("leaves a budget for thinking off where a call came back without its thinking, and says so", () => {
    const bare = {
      reasoning_effort: "low",
      messages: [
        user("a"),
        { role: "assistant", tool_calls: [{ id: "1", type: "function", function: { name: "w", arguments: "" } }] },
        { role: "tool", tool_call_id: "1", content: "one" },
      ],
    };
    const { body, call } = say({ ...bare, model: "claude-sonnet-4-5" });
    expect(say(bare).body.thinking).toEqual({ type: "adaptive", display: "summarized" });
    expect(body.thinking).toBeUndefined();
    expect(call.rules.join()).toContain("thinking left off");
  });

  test("asks for no thinking where the client wants none, and says so", () => {
    const { body, call } = say({ reasoning_effort: "none" });
    expect(body).not.toHaveProperty("thinking");
    expect(call.rules.join()).toContain("reasoning_effort none");
  });

  test("gives older models a budget for their thinking, within the answer's bound", () => {
    const old = { model: "claude-sonnet-4-5-20250929", reasoning_effort: "medium" };
    expect(say(old).body.thinking).toEqual({ type: "enabled", budget_tokens: 8_192 });
    expect(say({ ...old, max_tokens: 2_000 }).body.thinking).toEqual({ type: "enabled", budget_tokens: 1_999 });
  });

  test("names what it leaves out, and says a JSON schema", () => {
    const schema = { type: "object", properties: {}, additionalProperties: false };
    const format = { type: "json_schema", json_schema: { name: "n", strict: true, schema } };
    const { call, body } = say({ seed: 7, store: false, n: 1, logit_bias: {}, stop: null, response_format: format });
    expect(call.rules.join("; ")).toContain("left out: store; left out: seed");
    expect(body.output_config).toEqual({ format: { type: "json_schema", schema } });
  });

  test.each([
    ["n", { n: 2 }],
    ["logprobs", { logprobs: true }],
    ["logit_bias", { logit_bias: { 50256: -100 } }],
    ["audio", { audio: { voice: "alloy" } }],
    ["something_new", { something_new: 1 }],
    ["response_format", { response_format: { type: "json_object" } }],
    ["tools[].type", { tools: [{ type: "web_search" }] }],
    ["input_audio", { messages: [{ role: "user", content: [{ type: "input_audio", input_audio: {} }] }] }],
    ["file_id", { messages: [{ role: "user", content: [{ type: "file", file: { file_id: "f" } }] }] }],
  ])("is refused where it asks for what cannot be said: %s", async (field, change) => {
    await add();
    const body = { model, messages: [user("x")], ...change };
    const { answer, text } = await ask(rig, secret, "/openai/v1/chat/completions", { body });
    expect(answer.status).toBe(400);
    const { error } = JSON.parse(text) as { error: { message: string; code: string } };
    expect(error.message).toContain(field);
    expect(error.code).toBe("unsupported_parameter");
    expect(upstream.requests).toHaveLength(0);
  });
});

describe("a recorded answer", () => {
  const fixture = readFileSync(join(import.meta.dirname, "../fixtures/anthropic/thinking-tool.sse"));

  test.each([1, 7, fixture.length])("is said the same in pieces of %i bytes, and comes back as it was", (size) => {
    const translation = bridge.response(readCall({ stream: true, stream_options: { include_usage: true } }));
    const out: Uint8Array[] = [];
    for (let at = 0; at < fixture.length; at += size) out.push(translation.push(fixture.subarray(at, at + size)));
    out.push(translation.end());
    const events = Buffer.concat(out).toString("utf8").trimEnd().split("\n\n");
    expect(events.at(-1)).toBe("data: [DONE]");
    const chunks = events.slice(0, -1).map((event) => JSON.parse(event.slice(6)) as OpenAI.ChatCompletionChunk);
    const deltas = chunks.flatMap((chunk) => chunk.choices.map(({ delta }) => delta));
    const calls = deltas.flatMap(({ tool_calls }) => tool_calls ?? []);
    const said = calls.map((call) => call.function?.arguments ?? "").join("");
    expect(deltas.map(({ content }) => content ?? "").join("")).toBe("I will look.");
    expect(JSON.parse(said)).toEqual({ command: "ls -la" });
    expect(chunks.at(-1)?.usage).toMatchObject({ prompt_tokens: 812, completion_tokens: 94, total_tokens: 906 });

    const thinking = deltas.flatMap((delta) => (delta as { thinking_blocks?: object[] }).thinking_blocks ?? []);
    const call = { id: calls[0]?.id, type: "function", function: { name: calls[0]?.function?.name, arguments: said } };
    const assistant = { role: "assistant", content: "I will look.", tool_calls: [call], thinking_blocks: thinking };
    const again = say({ messages: [user("x"), assistant] }).body.messages as { content: unknown }[];
    expect(again[1]?.content).toEqual([
      {
        type: "thinking",
        thinking: "The person wants the file list.",
        signature: "c2ltdWxhdGVkLXNpZ25hdHVyZQ==",
      },
      { type: "text", text: "I will look." },
      { type: "tool_use", id: "toolu_01FixtureFixtureFixture01", name: "Bash", input: { command: "ls -la" } },
    ]);
  });
});
