import { createHash, randomBytes } from "node:crypto";
import type { Env } from "../../../env.ts";
import { Failure } from "../../../failure.ts";
import type { Credential } from "../../../core/accounts/account.ts";
import { findSubject } from "./claims.ts";
import type { OauthProvider } from "./providers.ts";
import { askToken, buildCredential } from "./token.ts";
import { withPauses } from "./refusal.ts";

/** How long a sign-in may take from the link to the pasted code. */
export const signInSeconds = 900;

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
  const grant = `${provider.tokenUrl} ${old.refreshToken}`;
  const answer = await withPauses(grant, () => askToken(provider, question, proxy, env), env);
  return buildCredential(answer, provider, old, env);
}
