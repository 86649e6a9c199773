import { readFileSync } from "node:fs";
import { join } from "node:path";
import Anthropic from "@anthropic-ai/sdk";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { anthropicSdk, ask } from "../openai.ts";
import { buildRequest, type Rig, startRig } from "../rig.ts";
import { startUpstream, type Upstream } from "../upstream/upstream.ts";
import { anthropicDialect } from "../../functions/relay/dialects/anthropic/anthropic.ts";
import { direction } from "./bridge.ts";

const bridge = direction("anthropic", "openai-responses");
let rig: Rig;
let upstream: Upstream;
let secret: string;
let client: Anthropic;

beforeEach(async () => {
  upstream = await startUpstream();
  rig = await startRig();
  ({ secret } = await rig.addKey());
  client = anthropicSdk(rig, secret);
});

afterEach(async () => {
  await rig.stop();
  await upstream.stop();
});

const model = "claude-opus-5-5";
const add = (name = "sk-sim-chunk=1") =>
  rig.addAccount(
    { id: "gpt", kind: "openai", baseUrl: upstream.url, aliases: { "claude-*": "gpt-5.5" } },
    { kind: "api-key", secret: name },
  );
const asking = (content: string) => ({ model, max_tokens: 256, messages: [{ role: "user" as const, content }] });
const sentBody = () => JSON.parse(upstream.requests.at(-1)?.body.toString("utf8") ?? "{}") as Record<string, unknown>;
const tool = {
  name: "weather",
  description: "d",
  input_schema: { type: "object" as const, properties: { city: { type: "string" } } },
};
const sealed = /^openai\.rs_[0-9a-f]+\..+/;

const readCall = (body: Record<string, unknown>) =>
  anthropicDialect.read(
    buildRequest({ path: "/v1/messages" }),
    Buffer.from(JSON.stringify({ model, max_tokens: 99, messages: [{ role: "user", content: "x" }], ...body })),
  );
const say = (body: Record<string, unknown>) => {
  const said = bridge.request(readCall(body));
  return { call: said, body: JSON.parse(said.body.toString("utf8")) as Record<string, unknown> };
};

describe("the Anthropic SDK on OpenAI's model", () => {
  test("gets a whole message, under the account's alias, with the usage that is booked", async () => {
    await add();
    const message = await client.messages.create(asking("[[sim:say=héllo 你好 🙂]]"));
    expect(message).toMatchObject({ type: "message", role: "assistant", stop_reason: "end_turn", model: "gpt-5.5" });
    expect(message.content).toMatchObject([{ type: "text", text: "héllo 你好 🙂" }]);
    const [event] = await rig.events();
    expect(event).toMatchObject({
      outcome: "complete",
      dialect: "anthropic",
      account: "gpt",
      upstreamModel: "gpt-5.5",
    });
    expect(message.usage.input_tokens).toBe(event?.usage?.inputTokens);
    expect(message.usage.output_tokens).toBe(event?.usage?.outputTokens);
    expect(upstream.requests[0]?.path).toBe("/v1/responses");
  });

  test("gets a stream whose every byte comes alone", async () => {
    await add();
    const message = await client.messages.stream(asking("[[sim:say=héllo 你好 🙂]]")).finalMessage();
    expect(message.content).toMatchObject([{ type: "text", text: "héllo 你好 🙂" }]);
    expect(message.stop_reason).toBe("end_turn");
    const [event] = await rig.events();
    expect(event?.outcome).toBe("complete");
    expect(message.usage.input_tokens).toBe(event?.usage?.inputTokens);
  });

  test.each([true, false])("runs a tool loop with thinking that comes back sealed (stream: %s)", async (isStream) => {
    await add("sk-sim-chunk=1+thinking");
    const take = (body: Anthropic.MessageCreateParamsNonStreaming) =>
      isStream ? client.messages.stream(body).finalMessage() : client.messages.create(body);
    const body = {
      ...asking('[[sim:tool=weather {"city":"Zürich"}]]'),
      max_tokens: 4_000,
      thinking: { type: "enabled" as const, budget_tokens: 2_000 },
      tools: [tool],
    };
    const first = await take(body);
    expect(first.stop_reason).toBe("tool_use");
    const [thinking, , use] = first.content;
    expect(thinking).toMatchObject({ type: "thinking", signature: expect.stringMatching(sealed) as string });
    expect(use).toMatchObject({ type: "tool_use", name: "weather", input: { city: "Zürich" } });
    const id = use?.type === "tool_use" ? use.id : "";
    const result = { type: "tool_result" as const, tool_use_id: id, content: "sunny" };
    const messages = [
      ...body.messages,
      { role: "assistant" as const, content: first.content },
      { role: "user" as const, content: [result] },
    ];
    const second = await take({ ...body, messages });
    expect(JSON.stringify(second.content)).toContain("The tool answered: sunny");
    const input = sentBody().input as Record<string, unknown>[];
    expect(input.map(({ type }) => type)).toEqual([
      "message",
      "reasoning",
      "message",
      "function_call",
      "function_call_output",
    ]);
    expect(input[1]?.encrypted_content).toBeTruthy();
    expect(input[4]).toEqual({ type: "function_call_output", call_id: id, output: "sunny" });
  });

  test("learns that the answer was cut short", async () => {
    await add("sk-sim-stop=max_output_tokens");
    expect((await client.messages.create(asking("x"))).stop_reason).toBe("max_tokens");
    expect((await client.messages.stream(asking("x")).finalMessage()).stop_reason).toBe("max_tokens");
  });
});

