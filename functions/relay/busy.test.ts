import { afterEach, beforeEach, expect, test } from "vitest";
import { call, type Rig, startRig } from "../../test/rig.ts";
import type { Account } from "../core/accounts/account.ts";
import type { ApiKey } from "../core/keys/key.ts";
import { handle as messages } from "../endpoints/relay/messages.ts";
import { Failure } from "../failure.ts";

let rig: Rig;
beforeEach(async () => (rig = await startRig()));
afterEach(() => rig.stop());

const fourMinutesMs = 240_000;

test.each<[string, Partial<ApiKey>, Partial<Account>, number]>([
  ["its key's calls at once", { concurrency: 1 }, {}, 429],
  ["a waiting line that is full", { concurrency: 1, queueLength: 1, queueWaitSeconds: 600 }, {}, 429],
  ["a wait in line that was in vain", { concurrency: 1, queueLength: 1, queueWaitSeconds: 1 }, {}, 429],
  ["what calls under way have reserved", { dailyCostNanos: 10_000_000 }, {}, 429],
  ["accounts that are full", {}, { maxConcurrency: 1 }, 529],
])(
  "a call that is refused for %s is told when to come again, and until when it may last",
  async (_, key, account, status) => {
    await rig.addAccount(account);
    const { secret } = await rig.addKey(key);
    const gone = new AbortController();
    const isSent = Promise.withResolvers<void>();
    const dispatch = () =>
      new Promise<never>((_resolve, reject) => {
        isSent.resolve();
        gone.signal.addEventListener("abort", () => reject(new Failure("client.gone")));
      });
    const env = { ...rig.env, dispatch };
    const body = { model: "claude-sonnet-4-5", max_tokens: 600, messages: [{ role: "user", content: "x" }] };
    const ask = { headers: { "x-api-key": secret }, body, signal: gone.signal };
    const first = call(messages, ask, env);
    await isSent.promise;
    // Another process over the same store: what stands there may have died.
    const other = { ...env };
    const later = Array.from({ length: key.queueWaitSeconds === 600 ? 2 : 1 }, () => call(messages, ask, other));
    const { answer, text } = await Promise.race(later);
    expect(answer.status).toBe(status);
    expect(Number(answer.headers["retry-after"])).toBeGreaterThan(0);
    const [until = ""] = /\d{4}-\d\d-\d\dT[\d:.]+Z/.exec(text) ?? [];
    expect(Date.parse(until)).toBeGreaterThan(rig.env.now());
    expect(Date.parse(until)).toBeLessThanOrEqual(rig.env.now() + fourMinutesMs);
    gone.abort(new Failure("client.gone"));
    await Promise.all([first, ...later]);
  },
);
