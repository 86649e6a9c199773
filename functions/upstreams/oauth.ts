import { createHash, randomBytes } from "node:crypto";
import { Failure } from "../failure.ts";
import type { Env } from "../env.ts";
import type { Credential } from "../records/account.ts";

/** How one provider signs people in: data, since providers move these addresses (twice so far). An account's settings may override each. */
export interface OauthProvider {
  readonly authorizeUrl: string;
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret?: string;
  readonly redirectUri: string;
  readonly scopes: string;
  /** What a token that cannot do more than inference asks for. */
  readonly setupScopes?: string;
  /** Seconds that a setup-token is asked to live. */
  readonly setupSeconds?: number;
  readonly authorizeExtra: Readonly<Record<string, string>>;
  readonly tokenForm: "json" | "form";
}

export const oauthProviders: Readonly<Record<string, OauthProvider>> = {
  claude: {
    authorizeUrl: "https://claude.ai/oauth/authorize",
    tokenUrl: "https://platform.claude.com/v1/oauth/token",
    clientId: "9d1c250a-e61b-44d9-88ed-5944d1962f5e",
    redirectUri: "https://platform.claude.com/oauth/code/callback",
    scopes:
      "org:create_api_key user:profile user:inference user:sessions:claude_code user:mcp_servers user:file_upload",
    setupScopes: "user:inference",
    setupSeconds: 31_536_000,
    authorizeExtra: { code: "true" },
    tokenForm: "json",
  },
};

/** How long a sign-in may take from the link to the pasted code. */
export const signInSeconds = 900;

/** The provider of an account kind, with an account's own addresses over it. Undefined if the kind has no sign-in. */
export function findProvider(kind: string, settings: Readonly<Record<string, string>>): OauthProvider | undefined {
  const provider = oauthProviders[kind];
  return provider && { ...provider, ...pick(settings, provider) };
}

function pick(settings: Readonly<Record<string, string>>, provider: OauthProvider): Partial<OauthProvider> {
  return Object.fromEntries(Object.entries(settings).filter(([name]) => name in provider && name !== "authorizeExtra"));
}

export interface Pkce {
  readonly verifier: string;
  readonly challenge: string;
  readonly state: string;
}

/** RFC 7636, method S256. */
export function buildPkce(): Pkce {
  const verifier = randomBytes(32).toString("base64url");
  const challenge = createHash("sha256").update(verifier).digest("base64url");
  return { verifier, challenge, state: randomBytes(32).toString("base64url") };
}

export type SignInVariant = "full" | "setup";

