import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { call, startRig, type Rig } from "../../../test/rig.ts";
import { chatgptAccountId } from "../../../test/upstream/openai/oauth.ts";
import { startUpstream, type Upstream } from "../../../test/upstream/upstream.ts";
import type { ApiKey } from "../../core/keys/key.ts";
import { cells, rowName } from "../../core/limits/meter.ts";
import { dayOf, weekOf } from "../../core/limits/period.ts";
import { usageLog } from "../../core/usage/log.ts";
import { buildEvent } from "../../../test/usage.ts";
import { handle as codeAssist } from "./code-assist.ts";
import { handle as countTokens } from "./count-tokens.ts";
import { handle as messages } from "./messages.ts";
import { handle as ownKey } from "./own-key.ts";
import { handle as responses } from "./responses.ts";

// A Wednesday, 16:00 UTC.
const startAt = Date.UTC(2026, 9, 7, 16);
let rig: Rig;
let upstream: Upstream;
beforeEach(async () => {
  upstream = await startUpstream();
  rig = await startRig({ startAt, environment: { LIMIT_MESSAGE: "Ask ops@example.com." } });
});
afterEach(async () => {
  await rig.stop();
  await upstream.stop();
});

const claudeCode = {
  "user-agent": "claude-cli/2.1.332 (external, cli)",
  "x-app": "cli",
  "anthropic-beta": "claude-code-20250219",
};
const codex = { originator: "codex_cli_rs", "user-agent": "codex_cli_rs/0.171.0 (Linux)" };
const bearer = (secret: string, headers: Record<string, string> = claudeCode) => ({
  headers: { authorization: `Bearer ${secret}`, ...headers },
});
const hello = { model: "claude-sonnet-4-5", max_tokens: 10, messages: [{ role: "user", content: "hello" }] };
const probe = { model: "claude-sonnet-4-5", max_tokens: 1, messages: [{ role: "user", content: "quota" }] };

/** A key that has spent a part of its limits. */
async function keyThatSpent(change: Partial<ApiKey>, costNanos: number) {
  const made = await rig.addKey(change);
  const { day, week } = { day: dayOf(startAt, rig.env.config), week: weekOf(startAt, 1, 0, rig.env.config) };
  const steps = [{ cell: cells.costNanos, by: costNanos }];
  await rig.env.store.count([day.name, week.name, "total"].map((name) => ({ row: rowName(made.key.id, name), steps })));
  return { ...made, day, week };
}
const signedIn = (accessToken: string) => ({ kind: "oauth", accessToken, expiresAt: startAt + 3_600_000 }) as const;
const claude = () => rig.addAccount({ kind: "claude", baseUrl: upstream.url }, signedIn("sk-ant-oat01-sim-ok"));
const limitNames = (headers: Record<string, string>) =>
  Object.keys(headers).filter((name) => /ratelimit|^x-codex-(?!turn-state)/.test(name));
const unified = (headers: Record<string, string>) =>
  Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => name.startsWith("anthropic-ratelimit-unified-"))
      .map(([name, value]) => [name.slice("anthropic-ratelimit-unified-".length), value]),
  );

