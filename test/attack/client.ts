import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

/** A connection that says exactly what it is told, well-formed or not. */
export interface RawConnection {
  readonly socket: Socket;
  /** Resolves when the bytes are handed to the system. */
  send(bytes: string | Uint8Array): Promise<void>;
  /** Everything received so far, as Latin-1. */
  text(): string;
  /** Resolves with the status of the first answer that has begun; 0 if the connection ends before one. */
  status(): Promise<number>;
  /** Resolves when the connection is closed. */
  readonly closed: Promise<void>;
  /** Reset, as a client that vanishes. */
  reset(): void;
}

export async function openRaw(url: string): Promise<RawConnection> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let text = "";
  const heard = Promise.withResolvers<number>();
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  socket.on("data", (chunk) => {
    text += chunk.toString("latin1");
    const status = /^HTTP\/1\.1 (\d{3})/.exec(text)?.[1];
    if (status) heard.resolve(Number(status));
  });
  socket.on("error", () => undefined);
  void closed.then(() => heard.resolve(0));
  await once(socket, "connect");
  return {
    socket,
    send: (bytes) =>
      new Promise((resolve) => {
        if (socket.destroyed) return resolve();
        socket.write(bytes, () => resolve());
      }),
    text: () => text,
    status: () => heard.promise,
    closed,
    reset: () => void socket.resetAndDestroy(),
  };
}

/** The head of a request, with its blank line. */
export function head(method: string, path: string, headers: Readonly<Record<string, string | number>>): string {
  const lines = Object.entries({ host: "relay", ...headers }).map(([name, value]) => `${name}: ${value}`);
  return [`${method} ${path} HTTP/1.1`, ...lines, "", ""].join("\r\n");
}

/** A message to Claude as JSON; `content` may carry `[[sim:…]]` directives. */
export function message(content = "hello", more: object = {}): string {
  return JSON.stringify({
    ...{ model: "claude-sonnet-4-5", max_tokens: 256, stream: true },
    messages: [{ role: "user", content }],
    ...more,
  });
}

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** POSTs to `/v1/messages` with a key. */
export async function post(
  url: string,
  secret: string,
  body: string | Buffer,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answered> {
  const response = await fetch(`${url}/v1/messages`, {
    method: "POST",
    headers: { "content-type": "application/json", "anthropic-version": "2023-06-01", "x-api-key": secret, ...headers },
    body: typeof body === "string" ? body : new Uint8Array(body),
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

export function percentile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
}

/** Asks until it holds; rejects after `forMs`. */
export async function until(what: string, holds: () => boolean | Promise<boolean>, forMs = 10_000): Promise<void> {
  const endAt = Date.now() + forMs;
  while (!(await holds())) {
    if (Date.now() > endAt) throw new Error(`After ${forMs / 1000} s still not true: ${what}`);
    await pause(50);
  }
}
