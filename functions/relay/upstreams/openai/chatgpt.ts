import { Failure } from "../../../failure.ts";
import type { Headers } from "../../../wire/exchange.ts";
import { judge } from "../judge.ts";
import { findProvider } from "../oauth/providers.ts";
import { renew } from "../oauth/oauth.ts";
import type { Upstream, Window } from "../upstream.ts";

/** A ChatGPT plan by sign-in: serves Codex's own requests, unchanged, for the account's own people. */
export const chatgpt: Upstream = {
  kind: "chatgpt",
  service: "openai",
  dialect: "openai-responses",
  credential: "oauth",
  onlyClient: "codex",
  defaultBaseUrl: "https://chatgpt.com/backend-api/codex",
  homeModels: /^(gpt-|codex-|o\d)/,
  address: (account, call) =>
    `${(account.baseUrl ?? chatgpt.defaultBaseUrl).replace(/\/+$/, "")}${call.target.replace(/^\/v1(?=\/)/, "")}`,
  sign(headers, credential) {
    if (credential.kind !== "oauth") return headers;
    const accountId = credential.extra?.accountId;
    const signed = { ...headers, authorization: `Bearer ${credential.accessToken}` };
    return accountId === undefined ? signed : { ...signed, "chatgpt-account-id": accountId };
  },
  async refresh(credential, account, proxy, env) {
    const provider = findProvider("chatgpt", account.settings);
    if (credential.kind !== "oauth" || !provider)
      throw new Failure("credential.rejected", { message: "Not a sign-in account." });
    return renew(provider, credential, proxy, env);
  },
  judge,
  windows: (headers) => ["primary", "secondary"].flatMap((name) => readWindow(name, headers)),
};

const namesOfMinutes: Readonly<Record<string, string>> = { "300": "5h", "10080": "7d" };

/** `x-codex-<name>-used-percent`, `-window-minutes`, and its end as an instant or counted from the answer's date. */
function readWindow(name: string, headers: Headers): Window[] {
  const read = (field: string) => headers[`x-codex-${name}-${field}`];
  const percent = Number(read("used-percent"));
  if (read("used-percent") === undefined || !(percent >= 0)) return [];
  const at = Number(read("reset-at")) * 1000;
  const afterMs = Number(read("reset-after-seconds")) * 1000;
  const counted = Date.parse(headers.date ?? "") + afterMs;
  const resetAt = at > 0 ? at : counted > 0 ? counted : undefined;
  return [{ name: namesOfMinutes[read("window-minutes") ?? ""] ?? name, utilization: percent / 100, resetAt }];
}
