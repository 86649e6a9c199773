import type * as z from "zod/mini";
import { askEmpty, askModels, readModels } from "../../relay/transport/model-lists.ts";
import type { Env } from "../../env.ts";
import { Failure, toFailure } from "../../failure.ts";
import type { Account } from "../../core/accounts/account.ts";
import { upstreams } from "../../relay/upstreams/index.ts";
import type { Upstream } from "../../relay/upstreams/upstream.ts";
import type { AccountTestReport } from "./account-schema.ts";
import { isObject, parseJson } from "../../wire/json.ts";

export type Report = z.infer<typeof AccountTestReport>;

/** Asks the account's provider for its list of models: a true call with the true credential and proxy that spends no tokens. */
export async function testAccount(account: Account, model: string | undefined, env: Env): Promise<Report> {
  const upstream = upstreams[account.kind];
  if (!upstream)
    throw new Failure("request.unsupported", { message: `The kind ${account.kind} is not known to this relay.` });
  const startedAt = env.now();
  try {
    const { status, text } = await askModels(account, upstream, env);
    const judged = judge(status, text, upstream, model);
    const latencyMs = env.now() - startedAt;
    const hint = judged.isOk ? await adviseLanguage(account, upstream, env) : "";
    return { ...judged, message: judged.message + hint, status, latencyMs };
  } catch (error) {
    const failure = toFailure(error);
    if (failure.code === "internal" || failure.code === "store.unavailable") throw error;
    return { isOk: false, status: null, latencyMs: env.now() - startedAt, message: failure.message, models: [] };
  }
}

/** Of an address that does not say which of OpenAI's languages it speaks: Responses is asked for with a request that is empty. */
async function adviseLanguage(account: Account, upstream: Upstream, env: Env): Promise<string> {
  const { baseUrl, settings } = account;
  if (account.kind !== "openai" || baseUrl === undefined || settings.language !== undefined) return "";
  const { status } = await askEmpty(account, upstream, "/v1/responses", env);
  return status === 404 || status === 405
    ? ' It has no Responses API: set the account\'s setting "language" to "chat".'
    : "";
}

function judge(
  status: number,
  text: string,
  upstream: Upstream,
  model: string | undefined,
): Pick<Report, "isOk" | "message" | "models"> {
  const answer = parseJson(text);
  if (status < 200 || status >= 300)
    return { isOk: false, message: wordsOf(answer) ?? `The provider answered with status ${status}.`, models: [] };
  const listed = readModels(answer, upstream);
  if (!listed)
    return {
      isOk: false,
      message: "The provider answered, but not with a list of models: check the base URL.",
      models: [],
    };
  const models = [...listed.keys()].slice(0, 1_000);
  if (model !== undefined && !listed.has(upstream.listing?.named?.(model) ?? model))
    return { isOk: false, message: `The provider does not list the model ${model}.`, models };
  return { isOk: true, message: `The provider answered with ${models.length} models.`, models };
}

/** The provider's own words, as far as they go for a line: `{"error":{"message"}}` in every dialect. */
function wordsOf(answer: unknown): string | undefined {
  const error = isObject(answer) ? answer.error : undefined;
  const message = isObject(error) ? error.message : error;
  return typeof message === "string" && message !== "" ? message.slice(0, 500) : undefined;
}
