import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildRequest, type Rig, startRig } from "../../../test/rig.ts";
import { anthropicDialect } from "../dialects/anthropic/anthropic.ts";
import type { Env } from "../../env.ts";
import { toFailure } from "../../failure.ts";
import { type ApiKey, keyDefaults } from "../../core/keys/key.ts";
import type { Permit } from "../../core/limits/limit.ts";
import { buildPool } from "../../core/accounts/pool.ts";
import { noUsage } from "../../core/money/usage.ts";
import { admit } from "./admit.ts";
import { settle } from "./settle.ts";

const pool = buildPool({}, "1");
/** Sonnet 4.5: 15 dollars a million tokens of answer. */
const nanosPerToken = 15_000;
const models = { sonnet: "claude-sonnet-4-5", opus: "claude-opus-4-5" };
/** Dearer: 25 dollars. */
const opusNanosPerToken = 25_000;

let rig: Rig;
beforeAll(async () => (rig = await startRig()));
afterAll(() => rig.stop());

let keys = 0;
function keyOf(change: Partial<ApiKey>): ApiKey {
  keys += 1;
  return { ...keyDefaults, id: `key${keys}`, hash: "h", prefix: "cr_", name: "Ann", createdAt: 0, ...change };
}

function callOf(model: string, maxTokens = 1) {
  const body = Buffer.from(
    JSON.stringify({ model, max_tokens: maxTokens, messages: [{ role: "user", content: "x" }] }),
  );
  return anthropicDialect.read(buildRequest({ body }), body);
}

/** The rig's relay, in another zone and at an instant of its own. */
function at(now: () => number, zone: { TIMEZONE?: string; TIMEZONE_OFFSET: number }): Env {
  return {
    ...rig.env,
    now,
    config: { ...rig.env.config, TIMEZONE: zone.TIMEZONE, TIMEZONE_OFFSET: zone.TIMEZONE_OFFSET },
  };
}

let calls = 0;
async function end(permit: Permit, model: string, outputTokens: number, env: Env): Promise<void> {
  calls += 1;
  const ms = { queue: 0, select: 0, head: 0, first: 0, total: 0 };
  settle(
    {
      ...{
        requestId: `admit-${calls}`,
        startedAt: env.now(),
        permit,
        call: callOf(model),
        pool,
        ip: "::1",
        status: 200,
      },
      ...{
        outcome: "complete",
        failure: undefined,
        blame: undefined,
        account: "a",
        model,
        answerModel: undefined,
        clientStatus: 200,
      },
      ...{ usage: { ...noUsage(), outputTokens }, isEstimated: false, attempts: [], candidates: [], rules: [], ms },
      windows: undefined,
      traceparent: undefined,
    },
    env,
  );
  await rig.settled();
}

async function spend(key: ApiKey, model: string, outputTokens: number, env: Env): Promise<void> {
  await end(await admit(key, callOf(model), pool, env), model, outputTokens, env);
}

const refusalOf = (key: ApiKey, env: Env, model = models.sonnet) =>
  admit(key, callOf(model), pool, env).then(
    (permit) => {
      permit.inFlight?.leave();
      return undefined;
    },
    (error: unknown) => toFailure(error),
  );

const utc = { TIMEZONE_OFFSET: 0 };
const noon = Date.UTC(2026, 10, 25, 12);

