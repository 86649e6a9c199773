import { expect, test } from "vitest";
import { holdPartialEvents } from "./whole-events.ts";

function buildRig() {
  const writes: string[] = [];
  const write = (chunk: Uint8Array) => writes.push(Buffer.from(chunk).toString()) > 0;
  return { writes, events: holdPartialEvents({ write, onDrain: () => undefined, end: () => undefined }) };
}

const feed = (text: string, size: number) => {
  const rig = buildRig();
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) rig.events.write(bytes.subarray(at, at + size));
  return rig;
};

test.each(["\n", "\r\n", "\r"])("hands on whole events, however they are cut: lines end with %j", (end) => {
  const event = (name: string) => `event: x${end}data: {"x":"${name}"}${end}${end}`;
  const text = event("ä") + `: comment${end}${end}` + event("b");
  for (const size of [1, 2, 3, 7, 1000]) {
    const { writes, events } = feed(`${text}data: {"half`, size);
    expect(writes.join("")).toBe(text);
    for (const written of writes) expect(written.endsWith(end + end)).toBe(true);
    events.release();
    expect(writes.join("")).toBe(`${text}data: {"half`);
  }
});

test("what is no event stream goes on at once", () => {
  expect(feed(' {"a":\n\n1', 2).writes).toEqual([" {", '"a', '":', "\n\n", "1"]);
});

test("reads a long event in a time that grows with its length", () => {
  const searched: number[] = [];
  const original = Buffer.prototype.lastIndexOf;
  Buffer.prototype.lastIndexOf = function (this: Buffer, ...args: Parameters<typeof original>) {
    searched.push(this.length);
    return original.apply(this, args);
  } as typeof original;
  try {
    const { writes } = feed(`data: ${"x".repeat(400_000)}\n\n`, 1000);
    expect(writes).toHaveLength(1);
    expect(Math.max(...searched)).toBeLessThan(1100);
  } finally {
    Buffer.prototype.lastIndexOf = original;
  }
});
