import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { EventCutter } from "./sse.ts";

const cut = (bytes: Buffer, sizes: readonly number[], marks = ["mark"]) => {
  const seen: string[] = [];
  const cutter = new EventCutter(marks, (data) => seen.push(data));
  let at = 0;
  for (let turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1;
    cutter.see(bytes.subarray(at, at + size));
    at += size;
  }
  return { seen, cutter };
};

const stream = 'event: a\ndata: {"mark":"é😀"}\n\n: comment\n\ndata: plain\n\nevent: b\ndata: mark 1\ndata: mark 2\n\n';
const expected = ['{"mark":"é😀"}', "mark 1\nmark 2"];

describe("EventCutter", () => {
  test.each([1, 2, 3, 7, 10_000])("sees the same events in chunks of %i bytes", (size) => {
    expect(cut(Buffer.from(stream), [size]).seen).toEqual(expected);
    expect(cut(Buffer.from(stream.replaceAll("\n", "\r\n")), [size]).seen).toEqual(expected);
  });

  test("sees the same events wherever the chunks are split", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }),
        fc.constantFrom("\n", "\r\n"),
        (sizes, end) => {
          expect(cut(Buffer.from(stream.replaceAll("\n", end)), sizes).seen).toEqual(expected);
        },
      ),
    );
  });

  test.each(["\n", "\r\n"])("does not take a dull event for the only one of its chunk (line end %j)", (end) => {
    const seen: string[] = [];
    const cutter = new EventCutter(["mark"], (data) => seen.push(data), "event: dull");
    const event = (name: string, data: string) => `event: ${name}${end}data: ${data}${end}${end}`;
    cutter.see(Buffer.from(event("dull", "mark in a text")));
    cutter.see(Buffer.from(event("dull", "1") + event("other", "mark")));
    expect(seen).toEqual(["mark"]);
  });

  test.each([1, 5, 64, 10_000])("keeps the last event without a mark, once, in chunks of %i bytes", (size) => {
    const cutter = new EventCutter(["mark"], () => undefined, undefined, true);
    const bytes = Buffer.from('data: one\n\ndata: {"é":2}\n\n: comment\n\n');
    for (let at = 0; at < bytes.length; at += size) cutter.see(bytes.subarray(at, at + size));
    expect(cutter.takeLast()).toBe('{"é":2}');
    expect(cutter.takeLast()).toBeUndefined();
    cutter.see(Buffer.from("data: three"));
    cutter.finish();
    expect(cutter.takeLast()).toBe("three");
  });

  test("has the event before a marked one at hand when that one is told", () => {
    const told: (string | undefined)[] = [];
    const cutter = new EventCutter(["mark"], (data) => told.push(cutter.takeLast(), data), undefined, true);
    cutter.see(Buffer.from("data: 1\n\ndata: 2\n\ndata: mark\n\ndata: 3\n\n"));
    expect([...told, cutter.takeLast()]).toEqual(["2", "mark", "3"]);
  });

  test("knows whether it stands between two events", () => {
    const bytes = Buffer.from(stream);
    for (let length = 1; length <= bytes.length; length++) {
      const { cutter } = cut(bytes.subarray(0, length), [length]);
      expect(cutter.isAtBoundary).toBe(bytes.toString("utf8", 0, length).endsWith("\n\n"));
    }
  });

  test("takes an event whose blank line never came when the stream ends", () => {
    const { seen, cutter } = cut(Buffer.from("data: mark"), [3]);
    expect(seen).toEqual([]);
    cutter.finish();
    expect(seen).toEqual(["mark"]);
  });

  describe("of large events", () => {
    const large = (bytes: number, tail: string) => `data: {"image":"${"A".repeat(bytes)}"${tail}}\n\n`;

    test.each([1_000, 16_384, 5_000_000])("gives the ends of one without holding it, in chunks of %i bytes", (size) => {
      const text = `data: small mark\n\n${large(4_000_000, ',"mark":7')}${large(3_000_000, "")}data: last mark\n\n`;
      const { seen, cutter } = cut(Buffer.from(text), [size]);
      expect([seen[0], seen.at(-1), seen.length]).toEqual(["small mark", "last mark", 3]);
      expect(JSON.parse(seen[1] ?? "")).toMatchObject({ mark: 7 });
      expect(cutter.skipped).toEqual({ events: 1, bytes: large(3_000_000, "").length });
      if (size < 1_000_000) expect(seen[1]?.length).toBeLessThan(2_000_000);
    });

    test("gives all of it where every event is wanted", () => {
      const text = large(3_000_000, "");
      const { seen } = cut(Buffer.from(`${text}data: last\n\n`), [60_000], ["data:"]);
      expect(seen).toEqual([text.slice("data: ".length, -2), "last"]);
    });

    test("finds its end wherever the chunks are split", () => {
      const events = `${large(20_000, ',"mark":1')}data: mark\n\n`;
      for (const end of ["\n", "\r\n"]) {
        const bytes = Buffer.from(events.replaceAll("\n", end));
        for (let shift = 0; shift < 8; shift++) {
          expect(cut(bytes, [bytes.length - 30 + shift, 1, 1, 2]).seen).toHaveLength(2);
        }
        expect(cut(bytes, [9_000, 1]).seen).toHaveLength(2);
      }
    });

    /** Bytes that are searched or copied, not time: what is held is never searched again. */
    test("searches each byte a bounded number of times", () => {
      const spy = vi.spyOn(Buffer.prototype, "toString");
      cut(Buffer.from(large(8_000_000, "")), [16_384]);
      const searched = spy.mock.results.reduce((sum, { value }) => sum + String(value).length, 0);
      spy.mockRestore();
      expect(searched).toBeLessThan(3 * 8_000_000);
    });
  });
});
