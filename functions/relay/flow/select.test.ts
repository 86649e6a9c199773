import { describe, expect, test } from "vitest";
import { bridgesFrom } from "../bridges/bridge.ts";
import { anthropicDialect } from "../dialects/anthropic/anthropic.ts";
import type { Account } from "../../core/accounts/account.ts";
import type { ApiKey } from "../../core/keys/key.ts";
import { keyDefaults } from "../../core/keys/key.ts";
import { buildPool } from "../../core/accounts/pool.ts";
import { anthropic } from "../upstreams/anthropic/anthropic.ts";
import { gemini } from "../upstreams/google/gemini.ts";
import { buildRequest } from "../../../test/rig.ts";
import { explainNone, rank } from "./select.ts";

const noon = Date.UTC(2026, 9, 7, 12);
const minuteMs = 60_000;
const hourMs = 3_600_000;
const utc = { TIMEZONE_OFFSET: 0 };
const places = { upstreams: { anthropic }, bridges: [] };
const key: ApiKey = { ...keyDefaults, id: "k1", hash: "", prefix: "cr_", name: "Ann", createdAt: 0 };

function callOf(session: string | undefined, model = "claude-sonnet-5") {
  const body = { model, max_tokens: 9, messages: [{ role: "user", content: "hi" }] };
  const call = anthropicDialect.read(buildRequest({ body }), Buffer.from(JSON.stringify(body)));
  return { ...call, session };
}

/** A pool of accounts that can serve, with whatever else stands in its table. */
function poolOf(accounts: Record<string, Partial<Account>>, more: Record<string, unknown> = {}) {
  const fields: Record<string, unknown> = { ...more };
  for (const [id, change] of Object.entries(accounts)) {
    const columns = { kind: "anthropic", credential: "sealed", ...change };
    for (const [column, value] of Object.entries(columns)) fields[`account/${id}/${column}`] = value;
  }
  const text = Object.entries(fields).map(([field, value]) => [field, JSON.stringify(value)]);
  return buildPool(Object.fromEntries(text) as Record<string, string>, "1");
}

type Pool = ReturnType<typeof poolOf>;

const order = (pool: Pool, session: string | undefined, now = noon, zone: Parameters<typeof rank>[4]["zone"] = utc) =>
  rank(callOf(session), key, pool, places, { now, zone }).candidates.map(({ id }) => id);

const sessions = Array.from({ length: 2_000 }, (_, index) => `session-${index}`);

/** How many of the sessions go to each account first. */
function spread(pool: Pool, now = noon): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const session of sessions) {
    const first = order(pool, session, now)[0] ?? "nobody";
    counts[first] = (counts[first] ?? 0) + 1;
  }
  return counts;
}

const window = (utilization: number, resetAt = noon + hourMs) => [{ name: "5h", utilization, resetAt }];

describe("an account with hours of service", () => {
  const night = poolOf({ a: { schedule: { fromHour: 22, toHour: 6 } } });

  test("serves within them, past midnight too, and not outside", () => {
    const at = (hour: number) => order(night, "s", Date.UTC(2026, 9, 7, hour)).length;
    expect(Array.from({ length: 24 }, (_, hour) => at(hour))).toEqual([
      ...[1, 1, 1, 1, 1, 1],
      ...Array.from({ length: 16 }, () => 0),
      ...[1, 1],
    ]);
  });

  test("counts them by the relay's zone", () => {
    expect(order(night, "s", Date.UTC(2026, 9, 7, 16), { TIMEZONE: "Asia/Shanghai", TIMEZONE_OFFSET: 0 })).toEqual([
      "a",
    ]);
    expect(order(night, "s", Date.UTC(2026, 9, 7, 23), { TIMEZONE: "Asia/Shanghai", TIMEZONE_OFFSET: 0 })).toEqual([]);
  });

  test("is passed over with the hours as the reason and the instant at which it is back", () => {
    const now = noon + 17 * minuteMs;
    const { passedOver } = rank(callOf("s"), key, night, places, { now, zone: utc });
    expect(passedOver).toEqual([
      { account: "a", reason: "serves from 22:00 to 6:00 only", untilAt: Date.UTC(2026, 9, 7, 22) },
    ]);
    expect(explainNone(callOf("s"), passedOver, now).message).toContain("2026-10-07T22:00:00.000Z");
  });
});

test.each([
  ["Asia/Kolkata", noon, 22, noon + 4.5 * hourMs],
  // The clock goes back in between: 2 o'clock is eleven hours after 16.
  ["Europe/Berlin", Date.UTC(2026, 9, 24, 14), 2, Date.UTC(2026, 9, 25, 0)],
  // And here it is set ahead from 2 to 3.
  ["Europe/Berlin", Date.UTC(2026, 2, 28, 14), 2, Date.UTC(2026, 2, 29, 1)],
])("in %s an account is back when the local clock says so", (TIMEZONE, now, fromHour, backAt) => {
  const pool = poolOf({ a: { schedule: { fromHour, toHour: (fromHour + 2) % 24 } } });
  const zone = { TIMEZONE, TIMEZONE_OFFSET: 0 };
  const at = (when: number) => rank(callOf("s"), key, pool, places, { now: when, zone });
  expect(at(now).passedOver[0]?.untilAt).toBe(backAt);
  expect([at(backAt - 1), at(backAt)].map(({ candidates }) => candidates.length)).toEqual([0, 1]);
});

