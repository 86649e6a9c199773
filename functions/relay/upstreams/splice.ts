import type { Call } from "../dialects/dialect.ts";
import { Failure } from "../../failure.ts";
import { findEvery, replaceSpan, type Member } from "../../wire/top-level.ts";

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
  const members = findEvery(body, name);
  if (!members) throw new Failure("request.malformed", { message: "The request body must be one plain JSON object." });
  const last = members.at(-1);
  if (value === undefined) return last ? removeAll(body, members) : body;
  return last ? replaceSpan(body, last, value) : insert(body, name, value);
}

function insert(body: Buffer, name: string, value: unknown): Buffer {
  const open = body.indexOf("{") + 1;
  const isEmpty = /^\s*\}/.test(body.toString("latin1", open, open + 1_000));
  const member = `${JSON.stringify(name)}:${JSON.stringify(value)}${isEmpty ? "" : ","}`;
  return Buffer.concat([body.subarray(0, open), Buffer.from(member), body.subarray(open)]);
}

/**
 * Takes members out with the comma behind each or, of the object's last one, before it. A name that comes twice goes twice:
 * what is left of it would be refused, or taken for the true one.
 */
function removeAll(body: Buffer, members: readonly Member[]): Buffer {
  const gaps: { start: number; end: number }[] = [];
  for (const { keyStart, end } of members) {
    const behind = /^\s*,/.exec(body.toString("latin1", end, end + 1_000))?.[0].length;
    const before = gaps.at(-1);
    const isNext = before !== undefined && body.toString("latin1", before.end, keyStart).trim() === "";
    const gap = isNext ? before : { start: keyStart, end };
    if (!isNext) gaps.push(gap);
    gap.end = end + (behind ?? 0);
    if (behind !== undefined) continue;
    gap.start -= /,\s*$/.exec(body.toString("latin1", Math.max(0, gap.start - 1_000), gap.start))?.[0].length ?? 0;
  }
  const kept = gaps.map(({ start }, index) => body.subarray(gaps[index - 1]?.end ?? 0, start));
  return Buffer.concat([...kept, body.subarray(gaps.at(-1)?.end ?? 0)]);
}
