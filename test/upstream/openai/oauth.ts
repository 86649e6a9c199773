import { createHash, randomBytes } from "node:crypto";
import { halves } from "../anthropic/errors.ts";
import type { Incoming, Reply, SimulatedCall } from "../language.ts";
import { faultReply } from "./errors.ts";
import { commonHeaders } from "./headers.ts";

export interface ChatgptTokens {
  accessToken: string;
  refreshToken: string;
  idToken: string;
  expiresInSeconds: number;
}

/** The sign-in side of the simulated ChatGPT. */
export interface ChatgptDesk {
  /** Signs in without the endpoints; the access token carries `behaviour`, the refresh token `refreshBehaviour`. */
  issue(seed?: { behaviour?: string; refreshBehaviour?: string; expiresInSeconds?: number }): ChatgptTokens;
  revoke(accessToken: string): void;
  /** What is wrong with a credential and the account id that comes with it; undefined: nothing. */
  faultOf(accessToken: string, accountId: unknown): string | undefined;
  open(incoming: Incoming): SimulatedCall | undefined;
}

export const chatgptAccountId = "00000000-0000-4000-8000-00000000c0de";

interface Seed {
  behaviour: string;
  refreshBehaviour?: string;
  expiresInSeconds?: number;
}

interface Grant extends Seed {
  expiresAt: number;
}

interface Desk {
  codes: Map<string, { challenge: string; redirectUri: string; behaviour: string }>;
  access: Map<string, Grant>;
  refresh: Map<string, Grant>;
}

/**
 * Sign-in as ChatGPT's: authorisation code with PKCE S256 for a loopback address, a form-encoded token endpoint, an id token
 * whose claims name the account, and refresh tokens that rotate.
 */
export function chatgptDesk(): ChatgptDesk {
  const desk: Desk = { codes: new Map(), access: new Map(), refresh: new Map() };
  return {
    issue: (seed = {}) => issue(desk, { behaviour: "", ...seed }),
    revoke: (accessToken) => void desk.access.delete(accessToken),
    faultOf(accessToken, accountId) {
      const grant = desk.access.get(accessToken);
      if (accountId !== chatgptAccountId || !grant) return "401";
      return grant.expiresAt <= Date.now() ? "401-expired" : undefined;
    },
    open: (incoming) => open(desk, incoming),
  };
}

function open(desk: Desk, incoming: Incoming): SimulatedCall | undefined {
  const { method, path, query } = incoming;
  const isAuthorize = method === "GET" && path === "/oauth/authorize" && query.get("client_id")?.startsWith("app_");
  const isToken = method === "POST" && path === "/oauth/token";
  if (!isAuthorize && !isToken) return undefined;
  const form = isToken ? Object.fromEntries(new URLSearchParams(incoming.body.toString("utf8"))) : {};
  return {
    credential: form.refresh_token ?? "",
    prompt: "",
    generates: isToken,
    answer: () => (isToken ? exchange(desk, incoming, form) : authorize(desk, query)),
    refuse: (fault, behaviour) => faultReply(fault, behaviour),
    errorFrame: () => Buffer.alloc(0),
  };
}

/** Consents at once; `sim=` gives the directives that the tokens will carry. */
function authorize(desk: Desk, query: URLSearchParams): Reply {
  const get = (name: string): string => query.get(name) ?? "";
  if (get("code_challenge_method") !== "S256" || get("id_token_add_organizations") !== "true") {
    return reply(400, { error: { code: "invalid_request", message: "S256 and organizations are required" } });
  }
  const code = `ac_${randomBytes(24).toString("base64url")}`;
  desk.codes.set(code, { challenge: get("code_challenge"), redirectUri: get("redirect_uri"), behaviour: get("sim") });
  const location = new URL(get("redirect_uri"));
  for (const [name, value] of Object.entries({ code, scope: get("scope"), state: get("state") }))
    location.searchParams.set(name, value);
  const answer = reply(302, {});
  answer.headers.location = location.href;
  return answer;
}

function exchange(desk: Desk, incoming: Incoming, form: Record<string, string>): Reply {
  if (!String(incoming.headers["content-type"]).includes("x-www-form-urlencoded")) {
    return reply(400, { error: { code: "invalid_request", message: "A form is required" } });
  }
  const old = desk.refresh.get(form.refresh_token ?? "");
  desk.refresh.delete(form.refresh_token ?? "");
  if (form.grant_type === "refresh_token") return old ? tokenReply(issue(desk, old)) : refused("refresh_token_reused");
  const code = desk.codes.get(form.code ?? "");
  desk.codes.delete(form.code ?? "");
  const challenge = createHash("sha256")
    .update(form.code_verifier ?? "")
    .digest("base64url");
  const isRight = code?.challenge === challenge && code.redirectUri === form.redirect_uri;
  return isRight ? tokenReply(issue(desk, { behaviour: code.behaviour })) : refused("invalid_grant");
}

function issue(desk: Desk, seed: Seed): ChatgptTokens {
  const expiresInSeconds = seed.expiresInSeconds ?? 864_000;
  const label = randomBytes(18).toString("base64url");
  const exp = Math.floor(Date.now() / 1000) + expiresInSeconds;
  const accessToken = seed.behaviour ? `oat-sim-${seed.behaviour}.${label}` : jwt({ exp, jti: label });
  const refreshToken = seed.refreshBehaviour ? `rt-sim-${seed.refreshBehaviour}.${label}` : `rt_${label}`;
  // Of the first refresh only: the next ones are plain.
  const grant = { behaviour: seed.behaviour, expiresAt: Date.now() + expiresInSeconds * 1000 };
  desk.access.set(accessToken, grant);
  desk.refresh.set(refreshToken, grant);
  const auth = { chatgpt_account_id: chatgptAccountId, chatgpt_plan_type: "plus", chatgpt_user_id: "user-simulated" };
  const idToken = jwt({ email: "person@example.com", exp, "https://api.openai.com/auth": auth });
  return { accessToken, refreshToken, idToken, expiresInSeconds };
}

function jwt(claims: Record<string, unknown>): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "none", typ: "JWT" })}.${part(claims)}.c2ln`;
}

function tokenReply({ accessToken, refreshToken, idToken, expiresInSeconds }: ChatgptTokens): Reply {
  const tokens = { access_token: accessToken, refresh_token: refreshToken, id_token: idToken };
  return reply(200, { ...tokens, expires_in: expiresInSeconds, token_type: "Bearer" });
}

function refused(code: string): Reply {
  return reply(401, {
    error: { message: `Your refresh token could not be used: ${code}`, type: "invalid_request_error", code },
  });
}

function reply(status: number, body: unknown): Reply {
  const headers = { ...commonHeaders(), "content-type": "application/json" };
  return { status, headers, frames: halves(JSON.stringify(body)), streamed: false };
}
