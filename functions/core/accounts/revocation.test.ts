import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { setTimeout as pause } from "node:timers/promises";
import { handle } from "../../endpoints/relay/messages.ts";
import type { Env } from "../../env.ts";
import { buildRequest, readAnswer, startRig, type Rig } from "../../../test/rig.ts";
import { startUpstream, type Upstream } from "../../../test/upstream/upstream.ts";
import { putKey, removeKey, type ApiKey } from "../keys/key.ts";
import { accountColumns, accountFields, putPool } from "./pool.ts";

let rig: Rig;
let upstream: Upstream;
beforeEach(async () => {
  [rig, upstream] = await Promise.all([startRig(), startUpstream()]);
  // A stream of half a minute: it ends before that only if somebody ends it.
  await rig.addAccount({ id: "a", baseUrl: upstream.url }, { kind: "api-key", secret: "sk-sim-pace=100+deltas=300" });
});
afterEach(async () => {
  await rig.stop();
  await upstream.stop();
});

/** Another process on the same store. */
const other = (config: Partial<Env["config"]> = {}): Env => ({ ...rig.env, config: { ...rig.env.config, ...config } });

interface Call {
  /** The first event has come. */
  readonly begun: Promise<void>;
  /** All that came. */
  readonly text: Promise<string>;
  abort(): void;
}

function ask(secret: string, env: Env, isStream = true): Call {
  const begun = Promise.withResolvers<void>();
  const client = new AbortController();
  const run = async () => {
    const body = {
      model: "claude-sonnet-4-5",
      max_tokens: 256,
      stream: isStream,
      messages: [{ role: "user", content: "x" }],
    };
    const answer = await handle(buildRequest({ headers: { "x-api-key": secret }, body, signal: client.signal }), env);
    let text = "";
    await readAnswer(answer, (chunk) => {
      text += Buffer.from(chunk).toString();
      begun.resolve();
    });
    return text;
  };
  return { begun: begun.promise, text: run().catch((error: unknown) => String(error)), abort: () => client.abort() };
}

const keyChanges: Record<string, (key: ApiKey) => Promise<void>> = {
  "its key is disabled": (key) => putKey(key, { isEnabled: false }, rig.env),
  "its key is deleted": (key) => putKey(key, { deletedAt: 1 }, rig.env),
  "its key is purged": (key) => putKey(key, { deletedAt: 1 }, rig.env).then(() => removeKey(key, rig.env)),
};
const accountChanges: Record<string, () => Promise<void>> = {
  "its account is paused": () => putPool(accountFields("a", { isEnabled: false }), rig.env),
  "its account is deleted": () => putPool(accountColumns("a"), rig.env),
};
const changes: Record<string, (key: ApiKey) => Promise<void>> = { ...keyChanges, ...accountChanges };

describe.each(["this", "another"])("a stream under way at %s process", (where) => {
  test.each(Object.keys(changes))(
    "ends with a reason and is settled when %s",
    async (what) => {
      const env = where === "this" ? rig.env : other({ REVOKE_CHECK_SECONDS: 2 });
      const { key, secret } = await rig.addKey();
      const { secret: second } = await rig.addKey();
      const [call, bystander] = [ask(secret, env), ask(second, env)];
      await Promise.all([call.begun, bystander.begun]);
      await changes[what]?.(key);
      expect(await call.text).toMatch(/event: error\ndata: .*(disabled or deleted|paused or deleted)/);
      const events = (await rig.events()).filter((event) => event.key === key.id);
      expect(events).toMatchObject([{ outcome: "broken", isEstimated: true }]);
      expect(events[0]?.costNanos).toBeGreaterThan(0);
      // Whoever has another key goes on, unless it was the account that went.
      const isAlone = what in keyChanges;
      if (isAlone)
        expect(await Promise.race([bystander.text.then(() => "ended"), pause(3_000, "goes on")])).toBe("goes on");
      bystander.abort();
      await bystander.text;
    },
    20_000,
  );
});

test("with REVOKE_CHECK_SECONDS=0 calls run on", async () => {
  const env = other({ REVOKE_CHECK_SECONDS: 0 });
  const { key, secret } = await rig.addKey();
  const call = ask(secret, env);
  await call.begun;
  await putKey(key, { isEnabled: false }, env);
  expect(await Promise.race([call.text.then(() => "ended"), pause(3_000, "goes on")])).toBe("goes on");
  call.abort();
  await call.text;
});

test("a change that is none of theirs ends no call, and looking costs one command for all of them", async () => {
  const calls: string[] = [];
  const store = new Proxy(rig.env.store, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== "function") return value;
      return (...args: unknown[]) => {
        calls.push(String(name));
        return Reflect.apply(value, target, args) as unknown;
      };
    },
  });
  const env = { ...other({ REVOKE_CHECK_SECONDS: 2 }), store };
  const secrets = await Promise.all(Array.from({ length: 5 }, () => rig.addKey()));
  const asked = secrets.map(({ secret }) => ask(secret, env));
  await Promise.all(asked.map(({ begun }) => begun));
  calls.length = 0;
  await pause(4_500);
  const looks = calls.filter((name) => name === "find");
  expect(looks.length).toBeGreaterThan(0);
  expect(looks.length).toBeLessThanOrEqual(2);
  expect(calls).toEqual(looks);
  await putPool(accountFields("a", { priority: 3 }), rig.env);
  const { key } = await rig.addKey();
  await putKey(key, { isEnabled: false }, rig.env);
  const ended = asked.map(({ text }) => text.then(() => "ended"));
  expect(await Promise.race([...ended, pause(3_000, "go on")])).toBe("go on");
  for (const call of asked) call.abort();
  await Promise.all(asked.map(({ text }) => text));
}, 20_000);
