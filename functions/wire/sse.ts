/**
 * Cuts a byte stream into server-sent events (WHATWG HTML § 9.2) for whoever only needs some of them. Chunks may be split
 * anywhere; at most one unfinished event is held. A chunk that begins and ends at an event boundary and holds none of the
 * `marks` costs a few native searches and nothing else: that is nearly every chunk of a stream.
 */
export class EventCutter {
  #held: Buffer | undefined;
  #isAtBoundary = true;
  #hasEvent = false;
  readonly #marks: readonly Buffer[];
  readonly #dull: Buffer | undefined;
  readonly #onEvent: (data: string) => void;

  /**
   * `onEvent` gets the joined data lines of each event in which a mark stands. An event that begins with `dull` holds none,
   * whatever its text says: a chunk that is one such event is told by its first bytes and its only blank line.
   */
  constructor(marks: readonly string[], onEvent: (data: string) => void, dull?: string) {
    this.#marks = marks.map((mark) => Buffer.from(mark));
    this.#dull = dull === undefined ? undefined : Buffer.from(dull);
    this.#onEvent = onEvent;
  }

  /** True if the bytes so far end between two events. */
  get isAtBoundary(): boolean {
    return this.#isAtBoundary;
  }

  /** True once a whole event has been seen. */
  get hasEvent(): boolean {
    return this.#hasEvent;
  }

  see(chunk: Uint8Array): void {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const isWhole = endsEvent(bytes);
    if (this.#held === undefined && isWhole && (this.#isDull(bytes) || !this.#isMarked(bytes))) {
      this.#isAtBoundary = true;
      this.#hasEvent = true;
      return;
    }
    this.#cut(this.#held === undefined ? bytes : Buffer.concat([this.#held, bytes]));
  }

  /** The stream ended: what is held counts as an event, though its blank line never came. */
  finish(): void {
    if (this.#held !== undefined) this.#emit(this.#held);
    this.#held = undefined;
  }

  #cut(bytes: Buffer): void {
    let start = 0;
    for (let end = nextBoundary(bytes, start); end > 0; end = nextBoundary(bytes, start)) {
      this.#emit(bytes.subarray(start, end));
      start = end;
    }
    this.#isAtBoundary = start === bytes.length;
    this.#hasEvent ||= start > 0;
    // A copy, so that a few held bytes do not keep a large chunk alive.
    this.#held = this.#isAtBoundary ? undefined : Buffer.from(bytes.subarray(start));
  }

  #emit(event: Buffer): void {
    if (!this.#isMarked(event)) return;
    const text = event.toString("utf8");
    const start = dataStart(text, 0);
    if (start < 0) return;
    const end = lineEnd(text, start);
    // Nearly every event has one line of data.
    if (dataStart(text, end) < 0) this.#onEvent(text.slice(start, end));
    else this.#onEvent(joinData(text));
  }

  #isDull(bytes: Buffer): boolean {
    const dull = this.#dull;
    if (dull === undefined || bytes.length < dull.length || bytes.length > longestDull) return false;
    for (let at = 0; at < dull.length; at++) if (bytes[at] !== dull[at]) return false;
    return isOneEvent(bytes);
  }

  #isMarked(bytes: Buffer): boolean {
    for (const mark of this.#marks) if (bytes.includes(mark)) return true;
    return false;
  }
}

/** Where the value of the next data line begins, from a line's start on; -1 if there is none. */
function dataStart(text: string, from: number): number {
  for (let at = text.indexOf("data:", from); at >= 0; at = text.indexOf("data:", at + 5)) {
    const before = text.charCodeAt(at - 1);
    if (at === 0 || before === lf || before === cr) return text[at + 5] === " " ? at + 6 : at + 5;
  }
  return -1;
}

function lineEnd(text: string, from: number): number {
  const end = text.indexOf("\n", from);
  if (end < 0) return text.length;
  return text.charCodeAt(end - 1) === cr ? end - 1 : end;
}

function joinData(text: string): string {
  const values: string[] = [];
  for (let start = dataStart(text, 0); start >= 0; start = dataStart(text, lineEnd(text, start))) {
    values.push(text.slice(start, lineEnd(text, start)));
  }
  return values.join("\n");
}

/** Up to here a loop finds a blank line sooner than a native search is called. */
const longestDull = 1_024;

function isOneEvent(bytes: Buffer): boolean {
  const { length } = bytes;
  for (let at = 0; at < length; at++) {
    if (bytes[at] !== lf) continue;
    const end = bytes[at + 1] === lf ? at + 2 : bytes[at + 1] === cr && bytes[at + 2] === lf ? at + 3 : 0;
    if (end > 0) return end === length;
  }
  return false;
}

const lf = 0x0a;
const cr = 0x0d;

/** Whether the bytes end just after a blank line. */
export function endsEvent(bytes: Buffer): boolean {
  const length = bytes.length;
  if (length < 2 || bytes[length - 1] !== lf) return false;
  return bytes[length - 2] === lf || (length >= 4 && bytes[length - 2] === cr && bytes[length - 3] === lf);
}

/** The index just after the next blank line; -1 if there is none yet. Line ends may be LF or CRLF. */
export function nextBoundary(bytes: Buffer, from: number): number {
  for (let at = bytes.indexOf(lf, from); at >= 0; at = bytes.indexOf(lf, at + 1)) {
    if (bytes[at + 1] === lf) return at + 2;
    if (bytes[at + 1] === cr && bytes[at + 2] === lf) return at + 3;
  }
  return -1;
}
