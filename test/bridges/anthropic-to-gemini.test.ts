import { readFileSync } from "node:fs";
import { join } from "node:path";
import Anthropic from "@anthropic-ai/sdk";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { anthropicSdk, ask } from "../openai.ts";
import { buildRequest, type Rig, startRig } from "../rig.ts";
import { serviceAccountKey } from "../upstream/gemini/google-oauth.ts";
import { startUpstream, type Upstream } from "../upstream/upstream.ts";
import { anthropicDialect } from "../../functions/relay/dialects/anthropic/anthropic.ts";
import { vertex } from "../../functions/relay/upstreams/google/vertex.ts";
import { direction } from "./bridge.ts";

const bridge = direction("anthropic", "gemini");
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
    { id: "google", kind: "gemini", baseUrl: upstream.url, aliases: { "claude-*": "gemini-3-pro" } },
    { kind: "api-key", secret: name },
  );
const asking = (content: string) => ({ model, max_tokens: 256, messages: [{ role: "user" as const, content }] });
const sentBody = () => JSON.parse(upstream.requests.at(-1)?.body.toString("utf8") ?? "{}") as Record<string, unknown>;
const tool = {
  name: "weather",
  description: "d",
  input_schema: { type: "object" as const, properties: { city: { type: "string" } } },
};
const thinking = { type: "enabled" as const, budget_tokens: 2_000 };

type Body = Record<string, unknown>;

const readCall = (body: Body) => {
  const asked = { model: "gemini-3-pro", max_tokens: 99, messages: [{ role: "user", content: "x" }], ...body };
  return anthropicDialect.read(buildRequest({ path: "/v1/messages" }), Buffer.from(JSON.stringify(asked)));
};
const say = (body: Body) => {
  const said = bridge.request(readCall(body));
  return { call: said, body: JSON.parse(said.body.toString("utf8")) as Body };
};
/** The answer as the SDK reads it from the bridge, to which it came in pieces of so many bytes. */
const judge = async (bytes: Buffer, size: number, body: Body = { stream: true, thinking }) => {
  const translation = bridge.response(readCall(body));
  const out: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += size) out.push(translation.push(bytes.subarray(at, at + size)));
  out.push(translation.end());
  const headers = { "content-type": translation.contentType };
  const fetch = () => Promise.resolve(new Response(Buffer.concat(out).toString("utf8"), { headers }));
  const sdk = new Anthropic({ apiKey: "x", fetch });
  return body.stream === true ? sdk.messages.stream(asking("x")).finalMessage() : sdk.messages.create(asking("x"));
};

