import type { LookupFunction, Socket } from "node:net";
import { SocksClient } from "socks";

export interface SocksTarget {
  readonly proxy: string;
  readonly host: string;
  readonly port: number;
  /** Milliseconds. */
  readonly timeout: number;
  /** How the proxy's own name is looked up. */
  readonly lookup: LookupFunction;
}

/**
 * A TCP connection to `host`:`port` through a SOCKS5 proxy (RFC 1928, user name and password by RFC 1929). The proxy resolves
 * the name: where names must be looked up abroad, a local look-up is the very thing that fails.
 */
export async function connectThroughSocks(target: SocksTarget): Promise<Socket> {
  const { proxy, host, port, timeout, lookup } = target;
  const url = new URL(proxy);
  // The library tells a failed look-up by its words only, which would hide whose fault it was.
  let failed: Error | null = null;
  const told: LookupFunction = (name, options, callback) =>
    lookup(name, options, (error, address, family) => {
      failed = error;
      callback(error, address, family);
    });
  const { socket } = await SocksClient.createConnection({
    command: "connect",
    // The library adds the proxy's host and port.
    socket_options: { lookup: told, port: 0 },
    timeout,
    destination: { host: unbracket(host), port },
    proxy: {
      type: 5,
      host: unbracket(url.hostname),
      port: Number(url.port || 1080),
      ...(url.username ? { userId: decodeURIComponent(url.username) } : {}),
      ...(url.username ? { password: decodeURIComponent(url.password) } : {}),
    },
  }).catch((error: unknown) => {
    throw failed ?? error;
  });
  return socket;
}

/** `[::1]` is how a URL writes the address `::1`. */
const unbracket = (host: string) => host.replace(/^\[|\]$/g, "");
