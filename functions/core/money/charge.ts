import type { Cost, Price } from "./price.ts";
import { computeCost, findPrice } from "./price.ts";
import { findDearest } from "./price-table.ts";
import type { Usage } from "./usage.ts";
import { withoutParts } from "./usage.ts";

/** How models' prices are found for one call. */
export interface PriceList {
  readonly at: number;
  readonly prices: ReadonlyMap<string, Price>;
  /** Whether a model without a price has that of its dearest kin. */
  readonly assumes: boolean;
}

/** A call as it is to be paid. */
export interface Used {
  readonly usage: Usage;
  /** The model that the account was asked for, and the one that the answer says it came from. */
  readonly asked: string | undefined;
  readonly answered: string | undefined;
}

export interface Charge extends Cost {
  /** With the cost of each part. */
  readonly usage: Usage;
}

/**
 * What a call cost, its parts included: at the dearer of the prices of the model that was asked for and of the one that
 * answered, since a provider may route elsewhere. Undefined if no price is known.
 */
export function computeCharge({ usage, asked, answered }: Used, list: PriceList): Charge | undefined {
  const names = [...new Set([asked, answered])].filter((name) => name !== undefined);
  if (names.length === 0) return undefined;
  const known = names.map((name) => findPrice(name, list.at, list.prices)).filter((price) => price !== undefined);
  const prices = known.length === 0 ? assume(names[0], list) : known;
  const charges = prices.map((price) => chargeAt(usage, price, list));
  return charges.reduce<Charge | undefined>(
    (dearest, each) => (dearest && dearest.costNanos >= each.costNanos ? dearest : each),
    undefined,
  );
}

function assume(model: string | undefined, { at, assumes }: PriceList): Price[] {
  return assumes ? [findDearest(model ?? "", at)] : [];
}

function chargeAt(usage: Usage, price: Price, list: PriceList): Charge {
  const own = computeCost(withoutParts(usage), price);
  const cost = price.isAssumed ? { ...own, rates: { ...own.rates, assumed: 1 } } : own;
  if (!usage.parts) return { ...cost, usage };
  const parts = usage.parts.map((part) => {
    const named = part.model === undefined ? undefined : findPrice(part.model, list.at, list.prices);
    const found = named ?? (part.model === undefined ? price : (assume(part.model, list)[0] ?? price));
    return { ...part, costNanos: computeCost(part.usage, found).costNanos };
  });
  const costNanos = parts.reduce((sum, part) => sum + part.costNanos, cost.costNanos);
  return { ...cost, costNanos, usage: { ...usage, parts } };
}

/** The dearest price of several names, for a reservation; undefined if none has any. */
export function findReservePrice(models: readonly string[], list: PriceList): Price | undefined {
  const known = models.map((name) => findPrice(name, list.at, list.prices)).filter((price) => price !== undefined);
  const prices = known.length === 0 ? assume(models[0], list) : known;
  return prices.toSorted((one, other) => other.outputPicos - one.outputPicos)[0];
}
