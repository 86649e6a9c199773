import { lookup as lookUp, type LookupAddress } from "node:dns";
import { isIP, type LookupFunction } from "node:net";
import { Failure } from "../../failure.ts";
import { isReachable } from "../../wire/reach.ts";

/**
 * Where connections may go, decided when they are opened and on the very address that they are opened to: a name that says
 * something else than when it was saved (DNS rebinding) gains nothing, and a connection that is kept alive costs nothing.
 */
export interface Guard {
  /** For `net.connect`: the addresses of a name without those that are out of reach. */
  readonly lookup: LookupFunction;
  /** For what `net.connect` looks up no name for. Throws if the host is an address out of reach. */
  check(host: string): void;
}

/** How names are looked up; the system's way unless a test brings its own. */
export type Resolve = (
  name: string,
  options: { family?: number | "IPv4" | "IPv6"; hints?: number; all: true },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

export function buildGuard(allowsPrivate: boolean, resolve: Resolve = lookUp): Guard {
  const lookup: LookupFunction = (name, { family, hints, all }, callback) => {
    const options = { ...(family === undefined ? {} : { family }), ...(hints === undefined ? {} : { hints }) };
    resolve(name, { ...options, all: true }, (error, found) => {
      if (error) return callback(error, "");
      const addresses = found.filter(({ address }) => isReachable(address, allowsPrivate));
      const [first] = addresses;
      if (!first) return callback(outOfReach(allowsPrivate), "");
      if (all) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
  const check = (host: string) => {
    const ip = host.replace(/^\[|\]$/g, "");
    if (isIP(ip) !== 0 && !isReachable(ip, allowsPrivate)) throw outOfReach(allowsPrivate);
  };
  return { lookup, check };
}

/** Names no address: which ones a network has inside is not for clients to learn. */
function outOfReach(allowsPrivate: boolean): Failure {
  const remedy = allowsPrivate ? "which no setting allows" : "which only ALLOW_PRIVATE_UPSTREAMS=true allows";
  const what = allowsPrivate ? "a cloud's own metadata service" : "a private network";
  return new Failure("upstream.unreachable", {
    message: `The upstream or its proxy has an address in ${what}, ${remedy}.`,
  });
}
