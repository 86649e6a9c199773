import type { Call } from "../dialects/dialect.ts";
import { resolveAlias } from "../../core/keys/aliases.ts";
import { findTopLevel, parseSpan, replaceSpan } from "../../wire/top-level.ts";
import { unpack } from "./splice.ts";

/** A table of model aliases, and whose it is. */
export interface Aliasing {
  readonly aliases: Readonly<Record<string, string>>;
  readonly of: "key" | "account";
}

/**
 * A model alias: the one byte rule there is. Only the model's value is replaced and every other byte stays as it was, since a
 * changed key order breaks the provider's prompt cache. A compressed body is unpacked for it.
 */
export function rewriteModel(asked: Call, { aliases, of }: Aliasing): Call {
  const model = asked.model === undefined ? undefined : resolveAlias(asked.model, aliases);
  if (model === asked.model || model === undefined) return asked;
  const call = unpack(asked);
  const rules = [...call.rules, `model ${call.model} → ${model} (alias of the ${of})`];
  if (call.dialect === "gemini") return { ...rewriteTarget(call, model), model, rules };
  const spans = findTopLevel(call.body, ["model"]);
  if (!spans) return { ...call, rules: [...call.rules, `alias ${call.model} → ${model} could not be applied`] };
  const span = spans.get("model");
  // Azure's clients may name it in the path alone, which the place writes anew.
  return { ...call, ...(span ? { body: replaceSpan(call.body, span, model) } : {}), model, rules };
}

/** Gemini's language names the model in the path, and embedding requests once more in the body, as `models/<name>`. */
function rewriteTarget(call: Call, model: string): Call {
  const target = call.target.replace(/\/models\/[^/:?]+/, `/models/${encodeURIComponent(model)}`);
  const isEmbedding = /^(embedContent|batchEmbedContents)$/.test(call.operation);
  const spans = isEmbedding ? findTopLevel(call.body, ["model", "requests"]) : undefined;
  const [one, many] = [spans?.get("model"), spans?.get("requests")];
  if (one) return { ...call, target, body: replaceSpan(call.body, one, `models/${model}`) };
  const requests: unknown = many && parseSpan(call.body, many);
  if (!many || !Array.isArray(requests)) return { ...call, target };
  const renamed = (requests as object[]).map((request) => ({ ...request, model: `models/${model}` }));
  return { ...call, target, body: replaceSpan(call.body, many, renamed) };
}

/**
 * What a key's holder asks for by another name. Whose capability that is follows from the model that is meant: `read` reads
 * the bytes anew.
 */
export function renameForKey(call: Call, aliases: Aliasing["aliases"], read: (bytes: Buffer) => Call): Call {
  if (call.model === undefined || resolveAlias(call.model, aliases) === call.model) return call;
  const renamed = rewriteModel(call, { aliases, of: "key" });
  return { ...renamed, service: read(renamed.body).service };
}
