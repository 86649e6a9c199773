import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { buildRequest, call, readAnswer, type Rig, startRig } from "../../test/rig.ts";
import { startUpstream, type Upstream } from "../../test/upstream/upstream.ts";
import { handle as countTokens } from "../endpoints/relay/count-tokens.ts";
import { handle as messages } from "../endpoints/relay/messages.ts";
import type { Env } from "../env.ts";
import { rowName, slotOf } from "../core/limits/meter.ts";
import { readPool } from "../core/accounts/pool.ts";
import { takeSeat } from "../core/accounts/account-slot.ts";

let rig: Rig;
let upstream: Upstream;

beforeEach(async () => {
  upstream = await startUpstream();
  rig = await startRig();
});

afterEach(async () => {
  await rig.stop();
  await upstream.stop();
});

const ask = (secret: string, change: Record<string, unknown> = {}, headers: Record<string, string> = {}) => ({
  headers: { authorization: `Bearer ${secret}`, ...headers },
  body: {
    model: "claude-sonnet-4-5",
    max_tokens: 1000,
    stream: true,
    messages: [{ role: "user", content: "hello" }],
    ...change,
  },
});
const key = (secret: string) => ({ kind: "api-key", secret }) as const;

/** What the key's meters say is under way now: calls, nanos, tokens. */
async function underWay(id: string): Promise<number[]> {
  await rig.settled();
  const slot = slotOf(id, rig.env.now(), rig.env);
  const [values] = await rig.env.store.count([
    { row: slot.row, steps: [slot.inFlight, slot.reservedNanos, slot.reservedTokens].map((cell) => ({ cell, by: 0 })) },
  ]);
  return values ?? [];
}

describe("a relayed message", () => {
  test("goes up byte for byte and comes down byte for byte", async () => {
    await rig.addAccount({ baseUrl: upstream.url });
    const { secret } = await rig.addKey();
    const odd = Buffer.from(
      '{ "unknown":1,\n "model" :"claude-sonnet-4-5","max_tokens":9,"messages":[{"role":"user","content":"h\\u00e9😀"}], "stream":true }',
    );
    const { answer, text } = await call(messages, { ...ask(secret), query: "beta=true", body: odd }, rig.env);
    expect(answer.status).toBe(200);
    expect(text).toMatch(/message_stop/);
    const [received] = upstream.requests;
    expect(Buffer.compare(received?.body ?? Buffer.alloc(0), odd)).toBe(0);
    expect(received?.query).toBe("?beta=true");
    expect(JSON.stringify(received?.headers)).not.toContain(secret);
    expect(Buffer.concat(received?.sent ?? []).toString("utf8")).toBe(text);
  });

  test("leaves one event with the usage of its last figures", async () => {
    const account = await rig.addAccount({ baseUrl: upstream.url });
    const { secret, key: owner } = await rig.addKey({ dailyCostNanos: 1e9, concurrency: 2 });
    await call(
      messages,
      ask(secret, { messages: [{ role: "user", content: "[[sim:in=100,out=20,read=2000,w5m=400,w1h=600]]" }] }),
      rig.env,
    );
    const events = await rig.events();
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({
      key: owner.id,
      account: account.id,
      outcome: "complete",
      status: 200,
      usage: {
        inputTokens: 100,
        outputTokens: 20,
        cacheReadTokens: 2000,
        cacheWrite5mTokens: 400,
        cacheWrite1hTokens: 600,
      },
      costNanos: 6_300_000,
    });
    expect(await underWay(owner.id)).toEqual([0, 0, 0]);
  });

  test("counts tokens without touching a limit or the log", async () => {
    await rig.addAccount({ baseUrl: upstream.url });
    const { secret } = await rig.addKey({ concurrency: 1, windowMinutes: 60, windowRequests: 1 });
    for (let turn = 0; turn < 3; turn++) {
      const { answer } = await call(
        countTokens,
        { ...ask(secret, { stream: undefined }), path: "/v1/messages/count_tokens" },
        rig.env,
      );
      expect(answer.status).toBe(200);
    }
    expect(await rig.events()).toEqual([]);
  });
});

