import { sessionSeconds } from "../records/session.ts";
import type { Request } from "../wire/exchange.ts";

export const cookieName = "relay_session";

/** The session cookie that a request brings. Two of one name are none: a cookie slipped in from elsewhere must not be chosen. */
export function readCookie(request: Request): string | undefined {
  const found = (request.headers.cookie ?? "")
    .split(";")
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${cookieName}=`))
    .map((pair) => pair.slice(cookieName.length + 1));
  return found.length === 1 && found[0] !== "" ? found[0] : undefined;
}

/**
 * A `set-cookie` value: for `/admin` only, out of reach of scripts and of other sites (RFC 6265bis). `Secure` always, but
 * for plain http to this very machine by a loopback name: a browser would not keep the cookie there (Safari), and nothing
 * leaves the machine. An empty token clears the cookie.
 */
export function buildCookie(token: string, request: Request): string {
  const age = token === "" ? 0 : sessionSeconds;
  const secure = isPlainLoopback(request) ? "" : "; Secure";
  return `${cookieName}=${token}; Path=/admin; Max-Age=${age}; HttpOnly; SameSite=Strict${secure}`;
}

const loopback = /^(localhost|[a-z0-9-]+\.localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i;

/** By the name that the browser used; a port forwarded into a container still has it, though the address is another. */
function isPlainLoopback(request: Request): boolean {
  const isForwarded = /^https\b/i.test(request.headers["x-forwarded-proto"] ?? "");
  return !isForwarded && loopback.test(request.headers.host ?? "");
}
