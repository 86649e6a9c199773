import { createHash, randomBytes } from "node:crypto";
import type { Incoming, Reply, SimulatedCall } from "../language.ts";
import { errorFrame, errorReply, faultReply, halves } from "./errors.ts";
import { type Caller, commonHeaders, organizationId } from "./headers.ts";

export interface OAuthOptions {
  /** Seconds an access token lives; 28,800 unless given. */
  tokenSeconds?: number;
}

export interface Tokens {
  accessToken: string;
  /** Empty for a setup token, which cannot be refreshed. */
  refreshToken: string;
  expiresInSeconds: number;
}

interface Grant {
  scope: string;
  /** Directives that the access tokens carry (`529-once`), or empty. */
  behaviour: string;
  expiresAt: number;
  isRevoked: boolean;
}

type Code = Record<"challenge" | "redirectUri" | "clientId" | "state" | "scope" | "behaviour", string>;

/** The sign-in side of the simulated provider. */
export interface OAuthDesk {
  /** Signs in without the endpoints; the access token carries `behaviour`, the refresh token `refreshBehaviour`. */
  issue(seed?: { behaviour?: string; refreshBehaviour?: string; scope?: string; expiresInSeconds?: number }): Tokens;
  /** From now on the access token is refused as revoked. */
  revoke(accessToken: string): void;
  /** The fault of an access token, if it is expired, revoked or was never issued. */
  faultOf(accessToken: string): string | undefined;
  open(incoming: Incoming, credential: string, caller: Caller): SimulatedCall | undefined;
}

/** Everything issued by one server. A refresh token is removed as it is used: a second use is an invalid grant. */
interface Desk {
  codes: Map<string, Code>;
  access: Map<string, Grant>;
  refresh: Map<string, Grant>;
  tokenSeconds: number;
}

const defaultScope = "user:profile user:inference user:sessions:claude_code user:mcp_servers user:file_upload";

/**
 * Sign-in as Claude's: authorisation code with PKCE S256 (RFC 7636), refresh tokens that rotate (RFC 6749, section 6).
 * Tokens that name a behaviour (`sk-ant-oat01-sim-…`) need not have been issued.
 */
export function oauthDesk(options: OAuthOptions = {}): OAuthDesk {
  const desk: Desk = {
    codes: new Map(),
    access: new Map(),
    refresh: new Map(),
    tokenSeconds: options.tokenSeconds ?? 28_800,
  };
  return {
    issue: (seed = {}) => issue(desk, { scope: defaultScope, behaviour: "", ...seed }),
    revoke: (accessToken) => {
      const grant = desk.access.get(accessToken);
      if (grant) grant.isRevoked = true;
    },
    faultOf: (accessToken) => faultOf(desk, accessToken),
    open: (incoming, credential, caller) => openDesk(desk, incoming, credential, caller),
  };
}

function openDesk(desk: Desk, incoming: Incoming, credential: string, caller: Caller): SimulatedCall | undefined {
  const signedIn = (answer: (grant: Grant | undefined) => unknown): Reply => {
    const fault = faultOf(desk, credential);
    if (fault) return faultReply(fault, new Map(), caller);
    const grant = desk.access.get(credential);
    if (!grant || grant.scope.includes("user:profile")) return reply(200, answer(grant), caller);
    const message = "OAuth token does not meet scope requirement user:profile";
    return errorReply(403, "permission_error", message, caller);
  };
  const routes: Record<string, () => Reply> = {
    "GET /oauth/authorize": () => authorize(desk, incoming.query, caller),
    "GET /oauth/code/callback": () =>
      reply(200, `${incoming.query.get("code")}#${incoming.query.get("state")}`, caller),
    "POST /v1/oauth/token": () => exchange(desk, incoming, caller),
    "GET /api/oauth/profile": () => signedIn(profile),
    "GET /api/oauth/usage": () => signedIn(usage),
  };
  const answer = routes[`${incoming.method} ${incoming.path}`];
  if (!answer) return undefined;
  const isToken = incoming.path === "/v1/oauth/token";
  return {
    // A refresh token may name behaviours as any credential may, so that a refresh can be made to fail or to dawdle.
    credential: isToken ? (fields(incoming).refresh_token ?? "") : credential,
    prompt: "",
    generates: isToken,
    answer,
    refuse: (fault, behaviour) => faultReply(fault, behaviour, caller),
    errorFrame: (type) => errorFrame(type, caller.requestId),
  };
}

/** Consents at once: redirects with a code and the state. `sim=` gives the directives that the tokens will carry. */
function authorize(desk: Desk, query: URLSearchParams, caller: Caller): Reply {
  const get = (name: string): string => query.get(name) ?? "";
  const redirectUri = get("redirect_uri");
  if (
    get("response_type") !== "code" ||
    get("code_challenge_method") !== "S256" ||
    !get("code_challenge") ||
    !redirectUri
  ) {
    return oauthError(
      "invalid_request",
      "response_type=code, redirect_uri and an S256 code_challenge are required",
      caller,
    );
  }
  const code = randomBytes(24).toString("base64url");
  desk.codes.set(code, {
    ...{ challenge: get("code_challenge"), redirectUri, clientId: get("client_id"), state: get("state") },
    ...{ scope: get("scope") || defaultScope, behaviour: get("sim") },
  });
  const location = new URL(redirectUri);
  location.searchParams.set("code", code);
  location.searchParams.set("state", get("state"));
  const answer = reply(302, "", caller);
  answer.headers.location = location.href;
  return answer;
}

