import * as https from "node:https";
import { isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { hostOf } from "../../wire/reach.ts";
import type { Guard } from "./guard.ts";
import { isSocks } from "./proxy.ts";

/**
 * Asked for in this way because an `import` of node:http reads all its exports, `WebSocket` among them, and that loads the
 * whole of Node's fetch: some 35 ms of every cold start.
 */
export const http = process.getBuiltinModule("node:http");

export interface Tunnel {
  readonly proxy: string;
  readonly host: string;
  readonly port: number;
  /** TLS to the host, inside the tunnel. */
  readonly isSecure: boolean;
  readonly timeout: number;
  /** Where the proxy may be. */
  readonly guard: Guard;
  /** Certificate authorities instead of the system's, for host and proxy. */
  readonly ca?: string | undefined;
}

/**
 * A connection to a host through a proxy: SOCKS5, or CONNECT (RFC 9110 § 9.3.6) to one that speaks http or https. Node's own
 * `proxyEnv` would send plain http in the clear past the tunnel, and takes no certificate authority for the proxy.
 */
export async function openTunnel(tunnel: Tunnel): Promise<Socket> {
  const { proxy, host, isSecure, guard, ca } = tunnel;
  guard.check(hostOf(proxy));
  const socket = isSocks(proxy) ? await throughSocks(tunnel) : await throughConnect(tunnel);
  if (!isSecure) return socket;
  return connectTls({ socket, ...(isIP(host) ? {} : { servername: host }), ...(ca ? { ca } : {}) });
}

/** The library for it is loaded with the first one. */
async function throughSocks({ guard, ...target }: Tunnel): Promise<Socket> {
  const { connectThroughSocks } = await import("./socks.ts");
  return connectThroughSocks({ ...target, lookup: guard.lookup });
}

function throughConnect({ proxy, host, port, timeout, guard, ca }: Tunnel): Promise<Socket> {
  const { protocol, hostname, port: proxyPort, username, password } = new URL(proxy);
  const target = `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
  const login = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const request = (protocol === "https:" ? https : http).request({
    method: "CONNECT",
    host: hostname.replace(/^\[|\]$/g, ""),
    port: proxyPort,
    path: target,
    agent: false,
    lookup: guard.lookup,
    timeout,
    headers: {
      host: target,
      ...(username ? { "proxy-authorization": `Basic ${Buffer.from(login).toString("base64")}` } : {}),
    },
    ...(ca ? { ca } : {}),
  });
  return new Promise((resolve, reject) => {
    request.on("connect", ({ statusCode }, socket: Socket, early) => {
      socket.setTimeout(0);
      if (statusCode === 200) {
        if (early.length > 0) socket.unshift(early);
        return resolve(socket);
      }
      socket.destroy();
      reject(new Error(`the proxy answered ${statusCode} to CONNECT`));
    });
    request.on("response", ({ statusCode }) => {
      request.destroy();
      reject(new Error(`the proxy answered ${statusCode} to CONNECT`));
    });
    request.on("timeout", () =>
      request.destroy(new Error(`the proxy opened no tunnel within ${timeout / 1000} seconds`)),
    );
    request.on("error", reject).end();
  });
}
