import { importPKCS8, SignJWT } from "jose";
import type { Env } from "../../../env.ts";
import { Failure } from "../../../failure.ts";
import type { Credential } from "../../../core/accounts/account.ts";
import { readWhole } from "../reword.ts";
import { readRefusal, withPauses } from "../oauth/refusal.ts";
import { parseObject } from "../../../wire/json.ts";

const scope = "https://www.googleapis.com/auth/cloud-platform";
const lifeSeconds = 3_600;

interface ServiceAccount {
  readonly client_email: string;
  readonly private_key: string;
  readonly private_key_id?: string;
  readonly token_uri?: string;
}

/** An access token for a service account, by a signed assertion (RFC 7523). Throws `credential.rejected` if Google refuses the key. */
export async function fetchToken(stale: Credential, proxy: string | undefined, env: Env): Promise<Credential> {
  if (stale.kind !== "oauth" || stale.refreshToken === undefined) {
    throw new Failure("credential.rejected", { message: "Not a service account.", isRetryable: false });
  }
  const { refreshToken } = stale;
  return withPauses(refreshToken, () => exchange(stale, JSON.parse(refreshToken) as ServiceAccount, proxy, env), env);
}

async function exchange(
  stale: Extract<Credential, { kind: "oauth" }>,
  key: ServiceAccount,
  proxy: string | undefined,
  env: Env,
): Promise<Credential> {
  const url = key.token_uri ?? "https://oauth2.googleapis.com/token";
  const assertion = await sign(key, url, env.now());
  const inbound = await env.dispatch({
    method: "POST",
    url,
    headers: { "content-type": "application/x-www-form-urlencoded", accept: "application/json" },
    body: new URLSearchParams({
      grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer",
      assertion,
    }).toString(),
    headTimeoutMs: 30_000,
    silenceTimeoutMs: 30_000,
    ...(proxy === undefined ? {} : { proxy }),
  });
  const text = (await readWhole(inbound.body)).toString("utf8");
  const answer = parseObject(text) ?? {};
  if (inbound.status >= 200 && inbound.status < 300 && typeof answer.access_token === "string") {
    const seconds = Number(answer.expires_in) || lifeSeconds;
    return { ...stale, accessToken: answer.access_token, expiresAt: env.now() + seconds * 1000 };
  }
  const { status, headers } = inbound;
  throw readRefusal("Google refused the service account", { status, headers, text }, [assertion], env);
}

async function sign(key: ServiceAccount, audience: string, nowAt: number): Promise<string> {
  try {
    const issuedAt = Math.floor(nowAt / 1000);
    return await new SignJWT({ scope })
      .setProtectedHeader({ alg: "RS256", typ: "JWT", ...(key.private_key_id ? { kid: key.private_key_id } : {}) })
      .setIssuer(key.client_email)
      .setAudience(audience)
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + lifeSeconds)
      .sign(await importPKCS8(key.private_key, "RS256"));
  } catch (error) {
    const message = "The service account's private key cannot be read.";
    throw new Failure("credential.rejected", { message, isRetryable: false, cause: error });
  }
}
