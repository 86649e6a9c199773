import { readFileSync } from "node:fs";
import { join } from "node:path";
import OpenAI from "openai";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ask, codexHeaders, sdk } from "../openai.ts";
import { buildRequest, type Rig, startRig } from "../rig.ts";
import { startUpstream, type Upstream } from "../upstream/upstream.ts";
import { openaiResponsesDialect } from "../../functions/relay/dialects/openai/responses.ts";
import { direction } from "./bridge.ts";

const bridge = direction("openai-responses", "anthropic");
let rig: Rig;
let upstream: Upstream;
let secret: string;
let client: OpenAI;

beforeEach(async () => {
  upstream = await startUpstream();
  rig = await startRig();
  ({ secret } = await rig.addKey());
  client = sdk(rig, secret);
});

afterEach(async () => {
  await rig.stop();
  await upstream.stop();
});

type Body = Record<string, unknown>;

const model = "claude-sonnet-5-5";
const add = (name = "sk-ant-sim-chunk=1") =>
  rig.addAccount({ id: "claude", kind: "anthropic", baseUrl: upstream.url }, { kind: "api-key", secret: name });
const sentBody = () => JSON.parse(upstream.requests.at(-1)?.body.toString("utf8") ?? "{}") as Body;
const weather: OpenAI.Responses.FunctionTool = {
  ...{ type: "function", name: "weather", description: "d", strict: false },
  parameters: { type: "object", properties: { city: { type: "string" } } },
};
const readCall = (body: Body) => {
  const bytes = Buffer.from(JSON.stringify({ model, input: "x", ...body }));
  return openaiResponsesDialect.read(buildRequest({ path: "/openai/v1/responses" }), bytes);
};
const say = (body: Body) => {
  const call = bridge.request(readCall(body));
  return { call, body: JSON.parse(call.body.toString("utf8")) as Body };
};
/** What the bridge makes of an answer that came in pieces of so many bytes, through the SDK's own strict accumulator. */
const judge = (bytes: Buffer, size: number, body: Body) => {
  const translation = bridge.response(readCall({ stream: true, ...body }));
  const out: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += size) out.push(translation.push(bytes.subarray(at, at + size)));
  out.push(translation.end());
  const headers = { "content-type": translation.contentType };
  const fetch = () => Promise.resolve(new Response(Buffer.concat(out), { headers }));
  return new OpenAI({ apiKey: "x", fetch }).responses.stream({ model, input: "x" });
};
const frames = (...events: Body[]) =>
  Buffer.from(events.map((event) => `event: ${String(event.type)}\ndata: ${JSON.stringify(event)}\n\n`).join(""));
const usage = { input_tokens: 7, output_tokens: 3 };
/** A stream with one call of a tool, whose JSON comes in two pieces. */
const calling = (name: string, json: string) =>
  frames(
    { type: "message_start", message: { id: "msg_1", model, usage } },
    { type: "content_block_start", index: 0, content_block: { type: "tool_use", id: "toolu_1", name, input: {} } },
    { type: "content_block_delta", index: 0, delta: { type: "input_json_delta", partial_json: json.slice(0, 9) } },
    { type: "content_block_delta", index: 0, delta: { type: "input_json_delta", partial_json: json.slice(9) } },
    { type: "content_block_stop", index: 0 },
    { type: "message_delta", delta: { stop_reason: "tool_use" }, usage },
    { type: "message_stop" },
  );

