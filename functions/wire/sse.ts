import { LargeEvent } from "./large-event.ts";

/**
 * Cuts a byte stream into server-sent events (WHATWG HTML § 9.2) for whoever only needs some of them. Chunks may be split
 * anywhere; at most one unfinished event is held. Bytes are looked at as Latin-1 text, whose searches are native and whose
 * indices are the bytes' own: an event without a mark, which is nearly every one, costs a comparison or two.
 */
export class EventCutter {
  #held: Buffer | undefined;
  #large: LargeEvent | undefined;
  #isAtBoundary = true;
  #hasEvent = false;
  #events = 0;
  #skippedEvents = 0;
  #skippedBytes = 0;
  readonly #marks: readonly string[];
  readonly #dull: string | undefined;
  readonly #keepsLast: boolean | undefined;
  readonly #onEvent: (data: string) => void;
  #last: Buffer | undefined;

  /**
   * `onEvent` gets the joined data lines of each event in which a mark stands. Marks are ASCII. An event that begins with
   * `dull` holds none, whatever its text says. `keepsLast`: the last one without a mark is kept for `takeLast`. Of an event
   * of more than a megabyte only its two ends are given, unless every event is wanted, by the mark `data:`.
   */
  constructor(marks: readonly string[], onEvent: (data: string) => void, dull?: string, keepsLast?: boolean) {
    this.#marks = marks;
    this.#keepsLast = keepsLast;
    this.#dull = dull;
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

  /** The whole events so far. */
  get events(): number {
    return this.#events;
  }

  /** Those of them that bore no mark. */
  get skipped(): { readonly events: number; readonly bytes: number } {
    return { events: this.#skippedEvents, bytes: this.#skippedBytes };
  }

  /** The data of the last event that bore no mark, once: enough where each event tells the figures anew. */
  takeLast(): string | undefined {
    const event = this.#last?.toString("utf8");
    this.#last = undefined;
    return event && joinData(event);
  }

  see(chunk: Uint8Array): void {
    const given = Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const fresh = this.#large ? this.#seeLarge(this.#large, given) : given;
    if (fresh === undefined) return;
    const bytes = this.#held === undefined ? fresh : Buffer.concat([this.#held, fresh]);
    const start = this.#cut(bytes, bytes.toString("latin1"));
    this.#isAtBoundary = start === bytes.length;
    this.#hasEvent ||= start > 0;
    const rest = bytes.subarray(start);
    this.#large = rest.length < largeBytes ? undefined : new LargeEvent(rest, !this.#marks.includes("data:"));
    // A copy, so that a few held bytes do not keep a large chunk alive.
    this.#held = this.#isAtBoundary || this.#large ? undefined : Buffer.from(rest);
  }

  /** Only what is new is searched. Gives what follows the event; undefined while the event goes on. */
  #seeLarge(large: LargeEvent, fresh: Buffer): Buffer | undefined {
    const { overlap } = large;
    const text = overlap.toString("latin1") + fresh.toString("latin1");
    const end = nextBoundary(text, 0, text.includes("\r")) - overlap.length;
    if (end <= 0) {
      large.push(fresh);
      return undefined;
    }
    large.push(fresh.subarray(0, end));
    const event = large.join();
    const skipped = this.#skippedEvents;
    this.#cut(event, event.toString("latin1"));
    if (this.#skippedEvents > skipped) this.#skippedBytes += large.size - event.length;
    this.#large = undefined;
    this.#hasEvent = true;
    return fresh.subarray(end);
  }

  /** The stream ended: what is held counts as an event, though its blank line never came. */
  finish(): void {
    const held = this.#large?.join() ?? this.#held;
    this.#held = undefined;
    this.#large = undefined;
    if (held === undefined) return;
    if (this.#marks.some((mark) => held.includes(mark))) this.#emit(held.toString("utf8"));
    else if (held.includes("data:")) this.#last = held;
  }

  /** Goes through the whole events and answers where the last one ends. */
  #cut(bytes: Buffer, text: string): number {
    const hasReturns = text.includes("\r");
    const places = this.#marks.map(() => unknownPlace);
    let start = 0;
    let last: Buffer | undefined;
    for (let end = nextBoundary(text, 0, hasReturns); end > 0; end = nextBoundary(text, start, hasReturns)) {
      this.#events += 1;
      if (this.#isWanted(text, places, start, end)) {
        this.#last = last ?? this.#last;
        last = undefined;
        this.#emit(bytes.toString("utf8", start, end));
      } else {
        // A comment replaces nothing.
        if (this.#keepsLast && text.startsWith("data:", start)) last = bytes.subarray(start, end);
        this.#skippedEvents += 1;
        this.#skippedBytes += end - start;
      }
      start = end;
    }
    // A copy, as of what is held.
    if (last) this.#last = Buffer.from(last);
    return start;
  }

  /** Where nearly all events are dull, only the others are searched. */
  #isWanted(text: string, places: number[], start: number, end: number): boolean {
    if (this.#dull === undefined) return this.#isMarked(text, places, start, end);
    if (text.startsWith(this.#dull, start)) return false;
    const event = text.slice(start, end);
    return this.#marks.some((mark) => event.includes(mark));
  }

  /** `places`: where each mark comes next; a search goes over the text once, however many events there are. */
  #isMarked(text: string, places: number[], start: number, end: number): boolean {
    let isMarked = false;
    for (let index = 0; index < places.length; index++) {
      let place = places[index] ?? nowhere;
      if (place < start) {
        place = text.indexOf(this.#marks[index] ?? "", start);
        places[index] = place = place < 0 ? nowhere : place;
      }
      isMarked ||= place < end;
    }
    return isMarked;
  }

  #emit(event: string): void {
    const start = dataStart(event, 0);
    if (start < 0) return;
    const end = lineEnd(event, start);
    // Nearly every event has one line of data.
    if (dataStart(event, end) < 0) this.#onEvent(event.slice(start, end));
    else this.#onEvent(joinData(event));
  }
}

/** From here on an unfinished event is not searched and copied anew with each chunk. */
const largeBytes = 8 * 1024;
const unknownPlace = -1;
const nowhere = Number.MAX_SAFE_INTEGER;

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

const lf = 0x0a;
const cr = 0x0d;

/** The index just after the next blank line; -1 if there is none yet. Line ends may be LF or CRLF. */
function nextBoundary(text: string, from: number, hasReturns: boolean): number {
  if (!hasReturns) {
    const at = text.indexOf("\n\n", from);
    return at < 0 ? -1 : at + 2;
  }
  for (let at = text.indexOf("\n", from); at >= 0; at = text.indexOf("\n", at + 1)) {
    if (text.charCodeAt(at + 1) === lf) return at + 2;
    if (text.charCodeAt(at + 1) === cr && text.charCodeAt(at + 2) === lf) return at + 3;
  }
  return -1;
}
