import { afterEach, beforeEach, expect, test } from "vitest";
import { handle as chat } from "../../../functions/endpoints/relay/chat-completions.ts";
import { handle as messages } from "../../../functions/endpoints/relay/messages.ts";
import { handle as responses } from "../../../functions/endpoints/relay/responses.ts";
import type { Env } from "../../../functions/env.ts";
import { pullBody } from "../../../functions/wire/dispatch.ts";
import { call, type Rig, startRig } from "../../rig.ts";

let rig: Rig;
beforeEach(async () => (rig = await startRig()));
afterEach(() => rig.stop());

/** A provider that answers every call with an error. */
function refusing(body: string): Env {
  const dispatch: Env["dispatch"] = () => {
    const parts = [Buffer.from(body)];
    const stream = pullBody(
      () => Promise.resolve(parts.shift()),
      () => undefined,
    );
    return Promise.resolve({ status: 400, headers: { "content-type": "application/json" }, body: stream });
  };
  return { ...rig.env, dispatch };
}

const tooLong = "This model's maximum context length is 8192 tokens. However, you requested 9000 tokens.";
const said = [{ role: "user", content: "hello" }];
const asks = {
  messages: {
    handle: messages,
    kind: "anthropic",
    body: { model: "claude-sonnet-4-5", max_tokens: 9, messages: said },
  },
  chat: { handle: chat, kind: "openai", body: { model: "gpt-5.5", messages: said } },
  responses: { handle: responses, kind: "openai", body: { model: "gpt-5.5", input: "hello" } },
} as const;

const cases = Object.keys(asks).flatMap((name) =>
  [false, true].map((stream) => ({ name: name as keyof typeof asks, stream })),
);

test.each(cases)(
  "$name, stream $stream: a vendor's own shape of error is said in the client's",
  async ({ name, stream }) => {
    const { handle, kind, body } = asks[name];
    await rig.addAccount({ kind });
    const { secret } = await rig.addKey();
    const ask = { headers: { authorization: `Bearer ${secret}` }, body: { ...body, stream } };
    const { answer, text } = await call(handle, ask, refusing(JSON.stringify({ detail: "no such model here" })));
    expect(answer.status).toBe(400);
    const { error } = JSON.parse(text) as { error: { message: string; type: string } };
    expect(error).toMatchObject({ message: "no such model here", type: "invalid_request_error" });
    const long = await call(handle, ask, refusing(JSON.stringify({ error: { message: tooLong, code: 400 } })));
    const told = JSON.parse(long.text) as { error: { message: string; code?: string } };
    if (name === "messages") expect(told.error.message).toBe(`prompt is too long: ${tooLong}`);
    else expect(told.error.code).toBe("context_length_exceeded");
  },
);

test("an error in the language's own form comes down byte for byte", async () => {
  await rig.addAccount({ kind: "anthropic" });
  const { secret } = await rig.addKey();
  const body =
    '{ "type":"error", "error":{"type":"invalid_request_error","message":"max_tokens: 9 > 8"},"request_id":"req_1"}';
  const ask = { headers: { authorization: `Bearer ${secret}` }, body: asks.messages.body };
  expect((await call(messages, ask, refusing(body))).text).toBe(body);
});
