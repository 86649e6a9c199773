import type { Headers } from "./exchange.ts";

/** Which of the names seen so far a list lets through: names repeat from call to call, so each is weighed once. */
const weighed = new WeakMap<readonly string[], Map<string, boolean>>();
const mostWeighed = 500;

/** Keeps the headers that a list names: exact lower-case names, or prefixes that end in `-`. Everything else is dropped. */
export function pickHeaders(headers: Headers, allowed: readonly string[]): Headers {
  let known = weighed.get(allowed);
  if (!known || known.size > mostWeighed) weighed.set(allowed, (known = new Map()));
  const kept: Headers = {};
  for (const name in headers) {
    let isKept = known.get(name);
    if (isKept === undefined) known.set(name, (isKept = isAllowed(name, allowed)));
    if (isKept) kept[name] = headers[name] ?? "";
  }
  return kept;
}

function isAllowed(name: string, allowed: readonly string[]): boolean {
  return allowed.some((entry) => (entry.endsWith("-") ? name.startsWith(entry) : name === entry));
}

/**
 * The API key that a client shows. Clients show it in different headers and some send two with different values (Claude Code
 * with both of its variables set): the one in our own format wins, else the first.
 */
export function findSecret(headers: Headers, queryKey?: string | null): string | undefined {
  const shown = [
    beforeDot(headers["x-api-key"]),
    beforeDot(bearer(headers.authorization)),
    headers["x-goog-api-key"],
    headers["api-key"],
    queryKey,
  ]
    .map((value) => value?.trim())
    .filter((value) => value !== undefined && value !== "");
  return shown.find((value) => value?.startsWith("cr_")) ?? shown[0];
}

/**
 * `cr_….eyJhdWQiOiJjbGF1ZGUtZ2F0ZXdheSJ9.x` is the key `cr_…`: with such a tail Claude Code takes the relay for a gateway and
 * shows its users their budget. Only our own format is cut; other services' keys may have dots.
 */
function beforeDot(value: string | undefined): string | undefined {
  const key = value?.trim();
  return key?.startsWith("cr_") ? key.split(".", 1)[0] : key;
}

function bearer(value: string | undefined): string | undefined {
  return value?.replace(/^Bearer\s+/i, "");
}
