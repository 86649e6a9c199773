import type { Socket } from "node:net";
import { SocksClient } from "socks";

/**
 * A TCP connection to `host`:`port` through a SOCKS5 proxy (RFC 1928, user name and password by RFC 1929). The proxy resolves
 * the name: where names must be looked up abroad, a local look-up is the very thing that fails.
 */
export async function connectThroughSocks(proxy: string, host: string, port: number, timeout: number): Promise<Socket> {
  const url = new URL(proxy);
  const { socket } = await SocksClient.createConnection({
    command: "connect",
    timeout,
    destination: { host: unbracket(host), port },
    proxy: {
      type: 5,
      host: unbracket(url.hostname),
      port: Number(url.port || 1080),
      ...(url.username ? { userId: decodeURIComponent(url.username) } : {}),
      ...(url.username ? { password: decodeURIComponent(url.password) } : {}),
    },
  });
  return socket;
}

/** `[::1]` is how a URL writes the address `::1`. */
const unbracket = (host: string) => host.replace(/^\[|\]$/g, "");