describe("a key's binding", () => {
  const pool = (change: Record<string, Partial<Account>> = {}) =>
    poolOf({
      mine: { isDedicated: true, priority: 90 },
      grouped: { groups: ["g"], priority: 80 },
      both: { groups: ["g"], isDedicated: true, priority: 80 },
      shared: { priority: 1 },
      ...change,
    });
  const served = (change: Partial<ApiKey>, given = pool()) => {
    const { candidates } = rank(callOf("s"), { ...key, ...change }, given, places, { now: noon, zone: utc });
    return candidates.map(({ id }) => id).sort();
  };
  const resting = { account: "mine", scope: "account", untilAt: noon + 1, sinceAt: 0, reason: "429" };

  test("to an account leads to it alone, dedicated or not, and the shared ones serve everybody else", () => {
    expect(served({ bindings: { claude: "mine" } })).toEqual(["mine"]);
    expect(served({ bindings: { claude: "shared" } })).toEqual(["shared"]);
    expect(served({})).toEqual(["grouped", "shared"]);
  });

  test("to a group leads to its accounts alone", () => {
    expect(served({ bindings: { claude: "group:g" } })).toEqual(["both", "grouped"]);
    expect(served({ bindings: { claude: "group:none" } })).toEqual([]);
  });

  test("of another service says nothing here", () => {
    expect(served({ bindings: { openai: "mine" } })).toEqual(["grouped", "shared"]);
  });

  test.each([
    ["rests", poolOf({ mine: { isDedicated: true }, shared: {} }, { "cooldown/mine/account": resting })],
    ["is paused", poolOf({ mine: { isDedicated: true, isEnabled: false }, shared: {} })],
    ["is stopped", poolOf({ mine: { isDedicated: true, stoppedBecause: "401" }, shared: {} })],
  ])("to an account that %s is served by the shared ones if the key may fall back, else by none", (_, given) => {
    expect(served({ bindings: { claude: "mine" } }, given)).toEqual([]);
    expect(served({ bindings: { claude: "mine" }, mayFallBack: true }, given)).toEqual(["shared"]);
  });

  test("is tried before what it may fall back to", () => {
    const { candidates } = rank(
      callOf("s"),
      { ...key, bindings: { claude: "mine" }, mayFallBack: true },
      pool(),
      places,
      { now: noon, zone: utc },
    );
    expect(candidates[0]?.id).toBe("mine");
  });
});

describe("an account whose window fills up", () => {
  test("gets fewer of the sessions at each mark, and its share again when the window is reset", () => {
    const sharesAt = [0.2, 0.6, 0.8, 0.95].map((utilization) => {
      const counts = spread(poolOf({ a: {}, b: {} }, { "window/a": window(utilization) }));
      return (counts.a ?? 0) / sessions.length;
    });
    // Its weight against the other's 1: 1, 0.5, 0.2, 0.05.
    for (const [index, weight] of [1, 0.5, 0.2, 0.05].entries()) {
      expect(sharesAt[index]).toBeCloseTo(weight / (weight + 1), 1);
    }
    const full = poolOf({ a: {}, b: {} }, { "window/a": window(0.95) });
    expect((spread(full, noon + hourMs).a ?? 0) / sessions.length).toBeCloseTo(0.5, 1);
  });

  test("by its fullest window, and keeps serving where it is the only one", () => {
    const samples = [...window(0.1), { name: "7d", utilization: 0.97, resetAt: noon + 40 * hourMs }];
    expect(spread(poolOf({ a: {} }, { "window/a": samples }))).toEqual({ a: sessions.length });
    expect(spread(poolOf({ a: {}, b: {} }, { "window/a": samples })).a ?? 0).toBeLessThan(sessions.length / 10);
  });

  test("takes no session away from another account: whoever moves leaves the fuller one", () => {
    const before = poolOf({ a: {}, b: {}, c: {} });
    const after = poolOf({ a: {}, b: {}, c: {} }, { "window/a": window(0.6) });
    const moved = sessions.filter((session) => order(before, session)[0] !== order(after, session)[0]);
    expect(moved.length).toBeGreaterThan(0);
    expect(new Set(moved.map((session) => order(before, session)[0]))).toEqual(new Set(["a"]));
  });
});

