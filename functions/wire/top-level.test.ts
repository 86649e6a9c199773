import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findEvery, findFirstItems, findTopLevel, parseSpan, readTopLevel, replaceSpan } from "./top-level.ts";

const read = (text: string, keys: readonly string[]) => {
  const bytes = Buffer.from(text);
  const spans = findTopLevel(bytes, keys);
  return spans && Object.fromEntries([...spans].map(([key, span]) => [key, parseSpan(bytes, span)]));
};

describe("findTopLevel", () => {
  test("reads wanted keys and ignores the same keys deeper down", () => {
    expect(
      read('{"a":{"model":"deep"},"model":"top","list":[{"model":1}],"stream":true}', ["model", "stream"]),
    ).toEqual({ model: "top", stream: true });
  });

  test("counts the last of a repeated key, as JSON.parse does", () => {
    expect(read('{"model":"allowed","model":"forbidden"}', ["model"])).toEqual({ model: "forbidden" });
  });

  test("knows a key that is escaped, so that it cannot hide", () => {
    expect(read('{"mod\\u0065l":"x"}', ["model"])).toEqual({ model: "x" });
    expect(read('{"model":"allowed","\\u006D\\u006f\\u0064\\u0065\\u006c":"forbidden"}', ["model"])).toEqual({
      model: "forbidden",
    });
    expect(read('{"mod\\x65l":"x","model\\\\":1,"a":2}', ["model", "a"])).toEqual({ a: 2 });
  });

  const nested = (depth: number) => `{"a":${"[".repeat(depth)}${"]".repeat(depth)}}`;
  const keys = (count: number) => `{${Array.from({ length: count }, (_, index) => `"k${index}":0`).join(",")}}`;

  test("takes 1,000 levels and 1,000 keys, and refuses more", () => {
    expect(read(nested(1_000), ["b"])).toEqual({});
    expect(read(keys(1_000), ["b"])).toEqual({});
    for (const text of [nested(1_001), nested(1_000_000), keys(1_001)]) {
      expect(() => read(text, ["b"])).toThrow(expect.objectContaining({ code: "request.malformed" }));
    }
  });

  test("finds every member of a name", () => {
    const bytes = Buffer.from('{"a":1,"b":2,"\\u0061":3}');
    expect(findEvery(bytes, "a")?.map((span) => parseSpan(bytes, span))).toEqual([1, 3]);
  });

  /** Where searching natively and looking at each byte take turns. */
  test("finds the end of strings full of quotes and backslashes, however long", () => {
    const piece = fc.constantFrom("x".repeat(100), "\\", '"', '\\"', "\\".repeat(63), "\\".repeat(64), "é", "\n");
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 300 }), (pieces) => {
        const value = { [pieces.join("").slice(0, 100)]: 1, text: pieces.join(""), model: "m" };
        expect(read(JSON.stringify(value), ["model", "text"])).toEqual({ model: "m", text: pieces.join("") });
      }),
    );
  });

  test.each([
    "",
    "[]",
    "{",
    '{"a"',
    '{"a":}',
    '{"a":1',
    '{"a":1}x',
    '{"a":"x}',
    '{"a":[1,2}',
    '{"a":1,}',
    "{a:1}",
    '"text"',
  ])("does not accept %j", (text) => expect(read(text, ["a"])).toBeUndefined());

  test("sees in any JSON object what JSON.parse sees", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.constantFrom(0, 1, 2), (value, space) => {
        const text = JSON.stringify(value, null, space);
        const keys = Object.keys(value);
        const found = read(text, keys);
        // Longer keys than are ever looked for, and such as are not ASCII, are not promised.
        const isPlain = keys.every((key) => Buffer.byteLength(key) === key.length);
        if (isPlain) expect(JSON.stringify(found)).toBe(JSON.stringify(JSON.parse(text)));
      }),
    );
  });

  test("never throws on garbage bytes", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => void findTopLevel(bytes, ["a"])));
  });
});

test("replaceSpan changes one value and not one byte beside it", () => {
  const bytes = Buffer.from('{ "z" : 1,\n"model":  "old" , "b":"é\\u00e9" }');
  const span = findTopLevel(bytes, ["model"])?.get("model");
  expect(span && replaceSpan(bytes, span, "new").toString()).toBe('{ "z" : 1,\n"model":  "new" , "b":"é\\u00e9" }');
});

test("findFirstItems finds as many as are asked for", () => {
  const bytes = Buffer.from(' [ {"a":[1,2]} , 2, "3"]');
  const items = (most: number) => findFirstItems(bytes, most).map((span) => parseSpan(bytes, span));
  expect([items(1), items(2), items(9)]).toEqual([[{ a: [1, 2] }], [{ a: [1, 2] }, 2], [{ a: [1, 2] }, 2, "3"]]);
  expect(findFirstItems(Buffer.from("[]"), 1)).toEqual([]);
});

describe("readTopLevel", () => {
  test("parses short fields and leaves long ones alone", () => {
    const bytes = Buffer.from('{"model":"m","messages":[1, 2],"other":{}}');
    expect(readTopLevel(bytes, ["model"], ["messages"])).toEqual({ model: "m", messages: Buffer.from("[1, 2]") });
    expect(readTopLevel(Buffer.from("[]"), ["model"], [])).toBeUndefined();
  });

  test("parses nothing that is over 64 kB", () => {
    const bytes = Buffer.from(`{"metadata":[${"0,".repeat(40_000)}0]}`);
    const failure = { code: "request.malformed", message: "The request body has a metadata of more than 64 kB." };
    expect(() => readTopLevel(bytes, ["metadata"], [])).toThrow(expect.objectContaining(failure));
    expect(readTopLevel(bytes, [], ["metadata"])).toHaveProperty("metadata");
  });
});
