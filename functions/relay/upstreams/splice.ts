import type { Call } from "../dialects/dialect.ts";
import { Failure } from "../../failure.ts";
import { findTopLevel, replaceSpan, type Span } from "../../wire/top-level.ts";

/**
 * A call whose body has some top-level fields written otherwise: replaced where it stands, added at the front where it is
 * not there, taken out where the new value is undefined. Every other byte stays as it was. A compressed body is unpacked
 * first, which is a rule of its own. Throws `request.malformed` for a body that is not plainly one object.
 */
export function spliceFields(call: Call, fields: Readonly<Record<string, unknown>>): Call {
  const plain = unpack(call);
  return { ...plain, body: spliceBody(plain.body, fields) };
}

/** The same for the bytes alone. */
export function spliceBody(bytes: Buffer, fields: Readonly<Record<string, unknown>>): Buffer {
  let body = bytes;
  for (const [name, value] of Object.entries(fields)) body = spliceField(body, name, value);
  return body;
}

/** The call with its body as text bytes, as they were decompressed to be read. */
export function unpack(call: Call): Call {
  const { "content-encoding": encoding, ...headers } = call.headers;
  if (encoding === undefined || encoding === "identity") return call;
  const body = call.plain ?? call.body;
  return { ...call, headers, body, rules: [...call.rules, `body unpacked from ${encoding}`] };
}

function spliceField(body: Buffer, name: string, value: unknown): Buffer {
  const span = find(body, name);
  if (value !== undefined) return span ? replaceSpan(body, span, value) : insert(body, name, value);
  // A name that comes twice goes twice: what is left of it would be refused, or taken for the true one.
  let rest = body;
  for (let at = span; at; at = find(rest, name)) rest = remove(rest, at, name);
  return rest;
}

function find(body: Buffer, name: string): Span | undefined {
  const spans = findTopLevel(body, [name]);
  if (!spans) throw new Failure("request.malformed", { message: "The request body must be one plain JSON object." });
  return spans.get(name);
}

function insert(body: Buffer, name: string, value: unknown): Buffer {
  const open = body.indexOf("{") + 1;
  const isEmpty = /^\s*\}/.test(body.toString("latin1", open, open + 1_000));
  const member = `${JSON.stringify(name)}:${JSON.stringify(value)}${isEmpty ? "" : ","}`;
  return Buffer.concat([body.subarray(0, open), Buffer.from(member), body.subarray(open)]);
}

/** Takes a member out with the comma behind it or, of the last one, before it. */
function remove(body: Buffer, value: Span, name: string): Buffer {
  const start = body.lastIndexOf(JSON.stringify(name), value.start - 1);
  const behind = /^\s*,/.exec(body.toString("latin1", value.end, value.end + 1_000));
  if (behind) return Buffer.concat([body.subarray(0, start), body.subarray(value.end + behind[0].length)]);
  const before = /,\s*$/.exec(body.toString("latin1", Math.max(0, start - 1_000), start));
  return Buffer.concat([body.subarray(0, start - (before?.[0].length ?? 0)), body.subarray(value.end)]);
}
