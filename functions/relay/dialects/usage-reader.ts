import type { Usage, UsagePart } from "../../core/money/usage.ts";
import { addPart, inputOf, noUsage } from "../../core/money/usage.ts";
import { EventCutter } from "../../wire/sse.ts";
import { findTopLevel, parseSpan } from "../../wire/top-level.ts";
import type { UpstreamError, UsageReader } from "./dialect.ts";
import { weighAnswer } from "./answer-weight.ts";
import { isObject, type JsonObject, parseJson } from "../../wire/json.ts";

/** The object that an event holds, or undefined. */
export function parseEvent(text: string): JsonObject | undefined {
  const value = parseAny(text);
  return isObject(value) ? value : undefined;
}

/** Python's `json` writes these where a figure is none; the rest of such an answer can still be read. */
const notFinite = /([:[,]\s*)(?:-?Infinity|NaN)(?=\s*[,\]}])/g;

const parseAny = (text: string): unknown => parseJson(text) ?? parseJson(text.replace(notFinite, "$1null"));

/** What was seen of an answer so far. */
export interface Seen {
  /** Of the call's own model. */
  readonly usage: Usage;
  /** What ran beside it. */
  parts: readonly UsagePart[];
  model: string | undefined;
  state: "open" | "complete" | "failed";
  error: UpstreamError | undefined;
}

/** How a language tells its figures. */
export interface AnswerForm {
  /** Only events in which one of these stands are read. Quotes inside a delta's text are escaped, so they match envelopes only. */
  readonly marks: readonly string[];
  /** Events that begin so hold no mark, whatever their text says. */
  readonly dull?: string;
  /** Every event tells the figures anew: of those without a mark the last is read, when it is asked for. */
  readonly keepsLast?: boolean;
  /** The data of an event with a mark. */
  seeEvent(seen: Seen, data: string): void;
  /** A whole answer, or each element of a list of them. */
  seeWhole(seen: Seen, answer: JsonObject): void;
  /** The only fields of a whole answer that are parsed: an image is megabytes of base64. Absent: all of it. */
  readonly fields?: readonly string[];
  /** All that the call used, from what was seen. Absent: the call's own usage and its parts. */
  total?(seen: Seen): Usage;
  /** A low guess at the tokens of a stream's events so far. */
  guess(events: Events): number;
  /** About how many tokens one drawn image has. */
  readonly imageTokens: number;
}

export interface Events {
  readonly events: number;
  readonly skipped: { readonly events: number; readonly bytes: number };
}

/**
 * Reads the figures of an answer by what it is, not by what was asked for: places exist that stream to a plain request, or
 * answer a stream's with one JSON document. The first character tells: events never begin with a bracket.
 */
export function readAnswer(form: AnswerForm): UsageReader {
  const seen: Seen = { usage: noUsage(), parts: [], model: undefined, state: "open", error: undefined };
  let head: Buffer = Buffer.alloc(0);
  let inner: Reading | undefined;
  return {
    see(chunk) {
      if (inner) return inner.see(chunk);
      head = Buffer.concat([head, chunk]);
      const start = findStart(head);
      if (start < 0) return;
      const isJson = head[start] === 0x7b || head[start] === 0x5b;
      inner = isJson ? readWhole(form, seen) : readEvents(form, seen);
      inner.see(head.subarray(startsWithMark(head) ? 3 : 0));
      head = Buffer.alloc(0);
    },
    total() {
      inner?.update();
      return form.total ? form.total(seen) : withParts(seen.usage, seen.parts);
    },
    guess: () => inner?.guess() ?? 0,
    model: () => (inner?.update(), seen.model),
    state: () => seen.state,
    finish: () => inner?.finish(),
    isAtBoundary: () => inner?.isAtBoundary() ?? head.length === 0,
    hasEvent: () => inner?.hasEvent() ?? false,
    error: () => seen.error,
  };
}

/** Files of some tools begin with the byte order mark, and so do answers that are made of them. */
const startsWithMark = (bytes: Buffer) => bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;

/** Where the first character stands that is no white space; -1 if it has not come. */
function findStart(bytes: Buffer): number {
  if (bytes[0] === 0xef && bytes.length < 3) return -1;
  for (let at = startsWithMark(bytes) ? 3 : 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (byte !== 0x20 && (byte < 0x09 || byte > 0x0d)) return at;
  }
  return -1;
}

