import { Failure } from "../failure.ts";

const quote = 0x22;
const backslash = 0x5c;

/** Where a value stands in the bytes: from `start` up to and excluding `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** The value of a key. */
export interface Member extends Span {
  /** Of the key's opening quote. */
  readonly keyStart: number;
}

/** Providers' own parsers end far below this (serde_json at 128, Python's json at about 1,000). */
const mostDepth = 1_000;
/** Official requests have less than a hundred fields. */
const mostKeys = 1_000;

/**
 * Finds the values of some top-level keys of a JSON object without parsing the rest: one pass over the bytes, whatever their
 * shape, so that a body of 80 kB costs microseconds and can be passed on (or have one value replaced) byte for byte. Of a key
 * that comes twice, escaped or not, the last one counts, as JSON.parse would have it, so that nobody can show the relay one
 * model and the provider another; a key that differs in capitals only is refused, since Go's parser takes it for the same
 * (pkg.go.dev/encoding/json, Unmarshal). Answers undefined for what is not one object. Throws `request.malformed` for more than
 * 1,000 keys or levels. `wanted` is ASCII.
 */
export function findTopLevel(bytes: Uint8Array, wanted: readonly string[]): Map<string, Member> | undefined {
  const found = new Map<string, Member>();
  return scan(bytes, wanted, (key, member) => found.set(key, member)) ? found : undefined;
}

/** All members of that name, in order: of a repeated key the others too. Throws as `findTopLevel`. */
export function findEvery(bytes: Uint8Array, name: string): Member[] | undefined {
  const found: Member[] = [];
  return scan(bytes, [name], (_key, member) => found.push(member)) ? found : undefined;
}

/** False for what is not one object. */
function scan(bytes: Uint8Array, wanted: readonly string[], onMember: (key: string, member: Member) => void): boolean {
  const longest = wanted.reduce((most, { length }) => Math.max(most, length), 0);
  let keys = 0;
  let at = skipSpace(bytes, 0);
  if (bytes[at] !== 0x7b) return false;
  at = skipSpace(bytes, at + 1);
  if (bytes[at] === 0x7d) return isEnd(bytes, at + 1);
  for (;;) {
    const keyStart = at;
    if (bytes[at] !== quote) return false;
    const keyEnd = skipString(bytes, at);
    if (keyEnd < 0) return false;
    if (++keys > mostKeys) throw tooMuch(`has more than ${mostKeys} fields`);
    at = skipSpace(bytes, keyEnd);
    if (bytes[at] !== 0x3a) return false;
    const start = skipSpace(bytes, at + 1);
    const end = skipValue(bytes, start);
    if (end < 0) return false;
    const key = readKey(bytes, keyStart, keyEnd, longest);
    if (key !== undefined && wanted.includes(key)) onMember(key, { keyStart, start, end });
    else if (key !== undefined && wanted.includes(key.toLowerCase()))
      throw tooMuch(`has "${key}" for "${key.toLowerCase()}"`);
    at = skipSpace(bytes, end);
    if (bytes[at] === 0x7d) return isEnd(bytes, at + 1);
    if (bytes[at] !== 0x2c) return false;
    at = skipSpace(bytes, at + 1);
  }
}

function tooMuch(what: string): Failure {
  return new Failure("request.malformed", { message: `The request body ${what}.` });
}

/** Of a field that is parsed: a name, a flag, a number, a few labels. */
const mostFieldBytes = 64 * 1024;

/**
 * Some top-level fields of a JSON object, parsed; those in `long` stay the bytes they are. Undefined for what is not one
 * object. Throws SyntaxError for a value that is no JSON, `request.malformed` as `findTopLevel` and for one over 64 kB.
 */
export function readTopLevel(
  bytes: Buffer,
  wanted: readonly string[],
  long: readonly string[],
): Record<string, unknown> | undefined {
  const members = findTopLevel(bytes, [...wanted, ...long]);
  if (!members) return undefined;
  const fields: Record<string, unknown> = {};
  for (const [name, member] of members) {
    const isLong = long.includes(name);
    if (!isLong && member.end - member.start > mostFieldBytes) throw tooMuch(`has a ${name} of more than 64 kB`);
    fields[name] = isLong ? bytes.subarray(member.start, member.end) : parseSpan(bytes, member);
  }
  return fields;
}

