import { expect, test } from "vitest";
import { type Answered, encodeCommand, ReplyReader } from "./resp.ts";

const wire = [
  "+OK\r\n:-12\r\n$-1\r\n$0\r\n\r\n$8\r\na\r\nb🚀\r\n*-1\r\n*0\r\n-ERR no such thing\r\n",
  "*3\r\n$1\r\na\r\n*2\r\n:1\r\n*1\r\n$3\r\nxyz\r\n$-1\r\n",
].join("");
const replies = ["OK", -12, null, "", "a\r\nb🚀", null, [], new Error("ERR no such thing"), ["a", [1, ["xyz"]], null]];

const read = (pieces: readonly Buffer[]): Answered[] => {
  const seen: Answered[] = [];
  const reader = new ReplyReader((reply) => seen.push(reply));
  for (const piece of pieces) reader.see(piece);
  return seen;
};

test.each([1, 2, 3, 7, 1_000])("replies are read whole and in order, in pieces of %d bytes", (size) => {
  const bytes = Buffer.from(wire);
  const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
    bytes.subarray(index * size, (index + 1) * size),
  );
  expect(read(pieces)).toEqual(replies);
});

test("a long table that comes in small pieces is gone through once", () => {
  const table = Array.from({ length: 100_000 }, (_, index) => `field ${index}`);
  const bytes = Buffer.from(encodeCommand(table));
  const pieces = Array.from({ length: Math.ceil(bytes.length / 1_000) }, (_, index) =>
    bytes.subarray(index * 1_000, (index + 1) * 1_000),
  );
  expect(read(pieces)).toEqual([table]);
});

test("what is not the protocol is refused", () => {
  expect(() => read([Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n")])).toThrow(/Redis protocol/);
});

test("a command is told in bytes, not in characters", () => {
  expect(encodeCommand(["SET", "é", "🚀"])).toBe("*3\r\n$3\r\nSET\r\n$2\r\né\r\n$4\r\n🚀\r\n");
});
