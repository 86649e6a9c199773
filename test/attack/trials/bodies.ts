import assert from "node:assert/strict";
import * as zlib from "node:zlib";
import { head, message, openRaw, post, until } from "../client.ts";
import type { Context, Trial } from "../trial.ts";

const megabyte = 1024 * 1024;
const encoders = { gzip: zlib.gzipSync, br: zlib.brotliCompressSync, zstd: zlib.zstdCompressSync } as const;

/** Filled up to so many bytes with what `fill` repeats. */
const shaped = (before: string, fill: string, after: string, bytes: number) =>
  Buffer.from(before + fill.repeat(Math.floor((bytes - before.length - after.length) / fill.length)) + after);
const model = '"model":"claude-sonnet-4-5","max_tokens":1';

type Shapes = Readonly<Record<string, (bytes: number) => Buffer>>;

/** Bodies of one size. What they ask for costs nothing, for the key may use no such model. */
const shapes: Shapes = {
  plain: (bytes) => shaped(`{${model},"messages":"`, "x", '"}', bytes),
  nested: (bytes) => shaped(`{"mod\\u0065l":"m",${model},"x":`, "[", "", bytes),
  "nested objects": (bytes) => shaped(`{${model},"x":`, '{"a":', "", bytes),
  keys: (bytes) => shaped(`{"mod\\u0065l":"m",${model}`, ',"k":0', "}", bytes),
  "keys deeper down": (bytes) => shaped(`{${model},"x":{"a":0`, ',"k":0', "}}", bytes),
  "escaped keys": (bytes) => shaped(`{${model},"x":{"a":0`, ',"\\u006b":0', "}}", bytes),
  quotes: (bytes) => shaped(`{${model},"messages":"`, '\\"', '"}', bytes),
  backslashes: (bytes) => shaped(`{${model},"messages":"`, "\\\\", '"}', bytes),
  escapes: (bytes) => shaped(`{${model},"messages":"`, "\\u0041", '"}', bytes),
  numbers: (bytes) => shaped(`{${model},"messages":[0`, ",1", "]}", bytes),
  strings: (bytes) => shaped(`{${model},"messages":[""`, ',""', "]}", bytes),
  messages: (bytes) => shaped(`{${model},"messages":[${turn}`, `,${turn}`, "]}", bytes),
};

const turn = '{"role":"user","content":"x"}';
const bridged = '"model":"gpt-5-codex","max_tokens":16,"stream":true';
const said = (content: string) => `{"role":"user","content":${content}`;
const used = `{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"b","input":`;
const schema = '{"name":"a","input_schema":{"type":"object"}}';

/** What a bridge must read and write anew. */
const crossing: Shapes = {
  "plain text over a bridge": (bytes) => shaped(`{${bridged},"messages":[${said('"')}`, "x", '"}]}', bytes),
  "escapes over a bridge": (bytes) => shaped(`{${bridged},"messages":[${said('"')}`, "\\u0041", '"}]}', bytes),
  "messages over a bridge": (bytes) => shaped(`{${bridged},"messages":[${turn}`, `,${turn}`, "]}", bytes),
  "parts over a bridge": (bytes) =>
    shaped(
      `{${bridged},"messages":[${said('[{"type":"text","text":"x"}')}`,
      ',{"type":"text","text":"x"}',
      "]}]}",
      bytes,
    ),
  "tools over a bridge": (bytes) =>
    shaped(`{${bridged},"messages":[${turn}],"tools":[${schema}`, `,${schema}`, "]}", bytes),
  "a deep tool's input over a bridge": (bytes) => shaped(`{${bridged},"messages":[${turn},${used}`, '{"a":', "", bytes),
  "a wide tool's input over a bridge": (bytes) =>
    shaped(`{${bridged},"messages":[${turn},${used}{"a":0`, ',"k":0', "}}]}]}", bytes),
  "numbers over a bridge": (bytes) => shaped(`{${bridged},"messages":[${turn},${used}[0`, ",1", "]}]}]}", bytes),
};

/** While a body of 60 MB is read, the event loop may stand still three times as long as for a plain one. */
async function compareShapes({ url, relays }: Context, secret: string, looked: Shapes): Promise<void> {
  const bytes = 60 * megabyte;
  const stillOf = async (body: Buffer) => {
    await relays[0]?.stillMs();
    await post(url, secret, body);
    return (await relays[0]?.stillMs()) ?? Infinity;
  };
  const best = async (body: Buffer) => Math.min(await stillOf(body), await stillOf(body), await stillOf(body));
  const plain = await best(shaped(`{${model},"messages":"`, "x", '"}', bytes));
  const worse: string[] = [];
  for (const [name, build] of Object.entries(looked)) {
    const ratio = (await best(build(bytes))) / plain;
    const line = `${name}: ${ratio.toFixed(2)} of plain (${plain.toFixed(0)} ms)`;
    console.log(`    ${line}`);
    if (ratio > 3) worse.push(line);
  }
  assert.deepEqual(worse, []);
}