describe("counting tokens", () => {
  test("asks OpenAI, with nothing but what the model is to be shown", async () => {
    await add();
    const thinking = { type: "enabled" as const, budget_tokens: 2_000 };
    const { input_tokens } = await client.messages.countTokens({
      ...{ model, system: "S", tools: [tool], thinking },
      messages: [{ role: "user", content: "x" }],
    });
    expect(input_tokens).toBeGreaterThan(20);
    expect(upstream.requests[0]?.path).toBe("/v1/responses/input_tokens");
    expect(Object.keys(sentBody()).sort()).toEqual(["input", "instructions", "model", "reasoning", "tools"]);
    expect(await rig.events()).toEqual([]);
  });

  test("is answered as Anthropic would where a compatible vendor has no such call", async () => {
    await rig.addAccount(
      { kind: "openai", baseUrl: upstream.url, aliases: { "claude-*": "missing-model" } },
      { kind: "api-key", secret: "sk-sim" },
    );
    const counting = client.messages.countTokens({ model, messages: [{ role: "user", content: "x" }] });
    await expect(counting).rejects.toMatchObject({ status: 404, error: { error: { type: "not_found_error" } } });
  });
});

describe("what goes wrong at OpenAI", () => {
  test("is told in Anthropic's words: a prompt that is too long, as Claude Code knows it", async () => {
    await add("sk-sim-400-long");
    const error = await client.messages.create(asking("x")).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Anthropic.BadRequestError);
    expect(error).toMatchObject({ error: { type: "error", error: { type: "invalid_request_error" } } });
    expect((error as Error).message).toContain("prompt is too long");
  });

  test.each(["failed=server_error", "error-after=5", "cut=5", "end"])(
    "within a stream ends it with an error: %s",
    async (fault) => {
      await add(`sk-sim-${fault}`);
      await expect(client.messages.stream(asking("x")).finalMessage()).rejects.toBeInstanceOf(Anthropic.AnthropicError);
      const [event] = await rig.events();
      expect(event?.outcome).not.toBe("complete");
    },
  );

  test("is passed with its status", async () => {
    await add("sk-sim-403");
    const { answer, text } = await ask(rig, secret, "/api/v1/messages", { body: asking("x") });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(JSON.parse(text)).toMatchObject({ type: "error", error: { message: expect.any(String) as string } });
  });
});