export function buildAuthorizeUrl(
  provider: OauthProvider,
  pkce: Pick<Pkce, "challenge" | "state">,
  variant: SignInVariant,
): string {
  const url = new URL(provider.authorizeUrl);
  const parameters = {
    ...provider.authorizeExtra,
    client_id: provider.clientId,
    response_type: "code",
    redirect_uri: provider.redirectUri,
    scope: variant === "setup" ? (provider.setupScopes ?? provider.scopes) : provider.scopes,
    code_challenge: pkce.challenge,
    code_challenge_method: "S256",
    state: pkce.state,
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url.href;
}

export interface SignedIn {
  readonly credential: Extract<Credential, { kind: "oauth" }>;
  /** The e-mail or organisation the provider told; undefined if it told none. */
  readonly subject: string | undefined;
}

export interface Exchange {
  readonly code: string;
  readonly state: string;
  readonly verifier: string;
  readonly variant: SignInVariant;
  readonly proxy?: string;
}

/** Trades a pasted code for tokens. Throws `credential.rejected` with the provider's words. */
export async function exchangeCode(provider: OauthProvider, given: Exchange, env: Env): Promise<SignedIn> {
  const answer = await askToken(
    provider,
    {
      grant_type: "authorization_code",
      client_id: provider.clientId,
      ...(provider.clientSecret ? { client_secret: provider.clientSecret } : {}),
      code: given.code,
      redirect_uri: provider.redirectUri,
      code_verifier: given.verifier,
      state: given.state,
      ...(given.variant === "setup" && provider.setupSeconds ? { expires_in: provider.setupSeconds } : {}),
    },
    given.proxy,
    env,
  );
  return { credential: buildCredential(answer, undefined, env), subject: findSubject(answer) };
}

/** A fresh access token. The provider may rotate the refresh token: what comes back replaces the old one, what is missing is kept. */
export async function renew(
  provider: OauthProvider,
  old: Extract<Credential, { kind: "oauth" }>,
  proxy: string | undefined,
  env: Env,
): Promise<Extract<Credential, { kind: "oauth" }>> {
  if (old.refreshToken === undefined) {
    throw new Failure("credential.rejected", {
      message: "This sign-in has no refresh token: sign in again.",
      isRetryable: false,
    });
  }
  const question = {
    grant_type: "refresh_token",
    refresh_token: old.refreshToken,
    client_id: provider.clientId,
    ...(provider.clientSecret ? { client_secret: provider.clientSecret } : {}),
  };
  return buildCredential(await askToken(provider, question, proxy, env), old, env);
}

type TokenAnswer = Record<string, unknown>;

async function askToken(
  provider: OauthProvider,
  question: Record<string, string | number>,
  proxy: string | undefined,
  env: Env,
): Promise<TokenAnswer> {
  const isJson = provider.tokenForm === "json";
  const inbound = await env.dispatch({
    method: "POST",
    url: provider.tokenUrl,
    headers: {
      "content-type": isJson ? "application/json" : "application/x-www-form-urlencoded",
      accept: "application/json",
    },
    body: isJson ? JSON.stringify(question) : toForm(question),
    headTimeoutMs: 30_000,
    silenceTimeoutMs: 30_000,
    ...(proxy ? { proxy } : {}),
  });
  const parts: Uint8Array[] = [];
  for (let part = await inbound.body.read(); part; part = await inbound.body.read()) parts.push(part);
  const answer = parse(Buffer.concat(parts).toString("utf8"));
  if (inbound.status >= 200 && inbound.status < 300 && typeof answer.access_token === "string") return answer;
  // A provider that is down says nothing about the token; only its own refusal does.
  const isRefusal = inbound.status === 400 || inbound.status === 401 || inbound.status === 403;
  const words = String(
    answer.error_description ?? answer.message ?? describe(answer.error) ?? `status ${inbound.status}`,
  );
  throw new Failure(isRefusal ? "credential.rejected" : "upstream.refused", {
    message: `The sign-in server refused: ${words.slice(0, 300)}`,
    isRetryable: !isRefusal,
  });
}

function toForm(fields: Record<string, string | number>): string {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) form.set(name, String(value));
  return form.toString();
}

function describe(error: unknown): unknown {
  if (typeof error !== "object" || error === null) return error;
  return "message" in error ? error.message : JSON.stringify(error);
}

function parse(text: string): TokenAnswer {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as TokenAnswer) : {};
  } catch (error) {
    return { message: `not JSON (${String(error).slice(0, 80)})` };
  }
}

function buildCredential(
  answer: TokenAnswer,
  old: Extract<Credential, { kind: "oauth" }> | undefined,
  env: Env,
): Extract<Credential, { kind: "oauth" }> {
  const text = (name: string) => (typeof answer[name] === "string" && answer[name] !== "" ? answer[name] : undefined);
  const seconds = Number(answer.expires_in);
  const refreshToken = text("refresh_token") ?? old?.refreshToken;
  const scopes = text("scope") ?? old?.scopes;
  return {
    kind: "oauth",
    accessToken: text("access_token") ?? "",
    ...(refreshToken === undefined ? {} : { refreshToken }),
    ...(seconds > 0 ? { expiresAt: env.now() + seconds * 1000 } : {}),
    ...(scopes === undefined ? {} : { scopes }),
    ...(old?.extra ? { extra: old.extra } : {}),
  };
}

function findSubject(answer: TokenAnswer): string | undefined {
  const account = answer.account as { email_address?: unknown } | undefined;
  const organization = answer.organization as { name?: unknown } | undefined;
  const found = account?.email_address ?? organization?.name;
  return typeof found === "string" ? found : undefined;
}
