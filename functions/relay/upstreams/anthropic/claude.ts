import { joinUrl } from "./anthropic.ts";
import { judge } from "../judge.ts";
import { findProvider } from "../oauth/providers.ts";
import { renew } from "../oauth/oauth.ts";
import type { Upstream, Window } from "../upstream.ts";
import { Failure } from "../../../failure.ts";

const oauthBeta = "oauth-2025-04-20";
const windowNames = ["5h", "7d", "7d_opus", "7d_sonnet"];

/** A Claude subscription by sign-in: serves Claude Code's own requests, unchanged, for the account's own people. */
export const claude: Upstream = {
  kind: "claude",
  service: "claude",
  dialect: "anthropic",
  credential: "oauth",
  onlyClient: "claude-code",
  defaultBaseUrl: "https://api.anthropic.com",
  homeModels: /^claude-/,
  address: (account, call) => joinUrl(account.baseUrl ?? claude.defaultBaseUrl, call.target),
  sign(headers, credential) {
    if (credential.kind !== "oauth") return headers;
    // The provider takes an OAuth bearer only with this beta named; it is how the token is shown, not who the client is.
    const betas = headers["anthropic-beta"];
    const beta = betas === undefined ? oauthBeta : betas.includes(oauthBeta) ? betas : `${betas},${oauthBeta}`;
    return { ...headers, "anthropic-beta": beta, authorization: `Bearer ${credential.accessToken}` };
  },
  async refresh(credential, account, proxy, env) {
    const provider = findProvider("claude", account.settings);
    if (credential.kind !== "oauth" || !provider)
      throw new Failure("credential.rejected", { message: "Not a sign-in account." });
    return renew(provider, credential, proxy, env);
  },
  judge,
  windows(headers) {
    return windowNames.flatMap((name): Window[] => {
      const utilization = Number(headers[`anthropic-ratelimit-unified-${name}-utilization`]);
      const reset = Number(headers[`anthropic-ratelimit-unified-${name}-reset`]);
      if (!(utilization >= 0)) return [];
      return [{ name, utilization, resetAt: reset > 0 ? reset * 1000 : undefined }];
    });
  },
};
