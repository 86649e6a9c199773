import { ApiError, GoogleGenAI, type Part, Type } from "@google/genai";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { routed } from "../../../../test/openai.ts";
import { buildRequest, call, readAnswer, type Rig, startRig } from "../../../../test/rig.ts";
import { startUpstream, type Upstream } from "../../../../test/upstream/upstream.ts";
import { handle as models } from "../../../endpoints/relay/gemini-models.ts";
import { handle as gemini } from "../../../endpoints/relay/gemini.ts";
import { readPool } from "../../../core/accounts/pool.ts";
import { geminiDialect } from "./gemini.ts";
import { buildGeminiReader } from "./usage.ts";

let rig: Rig;
let upstream: Upstream;

beforeEach(async () => {
  upstream = await startUpstream();
  rig = await startRig();
});

afterEach(async () => {
  await rig.stop();
  await upstream.stop();
});

const key = (secret: string) => ({ kind: "api-key", secret }) as const;
const addGemini = (change = {}, secret = "sk-sim") =>
  rig.addAccount({ kind: "gemini", baseUrl: upstream.url, ...change }, key(secret));
const path = (method: string, model = "gemini-2.5-pro", version = "v1beta") =>
  `/gemini/${version}/models/${model}:${method}`;
const ask = (secret: string, prompt = "hello", change: Record<string, unknown> = {}) => ({
  path: path("streamGenerateContent"),
  query: "alt=sse",
  headers: { "x-goog-api-key": secret },
  body: { contents: [{ role: "user", parts: [{ text: prompt }] }], ...change },
});

