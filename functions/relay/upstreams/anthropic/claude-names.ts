/** Names without a date that Anthropic's API takes for a dated model; clouds know the dated ones only. From 4.6 on none is dated. */
const dated: Readonly<Record<string, string>> = {
  "claude-opus-4-5": "claude-opus-4-5-20251101",
  "claude-haiku-4-5": "claude-haiku-4-5-20251001",
  "claude-sonnet-4-5": "claude-sonnet-4-5-20250929",
  "claude-opus-4-1": "claude-opus-4-1-20250805",
  "claude-opus-4-0": "claude-opus-4-20250514",
  "claude-opus-4": "claude-opus-4-20250514",
  "claude-sonnet-4-0": "claude-sonnet-4-20250514",
  "claude-sonnet-4": "claude-sonnet-4-20250514",
  "claude-3-7-sonnet-latest": "claude-3-7-sonnet-20250219",
  "claude-3-5-sonnet-latest": "claude-3-5-sonnet-20241022",
  "claude-3-5-haiku-latest": "claude-3-5-haiku-20241022",
};

/** The name that a cloud derives its own from. */
export function datedName(model: string): string {
  return dated[model] ?? model;
}

/** Ids on Bedrock that do not follow from the name. Source: platform.claude.com/docs, "Claude on Amazon Bedrock". */
const bedrockIds: Readonly<Record<string, string>> = {
  "claude-3-5-sonnet-20241022": "anthropic.claude-3-5-sonnet-20241022-v2:0",
  "claude-opus-4-6": "anthropic.claude-opus-4-6-v1",
};

/** A model's id on Bedrock, without the inference profile before it. What is no plain name (an ARN, an id) is left alone. */
export function bedrockId(model: string): string {
  if (!model.startsWith("claude-")) return model;
  const name = datedName(model);
  return bedrockIds[name] ?? (/-20\d{6}$/.test(name) ? `anthropic.${name}-v1:0` : `anthropic.${name}`);
}

/** Models before Claude 4.5 have one profile for all of Asia; later ones have some for single countries, and a global one. */
const isEarly = /^(claude-3|claude-(opus|sonnet)-4(-0|-1)?(-20\d{6})?$)/;
const profiles: readonly (readonly [RegExp, early: string, later: string])[] = [
  [/^us-gov-/, "us-gov", "us-gov"],
  [/^us-/, "us", "us"],
  [/^eu-/, "eu", "eu"],
  [/^ap-northeast-[13]$/, "apac", "jp"],
  [/^ap-southeast-[24]$/, "apac", "au"],
  [/^ap-/, "apac", "global"],
];

/**
 * The id with the inference profile that serves a region: most Claude models cannot be called on demand without one.
 * Source: docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-support.html.
 */
export function bedrockProfile(model: string, region: string, wished: string | undefined): string {
  const id = bedrockId(model);
  if (!model.startsWith("claude-") || wished === "none") return id;
  const row = profiles.find(([regions]) => regions.test(region));
  const fitting = isEarly.test(model) ? row?.[1] : row?.[2];
  return `${wished ?? fitting ?? "global"}.${id}`;
}

/** Ids on Vertex AI that do not follow from the name. Source: platform.claude.com/docs, "Claude on Vertex AI". */
const vertexIds: Readonly<Record<string, string>> = {
  "claude-3-5-sonnet-20241022": "claude-3-5-sonnet-v2@20241022",
};

/** A model's id on Vertex AI: an `@` before the date. */
export function vertexId(model: string): string {
  const name = datedName(model);
  return vertexIds[name] ?? name.replace(/-(20\d{6})$/, "@$1");
}

/** The other way round: the name that Anthropic's API has for a model that a cloud lists. */
export function plainName(id: string): string {
  return id
    .replace(/^(?:[a-z-]+\.)?anthropic\./, "")
    .replace(/-v\d+(:\d+)?(:\w+)?$/, "")
    .replace("@", "-");
}