describe("a Messages request as OpenAI's", () => {
  test("carries what Claude Code sends, and names what it leaves out", () => {
    const cache_control = { type: "ephemeral", ttl: "1h" };
    const { body, call: said } = say({
      stream: true,
      max_tokens: 128_000,
      system: [
        { type: "text", text: "x-anthropic-billing-header: cc_version=2.1.330.abc;" },
        { type: "text", text: "You are Claude Code.", cache_control },
        { type: "text", text: "Main.", cache_control },
      ],
      messages: [
        { role: "user", content: [{ type: "text", text: "hi" }] },
        { role: "system", content: [{ type: "text", text: "reminder", cache_control }] },
      ],
      tools: [{ ...tool, cache_control, defer_loading: true }],
      tool_choice: { type: "any", disable_parallel_tool_use: true },
      metadata: { user_id: '{"session_id":"0199a213-0000-7000-8000-000000000001"}' },
      thinking: { type: "adaptive", display: "omitted" },
      context_management: { edits: [] },
      output_config: { effort: "high" },
      temperature: 1,
      top_p: 0.9,
    });
    expect(body).toEqual({
      model,
      instructions: "You are Claude Code.\n\nMain.",
      input: [
        { type: "message", role: "user", content: [{ type: "input_text", text: "hi" }] },
        { type: "message", role: "developer", content: [{ type: "input_text", text: "reminder" }] },
      ],
      max_output_tokens: 128_000,
      tools: [{ type: "function", name: "weather", description: "d", parameters: tool.input_schema, strict: false }],
      tool_choice: "required",
      parallel_tool_calls: false,
      reasoning: { effort: "high" },
      include: ["reasoning.encrypted_content"],
      prompt_cache_key: "0199a213-0000-7000-8000-000000000001",
      store: false,
      stream: true,
    });
    for (const left of ["metadata, context_management", "billing line", "cache_control", "defer_loading"])
      expect(said.rules.join("; ")).toContain(left);
  });

  test("carries images, files and a tool's failure, wherever they stand", () => {
    const image = { type: "image", source: { type: "base64", media_type: "image/png", data: "AAAA" } };
    const pdf = {
      type: "document",
      title: "a.pdf",
      source: { type: "base64", media_type: "application/pdf", data: "BB" },
    };
    const { body } = say({
      messages: [
        { role: "user", content: [image, pdf, { type: "image", source: { type: "url", url: "https://e.com/a" } }] },
        { role: "assistant", content: [{ type: "tool_use", id: "t", name: "weather", input: {} }] },
        {
          role: "user",
          content: [
            { type: "tool_result", tool_use_id: "t", is_error: true, content: [{ type: "text", text: "no" }, image] },
            { type: "text", text: "and?" },
          ],
        },
      ],
    });
    const shown = { type: "input_image", image_url: "data:image/png;base64,AAAA", detail: "auto" };
    expect(body.input).toEqual([
      {
        type: "message",
        role: "user",
        content: [
          shown,
          { type: "input_file", filename: "a.pdf", file_data: "data:application/pdf;base64,BB" },
          { type: "input_image", image_url: "https://e.com/a", detail: "auto" },
        ],
      },
      { type: "function_call", call_id: "t", name: "weather", arguments: "{}" },
      {
        type: "function_call_output",
        call_id: "t",
        output: [{ type: "input_text", text: "[tool error]" }, { type: "input_text", text: "no" }, shown],
      },
      { type: "message", role: "user", content: [{ type: "input_text", text: "and?" }] },
    ]);
  });

  test("marks what the client marks for its cache, on models that know such marks, for at least as long", () => {
    const marked = (text: string, ttl?: string) => ({
      ...{ type: "text", text },
      cache_control: { type: "ephemeral", ...(ttl === undefined ? {} : { ttl }) },
    });
    const result = { type: "tool_result", tool_use_id: "t", content: "R", cache_control: { type: "ephemeral" } };
    const messages = [
      { role: "user", content: [marked("U", "1h")] },
      { role: "assistant", content: [{ type: "tool_use", id: "t", name: "weather", input: {} }] },
      { role: "user", content: [result] },
    ];
    const { body } = say({ model: "gpt-5.6-sol", system: [marked("S")], messages });
    const explicit = { mode: "explicit" };
    const first = { type: "input_text", text: "S", prompt_cache_breakpoint: explicit };
    expect(body.instructions).toBeUndefined();
    expect(body.input).toMatchObject([
      { role: "developer", content: [first] },
      { role: "user", content: [{ text: "U", prompt_cache_breakpoint: { ...explicit, ttl: "12h" } }] },
      { type: "function_call" },
      { type: "function_call_output", output: [{ type: "input_text", text: "R", prompt_cache_breakpoint: explicit }] },
    ]);
    const { body: older, call } = say({ model: "gpt-5.5", system: [marked("S")], messages });
    expect(JSON.stringify(older)).not.toContain("prompt_cache_breakpoint");
    expect(older.instructions).toBe("S");
    expect(call.rules.join("; ")).toContain("left out: cache_control");
  });

  test("takes a schema strictly only where OpenAI's strict mode can", () => {
    const format = (schema: object) => say({ output_config: { format: { type: "json_schema", schema } } }).body.text;
    const properties = { a: { type: "string" } };
    const closed = { type: "object", properties, required: ["a"], additionalProperties: false };
    expect(format(closed)).toMatchObject({ format: { strict: true, schema: closed } });
    expect(format({ ...closed, required: [] })).toMatchObject({ format: { strict: false } });
  });

  test("leaves out thinking that another model signed, and says so", () => {
    const thinking = { type: "thinking", thinking: "t", signature: "claude" };
    const { body, call: said } = say({
      messages: [
        { role: "user", content: "x" },
        { role: "assistant", content: [thinking] },
      ],
    });
    expect(body.input).toEqual([{ type: "message", role: "user", content: [{ type: "input_text", text: "x" }] }]);
    expect(said.rules.join()).toContain("which another model signed");
  });

  test.each([
    ["mcp_servers", { mcp_servers: [{ name: "m" }] }],
    ["something_new", { something_new: 1 }],
    ["tools[].type", { tools: [{ type: "web_search_20250305", name: "web_search" }] }],
    [
      "source.file",
      { messages: [{ role: "user", content: [{ type: "document", source: { type: "file", file_id: "f" } }] }] },
    ],
  ])("is refused where it asks for what cannot be said: %s", async (field, change) => {
    await add();
    const { answer, text } = await ask(rig, secret, "/api/v1/messages", { body: { ...asking("x"), ...change } });
    expect(answer.status).toBe(400);
    const { error } = JSON.parse(text) as { error: { message: string; type: string } };
    expect(error).toMatchObject({ type: "invalid_request_error" });
    expect(error.message).toContain(field);
    expect(upstream.requests).toHaveLength(0);
  });
});

