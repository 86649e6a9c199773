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
    const [afterMs, at] = [durationMs(read("reset") ?? ""), Date.parse(headers.date ?? "")];
    return windowOf(name, read("limit"), read("remaining"), afterMs > 0 ? at + afterMs : undefined);
  });
}

/** Source: docs.anthropic.com/en/api/rate-limits, response headers. */
export function anthropicWindows(headers: Headers): Window[] {
  return ["requests", "input-tokens", "output-tokens"].flatMap((name) => {
    const read = (field: string) => headers[`anthropic-ratelimit-${name}-${field}`];
    return windowOf(name, read("limit"), read("remaining"), Date.parse(read("reset") ?? ""));
  });
}

function windowOf(name: string, limit: string | undefined, remaining: string | undefined, resetAt = NaN): Window[] {
  const [most, left] = [Number(limit), Number(remaining)];
  if (remaining === undefined || !(most > 0) || !(left >= 0)) return [];
  const utilization = Math.max(0, 1 - left / most);
  return [{ name, utilization, resetAt: Number.isNaN(resetAt) ? undefined : resetAt }];
}
