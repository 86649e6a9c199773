import { EventStreamCodec } from "@smithy/core/event-streams";
import { Failure } from "../../../failure.ts";

export const broken = (what: string, cause?: unknown) =>
  new Failure("upstream.broken", { message: `Bedrock's event stream ${what}.`, cause });

const lengthBytes = 4;
/** Prelude, two checksums and nothing between. */
const leastFrameBytes = 16;
/** The format's own limit. */
const mostFrameBytes = 24 * 1024 * 1024;

export interface Frame {
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly text: string;
}

/** Cuts `application/vnd.amazon.eventstream` into frames: four bytes of length, then the rest; holds at most one unfinished. */
export class FrameReader {
  readonly #codec = new EventStreamCodec(
    (input) => Buffer.from(input as Uint8Array).toString("utf8"),
    (input) => Buffer.from(input, "utf8"),
  );
  /** Of a frame's length, then of the frame: each byte is copied once, however finely it comes. */
  #bytes = Buffer.allocUnsafe(lengthBytes);
  #filled = 0;

  get isInside(): boolean {
    return this.#filled > 0;
  }

  /** What is said for each frame that is whole by now. Throws `upstream.broken` for what is no frame. */
  push(chunk: Uint8Array, say: (frame: Frame) => string): Buffer {
    const events: string[] = [];
    for (let at = 0; at < chunk.length;) {
      const part = chunk.subarray(at, at + this.#bytes.length - this.#filled);
      this.#bytes.set(part, this.#filled);
      this.#filled += part.length;
      at += part.length;
      if (this.#filled < this.#bytes.length) break;
      if (this.#filled === lengthBytes) this.#open(this.#bytes.readUInt32BE(0));
      else {
        events.push(say(this.#decode(this.#bytes)));
        [this.#bytes, this.#filled] = [Buffer.allocUnsafe(lengthBytes), 0];
      }
    }
    return Buffer.from(events.join(""));
  }

  #open(length: number): void {
    if (length < leastFrameBytes || length > mostFrameBytes) throw broken("is no event stream");
    const bytes = Buffer.allocUnsafe(length);
    bytes.set(this.#bytes);
    this.#bytes = bytes;
  }

  #decode(frame: Buffer): Frame {
    try {
      const { headers, body } = this.#codec.decode(frame);
      const named = Object.entries(headers).map(([name, { value }]) => [name, String(value)] as const);
      return { headers: Object.fromEntries(named), text: Buffer.from(body).toString("utf8") };
    } catch (error) {
      throw broken("is damaged", error);
    }
  }
}
