import type { Account } from "../../../core/accounts/account.ts";
import { judge } from "../judge.ts";
import type { Upstream } from "../upstream.ts";

/** The Gemini API by key. Source: ai.google.dev/api. */
export const gemini: Upstream = {
  kind: "gemini",
  service: "gemini",
  dialect: "gemini",
  credential: "api-key",
  defaultBaseUrl: "https://generativelanguage.googleapis.com",
  listing: { method: "GET", target: "/v1beta/models?pageSize=1000" },
  homeModels: /^(gemini|gemma|learnlm|text-embedding)-/,
  address: (account, call) => joinGoogleUrl(account, gemini.defaultBaseUrl, call.target),
  sign(headers, credential) {
    if (credential.kind !== "api-key") return headers;
    return credential.shownAs === "bearer"
      ? { ...headers, authorization: `Bearer ${credential.secret}` }
      : { ...headers, "x-goog-api-key": credential.secret };
  },
  judge,
};

/** A base URL may end in the version, and in `/models`, as other tools ask for it: neither is doubled. */
export function joinGoogleUrl(account: Pick<Account, "baseUrl">, standard: string, target: string): string {
  const base = (account.baseUrl ?? standard).replace(/\/+$/, "").replace(/\/models(\/[^/]+)?$/, "");
  return /\/v\d+(alpha|beta)?$/.test(base)
    ? `${base}${target.replace(/^\/v\d+(alpha|beta)?(?=\/)/, "")}`
    : `${base}${target}`;
}