describe("a key's alias", () => {
  const opusToSonnet = { "claude-opus-*": "claude-sonnet-4-5" };
  const opus = (secret: string) => ask(secret, { model: "claude-opus-4-5" });

  test("changes the model's name in the body and no other byte, and is told", async () => {
    await rig.addAccount({ baseUrl: upstream.url });
    const { secret } = await rig.addKey({ aliases: opusToSonnet, dailyCostNanos: 1e12 });
    const { answer } = await call(messages, opus(secret), rig.env);
    const sent = JSON.stringify(opus(secret).body);
    expect(upstream.requests[0]?.body.toString()).toBe(sent.replace("claude-opus-4-5", "claude-sonnet-4-5"));
    expect(answer.headers["x-relay-rules"]).toBe("model claude-opus-4-5 -> claude-sonnet-4-5 (alias of the key)");
    expect((await rig.events())[0]).toMatchObject({ model: "claude-sonnet-4-5", rules: [/alias of the key/] });
  });

  test("unpacks a compressed body for it", async () => {
    await rig.addAccount({ baseUrl: upstream.url });
    const { secret } = await rig.addKey({ aliases: opusToSonnet });
    const packed = { headers: { "x-api-key": secret, "content-encoding": "zstd" } };
    const body = zstdCompressSync(JSON.stringify(opus(secret).body));
    expect((await call(messages, { ...packed, body }, rig.env)).answer.status).toBe(200);
    expect(upstream.requests[0]?.headers["content-encoding"]).toBeUndefined();
    expect(JSON.parse(upstream.requests[0]?.body.toString() ?? "")).toMatchObject({ model: "claude-sonnet-4-5" });
  });

  test("is what rights and limits speak of", async () => {
    await rig.addAccount({ baseUrl: upstream.url });
    const lists = await rig.addKey({ aliases: opusToSonnet, allowedModels: ["claude-sonnet-*"] });
    expect((await call(messages, opus(lists.secret), rig.env)).answer.status).toBe(200);
    const blocked = await rig.addKey({
      aliases: { "claude-haiku-*": "claude-opus-4-5" },
      blockedModels: ["claude-opus-*"],
    });
    const haiku = ask(blocked.secret, { model: "claude-haiku-4-5" });
    expect((await call(messages, haiku, rig.env)).answer.status).toBe(403);
    const { secret } = await rig.addKey({ aliases: opusToSonnet, weeklyFamilyCostNanos: { sonnet: 1 } });
    const statuses = [];
    for (let turn = 0; turn < 2; turn += 1) {
      statuses.push((await call(messages, opus(secret), rig.env)).answer.status);
      await rig.settled();
    }
    expect(statuses).toEqual([200, 429]);
  });

  test.each(["constructor", "__proto__", "toString"])("is none for a model called %s", async (model) => {
    await rig.addAccount({ baseUrl: upstream.url, aliases: { x: "y" } });
    const { secret } = await rig.addKey({ aliases: { x: "y" } });
    const body = JSON.stringify(ask(secret).body).replace("claude-sonnet-4-5", model);
    await call(messages, { ...ask(secret), body: Buffer.from(body) }, rig.env);
    expect(upstream.requests[0]?.body.toString()).toBe(body);
  });
});

describe("failover", () => {
  const failing = [
    "529",
    "500",
    "502",
    "503",
    "429",
    "429-bare",
    "429-5h",
    "401",
    "403",
    "reset",
    "not-http",
    "empty",
    "html",
    "error-first",
    "error-first=rate_limit_error",
  ];

  test.each(failing)("from an account that answers %s to the next one, before a byte is sent", async (fault) => {
    await rig.addAccount({ baseUrl: upstream.url, priority: 1 }, key(`sk-sim-${fault}`));
    const good = await rig.addAccount({ baseUrl: upstream.url, priority: 2 });
    const { secret } = await rig.addKey();
    const { answer, text } = await call(messages, ask(secret), rig.env);
    expect([answer.status, text.includes("message_stop"), text.includes("event: error")]).toEqual([200, true, false]);
    const [event] = await rig.events();
    expect(event?.account).toBe(good.id);
    expect(event?.attempts).toHaveLength(2);
  });

  test("from an account that cannot be reached", async () => {
    await rig.addAccount({ baseUrl: "http://127.0.0.1:1", priority: 1 });
    await rig.addAccount({ baseUrl: upstream.url, priority: 2 });
    const { secret } = await rig.addKey();
    expect((await call(messages, ask(secret), rig.env)).answer.status).toBe(200);
  });

  test.each(["400", "413", "404"])(
    "does not try elsewhere what is the client's own fault: %s passes in the provider's words",
    async (fault) => {
      await rig.addAccount({ baseUrl: upstream.url, priority: 1 }, key(`sk-sim-${fault}`));
      await rig.addAccount({ baseUrl: upstream.url, priority: 2 });
      const { secret } = await rig.addKey();
      const { answer, text } = await call(messages, ask(secret), rig.env);
      expect(answer.status).toBe(Number(fault));
      expect(JSON.parse(text)).toMatchObject({ type: "error" });
      expect(upstream.requests).toHaveLength(1);
    },
  );

  test("stops when all are spent, with the last provider's own status and words", async () => {
    await rig.addAccount({ baseUrl: upstream.url }, key("sk-sim-529"));
    const { secret } = await rig.addKey();
    const { answer, text } = await call(messages, ask(secret), rig.env);
    expect(answer.status).toBe(529);
    expect(JSON.parse(text)).toMatchObject({ type: "error", error: { type: "overloaded_error" } });
  });
});