describe("the limits of an account", () => {
  test("are shown to a key that has none of its own", async () => {
    await claude();
    const { secret } = await rig.addKey();
    const { answer } = await call(messages, { ...bearer(secret), body: hello }, rig.env);
    expect(limitNames(answer.headers)).toContain("anthropic-ratelimit-unified-5h-utilization");
  });

  test.each([
    { concurrency: 3 },
    { dailyCostNanos: 1e9 },
    { weeklyFamilyCostNanos: { opus: 1e9 } },
    { windowMinutes: 60, windowRequests: 5 },
    { totalTokens: 1_000_000 },
  ])("never reach a key with a limit of its own: %o", async (limits) => {
    await claude();
    const { secret } = await rig.addKey(limits);
    const { answer } = await call(messages, { ...bearer(secret), body: hello }, rig.env);
    expect(answer.status).toBe(200);
    expect(limitNames(answer.headers).filter((name) => /unified-(5h|7d)-|input-tokens/.test(name))).toEqual([]);
    const counted = await call(
      countTokens,
      { ...bearer(secret), path: "/api/v1/messages/count_tokens", body: hello },
      rig.env,
    );
    expect([counted.answer.status, limitNames(counted.answer.headers)]).toEqual([200, []]);
  });

  test("nor do ChatGPT's windows, while its turn state does", async () => {
    const { accessToken } = upstream.chatgpt.issue();
    const credential = { ...signedIn(accessToken), extra: { accountId: chatgptAccountId } };
    await rig.addAccount({ kind: "chatgpt", baseUrl: `${upstream.url}/backend-api/codex` }, credential);
    const ask = { path: "/openai/responses", body: { model: "gpt-5-codex", input: "x", stream: true } };
    const free = await rig.addKey();
    const { answer } = await call(responses, { ...ask, ...bearer(free.secret, codex) }, rig.env);
    expect(answer.headers).toHaveProperty("x-codex-primary-used-percent");
    const limited = await rig.addKey({ concurrency: 3 });
    const { headers } = (await call(responses, { ...ask, ...bearer(limited.secret, codex) }, rig.env)).answer;
    expect(limitNames(headers)).toEqual([]);
    expect(headers).toHaveProperty("x-codex-turn-state");
  });
});

describe("Claude Code is told its key's budget", () => {
  const seconds = (at: number) => String(at / 1000);

  test.each([
    [0.5, { status: "allowed" }],
    [0.8, { status: "allowed_warning", "overage-surpassed-threshold": "0.75" }],
    [0.96, { status: "allowed_warning", "overage-surpassed-threshold": "0.95" }],
  ])("in the headers that it draws its notice from, at %f of a day's budget", async (part, expected) => {
    await claude();
    const { secret, day } = await keyThatSpent({ dailyCostNanos: 20e9 }, part * 20e9);
    const { answer } = await call(messages, { ...bearer(secret), body: hello }, rig.env);
    expect(unified(answer.headers)).toEqual({
      ...{ "representative-claim": "overage", "overage-status": expected.status, "overage-utilization": String(part) },
      ...{ reset: seconds(day.endAt), "overage-reset": seconds(day.endAt), ...expected },
    });
  });

  test("by the limit that is nearest to its end, with a week's and five hours' beside it where it has such", async () => {
    await claude();
    const limits = { dailyCostNanos: 100e9, weeklyCostNanos: 20e9, windowMinutes: 300, windowRequests: 4 };
    const { secret, week } = await keyThatSpent(limits, 18e9);
    const { headers } = (await call(messages, { ...bearer(secret), body: hello }, rig.env)).answer;
    expect(unified(headers)).toMatchObject({
      ...{ "overage-utilization": "0.9", "overage-surpassed-threshold": "0.9", "overage-reset": seconds(week.endAt) },
      ...{ "7d-utilization": "0.9", "7d-reset": seconds(week.endAt), "5h-utilization": "0.25" },
    });
  });

  test("and a spent one in one answer that it words well and does not repeat, with the operator's own words", async () => {
    await claude();
    const { secret, day } = await keyThatSpent({ dailyCostNanos: 20e9 }, 20e9);
    for (const name of ["first", "remembered"]) {
      const { answer, text } = await call(messages, { ...bearer(secret), body: hello }, rig.env);
      expect([name, answer.status, answer.headers["x-should-retry"]]).toEqual([name, 429, "false"]);
      expect(Number(answer.headers["retry-after"])).toBeGreaterThan(0);
      expect(unified(answer.headers)).toEqual({
        ...{ status: "rejected", reset: seconds(day.endAt), "overage-reset": seconds(day.endAt) },
        ...{ "overage-utilization": "1", "overage-surpassed-threshold": "1" },
        ...{ "overage-disabled-reason": "org_spend_cap_reached" },
      });
      const { error } = JSON.parse(text) as { error: { type: string; message: string } };
      expect(error.type).toBe("billing_error");
      expect(error.message).toMatch(/daily cost limit of \$20\. It resets .* Ask ops@example\.com\.$/);
    }
    const large = { ...hello, messages: [{ role: "user", content: "x".repeat(2_000_000) }] };
    const size = { "content-length": String(JSON.stringify(large).length) };
    const early = await call(messages, { ...bearer(secret, { ...claudeCode, ...size }), body: large }, rig.env);
    expect(unified(early.answer.headers)).toMatchObject({ status: "rejected" });
  });

  test("but a call that may be repeated in a moment is told so, and nothing is spent", async () => {
    await rig.addAccount({ baseUrl: upstream.url }, { kind: "api-key", secret: "sk-sim-pace=10+deltas=10" });
    const { secret } = await rig.addKey({ concurrency: 1 });
    const two = await Promise.all([1, 2].map(() => call(messages, { ...bearer(secret), body: hello }, rig.env)));
    const refused = two.find(({ answer }) => answer.status === 429);
    expect(refused?.answer.headers["x-should-retry"]).toBeUndefined();
    expect(unified(refused?.answer.headers ?? {})).toEqual({});
    expect(refused?.text).not.toMatch(/ops@/);
  });

  test("by its probe at the start, which is answered here and costs nothing", async () => {
    await claude();
    const { secret, key } = await keyThatSpent({ dailyCostNanos: 20e9 }, 16e9);
    const { answer, text } = await call(messages, { ...bearer(secret), body: probe }, rig.env);
    expect(answer.status).toBe(200);
    expect(unified(answer.headers)).toMatchObject({ "overage-utilization": "0.8" });
    expect(JSON.parse(text)).toMatchObject({
      type: "message",
      role: "assistant",
      content: [],
      usage: { input_tokens: 0 },
    });
    expect(upstream.requests).toEqual([]);
    expect(await rig.events()).toEqual([]);
    const [[requests] = []] = await rig.env.store.count([
      { row: rowName(key.id, "2026-10-07"), steps: [{ cell: cells.requests, by: 0 }] },
    ]);
    expect(requests).toBe(0);
  });

  test.each([
    ["another program's", probe, {}],
    ["a longer one", { ...probe, max_tokens: 2 }, claudeCode],
    ["a person's", { ...probe, messages: [{ role: "user", content: "quota?" }] }, claudeCode],
    ["one with a system prompt", { ...probe, system: "Be brief." }, claudeCode],
    ["a streamed one", { ...probe, stream: true }, claudeCode],
  ])("while a request that is like it goes up: %s", async (_name, body, headers) => {
    await rig.addAccount({ baseUrl: upstream.url });
    const { secret } = await rig.addKey();
    expect((await call(messages, { ...bearer(secret, headers), body }, rig.env)).answer.status).toBe(200);
    expect(upstream.requests).toHaveLength(1);
  });
});

