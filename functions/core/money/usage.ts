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
  /** Server-side web searches, billed by the piece. */
  webSearches?: number;
  /** A figure was told that is negative or no whole number, and counts as 0. */
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
  return (
    usage.inputTokens + usage.outputTokens + usage.cacheReadTokens + usage.cacheWrite5mTokens + usage.cacheWrite1hTokens
  );
}

/** A figure from an upstream as a token count: what is missing, negative or no whole number counts as 0, never less. */
export function tokenCount(value: unknown, told?: Pick<Usage, "isClamped">): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  if (told && value !== undefined && value !== null) told.isClamped = true;
  return 0;
}

/**
 * The usage of an answer that ended before it told all its figures: what was seen stands, and only what is missing is
 * guessed, from the bytes that went up and the answer's tokens that came down. Else leaving early would be free.
 */
export function fillUsage(seen: Usage, requestBytes: number, outputTokens: number): Usage {
  const hasInput = seen.inputTokens + seen.cacheReadTokens + seen.cacheWrite5mTokens + seen.cacheWrite1hTokens > 0;
  return {
    ...seen,
    inputTokens: hasInput ? seen.inputTokens : guessTokens(requestBytes),
    outputTokens: Math.max(seen.outputTokens, outputTokens),
  };
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
  readonly outcome: Outcome;
  readonly failure?: string | undefined;
  readonly isStream: boolean;
  readonly usage: Usage;
  /** The answer ended before it told all its figures: those that were missing are guessed. */
  readonly isEstimated?: boolean | undefined;
  readonly costNanos: number;
  /** Undefined when the model has no price: shown as unpriced, never guessed. */
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