/** The usage with parts that it does not hold yet. */
export function withParts(usage: Usage, parts: readonly UsagePart[]): Usage {
  if (parts.length === 0) return usage;
  const all = { ...usage };
  for (const part of parts) addPart(all, part);
  return all;
}

interface Reading {
  see(chunk: Uint8Array): void;
  /** Reads what was left for when it is asked for. */
  update(): void;
  guess(): number;
  finish(): void;
  isAtBoundary(): boolean;
  hasEvent(): boolean;
}

function readEvents(form: AnswerForm, seen: Seen): Reading {
  const update = () => {
    const unread = form.keepsLast ? cutter.takeLast() : undefined;
    if (unread !== undefined) form.seeEvent(seen, unread);
  };
  const take = (data: string) => (update(), form.seeEvent(seen, data));
  const cutter = new EventCutter(form.marks, take, form.dull, form.keepsLast);
  return {
    see: (chunk) => cutter.see(chunk),
    update,
    guess: () => form.guess(cutter),
    finish: () => cutter.finish(),
    isAtBoundary: () => cutter.isAtBoundary,
    hasEvent: () => cutter.hasEvent,
  };
}

/** A whole answer is held up to here to find its usage; a longer one loses its figures, not its bytes. */
const mostHeldBytes = 64 * 1024 * 1024;
/** An answer of unknown content is taken for no more than this. */
const mostGuessedTokens = 16_384;
const bytesPerToken = 4;

/** One JSON answer, a list of them, or one after the other; of a list that is cut off, the elements that are whole count. */
function readWhole(form: AnswerForm, seen: Seen): Reading {
  const parts: Uint8Array[] = [];
  let size = 0;
  let tokens: number | undefined;
  let isFinished = false;
  const see = (answer: JsonObject) => form.seeWhole(seen, answer);
  return {
    see(chunk) {
      size += chunk.length;
      if (size <= mostHeldBytes) parts.push(chunk);
      else parts.length = 0;
    },
    update() {
      if (isFinished || parts[0]?.[0] !== 0x5b) return;
      const held = Buffer.concat(parts);
      parts.splice(0, parts.length, held);
      for (const element of listElements(held)) if (isObject(element)) see(element);
    },
    guess: () => tokens ?? Math.min(Math.ceil(size / bytesPerToken), mostGuessedTokens),
    finish() {
      if (isFinished) return;
      isFinished = true;
      const bytes = Buffer.concat(parts);
      parts.length = 0;
      const answers = parseAnswers(bytes, form.fields);
      for (const answer of answers) see(answer);
      if (answers.length > 0 && seen.state === "open") seen.state = "complete";
      if (seen.state === "failed") tokens = 0;
      // What there is beside the figures is only looked at where they are missing.
      else if (answers.length > 0 && (inputOf(seen.usage) === 0 || seen.usage.outputTokens === 0)) {
        const { texts, images } = weighAnswer(parseAnswers(bytes));
        tokens = Math.ceil(texts / bytesPerToken) + images * form.imageTokens;
      }
    },
    isAtBoundary: () => false,
    hasEvent: () => true,
  };
}

function parseAnswers(bytes: Buffer, fields?: readonly string[]): JsonObject[] {
  const some = fields && parseFields(bytes, fields);
  if (some) return [some];
  const value = parseAny(bytes.toString("utf8"));
  const list = value === undefined ? [...listElements(bytes)] : Array.isArray(value) ? (value as unknown[]) : [value];
  return list.filter(isObject);
}

function parseFields(bytes: Buffer, fields: readonly string[]): JsonObject | undefined {
  try {
    const spans = findTopLevel(bytes, fields);
    return spans && Object.fromEntries([...spans].map(([name, span]) => [name, parseSpan(bytes, span)]));
  } catch {
    // Not one plain object; it is parsed as a whole instead.
    return undefined;
  }
}

/** The objects at the top of a text, whatever stands between them; the last may be unfinished. */
function* listElements(bytes: Buffer): Generator<unknown> {
  let depth = 0;
  let start = -1;
  let isInText = false;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (isInText) {
      if (byte === 0x5c) at++;
      else if (byte === 0x22) isInText = false;
    } else if (byte === 0x22) isInText = true;
    else if (byte === 0x7b && depth++ === 0) start = at;
    else if (byte === 0x7d && --depth === 0) yield parseAny(bytes.toString("utf8", start, at + 1));
  }
}
