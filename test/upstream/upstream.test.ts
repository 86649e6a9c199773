import Anthropic, { APIError } from "@anthropic-ai/sdk";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { ask, eventsOf, messagesBody } from "./ask.ts";
import { startUpstream, type Upstream } from "./upstream.ts";

let upstream: Upstream;
const model = "claude-sonnet-4-6";

beforeAll(async () => {
  upstream = await startUpstream();
});
beforeEach(() => upstream.reset());
afterAll(() => upstream.stop());

function client(apiKey = "sk-sim-ok", maxRetries = 0): Anthropic {
  return new Anthropic({ apiKey, baseURL: upstream.url, maxRetries });
}

const user = (content: string) => [{ role: "user" as const, content }];

describe("the official SDK", () => {
  test("reads a plain answer, whose words and figures are the same for the same request", async () => {
    const create = () => client().messages.create({ model, max_tokens: 64, messages: user("hello") });
    const [first, second] = [await create(), await create()];
    expect(first.content).toEqual(second.content);
    expect(first.usage).toEqual(second.usage);
    expect(first.usage.input_tokens).toBe(Math.ceil((upstream.requests[0]?.body.length ?? 0) / 4));
    expect(first.content[0]).toMatchObject({ type: "text", text: expect.stringMatching(/✓ 你好 🙂 to: hello$/) });
    expect(first._request_id).toMatch(/^req_01/);
  });

  test("reads a stream to the same words as the plain answer", async () => {
    const plain = await client().messages.create({ model, max_tokens: 64, messages: user("hello") });
    const streamed = await client()
      .messages.stream({ model, max_tokens: 64, messages: user("hello") })
      .finalMessage();
    expect(streamed.content).toEqual(plain.content);
    expect(streamed.stop_reason).toBe("end_turn");
  });

  test("reads figures set by a marker, with the cache's two lifetimes", async () => {
    const messages = user("[[sim:in=100,out=20,read=2000,w5m=400,w1h=600]]");
    const { usage } = await client().messages.stream({ model, max_tokens: 64, messages }).finalMessage();
    expect(usage).toMatchObject({
      ...{ input_tokens: 100, output_tokens: 20, cache_read_input_tokens: 2000, cache_creation_input_tokens: 1000 },
      cache_creation: { ephemeral_5m_input_tokens: 400, ephemeral_1h_input_tokens: 600 },
      service_tier: "standard",
    });
  });

  test("runs a tool loop of two calls and gets the last result quoted", async () => {
    const input_schema = { type: "object" as const };
    const tools = ["Look", "Write"].map((name) => ({ name, input_schema }));
    const prompt = 'do [[sim:tool=Look {"list":[["a]]"]]}]] and [[sim:tool=Write {"text":"🙂"}]]';
    const messages: Anthropic.MessageParam[] = user(prompt);
    const inputs: unknown[] = [];
    for (let turn = 0; turn < 2; turn++) {
      const answer = await client().messages.stream({ model, max_tokens: 64, tools, messages }).finalMessage();
      expect(answer.stop_reason).toBe("tool_use");
      const call = answer.content.find((block) => block.type === "tool_use");
      inputs.push(call?.input);
      messages.push({ role: "assistant", content: answer.content as Anthropic.ContentBlockParam[] });
      const result = { type: "tool_result" as const, tool_use_id: call?.id ?? "", content: `result ${turn}` };
      messages.push({ role: "user", content: [result] });
    }
    const last = await client().messages.create({ model, max_tokens: 64, tools, messages });
    expect(inputs).toEqual([{ list: [["a]]"]] }, { text: "🙂" }]);
    expect(last.content).toMatchObject([{ type: "text", text: "The tool answered: result 1" }]);
  });

  test("reads thinking with its signature", async () => {
    const answer = await client("sk-sim-thinking")
      .messages.stream({ model, max_tokens: 64, messages: user("x") })
      .finalMessage();
    expect(answer.content.map((block) => block.type)).toEqual(["thinking", "text"]);
    expect(answer.content[0]).toMatchObject({ thinking: "Considering x", signature: expect.stringMatching(/.+/) });
  });

  test("counts tokens, lists models by pages and finds one", async () => {
    const counted = await client().messages.countTokens({ model, messages: user("hello") });
    expect(counted.input_tokens).toBe(Math.ceil((upstream.requests[0]?.body.length ?? 0) / 4));
    const ids: string[] = [];
    for await (const each of client().models.list({ limit: 4 })) ids.push(each.id);
    expect(ids).toHaveLength(new Set(ids).size);
    expect(ids).toContain(model);
    expect(upstream.requests.filter((request) => request.path === "/v1/models")).toHaveLength(2);
    expect((await client().models.retrieve(model)).display_name).toBe("Claude Sonnet 4.6");
    await expect(client().models.retrieve("nothing")).rejects.toMatchObject({ status: 404, type: "not_found_error" });
  });

  test("gets by after two counted failures, which another key does not share", async () => {
    const answer = await client("sk-sim-529-x2.a", 2).messages.create({ model, max_tokens: 64, messages: user("x") });
    expect(answer.stop_reason).toBe("end_turn");
    expect(upstream.requests.map((request) => request.status)).toEqual([529, 529, 200]);
    const other = client("sk-sim-529-x2.b").messages.create({ model, max_tokens: 64, messages: user("x") });
    await expect(other).rejects.toBeInstanceOf(APIError);
  });
});

