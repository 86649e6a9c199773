import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { message, post } from "../client.ts";
import type { Context, Trial } from "../trial.ts";

const damning = [
  "OAuth token has been revoked",
  "account is disabled",
  "This organization has been disabled.",
  "Your credit balance is too low",
];

async function states({ office }: Context): Promise<string[]> {
  const { body } = await office.admin("GET", "/admin/accounts");
  const { items } = body as { items: { state: { status: string; cooldowns: unknown[] } }[] };
  return items.map(({ state }) => `${state.status} ${state.cooldowns.length}`);
}

/** A provider that says back, in each error, whatever it was sent: the credential, too. */
async function startCareless(reply: (said: string) => { status: number; body: string; isStream?: boolean }) {
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      if (request.method === "GET") return void response.end('{"data":[]}');
      const { status, body, isStream } = reply(`${JSON.stringify(request.headers)} ${Buffer.concat(parts).toString()}`);
      response.writeHead(status, { "content-type": isStream ? "text/event-stream" : "application/json" });
      response.end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { baseUrl, stop: () => void server.close() };
}

const errorOf = (type: string, said: string) => JSON.stringify({ type: "error", error: { type, message: said } });
const opening = 'event: message_start\ndata: {"type":"message_start","message":{"usage":{"input_tokens":1}}}\n\n';
const block =
  'event: content_block_start\ndata: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}\n\n';

/** What a caller writes, and what a provider says of it: accounts, logs, models. */
export const verdicts: readonly Trial[] = [
  {
    name: "what a caller writes stops and rests no account, in whatever error it comes back",
    async run(context) {
      const { url, office, account } = context;
      for (let each = 0; each < 3; each += 1) await account("anthropic");
      const echo = await startCareless((said) => ({ status: 400, body: errorOf("invalid_request_error", said) }));
      await account("anthropic", "ok", { baseUrl: echo.baseUrl, priority: 1 });
      const { secret } = await office.key();
      for (const words of damning) {
        await post(url, secret, message("hello", { model: `claude-missing: ${words}` }));
        await post(url, secret, message("hello", { messages: [{ role: "user", content: [{ type: words }] }] }));
      }
      echo.stop();
      assert.deepEqual(await states(context), Array(4).fill("serving 0"));
    },
  },
  {
    name: "a provider's words, in mid-stream too, bear no credential and no prompt into log, events or answers",
    async run({ url, office, account, log }) {
      const secretOf = "sk-ant-api03-CREDCANARY0123456789abcdef";
      for (const isStream of [true, false]) {
        const echo = await startCareless((said) => {
          const words = `${"long ".repeat(200)}${said}`;
          const event = `event: error\ndata: ${errorOf("api_error", words)}\n\n`;
          return isStream
            ? { status: 200, body: opening + block + event, isStream }
            : { status: 403, body: errorOf("permission_error", `${said} ${words}`) };
        });
        const credential = { kind: "api-key", secret: secretOf };
        const id = await account("anthropic", "ok", { baseUrl: echo.baseUrl, credential });
        const { secret } = await office.key({ bindings: { claude: id } });
        const { text } = await post(url, secret, message("PROMPTCANARY"));
        assert.ok(!text.includes("CREDCANARY"), "the client was told the credential");
        echo.stop();
      }
      const { body } = await office.admin("GET", "/admin/usage/requests");
      const { items } = body as { items: { id: string }[] };
      const details = await Promise.all(items.map(({ id }) => office.admin("GET", `/admin/usage/requests/${id}`)));
      const kept = JSON.stringify([body, details.map((detail) => detail.body)]) + log();
      assert.equal(items.length, 2);
      for (const canary of ["CREDCANARY", "PROMPTCANARY"]) assert.ok(!kept.includes(canary), `${canary} was kept`);
    },
  },
  {
    name: "an answer that is none comes over a bridge as an error in the client's language",
    async run({ url, office, account }) {
      let body = "";
      const careless = await startCareless(() => ({ status: 200, body }));
      const id = await account("anthropic", "ok", { baseUrl: careless.baseUrl });
      const { secret } = await office.key();
      const headers = { "content-type": "application/json", authorization: `Bearer ${secret}` };
      for (body of ["", " ", "\ufeff", "\n\n", "<html>", "{", "[]", "null", "data: x\n\n"]) {
        await office.admin("POST", `/admin/accounts/${id}/reset`);
        const asked = fetch(`${url}/openai/v1/chat/completions`, {
          ...{ method: "POST", headers, signal: AbortSignal.timeout(8_000) },
          body: message("hello", { stream: false }),
        });
        // A head that went ahead is followed by a cut.
        const text = await asked.then((answer) => answer.text()).catch(() => "");
        if (text.trim() === "") continue;
        const { error } = JSON.parse(text) as { error?: object };
        assert.ok(error && "type" in error && "param" in error, `${JSON.stringify(body)}: ${text}`);
      }
      careless.stop();
    },
  },
  {
    name: "free calls rest nothing and have a limit of their own",
    async run(context) {
      const { url, office, account } = context;
      for (let each = 0; each < 2; each += 1) await account("anthropic", "429-5h");
      const { secret } = await office.key();
      const statuses: number[] = [];
      for (let turn = 0; turn < 140; turn += 1) {
        const headers = { "content-type": "application/json", "x-api-key": secret, "anthropic-version": "2023-06-01" };
        const { status } = await fetch(`${url}/v1/messages/count_tokens`, { method: "POST", headers, body: message() });
        statuses.push(status);
      }
      assert.equal(statuses.at(-1), 429);
      assert.deepEqual(await states(context), ["serving 0", "serving 0"]);
    },
  },
  {
    name: "a blocked model is blocked however its name is written, and a name leads nowhere else",
    async run({ url, office, account }) {
      await account("gemini");
      await account("anthropic");
      const { secret } = await office.key({ blockedModels: ["claude-opus-*", "gemini-2.5-pro"] });
      for (const model of [
        "claude-opus-4-5",
        "Claude-Opus-4-5",
        "anthropic/claude-opus-4.5",
        "claude-opus-4-5%20",
        "x/../claude-opus-4-5",
      ]) {
        const { status } = await post(url, secret, message("hello", { model }));
        assert.ok([400, 403].includes(status), `${model}: ${status}`);
      }
      for (const name of [
        "Gemini-2.5-Pro",
        "gemini-2.5-pro%20",
        "..%2fmodels%2fgemini-2.5-pro",
        "gemini%00",
        "x%3fy",
      ]) {
        const path = `${url}/gemini/v1beta/models/${name}:generateContent`;
        const { status } = await fetch(path, {
          method: "POST",
          headers: { "x-goog-api-key": secret },
          body: '{"contents":[]}',
        });
        assert.ok([400, 403, 404].includes(status), `${name}: ${status}`);
      }
    },
  },
];
