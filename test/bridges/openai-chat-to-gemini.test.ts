import { readFileSync } from "node:fs";
import { join } from "node:path";
import OpenAI from "openai";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ask, sdk } from "../openai.ts";
import { buildRequest, type Rig, startRig } from "../rig.ts";
import { startUpstream, type Upstream } from "../upstream/upstream.ts";
import { openaiChatDialect } from "../../functions/relay/dialects/openai/chat.ts";
import { direction } from "./bridge.ts";

const bridge = direction("openai-chat", "gemini");
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

const model = "gemini-3-pro";
const add = (name = "sk-sim-chunk=1") =>
  rig.addAccount({ id: "google", kind: "gemini", baseUrl: upstream.url }, { kind: "api-key", secret: name });
const user = (content: string) => ({ role: "user" as const, content });
const sentBody = () => JSON.parse(upstream.requests.at(-1)?.body.toString("utf8") ?? "{}") as Record<string, unknown>;
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

describe("the OpenAI SDK on Gemini", () => {
  test("gets a whole answer, and usage is counted in the upstream's words", async () => {
    await add();
    const answer = await client.chat.completions.create({ model, messages: [user("[[sim:say=héllo 你好 🙂]]")] });
    expect(answer.choices[0]).toMatchObject({ finish_reason: "stop", message: { content: "héllo 你好 🙂" } });
    const [event] = await rig.events();
    expect(event).toMatchObject({ outcome: "complete", status: 200, dialect: "openai-chat", account: "google" });
    expect(answer.usage?.prompt_tokens).toBe(event?.usage?.inputTokens);
    expect(answer.usage?.completion_tokens).toBe(event?.usage?.outputTokens);
    expect(upstream.requests[0]?.path).toContain(`/v1beta/models/${model}:generateContent`);
  });

  test("gets a stream whose every byte comes alone, with usage as its last chunk", async () => {
    await add();
    const answer = await client.chat.completions
      .stream({ model, messages: [user("[[sim:say=héllo 你好 🙂]]")], stream_options: { include_usage: true } })
      .finalChatCompletion();
    expect(answer.choices[0]).toMatchObject({ finish_reason: "stop", message: { content: "héllo 你好 🙂" } });
    const event = await vi.waitFor(async () => (await rig.events())[0] ?? Promise.reject(new Error("not settled")));
    expect(event.outcome).toBe("complete");
    expect(answer.usage).toMatchObject({ completion_tokens: event.usage?.outputTokens });
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
    expect(second.systemInstruction).toEqual({ parts: [{ text: "Be brief." }] });
    const [, called, result] = second.contents as { role: string; parts: Record<string, unknown>[] }[];
    expect(called?.parts.at(-1)).toMatchObject({
      functionCall: { name: "weather", args: { city: "Zürich" } },
      thoughtSignature: expect.any(String) as string,
    });
    expect(result).toEqual({
      role: "user",
      parts: [{ functionResponse: { name: "weather", response: { output: "sunny in Zürich" } } }],
    });
  });

  test.each([
    ["finish=MAX_TOKENS", "length"],
    ["finish=SAFETY", "content_filter"],
    ["block", "content_filter"],
  ])("learns why the answer ended: %s is %s", async (fault, told) => {
    await add(`sk-sim-${fault}`);
    const whole = await client.chat.completions.create({ model, messages: [user("x")] });
    expect(whole.choices[0]?.finish_reason).toBe(told);
    const body = { model, stream: true, messages: [user("x")] };
    const { text } = await ask(rig, secret, "/v1/chat/completions", { body });
    expect(text).toContain(`"finish_reason":"${told}"`);
    expect(text).toMatch(/data: \[DONE\]\n\n$/);
  });
});

describe("what goes wrong at Gemini", () => {
  test("is told in OpenAI's words, with the status it had", async () => {
    await add("sk-sim-400");
    const error = await client.chat.completions.create({ model, messages: [user("x")] }).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(OpenAI.BadRequestError);
    expect(error).toMatchObject({ type: "invalid_request_error" });
    expect((error as Error).message).not.toContain("The upstream answered");
  });

  test("and came out malformed is no answer that stopped", async () => {
    await add("sk-sim-finish=MALFORMED_FUNCTION_CALL");
    const asked = client.chat.completions.create({ model, messages: [user("x")] });
    await expect(asked).rejects.toMatchObject({ status: 502 });
  });

  test.each(["cut=2", "finish=", "finish=MALFORMED_FUNCTION_CALL"])(
    "within a stream ends it with an error: %s",
    async (fault) => {
      await add(`sk-sim-${fault}`);
      const read = async () => {
        const stream = await client.chat.completions.create({ model, stream: true, messages: [user("x")] });
        for await (const chunk of stream) void chunk;
      };
      const before = (await rig.events()).length;
      await expect(read()).rejects.toBeInstanceOf(OpenAI.APIError);
      // The client has its last event before the upstream has ended.
      await expect.poll(async () => (await rig.events()).length).toBe(before + 1);
      const [event] = await rig.events();
      expect(event?.outcome).not.toBe("complete");
    },
  );
});

