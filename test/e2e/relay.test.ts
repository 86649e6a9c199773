import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Anthropic from "@anthropic-ai/sdk";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { claude } from "../clients/claude-code.ts";
import { startRedis, type RedisServer } from "../redis/server.ts";
import { startUpstash, type UpstashStandIn } from "../redis/upstash.ts";
import { startUpstream, type Upstream } from "../upstream/upstream.ts";
import { startAws } from "./aws.ts";
import { startNode } from "./node.ts";
import { json, openAccounts, openOffice, send, sign, type Groups, type Key, type Office } from "./office.ts";
import type { Runtime } from "./runtime.ts";

/**
 * One suite, two runtimes: the server of the Docker image, and what SST would deploy, under AWS's own runtime client behind
 * the generated router. Nothing here knows which of them answers, but for what Lambda cannot see.
 */
let redis: RedisServer;
let upstash: UpstashStandIn;
let upstream: Upstream;
const passed = { node: [] as string[], aws: [] as string[] };
const starts = { node: startNode, aws: startAws };

beforeAll(async () => {
  [redis, upstream] = await Promise.all([startRedis(), startUpstream()]);
  upstash = await startUpstash(redis);
});

afterAll(async () => {
  await Promise.all([upstash.stop(), upstream.stop()]);
  await redis.stop();
});