/** What is sent before anything is paid for: bodies. */
export const bodies: readonly Trial[] = [
  {
    name: "a prototype's name is no content-encoding",
    targets: ["embedded", "redis", "lambda"],
    async run({ url, office, account }) {
      await account("anthropic");
      const { secret } = await office.key();
      for (const encoding of ["__proto__", "constructor", "toString", "hasOwnProperty", "valueOf"]) {
        const { status, text } = await post(url, secret, message(), { "content-encoding": encoding });
        assert.equal(status, 400, `${encoding}: ${text}`);
        assert.match(text, /Unsupported content-encoding/);
      }
      assert.equal((await post(url, secret, message())).status, 200);
    },
  },
  {
    name: "a bomb is refused by its ratio",
    async run({ url, office, account }) {
      await account("anthropic");
      const { secret } = await office.key();
      const plain = Buffer.alloc(50 * megabyte, " ");
      for (const [encoding, encode] of Object.entries(encoders)) {
        const { status, text } = await post(url, secret, encode(plain), { "content-encoding": encoding });
        assert.equal(status, 413, `${encoding}: ${text}`);
      }
    },
  },
  {
    name: "no shape of a body stands the relay still for longer than three plain ones of its size",
    isSlow: true,
    targets: ["embedded"],
    async run(context) {
      await context.account("anthropic");
      const { secret } = await context.office.key({ allowedModels: ["none"] });
      await compareShapes(context, secret, shapes);
    },
  },
  {
    name: "no shape of a body that crosses a bridge stands the relay still for longer than three plain ones",
    isSlow: true,
    targets: ["embedded"],
    async run(context) {
      await context.account("openai");
      const { secret } = await context.office.key();
      await compareShapes(context, secret, crossing);
    },
  },
  {
    name: "bodies past the process's memory are refused with 503 and retry-after, and kill nothing",
    settings: { NODE_OPTIONS: "--max-old-space-size=512" },
    async run({ url, office, account, relays }) {
      await account("anthropic");
      const { secret } = await office.key();
      const body = shapes.plain?.(30 * megabyte) ?? Buffer.alloc(0);
      const answers = await Promise.all(Array.from({ length: 8 }, () => post(url, secret, body)));
      const refused = answers.filter(({ status }) => status === 503);
      assert.ok(refused.length > 0 && refused.length < 8, `${refused.length} of 8 were refused`);
      for (const { headers, text } of refused) {
        assert.ok(Number(headers.get("retry-after")) > 0);
        assert.match(text, /overloaded_error/);
      }
      assert.ok(relays.every((relay) => relay.look().rssMb < 400));
      await until("a small one is served again", async () => (await post(url, secret, message())).status === 200);
    },
  },
  {
    name: "a key at its concurrency is refused before its body",
    async run({ url, office, account }) {
      await account("anthropic", "pace=200+deltas=100");
      const { secret } = await office.key({ concurrency: 1 });
      const headers = { "x-api-key": secret, "content-type": "application/json", "anthropic-version": "2023-06-01" };
      const first = await openRaw(url);
      const body = message();
      await first.send(head("POST", "/v1/messages", { ...headers, "content-length": body.length }) + body);
      assert.equal(await first.status(), 200, first.text());
      const second = await openRaw(url);
      await second.send(head("POST", "/v1/messages", { ...headers, "content-length": 50 * megabyte }));
      assert.equal(await second.status(), 429);
      first.reset();
      second.reset();
    },
  },
  {
    name: "a key that has spent its budget is refused before a large body",
    async run({ url, office, account }) {
      await account("anthropic", "in=1000000+out=100000");
      const { secret } = await office.key({ dailyCostUsd: 0.01 });
      assert.equal((await post(url, secret, message())).status, 200);
      await until("the budget is spent", async () => (await post(url, secret, message())).status === 429);
      const raw = await openRaw(url);
      await raw.send(head("POST", "/v1/messages", { "x-api-key": secret, "content-length": 50 * megabyte }));
      assert.equal(await raw.status(), 429);
      raw.reset();
    },
  },
  {
    name: "strangers fill no memory by the sign-in route",
    async run({ url, relays }) {
      const before = relays[0]?.look().rssMb ?? 0;
      const filling = Buffer.alloc(1_000_000, " ");
      const open = await Promise.all(Array.from({ length: 400 }, () => openRaw(url)));
      const start = head("POST", "/admin/session", { "content-type": "application/json", "content-length": 1_048_000 });
      await Promise.all(open.map(async (raw) => raw.send(Buffer.concat([Buffer.from(start), filling]))));
      assert.deepEqual([...new Set(await Promise.all(open.map((raw) => raw.status())))], [413]);
      const grown = (relays[0]?.look().rssMb ?? 0) - before;
      assert.ok(grown < 150, `${grown.toFixed(0)} MB`);
      await Promise.all(open.map(({ closed }) => closed));
    },
  },
  {
    name: "a sign-in body that does not come is ended",
    isSlow: true,
    targets: ["embedded"],
    async run({ url }) {
      const raw = await openRaw(url);
      await raw.send(`${head("POST", "/admin/session", { "content-length": 1_000 })}{`);
      assert.equal(await raw.status(), 408);
      await raw.closed;
    },
  },
];
