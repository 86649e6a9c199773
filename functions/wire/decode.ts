import { pipeline, Readable } from "node:stream";
import * as zlib from "node:zlib";
import { Failure } from "../failure.ts";
import { type Inbound, pullBody } from "./dispatch.ts";

type Decoder = zlib.Gunzip | zlib.Inflate | zlib.BrotliDecompress | zlib.ZstdDecompress;

/** By `content-encoding`: RFC 9110 § 8.4.1, RFC 8878 (zstd). Their work is done by libuv's threads, off the event loop. */
const decoders: Readonly<Record<string, (options?: { chunkSize: number }) => Decoder>> = {
  gzip: zlib.createGunzip,
  "x-gzip": zlib.createGunzip,
  deflate: zlib.createInflate,
  br: zlib.createBrotliDecompress,
  zstd: zlib.createZstdDecompress,
};

/** Own names only: `constructor` and `__proto__` are no encodings. */
function findDecoder(encoding: string) {
  const name = encoding.toLowerCase().trim();
  return Object.hasOwn(decoders, name) ? decoders[name] : undefined;
}

/** Source code and JSON shrink to a fifth or a tenth; only what was made for it shrinks to less than a hundredth. */
const mostRatio = 100;
/** So much a body may grow to, whatever its ratio. */
const freeBytes = 1024 * 1024;
/** Of one step of a large body; Node's own is 16 kB, a turn of the event loop for each. */
const largeStep = { chunkSize: 256 * 1024 };

export interface DecodeLimits {
  /** Of the decompressed body. */
  readonly limitBytes: number;
  /** Told how many bytes the body grows by, before they are kept. Throws to stop. */
  onGrowth?(bytes: number): void;
}

/**
 * A request body as text bytes, for reading only: what goes up stays as sent. Throws `request.malformed`, or
 * `request.too-large` as soon as it grows past its limit or past a hundred times what was sent.
 */
export function decodeBody(bytes: Buffer, encoding: string | undefined, limits: DecodeLimits): Promise<Buffer> {
  if (encoding === undefined || encoding === "" || encoding === "identity") return Promise.resolve(bytes);
  const open = findDecoder(encoding);
  if (open) return decode(open(bytes.length > freeBytes / 16 ? largeStep : undefined), bytes, limits);
  const message = `Unsupported content-encoding: ${encoding.slice(0, 40)}.`;
  return Promise.reject(new Failure("request.malformed", { message }));
}

function decode(decoder: Decoder, bytes: Buffer, { limitBytes, onGrowth }: DecodeLimits): Promise<Buffer> {
  const mostBytes = Math.min(limitBytes, Math.max(freeBytes, bytes.length * mostRatio));
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const parts: Buffer[] = [];
  let size = 0;
  decoder.on("data", (part: Buffer) => {
    size += part.length;
    try {
      if (size > mostBytes) throw tooLarge(limitBytes, mostBytes);
      onGrowth?.(part.length);
    } catch (error) {
      reject(error as Error);
      decoder.destroy();
    }
    parts.push(part);
  });
  decoder.on("end", () => resolve(parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts, size)));
  const message = "The request body does not decompress.";
  decoder.on("error", (cause) => reject(new Failure("request.malformed", { message, cause })));
  decoder.end(bytes);
  return promise;
}

function tooLarge(limitBytes: number, mostBytes: number): Failure {
  const past = limitBytes === mostBytes ? `${limitBytes} bytes` : `${mostRatio} times what was sent`;
  return new Failure("request.too-large", { message: `The decompressed request is larger than ${past}.` });
}

/**
 * An answer with its bytes plain, which every account is asked for: the client may have its head without an encoding already,
 * and what is not plain can neither be metered nor redacted. An encoding that is not known here passes as it is.
 */
export function unpackAnswer(inbound: Inbound): Inbound {
  const { "content-encoding": encoding = "identity", "content-length": _length, ...headers } = inbound.headers;
  const decoder = findDecoder(encoding)?.();
  if (!decoder) return inbound;
  const { body } = inbound;
  pipeline(Readable.from(listChunks(body)), decoder, () => undefined);
  const plain = decoder[Symbol.asyncIterator]() as AsyncIterator<Buffer, undefined>;
  const read = async () => {
    try {
      return (await plain.next()).value;
    } catch (cause) {
      const message = "The upstream's answer does not decompress.";
      throw cause instanceof Failure ? cause : new Failure("upstream.broken", { message, cause });
    }
  };
  const cancel = () => {
    decoder.destroy();
    body.cancel();
  };
  return { ...inbound, headers, body: pullBody(read, cancel) };
}

async function* listChunks(body: Inbound["body"]): AsyncGenerator<Uint8Array> {
  for (let chunk = await body.read(); chunk; chunk = await body.read()) yield chunk;
}
