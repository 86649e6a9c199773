/**
 * Makes functions/core/money/prices.json from the library's data and prices-newer.ts: only the providers that the relay serves,
 * only the fields it uses. `node scripts/prices.ts` writes the file; `--check` fails if it would change.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { findProvider } from "@pydantic/genai-prices";
import type { ConditionalPrice, MatchLogic, ModelInfo, ModelPrice } from "@pydantic/genai-prices";
import type { NewerModel } from "./prices-newer.ts";
import { longWriteFactor, newerModels, regionRows, searchRows, tierRows } from "./prices-newer.ts";

/** One span of time of one model: rates in US dollars per million tokens (`r`, and `l` for long contexts), per thousand web searches (`w`). */
interface PeriodRow {
  r: (number | null)[];
  l?: (number | null)[][];
  /** Of images, sound and film, where they differ. */
  m?: Record<string, number>;
  /** Factor where a place was asked for. */
  g?: number;
  w?: number;
  /** A call pays for one search at most. */
  wc?: 1;
  /** Per thousand searches in files. */
  f?: number;
  /** Index into `tiers`. */
  s?: number;
  from?: string;
  /** Seconds of the UTC day between which it holds. */
  day?: [number, number];
}
export interface ModelRow {
  n: string;
  p: PeriodRow[];
}
export interface PriceFile {
  madeOn: string;
  source: string;
  tiers: Record<string, number>[];
  models: ModelRow[];
}

/** The first provider that knows a name keeps it: z.ai's dollar list goes before the yuan list of the same models. */
const providers = ["anthropic", "openai", "google", "deepseek", "moonshotai", "zai", "zhipuai", "aws", "openrouter"];
/** Of the hundreds of OpenRouter's vendors, those whose models people write code with. */
const resellers =
  /^(?:amazon|bytedance-seed|cohere|deepseek|google|meta-llama|microsoft|minimax|mistralai|moonshotai|nvidia|openai|openrouter|qwen|x-ai|xiaomi|z-ai)\//;
/** Resold under the makers' own ids at the makers' prices, which are known in more detail from the makers. */
const resold = /^(?:~|anthropic\/|openai\/(?!gpt-oss)|google\/gemini)/;
/** No provider answers to these any more, or not under this name. */
const retired = /^(?:claude-2|claude-v1|(?:text-)?(?:ada|babbage|curie|davinci)(?:-|$))|\.ft-$/;
const output = new URL("../functions/core/money/prices.json", import.meta.url);

const rateKeys = ["input_mtok", "output_mtok", "cache_read_mtok", "cache_write_mtok", "cache_write_1h_mtok"];
type Figure = ModelPrice[string];

/** A figure as the file keeps it: at most six decimals, so that a pico-dollar per token is a whole number. */
function keep(dollars: number): number {
  const picos = Math.round(dollars * 1e6);
  return picos / 1e6;
}

function baseOf(figure: Figure): number | null {
  if (figure === undefined) return null;
  return keep(typeof figure === "number" ? figure : figure.base);
}

/** The rate that holds above `start`: of the last tier that begins at or before it. */
function rateAbove(figure: Figure, start: number): number | null {
  if (figure === undefined || typeof figure === "number") return baseOf(figure);
  const begun = figure.tiers.filter((tier) => tier.start <= start).sort((a, b) => a.start - b.start);
  return keep(begun.at(-1)?.price ?? figure.base);
}

function trim(rates: (number | null)[]): (number | null)[] {
  let length = rates.length;
  while (length > 0 && rates[length - 1] === null) length--;
  return rates.slice(0, length);
}

/** The library's names of what differs by medium, and ours. */
const mediaKeys: Readonly<Record<string, string>> = {
  input_image_mtok: "inputImage",
  input_audio_mtok: "inputAudio",
  input_video_mtok: "inputVideo",
  cache_image_read_mtok: "cacheReadImage",
  cache_audio_read_mtok: "cacheReadAudio",
  output_image_mtok: "outputImage",
  output_audio_mtok: "outputAudio",
  output_video_mtok: "outputVideo",
};

function mediaOf(prices: ModelPrice): Record<string, number> {
  const told = Object.entries(mediaKeys).map(([key, name]) => [name, baseOf(prices[key])] as const);
  return Object.fromEntries(told.filter((each): each is readonly [string, number] => each[1] !== null));
}

