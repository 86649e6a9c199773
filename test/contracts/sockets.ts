import { createServer as createHttp, type Server as HttpServer } from "node:http";
import { createServer as createHttps } from "node:https";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { createServer as createTls } from "node:tls";
import type { Certificate } from "./certificate.ts";

/** A server that a test can stop at once, with what is still open. */
export interface Listener {
  readonly port: number;
  close(): Promise<void>;
}

export async function listen(server: Server | HttpServer): Promise<Listener> {
  const open = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    open.add(socket.on("close", () => open.delete(socket)).on("error", () => undefined));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      for (const socket of open) socket.destroy();
    });
  return { port: (server.address() as AddressInfo).port, close };
}

/** One connection of an upstream whose every byte the test says. */
export interface Line {
  readonly socket: Socket;
  /** Head and body as they came. */
  readonly request: string;
  /** Resolves when the other side is gone. */
  readonly closed: Promise<void>;
}

/** Calls `answer` once for each request whose head (and announced body) has arrived. */
export function rawUpstream(answer: (line: Line) => void, certificate?: Certificate): Promise<Listener> {
  const onSocket = (socket: Socket) => {
    const closed = new Promise<void>((resolve) => socket.on("close", () => resolve()));
    let heard = "";
    socket.on("error", () => undefined).setNoDelay(true);
    socket.on("data", (chunk: Buffer) => {
      heard += chunk.toString("latin1");
      const end = heard.indexOf("\r\n\r\n");
      const length = Number(/content-length: (\d+)/i.exec(heard)?.[1] ?? 0);
      if (end < 0 || heard.length < end + 4 + length) return;
      const request = heard;
      heard = "";
      answer({ socket, request, closed });
    });
  };
  return listen(certificate ? createTls(certificate, onSocket) : createServer(onSocket));
}

export interface ProxyOptions {
  readonly login?: { readonly name: string; readonly password: string };
  /** Makes it an HTTPS proxy. */
  readonly certificate?: Certificate;
}

export interface Proxy extends Listener {
  /** `host:port` of every tunnel and forwarded request. */
  readonly targets: string[];
}

/** An HTTP proxy: CONNECT, and plain requests in absolute form (RFC 9110 § 9.3.6, RFC 9112 § 3.2.2). */
export async function httpProxy({ login, certificate }: ProxyOptions = {}): Promise<Proxy> {
  const targets: string[] = [];
  const wanted = login && `Basic ${Buffer.from(`${login.name}:${login.password}`).toString("base64")}`;
  const server = certificate ? createHttps(certificate) : createHttp();
  server.on("connect", (request, socket: Socket) => {
    socket.on("error", () => undefined);
    if (wanted && request.headers["proxy-authorization"] !== wanted) {
      socket.end("HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n");
      return;
    }
    const [host = "", port] = (request.url ?? "").split(":");
    targets.push(`${host}:${port}`);
    const onward = connect(Number(port), host, () => {
      socket.write("HTTP/1.1 200 Connection Established\r\n\r\n");
      join(socket, onward);
    }).on("error", () => socket.end("HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n"));
  });
  return { ...(await listen(server)), targets };
}

/** A SOCKS5 proxy for CONNECT (RFC 1928), with user name and password (RFC 1929) if a login is wanted. */
export async function socksProxy({ login }: ProxyOptions = {}): Promise<Proxy> {
  const targets: string[] = [];
  const server = createServer((socket) => void greetSocks(socket, login, targets).catch(() => socket.destroy()));
  return { ...(await listen(server)), targets };
}

async function greetSocks(socket: Socket, login: ProxyOptions["login"], targets: string[]): Promise<void> {
  socket.on("error", () => undefined);
  const [, count = 0] = await take(socket, 2);
  const methods = await take(socket, count);
  const method = login ? 2 : 0;
  if (!methods.includes(method)) return void socket.end(Buffer.from([5, 0xff]));
  socket.write(Buffer.from([5, method]));
  if (login) {
    const [, nameLength = 0] = await take(socket, 2);
    const name = (await take(socket, nameLength)).toString();
    const password = (await take(socket, (await take(socket, 1))[0] ?? 0)).toString();
    if (name !== login.name || password !== login.password) return void socket.end(Buffer.from([1, 1]));
    socket.write(Buffer.from([1, 0]));
  }
  const [, , , kind] = await take(socket, 4);
  const length = kind === 1 ? 4 : kind === 4 ? 16 : ((await take(socket, 1))[0] ?? 0);
  const address = await take(socket, length);
  const host = kind === 3 ? address.toString() : address.join(".");
  const port = (await take(socket, 2)).readUInt16BE();
  targets.push(`${host}:${port}`);
  const reply = (code: number) => Buffer.from([5, code, 0, 1, 0, 0, 0, 0, 0, 0]);
  const onward = connect(port, host, () => {
    socket.write(reply(0));
    join(socket, onward);
  }).on("error", () => socket.end(reply(5)));
}

async function take(socket: Socket, length: number): Promise<Buffer> {
  for (;;) {
    const bytes: Buffer | null = length === 0 ? Buffer.alloc(0) : (socket.read(length) as Buffer | null);
    if (bytes?.length === length) return bytes;
    if (socket.destroyed || socket.readableEnded) throw new Error("the client went away");
    await new Promise<void>((resolve) => {
      const go = () => {
        socket.off("readable", go).off("close", go);
        resolve();
      };
      socket.on("readable", go).on("close", go);
    });
  }
}

function join(one: Socket, other: Socket): void {
  one.pipe(other);
  other.pipe(one);
  one.on("close", () => other.destroy());
  other.on("close", () => one.destroy());
}
