import { afterEach, beforeEach, expect, test } from "vitest";
import { handle as gemini } from "../../../functions/endpoints/relay/gemini.ts";
import { handle as messages } from "../../../functions/endpoints/relay/messages.ts";
import type { Env } from "../../../functions/env.ts";
import { pullBody } from "../../../functions/wire/dispatch.ts";
import { call, type Rig, startRig } from "../../rig.ts";

let rig: Rig;
beforeEach(async () => (rig = await startRig()));
afterEach(() => rig.stop());

/** A provider that answers so, and keeps what it was asked. */
function answering(body: string, headers: Record<string, string>, asked: Buffer[] = []): Env {
  const dispatch: Env["dispatch"] = (request) => {
    if (request.body) asked.push(Buffer.from(request.body));
    const parts = [Buffer.from(body)];
    const stream = pullBody(
      () => Promise.resolve(parts.shift()),
      () => undefined,
    );
    return Promise.resolve({ status: 200, headers, body: stream });
  };
  return { ...rig.env, dispatch };
}

const event = (data: { readonly type: string }) => `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;

test("the check of Claude Code's auto mode passes both ways untouched", async () => {
  await rig.addAccount({ kind: "anthropic" });
  const { secret } = await rig.addKey();
  const safeguards = [{ type: "dangerous_tool_use", classifier_context: { rules: [], git: { branch: "main" } } }];
  const head = { id: "msg_1", type: "message", role: "assistant", model: "claude-opus-5-5", content: [] };
  const outcome = { type: "evaluated", outcome: "not_flagged" };
  const status = { type: "available", tool_uses: { toolu_1: outcome } };
  const delta = { stop_reason: "tool_use", safeguard_results: [{ type: "dangerous_tool_use", status }] };
  const stream = [
    event({ type: "message_start", message: { ...head, usage: { input_tokens: 1, output_tokens: 1 } } } as never),
    event({ type: "message_delta", delta, usage: { output_tokens: 2 } } as never),
    event({ type: "message_stop" }),
  ].join("");
  const body = {
    model: "claude-opus-5-5",
    max_tokens: 9,
    stream: true,
    safeguards,
    messages: [{ role: "user", content: "x" }],
  };
  const asked: Buffer[] = [];
  const ask = { headers: { authorization: `Bearer ${secret}` }, body: Buffer.from(JSON.stringify(body)) };
  const { text } = await call(messages, ask, answering(stream, { "content-type": "text/event-stream" }, asked));
  expect(asked[0]?.toString()).toBe(JSON.stringify(body));
  expect(text).toBe(stream);
});

test("no header of an answer leads a client, with its key, to the provider", async () => {
  await rig.addAccount({ kind: "gemini" });
  const { secret } = await rig.addKey();
  const foreign = "https://provider.example/upload?id=1";
  const led = [
    "location",
    "content-location",
    "x-goog-upload-url",
    "x-goog-upload-control-url",
    "link",
    "operation-location",
  ];
  const headers = { "content-type": "application/json", ...Object.fromEntries(led.map((name) => [name, foreign])) };
  const answer = {
    candidates: [{ content: { role: "model", parts: [{ text: "hi" }] }, finishReason: "STOP", index: 0 }],
    usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 1, totalTokenCount: 2 },
  };
  const model = "gemini-2.5-pro";
  const ask = {
    path: `/gemini/v1beta/models/${model}:generateContent`,
    params: { action: `${model}:generateContent` },
    headers: { authorization: `Bearer ${secret}` },
    body: { contents: [{ role: "user", parts: [{ text: "x" }] }] },
  };
  const { answer: told } = await call(gemini, ask, answering(JSON.stringify(answer), headers));
  expect(told.status).toBe(200);
  expect(JSON.stringify(told.headers)).not.toContain("provider.example");
});