function exchange(desk: Desk, incoming: Incoming, caller: Caller): Reply {
  const form = fields(incoming);
  if (form.grant_type === "refresh_token") return refresh(desk, form, caller);
  if (form.grant_type !== "authorization_code") {
    return oauthError("unsupported_grant_type", "grant_type must be authorization_code or refresh_token", caller);
  }
  const code = desk.codes.get(form.code ?? "");
  // A code is spent by any try, so that a wrong verifier cannot be followed by a right one (RFC 6749, section 4.1.2).
  desk.codes.delete(form.code ?? "");
  const challenge = createHash("sha256")
    .update(form.code_verifier ?? "")
    .digest("base64url");
  const isSame =
    code?.clientId === form.client_id && code?.redirectUri === form.redirect_uri && code?.state === form.state;
  if (!code || !isSame || code.challenge !== challenge) {
    return oauthError("invalid_grant", "Invalid 'code' in request.", caller);
  }
  const lasting = form.expires_in === undefined ? {} : { expiresInSeconds: Number(form.expires_in), isSetup: true };
  return tokenReply(issue(desk, { scope: code.scope, behaviour: code.behaviour, ...lasting }), code.scope, caller);
}

function refresh(desk: Desk, form: Record<string, string>, caller: Caller): Reply {
  const token = form.refresh_token ?? "";
  const grant = desk.refresh.get(token);
  desk.refresh.delete(token);
  if (!grant) return oauthError("invalid_grant", "Refresh token not found or invalid", caller);
  return tokenReply(issue(desk, grant), grant.scope, caller);
}

interface Seed {
  scope: string;
  behaviour: string;
  refreshBehaviour?: string;
  expiresInSeconds?: number;
  isSetup?: boolean;
}

function issue(desk: Desk, seed: Seed): Tokens {
  const { scope, behaviour } = seed;
  const expiresInSeconds = seed.expiresInSeconds ?? desk.tokenSeconds;
  const token = (kind: string, directives: string): string => {
    const tail = randomBytes(24).toString("base64url");
    return directives ? `sk-ant-${kind}01-sim-${directives}.${tail}` : `sk-ant-${kind}01-${tail}`;
  };
  const accessToken = token("oat", behaviour);
  const refreshToken = seed.isSetup ? "" : token("ort", seed.refreshBehaviour ?? "");
  const grant = { scope, behaviour, expiresAt: Date.now() + expiresInSeconds * 1000, isRevoked: false };
  desk.access.set(accessToken, grant);
  if (refreshToken) desk.refresh.set(refreshToken, grant);
  return { accessToken, refreshToken, expiresInSeconds };
}

function faultOf(desk: Desk, accessToken: string): string | undefined {
  const grant = desk.access.get(accessToken);
  if (!grant) return accessToken.startsWith("sk-ant-oat01-sim-") ? undefined : "401-oauth";
  if (grant.isRevoked) return "403-revoked";
  return grant.expiresAt <= Date.now() ? "401-expired" : undefined;
}

function tokenReply(tokens: Tokens, scope: string, caller: Caller): Reply {
  const { account, organization } = profile();
  const body = {
    token_type: "Bearer",
    access_token: tokens.accessToken,
    expires_in: tokens.expiresInSeconds,
    ...(tokens.refreshToken ? { refresh_token: tokens.refreshToken } : {}),
    scope,
    organization: { uuid: organization.uuid, name: organization.name },
    account: { uuid: account.uuid, email_address: account.email },
  };
  return reply(200, body, caller);
}

function profile() {
  const account = {
    ...{ uuid: "00000000-0000-4000-8000-000000000002", full_name: "Simulated Person", display_name: "Simulated" },
    ...{ email: "person@example.com", has_claude_max: true, has_claude_pro: false },
  };
  const organization = {
    ...{ uuid: organizationId, name: "Simulated Organization", organization_type: "claude_max" },
    ...{
      billing_type: "stripe_subscription",
      rate_limit_tier: "default_claude_max_20x",
      has_extra_usage_enabled: false,
    },
  };
  return { account, organization };
}

function usage(): Record<string, unknown> {
  const inHours = (hours: number): string => new Date(Date.now() + hours * 3_600_000).toISOString();
  return {
    five_hour: { utilization: 21, resets_at: inHours(2.5) },
    seven_day: { utilization: 42, resets_at: inHours(72) },
    seven_day_opus: null,
    seven_day_sonnet: { utilization: 7, resets_at: inHours(72) },
    extra_usage: { is_enabled: false, monthly_limit: null, used_credits: null, utilization: null },
  };
}

function oauthError(error: string, error_description: string, caller: Caller): Reply {
  return reply(400, { error, error_description }, caller);
}

/** The token endpoint takes JSON, as Claude's does, and a form, as RFC 6749 has it. */
function fields(incoming: Incoming): Record<string, string> {
  const text = incoming.body.toString("utf8");
  if (!String(incoming.headers["content-type"]).includes("json")) return Object.fromEntries(new URLSearchParams(text));
  try {
    return JSON.parse(text) as Record<string, string>;
  } catch {
    return {};
  }
}

function reply(status: number, body: unknown, caller: Caller): Reply {
  const isText = typeof body === "string";
  const headers = { ...commonHeaders(caller), "content-type": isText ? "text/plain" : "application/json" };
  return { status, headers, frames: halves(isText ? body : JSON.stringify(body)), streamed: false };
}
