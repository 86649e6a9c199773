import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { spliceBody } from "./splice.ts";

const splice = (text: string, fields: Record<string, unknown>) => spliceBody(Buffer.from(text), fields).toString();

describe("spliceBody", () => {
  test("takes out every member of a name, escaped ones too", () => {
    expect(splice('{"type":1, "a":2, "ty\\u0070e":3}', { type: undefined })).toBe('{ "a":2}');
    expect(splice('{"a":2,"type":1,"type":{} }', { type: undefined })).toBe('{"a":2 }');
    expect(splice('{"type":1 , "type":3}', { type: undefined })).toBe("{}");
  });

  test("leaves valid JSON without the name, whatever stood around it", () => {
    const name = fc.constantFrom("type", "a", "b");
    const space = fc.constantFrom("", " ", "\n  ");
    fc.assert(
      fc.property(fc.array(fc.tuple(name, space, space), { maxLength: 8 }), (members) => {
        const text = `{${members.map(([key, before, behind], index) => `${before}"${key}":${index}${behind}`).join(",")}}`;
        const { type: _gone, ...rest } = JSON.parse(text) as Record<string, unknown>;
        expect(JSON.parse(splice(text, { type: undefined }))).toEqual(rest);
      }),
    );
  });
});
