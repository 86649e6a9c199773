import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { isIP } from "node:net";
import proxyAddr from "proxy-addr";
import type { Config } from "../config.ts";
import { type Failure } from "../failure.ts";
import type { HangUp, Headers, Request } from "../wire/exchange.ts";
import { type Pace, readBody } from "./read-body.ts";
import { targetPath } from "./target-path.ts";
import { memoize } from "../wire/maps.ts";

export interface Received extends Omit<Request, "params"> {
  params: Record<string, string>;
  /** Among those under way: running.ts. */
  place: number;
  /** The connection that it came on. */
  readonly socket: { readonly destroyed: boolean };
  /** Tells the endpoint that nobody waits any more, or that the relay must go; it works once. */
  abort(reason: Failure): void;
}

/** What holds for all requests of a server. */
export interface Reception {
  readonly trust: ProxyTrust | undefined;
  readonly pace: Pace;
}

/** Node's request as the house sees it. Throws `request.malformed` for a target that is not a plain path (RFC 9112 § 3.2). */
export function receive(message: IncomingMessage, response: ServerResponse, { trust, pace }: Reception): Received {
  const target = message.url ?? "";
  const cut = target.indexOf("?");
  const headers = flatten(message);
  const hangUp = new CallerGone();
  return {
    id: randomUUID(),
    method: message.method ?? "GET",
    path: targetPath(target),
    query: cut < 0 ? "" : target.slice(cut + 1),
    params: {},
    place: -1,
    socket: message.socket,
    headers,
    ip: callerAddress(message.socket.remoteAddress, headers["x-forwarded-for"], trust),
    signal: hangUp,
    abort: (reason) => hangUp.abort(reason),
    body: (limitBytes, terms) => readBody(message, response, { limitBytes, ...terms, pace }),
  };
}

class CallerGone implements HangUp {
  aborted = false;
  reason: unknown;
  #listeners: (() => void)[] = [];

  addEventListener(_type: "abort", listener: () => void): void {
    this.#listeners.push(listener);
  }

  removeEventListener(_type: "abort", listener: () => void): void {
    const index = this.#listeners.indexOf(listener);
    if (index >= 0) this.#listeners.splice(index, 1);
  }

  /** Works once. */
  abort(reason: Failure): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    for (const listener of this.#listeners.splice(0)) listener();
  }
}

/** All but `set-cookie`, which no request has, are strings already. */
function flatten({ headers }: IncomingMessage): Headers {
  if (!Array.isArray(headers["set-cookie"])) return headers as Headers;
  const { "set-cookie": _notForRequests, ...rest } = headers;
  return rest as Headers;
}

/** Whether a hop is one of the operator's own proxies. Hop 0 is the socket's address, hop 1 the right-most of the header. */
export type ProxyTrust = (address: string, hop: number) => boolean;

/** As `TRUST_PROXY` says; undefined where no proxy is trusted. */
export function buildProxyTrust({ TRUST_PROXY: proxies }: Config): ProxyTrust | undefined {
  if (typeof proxies !== "number") return proxyAddr.compile([...proxies]);
  return proxies === 0 ? undefined : (_address, hop) => hop < proxies;
}

/**
 * The socket's address, or the first hop of `x-forwarded-for`, read from the right, that no trusted proxy is: that one a
 * trusted proxy has written, and whatever stands left of it the caller may have written.
 */
export function callerAddress(
  socket: string | undefined,
  forwardedFor: string | undefined,
  trust: ProxyTrust | undefined,
): string {
  const nearest = plain(socket ?? "");
  if (forwardedFor === undefined || !trust) return nearest;
  const hops = forwardedFor.split(",").map((hop) => plain(hop.trim()));
  const request = { socket: { remoteAddress: nearest }, headers: { "x-forwarded-for": hops.join() } };
  const path = proxyAddr.all(request as unknown as IncomingMessage, trust);
  // A proxy may write `unknown` for what it does not tell; the proxy itself is then all that is known.
  return path.findLast((hop) => isIP(hop) !== 0) ?? nearest;
}

/** IPv4 written as IPv6 (`::ffff:10.0.0.1`) is IPv4; a port or brackets are not part of an address. The same few call again and again. */
const plain = memoize(1_000, (address: string) =>
  address
    .replace(/^::ffff:(?=\d+\.)/i, "")
    .replace(/^(\d+\.\d+\.\d+\.\d+):\d+$/, "$1")
    .replace(/^\[(.*)\](:\d+)?$/, "$1"),
);
