import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findFirstItem, findTopLevel, parseSpan, replaceSpan } from "./top-level.ts";

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

  test("leaves an escaped key to a real parser, so that it cannot hide", () => {
    expect(read('{"mod\\u0065l":"x"}', ["model"])).toBeUndefined();
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
        if (found === undefined) expect(keys.some((key) => JSON.stringify(key).includes("\\"))).toBe(true);
        else expect(JSON.stringify(found)).toBe(JSON.stringify(JSON.parse(text)));
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

test("findFirstItem finds the first element only", () => {
  const bytes = Buffer.from(' [ {"a":[1,2]} , 2]');
  const span = findFirstItem(bytes);
  expect(span && parseSpan(bytes, span)).toEqual({ a: [1, 2] });
  expect(findFirstItem(Buffer.from("[]"))).toBeUndefined();
});
