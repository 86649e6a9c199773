import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { call, type Rig, startRig } from "../../../test/rig.ts";
import { type Reply, accountOf, inbound, kindOf, stream, whole } from "../../../test/verdict-stage.ts";
import { readPool } from "../../core/accounts/pool.ts";

let rig: Rig;

beforeEach(async () => (rig = await startRig()));
afterEach(() => rig.stop());

const claude = kindOf("claude");
const served = stream(
  { type: "message_start", message: { model: "claude-sonnet-4-5", usage: { input_tokens: 1 } } },
  { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
  { type: "message_delta", delta: {}, usage: { output_tokens: 1 } },
  { type: "message_stop" },
);

/** A sign-in that ends in so many milliseconds, and a sign-in server with one answer. */
async function stage(endsInMs: number, answer: Reply) {
  const credential = { ...claude.credential, expiresAt: rig.env.now() + endsInMs } as typeof claude.credential;
  const account = await rig.addAccount(accountOf(claude), credential);
  const { secret } = await rig.addKey();
  let tokens = 0;
  const dispatch: Rig["env"]["dispatch"] = ({ url }) => {
    const isToken = url.includes("/token");
    if (isToken) tokens += 1;
    return Promise.resolve(inbound(isToken ? answer : served));
  };
  const env = { ...rig.env, dispatch };
  return {
    ask: async () => (await call(claude.handle, claude.ask(secret, "hello", true), env)).answer.status,
    tokens: () => tokens,
    stopped: async () => (await readPool(env)).accountById.get(account.id)?.stoppedBecause,
  };
}

test("a token that is still good serves when its renewal fails, and not once it has ended", async () => {
  const { ask, stopped } = await stage(30_000, whole(503, "down"));
  expect(await ask()).toBe(200);
  rig.pass(31_000);
  expect(await ask()).toBe(502);
  expect(await stopped()).toBeUndefined();
});

describe("a sign-in server", () => {
  test.each([
    [400, { error: "invalid_grant", error_description: "Refresh token not found or invalid" }],
    [401, { error: { code: "refresh_token_reused", message: "already used" } }],
    [403, { error: "invalid_grant" }],
  ])("that calls the grant spent stops the account: %i %j", async (status, body) => {
    const { ask, stopped } = await stage(-1, whole(status, body));
    await ask();
    expect(await stopped()).toBeTruthy();
  });

  test.each([
    [403, { error: { type: "forbidden", message: "Request not allowed" } }],
    [400, { error: "invalid_request" }],
    [401, { error: "invalid_client" }],
    [400, { error: "temporarily_unavailable", error_description: "invalid_grant" }],
    [401, "<html><title>invalid_grant</title></html>"],
    [429, { error: "rate_limited" }],
  ])("that says anything else does not, and is left alone for longer and longer: %i %j", async (status, body) => {
    const { ask, tokens, stopped } = await stage(-1, whole(status, body));
    for (let turn = 0; turn < 30; turn += 1) await ask();
    expect([await stopped(), tokens()]).toEqual([undefined, 1]);
    rig.pass(5_001);
    for (let turn = 0; turn < 5; turn += 1) await ask();
    rig.pass(5_001);
    for (let turn = 0; turn < 5; turn += 1) await ask();
    expect(tokens()).toBe(2);
    rig.pass(5_001);
    await ask();
    expect(tokens()).toBe(3);
  });
});