describe("the Anthropic SDK on Gemini", () => {
  test("gets a whole message, under the account's alias, with the usage that is booked", async () => {
    await add();
    const message = await client.messages.create(asking("[[sim:say=héllo 你好 🙂]]"));
    expect(message).toMatchObject({ type: "message", role: "assistant", stop_reason: "end_turn" });
    expect(message).toMatchObject({ model: "gemini-3-pro", content: [{ type: "text", text: "héllo 你好 🙂" }] });
    const [event] = await rig.events();
    expect(event).toMatchObject({ outcome: "complete", dialect: "anthropic", account: "google" });
    expect(event?.upstreamModel).toBe("gemini-3-pro");
    expect(message.usage.input_tokens).toBe(event?.usage?.inputTokens);
    expect(message.usage.output_tokens).toBe(event?.usage?.outputTokens);
    expect(upstream.requests[0]?.path).toBe("/v1beta/models/gemini-3-pro:generateContent");
  });

  test("gets a stream whose every byte comes alone", async () => {
    await add();
    const message = await client.messages.stream(asking("[[sim:say=héllo 你好 🙂]]")).finalMessage();
    expect(message.content).toMatchObject([{ type: "text", text: "héllo 你好 🙂" }]);
    expect(message.stop_reason).toBe("end_turn");
    const [event] = await rig.events();
    expect(event?.outcome).toBe("complete");
    expect(message.usage.output_tokens).toBe(event?.usage?.outputTokens);
  });

  test.each([true, false])("runs a tool loop with thinking that comes back signed (stream: %s)", async (isStream) => {
    await add("sk-sim-chunk=1+thinking");
    const take = (body: Anthropic.MessageCreateParamsNonStreaming) =>
      isStream ? client.messages.stream(body).finalMessage() : client.messages.create(body);
    const body = {
      ...{ ...asking('[[sim:tool=weather {"city":"Zürich"}]]'), max_tokens: 4_000, thinking, tools: [tool] },
    };
    const first = await take(body);
    expect(first.stop_reason).toBe("tool_use");
    expect(first.content.map(({ type }) => type)).toEqual(["thinking", "text", "thinking", "tool_use"]);
    expect(first.content[2]).toMatchObject({ thinking: "", signature: "gemini.c2ltdWxhdGVk" });
    const use = first.content[3];
    expect(use).toMatchObject({ name: "weather", input: { city: "Zürich" } });
    const id = use?.type === "tool_use" ? use.id : "";
    const result = { type: "tool_result" as const, tool_use_id: id, content: "sunny" };
    const messages = [
      ...body.messages,
      { role: "assistant" as const, content: first.content },
      { role: "user" as const, content: [result] },
    ];
    const second = await take({ ...body, messages });
    expect(JSON.stringify(second.content)).toContain("sunny");
    const [, called, answered] = sentBody().contents as { parts: Body[] }[];
    expect(called?.parts.at(-1)).toEqual({
      functionCall: { name: "weather", args: { city: "Zürich" } },
      thoughtSignature: "c2ltdWxhdGVk",
    });
    expect(answered?.parts).toEqual([{ functionResponse: { name: "weather", response: { output: "sunny" } } }]);
  });

  test("that asks for no thinking gets the signature with the call, and no block that it did not ask for", async () => {
    await add("sk-sim");
    const body = { ...asking('[[sim:tool=weather {"city":"Zürich"}]]'), tools: [tool] };
    const { content } = await client.messages.create(body);
    expect(content.map(({ type }) => type)).toEqual(["text", "tool_use"]);
    const [, again] = say({ messages: [...body.messages, { role: "assistant", content }] }).body.contents as {
      parts: Body[];
    }[];
    expect(again?.parts.at(-1)).toMatchObject({ thoughtSignature: "c2ltdWxhdGVk" });
  });

  test.each([
    ["finish=MAX_TOKENS", "max_tokens"],
    ["finish=SAFETY", "refusal"],
    ["block", "refusal"],
  ])("learns why the answer ended: %s is %s", async (fault, told) => {
    await add(`sk-sim-${fault}`);
    expect((await client.messages.create(asking("x"))).stop_reason).toBe(told);
    expect((await client.messages.stream(asking("x")).finalMessage()).stop_reason).toBe(told);
  });

  test("reaches Gemini on Vertex AI with the account that serves Claude there, and its token counts", async () => {
    const key = { kind: "api-key" as const, secret: serviceAccountKey(`${upstream.url}/token`) };
    const credential = vertex.accept?.(key) ?? key;
    await rig.addAccount(
      { kind: "vertex", baseUrl: upstream.url, aliases: { "claude-x": "gemini-2.5-pro" } },
      credential,
    );
    const place = "/v1beta1/projects/sim-cloud/locations/global/publishers/google/models";
    const { content } = await client.messages.create({ ...asking("[[sim:say=hi]]"), model: "gemini-2.5-flash" });
    expect(content).toMatchObject([{ type: "text", text: "hi" }]);
    expect(upstream.requests.at(-1)?.path).toBe(`${place}/gemini-2.5-flash:generateContent`);
    await client.messages.stream({ ...asking("x"), model: "claude-x" }).finalMessage();
    expect(upstream.requests.at(-1)?.path).toBe(`${place}/gemini-2.5-pro:streamGenerateContent`);
    await client.messages.create({ ...asking("x"), model: "claude-sonnet-5-5" });
    expect(upstream.requests.at(-1)?.path).toContain("/publishers/anthropic/models/claude-sonnet-5-5");
    const { max_tokens: _most, ...counted } = asking("x");
    await client.messages.countTokens({ ...counted, model: "claude-x" });
    expect(upstream.requests.at(-1)?.path).toBe(`${place}/gemini-2.5-pro:countTokens`);
    expect(Object.keys(sentBody())).toEqual(["contents", "generationConfig"]);
  });

  test("counts tokens of everything that the model would be shown", async () => {
    await add();
    const { max_tokens: _most, ...counted } = asking("x");
    const { input_tokens } = await client.messages.countTokens({ ...counted, system: "S", tools: [tool] });
    expect(input_tokens).toBeGreaterThan(20);
    expect(upstream.requests[0]?.path).toBe("/v1beta/models/gemini-3-pro:countTokens");
    const request = sentBody().generateContentRequest as Body;
    expect(Object.keys(request)).toEqual(["model", "contents", "systemInstruction", "tools", "generationConfig"]);
    expect(await rig.events()).toEqual([]);
  });
});

