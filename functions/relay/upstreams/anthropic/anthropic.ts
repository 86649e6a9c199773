import { cutEndpoint } from "../openai/openai.ts";
import { judge } from "../judge.ts";
import { anthropicWindows } from "../rate-windows.ts";
import type { Upstream } from "../upstream.ts";

/** The Anthropic API by key, and whatever speaks it at another base URL. Source: docs.anthropic.com/en/api/overview. */
export const anthropic: Upstream = {
  kind: "anthropic",
  service: "claude",
  dialect: "anthropic",
  credential: "api-key",
  defaultBaseUrl: "https://api.anthropic.com",
  homeModels: /^claude-/,
  address: (account, call) => joinUrl(account.baseUrl ?? anthropic.defaultBaseUrl, call.target),
  sign(headers, credential) {
    if (credential.kind !== "api-key") return headers;
    // Keys of the provider itself go where its API wants them; other vendors' keys are bearers unless the account says so.
    const shownAs = credential.shownAs ?? (credential.secret.startsWith("sk-ant-") ? "x-api-key" : "bearer");
    return shownAs === "x-api-key"
      ? { ...headers, "x-api-key": credential.secret }
      : { ...headers, authorization: `Bearer ${credential.secret}` };
  },
  judge,
  windows: anthropicWindows,
};

/** A base URL and a target, each with or without slashes; a base that already ends in `/v1` is not doubled. */
export function joinUrl(base: string, target: string): string {
  const trimmed = cutEndpoint(base);
  return target.startsWith("/v1/") && trimmed.endsWith("/v1") ? `${trimmed}${target.slice(3)}` : `${trimmed}${target}`;
}
