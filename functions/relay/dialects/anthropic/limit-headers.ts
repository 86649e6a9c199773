import type { Standing } from "../../../core/limits/limit.ts";
import type { Headers } from "../../../wire/exchange.ts";

/** The key's window of requests and tokens in the official headers (docs.anthropic.com/en/api/rate-limits), over the account's. */
export function remains(standings: readonly Standing[]): Headers {
  const headers: Headers = {};
  for (const { unit, limit, used, resetAt } of standings) {
    if ((unit !== "requests" && unit !== "tokens") || resetAt === undefined) continue;
    const names = remainNames[unit];
    headers[names.limit] = String(limit);
    headers[names.remaining] = String(Math.max(0, limit - used));
    headers[names.reset] = isoOf(resetAt);
  }
  return headers;
}

const remainNamesOf = (unit: string) => {
  const head = `anthropic-ratelimit-${unit}-`;
  return { limit: `${head}limit`, remaining: `${head}remaining`, reset: `${head}reset` };
};
/** Put together once: a header's name that is made for each answer costs more than all else here. */
const remainNames = { requests: remainNamesOf("requests"), tokens: remainNamesOf("tokens") };

let lastAt = NaN;
let lastWords = "";

/** Calls of one window share its end. */
function isoOf(at: number): string {
  if (at !== lastAt) lastWords = new Date((lastAt = at)).toISOString();
  return lastWords;
}