describe("the spend that /usage shows", () => {
  const usage = async (secret: string) => {
    const ask = { method: "GET", path: "/api/api/oauth/usage", ...bearer(secret) };
    return JSON.parse((await call(ownKey, ask, rig.env)).text) as unknown;
  };

  test("is what is left of the budget that is nearest to its end, in cents", async () => {
    const { secret, week } = await keyThatSpent({ dailyCostNanos: 100e9, weeklyCostNanos: 20e9 }, 16.37e9);
    const resets = new Date(week.endAt).toISOString();
    expect(await usage(secret)).toMatchObject({
      extra_usage: { is_enabled: true, monthly_limit: 2_000, used_credits: 1_637, utilization: 81.85, currency: "USD" },
      limits: [
        { kind: "spend", group: "weekly", percent: 81.85, resets_at: resets, severity: "warning", is_active: true },
      ],
    });
  });

  test("is that of today, this week and this month where there is no cap", async () => {
    const { secret, key } = await rig.addKey();
    const day = 86_400_000;
    const spent = [0, 2, 6, 7].map((days) => ({
      id: `d${days}`,
      at: startAt - days * day,
      costNanos: 10 ** days * 1e7,
    }));
    for (const each of spent)
      await rig.env.store.append(usageLog, JSON.stringify(buildEvent({ key: key.id, ...each })));
    expect(await usage(secret)).toMatchObject({
      extra_usage: {
        is_enabled: true,
        monthly_limit: null,
        used_credits: 1_000_101,
        utilization: null,
        currency: "USD",
      },
      daily: { limit: null, used_credits: 1, utilization: null },
      weekly: { limit: null, used_credits: 101, utilization: null },
      limits: [],
    });
  });

  test("is nobody else's", async () => {
    const { answer } = await call(ownKey, { method: "GET", path: "/api/api/oauth/usage" }, rig.env);
    expect(answer.status).toBe(401);
  });
});

