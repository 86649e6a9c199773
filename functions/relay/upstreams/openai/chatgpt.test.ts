import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { consent, openShop } from "../../../../test/admin/provider.ts";
import { type Rig, startRig } from "../../../../test/rig.ts";
import { chatgptAccountId } from "../../../../test/upstream/openai/oauth.ts";
import { startUpstream, type Upstream } from "../../../../test/upstream/upstream.ts";
import { chatgpt } from "./chatgpt.ts";
import { judge } from "../judge.ts";
import { readErrorBody } from "../provider-error.ts";
import { findProvider, type OauthProvider } from "../oauth/providers.ts";
import { buildAuthorizeUrl, buildPkce, exchangeCode, renew } from "../oauth/oauth.ts";

let rig: Rig;
let upstream: Upstream;
let provider: OauthProvider;

beforeEach(async () => {
  upstream = await startUpstream();
  rig = await startRig();
  const found = findProvider("chatgpt", {
    authorizeUrl: `${upstream.url}/oauth/authorize`,
    tokenUrl: `${upstream.url}/oauth/token`,
  });
  if (!found) throw new Error("ChatGPT has no sign-in");
  provider = found;
});

afterEach(async () => {
  await rig.stop();
  await upstream.stop();
});

async function signIn() {
  const pkce = buildPkce();
  const answer = await fetch(buildAuthorizeUrl(provider, pkce, "full"), { redirect: "manual" });
  // What the browser's address line shows at the end, where no page loads.
  const callback = new URL(answer.headers.get("location") ?? "");
  const given = { code: callback.searchParams.get("code") ?? "", state: pkce.state, verifier: pkce.verifier };
  return { callback, signedIn: await exchangeCode(provider, { ...given, variant: "full" }, rig.env) };
}

describe("signing in to ChatGPT", () => {
  test("ends at a loopback address, and its code buys tokens, the account's id and who it is", async () => {
    const { callback, signedIn } = await signIn();
    expect(callback.origin + callback.pathname).toBe("http://localhost:1455/auth/callback");
    expect(signedIn.subject).toBe("person@example.com");
    expect(signedIn.credential.extra).toEqual({ accountId: chatgptAccountId, planType: "plus" });
    expect((signedIn.credential.expiresAt ?? 0) - rig.env.now()).toBeGreaterThan(86_400_000);
    expect(signedIn.credential.refreshToken).toMatch(/^rt_/);
  });

  test("a refresh rotates the token and keeps the account's id; the spent one is refused", async () => {
    const { signedIn } = await signIn();
    const fresh = await renew(provider, signedIn.credential, undefined, rig.env);
    expect(fresh.refreshToken).not.toBe(signedIn.credential.refreshToken);
    expect(fresh.extra).toEqual(signedIn.credential.extra);
    await expect(renew(provider, signedIn.credential, undefined, rig.env)).rejects.toMatchObject({
      code: "credential.rejected",
      message: expect.stringContaining("refresh_token_reused") as unknown,
    });
  });

  test("a code bought with the wrong verifier is worth nothing", async () => {
    const pkce = buildPkce();
    const answer = await fetch(buildAuthorizeUrl(provider, pkce, "full"), { redirect: "manual" });
    const code = new URL(answer.headers.get("location") ?? "").searchParams.get("code") ?? "";
    const given = { code, state: pkce.state, verifier: buildPkce().verifier, variant: "full" as const };
    await expect(exchangeCode(provider, given, rig.env)).rejects.toMatchObject({ code: "credential.rejected" });
  });
});

test("the console's paste of the callback URL makes an account that can sign", async () => {
  const shop = await openShop();
  try {
    const urls = { authorizeUrl: `${shop.provider.url}/oauth/authorize`, tokenUrl: `${shop.provider.url}/oauth/token` };
    const body = { kind: "chatgpt", settings: urls };
    const { body: link } = await shop.admin("POST", "/admin/oauth/start", { body });
    const { url, state } = link as { url: string; state: string };
    const told = await shop.admin("POST", "/admin/oauth/finish", { body: { state, callbackUrl: await consent(url) } });
    expect(told.status).toBe(200);
    expect(told.body).toMatchObject({ kind: "chatgpt", subject: "person@example.com", canRefresh: true });
  } finally {
    await shop.stop();
  }
});

describe("ChatGPT's windows", () => {
  const headers = {
    "x-codex-primary-used-percent": "37.5",
    "x-codex-primary-window-minutes": "300",
    "x-codex-primary-reset-after-seconds": "9000",
    "x-codex-secondary-used-percent": "0",
    "x-codex-secondary-window-minutes": "10080",
    "x-codex-secondary-reset-at": "1763900000",
    date: "Sun, 22 Nov 2026 12:00:00 GMT",
  };

  test("are read with their names and ends, whichever way the end is told", () => {
    expect(chatgpt.windows?.(headers)).toEqual([
      { name: "5h", utilization: 0.375, resetAt: Date.parse("2026-11-22T14:30:00Z") },
      { name: "7d", utilization: 0, resetAt: 1_763_900_000_000 },
    ]);
  });

  test("that are not told are not invented", () => {
    expect(chatgpt.windows?.({})).toEqual([]);
    expect(chatgpt.windows?.({ "x-codex-primary-used-percent": "12" })).toEqual([
      { name: "primary", utilization: 0.12, resetAt: undefined },
    ]);
  });
});

describe("what OpenAI's refusals say, and about whom", () => {
  const nowAt = 1_763_800_000_000;
  const signal = (status: number, error: Record<string, unknown>, headers: Record<string, string> = {}) => ({
    status,
    headers,
    error: readErrorBody(JSON.stringify({ error }), headers),
    model: "gpt-5.5",
    nowAt,
  });
  const minutes = (count: number) => nowAt + count * 60_000;

  test.each([
    [
      "a spent window until its instant",
      429,
      { type: "usage_limit_reached", resets_at: nowAt / 1000 + 60 },
      {},
      "account",
      1,
    ],
    ["a spent window for its seconds", 429, { type: "usage_limit_reached", resets_in_seconds: 120 }, {}, "account", 2],
    ["an empty purse", 429, { code: "insufficient_quota" }, {}, "account", 5],
    ["a plan without Codex", 429, { type: "usage_not_included" }, {}, "account", 5],
    ["no balance", 402, { code: "insufficient_balance" }, {}, "account", 5],
    [
      "requests that ran out",
      429,
      { type: "requests" },
      { "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "3m0s" },
      "family:gpt",
      3,
    ],
    [
      "tokens that ran out",
      429,
      { type: "tokens" },
      { "x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "1h" },
      "family:gpt",
      60,
    ],
    ["a retry-after", 429, { type: "tokens" }, { "retry-after": "60" }, "family:gpt", 1],
  ] as const)("%s rests the one it is about", (_name, status, error, headers, scope, wanted) => {
    expect(judge(signal(status, error, headers))).toMatchObject({ kind: "cool", scope, untilAt: minutes(wanted) });
  });

  test("a dead workspace stops the account; a limit without a reset says nothing about it; a 400 is the client's", () => {
    expect(judge(signal(402, { code: "deactivated_workspace" })).kind).toBe("rejected");
    expect(judge(signal(401, { code: "token_expired" }))).toMatchObject({ kind: "rejected", mayRefresh: true });
    expect(judge(signal(429, { type: "tokens" })).kind).toBe("elsewhere");
    expect(judge(signal(503, { code: "server_is_overloaded" })).kind).toBe("elsewhere");
    expect(judge(signal(400, { code: "context_length_exceeded" })).kind).toBe("pass");
  });
});
