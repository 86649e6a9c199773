import * as zlib from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { pullBody } from "./dispatch.ts";
import { decodeBody, unpackAnswer } from "./decode.ts";

const limits = { limitBytes: 8 * 1024 * 1024 };
const encoders = {
  gzip: zlib.gzipSync,
  "x-gzip": zlib.gzipSync,
  deflate: zlib.deflateSync,
  br: zlib.brotliCompressSync,
  zstd: zlib.zstdCompressSync,
} as const;
const names = Object.keys(encoders) as (keyof typeof encoders)[];
const inherited = Object.getOwnPropertyNames(Object.prototype);

describe("decodeBody", () => {
  test.each(names)("gives back what %s has compressed", async (name) => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 5_000 }), async (bytes) => {
        expect(await decodeBody(Buffer.from(encoders[name](bytes)), name, limits)).toEqual(Buffer.from(bytes));
      }),
      { numRuns: 20 },
    );
  });

  test.each(inherited)("does not take %s for an encoding", async (name) => {
    const failure = { code: "request.malformed", message: expect.stringContaining("Unsupported") };
    await expect(decodeBody(Buffer.from("{}"), name, limits)).rejects.toMatchObject(failure);
  });

  test.each(names)("refuses a %s bomb by its ratio, long before its limit", async (name) => {
    const bomb = Buffer.from(encoders[name](Buffer.alloc(16 * 1024 * 1024, " ")));
    let grown = 0;
    const onGrowth = (bytes: number) => void (grown += bytes);
    const tried = decodeBody(bomb, name, { limitBytes: 60 * 1024 * 1024, onGrowth });
    await expect(tried).rejects.toMatchObject({ code: "request.too-large" });
    expect(grown).toBeLessThanOrEqual(Math.max(1024 * 1024, bomb.length * 100));
  });

  test.each(names)("stops a %s body that no room is left for", async (name) => {
    const body = Buffer.from(encoders[name](Buffer.from("text ".repeat(10_000))));
    const onGrowth = () => {
      throw new Error("no room");
    };
    await expect(decodeBody(body, name, { ...limits, onGrowth })).rejects.toThrow("no room");
  });

  test.each(names)("says of a %s body that is cut or broken that it does not decompress", async (name) => {
    const whole = Buffer.from(encoders[name](Buffer.from(JSON.stringify({ text: "words ".repeat(2_000) }))));
    for (const bytes of [whole.subarray(0, whole.length >> 1), Buffer.from("no such thing"), Buffer.alloc(0)]) {
      await expect(decodeBody(bytes, name, limits)).rejects.toMatchObject({ code: "request.malformed" });
    }
  });
});

describe("unpackAnswer", () => {
  function answer(bytes: Uint8Array, encoding: string, step = bytes.length) {
    const chunks = Array.from({ length: Math.ceil(bytes.length / step) }, (_, index) =>
      bytes.subarray(index * step, (index + 1) * step),
    );
    let isCancelled = false;
    const body = pullBody(
      () => Promise.resolve(chunks.shift()),
      () => void (isCancelled = true),
    );
    const headers = { "content-type": "text/event-stream", "content-encoding": encoding, "content-length": "9" };
    return { inbound: { status: 200, headers, body }, wasCancelled: () => isCancelled };
  }
  async function readAll({ body }: ReturnType<typeof unpackAnswer>): Promise<string> {
    const parts: Uint8Array[] = [];
    for (let part = await body.read(); part; part = await body.read()) parts.push(part);
    return Buffer.concat(parts).toString();
  }
  const text = "data: {}\n\n".repeat(3_000);

  test.each(names)("gives the plain bytes of a %s answer, split anywhere, and no header that lies", async (name) => {
    for (const step of [1, 7, 10_000]) {
      const unpacked = unpackAnswer(answer(encoders[name](text), name, step).inbound);
      expect(unpacked.headers).toEqual({ "content-type": "text/event-stream" });
      expect(await readAll(unpacked)).toBe(text);
    }
  });

  test.each(names)("breaks at the end of a %s answer that is cut", async (name) => {
    const packed = encoders[name](text);
    const unpacked = unpackAnswer(answer(packed.subarray(0, packed.length - 9), name).inbound);
    await expect(readAll(unpacked)).rejects.toMatchObject({ code: "upstream.broken" });
  });

  test("lets go of an answer that nobody reads on, and leaves plain and unknown ones alone", () => {
    const { inbound, wasCancelled } = answer(encoders.gzip(text), "gzip", 5);
    unpackAnswer(inbound).body.cancel();
    expect(wasCancelled()).toBe(true);
    for (const name of ["identity", "constructor", "sdch"]) {
      const other = answer(Buffer.from(text), name).inbound;
      expect(unpackAnswer(other)).toBe(other);
    }
  });
});
