import file from "./prices.json" with { type: "json" };
import { findNamed, kinOf, listSpellings, plainName } from "./price-name.ts";
import type { Medium } from "./usage.ts";
import { memoize } from "../../wire/maps.ts";

/**
 * Rates in pico-dollars (1e-12 US dollars) per token: a dollar per million tokens is 1,000,000 of them, so every price that
 * providers print is a whole number. A class without a rate of its own costs what input costs.
 */
export interface Rates {
  readonly inputPicos: number;
  readonly outputPicos: number;
  readonly cacheReadPicos?: number;
  /** The short-lived cache: 5 minutes at Anthropic, 30 at OpenAI. */
  readonly cacheWrite5mPicos?: number;
  /** The long-lived cache: an hour at Anthropic, 12 at OpenAI. */
  readonly cacheWrite1hPicos?: number;
}

/** The rates of the whole call, answer included, when its input (read from and written to caches too) is more than so many tokens. */
export interface LongContext extends Rates {
  readonly aboveTokens: number;
}

export interface Price extends Rates {
  /** Ascending. */
  readonly longContext?: readonly LongContext[];
  /** Multipliers of all token rates by the tier that served the call, such as `batch`; what is not named costs the list rates. */
  readonly serviceTiers?: Readonly<Record<string, number>>;
  /** Pico-dollars per token of images, sound and film, where they differ from the class that they are part of. */
  readonly mediaPicos?: Readonly<Partial<Record<Medium, number>>>;
  /** Of all token rates, where the call ran in a place that was asked for (Anthropic's `inference_geo`). */
  readonly regionFactor?: number;
  /** Billionths of a US dollar per server-side search. */
  readonly webSearchNanos?: number;
  /** A call pays for one search, however many it makes. */
  readonly isSearchPerCall?: true;
  readonly fileSearchNanos?: number;
  /** Epoch milliseconds from which it holds; undefined: always. */
  readonly fromAt?: number;
  /** Set by the operator, in place of the table's. */
  readonly isOwn?: true;
  /** Another model's: this one has none. */
  readonly isAssumed?: true;
}

/** How prices.json keeps a span of time; scripts/prices.ts writes it. Figures in US dollars per million tokens, searches per thousand. */
interface PeriodRow {
  readonly r: readonly (number | null)[];
  readonly l?: readonly (readonly (number | null)[])[];
  readonly m?: Readonly<Partial<Record<Medium, number>>>;
  readonly g?: number;
  readonly w?: number;
  /** The search fee is a call's. */
  readonly wc?: 1;
  readonly f?: number;
  readonly s?: number;
  readonly from?: string;
  readonly day?: readonly number[];
}
interface ModelRow {
  readonly n: string;
  readonly p: readonly PeriodRow[];
}

/** Of one model, in the order of the table: the last period that fits an instant is the one that holds. */
interface Period {
  readonly price: Price;
  /** Seconds of the UTC day. */
  readonly day: readonly number[] | undefined;
}
interface Named {
  readonly value: ModelRow;
  readonly isOpen: boolean;
}
interface Answer {
  readonly override: Price | undefined;
  readonly periods: readonly Period[];
}

/** When the table was made, and of what. */
export const pricesMadeOn: string = file.madeOn;
export const pricesSource: string = file.source;

const none: ReadonlyMap<string, Price> = new Map();
/** Models are named by clients, so what is remembered of them is bounded. */
const mostAnswers = 1_000;
/** Made at the first question, so that an instance that prices nothing does not index the table. */
let rowByName: Map<string, Named> | undefined;
const answersOf = new WeakMap<ReadonlyMap<string, Price>, (model: string) => Answer>();

/**
 * The price that a model has at an instant, or undefined if it is not known: unpriced, never guessed. An operator's own
 * price goes before the table's, a dated or prefixed spelling finds the price of the plain name (docs/prices.md).
 */
