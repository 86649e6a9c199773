import type { ServerResponse } from "node:http";
import type { Answer, Pourable, Sink } from "../../wire/exchange.ts";
import { openSink } from "./sink.ts";

export interface Pouring {
  readonly requestId: string;
  readonly isHead: boolean;
  /** Adds `connection: close`, so that a client goes elsewhere for its next request. */
  readonly isLast: boolean;
  /**
   * Set while the client still sends its request: resolves when it is done. The connection stays open until then, since
   * closing a socket with unread bytes resets it, and the client would lose the answer (RFC 9112 § 9.6).
   */
  rest?(): Promise<void>;
}

/**
 * Writes an answer with back-pressure. Resolves when all of it was written or the client is gone; rejects with what the body
 * threw, and then the caller must answer in words, or `cut` what had begun, so that nobody takes it for whole. A body pours
 * even when nobody listens any more, since it settles its call by that.
 */
export async function pour(answer: Answer, response: ServerResponse, pouring: Pouring): Promise<void> {
  const { body } = answer;
  if (typeof body === "string" || body instanceof Uint8Array) {
    if (response.destroyed) return;
    const bytes = typeof body === "string" ? Buffer.from(body) : body;
    writeHead(answer, response, pouring, hasBody(answer.status) ? bytes.byteLength : undefined);
    const isBare = pouring.isHead || !hasBody(answer.status) || bytes.byteLength === 0;
    if (!pouring.rest) return void response.end(isBare ? undefined : bytes);
    if (isBare) response.flushHeaders();
    else response.write(bytes);
    await pouring.rest();
    response.end();
    return;
  }
  await pourItself(answer, body, response, pouring);
}

async function pourItself(answer: Answer, body: Pourable, response: ServerResponse, pouring: Pouring): Promise<void> {
  const sink = openSink(response, () => writeHead(answer, response, pouring));
  const poured = body.pour(sink);
  // A first chunk that is there already travels with the head; for one that is not, the head goes ahead.
  const ahead = response.headersSent ? undefined : setImmediate(sendAhead, response, sink);
  try {
    await poured;
    sink.end();
  } finally {
    clearImmediate(ahead);
  }
}

function sendAhead(response: ServerResponse, sink: Sink): void {
  if (!response.headersSent) sink.write(nothing);
}

const nothing = Buffer.alloc(0);

/**
 * Ends the connection without ending the message, after what has been written: the last of it, such as a dialect's error
 * event, waits in a buffer still, and it is what tells the client why.
 */
export function cut(response: ServerResponse): void {
  const { socket } = response;
  if (!socket || socket.destroyed) return void response.destroy();
  socket.destroySoon();
  const timer = setTimeout(() => response.destroy(), flushMs).unref();
  socket.once("close", () => clearTimeout(timer));
}

/** For a client that reads nothing any more. */
const flushMs = 10_000;

/** RFC 9110 § 6.4.1. */
const hasBody = (status: number) => status >= 200 && status !== 204 && status !== 304;

function writeHead(answer: Answer, response: ServerResponse, pouring: Pouring, length?: number): void {
  const flat = ["x-request-id", pouring.requestId];
  for (const name in answer.headers) {
    const value = answer.headers[name];
    if (value !== undefined && name !== "x-request-id") flat.push(name, value);
  }
  if (length !== undefined && answer.headers["content-length"] === undefined)
    flat.push("content-length", String(length));
  for (const cookie of answer.cookies ?? []) flat.push("set-cookie", cookie);
  if (pouring.isLast) flat.push("connection", "close");
  response.writeHead(answer.status, flat);
}
