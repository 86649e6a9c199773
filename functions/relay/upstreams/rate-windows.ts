import type { Headers } from "../../wire/exchange.ts";
import { durationMs } from "./resets.ts";
import type { Window } from "./upstream.ts";
import { memoize } from "../../wire/maps.ts";

/**
 * The windows of an API key's limits, as OpenAI (`x-ratelimit-remaining-tokens`) and Anthropic
 * (`anthropic-ratelimit-tokens-remaining`) head them; of those that an answer does not tell nothing is said.
 */
export function openaiWindows(headers: Headers): Window[] {
  const windows: Window[] = [];
  for (const { name, limit, remaining, reset } of openaiNames) {
    if (headers[remaining] === undefined) continue;
    const [afterMs, at] = [durationMs(headers[reset] ?? ""), instantOf(headers.date ?? "")];
    addWindow(windows, name, headers[limit], headers[remaining], afterMs > 0 ? at + afterMs : undefined);
  }
  return windows;
}

/** Put together once: a name that is made for each answer costs more to look up than all else here. */
const named = (before: string, name: string, after: string) => {
  const header = (field: string) => before + field + after;
  return { name, limit: header("limit"), remaining: header("remaining"), reset: header("reset") };
};
const openaiNames = ["requests", "tokens"].map((name) => named("x-ratelimit-", name, `-${name}`));
const anthropicNames = ["requests", "input-tokens", "output-tokens"].map((name) =>
  named(`anthropic-ratelimit-${name}-`, name, ""),
);

/** Source: docs.anthropic.com/en/api/rate-limits, response headers. */
export function anthropicWindows(headers: Headers): Window[] {
  const windows: Window[] = [];
  for (const { name, limit, remaining, reset } of anthropicNames) {
    if (headers[remaining] === undefined) continue;
    addWindow(windows, name, headers[limit], headers[remaining], instantOf(headers[reset] ?? ""));
  }
  return windows;
}

/** An instant is told by many answers, thrice in each: reading it anew would cost as much as pricing the call. */
const instantOf = memoize(200, (text: string) => Date.parse(text));

function addWindow(to: Window[], name: string, limit: string | undefined, remaining: string, resetAt = NaN): void {
  const [most, left] = [Number(limit), Number(remaining)];
  if (!(most > 0) || !(left >= 0)) return;
  const utilization = Math.max(0, 1 - left / most);
  to.push({ name, utilization, resetAt: Number.isNaN(resetAt) ? undefined : resetAt });
}