describe("judgement", () => {
  test("529 and 5xx leave the account alone; a named reset rests it; a refused key stops it", async () => {
    const overloaded = await rig.addAccount({ baseUrl: upstream.url }, key("sk-sim-529.judge"));
    const { secret } = await rig.addKey({ bindings: { claude: overloaded.id } });
    await call(messages, ask(secret), rig.env);
    expect((await readPool(rig.env)).cooldowns.size).toBe(0);

    const limited = await rig.addAccount({ baseUrl: upstream.url }, key("sk-sim-429-5h"));
    const bound = await rig.addKey({ bindings: { claude: limited.id } });
    const first = await call(messages, ask(bound.secret), rig.env);
    expect([first.answer.status, first.answer.headers["retry-after"], first.answer.headers["x-should-retry"]]).toEqual([
      429,
      undefined,
      "false",
    ]);
    expect((await readPool(rig.env)).cooldowns.get(`${limited.id}/account`)?.untilAt).toBeGreaterThan(
      rig.env.now() + 60_000,
    );
    rig.pass(5_000);
    const second = await call(messages, ask(bound.secret), rig.env);
    expect([second.answer.status, second.answer.headers["x-should-retry"]]).toEqual([529, "false"]);
    expect(second.text).toMatch(/rests until/);

    const refused = await rig.addAccount({ baseUrl: upstream.url }, key("sk-sim-401"));
    const other = await rig.addKey({ bindings: { claude: refused.id } });
    const third = await call(messages, ask(other.secret), rig.env);
    expect([third.answer.status, third.answer.headers["x-should-retry"]]).toEqual([502, "false"]);
    await rig.settled();
    expect((await readPool(rig.env)).accountById.get(refused.id)?.stoppedBecause).toMatch(/401/);
  });

  test.each(["99999999999999999999", "Fri, 31 Dec 9999 23:59:59 GMT", "-5", "soon"])(
    "a reset that cannot be true rests an account for a month at most, and the next one serves: %s",
    async (reset) => {
      const account = await rig.addAccount({ baseUrl: upstream.url, priority: 1 }, key("sk-sim-429"));
      await rig.addAccount({ baseUrl: upstream.url, priority: 2 });
      const { secret } = await rig.addKey();
      const dispatch: Env["dispatch"] = async (outbound) => {
        const inbound = await rig.env.dispatch(outbound);
        return inbound.status === 429 ? { ...inbound, headers: { "retry-after": reset } } : inbound;
      };
      const env = { ...rig.env, dispatch };
      expect((await call(messages, ask(secret), env)).answer.status).toBe(200);
      const rests = [...(await readPool(env)).cooldowns.values()].filter((cooldown) => cooldown.account === account.id);
      for (const { untilAt } of rests) expect(untilAt).toBeLessThanOrEqual(env.now() + 32 * 86_400_000);
    },
  );

  test("one family's window rests that family only", async () => {
    const account = await rig.addAccount({ baseUrl: upstream.url }, key("sk-sim-429-opus"));
    const { secret } = await rig.addKey();
    await call(messages, ask(secret, { model: "claude-opus-4-5" }), rig.env);
    expect([...(await readPool(rig.env)).cooldowns.keys()]).toEqual([`${account.id}/family:opus`]);
  });
});

