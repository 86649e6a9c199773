/**
 * Fields by which aggregators (OpenRouter, LiteLLM) and some providers let a request be answered by another model than the
 * one it names, or by another server. What a key may ask for and what a call costs hang on the model's name, so these never
 * go up. Sources: openrouter.ai/docs/api-reference (models, route, preset), docs.litellm.ai/docs/proxy/reliability.
 */
const always = [
  ...["models", "route", "preset", "fallbacks", "fallback_models", "fallback_model", "default_fallbacks"],
  ...["context_window_fallbacks", "content_policy_fallbacks", "model_list", "model_group_alias"],
  ...["router_settings_override", "user_config", "api_base", "base_url", "api_key", "custom_llm_provider"],
];

/** Objects with many uses, which go up unless they name a model themselves. */
const sometimes = ["provider", "transforms", "plugins", "extra_body", "litellm_params"];

export const routingFields: readonly string[] = [...always, ...sometimes];

const choosing = /^(model|.*_model|.*models|route|preset|.*fallbacks?|api_base|base_url)$/i;
const deepest = 6;

function choosesModel(value: unknown, depth: number): boolean {
  if (typeof value !== "object" || value === null || depth > deepest) return false;
  return Object.entries(value).some(
    ([name, inner]) =>
      (!Array.isArray(value) && choosing.test(name) && typeof inner !== "boolean") || choosesModel(inner, depth + 1),
  );
}

/** The fields of a request that would choose its model. */
export function findRouting(fields: Readonly<Record<string, unknown>>): readonly string[] | undefined {
  const found = Object.keys(fields).filter(
    (name) => always.includes(name) || (sometimes.includes(name) && choosesModel(fields[name], 0)),
  );
  return found.length > 0 ? found : undefined;
}
