import * as zlib from "node:zlib";
import { Failure } from "../failure.ts";

/** What a body's `content-encoding` undoes with. RFC 9110 § 8.4.1, RFC 8878 (zstd). */
const decoders: Readonly<Record<string, (bytes: Uint8Array, options: { maxOutputLength: number }) => Buffer>> = {
  gzip: zlib.gunzipSync,
  "x-gzip": zlib.gunzipSync,
  deflate: zlib.inflateSync,
  br: zlib.brotliDecompressSync,
  zstd: zlib.zstdDecompressSync,
};

/** A request body as text bytes, for reading only: what goes up stays as sent. Throws `request.malformed` or `request.too-large`. */
export function decodeBody(bytes: Buffer, encoding: string | undefined, limitBytes: number): Buffer {
  if (encoding === undefined || encoding === "" || encoding === "identity") return bytes;
  const decoder = decoders[encoding.toLowerCase().trim()];
  if (!decoder)
    throw new Failure("request.malformed", { message: `Unsupported content-encoding: ${encoding.slice(0, 40)}.` });
  try {
    return decoder(bytes, { maxOutputLength: limitBytes });
  } catch (error) {
    if (error instanceof RangeError) {
      throw new Failure("request.too-large", {
        message: `The decompressed request is larger than ${limitBytes} bytes.`,
      });
    }
    throw new Failure("request.malformed", { message: "The request body does not decompress.", cause: error });
  }
}

const streams: Readonly<Record<string, () => zlib.Gunzip | zlib.BrotliDecompress | zlib.ZstdDecompress>> = {
  gzip: zlib.createGunzip,
  "x-gzip": zlib.createGunzip,
  deflate: zlib.createInflate,
  br: zlib.createBrotliDecompress,
  zstd: zlib.createZstdDecompress,
};

/** A look inside a compressed answer that is passed on as it is: `write` its bytes, `see` gets the plain ones. */
export interface Peephole {
  write(chunk: Uint8Array): void;
  /** Resolves when everything written has been seen. */
  end(): Promise<void>;
}

/** Undefined when the answer is not compressed. Bytes that do not decompress lose figures, never the stream. */
export function openPeephole(encoding: string | undefined, see: (chunk: Uint8Array) => void): Peephole | undefined {
  const open = encoding === undefined ? undefined : streams[encoding.toLowerCase().trim()];
  if (!open) return undefined;
  const stream = open();
  const done = new Promise<void>((resolve) =>
    stream
      .once("close", resolve)
      .once("end", resolve)
      .once("error", () => resolve()),
  );
  stream.on("data", see);
  return {
    write: (chunk) => void stream.write(chunk),
    end: () => {
      stream.end();
      return done;
    },
  };
}
