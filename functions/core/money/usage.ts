/** What tokens stand for other than text, each a part of its class: `inputImage` of the input tokens, and so on. */
export const media = [
  "inputImage",
  "inputAudio",
  "inputVideo",
  "cacheReadImage",
  "cacheReadAudio",
  "outputImage",
  "outputAudio",
  "outputVideo",
] as const;
export type Medium = (typeof media)[number];

/** What ran within a call beside its own model: a compaction, an advisor, a tool that draws. Priced by itself. */
export interface UsagePart {
  /** Undefined: the call's own model. */
  readonly model: string | undefined;
  readonly usage: Usage;
  /** Set by the settlement. */
  readonly costNanos?: number;
}

/** Tokens of one answer. Input tokens are the uncached ones; reasoning tokens are part of the output tokens. */
export interface Usage {
  inputTokens: number;
  outputTokens: number;
  cacheReadTokens: number;
  cacheWrite5mTokens: number;
  cacheWrite1hTokens: number;
  reasoningTokens: number;
  /** `standard`, `priority`, `batch`, `flex` … as the provider names the tier that served the call. */
  serviceTier?: string;
  /** Where the provider says that it ran, such as `us`; some places cost more. */
  inferenceGeo?: string;
  /** Tokens of images, sound and film, where the provider tells them apart. */
  media?: Partial<Record<Medium, number>>;
  /** Server-side web searches, billed by the piece. */
  webSearches?: number;
  /** Server-side searches in files, billed by the piece. */
  fileSearches?: number;
  /** Their tokens are part of the figures above. */
  parts?: readonly UsagePart[];
  /** A figure was told that cannot be true: negative, no whole number, beyond all reason, or at odds with its total. */
  isClamped?: true;
}

export function noUsage(): Usage {
  return {
    inputTokens: 0,
    outputTokens: 0,
    cacheReadTokens: 0,
    cacheWrite5mTokens: 0,
    cacheWrite1hTokens: 0,
    reasoningTokens: 0,
  };
}

/** All tokens that a token limit counts. */
export function totalTokens(usage: Usage): number {
  return inputOf(usage) + usage.outputTokens;
}

/** Everything that went in: fresh, read from a cache, written to one. */
export function inputOf(usage: Usage): number {
  return usage.inputTokens + usage.cacheReadTokens + usage.cacheWrite5mTokens + usage.cacheWrite1hTokens;
}

/** A figure of our own records: what is missing, negative or no whole number counts as 0, never less. */
export function tokenCount(value: unknown): number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : 0;
}

/** No call has more of anything. Sums of such figures, and their cost, stay exact integers. */
const mostTold = 100_000_000;

/** A figure as an upstream tells it; undefined if it tells none. One that cannot be true is clamped, and marked as odd. */
export function readFigure(value: unknown, told: Pick<Usage, "isClamped">): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= mostTold) return value;
  told.isClamped = true;
  return typeof value === "number" && value > 0 ? Math.min(Math.ceil(value), mostTold) : undefined;
}

/** The same, where nothing told counts as 0. */
export function readCount(value: unknown, told: Pick<Usage, "isClamped">): number {
  return readFigure(value, told) ?? 0;
}

const tokenClasses = [
  "inputTokens",
  "outputTokens",
  "cacheReadTokens",
  "cacheWrite5mTokens",
  "cacheWrite1hTokens",
] as const;

/** Adds the tokens of a part to a call's, in place. */
export function addPart(usage: Usage, part: UsagePart): void {
  for (const name of [...tokenClasses, "reasoningTokens" as const]) usage[name] += part.usage[name];
  usage.parts = [...(usage.parts ?? []), part];
}

/** What the call's own model did: the figures without those of the parts. */
export function withoutParts(usage: Usage): Usage {
  if (!usage.parts) return usage;
  const { parts, ...own } = usage;
  for (const name of [...tokenClasses, "reasoningTokens" as const]) {
    const rest = parts.reduce((left, part) => left - tokenCount(part.usage[name]), tokenCount(own[name]));
    own[name] = Math.max(0, rest);
  }
  return own;
}