describe.each(["node", "aws"] as const)("the relay on %s", (name) => {
  let runtime: Runtime;
  let office: Office;
  let groups: Groups;
  let url: string;

  beforeAll(async () => {
    runtime = await starts[name]({ upstash, upstream });
    url = runtime.url;
    office = await openOffice(runtime);
    groups = await openAccounts(office, upstream);
  }, 600_000);
  afterAll(() => runtime.stop());
  beforeEach(({ onTestFinished }) => {
    onTestFinished(({ task }) => {
      if (task.result?.state === "pass") passed[name].push(task.name);
    });
  });

  const bound = (group: keyof Groups, more: object = {}) =>
    office.key({ bindings: { claude: groups[group] }, ...more });
  const ask = (content: string) => ({
    model: "claude-sonnet-4-6",
    max_tokens: 256,
    messages: [{ role: "user" as const, content }],
  });
  const sdk = ({ secret }: Key) => new Anthropic({ apiKey: secret, baseURL: `${url}/api`, maxRetries: 0 });
  const post = ({ secret }: Key, content: string, more: object = {}, signal?: AbortSignal) =>
    fetch(`${url}/api/v1/messages`, {
      method: "POST",
      headers: { ...json, "x-api-key": secret, "anthropic-version": "2023-06-01" },
      body: JSON.stringify({ ...ask(content), stream: true, ...more }),
      ...(signal ? { signal } : {}),
    });

  describe("as a website", () => {
    test("sends / to the console, whose page is never kept and whose files are kept for a year", async () => {
      const home = await send(`${url}/`);
      expect([home.status, home.headers.get("location")]).toEqual([302, "/web"]);
      const page = await send(`${url}/web`);
      expect([page.status, page.headers.get("content-type")]).toEqual([200, expect.stringMatching(/^text\/html/)]);
      expect(page.headers.get("cache-control")).toMatch(/no-cache|max-age=0/);
      expect(page.headers.get("x-content-type-options")).toBe("nosniff");
      expect((await send(`${url}/web/keys/some-page`)).text).toBe(page.text);
      const script = /\/web\/assets\/[^"]+\.js/.exec(page.text)?.[0] ?? "";
      const file = await send(url + script);
      expect([file.status, file.headers.get("content-type")]).toEqual([200, expect.stringMatching(/javascript/)]);
      expect(file.headers.get("cache-control")).toMatch(/max-age=31536000/);
    });

    test("lets nobody keep an answer that is not a file", async () => {
      const paths = ["/health", "/api", "/v1/models", "/api/v1/key-info", "/admin/keys", "/admin/session", "/metrics"];
      const more = [
        "/openai/v1/models",
        "/gemini/v1beta/models",
        "/admin/openapi.json",
        "/cron/rollup",
        "/no/such/path",
      ];
      for (const path of [...paths, ...more])
        expect([path, (await send(url + path)).headers.get("cache-control")]).toEqual([path, "no-store"]);
    });

    test("tells its health, and answers what there is not in words", async () => {
      const health = await send(`${url}/health`);
      expect([health.status, health.body]).toMatchObject([200, { status: "ok", store: { state: "up" } }]);
      expect((await send(`${url}/api`, { method: "HEAD" })).status).toBe(200);
      expect(await send(`${url}/no/such/path`)).toMatchObject({ status: 404, body: { error: expect.anything() } });
      const other = await send(`${url}/api/v1/messages`);
      expect([other.status, other.headers.get("cache-control")]).toEqual([405, "no-store"]);
    });
  });

  describe("to a page of another origin", () => {
    const origin = "https://app.example.com";
    const cors = ({ headers }: { headers: Headers }) =>
      ["origin", "methods", "headers"].map((name) => headers.get(`access-control-allow-${name}`));
    const preflight = (path: string, from: string, method = "POST") =>
      send(url + path, {
        method: "OPTIONS",
        headers: {
          ...{ origin: from, "access-control-request-method": method },
          "access-control-request-headers": "x-api-key,anthropic-version",
        },
      });

    test("answers a preflight, and lets it read answers and refusals", async () => {
      for (const path of [
        "/api/v1/messages",
        "/v1/chat/completions",
        "/v1/files",
        "/gemini/v1beta/models/a:generateContent",
      ]) {
        const told = await preflight(path, origin);
        expect([path, told.status < 300, ...cors(told)]).toEqual([
          path,
          true,
          origin,
          "POST",
          "x-api-key,anthropic-version",
        ]);
      }
      const key = await bound("calm");
      const ways = {
        method: "POST",
        headers: { ...json, origin, "x-api-key": key.secret, "anthropic-version": "2023-06-01" },
        body: JSON.stringify(ask("hi")),
      };
      const answer = await send(`${url}/api/v1/messages`, ways);
      expect([answer.status, ...cors(answer)]).toEqual([200, origin, null, null]);
      const refusal = await send(`${url}/api/v1/messages`, { ...ways, headers: { ...json, origin } });
      expect([refusal.status, ...cors(refusal)]).toEqual([401, origin, null, null]);
    });

    test("is shut to every other origin, and the console's API to all", async () => {
      const none = [null, null, null];
      expect(cors(await preflight("/api/v1/messages", "https://evil.example"))).toEqual(none);
      expect(cors(await send(`${url}/v1/models`, { headers: { origin: "https://evil.example" } }))).toEqual(none);
      expect(cors(await preflight("/admin/keys", origin))).toEqual(none);
      expect(cors(await preflight("/admin/session", origin))).toEqual(none);
      expect(cors(await send(`${url}/admin/keys`, { headers: { origin } }))).toEqual(none);
      expect(cors(await send(`${url}/health`, { headers: { origin } }))).toEqual(none);
    });
  });

  describe("to its operator", () => {
    test("opens by a cookie that scripts cannot read, and takes changes only with the CSRF token", async () => {
      const signIn = (password: string) => {
        const body = JSON.stringify({ username: runtime.admin.username, password });
        return send(`${url}/admin/session`, { method: "POST", headers: json, body });
      };
      expect((await signIn("a guess")).status).toBe(401);
      const { status, headers, body } = await signIn(runtime.admin.password);
      const [cookie = ""] = headers.getSetCookie();
      expect([status, cookie]).toEqual([201, expect.stringMatching(/HttpOnly; SameSite=Strict/)]);
      const session = { ...json, cookie: cookie.split(";")[0] ?? "" };
      const change = { method: "POST", body: JSON.stringify({ name: "by cookie" }) };
      expect((await send(`${url}/admin/keys`, { headers: session })).status).toBe(200);
      expect((await send(`${url}/admin/keys`, { ...change, headers: session })).status).toBe(403);
      const csrf = { ...session, "x-csrf-token": (body as { csrfToken: string }).csrfToken };
      expect((await send(`${url}/admin/keys`, { ...change, headers: csrf })).status).toBe(201);
      await send(`${url}/admin/session`, { method: "DELETE", headers: csrf });
      expect((await send(`${url}/admin/session`, { headers: session })).status).toBe(401);
    });

    test("makes an account and a key, shows a secret once, and takes the key back at once", async () => {
      const key = await office.key({ name: "short-lived", owner: "somebody" });
      const shown = await office.admin("GET", `/admin/keys/${key.id}`);
      expect([shown.status, shown.text.includes(key.secret)]).toEqual([200, false]);
      expect((await send(`${url}/api/v1/key-info`, { headers: { "x-api-key": key.secret } })).status).toBe(200);
      const accounts = await office.admin("GET", "/admin/accounts");
      expect([accounts.body.total, accounts.text.includes("sk-sim")]).toEqual([6, false]);
      expect((await office.admin("DELETE", `/admin/keys/${key.id}`)).status).toBeLessThan(300);
      expect((await post(key, "Say hello.")).status).toBe(401);
      expect((await send(`${url}/admin/keys`)).status).toBe(401);
    });
  });

  describe("to its clients", () => {
    test("streams to the Anthropic SDK and books what was used", async () => {
      const key = await bound("calm");
      const stream = sdk(key).messages.stream(ask("Say it. [[sim:say=Hello 你好]]"));
      const pieces: string[] = [];
      const message = await stream.on("text", (piece) => pieces.push(piece)).finalMessage();
      expect(pieces.join("")).toBe("Hello 你好");
      expect([message.usage.output_tokens, stream.request_id]).toEqual([34, expect.any(String)]);
      expect(await office.booked(key, 1)).toMatchObject([{ outcome: "complete", tokens: 1_234, status: 200 }]);
    });

    test("passes the bytes of the request and of the answer untouched", async () => {
      const key = await bound("free");
      const odd = `{ "model":"claude-sonnet-4-6","max_tokens":16, "unknown":[1.0,"\\u00e9"],\n"messages":[{"role":"user","content":"[[sim:crlf]]"}] ,"stream":true}`;
      const headers = { ...json, "x-api-key": key.secret, "anthropic-version": "2023-06-01" };
      const { text } = await send(`${url}//api/v1/messages?beta=true`, { method: "POST", headers, body: odd });
      const asked = upstream.requests.at(-1);
      expect([asked?.body.toString(), `${asked?.path}${asked?.query}`]).toEqual([odd, "/v1/messages?beta=true"]);
      expect(text).toMatch(/^event: message_start\r\n[^]*event: message_stop\r\ndata: .*\r\n\r\n$/);
      expect(Buffer.byteLength(text)).toBe(asked?.bytesWritten);
    });

    test("streams as it comes: the first event is there while the last is not yet made", async () => {
      const response = await post(await bound("free"), "[[sim:pace=40,deltas=10]]");
      let chunks = 0;
      for await (const chunk of response.body ?? []) chunks += chunk.length > 0 ? 1 : 0;
      expect(chunks).toBeGreaterThan(5);
    });

    test("keeps a silent connection alive while the first event is slow", async () => {
      const response = await post(await bound("free"), "[[sim:slow-headers=2500]]");
      expect(await response.text()).toMatch(/^event: ping[^]*event: message_start[^]*event: message_stop/);
    });

    test("answers without a stream, counts tokens and lists models", async () => {
      const client = sdk(await bound("calm"));
      expect(await client.messages.create(ask("Say it. [[sim:say=Whole]]"))).toMatchObject({
        content: [{ type: "text", text: "Whole" }],
      });
      const { messages, model } = ask("How long is this?");
      expect((await client.messages.countTokens({ messages, model })).input_tokens).toBeGreaterThan(0);
      const { data } = await client.models.list();
      expect(data.map(({ id }) => id)).toContainEqual(expect.stringMatching(/^claude-/));
    });

    test("speaks OpenAI's and Google's languages on their own addresses", async () => {
      const key = await office.key();
      const bearer = { ...json, authorization: `Bearer ${key.secret}` };
      const body = (given: object) => ({ method: "POST", headers: bearer, body: JSON.stringify(given) });
      const input = { model: "gpt-5", input: "Say hello.", stream: true };
      expect((await send(`${url}/openai/v1/responses`, body(input))).text).toContain("response.completed");
      const chat = { model: "gpt-5", messages: [{ role: "user", content: "Say hello." }] };
      expect((await send(`${url}/openai/v1/chat/completions`, body(chat))).body).toMatchObject({
        object: "chat.completion",
      });
      const asked = { contents: [{ role: "user", parts: [{ text: "Say hello." }] }] };
      const google = { ...body(asked), headers: { ...json, "x-goog-api-key": key.secret } };
      const answer = await send(`${url}/gemini/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse`, google);
      expect([answer.status, answer.text]).toEqual([200, expect.stringContaining("candidates")]);
      expect((await office.booked(key, 3)).map(({ outcome }) => outcome)).toEqual(Array(3).fill("complete"));
    });

    test("serves a genuine Claude Code, through a loop of tools", { timeout: 240_000 }, async () => {
      const directory = mkdtempSync(join(tmpdir(), "relay-e2e-claude-"));
      try {
        const key = await bound("calm");
        const tools = [1, 2].map((turn) => `[[sim:tool=Bash {"command":"echo turn-$((${turn}*111))"}]]`).join(" ");
        const prompt = ["--dangerously-skip-permissions", `Run these. ${tools}`];
        const out = await claude("2.1.330", { url, secret: key.secret, directory }, prompt);
        expect(out).toMatch(/The tool answered: turn-222/);
        const calls = (await office.booked(key, 3)).filter(({ operation }) => operation === "messages");
        expect(calls.length).toBeGreaterThanOrEqual(3);
        expect(new Set(calls.map(({ client, outcome }) => `${client} ${outcome}`))).toEqual(
          new Set(["claude-code complete"]),
        );
      } finally {
        rmSync(directory, { recursive: true, force: true });
      }
    });
  });

  describe("refuses", () => {
    test("who shows no key, an unknown one, or one that may not, in the dialect's words, asking nobody", async () => {
      upstream.reset();
      const answers = [
        await post({ id: "", secret: "" }, "Hello."),
        await post({ id: "", secret: `cr_${"0".repeat(64)}` }, "Hello."),
        await post(await bound("free", { isEnabled: false }), "Hello."),
        await post(await bound("free", { allowedModels: ["claude-opus-*"] }), "Hello."),
        await post(await bound("free", { ips: ["192.0.2.0/24"] }), "Hello."),
      ];
      expect(answers.map(({ status }) => status)).toEqual([401, 401, 403, 403, 403]);
      for (const answer of answers) expect(await answer.json()).toMatchObject({ type: "error" });
      expect(upstream.requests).toEqual([]);
    });

    test("an address that a client only claims: a key's networks are those that were seen", async () => {
      const claims = { "x-forwarded-for": "10.0.0.1", "x-relay-viewer": "10.0.0.1", "x-real-ip": "10.0.0.1" };
      const ask = async (ips: string[], headers: Record<string, string> = claims) => {
        const { secret } = await bound("free", { ips });
        return send(`${url}/api/v1/key-info`, { headers: { ...headers, "x-api-key": secret } });
      };
      for (const claim of ["10.0.0.1", "10.0.0.1, 10.0.0.2", "10.0.0.1,,"])
        expect((await ask(["10.0.0.0/8"], { ...claims, "x-forwarded-for": claim })).status, claim).toBe(403);
      expect((await ask(["127.0.0.0/8"])).status).toBe(200);
    });

    test("more than a key's window holds, and more than its calls at once, on every instance alike", async () => {
      const two = await bound("free", { windowMinutes: 60, windowRequests: 2 });
      const statuses: number[] = [];
      for (const _ of [1, 2, 3]) {
        const response = await post(two, "Say hello.");
        statuses.push(response.status);
        await response.text();
      }
      expect(statuses).toEqual([200, 200, 429]);
      const one = await bound("free", { concurrency: 1 });
      const running = await post(one, "[[sim:pace=50,deltas=30]]");
      const second = await post(one, "Say hello.");
      expect([second.status, await second.json()]).toMatchObject([429, { error: { type: "rate_limit_error" } }]);
      await running.text();
    });

    test("a body that is too large, with the reason, and what is larger than the machine takes", async () => {
      const key = await bound("free");
      const refused = await post(key, "x".repeat(5.5 * 1024 * 1024));
      expect([refused.status, await refused.text()]).toEqual([413, expect.stringContaining("larger than 5 MB")]);
      expect((await post(key, "x".repeat(7 * 1024 * 1024))).status).toBe(413);
    });
  });

  describe("when something fails", () => {
    test("another account takes over, and the client sees nothing of it", async () => {
      const key = await bound("overloaded");
      const message = await sdk(key).messages.create(ask("Say it. [[sim:say=Taken over]]"));
      expect(message.content).toMatchObject([{ text: "Taken over" }]);
      expect(await office.booked(key, 1)).toMatchObject([{ outcome: "complete", attempts: 2 }]);
    });

    test("a stream that breaks ends with an error event, never as if it were whole", async () => {
      const key = await bound("free");
      const text = await (await post(key, "[[sim:cut=6]]")).text();
      expect(text).toMatch(/event: error\ndata: \{"type":"error"[^]*$/);
      expect(text).not.toContain("message_stop");
      expect(await office.booked(key, 1)).toMatchObject([{ outcome: "broken" }]);
    });

    test("an error within a 200 that cannot be mended reaches the client as the provider worded it", async () => {
      const text = await (await post(await bound("free"), "[[sim:error-after=4:overloaded_error]]")).text();
      expect(text).toContain("overloaded_error");
    });

    test("a client that hangs up pays for what was made, and nobody else notices", async () => {
      const key = await bound("free", { concurrency: 1 });
      const controller = new AbortController();
      const response = await post(key, "[[sim:pace=30,deltas=40]]", {}, controller.signal);
      await response.body?.getReader().read();
      controller.abort();
      const [call] = await office.booked(key, 1);
      expect(call).toMatchObject({ outcome: runtime.seesHangUp ? "gone" : "complete" });
      expect(call?.tokens).toBeGreaterThan(0);
      expect((await post(key, "Say hello.")).status).toBe(200);
    });
  });

  describe("to QStash", () => {
    test.each(["refresh", "cleanup", "rollup"])("runs %s when the call is signed, and once", async (job) => {
      const signature = await sign(runtime, job);
      expect((await office.deliver(job, { signature })).status).toBe(200);
      const again = await office.deliver(job, { signature });
      expect([again.status, again.text]).toEqual([401, expect.stringContaining("upstash-signature")]);
    });

    test("refuses a call that is unsigned, stale, for another address or with another body", async () => {
      const wrong = [
        { signature: undefined },
        { expiresIn: -60 },
        { url: "https://other.example/cron/rollup" },
        { body: '{"other":true}' },
      ];
      for (const delivery of wrong) expect((await office.deliver("rollup", delivery)).status).toBe(401);
    });

    test("folds what was used into the figures that the console shows", async () => {
      const overview = await office.admin("GET", "/admin/usage/overview?days=1");
      expect(overview.body.today.requests).toBeGreaterThan(10);
    });
  });
});

test("both runtimes passed the same tests", () => {
  console.log(`one suite: ${passed.node.length} tests passed on Node, ${passed.aws.length} on Lambda's runtime client`);
  expect(passed.aws).toEqual(passed.node);
  expect(passed.node.length).toBeGreaterThan(20);
});
