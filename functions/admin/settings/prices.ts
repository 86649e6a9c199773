import type { Env } from "../../env.ts";
import { addFigures, figure, noFigures, tokensOf, type Figures } from "../../core/usage/totals.ts";
import { getOrPut } from "../../core/usage/rollup/write.ts";
import { dayOf } from "../../core/limits/period.ts";
import { putPool, readPool } from "../../core/accounts/pool.ts";
import type { Price, Rates } from "../../core/money/price.ts";
import { findPrice, listPrices, ownName, pricesMadeOn, pricesSource } from "../../core/money/price.ts";
import { readShare, unknownModel } from "../../core/usage/rollup/schema.ts";
import { readMonths } from "../../core/usage/statistics.ts";
import { buildPage } from "../http/fields.ts";
import { unknownRecord } from "../http/invalid.ts";
import { nanosOfUsd } from "../http/money.ts";
import type { Operation } from "../http/operation.ts";
import { operation } from "../http/operation.ts";
import * as shape from "./price-schema.ts";

export const priceOperations: readonly Operation[] = [
  operation({
    method: "GET",
    path: "/admin/prices",
    id: "listPrices",
    summary: "What models cost now: the operator's own prices first, then the table's.",
    query: shape.PriceQuery,
    answer: shape.PricePage,
    async run({ query }, env) {
      const own = (await readPool(env)).prices;
      const rows = [
        ...[...own.keys()].sort().map((name) => buildRow([name], findPrice(name, env.now(), own), env)),
        ...(query.of === "own" ? [] : listPrices(env.now()).map(({ names, price }) => buildRow(names, price, env))),
      ];
      const search = query.search?.trim().toLowerCase() ?? "";
      const found = rows.filter(({ model, names }) => [model, ...names].some((name) => name.includes(search)));
      return { ...buildPage(found, query), own: own.size, madeOn: pricesMadeOn, source: pricesSource };
    },
  }),
  operation({
    method: "GET",
    path: "/admin/prices/unpriced",
    id: "listUnpricedModels",
    summary:
      "Models of the last 30 days that have no price: their calls count no cost. At most two commands and the tail's.",
    answer: shape.UnpricedModels,
    async run(_, env) {
      const [items, pool] = await Promise.all([readUnpriced(env), readPool(env)]);
      return { items: items.filter(({ model }) => findPrice(model, env.now(), pool.prices) === undefined) };
    },
  }),
  operation({
    method: "PUT",
    path: "/admin/prices",
    id: "setPrice",
    summary: "Set a price for a model and its spellings. It holds for calls from now on; what was counted stays.",
    body: shape.PriceDraft,
    answer: shape.ModelPrice,
    async run({ body }, env) {
      const name = ownName(body.model);
      await putPool({ [`price/${name}`]: buildPrice(body) }, env);
      const { prices } = await readPool(env);
      return buildRow([name], findPrice(name, env.now(), prices), env);
    },
  }),
  operation({
    method: "POST",
    path: "/admin/prices/reset",
    id: "resetPrice",
    summary: "Take an own price away: the table's holds again, if it has one.",
    body: shape.PricedModel,
    async run({ body }, env) {
      const name = ownName(body.model);
      if (!(await readPool(env)).prices.has(name)) throw unknownRecord("own price of", name);
      await putPool({ [`price/${name}`]: undefined }, env);
    },
  }),
];

const dayMs = 86_400_000;

/** Months of 30 days are two at most, so their rows tell it. The name is the one that was asked for, as the log has it. */
export async function readUnpriced(env: Env): Promise<shape.Unpriced[]> {
  const since = env.now() - 30 * dayMs;
  const months = new Set([since, env.now()].map((at) => dayOf(at, env.config).name.slice(0, 7)));
  const models = new Map<string, Figures>();
  for (const { shares } of await readMonths([...months], env)) {
    for (const [share, figures] of shares) {
      addFigures(getOrPut(models, readShare(share).model, noFigures), figures);
    }
  }
  return [...models]
    .filter(([model, sum]) => model !== unknownModel && model !== "" && isUnpriced(sum, since))
    .map(([model, sum]) => ({
      model,
      requests: figure(sum, "unpriced"),
      tokens: tokensOf(sum),
      lastAt: figure(sum, "lastAt"),
    }))
    .sort((one, other) => other.requests - one.requests || other.lastAt - one.lastAt);
}

const isUnpriced = (sum: Figures, since: number) => figure(sum, "unpriced") > 0 && figure(sum, "lastAt") >= since;

/** A dollar per million tokens is a million pico-dollars per token: a thousandth of a dollar's billionths. */
const picosOf = (usd: number): number => (nanosOfUsd(usd) ?? 0) / 1_000;
const usdOf = (picos: number | undefined): number | null => (picos === undefined ? null : picos / 1e6);

function buildPrice(draft: shape.Draft): Price {
  const rate = (name: keyof Rates, usd: number | null | undefined) =>
    usd === undefined || usd === null ? {} : { [name]: picosOf(usd) };
  return {
    inputPicos: picosOf(draft.inputUsd),
    outputPicos: picosOf(draft.outputUsd),
    ...rate("cacheReadPicos", draft.cacheReadUsd),
    ...rate("cacheWrite5mPicos", draft.cacheWrite5mUsd),
    ...rate("cacheWrite1hPicos", draft.cacheWrite1hUsd),
    ...(draft.webSearchUsd ? { webSearchNanos: picosOf(draft.webSearchUsd) } : {}),
  };
}

function buildRates(rates: Rates) {
  return {
    inputUsd: rates.inputPicos / 1e6,
    outputUsd: rates.outputPicos / 1e6,
    cacheReadUsd: usdOf(rates.cacheReadPicos),
    cacheWrite5mUsd: usdOf(rates.cacheWrite5mPicos),
    cacheWrite1hUsd: usdOf(rates.cacheWrite1hPicos),
  };
}

function buildRow(names: readonly string[], price: Price | undefined, env: Env): shape.PriceRow {
  const [model = "", ...others] = names.map((name) => name.replace("*", ""));
  const known = price ?? { inputPicos: 0, outputPicos: 0 };
  const isOwn = known.isOwn === true;
  const listed = isOwn ? findPrice(model, env.now()) : undefined;
  return {
    model,
    names: others,
    isOwn,
    ...buildRates(known),
    webSearchUsd: usdOf(known.webSearchNanos),
    longContext: (known.longContext ?? []).map(({ aboveTokens, ...rates }) => ({ aboveTokens, ...buildRates(rates) })),
    serviceTiers: { ...known.serviceTiers },
    listed: listed ? buildRates(listed) : null,
  };
}