test("a key that was replaced while its call was under way does not stop the account", async () => {
  const account = await rig.addAccount({ baseUrl: upstream.url }, key("sk-sim-slow-headers=150+401"));
  const { secret } = await rig.addKey();
  const called = call(messages, ask(secret), rig.env);
  await upstream.until(() => upstream.requests.length === 1);
  await rig.addAccount({ id: account.id, baseUrl: upstream.url }, key("sk-sim-ok"));
  expect((await called).answer.status).toBe(502);
  await rig.settled();
  expect((await readPool(rig.env)).accountById.get(account.id)?.stoppedBecause).toBeUndefined();
  rig.pass(5_000);
  expect((await call(messages, ask(secret), rig.env)).answer.status).toBe(200);
});

test("accounts that are full are passed over however many they are, and are no tries", async () => {
  for (let priority = 1; priority <= 6; priority += 1) {
    const full = await rig.addAccount({ baseUrl: upstream.url, priority, maxConcurrency: 1 });
    await takeSeat(full, rig.env);
  }
  const free = await rig.addAccount({ baseUrl: upstream.url, priority: 7 });
  const { secret } = await rig.addKey();
  expect((await call(messages, ask(secret), rig.env)).answer.status).toBe(200);
  expect((await rig.events())[0]).toMatchObject({ account: free.id });
});

