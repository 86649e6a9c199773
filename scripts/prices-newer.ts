/**
 * Models that came out, or whose price changed, after the library's release. Each row names the official page to check it
 * against. A row goes as soon as a release of the library has the same figures (docs/prices.md).
 */
export interface NewerModel {
  /** The provider's list it belongs to. */
  readonly provider: string;
  readonly names: readonly string[];
  readonly periods: readonly NewerPeriod[];
  /** The provider's page that states the price, and where the figures were read: on it, or in others' notes of it. */
  readonly page: string;
  readonly read: "there" | "partly there" | "elsewhere";
  readonly comparedOn: string;
}

/** US dollars per million tokens, as the pages print them: input, output, cache read, 5-minute write, 1-hour write. */
export type Dollars = readonly [number, number, number?, number?, number?];

export interface NewerPeriod {
  readonly dollars: Dollars;
  /** First number: the whole call has these rates when its input exceeds so many tokens. */
  readonly longContext?: readonly [number, ...Dollars];
  /** US dollars per thousand. */
  readonly webSearches?: number;
  /** Undefined: from the beginning. */
  readonly from?: string;
}

const claudePage = "https://platform.claude.com/docs/en/about-claude/pricing";
const openaiPage = "https://developers.openai.com/api/docs/pricing";
const comparedOn = "2026-11-22";

export const newerModels: readonly NewerModel[] = [
  {
    provider: "anthropic",
    names: ["claude-haiku-5-5"],
    periods: [
      { dollars: [0.1, 0.5, 0.01, 0.125, 0.2], longContext: [100_000, 0.5, 2.5, 0.05, 0.625, 1], webSearches: 10 },
    ],
    page: claudePage,
    read: "partly there",
    comparedOn,
  },
  {
    provider: "anthropic",
    names: ["claude-sonnet-5-5"],
    periods: [
      { dollars: [2, 10, 0.2, 2.5, 4], webSearches: 10 },
      { dollars: [2, 10, 0.1, 2.5, 4], webSearches: 10, from: "2026-10-07" },
    ],
    page: claudePage,
    read: "partly there",
    comparedOn,
  },
  {
    provider: "anthropic",
    names: ["claude-fable-5-2"],
    periods: [{ dollars: [8, 40, 0.2, 10, 16], webSearches: 10 }],
    page: claudePage,
    read: "partly there",
    comparedOn,
  },
  {
    provider: "anthropic",
    names: ["claude-mythos-5"],
    periods: [{ dollars: [10, 50, 1, 12.5, 20], webSearches: 10 }],
    page: claudePage,
    read: "there",
    comparedOn,
  },
  {
    provider: "anthropic",
    names: ["claude-mythos-5-1"],
    periods: [{ dollars: [10, 50, 0.25, 12.5, 20], webSearches: 10 }],
    page: claudePage,
    read: "there",
    comparedOn,
  },
  {
    provider: "openai",
    names: ["gpt-6.1-sol"],
    periods: [{ dollars: [2, 10, 0.1, 2.5], longContext: [272_000, 4, 15, 0.2, 5], webSearches: 10 }],
    page: "https://developers.openai.com/api/docs/models/gpt-6.1-sol",
    read: "elsewhere",
    comparedOn,
  },
  {
    provider: "openai",
    names: ["gpt-6.1-terra"],
    // Written caches live 30 minutes, or 12 hours at the dearer rate: the short and the long write of the price.
    periods: [{ dollars: [1, 5, 0.05, 1.25, 2.5], longContext: [272_000, 2, 7.5, 0.1, 2.5, 5], webSearches: 10 }],
    page: openaiPage,
    read: "elsewhere",
    comparedOn,
  },
  {
    provider: "google",
    names: ["gemini-4-argon"],
    periods: [{ dollars: [2, 10, 0.1] }, { dollars: [4, 20, 0.2], from: "2026-12-01" }],
    page: "https://ai.google.dev/gemini-api/docs/pricing",
    read: "elsewhere",
    comparedOn,
  },
];

/** Half price for work that may wait, as all three providers have it. */
const patient = { batch: 0.5, flex: 0.5 };

/** OpenAI renamed priority processing to fast mode; answers may carry either name. */
const openaiTiers = (hurried: number) => ({ ...patient, priority: hurried, fast: hurried });

/**
 * Multipliers of the list rates by service tier, as the providers' pages state them. The first row that fits the first name
 * of a model counts; a tier that is not named here is charged at the list rates.
 */
export const tierRows: readonly (readonly [
  provider: string,
  model: RegExp,
  tiers: Readonly<Record<string, number>>,
])[] = [
  ["anthropic", /^claude-opus-(4-8|5|5-5)$/, { batch: 0.5, fast: 2 }],
  ["anthropic", /^claude-opus-4-[67]$/, { batch: 0.5, fast: 6 }],
  ["anthropic", /^claude-/, { batch: 0.5 }],
  ["openai", /^gpt-5\.5$/, openaiTiers(2.5)],
  ["openai", /^gpt-(5|5\.[124]|5\.3-codex|5\.4-mini|5\.6-\w+|6-\w+|6\.1-\w+|4\.1-nano)$/, openaiTiers(2)],
  ["openai", /^gpt-5-mini$/, openaiTiers(1.8)],
  ["openai", /^(gpt-4\.1|gpt-4\.1-mini|gpt-4o-2024-05-13|o3)$/, openaiTiers(1.75)],
  ["openai", /^gpt-4o$/, openaiTiers(1.7)],
  // $2 for $1.10 and $0.25 for $0.15: a rate is rounded to a whole pico-dollar, which gives the page's figures.
  ["openai", /^o4-mini$/, openaiTiers(1.8181818)],
  ["openai", /^gpt-4o-mini$/, openaiTiers(1.6666667)],
  ["openai", /^(gpt-|o\d|codex)/, patient],
  ["google", /^gemini-(2\.5-(pro|flash|flash-lite)|3[.-].*)$/, { ...patient, priority: 1.8 }],
  ["google", /^gemini-/, patient],
];
