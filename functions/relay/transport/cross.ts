import type { Sieve, UsageReader } from "../dialects/dialect.ts";
import type { Served } from "../upstreams/served.ts";
import { pullBody, type Body, type Inbound } from "../../wire/dispatch.ts";
import type { Translation } from "../bridges/answer.ts";

/**
 * Lays a bridge over an answer: usage is read before it, in the upstream's own language, and everything behind it sees the
 * client's language only. The peeked chunks were shown to the reader already; later ones are shown as they are translated.
 */
export function cross(served: Served, translation: Translation): Served {
  const head: Inbound = { ...served.inbound, headers: redress(served.inbound.headers, translation.contentType) };
  if (served.inbound.status >= 400) {
    const { status, body } = translation.error(served.inbound.status, Buffer.concat(served.peeked));
    // What is longer than an error needs to be judged is not read on: nobody would ever let go of its connection.
    if (served.hasMore) served.inbound.body.cancel();
    const inbound: Inbound = { ...head, status, headers: redress(head.headers, "application/json") };
    return { ...served, inbound, peeked: [body], hasMore: false, reader: passive(served.reader, translation) };
  }
  return lay({ ...served, inbound: head }, translation, passive(served.reader, translation));
}

/** What every byte of an answer passes on its way to the client. */
type Passage = Pick<Translation, "push" | "end">;

function lay(served: Served, passage: Passage, reader: UsageReader): Served {
  const peeked = served.peeked.map((chunk) => passage.push(chunk));
  if (!served.hasMore) peeked.push(passage.end());
  const body = translateBody(served.inbound.body, served.reader, passage);
  const inbound = { ...served.inbound, body };
  return { ...served, inbound, peeked: peeked.filter((chunk) => chunk.length > 0), reader };
}

/** Lays a sieve over an answer as if it were a bridge. One in an encoding that the relay does not know passes whole. */
export function sift(served: Served, sieve: Sieve | undefined): Served {
  const { status, headers } = served.inbound;
  if (!sieve || status >= 400 || headers["content-encoding"] !== undefined) return served;
  const { "content-length": _length, ...rest } = headers;
  return lay({ ...served, inbound: { ...served.inbound, headers: rest } }, sieve, passive(served.reader));
}

function redress(headers: Inbound["headers"], contentType: string): Inbound["headers"] {
  const { "content-length": _length, ...rest } = headers;
  return { ...rest, "content-type": contentType };
}

function translateBody(body: Body, reader: UsageReader, passage: Passage): Body {
  const translate = (chunk: Uint8Array | undefined) => {
    if (chunk) reader.see(chunk);
    return chunk ? passage.push(chunk) : passage.end();
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
function passive(reader: UsageReader, translation?: Translation): UsageReader {
  const told = () => translation?.failure();
  return {
    see: () => undefined,
    total: () => reader.total(),
    guess: () => reader.guess?.() ?? 0,
    model: () => reader.model(),
    state: () => (told() === undefined ? reader.state() : "failed"),
    finish: () => reader.finish(),
    isAtBoundary: () => true,
    hasEvent: () => reader.hasEvent(),
    error() {
      const error = told();
      return error === undefined ? reader.error() : { status: error.status, type: error.kind, message: error.message };
    },
  };
}
