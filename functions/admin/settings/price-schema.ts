import * as z from "zod/mini";
import { component } from "../http/component.ts";
import { instant, listOf, paging, text } from "../http/fields.ts";
import { nanosOfUsd } from "../http/money.ts";

const aboutClass = "US dollars for a million tokens, up to 6 decimals; null: as input.";

const rate = (about: string) =>
  z.number().check(
    z.gte(0),
    z.lte(100_000),
    z.refine((usd) => (nanosOfUsd(usd) ?? 1) % 1_000 === 0, { error: "must have at most 6 decimals" }),
    z.describe(about),
  );
const classRate = z.nullable(z.number()).check(z.describe(aboutClass));

const rates = {
  inputUsd: z.number().check(z.describe("US dollars for a million tokens.")),
  outputUsd: z.number().check(z.describe("US dollars for a million tokens.")),
  cacheReadUsd: classRate,
  cacheWrite5mUsd: classRate,
  cacheWrite1hUsd: classRate,
};

export const ModelPrice = component(
  "ModelPrice",
  z.object({
    model: z.string(),
    names: z.array(z.string()).check(z.describe("Other names of the same price.")),
    isOwn: z.boolean().check(z.describe("Set by the operator, in place of the table's.")),
    ...rates,
    webSearchUsd: z.nullable(z.number()).check(z.describe("US dollars for a thousand searches.")),
    longContext: z
      .array(z.object({ aboveTokens: z.int(), ...rates }))
      .check(z.describe("Rates of the whole call when its input is longer.")),
    serviceTiers: z.record(z.string(), z.number()).check(z.describe("Multipliers of the token rates by tier.")),
    listed: z.nullable(z.object(rates)).check(z.describe("Of an own price: what the table has instead.")),
  }),
);
export type PriceRow = z.infer<typeof ModelPrice>;

export const PricePage = component(
  "ModelPrices",
  z.extend(listOf(ModelPrice), {
    own: z.int().check(z.describe("How many own prices there are.")),
    madeOn: z.string().check(z.describe("The day on which the table was made.")),
    source: z.string().check(z.describe("What the table was made of.")),
  }),
);

export const PriceQuery = z.strictObject({
  ...paging,
  search: z.optional(text(200, "Part of a model's name.")),
  of: z.optional(z.enum(["all", "own"]).check(z.describe("`own`: only what the operator set."))),
});

const optionalRate = z.optional(z.nullable(rate(aboutClass)));

export const PriceDraft = component(
  "ModelPriceDraft",
  z.strictObject({
    model: z.string().check(z.trim(), z.minLength(1), z.maxLength(200), z.describe("A model, as clients ask for it.")),
    inputUsd: rate("US dollars for a million tokens, up to 6 decimals."),
    outputUsd: rate("US dollars for a million tokens, up to 6 decimals."),
    cacheReadUsd: optionalRate,
    cacheWrite5mUsd: optionalRate,
    cacheWrite1hUsd: optionalRate,
    webSearchUsd: z.optional(z.nullable(rate("US dollars for a thousand searches; null: nothing."))),
  }),
);
export type Draft = z.infer<typeof PriceDraft>;

const unpriced = z.object({
  model: z.string(),
  requests: z.int().check(z.describe("Answered calls that counted no cost.")),
  tokens: z.int(),
  lastAt: instant("The latest call."),
});
export type Unpriced = z.infer<typeof unpriced>;
export const UnpricedModels = component("UnpricedModels", z.object({ items: z.array(unpriced) }));

export const PricedModel = component("PricedModel", z.strictObject({ model: text(200, "A model with an own price.") }));