/** How many values and keys a JSON text holds, about; it counts no further than just past `most`. One pass. */
export function countValues(bytes: Uint8Array, most: number): number {
  let count = 0;
  for (let at = 0; at < bytes.length && count <= most; at++) {
    const byte = bytes[at];
    if (byte === quote) {
      const end = skipString(bytes, at);
      if (end < 0) break;
      at = end - 1;
    } else if (byte === 0x2c || byte === 0x3a || byte === 0x5b || byte === 0x7b) count++;
  }
  return count;
}

/** The first elements of a JSON array that fills the bytes, as many as are there up to `most`. */
export function findFirstItems(bytes: Uint8Array, most: number): Span[] {
  const items: Span[] = [];
  let at = skipSpace(bytes, 0);
  let before = 0x5b;
  while (items.length < most && bytes[at] === before) {
    const start = skipSpace(bytes, at + 1);
    const end = skipValue(bytes, start);
    if (end < 0) break;
    items.push({ start, end });
    at = skipSpace(bytes, end);
    before = 0x2c;
  }
  return items;
}

/** The value at a span, parsed. Throws SyntaxError. */
export function parseSpan(bytes: Buffer, span: Span): unknown {
  return JSON.parse(bytes.toString("utf8", span.start, span.end));
}

/** The bytes with one value replaced and every other byte as it was. */
export function replaceSpan(bytes: Buffer, span: Span, value: unknown): Buffer {
  return Buffer.concat([bytes.subarray(0, span.start), Buffer.from(JSON.stringify(value)), bytes.subarray(span.end)]);
}

/** Of the longest form of an escaped letter, \u006d. */
const escapeBytes = 6;

/** From quote to quote. Undefined for a key that is longer than the longest wanted one, or is none. */
function readKey(bytes: Uint8Array, start: number, end: number, longest: number): string | undefined {
  if (end - start - 2 > longest * escapeBytes) return undefined;
  let key = "";
  for (let at = start + 1; at < end - 1; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === backslash) return unescape(bytes.subarray(start, end));
    key += String.fromCharCode(byte);
  }
  return key;
}

function unescape(key: Uint8Array): string | undefined {
  try {
    return String(JSON.parse(new TextDecoder().decode(key)));
  } catch {
    // No escape that JSON knows, so no key that anybody reads.
    return undefined;
  }
}

export function skipSpace(bytes: Uint8Array, from: number): number {
  let at = from;
  while (bytes[at] === 0x20 || bytes[at] === 0x0a || bytes[at] === 0x0d || bytes[at] === 0x09) at++;
  return at;
}

function isEnd(bytes: Uint8Array, at: number): boolean {
  return skipSpace(bytes, at) === bytes.length;
}

/** So far into a string its end is looked for byte by byte; what is longer is searched natively, which pays from here on. */
const nearBytes = 64;
/** The same where escaped quotes follow each other closely, as in JSON within JSON. */
const mostNearBytes = 64 * 1024;

/** From an opening quote to just after the closing one; -1 if it never closes. */
export function skipString(bytes: Uint8Array, from: number): number {
  const length = bytes.length;
  let window = nearBytes;
  // No escape reaches over this place.
  let at = from + 1;
  for (;;) {
    const near = Math.min(length, at + window);
    while (at < near) {
      const byte = bytes[at];
      if (byte === quote) return at + 1;
      at += byte === backslash ? 2 : 1;
    }
    if (at >= length) return -1;
    const found = bytes.indexOf(quote, at);
    if (found < 0) return -1;
    let slashes = 0;
    while (found - slashes > at && bytes[found - 1 - slashes] === backslash) slashes++;
    if (slashes % 2 === 0) return found + 1;
    window = found - at < window ? Math.min(2 * window, mostNearBytes) : nearBytes;
    at = found + 1;
  }
}

/** The next quote; -1 if there is none. Between two strings it is near, but for long lists of numbers. */
export function nextQuote(bytes: Uint8Array, from: number): number {
  const near = Math.min(bytes.length, from + nearBytes);
  for (let at = from; at < near; at++) if (bytes[at] === quote) return at;
  return bytes.indexOf(quote, near);
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
    } else if (byte === 0x7b || byte === 0x5b) {
      if (++depth > mostDepth) throw tooMuch(`is nested deeper than ${mostDepth} levels`);
    } else if ((byte === 0x7d || byte === 0x5d) && --depth === 0) return at + 1;
  }
  return -1;
}
