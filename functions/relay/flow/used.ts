import { failures } from "../../failure.ts";
import {
  fillUsage,
  isUntold,
  tokenCount,
  totalTokens,
  type Attempt,
  type Outcome,
  type Usage,
} from "../../core/money/usage.ts";
import type { Call } from "../dialects/dialect.ts";
import { guessSent } from "../dialects/reservation.ts";
import type { Served } from "../upstreams/served.ts";

/** What a call used, and whether some of that is guessed. */
export interface Used {
  readonly usage: Usage | undefined;
  readonly isEstimated: boolean;
}

export const unused: Used = { usage: undefined, isEstimated: false };

/**
 * What an answer used. What one that was cut had not told yet is guessed, whether by its reader, on its way, or by an error
 * behind its first content; and so is what a whole one does not tell: it is never free. One that was a refusal from the start
 * used what it tells.
 */
export function usageOf(served: Served, call: Call, outcome: Outcome, now: number): Used & { readonly usage: Usage } {
  const { reader, inbound, headAt, isRefusal } = served;
  const usage = reader.total();
  const state = reader.state();
  const seen = reader.guess?.() ?? 0;
  const isUnfinished = state !== "complete" && /gone|broken|failed/.test(outcome);
  const isSilent = state !== "failed" && outcome !== "failed" && call.isMetered && isUntold(usage, seen);
  if (inbound.status >= 400 || isRefusal || !(isUnfinished || isSilent)) return { usage, isEstimated: false };
  // Of thoughts that are not shown nothing comes but pings. An answer that broke was hardly written all the while.
  const hidden = outcome === "gone" ? guessHidden(call, now - headAt) : 0;
  const filled = fillUsage(usage, guessSent(call, outcome), Math.max(seen, hidden));
  // An error may come with all the figures.
  return { usage: filled, isEstimated: state !== "failed" || totalTokens(filled) !== totalTokens(usage) };
}

/** Lower bound of tokens a second that models write; the providers' pages and public measurements tell of 30 and more. */
const leastTokensPerSecond = 20;

/** A low guess at what a model has written in a time in which nobody saw it write. */
function guessHidden({ maxOutputTokens }: Call, milliseconds: number): number {
  const most = tokenCount(maxOutputTokens) || Infinity;
  return Math.min(Math.floor((Math.max(0, milliseconds) / 1000) * leastTokensPerSecond), most);
}

/** A client that left before the answer's first event owes what had gone to a provider, which may bill it. */
export function chargeLast(attempts: readonly Attempt[], call: Call, ranMs: number) {
  const last = attempts.at(-1);
  if (last?.charge !== "probably" || !last.usage || last.status !== failures["client.gone"].status) return undefined;
  const outputTokens = guessHidden(call, ranMs - last.startedMs);
  const usage = { ...last.usage, outputTokens: Math.max(last.usage.outputTokens, outputTokens) };
  return {
    billed: { account: last.account, model: last.model, answerModel: undefined, usage, isEstimated: true },
    attempts: [...attempts.slice(0, -1), { ...last, usage: undefined, charge: "charged" } satisfies Attempt],
  };
}
