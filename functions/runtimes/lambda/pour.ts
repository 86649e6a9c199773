import type { Writable } from "node:stream";
import type { Answer, Pourable } from "../../wire/exchange.ts";

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
  await pourItself(answer, body, stream, pouring);
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