describe("Gemini's own language", () => {
  test.each([
    ["events", "alt=sse"],
    ["one JSON array", ""],
  ])("streams as %s: bytes go up and come down as they are", async (_form, query) => {
    await addGemini();
    const { secret } = await rig.addKey();
    const odd = Buffer.from('{ "unknown":1,\n "contents" : [{"parts":[{"text":"h\\u00e9😀 [[sim:chunk=3]]"}]}] }');
    const { answer, text } = await call(gemini, { ...ask(secret), query, body: odd }, rig.env);
    expect(answer.status).toBe(200);
    const [received] = upstream.requests;
    expect(Buffer.compare(received?.body ?? Buffer.alloc(0), odd)).toBe(0);
    expect(Buffer.concat(received?.sent ?? []).toString("utf8")).toBe(text);
    expect(answer.headers["content-type"]).toMatch(query === "" ? /^application\/json/ : /^text\/event-stream/);
    expect(answer.headers).not.toHaveProperty("alt-svc");
    expect((await rig.events())[0]).toMatchObject({ outcome: "complete", model: "gemini-2.5-pro" });
  });

  test.each([
    ["x-goog-api-key", (secret: string) => ({ headers: { "x-goog-api-key": secret }, query: "alt=sse" })],
    ["a bearer", (secret: string) => ({ headers: { authorization: `Bearer ${secret}` }, query: "alt=sse" })],
    ["?key=", (secret: string) => ({ headers: {}, query: `key=${secret}&alt=sse&%24.key=x` })],
    ["?key= at the end", (secret: string) => ({ headers: {}, query: `alt=sse&KEY=x&key=${secret}` })],
  ])("takes the key as %s, and never sends it up or logs it", async (_where, shown) => {
    await addGemini();
    const { secret } = await rig.addKey();
    const { answer } = await call(gemini, { ...ask(secret), ...shown(secret) }, rig.env);
    await rig.settled();
    expect(answer.status).toBe(200);
    const [received] = upstream.requests;
    expect(JSON.stringify([received?.headers, received?.query, received?.path])).not.toContain(secret);
    expect(received?.query).toBe("?alt=sse");
    expect(JSON.stringify(rig.logged)).not.toContain(secret);
  });

  test("books cached, thought and tool tokens each in its class, from the last figures", async () => {
    await addGemini();
    const { secret } = await rig.addKey();
    await call(gemini, ask(secret, "[[sim:in=100,read=900,out=40,thoughts=60,tooluse=7]]"), rig.env);
    const [event] = await rig.events();
    expect(event?.usage).toMatchObject({
      inputTokens: 107,
      cacheReadTokens: 900,
      outputTokens: 100,
      reasoningTokens: 60,
    });
    expect(event?.costNanos).toBeGreaterThan(0);
  });

  test.each(["generateContent", "streamGenerateContent"])("books a %s that is no event stream", async (method) => {
    await addGemini();
    const { secret } = await rig.addKey();
    await call(gemini, { ...ask(secret, "[[sim:in=10,out=5]]"), path: path(method), query: "" }, rig.env);
    expect((await rig.events())[0]).toMatchObject({ outcome: "complete", usage: { inputTokens: 10, outputTokens: 5 } });
  });

  test("counts tokens and lists models without a limit or an entry in the log", async () => {
    await addGemini();
    const { secret } = await rig.addKey({ windowMinutes: 60, windowRequests: 1 });
    for (let turn = 0; turn < 3; turn++) {
      const counted = await call(gemini, { ...ask(secret), path: path("countTokens"), query: "" }, rig.env);
      expect(JSON.parse(counted.text)).toHaveProperty("totalTokens");
    }
    const headers = { "x-goog-api-key": secret };
    const list = await call(models, { method: "GET", path: "/gemini/v1beta/models", headers }, rig.env);
    expect(JSON.parse(list.text)).toMatchObject({ models: [{ name: "models/gemini-2.5-pro" }, {}, {}] });
    const handle = await routed("GET", "/v1beta/models/gemini-2.5-pro");
    const one = await call(handle, { method: "GET", path: "/v1beta/models/gemini-2.5-pro", headers }, rig.env);
    expect(JSON.parse(one.text)).toMatchObject({ name: "models/gemini-2.5-pro" });
    expect(await rig.events()).toEqual([]);
  });

  test("an alias changes the model in the address and nothing in the body", async () => {
    await addGemini({ aliases: { "gemini-pro*": "gemini-2.5-flash" } });
    const { secret } = await rig.addKey();
    const asked = ask(secret);
    await call(gemini, { ...asked, path: path("streamGenerateContent", "gemini-pro-latest", "v1") }, rig.env);
    expect(upstream.requests[0]?.path).toBe("/v1/models/gemini-2.5-flash:streamGenerateContent");
    expect(upstream.requests[0]?.body.toString()).toBe(JSON.stringify(asked.body));
    expect((await rig.events())[0]?.rules).toEqual([
      "model gemini-pro-latest → gemini-2.5-flash (alias of the account)",
    ]);
  });

  test("an alias changes the model that embedding requests name in their body, too", async () => {
    await addGemini({ aliases: { small: "gemini-embedding-001" } });
    const { secret } = await rig.addKey();
    const request = { model: "models/small", content: { parts: [{ text: "x" }] } };
    for (const [method, body] of [
      ["embedContent", request],
      ["batchEmbedContents", { requests: [request, request] }],
    ] as const)
      await call(gemini, { ...ask(secret), query: "", path: path(method, "small"), body }, rig.env);
    for (const { path: asked, body } of upstream.requests) {
      expect(asked).toMatch(/^\/v1beta\/models\/gemini-embedding-001:/);
      expect(body.toString("utf8")).not.toContain("models/small");
    }
    expect((await rig.events()).map(({ status }) => status)).toEqual([200, 200]);
  });

  test("a conversation stays with one account while it grows", async () => {
    for (let each = 0; each < 4; each++) await addGemini();
    const { secret } = await rig.addKey();
    const first = { role: "user", parts: [{ text: "the beginning" }] };
    const later = [first, { role: "model", parts: [{ text: "yes" }] }, { role: "user", parts: [{ text: "and on" }] }];
    for (const contents of [[first], later, [...later, ...later]])
      await call(gemini, { ...ask(secret), body: { contents } }, rig.env);
    expect(new Set((await rig.events()).map((event) => event.account)).size).toBe(1);
  });

  test.each(["{", "[]", '"text"', ""])("refuses a body that is no object, %j, as Google would", async (body) => {
    await addGemini();
    const { secret } = await rig.addKey();
    const { answer, text } = await call(gemini, { ...ask(secret), body: Buffer.from(body) }, rig.env);
    expect([answer.status, JSON.parse(text)]).toMatchObject([
      400,
      { error: { code: 400, status: "INVALID_ARGUMENT" } },
    ]);
  });

  test("a method that it does not know is not found", async () => {
    const { secret } = await rig.addKey();
    const { answer, text } = await call(gemini, { ...ask(secret), path: path("tuneModel") }, rig.env);
    expect([answer.status, JSON.parse(text)]).toMatchObject([404, { error: { status: "NOT_FOUND" } }]);
  });
});