function buildPeriod({ constraint, prices }: ConditionalPrice): PeriodRow | undefined {
  const figures = rateKeys.map((key) => prices[key]);
  // An answer that is an image alone, or sound, costs what that costs.
  figures[1] ??= prices.output_image_mtok ?? prices.output_audio_mtok;
  if (figures[0] === undefined) return undefined;
  const media = mediaOf(prices);
  const files = prices.storage_searches_kcount;
  const starts = figures.flatMap((figure) =>
    typeof figure === "object" ? figure.tiers.map((tier) => tier.start) : [],
  );
  const long = [...new Set(starts)].sort((a, b) => a - b);
  const searches = prices.web_searches_kcount;
  return {
    r: trim(figures.map(baseOf)),
    ...(long.length === 0
      ? {}
      : { l: long.map((start) => [start, ...trim(figures.map((each) => rateAbove(each, start)))]) }),
    ...(Object.keys(media).length > 0 ? { m: media } : {}),
    ...(typeof searches === "number" ? { w: searches } : {}),
    ...(typeof files === "number" ? { f: files } : {}),
    ...(constraint?.type === "start_date" ? { from: constraint.start_date } : {}),
    ...(constraint?.type === "time_of_date"
      ? { day: [secondOf(constraint.start_time), secondOf(constraint.end_time)] }
      : {}),
  };
}

function secondOf(time: string): number {
  const parts = /^(\d\d):(\d\d):(\d\d)Z$/.exec(time);
  if (!parts) throw new Error(`A time of day in another form than before: ${time}`);
  return Number(parts[1]) * 3600 + Number(parts[2]) * 60 + Number(parts[3]);
}

