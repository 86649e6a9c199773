const quote = 0x22;
const backslash = 0x5c;

/** Where a value stands in the bytes: from `start` up to and excluding `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * Finds the values of some top-level keys of a JSON object without parsing the rest: one pass over the bytes, so that a
 * body of 80 kB costs microseconds and can be passed on (or have one value replaced) byte for byte. Of a key that comes
 * twice the last one counts, as JSON.parse would have it, so that nobody can show the relay one model and the provider
 * another. Answers undefined for whatever is not plainly one object, escaped keys too: parse those properly.
 */
export function findTopLevel(bytes: Uint8Array, wanted: readonly string[]): Map<string, Span> | undefined {
  const found = new Map<string, Span>();
  let at = skipSpace(bytes, 0);
  if (bytes[at] !== 0x7b) return undefined;
  at = skipSpace(bytes, at + 1);
  if (bytes[at] === 0x7d) return isEnd(bytes, at + 1) ? found : undefined;
  for (;;) {
    if (bytes[at] !== quote) return undefined;
    const keyEnd = skipString(bytes, at);
    if (keyEnd < 0) return undefined;
    const key = readKey(bytes, at + 1, keyEnd - 1);
    if (key === undefined) return undefined;
    at = skipSpace(bytes, keyEnd);
    if (bytes[at] !== 0x3a) return undefined;
    const start = skipSpace(bytes, at + 1);
    const end = skipValue(bytes, start);
    if (end < 0) return undefined;
    if (wanted.includes(key)) found.set(key, { start, end });
    at = skipSpace(bytes, end);
    if (bytes[at] === 0x7d) return isEnd(bytes, at + 1) ? found : undefined;
    if (bytes[at] !== 0x2c) return undefined;
    at = skipSpace(bytes, at + 1);
  }
}

/** The first element of a JSON array that fills the bytes; undefined if there is none. */
export function findFirstItem(bytes: Uint8Array): Span | undefined {
  const open = skipSpace(bytes, 0);
  if (bytes[open] !== 0x5b) return undefined;
  const start = skipSpace(bytes, open + 1);
  const end = skipValue(bytes, start);
  return end < 0 ? undefined : { start, end };
}

/** The value at a span, parsed. Throws SyntaxError. */
export function parseSpan(bytes: Buffer, span: Span): unknown {
  return JSON.parse(bytes.toString("utf8", span.start, span.end));
}

/** The bytes with one value replaced and every other byte as it was. */
export function replaceSpan(bytes: Buffer, span: Span, value: unknown): Buffer {
  return Buffer.concat([bytes.subarray(0, span.start), Buffer.from(JSON.stringify(value)), bytes.subarray(span.end)]);
}

function readKey(bytes: Uint8Array, start: number, end: number): string | undefined {
  let key = "";
  for (let at = start; at < end; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === backslash) return undefined;
    key += String.fromCharCode(byte);
  }
  return key;
}

function skipSpace(bytes: Uint8Array, from: number): number {
  let at = from;
  while (bytes[at] === 0x20 || bytes[at] === 0x0a || bytes[at] === 0x0d || bytes[at] === 0x09) at++;
  return at;
}

function isEnd(bytes: Uint8Array, at: number): boolean {
  return skipSpace(bytes, at) === bytes.length;
}

/** From an opening quote to just after the closing one; -1 if it never closes. */
function skipString(bytes: Uint8Array, from: number): number {
  const length = bytes.length;
  const near = Math.min(length, from + nearBytes);
  for (let at = from + 1; at < near; at++) {
    const byte = bytes[at];
    if (byte === quote) return at + 1;
    if (byte === backslash) at++;
  }
  return near === length ? -1 : skipLongString(bytes, from);
}

/** A string that is longer than this is searched natively, which pays from here on. */
const nearBytes = 64;

function skipLongString(bytes: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(quote, from + 1); at >= 0; at = bytes.indexOf(quote, at + 1)) {
    let slashes = 0;
    while (bytes[at - 1 - slashes] === backslash && at - 1 - slashes > from) slashes++;
    if (slashes % 2 === 0) return at + 1;
  }
  return -1;
}

/** From the first byte of a value to just after its last; -1 if it is cut short or opens and closes differently. */
function skipValue(bytes: Uint8Array, from: number): number {
  const first = bytes[from];
  if (first === quote) return skipString(bytes, from);
  if (first === 0x7b || first === 0x5b) return skipNested(bytes, from);
  let at = from;
  while (at < bytes.length && isScalar(bytes[at] ?? 0)) at++;
  return at > from ? at : -1;
}

function isScalar(byte: number): boolean {
  return (
    (byte >= 0x30 && byte <= 0x39) ||
    (byte >= 0x61 && byte <= 0x7a) ||
    byte === 0x2d ||
    byte === 0x2b ||
    byte === 0x2e ||
    byte === 0x45
  );
}

function skipNested(bytes: Uint8Array, from: number): number {
  const length = bytes.length;
  let depth = 0;
  for (let at = from; at < length; at++) {
    const byte = bytes[at];
    if (byte === quote) {
      at = skipString(bytes, at) - 1;
      if (at < 0) return -1;
    } else if (byte === 0x7b || byte === 0x5b) depth++;
    else if ((byte === 0x7d || byte === 0x5d) && --depth === 0) return at + 1;
  }
  return -1;
}