/**
 * What an answer used that did not tell it: what was seen stands, and only what is missing is guessed, from what went
 * up and the answer's tokens that came down. Else an answer without figures, or one that is left early, would be free.
 */
export function fillUsage(seen: Usage, inputTokens: number, outputTokens: number): Usage {
  return {
    ...seen,
    inputTokens: inputOf(seen) > 0 ? seen.inputTokens : inputTokens,
    outputTokens: Math.max(seen.outputTokens, outputTokens),
  };
}

/** Whether a whole answer left out what it used: no input at all, or an answer of no tokens. */
export function isUntold(usage: Usage, outputTokens: number): boolean {
  return inputOf(usage) === 0 || (usage.outputTokens === 0 && outputTokens > 0);
}

const bytesPerToken = 4;

/** About how many tokens a request of that many bytes has. */
export function guessTokens(bytes: number): number {
  return Math.ceil(bytes / bytesPerToken);
}

/** How a call ended. */
export type Outcome = "complete" | "gone" | "broken" | "failed" | "refused";

/**
 * One try at one account. `charged`: the provider billed it; `probably`: bytes were seen or the line broke after sending.
 * Only what is charged counts against the key; what probably is, has its price here for the operator to see, unless it was
 * the client who left: then it is charged.
 */
export interface Attempt {
  readonly account: string;
  /** Of a try that failed: what was asked for, and what it may have used. */
  readonly model?: string | undefined;
  readonly usage?: Usage | undefined;
  readonly status: number;
  /** Of a try that failed: the provider's words, as `quote` leaves them. */
  readonly reason: string;
  /** The provider's own code of the error, and its own id of the call. */
  readonly type?: string;
  readonly requestId?: string;
  readonly startedMs: number;
  readonly ms: number;
  readonly charge: "charged" | "probably" | "none";
  readonly costNanos: number;
}

/** One settled call: the entry of the usage log. Never holds a prompt, an answer or a secret. */
export interface UsageEvent {
  /** The request id; the rollup folds each id once. */
  readonly id: string;
  readonly at: number;
  readonly key: string;
  readonly account: string | undefined;
  readonly dialect: string;
  readonly operation: string;
  readonly model: string | undefined;
  /** What the account was asked for, where an alias changed it. */
  readonly upstreamModel?: string | undefined;
  readonly client: string | undefined;
  readonly session: string | undefined;
  readonly ip: string;
  readonly status: number;
  /** What the client was answered with, where that is another status: refusals are worded as its API words them. */
  readonly clientStatus?: number | undefined;
  readonly outcome: Outcome;
  readonly failure?: string | undefined;
  readonly isStream: boolean;
  readonly usage: Usage;
  /** The answer did not tell all its figures: those that were missing are guessed. */
  readonly isEstimated?: boolean | undefined;
  readonly costNanos: number;
  /** Undefined when the model has no price: shown as unpriced. With `assumed`: another model's price (docs/prices.md). */
  readonly rates?: Readonly<Record<string, number>> | undefined;
  readonly attempts: readonly Attempt[];
  /** Milliseconds since the request came: waited in queue, account selected, upstream's head, first byte, end. */
  readonly ms: { queue: number; select: number; head: number; first: number; total: number };
  readonly candidates?: readonly { account: string; reason: string }[] | undefined;
  readonly rules?: readonly string[] | undefined;
  /** Paid, and not delivered: the reader was gone before the answer's end. */
  readonly isUndelivered?: boolean | undefined;
  /** How full the account's windows were, as the provider told with this answer: 0 to 1. Of a busy account once a second. */
  readonly windows?: readonly { name: string; utilization: number; resetAt: number | undefined }[] | undefined;
}