/** Forms of a rule that need no name: a date behind a known name (price.ts takes it off), or what a name must not contain. */
const idleRule = /^\^\S*(?:\\d\{8\}\$|\\d\{4\}-\\d\{2\}-\\d\{2\}\$|-\\d)$|^\^\(\?!/;

/** Names that a rule accepts. With `*`: also with a channel or snapshot behind it, such as `-preview`. Throws on a form it does not know. */
export function namesOf(rule: MatchLogic): string[] {
  if ("or" in rule) return rule.or.flatMap(namesOf);
  if ("and" in rule) return rule.and.flatMap(namesOf);
  if ("equals" in rule) return [rule.equals.toLowerCase()];
  if ("ends_with" in rule) return [rule.ends_with.toLowerCase()];
  if ("regex" in rule && idleRule.test(rule.regex)) return [];
  const start = "starts_with" in rule ? rule.starts_with : "contains" in rule ? rule.contains : undefined;
  if (start === undefined) throw new Error(`A rule in another form than before: ${JSON.stringify(rule)}`);
  return [`${start.toLowerCase().replace(/(?:-20\d\d|-0)?[-@]*$/, "")}*`];
}

const dated = /[-@](?:20\d{6}|20\d{2}-\d{2}-\d{2})(?=\*?$)/;

/** Bedrock names: without date and revision, and with one word for all the regions that cost the same. */
function bedrockNames(model: ModelInfo): string[] {
  const text = JSON.stringify(model.match);
  const id = model.id
    .replace(/-v\d+(?::\d+)?$|:\d+$/, "")
    .replace(dated, "")
    .toLowerCase();
  const bare = id.replace(/^(?:global|regional)\./, "");
  if (text.includes('"global.')) return [`global.${bare}`];
  return /"(?:us|eu|in|jp)\./.test(text) ? [`regional.${bare}`] : [bare];
}

/** `claude-opus-4.5` is the dotted spelling of `claude-opus-4-5`; the reader writes all of them with a dash. */
function dashClaude(name: string): string {
  return name.includes("claude-") ? name.replace(/(\d)\.(?=\d)/g, "$1-") : name;
}

function listNames(provider: string, model: ModelInfo): string[] {
  const names = provider === "aws" ? bedrockNames(model) : namesOf(model.match);
  const set = new Set(names.map(dashClaude));
  return [...set].filter((name) => {
    const plain = name.replace(dated, "").replace(/\*$/, "");
    const isRedundant = dated.test(name) && (set.has(plain) || set.has(`${plain}*`));
    const isCovered = set.has(`${name}*`);
    return !isRedundant && !isCovered && !(provider === "openrouter" && resold.test(name));
  });
}

function isServed(provider: string, model: ModelInfo): boolean {
  if (provider === "google") return /^gem(?:ini|ma)-/.test(model.id);
  if (provider === "openrouter") return resellers.test(model.id) && !resold.test(model.id);
  return !retired.test(model.id);
}

function periodsOf(model: ModelInfo): PeriodRow[] {
  const given = Array.isArray(model.prices) ? model.prices : [{ prices: model.prices }];
  return given.map((each) => buildPeriod(each)).filter((period) => period !== undefined);
}

function newerRow(model: NewerModel): PeriodRow[] {
  const rates = (dollars: readonly (number | undefined)[]) =>
    trim(dollars.map((each) => (each === undefined ? null : keep(each))));
  return model.periods.map((period) => ({
    r: rates(period.dollars),
    ...(period.longContext ? { l: [[period.longContext[0], ...rates(period.longContext.slice(1))]] } : {}),
    ...(period.media === undefined ? {} : { m: { ...period.media } }),
    ...(period.webSearches === undefined ? {} : { w: period.webSearches }),
    ...(period.from === undefined ? {} : { from: period.from }),
  }));
}

/** What the library does not have: fees of searches, and the factor of places. */
function supplementsOf(provider: string, names: readonly string[]): Partial<PeriodRow> {
  const plain = names.map((name) => name.replace(/\*$/, ""));
  const fits = ([of, pattern]: readonly [string, RegExp, ...unknown[]]) =>
    of === provider && plain.some((name) => pattern.test(name));
  const search = searchRows.find(fits);
  const region = regionRows.find(fits);
  return {
    ...(region ? { g: region[2] } : {}),
    ...(search ? { w: search[2], ...(search[3] ? { wc: 1 as const } : {}) } : {}),
  };
}

function withLongWrites(provider: string, period: PeriodRow): PeriodRow {
  const complete = (rates: (number | null)[]) =>
    rates.length === 4 && rates[3] !== null ? [...rates, keep((rates[3] ?? 0) * longWriteFactor)] : rates;
  if (provider !== "openai") return period;
  const long = period.l?.map(([above, ...rates]) => [above ?? null, ...complete(rates)]);
  return { ...period, r: complete(period.r), ...(long ? { l: long } : {}) };
}

class Table {
  readonly tiers: Record<string, number>[] = [];
  readonly models: ModelRow[] = [];
  private readonly taken = new Set<string>();

  add(provider: string, names: readonly string[], periods: readonly PeriodRow[]): void {
    const free = names.filter((name) => !this.taken.has(name.replace(/\*$/, "")));
    if (free.length === 0 || periods.length === 0) return;
    for (const name of free) this.taken.add(name.replace(/\*$/, ""));
    const tier = this.tierOf(provider, free);
    const more = { ...supplementsOf(provider, free), ...(tier < 0 ? {} : { s: tier }) };
    this.models.push({
      n: free.join("|"),
      p: periods.map((period) => ({ ...more, ...withLongWrites(provider, period) })),
    });
  }

  private tierOf(provider: string, names: readonly string[]): number {
    const plain = names.map((name) => name.replace(/\*$/, ""));
    const tiers = tierRows.find(([of, pattern]) => of === provider && plain.some((name) => pattern.test(name)))?.[2];
    if (tiers === undefined) return -1;
    const known = this.tiers.findIndex((each) => JSON.stringify(each) === JSON.stringify(tiers));
    return known < 0 ? this.tiers.push(tiers) - 1 : known;
  }
}

export function buildPrices(madeOn: string): PriceFile {
  const table = new Table();
  for (const model of newerModels) table.add(model.provider, model.names, newerRow(model));
  for (const id of providers) {
    const provider = findProvider({ providerId: id });
    if (provider === undefined) throw new Error(`The library no longer knows the provider ${id}`);
    for (const model of provider.models) {
      if (isServed(id, model)) table.add(id, listNames(id, model), periodsOf(model));
    }
  }
  return { madeOn, source: `@pydantic/genai-prices ${libraryVersion()}`, tiers: table.tiers, models: table.models };
}

function libraryVersion(): string {
  const own = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
    devDependencies: Record<string, string>;
  };
  return own.devDependencies["@pydantic/genai-prices"] ?? "";
}

/** One model a line: small, and a change of a price is a change of one line. */
export function formatPrices(file: PriceFile): string {
  const { models, ...head } = file;
  const rows = models.map((model) => JSON.stringify(model)).join(",\n");
  return `${JSON.stringify(head).slice(0, -1)},"models":[\n${rows}\n]}\n`;
}

function main(args: readonly string[]): void {
  const present = readFileSync(output, { encoding: "utf8", flag: "a+" });
  const madeOn = present === "" ? "" : (JSON.parse(present) as PriceFile).madeOn;
  if (formatPrices(buildPrices(madeOn)) === present) return;
  if (args.includes("--check")) throw new Error("functions/core/money/prices.json is not what scripts/prices.ts makes");
  writeFileSync(output, formatPrices(buildPrices(new Date().toISOString().slice(0, 10))));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main(process.argv.slice(2));
