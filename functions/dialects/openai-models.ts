/** A model as a list shows it. */
export interface ListedModel {
  readonly id: string;
  /** Epoch seconds; 0 where nobody knows. */
  readonly created: number;
  readonly ownedBy: string;
}

/** Model lists in OpenAI's shape. Source: platform.openai.com/docs/api-reference/models. */
export const openaiModels = {
  list: (models: readonly ListedModel[]): unknown => ({ object: "list", data: models.map(describeModel) }),
  one: describeModel,
};

function describeModel({ id, created, ownedBy }: ListedModel): Record<string, unknown> {
  return { id, object: "model", created, owned_by: ownedBy };
}