describe("money at the edges", () => {
  test("a client that hangs up is charged for what it saw, and the upstream is cut at once", async () => {
    await rig.addAccount({ baseUrl: upstream.url }, key("sk-sim-pace=20+deltas=200"));
    const { secret, key: owner } = await rig.addKey({ concurrency: 1, dailyCostNanos: 1e9 });
    const client = new AbortController();
    const answer = await messages(buildRequest({ ...ask(secret), signal: client.signal }), rig.env);
    let seen = 0;
    await readAnswer(answer, (chunk) => {
      seen += chunk.length;
      if (seen > 600) client.abort();
    });
    const [event] = await rig.events();
    expect(event).toMatchObject({ outcome: "gone", status: 499, isUndelivered: true });
    expect(event?.usage.inputTokens).toBeGreaterThan(0);
    expect(event?.costNanos).toBeGreaterThan(0);
    expect(await underWay(owner.id)).toEqual([0, 0, 0]);
    await expect.poll(() => upstream.stats.open).toBe(0);
  });

  test.each<[boolean, string | object[], number]>([
    [true, "x".repeat(40_000), 10_000],
    [false, "x".repeat(40_000), 10_000],
    [true, [{ type: "document", source: { type: "url", url: "https://a.example/long.pdf" } }], 200_000],
  ])(
    "a client that leaves before the answer pays what was sent, as a marked guess (stream: %s, %.20s)",
    async (stream, content, leastTokens) => {
      const account = await rig.addAccount({ baseUrl: upstream.url }, key("sk-sim-slow-headers"));
      const { secret, key: owner } = await rig.addKey({ concurrency: 1, totalCostNanos: 1e9 });
      const client = new AbortController();
      const asked = ask(secret, { stream, messages: [{ role: "user", content }] });
      const called = call(messages, { ...asked, signal: client.signal }, rig.env);
      await upstream.until(() => upstream.requests.length === 1);
      client.abort();
      expect((await called).answer.status).toBe(499);
      const [event] = await rig.events();
      expect(event).toMatchObject({ outcome: "gone", isEstimated: true, account: account.id, isUndelivered: true });
      expect(event?.usage.inputTokens).toBeGreaterThanOrEqual(leastTokens);
      expect(event?.attempts).toMatchObject([{ account: account.id, charge: "charged", costNanos: event?.costNanos }]);
      expect(event?.costNanos).toBeGreaterThan(0);
      expect(await underWay(owner.id)).toEqual([0, 0, 0]);
    },
  );

  test("a stream that breaks ends with the dialect's error event and is charged for what was seen", async () => {
    await rig.addAccount({ baseUrl: upstream.url }, key("sk-sim-cut=5"));
    const { secret, key: owner } = await rig.addKey({ concurrency: 1 });
    const { text } = await call(messages, ask(secret), rig.env);
    expect(text.trimEnd().split("\n\n").at(-1)).toMatch(
      /^event: error\ndata: \{"type":"error","error":\{"type":"api_error"/,
    );
    const [event] = await rig.events();
    expect(event).toMatchObject({ outcome: "broken" });
    expect(event?.usage.inputTokens).toBeGreaterThan(0);
    expect(await underWay(owner.id)).toEqual([0, 0, 0]);
  });

  test("an early end is never made to look clean", async () => {
    await rig.addAccount({ baseUrl: upstream.url }, key("sk-sim-end=4"));
    const { secret } = await rig.addKey();
    const { text } = await call(messages, ask(secret), rig.env);
    expect(text).toMatch(/event: error/);
    expect((await rig.events())[0]?.outcome).toBe("broken");
  });

  test("40 parallel calls on a key with one cent left overspend by at most one call's estimation error", async () => {
    await rig.addAccount({ baseUrl: upstream.url }, key("sk-sim-pace=5"));
    const { secret, key: owner } = await rig.addKey({ totalCostNanos: 10_000_000, dailyCostNanos: 10_000_000 });
    const content = "[[sim:in=1000,out=400,pace=5]]";
    const answers = await Promise.all(
      Array.from({ length: 40 }, () => call(messages, ask(secret, { messages: [{ role: "user", content }] }), rig.env)),
    );
    const served = answers.filter(({ answer }) => answer.status === 200).length;
    const spent = (await rig.events()).reduce((sum, event) => sum + event.costNanos, 0);
    expect(served).toBeGreaterThan(0);
    expect(answers.every(({ answer }) => answer.status === 200 || answer.status === 429)).toBe(true);
    const oneCall = (await rig.events())[0]?.costNanos ?? 0;
    expect(spent).toBeLessThanOrEqual(10_000_000 + oneCall);
    const [total] = await rig.env.store.count([{ row: rowName(owner.id, "total"), steps: [{ cell: 2, by: 0 }] }]);
    expect(total).toEqual([spent]);
    expect(await underWay(owner.id)).toEqual([0, 0, 0]);
  });

  test("a compressed request reserves what its text may cost", async () => {
    await rig.addAccount({ baseUrl: upstream.url }, key("sk-sim-slow-headers=300"));
    const { secret, key: owner } = await rig.addKey({ dailyCostNanos: 1e12 });
    const content = "x".repeat(400_000);
    const body = gzipSync(JSON.stringify(ask(secret, { messages: [{ role: "user", content }] }).body));
    const headers = { "x-api-key": secret, "content-encoding": "gzip" };
    const called = call(messages, { headers, body }, rig.env);
    await upstream.until(() => upstream.requests.length === 1);
    // A token for each four bytes, at 3 dollars a million.
    expect((await underWay(owner.id))[1]).toBeGreaterThan(100_000 * 3_000);
    await called;
  });

  test("a figure that cannot be true, and one that is missing, are told to the log", async () => {
    await rig.addAccount({ baseUrl: upstream.url });
    const { secret } = await rig.addKey();
    for (const content of ["[[sim:in=-50000,out=3]]", "[[sim:usage=none]]", "[[sim:in=7,out=3]]"])
      await call(messages, ask(secret, { messages: [{ role: "user", content }] }), rig.env);
    await rig.settled();
    const told = rig.logged.filter(({ event }) => event.startsWith("usage ")).map(({ event }) => event);
    expect(told).toEqual(["usage clamped", "usage missing"]);
  });

  test("negative and missing usage is estimated and marked: neither a refund nor free", async () => {
    await rig.addAccount({ baseUrl: upstream.url });
    const { secret } = await rig.addKey();
    await call(messages, ask(secret, { messages: [{ role: "user", content: "[[sim:in=-50000,out=-3]]" }] }), rig.env);
    await call(messages, ask(secret, { messages: [{ role: "user", content: "[[sim:usage=none]]" }] }), rig.env);
    const events = await rig.events();
    expect(events.map(({ isEstimated }) => isEstimated)).toEqual([true, true]);
    expect(Math.min(...events.map(({ costNanos }) => costNanos))).toBeGreaterThan(0);
  });
});

test("what remains of a window is told with each answer, and with the refusal when it is spent", async () => {
  await rig.addAccount({ baseUrl: upstream.url });
  const { secret } = await rig.addKey({ windowMinutes: 60, windowRequests: 2, windowTokens: 1_000_000 });
  const told = [];
  for (let turn = 0; turn < 3; turn += 1) {
    const { answer } = await call(messages, ask(secret), rig.env);
    const { headers } = answer;
    const reset = headers["anthropic-ratelimit-requests-reset"] ?? "";
    expect(Date.parse(reset) % 3_600_000).toBe(0);
    expect(headers["anthropic-ratelimit-tokens-limit"]).toBe("1000000");
    told.push([answer.status, headers["anthropic-ratelimit-requests-remaining"]]);
  }
  expect(told).toEqual([
    [200, "1"],
    [200, "0"],
    [429, "0"],
  ]);
});

describe("waiting and places", () => {
  const slow = () => rig.addAccount({ baseUrl: upstream.url }, key("sk-sim-pace=10+deltas=10"));

  test("a call over the concurrency limit is refused at once where the key has no queue, with the limit named", async () => {
    await slow();
    const { secret } = await rig.addKey({ concurrency: 1 });
    const [one, other] = await Promise.all([
      call(messages, ask(secret), rig.env),
      call(messages, ask(secret), rig.env),
    ]);
    expect([one.answer.status, other.answer.status].sort()).toEqual([200, 429]);
    const refused = one.answer.status === 429 ? one : other;
    expect(refused.text).toMatch(/concurrency limit of 1/);
    expect(refused.answer.headers["anthropic-ratelimit-requests-remaining"]).toBeUndefined();
    expect(refused.answer.headers["retry-after"]).toBe("2");
  });

  test("calls that wait get their turn in order, and one beyond the queue's length is refused", async () => {
    await slow();
    const { secret, key: owner } = await rig.addKey({ concurrency: 1, queueLength: 3, queueWaitSeconds: 20 });
    const order: number[] = [];
    const calls = Array.from({ length: 5 }, async (_, index) => {
      await new Promise((resolve) => setTimeout(resolve, index * 15));
      const { answer } = await call(messages, ask(secret), rig.env);
      if (answer.status === 200) order.push(index);
      return answer.status;
    });
    expect(await Promise.all(calls)).toEqual([200, 200, 200, 200, 429]);
    expect(order).toEqual([0, 1, 2, 3]);
    expect(await underWay(owner.id)).toEqual([0, 0, 0]);
  });

  test("a caller that leaves the queue frees its place", async () => {
    await slow();
    const { secret } = await rig.addKey({ concurrency: 1, queueLength: 1, queueWaitSeconds: 20 });
    const first = call(messages, ask(secret), rig.env);
    const leaving = new AbortController();
    const left = call(messages, { ...ask(secret), signal: leaving.signal }, rig.env);
    setTimeout(() => leaving.abort(), 30);
    expect((await left).answer.status).toBe(499);
    expect((await call(messages, ask(secret), rig.env)).answer.status).toBe(200);
    expect((await first).answer.status).toBe(200);
  });

  test("an account with as many calls as it may have is passed over, and has its places back afterwards", async () => {
    const full = await rig.addAccount(
      { baseUrl: upstream.url, priority: 1, maxConcurrency: 1 },
      key("sk-sim-pace=10+deltas=10"),
    );
    await rig.addAccount({ baseUrl: upstream.url, priority: 2 });
    const { secret } = await rig.addKey();
    const answers = await Promise.all([1, 2, 3].map(() => call(messages, ask(secret), rig.env)));
    expect(answers.map(({ answer }) => answer.status)).toEqual([200, 200, 200]);
    expect((await rig.events()).filter((event) => event.account === full.id)).toHaveLength(1);
    expect(await underWay(full.id)).toEqual([0, 0, 0]);
  });
});

test("the bytes of a call that failed upstream are held by nobody afterwards", async () => {
  await rig.addAccount({ baseUrl: upstream.url });
  const { secret } = await rig.addKey();
  const held: WeakRef<Buffer>[] = [];
  const fail = async (behaviour: string) => {
    upstream.behave(behaviour);
    const asked = ask(secret, { messages: [{ role: "user", content: "x".repeat(100_000) }] });
    const body = Buffer.from(JSON.stringify(asked.body));
    held.push(new WeakRef(body));
    await call(messages, { ...asked, body }, rig.env);
  };
  for (const behaviour of ["error-after=2", "error-first", "cut=3", "500", "400"]) await fail(behaviour);
  await rig.settled();
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
  expect(held.map((body) => body.deref()?.length)).toEqual(held.map(() => undefined));
});