describe("a spent limit", () => {
  const tokens = 1_000;
  const limits: [string, Partial<ApiKey>, string, string | undefined][] = [
    ["daily cost", { dailyCostNanos: tokens * nanosPerToken }, "limit.cost", "2026-11-26T00:00:00.000Z"],
    [
      "weekly cost",
      { weeklyCostNanos: tokens * nanosPerToken, weeklyResetDay: 4, weeklyResetHour: 9 },
      "limit.cost",
      "2026-11-26T09:00:00.000Z",
    ],
    [
      "weekly sonnet cost",
      { weeklyFamilyCostNanos: { sonnet: tokens * nanosPerToken }, weeklyResetDay: 3, weeklyResetHour: 13 },
      "limit.cost",
      "2026-11-25T13:00:00.000Z",
    ],
    ["total cost", { totalCostNanos: tokens * nanosPerToken }, "limit.cost", undefined],
    ["total token", { totalTokens: tokens }, "limit.tokens", undefined],
    ["60-minute token", { windowMinutes: 60, windowTokens: tokens }, "limit.tokens", "2026-11-25T13:00:00.000Z"],
    ["60-minute request", { windowMinutes: 60, windowRequests: 1 }, "limit.requests", "2026-11-25T13:00:00.000Z"],
    [
      "60-minute cost",
      { windowMinutes: 60, windowCostNanos: tokens * nanosPerToken },
      "limit.cost",
      "2026-11-25T13:00:00.000Z",
    ],
  ];

  test.each(limits)("of %s is named with its value and its reset", async (name, change, code, reset) => {
    const env = at(() => noon, utc);
    const key = keyOf(change);
    await spend(key, models.sonnet, tokens, env);
    const failure = await refusalOf(key, env);
    expect(failure?.code).toBe(code);
    expect(failure?.message).toContain(`has reached its ${name} limit of `);
    expect(failure?.message).toContain(code === "limit.cost" ? "$0.015" : code === "limit.tokens" ? "1,000" : "1 ");
    expect(failure?.isRetryable).toBe(false);
    if (reset === undefined) expect(failure?.message).not.toContain("resets");
    else expect(failure?.message).toContain(`It resets at ${reset}.`);
    const wait = reset === undefined ? undefined : (Date.parse(reset) - noon) / 1000;
    expect(failure?.retryAfterSeconds).toBe(wait);
  });

  test("of one model family refuses that family and no other", async () => {
    const env = at(() => noon, utc);
    const key = keyOf({ weeklyFamilyCostNanos: { opus: 1 }, weeklyCostNanos: 1e15 });
    await spend(key, models.opus, 10, env);
    expect((await refusalOf(key, env, models.opus))?.message).toMatch(/weekly opus cost/);
    expect(await refusalOf(key, env, models.sonnet)).toBeUndefined();
    expect((await refusalOf(key, env, models.opus))?.message).toMatch(/weekly opus cost/);
  });

  test("that is raised lets the next call in, and one that is only looked at asks the store no more", async () => {
    const env = at(() => noon, utc);
    const key = keyOf({ dailyCostNanos: 1 });
    await spend(key, models.sonnet, 10, env);
    await refusalOf(key, env);
    const silent = { ...env, store: { ...env.store, count: () => Promise.reject(new Error("asked")) } };
    expect((await refusalOf(key, env))?.code).toBe("limit.cost");
    expect(await refusalOf({ ...key, dailyCostNanos: 1e15 }, env)).toBeUndefined();
    expect((await refusalOf(key, silent))?.code).toBe("internal");
  });
});

test.each([-1e12, 0.5, Number.NaN, 1e300])(
  "an answer's bound of %d reserves nothing less than the request",
  async (bound) => {
    const env = at(() => noon, utc);
    const key = keyOf({ totalTokens: 1e9, totalCostNanos: 1e15 });
    const permit = await admit(key, { ...callOf(models.sonnet), maxOutputTokens: bound }, pool, env);
    permit.inFlight?.leave();
    expect(permit.inFlight?.share.tokens).toBeGreaterThan(0);
    expect(permit.inFlight?.share.nanos).toBeGreaterThan(0);
  },
);

test("what a dead process left in a slot refuses nobody when its cells come round again, not even calls side by side", async () => {
  const key = keyOf({ concurrency: 8, dailyCostNanos: 1e12 });
  let now = Date.UTC(2026, 10, 3, 12);
  const env = at(() => now, { TIMEZONE_OFFSET: 0 });
  const fill = () => Promise.all(Array.from({ length: 8 }, () => admit(key, callOf(models.sonnet), pool, env)));
  await fill();
  await expect(admit(key, callOf(models.sonnet), pool, env)).rejects.toMatchObject({ code: "limit.concurrency" });
  await rig.settled();
  // Nobody carries them on or ends them: their process is gone.
  for (let round = 0; round < 3; round += 1) {
    now += 16 * 60_000;
    expect(await fill()).toHaveLength(8);
    await expect(admit(key, callOf(models.sonnet), pool, env)).rejects.toMatchObject({ code: "limit.concurrency" });
    await rig.settled();
  }
});