describe("what goes wrong at Gemini", () => {
  test("is told in Anthropic's words, with the status it had", async () => {
    await add("sk-sim-400");
    const error = await client.messages.create(asking("x")).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Anthropic.BadRequestError);
    expect(error).toMatchObject({ error: { error: { type: "invalid_request_error" } } });
    expect((error as Error).message).toContain("Invalid value at 'contents'");
  });

  test.each(["error-after=2", "cut=2", "finish=", "finish=MALFORMED_FUNCTION_CALL"])(
    "within a stream ends it with an error: %s",
    async (fault) => {
      await add(`sk-sim-${fault}`);
      await expect(client.messages.stream(asking("x")).finalMessage()).rejects.toBeInstanceOf(Anthropic.AnthropicError);
    },
  );
});

describe("a Messages request as Gemini's", () => {
  test("carries what Claude Code sends, and names what it leaves out", () => {
    const cache_control = { type: "ephemeral", ttl: "1h" };
    const { body, call } = say({
      stream: true,
      max_tokens: 128_000,
      system: [
        { type: "text", text: "x-anthropic-billing-header: cc_version=2.1.330.abc;" },
        { type: "text", text: "You are Claude Code.", cache_control },
      ],
      messages: [
        { role: "user", content: [{ type: "text", text: "hi" }] },
        { role: "system", content: [{ type: "text", text: "early", cache_control }] },
        { role: "assistant", content: "yes" },
        { role: "system", content: "late" },
        { role: "user", content: "go on" },
      ],
      tools: [{ ...tool, cache_control, defer_loading: true }],
      tool_choice: { type: "tool", name: "weather" },
      metadata: { user_id: "u" },
      thinking: { type: "adaptive", display: "omitted" },
      context_management: { edits: [] },
      output_config: { effort: "max", format: { type: "json_schema", schema: { type: "object" } } },
      ...{ temperature: 1, top_p: 0.9, top_k: 5, stop_sequences: ["END"] },
    });
    expect(call.target).toBe("/v1beta/models/gemini-3-pro:streamGenerateContent?alt=sse");
    expect(body).toEqual({
      systemInstruction: { parts: [{ text: "You are Claude Code." }] },
      contents: [
        { role: "user", parts: [{ text: "hi" }, { text: "early" }] },
        { role: "model", parts: [{ text: "yes" }] },
        { role: "user", parts: [{ text: "late" }, { text: "go on" }] },
      ],
      tools: [
        { functionDeclarations: [{ name: "weather", description: "d", parametersJsonSchema: tool.input_schema }] },
      ],
      toolConfig: { functionCallingConfig: { mode: "ANY", allowedFunctionNames: ["weather"] } },
      generationConfig: {
        ...{ temperature: 1, topP: 0.9, topK: 5, stopSequences: ["END"], maxOutputTokens: 65_536 },
        ...{ responseMimeType: "application/json", responseJsonSchema: { type: "object" } },
        thinkingConfig: { thinkingLevel: "high", includeThoughts: false },
      },
    });
    const told = [
      "metadata, context_management",
      "billing line",
      "cache_control",
      "defer_loading",
      "effort max → high",
    ];
    for (const left of [...told, "128000 → 65536", "stop sequence", "within the conversation"])
      expect(call.rules.join("; ")).toContain(left);
  });

  test.each([
    ["gemini-2.5-pro", { thinking }, { thinkingBudget: 2_000, includeThoughts: true }],
    ["gemini-2.5-flash", { thinking: { type: "adaptive" } }, { thinkingBudget: -1, includeThoughts: true }],
    ["gemini-2.5-flash", { thinking: { ...thinking, budget_tokens: 32_000 } }, { thinkingBudget: 24_576 }],
    ["gemini-2.5-flash", {}, { thinkingBudget: 0 }],
    ["gemini-2.5-pro", { thinking: { type: "disabled" } }, { thinkingBudget: 128 }],
    ["gemini-3-flash", {}, { thinkingLevel: "minimal" }],
    ["gemini-3-pro", { thinking }, { thinkingLevel: "low", includeThoughts: true }],
    ["gemini-3-pro", { thinking: { type: "adaptive" } }, { includeThoughts: true }],
    ["gemini-2.0-flash", { thinking }, undefined],
  ])("has %s think as the client said: %j", (name, change, told) => {
    const config = say({ model: name, ...change }).body.generationConfig as Body;
    if (told === undefined) expect(config.thinkingConfig).toBeUndefined();
    else expect(config.thinkingConfig).toMatchObject(told);
  });

  test.each([
    ["gemini-3-pro", "within the result"],
    ["gemini-2.5-pro", "beside all results"],
  ])("gives %s the results of calls made together, pictures %s", (name) => {
    const image = { type: "image", source: { type: "base64", media_type: "image/png", data: "AAAA" } };
    const use = (id: string) => ({ type: "tool_use", id, name: `n${id}`, input: {} });
    const { body } = say({
      model: name,
      messages: [
        { role: "user", content: [image] },
        { role: "assistant", content: [use("1"), use("2")] },
        {
          role: "user",
          content: [
            { type: "tool_result", tool_use_id: "1", content: [{ type: "text", text: "seen" }, image] },
            { type: "tool_result", tool_use_id: "2", is_error: true, content: "no" },
            { type: "text", text: "and?" },
          ],
        },
      ],
    });
    const shown = { inlineData: { mimeType: "image/png", data: "AAAA" } };
    const isThird = name === "gemini-3-pro";
    const parts = isThird ? { parts: [shown] } : {};
    expect(body.contents).toEqual([
      { role: "user", parts: [shown] },
      {
        role: "model",
        parts: [
          {
            functionCall: { name: "n1", args: {} },
            ...(isThird ? { thoughtSignature: "skip_thought_signature_validator" } : {}),
          },
          { functionCall: { name: "n2", args: {} } },
        ],
      },
      {
        role: "user",
        parts: [
          { functionResponse: { name: "n1", response: { output: "seen" }, ...parts } },
          { functionResponse: { name: "n2", response: { error: "no" } } },
          ...(isThird ? [] : [shown]),
          { text: "and?" },
        ],
      },
    ]);
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

describe("an answer of Gemini's", () => {
  const fixture = readFileSync(join(import.meta.dirname, "../fixtures/gemini/thought-tool.sse"));

  test.each([1, 7, fixture.length])(
    "is said the same in pieces of %i bytes, and comes back as it was",
    async (size) => {
      const { content, stop_reason, usage } = await judge(fixture, size);
      const input = { finishReason: "x", usageMetadata: { promptTokenCount: 7 }, error: "none" };
      expect(content).toMatchObject([
        { type: "thinking", thinking: "Thinking about it.", signature: "gemini.c2ln" },
        { type: "tool_use", name: "look", input },
      ]);
      expect(stop_reason).toBe("tool_use");
      expect(usage).toMatchObject({ input_tokens: 521, cache_read_input_tokens: 2_560, output_tokens: 94 });
      expect(usage).toMatchObject({ output_tokens_details: { thinking_tokens: 64 } });
      const [, again] = say({ messages: [...asking("x").messages, { role: "assistant", content }] }).body
        .contents as unknown[];
      expect(again).toEqual({
        role: "model",
        parts: [{ functionCall: { name: "look", args: input }, thoughtSignature: "c2ln" }],
      });
    },
  );

  test.each([true, false])(
    "may hold several calls, whose first bears the signature of all (stream: %s)",
    async (stream) => {
      const call = (city: string) => ({ functionCall: { name: "weather", args: { city } } });
      const parts = [{ ...call("Bern"), thoughtSignature: "c2ln" }, call("Ulm"), { text: "", thoughtSignature: "x" }];
      const answer = { candidates: [{ content: { parts }, finishReason: "STOP" }], usageMetadata: {} };
      const text = stream ? `data: ${JSON.stringify(answer)}\r\n\r\n` : JSON.stringify(answer);
      const { content } = await judge(Buffer.from(text), 3, { stream, thinking });
      expect(content.map(({ type }) => type)).toEqual(["thinking", "tool_use", "tool_use"]);
      expect(content.slice(1)).toMatchObject([{ input: { city: "Bern" } }, { input: { city: "Ulm" } }]);
      const [, again] = say({ messages: [...asking("x").messages, { role: "assistant", content }] }).body.contents as {
        parts: Body[];
      }[];
      expect(again?.parts).toEqual(parts.slice(0, 2));
    },
  );
});
