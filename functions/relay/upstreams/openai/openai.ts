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
  inLanguage: (account, call) => places[languageFor(account, call)],
  settings: {
    language:
      "`responses` or `chat`: the only one of OpenAI's languages that a vendor speaks. Unset: both at OpenAI itself, and elsewhere the client's.",
    streamUsage: "`off` for a vendor that refuses `stream_options`: its streams then say nothing of their cost.",
  },
  homeModels: /^(gpt-|chatgpt-|codex-|o\d)/,
  address: (account, call) => joinVersion(account.baseUrl ?? openai.defaultBaseUrl, call.target),
  sign: showKey,
  prepare: prepareOpenai,
  judge: judgeVendor,
  windows: openaiWindows,
};

/** The same place in another of its languages, and in no other. */
export function speaking(dialect: DialectName, upstream: Upstream): Upstream {
  const { inLanguage: _inLanguage, ...rest } = upstream;
  return { ...rest, dialect };
}

type Spoken = "openai-responses" | "openai-chat";
const places: Readonly<Record<Spoken, Upstream>> = {
  "openai-responses": speaking("openai-responses", openai),
  "openai-chat": speaking("openai-chat", openai),
};

/** Models that OpenAI serves by Responses alone. Source: platform.openai.com/docs/models, endpoints of each model. */
const responsesOnly = /^(gpt-.*-(pro|codex)|codex-|o\d-pro|o\d.*-deep-research|computer-use)/;

/** A vendor that says nothing of it is asked in the client's own language, and in Responses by clients of other languages. */
function languageFor({ settings, baseUrl }: Account, { model = "", dialect }: Pick<Call, "model" | "dialect">): Spoken {
  if (settings.language === "chat") return "openai-chat";
  if (settings.language === "responses") return "openai-responses";
  const isOpenai = baseUrl === undefined || new URL(baseUrl).hostname === "api.openai.com";
  if (isOpenai && responsesOnly.test(model)) return "openai-responses";
  return dialect === "openai-chat" ? "openai-chat" : "openai-responses";
}

/**
 * A base URL that has a version in its path (`/v1`, `/api/paas/v4`, Google's `/v1beta/openai`), or is complete without one
 * (`/compat`, `/inference`), means it instead of the target's own. One that was pasted with an endpoint is cut back to its base.
 */
export function joinVersion(base: string, target: string): string {
  const trimmed = cutEndpoint(base);
  const isComplete = /\/v\d+[a-z]*\d*(?=\/|$)|\/(compat|inference)$/.test(pathOf(trimmed));
  return isComplete ? `${trimmed}${target.replace(/^\/v1(?=\/)/, "")}` : `${trimmed}${target}`;
}

const pathOf = (url: string): string => url.replace(/^\w+:\/\/[^/]*/, "");
const endpoints =
  /\/+(messages(\/count_tokens)?|chat\/completions|completions|responses(\/compact)?|embeddings|images\/generations|models)$/;

/** A base URL without slashes at its end, and without the endpoint that was pasted with it. */
export const cutEndpoint = (base: string): string =>
  base.replace(/\/+$/, "").replace(endpoints, "").replace(/\/+$/, "");

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