describe("a Gemini stream that goes wrong", () => {
  test.each([
    "429",
    "429-day",
    "500",
    "502",
    "503",
    "400-key",
    "400-location",
    "reset",
    "empty",
    "html",
    "error-first",
  ])("at its beginning (%s) is had from another account", async (fault) => {
    await addGemini({ priority: 1 }, `sk-sim-${fault}`);
    const good = await addGemini({ priority: 2 });
    const { secret } = await rig.addKey();
    const { answer, text } = await call(gemini, ask(secret), rig.env);
    expect([answer.status, text.includes('"error"')]).toEqual([200, false]);
    expect((await rig.events())[0]).toMatchObject({ account: good.id, outcome: "complete" });
  });

  test.each(["cut=3", "end=3", "error-after=2"])("in its middle (%s) never looks whole", async (fault) => {
    await addGemini({}, `sk-sim-${fault}`);
    const { secret } = await rig.addKey();
    const { text } = await call(gemini, ask(secret), rig.env);
    expect(text).toMatch(/data: \{"error":\{"code":50[0-9]/);
    const [event] = await rig.events();
    expect(["broken", "failed"]).toContain(event?.outcome);
    expect(event?.usage.inputTokens).toBeGreaterThan(0);
  });

  test("a refused prompt is a whole answer", async () => {
    await addGemini();
    const { secret } = await rig.addKey();
    const { text } = await call(gemini, ask(secret, "[[sim:block]]"), rig.env);
    expect(text).not.toContain('"error"');
    expect((await rig.events())[0]?.outcome).toBe("complete");
  });

  test("an array that its client leaves is charged for what was seen", async () => {
    await addGemini({}, "sk-sim-pace=10+deltas=100");
    const { secret } = await rig.addKey();
    const gone = new AbortController();
    const answer = await gemini(buildRequest({ ...ask(secret), query: "", signal: gone.signal }), rig.env);
    let seen = 0;
    await readAnswer(answer, (chunk) => {
      seen += chunk.length;
      if (seen > 2_000) gone.abort();
    });
    const [event] = await rig.events();
    expect(event).toMatchObject({ outcome: "gone" });
    expect(event?.usage.inputTokens).toBeGreaterThan(0);
    expect(event?.usage.outputTokens).toBeGreaterThan(0);
  });

  test("a day's quota rests the model's family until midnight Pacific, a minute's for as long as Google says", async () => {
    const daily = await addGemini({ priority: 1 }, "sk-sim-429-day");
    const minutely = await addGemini({ priority: 2 }, "sk-sim-429");
    const { secret } = await rig.addKey();
    await call(gemini, ask(secret), rig.env);
    rig.pass(5_000);
    await call(gemini, ask(secret), rig.env);
    const { cooldowns } = await readPool(rig.env);
    const until = new Date(cooldowns.get(`${daily.id}/family:gemini-pro`)?.untilAt ?? 0);
    expect(until.toLocaleTimeString("en-GB", { timeZone: "America/Los_Angeles" })).toBe("00:00:00");
    expect(until.getTime()).toBeGreaterThan(Date.now());
    const rest = (cooldowns.get(`${minutely.id}/family:gemini-pro`)?.untilAt ?? 0) - rig.env.now();
    expect([rest > 25_000, rest <= 35_000]).toEqual([true, true]);
  });
});

describe("usage of a Gemini answer", () => {
  const events = [
    {
      candidates: [{ content: { parts: [{ text: 'a "usageMetadata" é😀 "finishReason"' }] } }],
      usageMetadata: { promptTokenCount: 9 },
    },
    { candidates: [{ content: { parts: [{ functionCall: { args: { finishReason: "x", promptTokenCount: 5 } } }] } }] },
    {
      candidates: [{ finishReason: "STOP" }],
      usageMetadata: { promptTokenCount: 9, candidatesTokenCount: 4 },
      modelVersion: "m",
    },
  ];
  const stream = (end: string) =>
    Buffer.from(events.map((event) => `data: ${JSON.stringify(event)}${end}${end}`).join(""));

  test.each([1, 2, 7, 1_000])("is the same however the bytes are cut (%i), with either line end", (size) => {
    for (const bytes of [stream("\n"), stream("\r\n")]) {
      const reader = buildGeminiReader();
      for (let at = 0; at < bytes.length; at += size) reader.see(bytes.subarray(at, at + size));
      reader.finish();
      expect([reader.state(), reader.model(), reader.total()]).toMatchObject([
        "complete",
        "m",
        { inputTokens: 9, outputTokens: 4 },
      ]);
    }
  });

  test("a tool's argument that is called finishReason does not end a stream", () => {
    const reader = buildGeminiReader();
    const bytes = stream("\n");
    reader.see(bytes.subarray(0, bytes.lastIndexOf("data:")));
    expect(reader.state()).toBe("open");
  });

  test("garbage counts as nothing, and absurd figures are clamped and marked", () => {
    const reader = buildGeminiReader();
    reader.see(
      Buffer.from(
        'data: {"usageMetadata":{"promptTokenCount":-5,"cachedContentTokenCount":7,"thoughtsTokenCount":1.5}}\n\n',
      ),
    );
    reader.see(Buffer.from('data: {"finishReason" broken\n\n'));
    expect(reader.total()).toMatchObject({ inputTokens: 0, cacheReadTokens: 7, outputTokens: 2, reasoningTokens: 2 });
    expect(reader.total().isClamped).toBe(true);
    const whole = buildGeminiReader();
    whole.see(Buffer.from("}}}]{{{"));
    expect(whole.total()).toMatchObject({ inputTokens: 0 });
    whole.finish();
    expect(whole.total()).toMatchObject({ inputTokens: 0 });
  });
});

/** The relay's endpoint at a port, so that the official SDK can talk to it. */
async function listen(): Promise<{ url: string; server: Server }> {
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    const [path = "", query = ""] = (request.url ?? "").split("?");
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const headers = request.headers as Record<string, string>;
      const asked = { method: request.method ?? "", path, query, headers, body: Buffer.concat(parts) };
      const answering = routed(asked.method, path).then((handle) => handle(buildRequest(asked), rig.env));
      void answering.then(async (answer) => {
        response.writeHead(answer.status, answer.headers);
        await readAnswer(answer, (chunk) => void response.write(chunk)).then(
          () => response.end(),
          () => response.destroy(),
        );
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/gemini`, server };
}

describe("the official SDK as a judge", () => {
  let url: string;
  let server: Server;
  beforeEach(async () => ({ url, server } = await listen()));
  afterEach(() => void server.close());

  const client = (secret: string) => new GoogleGenAI({ apiKey: secret, httpOptions: { baseUrl: url } });
  const model = "gemini-2.5-pro";

  test("reads whole answers, streams, counts, models and embeddings", async () => {
    await addGemini();
    const { secret } = await rig.addKey();
    const ai = client(secret);
    const whole = await ai.models.generateContent({ model, contents: "[[sim:say=hello there]]" });
    expect([whole.text, whole.usageMetadata?.promptTokenCount]).toEqual(["hello there", expect.any(Number)]);
    let text = "";
    for await (const chunk of await ai.models.generateContentStream({
      model,
      contents: "[[sim:say=one two three four five]]",
    }))
      text += chunk.text ?? "";
    expect(text).toBe("one two three four five");
    expect((await ai.models.countTokens({ model, contents: "hello" })).totalTokens).toBeGreaterThan(0);
    const embedded = await ai.models.embedContent({ model: "gemini-embedding-001", contents: ["a", "b"] });
    expect(embedded.embeddings).toHaveLength(2);
    expect((await ai.models.get({ model })).name).toBe(`models/${model}`);
  });

  test("calls a tool and gets its answer back", async () => {
    await addGemini();
    const { secret } = await rig.addKey();
    const ai = client(secret);
    const tools = [
      {
        functionDeclarations: [
          { name: "look", parameters: { type: Type.OBJECT, properties: { at: { type: Type.STRING } } } },
        ],
      },
    ];
    const prompt = { role: "user", parts: [{ text: '[[sim:tool=look {"at":"the sky"}]]' }] as Part[] };
    const first = await ai.models.generateContent({ model, contents: [prompt], config: { tools } });
    const [wanted] = first.functionCalls ?? [];
    expect(wanted).toMatchObject({ name: "look", args: { at: "the sky" } });
    const said = first.candidates?.[0]?.content ?? { role: "model", parts: [] };
    const result = { role: "user", parts: [{ functionResponse: { name: "look", response: { seen: "blue" } } }] };
    const second = await ai.models.generateContent({ model, contents: [prompt, said, result], config: { tools } });
    expect(second.text).toContain("blue");
  });

  test("throws on a refusal, with its status and words", async () => {
    const ai = client("cr_unknown");
    const failure = await ai.models.generateContent({ model, contents: "x" }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ApiError);
    expect([(failure as ApiError).status, (failure as ApiError).message]).toEqual([
      401,
      expect.stringContaining("not known to this relay"),
    ]);
  });

  test.each(["cut=3", "end=3", "error-after=2"])("throws on a stream that breaks (%s)", async (fault) => {
    await addGemini({}, `sk-sim-${fault}`);
    const { secret } = await rig.addKey();
    const read = async () => {
      let text = "";
      for await (const chunk of await client(secret).models.generateContentStream({ model, contents: "hello" }))
        text += chunk.text ?? "";
      return text;
    };
    await expect(read()).rejects.toThrow(/50\d|UNAVAILABLE|INTERNAL/);
  });
});

describe("a spent limit", () => {
  test("is a quota that Gemini CLI does not try again, in our words", async () => {
    await addGemini();
    const { secret } = await rig.addKey({ windowMinutes: 60, windowRequests: 1 });
    await call(gemini, ask(secret), rig.env);
    const { answer, text } = await call(gemini, ask(secret), rig.env);
    expect(answer.status).toBe(429);
    const { error } = JSON.parse(text) as {
      error: { message: string; status: string; details: Record<string, unknown>[] };
    };
    expect(error).toMatchObject({ code: 429, status: "RESOURCE_EXHAUSTED" });
    expect(error.message).toMatch(/1 .*request/);
    expect(error.details).toEqual([
      expect.objectContaining({ reason: "QUOTA_EXHAUSTED", domain: "cloudcode-pa.googleapis.com" }),
      expect.objectContaining({ retryDelay: expect.stringMatching(/^\d+s$/) as string }),
    ]);
  });

  test("keep-alives are white space, which every SDK skips", () => {
    expect(Buffer.from(geminiDialect.keepalive).toString()).toBe("\n");
  });
});
