import type { Sieve, UsageReader } from "../../dialects/dialect.ts";
import type { Served } from "../../upstreams/served.ts";
import { pullBody, type Body, type Inbound } from "../../../wire/dispatch.ts";
import type { Translation } from "./bridge.ts";

/**
 * Lays a bridge over an answer: usage is read before it, in the upstream's own language, and everything behind it sees the
 * client's language only. The peeked chunks were shown to the reader already; later ones are shown as they are translated.
 */
export function cross(served: Served, translation: Translation): Served {
  const isError = served.inbound.status >= 400;
  const head: Inbound = { ...served.inbound, headers: redress(served.inbound.headers, translation) };
  if (isError) {
    // What is longer than an error needs to be judged is not read on: nobody would ever let go of its connection.
    if (served.hasMore) served.inbound.body.cancel();
    const body = translation.error(served.inbound.status, Buffer.concat(served.peeked));
    return { ...served, inbound: head, peeked: [body], hasMore: false, reader: passive(served.reader, translation) };
  }
  const peeked = served.peeked.map((chunk) => translation.push(chunk));
  if (!served.hasMore) peeked.push(translation.end());
  const body = translateBody(served.inbound.body, served.reader, translation);
  return {
    ...served,
    inbound: { ...head, body },
    peeked: peeked.filter((chunk) => chunk.length > 0),
    reader: passive(served.reader, translation),
  };
}

/** Lays a sieve over an answer as if it were a bridge. One that came compressed against our wish passes whole. */
export function sift(served: Served, sieve: Sieve | undefined): Served {
  const { status, headers } = served.inbound;
  if (!sieve || status >= 400 || headers["content-encoding"] !== undefined) return served;
  return cross(served, {
    contentType: headers["content-type"] ?? "text/event-stream",
    push: (chunk) => sieve.push(chunk),
    end: () => sieve.end(),
    error: (_status, body) => body,
  });
}

function redress(headers: Inbound["headers"], translation: Translation): Inbound["headers"] {
  const { "content-length": _length, ...rest } = headers;
  return { ...rest, "content-type": translation.contentType };
}

function translateBody(body: Body, reader: UsageReader, translation: Translation): Body {
  const translate = (chunk: Uint8Array | undefined) => {
    if (chunk) reader.see(chunk);
    return chunk ? translation.push(chunk) : translation.end();
  };
  let isOver = false;
  const read = async (): Promise<Uint8Array | undefined> => {
    while (!isOver) {
      const chunk = await body.read();
      isOver = chunk === undefined;
      const translated = translate(chunk);
      if (translated.length > 0) return translated;
    }
    return undefined;
  };
  const take = () => {
    const chunk = body.take();
    return chunk && translate(chunk);
  };
  return pullBody(read, () => body.cancel(), take);
}

/** What stands behind the bridge may ask for figures but has nothing to show that was not seen before it. */
function passive(reader: UsageReader, translation: Translation): UsageReader {
  const broke = () => translation.broke?.();
  return {
    see: () => undefined,
    total: () => reader.total(),
    guess: () => reader.guess?.() ?? 0,
    model: () => reader.model(),
    state: () => (broke() === undefined ? reader.state() : "failed"),
    finish: () => reader.finish(),
    isAtBoundary: () => true,
    hasEvent: () => reader.hasEvent(),
    error() {
      const message = broke();
      return message === undefined ? reader.error() : { status: 502, type: "api_error", message };
    },
  };
}
