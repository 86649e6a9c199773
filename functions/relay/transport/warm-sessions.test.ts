import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Env } from "../../env.ts";
import { putPool } from "../../core/accounts/pool.ts";
import { handle } from "../../endpoints/relay/messages.ts";
import { call, type Rig, startRig } from "../../../test/rig.ts";
import { provider, whole } from "../../../test/verdict-stage.ts";

const minuteMs = 60_000;
const sessions = Array.from(
  { length: 100 },
  (_, index) => `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`,
);
const answer = whole(200, {
  ...{
    id: "msg_1",
    type: "message",
    role: "assistant",
    model: "claude-sonnet-4-5",
    content: [],
    stop_reason: "end_turn",
  },
  usage: { input_tokens: 1, output_tokens: 1 },
});
const overloaded = whole(529, { type: "error", error: { type: "overloaded_error", message: "Overloaded" } });

let rig: Rig;
let secret: string;
/** Accounts that answer 529. */
let ill: Set<string>;
let env: Env;
let asked: readonly { readonly url: string }[];

beforeEach(async () => {
  rig = await startRig();
  ill = new Set();
  for (const id of ["a", "b", "c"]) await add(id);
  ({ secret } = await rig.addKey());
  const answering = provider(({ url }) => (ill.has(hostOf(url)) ? overloaded : answer));
  asked = answering.asked;
  env = { ...rig.env, dispatch: answering.dispatch };
});
afterEach(() => rig.stop());

const add = (id: string, priority?: number) =>
  rig.addAccount({ id, baseUrl: `https://${id}.example`, ...(priority === undefined ? {} : { priority }) });

const hostOf = (url: string) => new URL(url).host[0] ?? "";

/** Where a turn of a conversation was answered. */
async function turn(session: string, content: unknown): Promise<string> {
  const body = { model: "claude-sonnet-4-5", max_tokens: 9, messages: [{ role: "user", content }] };
  const headers = { "x-api-key": secret, "x-claude-code-session-id": session };
  const { answer: told } = await call(handle, { headers, body }, env);
  expect(told.status).toBe(200);
  return hostOf(asked.at(-1)?.url ?? "");
}

async function round(content: unknown = "hi"): Promise<string[]> {
  const served: string[] = [];
  for (const session of sessions) served.push(await turn(session, content));
  return served;
}

describe("while its prompt is cached, a conversation stays where it is", () => {
  const moved = (before: readonly string[], after: readonly string[]) =>
    before.filter((account, index) => account !== after[index]).length;

  test.each<[string, () => Promise<unknown>]>([
    ["two preferred accounts are added", () => Promise.all([add("d", 1), add("e", 1)])],
    ["other accounts weigh more", () => putPool({ "account/b/weight": 100, "account/c/weight": 100 }, rig.env)],
    [
      "its account's window fills",
      () =>
        putPool({ "window/a": [{ name: "5h", utilization: 0.97, resetAt: rig.env.now() + 60 * minuteMs }] }, rig.env),
    ],
  ])("though %s; a cold one moves", async (_what, change) => {
    const before = await round();
    await change();
    rig.pass(2 * minuteMs);
    expect(moved(before, await round())).toBe(0);
    rig.pass(4 * minuteMs);
    expect(moved(before, await round())).toBe(0);
    rig.pass(6 * minuteMs);
    expect(moved(before, await round())).toBeGreaterThan(0);
  });

  test("where it went when its account failed, and does not come back when that is well", async () => {
    const before = await round();
    ill.add("a");
    const during = await round();
    expect(moved(before, during)).toBe(before.filter((account) => account === "a").length);
    ill.delete("a");
    rig.pass(2 * minuteMs);
    expect(moved(during, await round())).toBe(0);
  });

  test("for an hour where it asks for that", async () => {
    const long = [{ type: "text", text: "hi", cache_control: { type: "ephemeral", ttl: "1h" } }];
    const before = await round(long);
    await add("d", 1);
    rig.pass(50 * minuteMs);
    expect(moved(before, await round(long))).toBe(0);
  });

  test("but not where its account was paused", async () => {
    await round();
    await putPool({ "account/a/isEnabled": false }, env);
    rig.pass(2 * minuteMs);
    expect(await round()).not.toContain("a");
  });
});
