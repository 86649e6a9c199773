import { sessionSeconds } from "../../core/people/session.ts";
import type { Env } from "../../env.ts";
import { Failure } from "../../failure.ts";
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
 * this very machine by a loopback name (a browser would not keep the cookie there, Safari, and nothing leaves the machine),
 * and where the operator allows plain http. An empty value clears the cookie.
 */
export function buildCookie(kind: CookieKind, value: string, request: Request, env: Env): string {
  const seconds = value === "" ? 0 : kind.seconds;
  const isPlain = isPlainLoopback(request) || (env.config.ALLOW_HTTP_CONSOLE && isPlainPage(request));
  return `${kind.name}=${value}; Path=${kind.path}; Max-Age=${seconds}; HttpOnly; SameSite=Strict${isPlain ? "" : "; Secure"}`;
}

/**
 * Throws `login.insecure` where a browser would drop the cookie, so that the page says why instead of asking again: it was
 * opened over plain http, by a name that is not this machine's own.
 */
export function requireKept(request: Request, env: Env): void {
  if (env.config.ALLOW_HTTP_CONSOLE || isPlainLoopback(request) || !isPlainPage(request)) return;
  throw new Failure("login.insecure", {
    message:
      "This page came over plain http, where a browser keeps no sign-in. Open it by https; or through a tunnel: ssh -L 3000:localhost:3000 <server>, then http://localhost:3000/web; or, in a network of your own, set ALLOW_HTTP_CONSOLE=true.",
  });
}

const loopback = /^(localhost|[a-z0-9-]+\.localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i;

const isForwardedHttps = ({ headers }: Request) => /^https\b/i.test(headers["x-forwarded-proto"] ?? "");

/** By the name that the browser used; a port forwarded into a container still has it, though the address is another. */
const isPlainLoopback = (request: Request) => !isForwardedHttps(request) && loopback.test(request.headers.host ?? "");

/** A browser names its page's origin with each change (Fetch standard); a proxy that ends TLS and does not say so changes none. */
const isPlainPage = (request: Request) =>
  !isForwardedHttps(request) && /^http:\/\//i.test(request.headers.origin ?? "");
