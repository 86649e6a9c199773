import { sessionSeconds } from "../../core/people/session.ts";
import type { Request } from "../../wire/exchange.ts";

/** A cookie of the admin API: its name, where it is sent, how long a browser keeps it. */
export interface CookieKind {
  readonly name: string;
  readonly path: string;
  readonly seconds: number;
}

/** The cookie that a browser's session is kept in. */
export const sessionCookie: CookieKind = { name: "relay_session", path: "/admin", seconds: sessionSeconds };

/** The cookie of a kind that a request brings. Two of one name are none: one slipped in from elsewhere must not be chosen. */
export function readCookie(kind: CookieKind, request: Request): string | undefined {
  const found = (request.headers.cookie ?? "")
    .split(";")
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${kind.name}=`))
    .map((pair) => pair.slice(kind.name.length + 1));
  return found.length === 1 && found[0] !== "" ? found[0] : undefined;
}

/**
 * A `set-cookie` value: out of reach of scripts and of other sites (RFC 6265bis). `Secure` always, but for plain http to
 * this very machine by a loopback name: a browser would not keep the cookie there (Safari), and nothing leaves the machine.
 * An empty value clears the cookie.
 */
export function buildCookie(kind: CookieKind, value: string, request: Request): string {
  const seconds = value === "" ? 0 : kind.seconds;
  const secure = isPlainLoopback(request) ? "" : "; Secure";
  return `${kind.name}=${value}; Path=${kind.path}; Max-Age=${seconds}; HttpOnly; SameSite=Strict${secure}`;
}

const loopback = /^(localhost|[a-z0-9-]+\.localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i;

/** By the name that the browser used; a port forwarded into a container still has it, though the address is another. */
function isPlainLoopback(request: Request): boolean {
  const isForwarded = /^https\b/i.test(request.headers["x-forwarded-proto"] ?? "");
  return !isForwarded && loopback.test(request.headers.host ?? "");
}
