import { nextQuote, skipSpace, skipString } from "./top-level.ts";

const quote = 0x22;

/** A string of a JSON text, in bytes: from after its opening quote to its closing one. */
export interface Word {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

export interface WordList {
  readonly byHead: Uint8Array;
  readonly lists: readonly (readonly {
    readonly text: string;
    readonly bytes: Uint8Array;
    readonly isPrefix: boolean;
  }[])[];
}

/** Strings to look for, of printable ASCII: whole ones, or as `web_*` those that begin so. */
export function buildWordList(patterns: readonly string[]): WordList {
  const byHead = new Uint8Array(0x1_00_00);
  const lists: { text: string; bytes: Uint8Array; isPrefix: boolean }[][] = [[]];
  for (const pattern of new Set(patterns)) {
    const isPrefix = pattern.endsWith("*");
    const text = isPrefix ? pattern.slice(0, -1) : pattern;
    const bytes = Buffer.from(isPrefix ? text : `${text}"`);
    const head = headOf(bytes, 0);
    if (byHead[head] === 0) byHead[head] = lists.push([]) - 1;
    lists[byHead[head] ?? 0]?.push({ text: pattern, bytes, isPrefix });
  }
  return { byHead, lists };
}

const headOf = (bytes: Uint8Array, at: number) => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);

/**
 * Tells of every string of a JSON text that is in the list, keys and values alike, in one pass whose cost is linear and small:
 * long strings are skipped natively, and nothing is decoded. Escaped strings are not recognised (`hasEscapedWord`).
 * `onWord` gives false to end the search.
 */
export function findWords(bytes: Uint8Array, { byHead, lists }: WordList, onWord: (word: Word) => boolean): void {
  for (let at = nextQuote(bytes, 0); at >= 0; at = nextQuote(bytes, at)) {
    const start = at + 1;
    at = skipString(bytes, at);
    if (at < 0) return;
    const list = byHead[headOf(bytes, start)];
    if (list === 0 || list === undefined) continue;
    for (const { text, bytes: wanted, isPrefix } of lists[list] ?? [])
      if ((isPrefix || at - start === wanted.length) && startsWith(bytes, start, wanted))
        if (!onWord({ text, start, end: at - 1 })) return;
  }
}

function startsWith(bytes: Uint8Array, from: number, wanted: Uint8Array): boolean {
  for (let index = 0; index < wanted.length; index++) if (bytes[from + index] !== wanted[index]) return false;
  return true;
}

/** Where the value of a key begins; -1 for a string that is none. */
export function valueOf(bytes: Uint8Array, { end }: Word): number {
  const at = skipSpace(bytes, end + 1);
  return bytes[at] === 0x3a ? skipSpace(bytes, at + 1) : -1;
}

/** Whether a string is the value of a key. */
export function isValueOf(bytes: Uint8Array, { start }: Word, key: string): boolean {
  const colon = skipSpaceBack(bytes, start - 2);
  if (bytes[colon] !== 0x3a) return false;
  const end = skipSpaceBack(bytes, colon - 1);
  return bytes[end] === quote && startsWith(bytes, end - key.length - 1, Buffer.from(`"${key}"`));
}

function skipSpaceBack(bytes: Uint8Array, from: number): number {
  let at = from;
  while (bytes[at] === 0x20 || bytes[at] === 0x0a || bytes[at] === 0x0d || bytes[at] === 0x09) at--;
  return at;
}

/** Of a name with every letter escaped. */
const mostEscapedBytes = 200;

/** Whether a short string hides letters, digits or underscores behind escapes (\u006e), which no client does. */
export function hasEscapedWord(bytes: Buffer): boolean {
  if (!bytes.includes("\\u00")) return false;
  for (let at = nextQuote(bytes, 0); at >= 0; at = nextQuote(bytes, at)) {
    const start = at + 1;
    at = skipString(bytes, at);
    if (at < 0) return false;
    if (at - start <= mostEscapedBytes && hidesLetter(bytes, start, at)) return true;
  }
  return false;
}

/** Nothing is decoded: a body may hold millions of short strings. */
function hidesLetter(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    if (bytes[at] !== 0x5c) continue;
    at += 1;
    if (bytes[at] !== 0x75 || bytes[at + 1] !== 0x30 || bytes[at + 2] !== 0x30) continue;
    const code = hexOf(bytes[at + 3]) * 16 + hexOf(bytes[at + 4]);
    if (wordBytes[code] === 1) return true;
  }
  return false;
}

/** Of what is no hexadecimal digit, above all codes of letters. */
function hexOf(byte = 0): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = (byte | 0x20) - 0x57;
  return letter >= 10 && letter <= 15 ? letter : 128;
}

const wordBytes = Uint8Array.from({ length: 128 }, (_each, code) => Number(/\w/.test(String.fromCharCode(code))));
