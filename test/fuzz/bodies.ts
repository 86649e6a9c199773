import * as zlib from "node:zlib";
import fc from "fast-check";
import { checkError, checkOwn } from "./answers-read.ts";
import { exchange, split } from "./exchange.ts";
import { headOf, ways } from "./languages.ts";
import { mutate, step, write, writing } from "./mutate.ts";
import { room } from "./room.ts";

const encoders = {
  none: (body: Buffer) => body,
  gzip: zlib.gzipSync,
  deflate: zlib.deflateSync,
  br: (body: Buffer) => zlib.brotliCompressSync(body, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 1 } }),
  zstd: zlib.zstdCompressSync,
};

/** Requests that were valid, changed. */
export const bodies = room({
  name: "bodies",
  arbitrary: fc.record({
    way: fc.constantFrom(...ways.keys()),
    isStream: fc.boolean(),
    steps: fc.array(step, { maxLength: 4 }),
    writing,
    encoding: fc.constantFrom(...(["none", "none", "none", "gzip", "deflate", "br", "zstd"] as const)),
    /** What the header says, if not what it is. */
    claim: fc.constantFrom(...["", "", "", "", "gzip", "zstd", "identity", "gzip, gzip", "__proto__"]),
    spoiled: fc.constantFrom(0, 0, 0, 1, 5),
    isChunked: fc.boolean(),
    cuts: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 4 }),
    leaving: fc.constantFrom("waits", "waits", "waits", "half-closes", "resets"),
  }),
  async attempt(made, { url, secret }) {
    const way = ways[made.way];
    if (!way) return;
    const plain = write(mutate(way.body("hello", made.isStream), made.steps), made.writing);
    const body = encoders[made.encoding](plain);
    for (let spoilt = 0; spoilt < Math.min(made.spoiled, body.length / 37); spoilt += 1) body[spoilt * 37] = 0x55;
    const claim = made.claim || (made.encoding === "none" ? "" : made.encoding);
    const length = made.isChunked ? "transfer-encoding: chunked" : `content-length: ${body.length}`;
    const head = headOf(way, made.isStream, secret, [
      "connection: close",
      length,
      ...(claim ? [`content-encoding: ${claim}`] : []),
    ]);
    const pieces = split(body, made.cuts);
    const framed = made.isChunked ? chunks(pieces) : pieces;
    const answers = await exchange(url, [Buffer.from(head), ...framed], ["POST"], made.leaving);
    answers.forEach(checkOwn);
    const [answer] = answers;
    if (answers.length > 1) throw new Error(`${answers.length} answers to one request`);
    if (made.leaving !== "waits") return;
    if (!answer || answer.isCut)
      throw new Error(answer ? `The answer was cut: ${answer.body.toString()}` : "No answer");
    checkError(answer, way.language);
  },
});

function chunks(pieces: readonly Buffer[]): Buffer[] {
  const filled = pieces.filter((piece) => piece.length > 0);
  const framed = filled.map((piece) =>
    Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from("\r\n")]),
  );
  return [...framed, Buffer.from("0\r\n\r\n")];
}