describe("the OpenAI SDK's responses on Claude", () => {
  test("are whole, and usage is counted in the upstream's words", async () => {
    await add();
    const response = await client.responses.create({ model, input: "[[sim:say=héllo 你好 🙂]]", store: false });
    expect(response).toMatchObject({ status: "completed", output_text: "héllo 你好 🙂", model, error: null });
    const [event] = await rig.events();
    expect(event).toMatchObject({ outcome: "complete", status: 200, dialect: "openai-responses", account: "claude" });
    expect(response.usage?.input_tokens).toBe(event?.usage?.inputTokens);
    expect(response.usage?.output_tokens).toBe(event?.usage?.outputTokens);
    expect(event?.rules).toContain("OpenAI Responses said as Anthropic Messages");
    expect(upstream.requests[0]?.path).toBe("/v1/messages");
  });

  test("are streams whose every byte comes alone, and whose parts add up to the whole", async () => {
    await add();
    const stream = client.responses.stream({ model, input: "[[sim:say=héllo 你好 🙂]]", user: "u" });
    const types: string[] = [];
    stream.on("event", ({ type }) => void types.push(type));
    const response = await stream.finalResponse();
    expect(response).toMatchObject({ status: "completed", output_text: "héllo 你好 🙂", user: "u" });
    expect([...new Set(types)]).toEqual([
      "response.created",
      "response.in_progress",
      "response.output_item.added",
      "response.content_part.added",
      "response.output_text.delta",
      "response.output_text.done",
      "response.content_part.done",
      "response.output_item.done",
      "response.completed",
    ]);
  });

  test.each([true, false])(
    "run a tool loop with reasoning that comes back as it was (stream: %s)",
    async (isStream) => {
      await add("sk-ant-sim-chunk=1+thinking");
      const take = (body: Omit<OpenAI.Responses.ResponseCreateParamsNonStreaming, "stream">) =>
        isStream ? client.responses.stream(body).finalResponse() : client.responses.create(body);
      const input = [{ role: "user" as const, content: '[[sim:tool=weather {"city":"Zürich"}]]' }];
      const body = { model, input, tools: [weather], reasoning: { effort: "high", summary: "auto" } as const };
      const first = await take(body);
      expect(first.output.map(({ type }) => type)).toEqual(["reasoning", "message", "function_call"]);
      const [reasoning, , called] = first.output;
      expect(reasoning).toMatchObject({ summary: [{ type: "summary_text", text: expect.any(String) as string }] });
      if (called?.type !== "function_call") throw new Error("no call");
      expect(JSON.parse(called.arguments)).toEqual({ city: "Zürich" });
      const result = { type: "function_call_output" as const, call_id: called.call_id, output: "sunny" };
      const again = [...input, ...(first.output as OpenAI.Responses.ResponseInput), result];
      const second = await take({ ...body, input: again });
      expect(second.output_text).toContain("The tool answered: sunny");
      const [, assistant, person] = sentBody().messages as { content: Body[] }[];
      expect(assistant?.content.map(({ type }) => type)).toEqual(["thinking", "text", "tool_use"]);
      expect(assistant?.content[0]).toMatchObject({ thinking: expect.any(String) as string });
      expect(assistant?.content[0]?.signature).toBeTruthy();
      expect(person?.content).toEqual([{ type: "tool_result", tool_use_id: called.call_id, content: "sunny" }]);
    },
  );

  test.each([
    ["stop=max_tokens", "max_output_tokens"],
    ["stop=refusal", "content_filter"],
  ])("tell why they are incomplete: %s is %s", async (fault, reason) => {
    await add(`sk-ant-sim-${fault}`);
    const told = { status: "incomplete", incomplete_details: { reason } };
    expect(await client.responses.create({ model, input: "x" })).toMatchObject(told);
    expect(await client.responses.stream({ model, input: "x" }).finalResponse()).toMatchObject(told);
  });

  test("serve Codex CLI, whose hosted tools are left out by name", async () => {
    await add("sk-ant-sim");
    const body = {
      ...{ model, stream: true, store: false, include: ["reasoning.encrypted_content"], client_metadata: { a: "b" } },
      ...{ parallel_tool_calls: true, tool_choice: "auto", prompt_cache_key: "0199a213", text: { verbosity: "low" } },
      input: [
        { type: "message", id: "1", role: "developer", content: [{ type: "input_text", text: "Base." }] },
        { type: "message", id: "2", role: "user", content: [{ type: "input_text", text: "hi" }] },
      ],
      tools: [
        { ...weather, name: "exec_command" },
        { type: "namespace", name: "multi_agent_v1", description: "N", tools: [{ ...weather, name: "spawn" }] },
        { type: "web_search" },
      ],
      reasoning: { effort: "high", summary: "auto" },
    };
    const { answer, text } = await ask(rig, secret, "/openai/responses", { body, headers: codexHeaders });
    expect(answer.status).toBe(200);
    expect(text).toContain("event: response.completed");
    const sent = sentBody();
    const cache_control = { type: "ephemeral" };
    expect(sent.system).toEqual([{ type: "text", text: "Base.", cache_control }]);
    expect(sent.messages).toEqual([{ role: "user", content: [{ type: "text", text: "hi", cache_control }] }]);
    expect((sent.tools as Body[]).map(({ name }) => name)).toEqual(["exec_command", "multi_agent_v1__spawn"]);
    expect(sent).toMatchObject({ thinking: { type: "adaptive", display: "summarized" }, max_tokens: 32_000 });
    const [event] = await rig.events();
    expect(event).toMatchObject({ outcome: "complete", client: "codex", session: "0199a213" });
    for (const left of ["tools[].web_search", "client_metadata", "verbosity"])
      expect(answer.headers["x-relay-rules"]).toContain(left);
    expect(answer.headers["x-relay-rules"]).toBe(event?.rules?.join("; "));
  });
});