test("a title request with a JSON schema gets a fitting value, past a system role inside messages", async () => {
  const schema = { type: "object", properties: { title: { type: "string" }, isNew: { type: "boolean" } } };
  const messages = [...user("Name this"), { role: "system", content: "be brief" }];
  const seen = await ask(upstream.url, {
    path: "/v1/messages?beta=true",
    body: { model, max_tokens: 9, messages, output_config: { format: { type: "json_schema", schema } } },
  });
  const text = (JSON.parse(seen.body.toString()) as { content: { text: string }[] }).content[0]?.text ?? "";
  expect(JSON.parse(text)).toEqual({ title: "Simulated: Name this", isNew: true });
  expect(upstream.requests[0]?.query).toBe("?beta=true");
});

test("cached figures follow the body: written on the first turn, mostly read on the next", async () => {
  const system = [{ type: "text", text: "x".repeat(4000), cache_control: { type: "ephemeral", ttl: "1h" } }];
  const turns = [...user("one"), { role: "assistant", content: "fine" }, ...user("two")];
  const figures = async (messages: unknown): Promise<Record<string, number>> => {
    const seen = await ask(upstream.url, { body: { model, max_tokens: 9, system, messages } });
    return (JSON.parse(seen.body.toString()) as { usage: Record<string, number> }).usage;
  };
  const [first, next] = [await figures(user("one")), await figures(turns)];
  expect(first).toMatchObject({ cache_read_input_tokens: 0, cache_creation: { ephemeral_5m_input_tokens: 0 } });
  expect(next.cache_read_input_tokens).toBeGreaterThan(next.cache_creation_input_tokens ?? 0);
  const total = Math.ceil((upstream.requests[1]?.body.length ?? 0) / 4);
  const sum = ["input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens"];
  expect(sum.reduce((all, name) => all + (next[name] ?? 0), 0)).toBe(total);
});

describe("the record", () => {
  test("holds the request's raw headers and bytes, and the bytes that were sent back", async () => {
    const body = Buffer.from(
      `{ "model":"${model}",  "max_tokens":1,"stream":true, "messages":[{"role":"user","content":"é\\u00e9"}]}`,
    );
    const seen = await ask(upstream.url, { body, headers: { "X-Odd-Case": "Yes" } });
    const record = upstream.requests[0];
    expect(record?.body.equals(body)).toBe(true);
    expect(record?.rawHeaders.join("|")).toContain("X-Odd-Case|Yes");
    expect(Buffer.concat(record?.sent ?? []).equals(seen.body)).toBe(true);
    expect(record).toMatchObject({ status: 200, bytesWritten: seen.body.length, credential: "sk-sim-ok" });
    expect((await upstream.until((request) => request.outcome !== "open")).outcome).toBe("complete");
  });

  test("says that the client hung up, and after how many bytes", async () => {
    await ask(upstream.url, { prompt: "[[sim:deltas=200,pace=5]]", hangUpAfter: 1000 });
    const record = await upstream.until((request) => request.outcome === "hung-up");
    expect(record.bytesWritten).toBeGreaterThanOrEqual(1000);
    expect(record.bytesWritten).toBeLessThan(20_000);
  });

  test("is empty when switched off, while the counts go on", async () => {
    const silent = await startUpstream({ record: false });
    await Promise.all([1, 2, 3].map(() => ask(silent.url, {})));
    expect(silent.requests).toEqual([]);
    expect(silent.stats.total).toBe(3);
    await silent.stop();
  });
});

describe("a malformed request is refused as the official API words it", () => {
  const messages = user("x");
  test.each([
    ["no JSON", "{", 400, "invalid_request_error", /not valid JSON/],
    ["no messages", { model, max_tokens: 1 }, 400, "invalid_request_error", /^messages: Field required$/],
    ["empty messages", { model, max_tokens: 1, messages: [] }, 400, "invalid_request_error", /at least one message/],
    ["no max_tokens", { model, messages }, 400, "invalid_request_error", /^max_tokens: Field required$/],
    [
      "no such model",
      { model: "claude-missing", max_tokens: 1, messages },
      404,
      "not_found_error",
      /^model: claude-missing$/,
    ],
  ])("%s", async (_name, body, status, type, message) => {
    const seen = await ask(upstream.url, { body });
    const error = JSON.parse(seen.body.toString()) as Record<string, unknown>;
    expect(seen.status).toBe(status);
    expect(error).toEqual({
      ...{ type: "error", error: { type, message: expect.stringMatching(message) } },
      request_id: seen.headers["request-id"],
    });
  });

  test("no version, no credential, a wrong path, a body over the limit", async () => {
    const version = await ask(upstream.url, { headers: { "anthropic-version": "" } });
    expect([version.status, version.body.toString()]).toEqual([
      400,
      expect.stringContaining("anthropic-version: header is required"),
    ]);
    expect((await ask(upstream.url, { key: "" })).status).toBe(401);
    expect((await ask(upstream.url, { path: "/v1/nothing" })).status).toBe(404);
    const small = await startUpstream({ anthropic: { maxBodyBytes: 100 } });
    expect((await ask(small.url, { prompt: "x".repeat(200) })).status).toBe(413);
    await small.stop();
  });
});

test("a compressed request body is understood and recorded as sent", async () => {
  const { gzipSync } = await import("node:zlib");
  const body = gzipSync(messagesBody("zipped"));
  const seen = await ask(upstream.url, { body, headers: { "content-encoding": "gzip" } });
  expect(JSON.stringify(eventsOf(seen.body))).toContain("zipped");
  expect(upstream.requests[0]?.body.equals(body)).toBe(true);
});

test("a prepared bench stream is 22 events in 22 pieces, and connectivity checks get 200", async () => {
  const seen = await ask(upstream.url, { key: "sk-sim-bench" });
  expect(eventsOf(seen.body)).toHaveLength(22);
  expect(seen.pieces).toHaveLength(22);
  expect((await ask(upstream.url, { path: "/", method: "HEAD" })).status).toBe(200);
  expect((await ask(upstream.url, { path: "/api/hello", method: "HEAD" })).status).toBe(200);
});
