import type { OauthProvider } from "./providers.ts";
import { objectOf, parseObject } from "../../../wire/json.ts";

export type TokenAnswer = Record<string, unknown>;

/** What of its tokens' claims a provider's requests need beside the token. */
export function readExtra(answer: TokenAnswer, provider: OauthProvider): Record<string, string> {
  const claims = readClaims(answer.id_token);
  const found = Object.entries(provider.claims ?? {}).map(([field, [namespace, claim]]): [string, unknown] => {
    return [field, objectOf(claims[namespace])[claim]];
  });
  return Object.fromEntries(found.filter((entry): entry is [string, string] => typeof entry[1] === "string"));
}

/** Who signed in: an e-mail address, or the name of an organization. */
export function findSubject(answer: TokenAnswer): string | undefined {
  const account = answer.account as { email_address?: unknown } | undefined;
  const organization = answer.organization as { name?: unknown } | undefined;
  const found = account?.email_address ?? organization?.name ?? readClaims(answer.id_token).email;
  return typeof found === "string" ? found : undefined;
}

/** What a token says. It came straight from its issuer over TLS, so its signature need not be checked (OpenID Connect Core § 3.1.3.7). */
export function readClaims(token: unknown): Record<string, unknown> {
  if (typeof token !== "string") return {};
  return parseObject(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8")) ?? {};
}