describe("a stop sequence, which OpenAI's Responses do not have", () => {
  const stops = ["STOP", "</block>", "\n\nHuman:"];
  const take = async (said: string, isStream: boolean) => {
    await add();
    const body = { ...asking(`[[sim:say=${said}]]`), stop_sequences: stops };
    return isStream ? client.messages.stream(body).finalMessage() : client.messages.create(body);
  };

  test.each([
    ["before STOP behind", "before ", "STOP"],
    ["yes</block> and <b>more", "yes", "</block>"],
    ["a </bloc of text, STO and </block", "a </bloc of text, STO and </block", null],
    ["STOP at once", undefined, "STOP"],
    ["</block>STOP", undefined, "</block>"],
  ])("ends the message where it begins, streamed by the byte and whole: %s", async (said, text, stop) => {
    for (const isStream of [true, false]) {
      const message = await take(said, isStream);
      expect(message.content).toMatchObject(text === undefined ? [] : [{ type: "text", text }]);
      expect(message).toMatchObject({ stop_reason: stop === null ? "end_turn" : "stop_sequence", stop_sequence: stop });
    }
  });

  test("takes with it whatever comes after it, and is told as a rule; what was said is charged", async () => {
    await add();
    const body = { ...asking('[[sim:say=now STOP]] [[sim:tool=weather {"city":"x"}]]'), stop_sequences: stops };
    const { answer } = await ask(rig, secret, "/api/v1/messages", { body: { ...body, tools: [tool] } });
    expect(answer.headers["x-relay-rules"]).toContain("stop_sequences are watched for here");
    expect((await rig.events())[0]?.usage.outputTokens).toBeGreaterThan(0);
  });
});

describe("a recorded response", () => {
  const fixture = readFileSync(join(import.meta.dirname, "../fixtures/openai-responses/reasoning-tool.sse"));

  test.each([1, 7, fixture.length])(
    "is said the same in pieces of %i bytes, and comes back as it was",
    async (size) => {
      const translation = bridge.response(readCall({ stream: true, thinking: { type: "adaptive" } }));
      const out: Uint8Array[] = [];
      for (let at = 0; at < fixture.length; at += size) out.push(translation.push(fixture.subarray(at, at + size)));
      out.push(translation.end());
      const text = Buffer.concat(out).toString("utf8");
      const fetch = () => Promise.resolve(new Response(text, { headers: { "content-type": translation.contentType } }));
      const judge = new Anthropic({ apiKey: "x", fetch });
      const { content, stop_reason, usage } = await judge.messages.stream(asking("x")).finalMessage();
      const input = { command: ["bash", "-lc", "ls -la"], note: '"usage":{' };
      expect(content).toMatchObject([
        { type: "thinking", thinking: "", signature: "openai.rs_01.Z0FBQUFB" },
        { type: "tool_use", id: "call_01", name: "shell", input },
      ]);
      expect(stop_reason).toBe("tool_use");
      expect(usage).toMatchObject({ input_tokens: 252, cache_read_input_tokens: 2_560, output_tokens: 94 });
      const again = say({ messages: [{ role: "assistant", content }] }).body.input as unknown[];
      expect(again.slice(0, 2)).toEqual([
        { type: "reasoning", id: "rs_01", summary: [], encrypted_content: "Z0FBQUFB" },
        { type: "function_call", call_id: "call_01", name: "shell", arguments: JSON.stringify(input) },
      ]);
    },
  );
});
