import { createHash, randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ask } from "../ask.ts";
import { startUpstream, type Upstream } from "../upstream.ts";

let upstream: Upstream;
const redirectUri = "https://example.com/oauth/code/callback";

beforeAll(async () => {
  upstream = await startUpstream();
});
afterAll(() => upstream.stop());

interface Answer {
  status: number;
  body: Record<string, string>;
}

async function token(fields: Record<string, string | number>): Promise<Answer> {
  const headers = { "content-type": "application/json" };
  const response = await fetch(`${upstream.url}/v1/oauth/token`, {
    method: "POST",
    headers,
    body: JSON.stringify(fields),
  });
  return { status: response.status, body: (await response.json()) as Record<string, string> };
}

/** Goes through the consent page; answers the fields that a right exchange would send. */
async function consent(more: Record<string, string> = {}): Promise<Record<string, string>> {
  const verifier = randomBytes(32).toString("base64url");
  const challenge = createHash("sha256").update(verifier).digest("base64url");
  const query = new URLSearchParams({
    ...{ client_id: "cli", response_type: "code", redirect_uri: redirectUri, state: "s1" },
    ...{ code_challenge: challenge, code_challenge_method: "S256", ...more },
  });
  const response = await fetch(`${upstream.url}/oauth/authorize?${query}`, { redirect: "manual" });
  const location = new URL(response.headers.get("location") ?? "");
  expect(location.origin + location.pathname).toBe(redirectUri);
  const [code, state] = [location.searchParams.get("code") ?? "", location.searchParams.get("state") ?? ""];
  return {
    grant_type: "authorization_code",
    client_id: "cli",
    redirect_uri: redirectUri,
    code,
    state,
    code_verifier: verifier,
  };
}

function signedIn(accessToken: string, path: string, beta = "oauth-2025-04-20") {
  const headers: Record<string, string> = { authorization: `Bearer ${accessToken}`, "anthropic-beta": beta };
  return ask(upstream.url, { key: "", path, method: path.startsWith("/api") ? "GET" : "POST", headers });
}

test("a code is exchanged with the right verifier, and once only", async () => {
  const fields = await consent();
  const { status, body } = await token(fields);
  expect([status, body.token_type, body.expires_in]).toEqual([200, "Bearer", 28_800]);
  expect(body.access_token).toMatch(/^sk-ant-oat01-/);
  expect(await token(fields)).toMatchObject({ status: 400, body: { error: "invalid_grant" } });
});

test.each([
  ["verifier", { code_verifier: "wrong" }],
  ["client", { client_id: "other" }],
  ["redirect", { redirect_uri: "https://example.com/other" }],
  ["state", { state: "s2" }],
])("a code is refused with a wrong %s", async (_what, wrong) => {
  expect(await token({ ...(await consent()), ...wrong })).toMatchObject({
    status: 400,
    body: { error: "invalid_grant" },
  });
});

test("a sign-in without an S256 challenge is refused", async () => {
  const query = `client_id=cli&response_type=code&redirect_uri=${encodeURIComponent(redirectUri)}&code_challenge=x`;
  expect((await fetch(`${upstream.url}/oauth/authorize?${query}`, { redirect: "manual" })).status).toBe(400);
});

test("a refresh token rotates: used twice, even at once, it works once", async () => {
  const { refreshToken } = upstream.oauth.issue();
  const fields = { grant_type: "refresh_token", client_id: "cli", refresh_token: refreshToken };
  const answers = await Promise.all([token(fields), token(fields)]);
  expect(answers.map((answer) => answer.status).toSorted()).toEqual([200, 400]);
  const next = answers.find((answer) => answer.status === 200)?.body.refresh_token ?? "";
  expect(next).not.toBe(refreshToken);
  expect((await token({ ...fields, refresh_token: next })).status).toBe(200);
});

test("a refresh can be made to fail once; the token stays good", async () => {
  const { refreshToken } = upstream.oauth.issue({ refreshBehaviour: "500-once" });
  const fields = { grant_type: "refresh_token", refresh_token: refreshToken };
  expect([(await token(fields)).status, (await token(fields)).status]).toEqual([500, 200]);
});

test("a setup token lives as long as it was asked to, and has no refresh token", async () => {
  const fields = await consent({ scope: "user:inference" });
  const { body } = await token({ ...fields, expires_in: 31_536_000 });
  expect([body.expires_in, body.refresh_token]).toEqual([31_536_000, undefined]);
  expect((await signedIn(body.access_token ?? "", "/api/oauth/profile")).status).toBe(403);
  expect((await signedIn(body.access_token ?? "", "/v1/messages")).status).toBe(200);
});

test("profile and usage answer a sign-in, and refuse a stranger", async () => {
  const { accessToken } = upstream.oauth.issue();
  const profile = await signedIn(accessToken, "/api/oauth/profile");
  expect(JSON.parse(profile.body.toString())).toMatchObject({ account: { email: "person@example.com" } });
  const usage = await signedIn(accessToken, "/api/oauth/usage");
  expect(JSON.parse(usage.body.toString())).toMatchObject({ five_hour: { utilization: 21 }, seven_day_opus: null });
  expect((await signedIn("sk-ant-oat01-stranger", "/api/oauth/usage")).status).toBe(401);
});

test("messages refuse a token without the beta header, in x-api-key, expired, revoked or unknown", async () => {
  const { accessToken } = upstream.oauth.issue();
  expect((await signedIn(accessToken, "/v1/messages")).status).toBe(200);
  expect((await signedIn(accessToken, "/v1/messages", "other-beta")).body.toString()).toContain(
    "currently not supported",
  );
  const asKey = await ask(upstream.url, { key: accessToken, headers: { "anthropic-beta": "oauth-2025-04-20" } });
  expect(asKey.status).toBe(401);
  const expired = await signedIn(upstream.oauth.issue({ expiresInSeconds: -1 }).accessToken, "/v1/messages");
  expect([expired.status, expired.body.toString()]).toEqual([401, expect.stringContaining("expired")]);
  upstream.oauth.revoke(accessToken);
  const revoked = await signedIn(accessToken, "/v1/messages");
  expect([revoked.status, revoked.body.toString()]).toEqual([403, expect.stringContaining("revoked")]);
  expect((await signedIn("sk-ant-oat01-stranger", "/v1/messages")).status).toBe(401);
});

test("a sign-in carries its behaviour on, through the exchange and the refresh", async () => {
  const { body } = await token(await consent({ sim: "429-5h" }));
  expect((await signedIn(body.access_token ?? "", "/v1/messages")).status).toBe(429);
  const next = await token({ grant_type: "refresh_token", refresh_token: body.refresh_token ?? "" });
  expect((await signedIn(next.body.access_token ?? "", "/v1/messages")).status).toBe(429);
});