test("a call that asks for a cache of an hour reserves its input at that price", async () => {
  const key = keyOf({ totalCostNanos: 1e15 });
  const reserve = async (ttl: object) => {
    const content = [{ type: "text", text: "x".repeat(30_000), cache_control: { type: "ephemeral", ...ttl } }];
    const body = Buffer.from(
      JSON.stringify({ model: models.sonnet, max_tokens: 0, messages: [{ role: "user", content }] }),
    );
    const permit = await admit(
      key,
      anthropicDialect.read(buildRequest({ body }), body),
      pool,
      at(() => noon, utc),
    );
    permit.inFlight?.leave();
    return permit.inFlight?.share.nanos ?? 0;
  };
  // 10,000 tokens at 3.75 and at 6 dollars a million, and a little for the rest of the body.
  expect(await reserve({})).toBeGreaterThan(10_000 * 3_750);
  expect(await reserve({ ttl: "1h" })).toBeGreaterThan(10_000 * 6_000);
});

/** What a wall clock shows, by Intl's own words: the oracle knows nothing of the periods' arithmetic. */
function wallOf(instant: number, zone: { TIMEZONE?: string; TIMEZONE_OFFSET: number }): number {
  if (zone.TIMEZONE === undefined) return instant + zone.TIMEZONE_OFFSET * 3_600_000;
  const words = new Date(instant).toLocaleString("sv-SE", { timeZone: zone.TIMEZONE });
  return Date.parse(`${words.replace(" ", "T")}Z`) + (((instant % 1000) + 1000) % 1000);
}

const dayMs = 86_400_000;
const zones = [
  utc,
  { TIMEZONE_OFFSET: 8 },
  { TIMEZONE_OFFSET: -3.5 },
  // Berlin at 2 and 3 o'clock, New York at 2; Lord Howe by half an hour; Cairo, Santiago and Nuuk around midnight.
  ...[
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Africa/Cairo",
    "America/Santiago",
    "America/Nuuk",
  ].map((TIMEZONE) => ({ TIMEZONE, TIMEZONE_OFFSET: 8 })),
  { TIMEZONE: "Asia/Kathmandu", TIMEZONE_OFFSET: 0 },
];

/** Instants around which something changes: every midnight UTC is near one, and so are the clock changes of 2026 and 2027. */
const changes = [
  [2026, 2, 8],
  [2026, 2, 28],
  [2026, 2, 29],
  [2026, 3, 4],
  [2026, 3, 24],
  [2026, 8, 5],
  [2026, 9, 3],
  [2026, 9, 24],
  [2026, 9, 25],
  [2026, 9, 29],
  [2026, 10, 1],
  [2026, 11, 31],
  [2027, 2, 27],
].map(([year = 0, month = 0, day = 0]) => Date.UTC(year, month, day));
const instants = fc
  .tuple(fc.constantFrom(...changes), fc.integer({ min: -30 * 3_600_000, max: 30 * 3_600_000 }))
  .map(([base, off]) => base + off);

interface Kind {
  readonly limit: (nanos: number) => Partial<ApiKey>;
  /** Names the period of an instant. */
  readonly name: (instant: number, zone: (typeof zones)[number], key: ApiKey) => string;
}

const dayName: Kind["name"] = (instant, zone) => String(Math.floor(wallOf(instant, zone) / dayMs));
const weekName: Kind["name"] = (instant, zone, { weeklyResetDay, weeklyResetHour }) => {
  const day = Math.floor((wallOf(instant, zone) - weeklyResetHour * 3_600_000) / dayMs);
  // Day 4 of the epoch was a Monday.
  return String(Math.floor((day - 4 - (weeklyResetDay - 1)) / 7));
};

const kinds: readonly Kind[] = [
  { limit: (nanos) => ({ dailyCostNanos: nanos }), name: dayName },
  { limit: (nanos) => ({ weeklyCostNanos: nanos }), name: weekName },
  { limit: (nanos) => ({ weeklyFamilyCostNanos: { sonnet: nanos } }), name: weekName },
  {
    limit: (nanos) => ({ windowMinutes: 90, windowCostNanos: nanos }),
    name: (instant) => String(Math.floor(instant / 5_400_000)),
  },
];

