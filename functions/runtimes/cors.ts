import { match } from "../routes.ts";
import type { Answer, Headers, Request } from "../wire/exchange.ts";

type Asked = Pick<Request, "method" | "path" | "headers">;

/** Origins that `CORS_ORIGINS` names, or `*`; undefined: none. */
type Origins = readonly string[] | undefined;

/** Browsers keep a preflight's answer for two hours at most (Chromium). */
const maxAgeSeconds = 7_200;

/**
 * The answer to a CORS preflight of a relay route (Fetch standard, § 3.3). Undefined: it is none, the origin is not allowed, or
 * the route is not the relay's: the console and its API never serve another origin.
 */
export function answerPreflight(request: Asked, origins: Origins): Answer | undefined {
  const { "access-control-request-method": method, "access-control-request-headers": wanted } = request.headers;
  if (request.method !== "OPTIONS" || method === undefined) return undefined;
  const allowed = allow({ ...request, method }, origins);
  if (!allowed) return undefined;
  const headers = {
    ...allowed,
    "access-control-allow-methods": method,
    ...(wanted === undefined ? {} : { "access-control-allow-headers": wanted }),
    "access-control-max-age": String(maxAgeSeconds),
    "cache-control": "no-store",
  };
  return { status: 204, headers, body: "" };
}

/** Lets a page of an allowed origin read the answer, a refusal included. */
export function shareAnswer(answer: Answer, request: Asked, origins: Origins): Answer {
  const allowed = allow(request, origins);
  return allowed ? { ...answer, headers: { ...answer.headers, ...allowed } } : answer;
}

function allow({ method, path, headers: { origin } }: Asked, origins: Origins): Headers | undefined {
  if (origin === undefined || !origins || !isRelayRoute(method, path)) return undefined;
  // Keys travel in headers that a page sets itself, never in cookies, so `*` gives a page nothing that it does not hold.
  if (origins.includes("*")) return { "access-control-allow-origin": "*", "access-control-expose-headers": "*" };
  if (!origins.includes(origin.toLowerCase())) return undefined;
  return { "access-control-allow-origin": origin, "access-control-expose-headers": "*", vary: "origin" };
}

const isRelayRoute = (method: string, path: string) =>
  match(method, path).found?.route.endpoint.startsWith("relay/") === true;
