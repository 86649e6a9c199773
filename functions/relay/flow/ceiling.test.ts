import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { call, type Rig, startRig } from "../../../test/rig.ts";
import { startUpstream, type Upstream } from "../../../test/upstream/upstream.ts";
import { handle as messages } from "../../endpoints/relay/messages.ts";

let rig: Rig;
let upstream: Upstream;
beforeEach(async () => (upstream = await startUpstream()));
afterEach(async () => {
  await rig.stop();
  await upstream.stop();
});

async function ask(settings: Record<string, string>, behaviour: string) {
  rig = await startRig({ environment: settings });
  await rig.addAccount({ baseUrl: upstream.url }, { kind: "api-key", secret: `sk-sim-${behaviour}` });
  const { secret } = await rig.addKey();
  const messagesOf = [{ role: "user", content: "hello" }];
  const body = { model: "claude-opus-4-1", max_tokens: 1000, stream: true, messages: messagesOf };
  const { text } = await call(messages, { headers: { "x-api-key": secret }, body }, rig.env);
  return { text, event: (await rig.events())[0] };
}

describe("a call over its ceiling", () => {
  test("of time ends with the reason in its stream, costs what was seen, and the upstream is cut", async () => {
    const { text, event } = await ask({ CALL_MAX_SECONDS: "1" }, "pace=50+deltas=200");
    expect(text).toMatch(/event: error\n.*1 seconds of CALL_MAX_SECONDS[^]*$/);
    expect(event).toMatchObject({ outcome: "broken", isEstimated: true });
    expect(event?.costNanos).toBeGreaterThan(0);
    await expect.poll(() => upstream.stats.open).toBe(0);
  });

  test("of spend does so too", async () => {
    const { text, event } = await ask({ CALL_MAX_USD: "0.5" }, "pace=50+deltas=200+in=60000");
    expect(text).toMatch(/event: error\n.*\$0\.5 of CALL_MAX_USD[^]*$/);
    expect(event).toMatchObject({ outcome: "broken", failure: expect.stringMatching(/^limit\.cost/) });
  });

  test("that comes before the first byte is a refusal that is not to be repeated", async () => {
    const { text, event } = await ask({ CALL_MAX_SECONDS: "1" }, "slow-headers");
    expect(text).toContain("CALL_MAX_SECONDS");
    expect(event).toMatchObject({ outcome: "refused", status: 504, costNanos: 0 });
    expect((await rig.events()).length).toBe(1);
  });

  test("does not concern one that stays below it", async () => {
    const { text, event } = await ask({ CALL_MAX_SECONDS: "30", CALL_MAX_USD: "5" }, "ok");
    expect([text.includes("message_stop"), event?.outcome]).toEqual([true, "complete"]);
  });
});