describe("a session that went elsewhere while its account rested", () => {
  const until = noon + 10 * minuteMs;
  const cooldown = { account: "a", scope: "account", untilAt: until, sinceAt: noon, reason: "429" };
  const pool = poolOf({ a: { priority: 1 }, b: {}, c: {} }, { "cooldown/a/account": cooldown });

  test("stays there until the account has been well again for a prompt cache's lifetime, then returns", () => {
    const during = order(pool, "s", until - 1)[0];
    expect(during).not.toBe("a");
    expect(order(pool, "s", until)[0]).toBe(during);
    expect(order(pool, "s", until + 5 * minuteMs - 1)[0]).toBe(during);
    expect(order(pool, "s", until + 5 * minuteMs)[0]).toBe("a");
  });

  test.each(['{"ttl":"1h"}', '{"ttl": "1h"}'])("stays for an hour if it asks for a cache of an hour: %s", (control) => {
    const call = { ...callOf("s"), body: Buffer.from(`{"system":[{"cache_control":${control}}]}`) };
    const first = (now: number) => rank(call, key, pool, places, { now, zone: utc }).candidates[0]?.id;
    expect(first(until + 60 * minuteMs - 1)).not.toBe("a");
    expect(first(until + 60 * minuteMs)).toBe("a");
  });

  test("has the rested account as its last resort meanwhile", () => {
    expect(order(pool, "s", until).at(-1)).toBe("a");
  });

  test("does not hold up calls without a session, which have no cache to lose", () => {
    expect(order(pool, undefined, until)[0]).toBe("a");
  });

  test("nor those of a model family that the rest was not about", () => {
    const opus = { ...cooldown, scope: "family:opus" };
    const resting = poolOf({ a: { priority: 1 }, b: {} }, { "cooldown/a/family:opus": opus });
    expect(order(resting, "s", noon)[0]).toBe("a");
    const moment = { now: noon, zone: utc };
    expect(rank(callOf("s", "claude-opus-4-8"), key, resting, places, moment).candidates[0]?.id).toBe("b");
  });
});

describe("a model that is at home at one of two providers", () => {
  const bridged = { upstreams: { anthropic, gemini }, bridges: bridgesFrom("anthropic") };
  const serving = (pool: Pool, model: string) =>
    rank(callOf("s", model), key, pool, bridged, { now: noon, zone: utc }).candidates.map(({ id }) => id);

  test("is asked for there only, though the other speaks the client's language", () => {
    const both = poolOf({ a: {}, g: { kind: "gemini" } });
    expect(serving(both, "gemini-3-pro")).toEqual(["g"]);
    expect(serving(both, "claude-sonnet-5")).toEqual(["a"]);
    const { passedOver } = rank(callOf("s", "gemini-3-pro"), key, both, bridged, { now: noon, zone: utc });
    expect(passedOver).toEqual([
      { account: "a", reason: "does not know the model gemini-3-pro, which another account does" },
    ]);
  });

  test("is not asked for elsewhere while its account rests", () => {
    const rest = { account: "g", scope: "account", untilAt: noon + minuteMs, sinceAt: noon, reason: "429" };
    expect(serving(poolOf({ a: {}, g: { kind: "gemini" } }, { "cooldown/g/account": rest }), "gemini-3-pro")).toEqual(
      [],
    );
  });

  test("is asked for at every account that lists it or has an alias for it, and at any where none does", () => {
    const pool = poolOf({
      a: { models: ["gemini-*"] },
      g: { kind: "gemini", aliases: { "claude-*": "gemini-3-pro" } },
    });
    expect(serving(pool, "gemini-3-pro").sort()).toEqual(["a", "g"]);
    expect(serving(poolOf({ a: {}, b: {} }), "claude-sonnet-5").sort()).toEqual(["a", "b"]);
    expect(serving(poolOf({ a: {}, g: { kind: "gemini" } }), "glm-5")).toEqual(["a"]);
  });
});

test("sessions stay where they are when an account is added, but for those that it takes", () => {
  const before = poolOf({ a: {}, b: {} });
  const after = poolOf({ a: {}, b: {}, c: {} });
  const moved = sessions.filter((session) => order(before, session)[0] !== order(after, session)[0]);
  expect(new Set(moved.map((session) => order(after, session)[0]))).toEqual(new Set(["c"]));
  expect(moved.length / sessions.length).toBeCloseTo(1 / 3, 1);
});

describe("of a thousand accounts", () => {
  const accounts = Object.fromEntries(
    Array.from({ length: 1_000 }, (_, index) => [`a${index}`, { priority: 1 + (index % 2), weight: 1 + (index % 3) }]),
  );
  const pool = poolOf(accounts);
  const ranked = (session: string, most?: number) =>
    rank(callOf(session), key, pool, places, { now: noon, zone: utc, ...(most ? { most } : {}) }).candidates;

  test("a call is offered the first 20 of the order of all", () => {
    for (const session of sessions.slice(0, 20)) {
      const all = ranked(session, Infinity);
      expect(new Set(all).size).toBe(1_000);
      expect(all.map(({ priority }) => priority)).toEqual(all.map(({ priority }) => priority).sort());
      expect(ranked(session)).toEqual(all.slice(0, 20));
    }
  });
});
