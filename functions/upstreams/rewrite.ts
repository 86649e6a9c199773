import type { Call } from "../dialects/dialect.ts";
import type { Account } from "../records/account.ts";
import { resolveAlias } from "../records/alias.ts";
import { findTopLevel, replaceSpan } from "../wire/top-level.ts";

/**
 * An account's model alias: the one byte rule there is. Only the model's value is replaced and every other byte stays as it
 * was, since a changed key order breaks the provider's prompt cache. Compressed bodies cannot be spliced and pass as they are.
 */
export function rewriteModel(call: Call, account: Account): Call {
  const model = call.model === undefined ? undefined : resolveAlias(call.model, account.aliases);
  if (model === call.model || model === undefined) return call;
  if (call.dialect === "gemini") return rewriteTarget(call, model);
  const span = findTopLevel(call.body, ["model"])?.get("model");
  if (!span) return { ...call, rules: [...call.rules, `alias ${call.model} → ${model} could not be applied`] };
  const body = replaceSpan(call.body, span, model);
  return { ...call, body, model, rules: [...call.rules, `model ${call.model} → ${model} (alias of the account)`] };
}

/** Gemini's language names the model in the path, and embedding requests once more in the body, as `models/<name>`. */
function rewriteTarget(call: Call, model: string): Call {
  const target = call.target.replace(/\/models\/[^/:?]+/, `/models/${encodeURIComponent(model)}`);
  const span = call.operation === "embedContent" ? findTopLevel(call.body, ["model"])?.get("model") : undefined;
  const body = span ? replaceSpan(call.body, span, `models/${model}`) : call.body;
  return {
    ...call,
    target,
    body,
    model,
    rules: [...call.rules, `model ${call.model} → ${model} (alias of the account)`],
  };
}