test("the reset that is told is the very instant at which the meter begins anew, whatever the clock does around it", async () => {
  await fc.assert(
    fc.asyncProperty(
      instants,
      fc.constantFrom(...zones),
      fc.constantFrom(...kinds),
      fc.integer({ min: 1, max: 7 }),
      fc.integer({ min: 0, max: 23 }),
      async (first, zone, kind, weeklyResetDay, weeklyResetHour) => {
        let now = first;
        const env = at(() => now, zone);
        const key = keyOf({ ...kind.limit(nanosPerToken), weeklyResetDay, weeklyResetHour });
        await spend(key, models.sonnet, 1, env);
        const message = (await refusalOf(key, env))?.message ?? "";
        const reset = Date.parse(/It resets at (\S+Z)\./.exec(message)?.[1] ?? "");
        expect(reset).toBeGreaterThan(first);
        expect(kind.name(reset - 1, zone, key)).toBe(kind.name(first, zone, key));
        expect(kind.name(reset, zone, key)).not.toBe(kind.name(first, zone, key));
        now = reset - 1;
        expect((await refusalOf(key, env))?.message).toBe(message);
        now = reset;
        expect(await refusalOf(key, env)).toBeUndefined();
        await rig.settled();
      },
    ),
    { numRuns: 120 },
  );
});

interface Past {
  readonly at: number;
  readonly model: string;
  readonly tokens: number;
  readonly nanos: number;
}

/** The limits by the book: a plain sum over every call so far. */
function mayCall(
  key: ApiKey,
  past: readonly Past[],
  now: number,
  zone: (typeof zones)[number],
  model: string,
): boolean {
  const sum = (name: Kind["name"] | undefined, of: (call: Past) => number, family?: string) =>
    past
      .filter((call) => !name || name(call.at, zone, key) === name(now, zone, key))
      .filter((call) => family === undefined || call.model === family)
      .reduce((total, call) => total + of(call), 0);
  const nanos = (call: Past) => call.nanos;
  const tokens = (call: Past) => call.tokens;
  const windowName: Kind["name"] = (instant) => String(Math.floor(instant / (key.windowMinutes * 60_000)));
  const under = (used: number, limit: number) => limit === 0 || used < limit;
  return (
    under(sum(dayName, nanos), key.dailyCostNanos) &&
    under(sum(weekName, nanos), key.weeklyCostNanos) &&
    (model !== models.opus || under(sum(weekName, nanos, models.opus), key.weeklyFamilyCostNanos["opus"] ?? 0)) &&
    under(
      sum(windowName, () => 1),
      key.windowRequests,
    ) &&
    under(sum(windowName, tokens), key.windowTokens) &&
    under(sum(windowName, nanos), key.windowCostNanos) &&
    under(sum(undefined, nanos), key.totalCostNanos) &&
    under(sum(undefined, tokens), key.totalTokens)
  );
}

test("two weeks of calls on keys with every limit are let in and refused as a plain sum over all of them says", async () => {
  const call = fc.record({
    pauseMs: fc.integer({ min: 1, max: 9 * 3_600_000 }),
    model: fc.constantFrom(models.sonnet, models.opus),
    tokens: fc.integer({ min: 0, max: 2_000 }),
  });
  const limit = (most: number) => fc.oneof(fc.constant(0), fc.integer({ min: 1, max: most }));
  const million = nanosPerToken * 1_000;
  const limits = fc.record({
    dailyCostNanos: limit(4 * million),
    weeklyCostNanos: limit(20 * million),
    weeklyFamilyCostNanos: limit(10 * million).map((opus): Record<string, number> => (opus > 0 ? { opus } : {})),
    weeklyResetDay: fc.integer({ min: 1, max: 7 }),
    weeklyResetHour: fc.integer({ min: 0, max: 23 }),
    windowMinutes: fc.constantFrom(45, 300, 1_440),
    windowRequests: limit(6),
    windowTokens: limit(6_000),
    windowCostNanos: limit(8 * million),
    totalCostNanos: limit(60 * million),
    totalTokens: limit(60_000),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...changes),
      fc.constantFrom(...zones),
      limits,
      fc.array(call, { minLength: 20, maxLength: 60 }),
      async (base, zone, change, all) => {
        let now = base - 7 * dayMs;
        const env = at(() => now, zone);
        const key = keyOf(change);
        const past: Past[] = [];
        for (const { pauseMs, model, tokens } of all) {
          now += pauseMs;
          const isExpected = mayCall(key, past, now, zone, model);
          const permit = await admit(key, callOf(model), pool, env).catch(toFailure);
          expect({ at: now, let: !(permit instanceof Error) }).toEqual({ at: now, let: isExpected });
          if (permit instanceof Error) {
            await rig.settled();
            continue;
          }
          await end(permit, model, tokens, env);
          past.push({
            at: now,
            model,
            tokens,
            nanos: tokens * (model === models.opus ? opusNanosPerToken : nanosPerToken),
          });
        }
      },
    ),
    { numRuns: 25 },
  );
});