describe("Codex is told its key's budget", () => {
  const ask = { path: "/openai/responses", body: { model: "gpt-5-codex", input: "x", stream: true } };

  test("in the headers of its banner, a whole budget that never resets apart", async () => {
    await rig.addAccount({ kind: "openai", baseUrl: upstream.url });
    const limits = { dailyCostNanos: 100e9, weeklyCostNanos: 20e9, totalCostNanos: 17e9 };
    const { secret, day, week } = await keyThatSpent(limits, 16e9);
    const { headers } = (await call(responses, { ...ask, ...bearer(secret, codex) }, rig.env)).answer;
    expect(headers).toMatchObject({
      ...{ "x-codex-primary-used-percent": "80", "x-codex-primary-window-minutes": "10080" },
      ...{ "x-codex-primary-reset-at": String(week.endAt / 1000), "x-codex-secondary-used-percent": "16" },
      ...{ "x-codex-secondary-window-minutes": "1440", "x-codex-secondary-reset-at": String(day.endAt / 1000) },
    });
  });

  test("and a spent one with the operator's words in place of an offer", async () => {
    await rig.addAccount({ kind: "openai", baseUrl: upstream.url });
    const { secret } = await keyThatSpent({ weeklyCostNanos: 20e9 }, 20e9);
    const { answer, text } = await call(responses, { ...ask, ...bearer(secret, codex) }, rig.env);
    expect(JSON.parse(text)).toMatchObject({ error: { type: "usage_limit_reached" } });
    expect(answer.headers).toMatchObject({
      "x-codex-promo-message": "Ask ops@example.com",
      "x-codex-primary-used-percent": "100",
    });
  });
});

describe("Gemini CLI is told its key's budget", () => {
  const gemini = "GeminiCLI-tui/0.61.0/gemini-2.5-pro (linux; x64; terminal) google-api-nodejs-client/10.9.0";
  const tell = async (secret: string, method: string) => {
    const ask = {
      path: `/gemini/v1internal:${method}`,
      ...bearer(secret, { "user-agent": gemini }),
      body: { project: "p" },
    };
    const { answer, text } = await call(codeAssist, ask, rig.env);
    expect(answer.status).toBe(200);
    return JSON.parse(text) as Record<string, unknown>;
  };
  beforeEach(async () => {
    const credential = { ...signedIn("ya29-sim-ok"), extra: { project: "sim-project" } };
    await rig.addAccount({ kind: "code-assist", baseUrl: upstream.url }, credential);
  });

  test("as the quota of each model and as the name of its plan", async () => {
    const { secret, week } = await keyThatSpent({ weeklyCostNanos: 20e9 }, 16e9);
    const resetTime = new Date(week.endAt).toISOString();
    const bucket = { modelId: "gemini-2.5-pro", tokenType: "REQUESTS", remainingFraction: 0.2, resetTime };
    expect(await tell(secret, "retrieveUserQuota")).toEqual({ buckets: [bucket] });
    expect(await tell(secret, "loadCodeAssist")).toMatchObject({
      paidTier: { name: "Relay key · $16 of $20 used" },
      cloudaicompanionProject: "sim-project",
    });
  });

  test("and sees the account's own where the key has no budget", async () => {
    const { secret } = await rig.addKey();
    expect(await tell(secret, "retrieveUserQuota")).toMatchObject({ buckets: [{ remainingFraction: 0.5 }] });
    expect(await tell(secret, "loadCodeAssist")).not.toHaveProperty("paidTier");
  });
});
