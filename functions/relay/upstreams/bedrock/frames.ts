import { EventStreamCodec } from "@smithy/core/event-streams";
import { Failure } from "../../../failure.ts";

export const broken = (what: string, cause?: unknown) =>
  new Failure("upstream.broken", { message: `Bedrock's event stream ${what}.`, cause });

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
  #held: Buffer = Buffer.alloc(0);

  get isInside(): boolean {
    return this.#held.length > 0;
  }

  /** What is said for each frame that is whole by now. Throws `upstream.broken` for what is no frame. */
  push(chunk: Uint8Array, say: (frame: Frame) => string): Buffer {
    let rest = this.#held.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.#held, chunk]);
    const events: string[] = [];
    while (rest.length >= 4) {
      const length = rest.readUInt32BE(0);
      if (length < leastFrameBytes || length > mostFrameBytes) throw broken("is no event stream");
      if (rest.length < length) break;
      events.push(say(this.#decode(rest.subarray(0, length))));
      rest = rest.subarray(length);
    }
    this.#held = rest;
    return Buffer.from(events.join(""));
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
