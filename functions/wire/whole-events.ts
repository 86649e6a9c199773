import type { Sink } from "./exchange.ts";

/** An event that is longer than this goes on in pieces: nobody's answer may fill the memory. */
const mostHeldBytes = 64 * 1024 * 1024;

/** A sink that is told only whole server-sent events; what has no end yet waits. */
export interface EventSink extends Sink {
  /** Hands on what waits: the stream ended well, if without its last blank line. */
  release(): void;
  /** Forgets what waits. False if a part of that event went on already: what follows would be read as a part of it. */
  drop(): boolean;
  /** An event of the relay's own, past what waits. False, and nothing, where it would stand within another event. */
  interject(event: Uint8Array): boolean;
}

/**
 * Puts an event stream together before it goes on, so that a stream which breaks off within an event ends with the event
 * before it: clients would report half an event as malformed JSON, not as a broken stream. Chunks may be split anywhere, and
 * each is searched once. What begins like JSON is no event stream and goes on at once.
 */
export function holdPartialEvents(sink: Sink): EventSink {
  let held: Uint8Array[] = [];
  let size = 0;
  /** The last bytes of what is held: a blank line may begin in them. */
  let tail = Buffer.alloc(0);
  let isJson: boolean | undefined;
  let isTorn = false;
  const flush = (bytes: Uint8Array) => {
    const all = held.length === 0 ? bytes : Buffer.concat([...held, bytes]);
    held = [];
    size = 0;
    tail = Buffer.alloc(0);
    return all.byteLength === 0 || sink.write(all);
  };
  return {
    write(chunk) {
      const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      isJson ??= looksLikeJson(bytes);
      if (isJson) return sink.write(bytes);
      const seen = tail.length === 0 ? bytes : Buffer.concat([tail, bytes]);
      const end = lastBoundary(seen) - tail.length;
      const rest = end > 0 ? bytes.subarray(end) : bytes;
      const isTaken = end > 0 ? flush(bytes.subarray(0, end)) : true;
      if (end > 0) isTorn = false;
      if (rest.length === 0) return isTaken;
      held.push(rest);
      size += rest.length;
      tail = Buffer.from(end > 0 ? rest.subarray(-3) : seen.subarray(-3));
      if (size <= mostHeldBytes) return isTaken;
      isTorn = true;
      return flush(Buffer.alloc(0));
    },
    release: () => void flush(Buffer.alloc(0)),
    drop() {
      held = [];
      return !isTorn && isJson !== true;
    },
    interject(event) {
      if (isTorn || isJson === true) return false;
      sink.write(event);
      return true;
    },
    onDrain: (goOn) => sink.onDrain(goOn),
    end: () => sink.end(),
  };
}

/** Undefined while there are only blanks and a byte order mark. */
function looksLikeJson(bytes: Buffer): boolean | undefined {
  const first = bytes.find((byte) => !insignificant.has(byte));
  return first === undefined ? undefined : first === 0x7b || first === 0x5b;
}

const insignificant = new Set([0x20, 0x09, 0x0a, 0x0d, 0xef, 0xbb, 0xbf]);

const blankLines = ["\n\n", "\n\r\n", "\r\r"];

/** Where the last whole event ends; 0 if none does. Lines end with LF, CRLF or CR (WHATWG HTML § 9.2). */
function lastBoundary(bytes: Buffer): number {
  const { length } = bytes;
  if (bytes[length - 1] === 0x0a && bytes[length - 2] === 0x0a) return length;
  return Math.max(
    ...blankLines.map((line) => {
      const at = bytes.lastIndexOf(line, undefined, "latin1");
      return at < 0 ? 0 : at + line.length;
    }),
  );
}
