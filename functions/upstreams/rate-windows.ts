import type { Headers } from "../wire/exchange.ts";
import { durationMs } from "./resets.ts";
import type { Window } from "./upstream.ts";

/**
 * The windows of an API key's limits, as OpenAI (`x-ratelimit-remaining-tokens`) and Anthropic
 * (`anthropic-ratelimit-tokens-remaining`) head them; of those that an answer does not tell nothing is said.
 */
export function openaiWindows(headers: Headers): Window[] {
  return ["requests", "tokens"].flatMap((name) => {
    const read = (field: string) => headers[`x-ratelimit-${field}-${name}`];
    const [afterMs, at] = [durationMs(read("reset") ?? ""), instantOf(headers.date ?? "")];
    return windowOf(name, read("limit"), read("remaining"), afterMs > 0 ? at + afterMs : undefined);
  });
}

/** Put together once: a name that is made for each answer costs more to look up than all else here. */
const anthropicNames = ["requests", "input-tokens", "output-tokens"].map((name) => {
  const header = (field: string) => `anthropic-ratelimit-${name}-${field}`;
  return { name, limit: header("limit"), remaining: header("remaining"), reset: header("reset") };
});

/** Source: docs.anthropic.com/en/api/rate-limits, response headers. */
export function anthropicWindows(headers: Headers): Window[] {
  return anthropicNames.flatMap(({ name, limit, remaining, reset }) =>
    windowOf(name, headers[limit], headers[remaining], instantOf(headers[reset] ?? "")),
  );
}

/** An instant is told by many answers, thrice in each: reading it anew would cost as much as pricing the call. */
const instants = new Map<string, number>();
const mostInstants = 200;

function instantOf(text: string): number {
  const known = instants.get(text);
  if (known !== undefined) return known;
  if (instants.size >= mostInstants) instants.clear();
  const at = Date.parse(text);
  instants.set(text, at);
  return at;
}

function windowOf(name: string, limit: string | undefined, remaining: string | undefined, resetAt = NaN): Window[] {
  const [most, left] = [Number(limit), Number(remaining)];
  if (remaining === undefined || !(most > 0) || !(left >= 0)) return [];
  const utilization = Math.max(0, 1 - left / most);
  return [{ name, utilization, resetAt: Number.isNaN(resetAt) ? undefined : resetAt }];
}
