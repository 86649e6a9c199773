/** A model as a list shows it. */
export interface ListedModel {
  readonly id: string;
  /** Epoch seconds; 0 where nobody knows. */
  readonly created: number;
  readonly ownedBy: string;
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

/** All on one page, whatever the `limit`. Source: docs.anthropic.com/en/api/models-list. */
export const anthropicModels: ModelWords = {
  list: (models) => ({
    data: models.map(anthropicModels.one),
    has_more: false,
    first_id: models[0]?.id ?? null,
    last_id: models.at(-1)?.id ?? null,
  }),
  one: ({ id, created, entry }) =>
    entry?.type === "model"
      ? entry
      : { type: "model", id, display_name: id, created_at: new Date(created * 1000).toISOString() },
};

/** Source: ai.google.dev/api/models. */
export const geminiModels: ModelWords = {
  list: (models) => ({ models: models.map(geminiModels.one) }),
  one: ({ id, entry }) =>
    String(entry?.name).startsWith("models/")
      ? entry
      : { name: `models/${id}`, displayName: id, supportedGenerationMethods: ["generateContent", "countTokens"] },
};