export function findPrice(model: string, at: number, overrides: ReadonlyMap<string, Price> = none): Price | undefined {
  const { override, periods } = answerFor(model, overrides);
  if (override !== undefined && at >= (override.fromAt ?? 0)) return override;
  return priceAt(periods, at);
}

/**
 * For a model without a price: that of the dearest of its kin at an instant. Kin are the models whose names say the same but
 * for the version (`gpt-sol` of `gpt-7-sol`), or else the same as far as most of them do: `gpt`, and at last all (docs/prices.md).
 */
export function findDearest(model: string, at: number): Price {
  const words = kinOf(listSpellings(model).at(-1) ?? "");
  for (let length = words.length; ; length--) {
    const kin = words.slice(0, length);
    const rows = (file.models as readonly ModelRow[]).filter(({ n }) => n.split("|").some((name) => isKin(name, kin)));
    const prices = rows.map((row) => priceAt(periodsOf(row), at)).filter((price) => price !== undefined);
    const dearest = prices.toSorted((one, other) => other.outputPicos - one.outputPicos)[0];
    if (!dearest) continue;
    const fee = (name: "webSearchNanos" | "fileSearchNanos") => Math.max(...prices.map((price) => price[name] ?? 0));
    const fees = { webSearchNanos: fee("webSearchNanos"), fileSearchNanos: fee("fileSearchNanos") };
    // What an image costs with one model says nothing about another; a search costs with any, though the dearest may be older than it.
    return { ...dearest, ...fees, mediaPicos: {}, isAssumed: true };
  }
}

function isKin(name: string, kin: readonly string[]): boolean {
  const words = kinOf(name.replace(/\*$/, ""));
  return kin.every((word, index) => words[index] === word);
}

function priceAt(periods: readonly Period[], at: number): Price | undefined {
  return (periods.findLast((period) => holds(period, at)) ?? periods[0])?.price;
}

/** Names of all models of the table, without those of other tables. `*`: with any channel behind it. */
export function listPricedModels(): string[] {
  return (file.models as readonly ModelRow[]).flatMap((row) => row.n.split("|"));
}

/** Every row of the table: the names it goes by, and the price that holds at an instant. */
export function listPrices(at: number): { readonly names: readonly string[]; readonly price: Price | undefined }[] {
  return (file.models as readonly ModelRow[]).map((row) => ({
    names: row.n.split("|"),
    price: priceAt(periodsOf(row), at),
  }));
}

/** The name under which an operator's price is kept: spellings of one name are one price. */
export const ownName = plainName;

function answerFor(model: string, overrides: ReadonlyMap<string, Price>): Answer {
  const known = answersOf.get(overrides) ?? memoize(mostAnswers, (name: string) => search(name, overrides));
  answersOf.set(overrides, known);
  return known(model);
}

function search(model: string, overrides: ReadonlyMap<string, Price>): Answer {
  const spellings = listSpellings(model);
  const table = (rowByName ??= indexRows());
  const row = first(spellings, (name) => findNamed(name, (each) => table.get(each)));
  const periods = row === undefined ? [] : periodsOf(row);
  if (overrides.size === 0) return { override: undefined, periods };
  const own = new Map([...overrides].map(([name, price]) => [plainName(name), price]));
  // A more telling name in the table goes before an override of a plainer one: an override of gpt-4o leaves gpt-4o-2024-05-13 alone.
  const best = first<Price | ModelRow>(spellings, (name) =>
    findNamed<Price | ModelRow>(name, (each) => ownOrListed(each, own, table)),
  );
  const override =
    best !== undefined && "inputPicos" in best ? completeOwn(best, isClaude(model.toLowerCase())) : undefined;
  return { override, periods };
}

function ownOrListed(name: string, own: ReadonlyMap<string, Price>, table: ReadonlyMap<string, Named>) {
  const price = own.get(name);
  return price === undefined ? table.get(name) : { value: price, isOpen: true };
}

function first<T>(names: readonly string[], find: (name: string) => T | undefined): T | undefined {
  for (const name of names) {
    const found = find(name);
    if (found !== undefined) return found;
  }
  return undefined;
}

