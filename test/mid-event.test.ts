import Anthropic from "@anthropic-ai/sdk";
import { ApiError, GoogleGenAI } from "@google/genai";
import OpenAI from "openai";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Env } from "../functions/env.ts";
import { Failure } from "../functions/failure.ts";
import { relay } from "../functions/relay/relay.ts";
import { pullBody } from "../functions/wire/dispatch.ts";
import { type Subject, subjects } from "./contracts/dialects.ts";
import { buildRequest, type Rig, readAnswer, startRig } from "./rig.ts";

const answering = (bytes: Buffer) => () =>
  Promise.resolve(new Response(new Uint8Array(bytes), { headers: { "content-type": "text/event-stream" } }));
const settings = (bytes: Buffer) => ({
  apiKey: "x",
  baseURL: "http://relay.test",
  maxRetries: 0,
  fetch: answering(bytes),
});

/** Reads a stream as the official SDK does, to its end. */
type Reader = (bytes: Buffer) => Promise<unknown>;

const drain = async (stream: AsyncIterable<unknown>) => {
  for await (const event of stream) void event;
};

async function readGemini(bytes: Buffer): Promise<void> {
  const before = globalThis.fetch;
  globalThis.fetch = answering(bytes);
  try {
    await drain(await new GoogleGenAI({ apiKey: "x" }).models.generateContentStream({ model: "x", contents: "x" }));
  } finally {
    globalThis.fetch = before;
  }
}

/** The error by which callers of an SDK know a broken stream; a parse error says nothing to them. */
const languages: Readonly<Record<string, { file: string; read: Reader; error: new (...args: never[]) => Error }>> = {
  anthropic: {
    file: "anthropic/text.sse",
    error: Anthropic.APIError,
    read: (bytes) =>
      new Anthropic(settings(bytes)).messages.stream({ model: "x", max_tokens: 1, messages: [] }).finalMessage(),
  },
  "openai-responses": {
    file: "openai-responses/incomplete.sse",
    error: OpenAI.APIError,
    read: async (bytes) =>
      drain(await new OpenAI(settings(bytes)).responses.create({ model: "x", input: "x", stream: true })),
  },
  "openai-chat": {
    file: "openai-chat/tool.sse",
    error: OpenAI.APIError,
    read: async (bytes) =>
      drain(await new OpenAI(settings(bytes)).chat.completions.create({ model: "x", messages: [], stream: true })),
  },
  gemini: { file: "gemini/text.sse", error: ApiError, read: readGemini },
};

let rig: Rig;
beforeEach(async () => (rig = await startRig()));
afterEach(() => rig.stop());

/** What a client gets of an answer whose line breaks after so many bytes, brought in pieces of a size. */
async function relayBroken(subject: Subject, secret: string, bytes: Buffer, size: number): Promise<Buffer> {
  let at = 0;
  const read = async () => {
    if (at >= bytes.length) throw new Failure("upstream.broken", { message: "The line broke." });
    const piece = bytes.subarray(at, at + size);
    at += size;
    return piece;
  };
  const headers = { "content-type": "text/event-stream" };
  const dispatch = async () => ({ status: 200, headers, body: pullBody(read, () => undefined) });
  const env: Env = { ...rig.env, dispatch };
  const handle = relay(subject.dialect, { upstreams: { [subject.upstream.kind]: subject.upstream }, bridges: [] });
  const ask = { ...subject.ask(true), headers: { authorization: `Bearer ${secret}` } };
  const told: Uint8Array[] = [];
  await readAnswer(await handle(buildRequest(ask), env), (chunk) => void told.push(chunk));
  return Buffer.concat(told);
}

describe.each(Object.entries(languages))("%s, whose upstream dies within an event", (name, { file, read, error }) => {
  const subject = subjects.find(({ dialect }) => dialect.name === name);
  const whole = readFileSync(join(import.meta.dirname, "fixtures", file));
  const text = whole.toString("latin1");
  const events = [...text.matchAll(/\r?\n\r?\n/g)].map(({ 0: line, index }) => index + line.length);

  test.each([1, 64, 1_000_000])(
    "the client reads whole events and its SDK's own error, in pieces of %i bytes",
    async (size) => {
      if (!subject) throw new Error(`no subject ${name}`);
      const { upstream, account, credential = { kind: "api-key", secret: "none" } } = subject;
      await rig.addAccount({ kind: upstream.kind, ...account }, credential);
      const { secret } = await rig.addKey();
      // Within the last event: after its first line's beginning, in its data, before its blank line is whole.
      const [start = 0, end = 0] = events.slice(-2);
      for (const cut of [start + 3, Math.floor((start + end) / 2), end - 1]) {
        const told = await relayBroken(subject, secret, whole.subarray(0, cut), size);
        const passed = told.subarray(0, start).toString("latin1");
        expect(passed).toBe(text.slice(0, start));
        await expect(read(told)).rejects.toBeInstanceOf(error);
      }
    },
  );
});
