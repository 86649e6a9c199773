/** A model as a list shows it. */
export interface ListedModel {
  readonly id: string;
  /** Epoch seconds; 0 where nobody knows. */
  readonly created: number;
  readonly ownedBy: string;
  /** In a client's list of models, below the name. */
  readonly description?: string;
  /** What its provider says of it; absent for a name that the operator gave. */
  readonly entry?: Readonly<Record<string, unknown>>;
}

/** How a dialect words a list of models, and one. */
export interface ModelWords {
  list(models: readonly ListedModel[]): unknown;
  one(model: ListedModel): unknown;
}

/** Source: platform.openai.com/docs/api-reference/models. */
export const openaiModels: ModelWords = {
  list: (models) => ({ object: "list", data: models.map(openaiModels.one) }),
  one: ({ id, created, ownedBy }) => ({ id, object: "model", created, owned_by: ownedBy }),
};

const levels = ["low", "medium", "high"].map((effort) => ({ effort, description: `${effort} reasoning effort` }));

/** What Codex demands of a list that takes the place of its own. Source: codex-rs/protocol, ModelInfo. */
export const codexModels: ModelWords = {
  list: (models) => ({ models: models.map(codexModels.one) }),
  one: ({ id, entry, description }) => ({
    ...{
      slug: id,
      display_name: id,
      description,
      supported_reasoning_levels: levels,
      shell_type: "shell_command",
    },
    ...{ visibility: "list", supported_in_api: true, priority: 0, base_instructions: "", support_verbosity: false },
    ...{ truncation_policy: { mode: "tokens", limit: 10_000 }, experimental_supported_tools: [] },
    ...{ input_modalities: ["text", "image"], context_window: contextOf(entry) },
  }),
};

const usualContext = 128_000;
const contextOf = (entry: ListedModel["entry"]): number =>
  [
    entry?.context_window,
    entry?.context_length,
    entry?.max_model_len,
    entry?.inputTokenLimit,
    entry?.max_input_tokens,
  ].find((length) => typeof length === "number") ?? usualContext;

/** All on one page, whatever the `limit`; Claude Code shows the description below a name it does not know. Source: docs.anthropic.com/en/api/models-list. */
export const anthropicModels: ModelWords = {
  list: (models) => ({
    data: models.map(anthropicModels.one),
    has_more: false,
    first_id: models[0]?.id ?? null,
    last_id: models.at(-1)?.id ?? null,
  }),
  one: ({ id, created, entry, description }) =>
    entry?.type === "model"
      ? { description, ...entry }
      : { type: "model", id, display_name: id, description, created_at: new Date(created * 1000).toISOString() },
};

/** Source: ai.google.dev/api/models. */
export const geminiModels: ModelWords = {
  list: (models) => ({ models: models.map(geminiModels.one) }),
  one: ({ id, entry }) =>
    String(entry?.name).startsWith("models/")
      ? entry
      : { name: `models/${id}`, displayName: id, supportedGenerationMethods: ["generateContent", "countTokens"] },
};
