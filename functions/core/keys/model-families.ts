import { memoize } from "../../wire/maps.ts";
/**
 * Families of models: providers limit and cool down by family, and a key may have a weekly cost limit for one.
 * The order is the order of the meters' cells: a new family goes to the end, and none is ever taken out.
 */
export const families = [
  "opus",
  "sonnet",
  "haiku",
  "fable",
  "gpt",
  "codex",
  "o-series",
  "gemini-pro",
  "gemini-flash",
  "gemini-flash-lite",
  "deepseek",
  "kimi",
  "glm",
  "mythos",
] as const;

export type Family = (typeof families)[number];

/** What makes a model one of a family; the first that fits counts, so the narrower names stand before the wider ones. */
const signs: readonly (readonly [RegExp, Family])[] = [
  [/\bclaude\b.*\bopus\b/, "opus"],
  [/\bclaude\b.*\bsonnet\b/, "sonnet"],
  [/\bclaude\b.*\bhaiku\b/, "haiku"],
  [/\bclaude\b.*\bfable\b/, "fable"],
  [/\bclaude\b.*\bmythos\b/, "mythos"],
  [/\bgemini\b.*\bflash-lite\b/, "gemini-flash-lite"],
  [/\bgemini\b.*\bflash\b/, "gemini-flash"],
  [/\bgemini\b.*\bpro\b/, "gemini-pro"],
  [/\bcodex\b/, "codex"],
  [/\b(?:chat)?gpt-\d/, "gpt"],
  [/(?:^|[/:])o\d+(?:$|[-@:])/, "o-series"],
  [/\bdeepseek\b/, "deepseek"],
  [/\bkimi\b/, "kimi"],
  [/\bglm-\d/, "glm"],
];

/** Place of the model's family in `families`; -1 for a model of no known family. Any spelling of a vendor counts: `us.anthropic.claude-…`, `models/gemini-…`. */
export const familyIndex = memoize(1_000, (model: string): number => {
  const name = model.slice(0, 256).toLowerCase();
  const sign = signs.find(([pattern]) => pattern.test(name));
  return sign === undefined ? -1 : families.indexOf(sign[1]);
});

/** The family of a model, or undefined. */
export function familyOf(model: string): Family | undefined {
  return families[familyIndex(model)];
}
