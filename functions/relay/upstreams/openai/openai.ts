import type { Call, DialectName } from "../../dialects/dialect.ts";
import { askUsage } from "../../dialects/openai/ask-usage.ts";
import type { Account, Credential } from "../../../core/accounts/account.ts";
import type { Headers } from "../../../wire/exchange.ts";
import { judgeVendor } from "../judge.ts";
import { openaiWindows } from "../rate-windows.ts";
import { unpack } from "../splice.ts";
import type { Upstream } from "../upstream.ts";

/**
 * The OpenAI API by key, and every vendor that speaks it at another base URL (vendors.ts). Its languages are one place each:
 * `speaking` tells which one an endpoint means. Source: platform.openai.com/docs/api-reference.
 */
export const openai: Upstream = {
  kind: "openai",
  service: "openai",
  dialect: "openai-responses",
  credential: "api-key",
  defaultBaseUrl: "https://api.openai.com",
  settings: {
    streamUsage: "`off` for a vendor that refuses `stream_options`: its streams then say nothing of their cost.",
  },
  homeModels: /^(gpt-|chatgpt-|codex-|o\d)/,
  address: (account, call) => joinVersion(account.baseUrl ?? openai.defaultBaseUrl, call.target),
  sign: showKey,
  prepare: prepareOpenai,
  judge: judgeVendor,
  windows: openaiWindows,
};

/** The same place in another of its languages. */
export function speaking(dialect: DialectName, upstream: Upstream): Upstream {
  return { ...upstream, dialect };
}

/** A base URL that ends in a version (`/v1`, `/api/paas/v4`) means it instead of the target's own. */
export function joinVersion(base: string, target: string): string {
  const trimmed = base.replace(/\/+$/, "");
  return /\/v\d+[a-z]*$/.test(trimmed) ? `${trimmed}${target.replace(/^\/v1(?=\/)/, "")}` : `${trimmed}${target}`;
}

export function showKey(headers: Headers, credential: Credential): Headers {
  if (credential.kind !== "api-key") return headers;
  const { secret, shownAs = "bearer" } = credential;
  return shownAs === "bearer" ? { ...headers, authorization: `Bearer ${secret}` } : { ...headers, [shownAs]: secret };
}

/** Codex compresses with zstd what it believes to go to ChatGPT, which others do not read. */
export function prepareOpenai(call: Call, account: Account): Call {
  const plain = unpack(call);
  const isAsking = plain.dialect === "openai-chat" && account.settings.streamUsage !== "off";
  return isAsking ? askUsage(plain) : plain;
}
