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
  readonly read: "there" | "partly there" | "elsewhere" | "by rule";
  readonly comparedOn: string;
}

/** US dollars per million tokens, as the pages print them: input, output, cache read, 5-minute write, 1-hour write. */
export type Dollars = readonly [number, number, number?, number?, number?];

export interface NewerPeriod {
  readonly dollars: Dollars;
  /** US dollars per million tokens of images and sound, where they differ from the class that they are part of. */
  readonly media?: Readonly<Record<string, number>>;
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
const lately = "2026-11-30";

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
    provider: "openai",
    names: ["gpt-6.2-sol"],
    periods: [{ dollars: [2, 10, 0.1, 2.5], longContext: [272_000, 4, 15, 0.2, 5], webSearches: 10 }],
    page: openaiPage,
    read: "elsewhere",
    comparedOn: lately,
  },
  {
    provider: "openai",
    names: ["gpt-6.2-astra"],
    periods: [{ dollars: [8, 40, 0.4, 10], longContext: [272_000, 16, 60, 0.8, 20], webSearches: 10 }],
    page: "https://developers.openai.com/api/docs/models/gpt-6.2-astra",
    read: "elsewhere",
    comparedOn: lately,
  },
  {
    provider: "openai",
    names: ["gpt-image-2.6-sunburst", "gpt-image-2.6-flare", "gpt-image-2.5-sunburst*", "gpt-image-2.5-flare*"],
    periods: [{ dollars: [5, 30, 1.25], media: { inputImage: 8, cacheReadImage: 2 } }],
    page: "https://developers.openai.com/api/docs/models/gpt-image-2.6-sunburst",
    read: "there",
    comparedOn: lately,
  },
  {
    provider: "openai",
    names: ["gpt-4o-audio-preview*"],
    periods: [{ dollars: [2.5, 10], media: { inputAudio: 40, outputAudio: 80 } }],
    page: openaiPage,
    read: "elsewhere",
    comparedOn: lately,
  },
  {
    provider: "openai",
    names: ["gpt-4o-mini-audio-preview*"],
    periods: [{ dollars: [0.15, 0.6], media: { inputAudio: 10, outputAudio: 20 } }],
    page: openaiPage,
    read: "elsewhere",
    comparedOn: lately,
  },
  // By invitation, without a public price: that of the general model of their generation, and its dearest where it has several.
  {
    provider: "openai",
    names: [
      ...["gpt-6-cyber", "gpt-6-rosalind", "gpt-rosalind-research", "gpt-6.2-astra-law"],
      ...[
        "gpt-5.6-cyber",
        "gpt-daybreak-blue",
        "gpt-daybreak-blue-latest",
        "gpt-daybreak-red",
        "gpt-daybreak-red-latest",
      ],
    ],
    periods: [{ dollars: [10, 50, 1, 12.5], longContext: [272_000, 20, 75, 2, 25], webSearches: 10 }],
    page: "https://developers.openai.com/api/docs/models/gpt-6-astra",
    read: "by rule",
    comparedOn: lately,
  },
  {
    provider: "anthropic",
    // Mythos costs what Fable of its version costs, which the pages say of 5 and 5.1.
    names: ["claude-mythos-5-2"],
    periods: [{ dollars: [8, 40, 0.2, 10, 16], webSearches: 10 }],
    page: "https://platform.claude.com/docs/en/models/fable-5-2/migration-guide",
    read: "by rule",
    comparedOn: lately,
  },
  {
    provider: "anthropic",
    names: ["claude-mythos-preview"],
    periods: [{ dollars: [25, 125, 2.5, 31.25, 50], webSearches: 10 }],
    page: claudePage,
    read: "elsewhere",
    comparedOn: lately,
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
/** Ultrafast mode: read of gpt-6.1-sol, $12 and $60 for its $2 and $10. */
const withUltrafast = { ...openaiTiers(2), ultrafast: 6 };

/**
 * Multipliers of the list rates by service tier, as the providers' pages state them. The first row that fits the first name
 * of a model counts; a tier that is not named here is charged at the list rates.
 */
export const tierRows: readonly (readonly [
  provider: string,
  model: RegExp,
  tiers: Readonly<Record<string, number>>,
])[] = [
  ["anthropic", /^claude-(opus-(4-8|5|5-5)|fable-5-2|mythos-5-2)$/, { batch: 0.5, fast: 2 }],
  ["anthropic", /^claude-opus-4-[67]$/, { batch: 0.5, fast: 6 }],
  ["anthropic", /^claude-/, { batch: 0.5 }],
  ["openai", /^gpt-5\.5$/, openaiTiers(2.5)],
  ["openai", /^gpt-6(\.\d)?-\w+/, withUltrafast],
  [
    "openai",
    /^gpt-(5|5\.[124]|5\.3-codex|5\.4-mini|5\.6-\w+|daybreak-\w+|rosalind-research|4\.1-nano)$/,
    openaiTiers(2),
  ],
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

/** Fees of a model's searches, where the library has none: US dollars for a thousand, and whether a call pays for one at most. */
export const searchRows: readonly (readonly [provider: string, model: RegExp, dollars: number, isPerCall: boolean])[] =
  [
    // Grounding with Google Search: by the prompt up to 2.5, by the query from 3 on. Source: ai.google.dev/gemini-api/docs/pricing.
    ["google", /^gemini-(1|2)[.-](?!.*embedding)/, 35, true],
    ["google", /^gemini-(?!.*embedding)/, 14, false],
    // Search models of Chat Completions. Source: developers.openai.com, Pricing, Web search preview.
    ["openai", /^gpt-.*search-(preview|api)/, 25, true],
  ];

/** Factor of all token rates where a place was asked for: Claude Opus 4.6 and what came after it. Source: platform.claude.com, Data residency, Pricing. */
export const regionRows: readonly (readonly [provider: string, model: RegExp, factor: number])[] = [
  ["anthropic", /^claude-(opus|sonnet|haiku)-(4-[6-9]|[5-9])|^claude-(fable|mythos)-/, 1.1],
];

/** OpenAI's writes for 12 hours, where they are not listed: twice those for half an hour, as gpt-6.1-terra's are. */
export const longWriteFactor = 2;
