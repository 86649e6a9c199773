import { familyOf } from "../../core/keys/model-families.ts";
import type { ProviderError } from "./provider-error.ts";
import { findReset } from "./resets.ts";
import type { Signal, Verdict } from "./upstream.ts";

/**
 * What an upstream's answer says, and about whom: the request, one model family, the account, or the provider. The one
 * place where signals are classed. It goes by the status, by the provider's own code at its place, and by a few sentences
 * that must be the whole message: providers say their callers' words back, and what a caller writes must judge no account.
 * A 400 and a 404 rest nothing; a limit rests an account only until the reset that the provider names.
 */
export function judge(signal: Signal): Verdict {
  const { status, error } = signal;
  if (status < 400 || status === 404) return pass;
  if (isRefusal(signal)) return { kind: "rejected", mayRefresh: status === 401 || status === 403 };
  if (isOverload(error)) return elsewhere;
  return (judges[status] ?? byClass)(signal);
}

/**
 * Places of OpenAI's language are many vendors with different models and endpoints, so that a 404 of one says nothing about
 * the next.
 */
export function judgeVendor(signal: Signal): Verdict {
  return signal.status === 404 ? elsewhere : judge(signal);
}

const pass: Verdict = { kind: "pass" };
const elsewhere: Verdict = { kind: "elsewhere" };
const unpaidMs = 5 * 60_000;

/** Lower case and without its full stop, so that a sentence is compared as a whole. */
const sentenceOf = ({ message }: ProviderError): string => message.trim().toLowerCase().replace(/\.$/, "");
const bears = (codes: ReadonlySet<string>, error: ProviderError): boolean =>
  error.codes.some((code) => codes.has(code));

/** Codes of a refused credential. */
const refusalCodes = new Set([
  // docs.anthropic.com/en/api/errors.
  "authentication_error",
  // platform.openai.com/docs/guides/error-codes, and ChatGPT's, served as 401, 402 and 403.
  ...["invalid_api_key", "account_deactivated", "deactivated_workspace"],
  ...["token_expired", "token_revoked", "token_invalidated"],
  // google.api.ErrorReason (googleapis/google/api/error_reason.proto), served as 400, 401 and 403.
  ...["api_key_invalid", "api_key_expired", "consumer_suspended", "account_state_invalid", "access_token_expired"],
  // docs.aws.amazon.com/bedrock/latest/APIReference/CommonErrors.html, served as 403.
  ...["unrecognizedclientexception", "expiredtokenexception", "expiredtoken", "invalidclienttokenid"],
  ...["invalidsignatureexception", "missingauthenticationtoken", "missingauthenticationtokenexception"],
]);

/** What providers say of a refused credential where the code is that of any mistake; each is the whole message. */
const refusalSentences = new Set([
  "this organization has been disabled",
  "oauth authentication is currently not allowed for this organization",
  "oauth authentication is currently not supported",
  "oauth token has been revoked. please obtain a new token",
  "oauth token has expired. please obtain a new token or refresh your existing token",
  "api key not valid. please pass a valid api key",
  "api key expired. please renew the api key",
  "your api key was reported as leaked. please use another api key",
  "the security token included in the request is invalid",
  "the security token included in the request is expired",
  "bearer token has expired",
]);

/** That a credential seems to be refused. It stops nothing yet: the relay asks the account by itself first (probe.ts). */
function isRefusal({ status, error }: Signal): boolean {
  if (status === 401) return true;
  return status < 500 && (bears(refusalCodes, error) || refusalSentences.has(sentenceOf(error)));
}

/** Codes of a provider that is busy or broken, whatever the status they come with. */
const overloadCodes = new Set([
  ...["overloaded_error", "api_error", "timeout_error"],
  ...["server_is_overloaded", "slow_down", "server_error", "engine_overloaded", "service_unavailable"],
  ...["unavailable", "internal", "deadline_exceeded"],
  ...["serviceunavailableexception", "internalserverexception", "modelnotreadyexception", "modeltimeoutexception"],
]);

const overloadSentences = new Set([
  "overloaded",
  "internal server error",
  "our servers are currently overloaded. please try again later",
  "selected model is at capacity. please try a different model",
  "that model is currently overloaded",
  "that model is currently overloaded with other requests",
  "the engine is currently overloaded, please try again later",
  "the server is currently overloaded, please try again later",
  "the model is overloaded. please try again later",
  "service temporarily unavailable",
]);

function isOverload(error: ProviderError): boolean {
  return bears(overloadCodes, error) || overloadSentences.has(sentenceOf(error));
}

/** What an account has not paid for. Sources: platform.openai.com/docs/guides/error-codes, api-docs.deepseek.com. */
const unpaidCodes = new Set([
  ...["insufficient_quota", "usage_not_included", "billing_hard_limit_reached", "billing_error"],
  ...["insufficient_balance", "exceeded_current_quota_error"],
]);

/** Refusals of where an account is or what it has not paid for, that come as the client's own fault. */
const accountSentences = new Set([
  "user location is not supported for the api use",
  "gemini api free tier is not available in your country. please enable billing on your project in google ai studio",
  "your credit balance is too low to access the anthropic api. please go to plans & billing to upgrade or purchase credits",
  "your credit balance is too low to access the anthropic api. please go to plans & billing to purchase credits",
]);

/** A client's own fault that comes with a status which otherwise blames the account. */
const clientSentences = new Set([
  "extra usage is required for long context requests",
  "the long context beta is not yet available for this subscription",
]);

const judges: Readonly<Record<number, (signal: Signal) => Verdict>> = {
  400: ({ error }) => (accountSentences.has(sentenceOf(error)) ? elsewhere : pass),
  // A vendor that counts what an answer might cost refuses large requests so, whatever the balance is.
  402: (signal) => (isUnpaid(signal) ? restUnpaid(signal) : elsewhere),
  403: () => elsewhere,
  408: () => elsewhere,
  // Bedrock: the model itself failed (ModelErrorException, ModelStreamErrorException).
  424: () => elsewhere,
  429: judgeLimit,
};

function byClass({ status }: Signal): Verdict {
  return status >= 500 ? elsewhere : pass;
}

function isUnpaid({ error }: Signal): boolean {
  return bears(unpaidCodes, error) || sentenceOf(error) === "insufficient balance";
}

const restUnpaid = ({ nowAt }: Signal): Verdict => ({ kind: "cool", scope: "account", untilAt: nowAt + unpaidMs });

function judgeLimit(signal: Signal): Verdict {
  if (clientSentences.has(sentenceOf(signal.error))) return pass;
  if (isUnpaid(signal)) return restUnpaid(signal);
  const untilAt = findReset(signal);
  return untilAt === undefined ? elsewhere : { kind: "cool", scope: limitScope(signal), untilAt };
}

/** Whose limit it is. A subscription's claim names its window; an API key's rates are per model family. */
function limitScope({ headers, error, model }: Signal): "account" | `family:${string}` {
  const claim = headers["anthropic-ratelimit-unified-representative-claim"];
  const family = model === undefined ? undefined : familyOf(model);
  if (claim !== undefined) return /^seven_day_./.test(claim) && family ? `family:${family}` : "account";
  if (error.codes.includes("usage_limit_reached")) return "account";
  if (headers["anthropic-ratelimit-unified-status"] !== undefined || family === undefined) return "account";
  return `family:${family}`;
}
