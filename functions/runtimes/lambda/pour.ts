import type { Writable } from "node:stream";
import { isPourable, type Answer, type Pourable } from "../../wire/exchange.ts";

export interface LambdaPouring {
  readonly requestId: string;
  /** A HEAD is answered with the head alone. */
  readonly isHead: boolean;
  /** Words an error that came before the first byte. */
  refuse(error: unknown): Answer;
  /** Called for each piece that is written, the head too. */
  wrote(): void;
}

/**
 * Writes an answer to Lambda's response stream, with back-pressure. What it must not do, learnt from the runtime client and
 * its issues: end without a byte (the head is written with the first one, and CloudFront waits for it), answer without a
 * content type, or end a broken stream (a rejection after the first byte makes the runtime cut the connection).
 */
export async function pourToLambda(answer: Answer, stream: Writable, pouring: LambdaPouring): Promise<void> {
  const { body } = answer;
  if (typeof body === "string" || body instanceof Uint8Array) {
    const out = open(answer, stream, pouring);
    out.write(body.length === 0 || pouring.isHead ? "\n" : body);
    out.end();
    return;
  }
  if (isPourable(body)) await pourItself(answer, body, stream, pouring);
  else await pourChunks(answer, body, stream, pouring);
}

async function pourItself(answer: Answer, body: Pourable, stream: Writable, pouring: LambdaPouring): Promise<void> {
  let out: Writable | undefined;
  let goOn: (() => void) | undefined;
  const begin = () => {
    clearImmediate(ahead);
    out = open(answer, stream, pouring);
    if (goOn) out.on("drain", goOn);
    return out;
  };
  const ahead = setImmediate(() => void begin().write(""));
  let isEmpty = true;
  const write = (chunk: Uint8Array) => {
    if (chunk.byteLength === 0 || pouring.isHead) return true;
    isEmpty = false;
    pouring.wrote();
    return (out ?? begin()).write(chunk);
  };
  try {
    await body.pour({
      write,
      onDrain: (listener) => void (out?.on("drain", listener), (goOn = listener)),
      // The runtime freezes the process with the stream's end, so that comes last.
      end: () => undefined,
    });
  } catch (error) {
    clearImmediate(ahead);
    if (out) throw error;
    return pourToLambda(body.refuse?.(error) ?? pouring.refuse(error), stream, pouring);
  }
  const opened = out ?? begin();
  if (isEmpty) opened.write("\n");
  opened.end();
}

async function pourChunks(
  answer: Answer,
  body: AsyncIterable<Uint8Array>,
  stream: Writable,
  pouring: LambdaPouring,
): Promise<void> {
  let out: Writable | undefined;
  // A write of nothing sends the head ahead of a first chunk that is not there yet.
  const ahead = setImmediate(() => {
    out = open(answer, stream, pouring);
    out.write("");
  });
  let isEmpty = true;
  try {
    for await (const chunk of body) {
      clearImmediate(ahead);
      // A HEAD asks for the first chunk only, since a generator that never began has no `finally` to run.
      if (pouring.isHead) break;
      if (chunk.byteLength === 0) continue;
      isEmpty = false;
      pouring.wrote();
      out ??= open(answer, stream, pouring);
      if (!out.write(chunk)) await drained(out);
    }
  } catch (error) {
    clearImmediate(ahead);
    if (out) throw error;
    return pourToLambda(pouring.refuse(error), stream, pouring);
  }
  clearImmediate(ahead);
  out ??= open(answer, stream, pouring);
  if (isEmpty) out.write("\n");
  out.end();
}

/** 204 and 304 have no body by definition, so they cannot be streamed; a Function URL answers 200 with an empty line instead. */
function open(answer: Answer, stream: Writable, { requestId, wrote }: LambdaPouring): Writable {
  wrote();
  const { "content-length": _length, ...headers } = answer.headers;
  return awslambda.HttpResponseStream.from(stream, {
    statusCode: answer.status === 204 || answer.status === 304 ? 200 : answer.status,
    headers: { "content-type": "text/plain; charset=utf-8", ...headers, "x-request-id": requestId },
    ...(answer.cookies?.length ? { cookies: answer.cookies } : {}),
  });
}

function drained(out: Writable): Promise<void> {
  return new Promise((resolve, reject) => {
    const leave = () => out.off("drain", done).off("close", done).off("error", fail);
    const done = () => {
      leave();
      resolve();
    };
    const fail = (error: Error) => {
      leave();
      reject(error);
    };
    out.on("drain", done).on("close", done).on("error", fail);
  });
}