function indexRows(): Map<string, Named> {
  const index = new Map<string, Named>();
  for (const row of file.models as readonly ModelRow[]) {
    for (const name of row.n.split("|")) {
      const isOpen = name.endsWith("*");
      index.set(isOpen ? name.slice(0, -1) : name, { value: row, isOpen });
    }
  }
  return index;
}

const isClaude = (name: string) => name.includes("claude");

const periodsOf = memoize(10_000, (row: ModelRow): readonly Period[] =>
  row.p.map((period) => ({ price: buildPrice(period, isClaude(row.n)), day: period.day })),
);

function buildPrice(row: PeriodRow, isOfClaude: boolean): Price {
  const tiers = row.s === undefined ? undefined : (file.tiers[row.s] as Record<string, number> | undefined);
  return {
    ...buildRates(row.r, isOfClaude),
    ...(row.l === undefined ? {} : { longContext: row.l.map((each) => buildLong(each, isOfClaude)) }),
    ...(tiers === undefined ? {} : { serviceTiers: tiers }),
    ...(row.m === undefined ? {} : { mediaPicos: mapValues(row.m, (dollars) => Math.round(dollars * 1e6)) }),
    ...(row.g === undefined ? {} : { regionFactor: row.g }),
    ...(row.w === undefined ? {} : { webSearchNanos: Math.round(row.w * 1e6) }),
    ...(row.wc === undefined ? {} : { isSearchPerCall: true as const }),
    ...(row.f === undefined ? {} : { fileSearchNanos: Math.round(row.f * 1e6) }),
    ...(row.from === undefined ? {} : { fromAt: Date.parse(`${row.from}T00:00:00Z`) }),
  };
}

function mapValues<K extends string>(record: Readonly<Partial<Record<K, number>>>, change: (value: number) => number) {
  const entries = Object.entries(record) as [K, number][];
  return Object.fromEntries(entries.map(([name, value]) => [name, change(value)])) as Partial<Record<K, number>>;
}

function buildLong(row: readonly (number | null)[], isOfClaude: boolean): LongContext {
  return { aboveTokens: row[0] ?? 0, ...buildRates(row.slice(1), isOfClaude) };
}

/** A dollar per million tokens is a million pico-dollars per token; the file has at most six decimals, so nothing is lost. */
function buildRates(row: readonly (number | null)[], isOfClaude: boolean): Rates {
  const [input, output, cacheRead, cacheWrite5m, cacheWrite1h] = row.map((dollars) =>
    dollars === null ? undefined : Math.round(dollars * 1e6),
  );
  const rates = {
    inputPicos: input ?? 0,
    outputPicos: output ?? 0,
    cacheReadPicos: cacheRead,
    cacheWrite5mPicos: cacheWrite5m,
    cacheWrite1hPicos: cacheWrite1h,
  };
  return isOfClaude ? completeClaude(rates) : rates;
}

/** Anthropic's cache writes cost 1.25 and 2 times the input, for 5 minutes and an hour: platform.claude.com, Prompt caching, Pricing. */
function completeClaude<T extends Rates>(rates: T): T {
  return {
    ...rates,
    cacheWrite5mPicos: rates.cacheWrite5mPicos ?? Math.round(rates.inputPicos * 1.25),
    cacheWrite1hPicos: rates.cacheWrite1hPicos ?? rates.inputPicos * 2,
  };
}

function completeOwn(price: Price, isOfClaude: boolean): Price {
  if (!isOfClaude) return { ...price, isOwn: true };
  return {
    ...completeClaude(price),
    isOwn: true,
    ...(price.longContext ? { longContext: price.longContext.map(completeClaude) } : {}),
  };
}

function holds({ price, day }: Period, at: number): boolean {
  if (price.fromAt !== undefined && at < price.fromAt) return false;
  const [from, until] = day ?? [];
  if (from === undefined || until === undefined) return day === undefined;
  const second = Math.floor(at / 1_000) % 86_400;
  return until < from ? second >= from || second < until : second >= from && second < until;
}
