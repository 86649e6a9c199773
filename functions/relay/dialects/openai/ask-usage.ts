import { findTopLevel, parseSpan, replaceSpan, type Span } from "../../../wire/top-level.ts";
import type { Call, Sieve } from "../dialect.ts";

/** The rule as the request's detail shows it. */
const askedRule = "stream_options.include_usage added; the usage chunk is taken out of the answer";
const asked = '"include_usage":true';

/**
 * Asks for a streamed Chat answer's usage where the client did not: without it the answer says nothing about its cost. One
 * option is spliced in, and every other byte stays as it was. Source: platform.openai.com/docs/api-reference/chat/create.
 */
export function askUsage(call: Call): Call {
  if (!call.isStream) return call;
  const spans = findTopLevel(call.body, ["stream_options", "model"]);
  const last = spans && call.body.lastIndexOf(0x7d);
  if (!spans || last === undefined || spans.size === 0) {
    return { ...call, rules: [...call.rules, "stream_options.include_usage could not be added"] };
  }
  const options = spans.get("stream_options");
  const body = options ? askIn(call.body, options) : insert(call.body, last, `,"stream_options":{${asked}}`);
  return body ? { ...call, body, isUsageAsked: true, rules: [...call.rules, askedRule] } : call;
}

/** Undefined if the client asks by itself. */
function askIn(body: Buffer, span: Span): Buffer | undefined {
  const options = parseSpan(body, span);
  if (typeof options !== "object" || options === null) return replaceSpan(body, span, { include_usage: true });
  if ("include_usage" in options) {
    return options.include_usage === true ? undefined : replaceSpan(body, span, { ...options, include_usage: true });
  }
  return insert(body, span.start + 1, Object.keys(options).length === 0 ? asked : `${asked},`);
}

function insert(body: Buffer, at: number, text: string): Buffer {
  return Buffer.concat([body.subarray(0, at), Buffer.from(text), body.subarray(at)]);
}

/** Takes the usage chunk, which has no choices, out of the answer to a call that `askUsage` changed. */
export function hideUsage(sent: Call): Sieve | undefined {
  return sent.isUsageAsked ? new UsageSieve() : undefined;
}

const mark = Buffer.from('"prompt_tokens"');
const nothing = Buffer.alloc(0);

const overlapBytes = 3;
/** A usage chunk is far smaller; an event that grows past this is let through as it comes. */
const mostHeldBytes = 64 * 1024;

class UsageSieve implements Sieve {
  #held: Buffer = nothing;
  /** Of the event that is let through: its last bytes, in which its line end may stand. */
  #passing: Buffer | undefined;

  push(chunk: Uint8Array): Uint8Array {
    const given = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    if (this.#passing) return this.#pass(this.#passing, given);
    return this.#sift(given);
  }

  #pass(before: Buffer, bytes: Buffer): Uint8Array {
    const all = Buffer.concat([before, bytes]);
    const end = nextBoundary(all, 0) - before.length;
    if (end <= 0) {
      this.#passing = Buffer.from(all.subarray(-overlapBytes));
      return bytes;
    }
    this.#passing = undefined;
    return Buffer.concat([bytes.subarray(0, end), this.#sift(bytes.subarray(end))]);
  }

  #sift(bytes: Buffer): Uint8Array {
    if (this.#held.length === 0 && endsEvent(bytes) && !bytes.includes(mark)) return bytes;
    const all = this.#held.length === 0 ? bytes : Buffer.concat([this.#held, bytes]);
    const kept: Buffer[] = [];
    let start = 0;
    for (let end = nextBoundary(all, start); end > 0; end = nextBoundary(all, start)) {
      const event = all.subarray(start, end);
      if (!isUsageChunk(event)) kept.push(event);
      start = end;
    }
    const rest = all.subarray(start);
    if (rest.length <= mostHeldBytes) {
      this.#held = Buffer.from(rest);
      return Buffer.concat(kept);
    }
    this.#held = nothing;
    this.#passing = Buffer.from(rest.subarray(-overlapBytes));
    return Buffer.concat([...kept, rest]);
  }

  end(): Uint8Array {
    return this.#held;
  }
}

function isUsageChunk(event: Buffer): boolean {
  return event.includes(mark) && /"choices"\s*:\s*\[\s*\]/.test(event.toString("utf8"));
}

const lf = 0x0a;
const cr = 0x0d;

/** Whether the bytes end just after a blank line. */
function endsEvent(bytes: Buffer): boolean {
  const length = bytes.length;
  if (length < 2 || bytes[length - 1] !== lf) return false;
  return bytes[length - 2] === lf || (length >= 4 && bytes[length - 2] === cr && bytes[length - 3] === lf);
}

/** The index just after the next blank line; -1 if there is none yet. Line ends may be LF or CRLF. */
function nextBoundary(bytes: Buffer, from: number): number {
  for (let at = bytes.indexOf(lf, from); at >= 0; at = bytes.indexOf(lf, at + 1)) {
    if (bytes[at + 1] === lf) return at + 2;
    if (bytes[at + 1] === cr && bytes[at + 2] === lf) return at + 3;
  }
  return -1;
}
