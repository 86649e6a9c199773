import { describe, expect, test, vi } from "vitest";
import { eventFrame } from "../../../../test/upstream/bedrock/frames.ts";
import { FrameReader } from "./frames.ts";

const frames = (sizes: readonly number[]) => Buffer.concat(sizes.map((size) => eventFrame("x".repeat(size))));

/** Everything that is said, and how many bytes are copied for it. */
function read(bytes: Buffer, chunkBytes: number) {
  let copied = 0;
  const set = vi.spyOn(Uint8Array.prototype, "set").mockImplementation(function (this: Uint8Array, from, offset = 0) {
    copied += from.length;
    for (let at = 0; at < from.length; at++) this[offset + at] = from[at] ?? 0;
  });
  const concat = vi.spyOn(Buffer, "concat").mockImplementation((list) => {
    const whole = Buffer.alloc(list.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const part of list) for (const byte of part) whole[at++] = byte;
    copied += whole.length;
    return whole;
  });
  const reader = new FrameReader();
  const said: string[] = [];
  try {
    for (let at = 0; at < bytes.length; at += chunkBytes)
      reader.push(bytes.subarray(at, at + chunkBytes), ({ text }) => {
        said.push(text);
        return "";
      });
  } finally {
    set.mockRestore();
    concat.mockRestore();
  }
  return { said, copied, isInside: reader.isInside };
}

describe("frames of an event stream", () => {
  test.each([
    [[20_000], 1],
    [[1_000_000], 1_400],
    [Array.from({ length: 2_000 }, () => 30), 200_000],
    [Array.from({ length: 2_000 }, () => 30), 3],
  ])("of %j are read in chunks of %i bytes with no byte copied more than a few times", (sizes, chunkBytes) => {
    const bytes = frames(sizes);
    const { said, copied, isInside } = read(bytes, chunkBytes);
    expect(said).toHaveLength(sizes.length);
    expect(isInside).toBe(false);
    expect(copied / bytes.length).toBeLessThan(4);
  });

  test("are told to be cut, and what is none is refused", () => {
    const bytes = frames([100, 100]);
    for (const cut of [1, 3, 4, 5, 150, bytes.length - 1])
      expect(read(bytes.subarray(0, cut), 7).isInside, `${cut}`).toBe(true);
    for (const length of [0, 15, 24 * 1024 * 1024 + 1, 0xff_ff_ff_ff]) {
      const head = Buffer.alloc(20);
      head.writeUInt32BE(length);
      expect(() => new FrameReader().push(head, () => "")).toThrow(/is no event stream/);
    }
  });
});