describe("a Chat request as Gemini's", () => {
  test("keeps instructions, sampling, pictures, sound and tools, and names what it leaves out", () => {
    const schema = { type: "object", properties: {} };
    const { body, call } = say({
      messages: [
        { role: "system", content: [{ type: "text", text: "S", cache_control: { type: "ephemeral", ttl: "1h" } }] },
        {
          role: "user",
          content: [
            { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } },
            { type: "input_audio", input_audio: { data: "BB", format: "wav" } },
          ],
        },
      ],
      ...{ temperature: 1.5, top_p: 0.9, stop: "END", seed: 7, max_tokens: 77, reasoning_effort: "minimal" },
      ...{ tools: [weather], tool_choice: { type: "function", function: { name: "weather" } }, store: true },
      response_format: { type: "json_schema", json_schema: { name: "n", schema } },
    });
    expect(body).toEqual({
      systemInstruction: { parts: [{ text: "S" }] },
      contents: [
        {
          role: "user",
          parts: [
            { inlineData: { mimeType: "image/png", data: "AAAA" } },
            { inlineData: { mimeType: "audio/wav", data: "BB" } },
          ],
        },
      ],
      tools: [
        {
          functionDeclarations: [
            { name: "weather", description: "d", parametersJsonSchema: { type: "object", properties: { city: {} } } },
          ],
        },
      ],
      toolConfig: { functionCallingConfig: { mode: "ANY", allowedFunctionNames: ["weather"] } },
      generationConfig: {
        ...{ temperature: 1.5, topP: 0.9, seed: 7, maxOutputTokens: 77, stopSequences: ["END"] },
        ...{ responseMimeType: "application/json", responseJsonSchema: schema },
        thinkingConfig: { thinkingLevel: "low", includeThoughts: true },
      },
    });
    for (const left of ["store", "cache_control", "minimal → low"]) expect(call.rules.join("; ")).toContain(left);
  });

  test("gives models before Gemini 3 a budget for their thinking", () => {
    const { body } = say({ model: "gemini-2.5-pro", reasoning_effort: "medium" });
    expect(body.generationConfig).toEqual({ thinkingConfig: { thinkingBudget: 8_192, includeThoughts: true } });
  });

  test.each([
    ["n", { n: 2 }],
    ["logprobs", { logprobs: true }],
    ["something_new", { something_new: 1 }],
    ["tools[].type", { tools: [{ type: "web_search" }] }],
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
  const fixture = readFileSync(join(import.meta.dirname, "../fixtures/gemini/thought-tool.sse"));

  test.each([1, 7, fixture.length])("is said the same in pieces of %i bytes, and comes back as it was", (size) => {
    const translation = bridge.response(readCall({ stream: true, stream_options: { include_usage: true } }));
    const out: Uint8Array[] = [];
    for (let at = 0; at < fixture.length; at += size) out.push(translation.push(fixture.subarray(at, at + size)));
    out.push(translation.end());
    const events = Buffer.concat(out).toString("utf8").trimEnd().split("\n\n");
    expect(events.at(-1)).toBe("data: [DONE]");
    const chunks = events.slice(0, -1).map((event) => JSON.parse(event.slice(6)) as OpenAI.ChatCompletionChunk);
    const deltas = chunks.flatMap((chunk) => chunk.choices.map(({ delta }) => delta));
    expect(deltas).toContainEqual({ reasoning_content: "Thinking about it." });
    expect(chunks.at(-2)?.choices[0]?.finish_reason).toBe("tool_calls");
    expect(chunks.at(-1)?.usage).toMatchObject({
      prompt_tokens: 3_081,
      completion_tokens: 94,
      prompt_tokens_details: { cached_tokens: 2_560 },
      completion_tokens_details: { reasoning_tokens: 64 },
    });
    const [begun, ...more] = deltas.flatMap(({ tool_calls }) => tool_calls ?? []);
    const said = [begun, ...more].map((one) => one?.function?.arguments ?? "").join("");
    const call = { ...begun, function: { ...begun?.function, arguments: said } };
    const args = { finishReason: "x", usageMetadata: { promptTokenCount: 7 }, error: "none" };
    expect(JSON.parse(said)).toEqual(args);
    const again = say({ messages: [user("x"), { role: "assistant", content: "", tool_calls: [call] }] }).body.contents;
    expect((again as unknown[])[1]).toEqual({
      role: "model",
      parts: [{ functionCall: { name: "look", args }, thoughtSignature: "c2ln" }],
    });
  });
});