describe("what goes wrong at Claude", () => {
  test("is told in OpenAI's words, with the status it had", async () => {
    await add("sk-ant-sim-400-long");
    const error = await client.responses.create({ model, input: "x" }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(OpenAI.BadRequestError);
    expect(error).toMatchObject({ code: "context_length_exceeded" });
  });

  test("within a stream ends it as failed, with what was said before", async () => {
    await add("sk-ant-sim-error-after=5");
    const { text } = await ask(rig, secret, "/v1/responses", { body: { model, input: "x", stream: true } });
    const last = JSON.parse(text.trim().split("data: ").at(-1) ?? "") as { type: string; response: Body };
    expect(last.type).toBe("response.failed");
    expect(last.response).toMatchObject({ status: "failed", error: { code: "server_is_overloaded" } });
    expect((await rig.events())[0]?.outcome).not.toBe("complete");
  });

  test.each(["cut=5", "end"])("and breaks a stream off, ends it with an error: %s", async (fault) => {
    await add(`sk-ant-sim-${fault}`);
    const done = client.responses.stream({ model, input: "x" }).finalResponse();
    await expect(done).rejects.toBeInstanceOf(OpenAI.OpenAIError);
  });
});

describe("a Responses request as Anthropic's", () => {
  test("keeps instructions, sampling, pictures, files, formats and who asks", () => {
    const schema = { type: "object", properties: {} };
    const closed = { ...schema, additionalProperties: false };
    const { body, call } = say({
      instructions: "I",
      input: [
        { role: "system", content: "S" },
        {
          role: "user",
          content: [
            { type: "input_image", image_url: "data:image/png;base64,AAAA", detail: "auto" },
            { type: "input_file", filename: "a.pdf", file_data: "data:application/pdf;base64,BB" },
          ],
        },
        { role: "developer", content: "late" },
      ],
      ...{ temperature: 1.5, top_p: 0.9, max_output_tokens: 77, user: "u", service_tier: "default", store: true },
      ...{ tools: [weather], tool_choice: { type: "function", name: "weather" }, parallel_tool_calls: false },
      text: { format: { type: "json_schema", name: "n", schema, strict: true } },
    });
    expect(body).toEqual({
      ...{ model, max_tokens: 77, metadata: { user_id: "u" } },
      ...{ service_tier: "standard_only", output_config: { format: { type: "json_schema", schema: closed } } },
      system: ["I", "S"].map((text) => ({ type: "text", text })),
      messages: [
        {
          role: "user",
          content: [
            { type: "image", source: { type: "base64", media_type: "image/png", data: "AAAA" } },
            {
              type: "document",
              source: { type: "base64", media_type: "application/pdf", data: "BB" },
              title: "a.pdf",
            },
            { type: "text", text: "late" },
          ],
        },
      ],
      tools: [{ name: "weather", description: "d", input_schema: weather.parameters }],
      tool_choice: { type: "tool", name: "weather", disable_parallel_tool_use: true },
    });
    for (const told of ["store", "said in the person's turn", "temperature", "additionalProperties"])
      expect(call.rules.join("; ")).toContain(told);
  });

  test("offers tools that come within the conversation, each once", () => {
    const later = { ...weather, description: "better" };
    const input = [
      { role: "user", content: "x" },
      { type: "additional_tools", role: "developer", tools: [later] },
    ];
    const { body } = say({ input, tools: [weather, { ...weather, name: "other" }] });
    expect(body.tools).toMatchObject([{ name: "weather", description: "better" }, { name: "other" }]);
  });

  test("marks what the client marks for its cache, for at least as long, and then nothing by itself", () => {
    const part = (ttl?: string) => ({
      ...{ type: "input_text", text: "x" },
      prompt_cache_breakpoint: { mode: "explicit", ...(ttl === undefined ? {} : { ttl }) },
    });
    const input = [{ role: "user", content: [part(), part("30m"), part("12h")] }];
    const { body } = say({ input, prompt_cache_key: "k", instructions: "S" });
    const [turn] = body.messages as { content: Body[] }[];
    const hour = { type: "ephemeral", ttl: "1h" };
    expect(turn?.content.map((block) => block.cache_control)).toEqual([{ type: "ephemeral" }, hour, hour]);
    expect(body.system).toEqual([{ type: "text", text: "S" }]);
    const { body: explicit } = say({ prompt_cache_key: "k", prompt_cache_options: { mode: "explicit" } });
    expect(JSON.stringify(explicit)).not.toContain("cache_control");
    const { body: inherited } = say({ input, prompt_cache_options: { ttl: "12h" } });
    expect(JSON.stringify(inherited).match(/"ttl":"1h"/g)).toHaveLength(3);
  });

  test("gives pictures in a tool's result, and leaves out reasoning of another model's", () => {
    const shown = { type: "input_image", image_url: "https://e.com/a.png" };
    const { body, call } = say({
      input: [
        { role: "user", content: "x" },
        { type: "reasoning", id: "rs_1", summary: [], encrypted_content: "gAAA" },
        { type: "function_call", call_id: "c", name: "weather", arguments: "{}" },
        { type: "function_call_output", call_id: "c", output: [{ type: "input_text", text: "seen" }, shown] },
      ],
    });
    expect((body.messages as unknown[]).slice(1)).toEqual([
      { role: "assistant", content: [{ type: "tool_use", id: "c", name: "weather", input: {} }] },
      {
        role: "user",
        content: [
          {
            ...{ type: "tool_result", tool_use_id: "c" },
            content: [
              { type: "text", text: "seen" },
              { type: "image", source: { type: "url", url: "https://e.com/a.png" } },
            ],
          },
        ],
      },
    ]);
    expect(call.rules.join("; ")).toContain("reasoning, thoughtSignature, which another model signed");
  });

  test.each([
    ["previous_response_id", { previous_response_id: "resp_1" }],
    ["conversation", { conversation: "conv_1" }],
    ["item_reference", { input: [{ type: "item_reference", id: "msg_1" }] }],
    ["max_tool_calls", { max_tool_calls: 3 }],
    ["something_new", { something_new: 1 }],
    ["tools[].type", { tools: [{ type: "code_interpreter" }] }],
    ["text.format", { text: { format: { type: "json_object" } } }],
    ["file_id", { input: [{ role: "user", content: [{ type: "input_image", file_id: "f" }] }] }],
    ["include", { include: ["message.output_text.logprobs"] }],
  ])("is refused where it asks for what cannot be said: %s", async (field, change) => {
    await add();
    const { answer, text } = await ask(rig, secret, "/v1/responses", { body: { model, input: "x", ...change } });
    expect(answer.status).toBe(400);
    const { error } = JSON.parse(text) as { error: { message: string; code: string } };
    expect(error.message).toContain(field);
    expect(error.code).toBe("unsupported_parameter");
    expect(upstream.requests).toHaveLength(0);
  });

  test("cannot be compacted at Claude, which is told as 400", async () => {
    await add();
    const { answer } = await ask(rig, secret, "/openai/responses/compact", { body: { model, input: "x" } });
    expect(answer.status).toBe(400);
  });
});

describe("a recorded answer of Claude's", () => {
  const fixture = readFileSync(join(import.meta.dirname, "../fixtures/anthropic/thinking-tool.sse"));

  test.each([1, 7, fixture.length])(
    "is said the same in pieces of %i bytes, and comes back as it was",
    async (size) => {
      const response = await judge(fixture, size, { reasoning: { effort: "high", summary: "auto" } }).finalResponse();
      expect(response.output).toMatchObject([
        { type: "reasoning", summary: [{ text: "The person wants the file list." }] },
        { type: "message", content: [{ text: "I will look." }] },
        { type: "function_call", name: "Bash", arguments: '{"command": "ls -la"}' },
      ]);
      expect(response.usage).toMatchObject({ input_tokens: 812, output_tokens: 94, total_tokens: 906 });
      const [, assistant] = say({ input: [{ role: "user", content: "x" }, ...response.output] }).body
        .messages as Body[];
      expect(assistant?.content).toEqual([
        {
          ...{ type: "thinking", thinking: "The person wants the file list." },
          signature: "c2ltdWxhdGVkLXNpZ25hdHVyZQ==",
        },
        { type: "text", text: "I will look." },
        { ...{ type: "tool_use", id: "toolu_01FixtureFixtureFixture01" }, name: "Bash", input: { command: "ls -la" } },
      ]);
    },
  );

  test("hides thoughts that the client does not show, and keeps them for the next turn", async () => {
    const { output } = await judge(fixture, 9, {}).finalResponse();
    expect(output[0]).toMatchObject({ type: "reasoning", summary: [] });
    const [, assistant] = say({ input: [{ role: "user", content: "x" }, ...output] }).body.messages as {
      content: Body[];
    }[];
    expect(assistant?.content[0]).toMatchObject({ type: "thinking", thinking: "The person wants the file list." });
  });

  test("calls a custom tool with plain text, however its JSON was cut", async () => {
    const format = { type: "grammar", syntax: "lark", definition: "start: WORD" };
    const tools = [{ type: "custom", name: "apply_patch", description: "Patches.", format }];
    const input = '*** Begin "Patch"\n\n+ é\n';
    const stream = judge(calling("apply_patch", JSON.stringify({ input })), 1, { tools });
    const [called] = (await stream.finalResponse()).output;
    expect(called).toMatchObject({ type: "custom_tool_call", call_id: "toolu_1", name: "apply_patch", input });
    const { body } = say({ tools, input: [{ role: "user", content: "x" }, called] });
    expect((body.messages as { content: Body[] }[])[1]?.content).toEqual([
      { type: "tool_use", id: "toolu_1", name: "apply_patch", input: { input } },
    ]);
    expect(JSON.stringify(body.tools)).toContain("start: WORD");
  });

  test("calls a tool of a namespace by both its names", async () => {
    const tools = [{ type: "namespace", name: "crm", description: "N", tools: [{ type: "function", name: "find" }] }];
    const stream = judge(calling("crm__find", '{"who": "Ann"}'), 4, { tools });
    const [called] = (await stream.finalResponse()).output;
    expect(called).toMatchObject({
      type: "function_call",
      namespace: "crm",
      name: "find",
      arguments: '{"who": "Ann"}',
    });
    const { body } = say({ tools, input: [{ role: "user", content: "x" }, called] });
    expect((body.messages as { content: Body[] }[])[1]?.content[0]).toMatchObject({ name: "crm__find" });
  });
});
