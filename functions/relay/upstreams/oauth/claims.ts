import type { OauthProvider } from "./providers.ts";

export type TokenAnswer = Record<string, unknown>;

/** What of its tokens' claims a provider's requests need beside the token. */
export function readExtra(answer: TokenAnswer, provider: OauthProvider): Record<string, string> {
  const claims = readClaims(answer.id_token);
  const found = Object.entries(provider.claims ?? {}).map(([field, [namespace, claim]]): [string, unknown] => {
    const space = claims[namespace];
    return [field, typeof space === "object" && space !== null ? (space as Record<string, unknown>)[claim] : undefined];
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
  return parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8"));
}

/** What is no object is a message that says so. */
export function parse(text: string): TokenAnswer {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as TokenAnswer) : {};
  } catch (error) {
    return { message: `not JSON (${String(error).slice(0, 80)})` };
  }
}
