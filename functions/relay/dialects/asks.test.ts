import { describe, expect, test } from "vitest";
import { anyTier, readAsks } from "./asks.ts";

const read = (dialect: Parameters<typeof readAsks>[1], text: string) => readAsks(Buffer.from(text), dialect);

describe("what a request asks for is found however it is written", () => {
  test.each([
    ['{"type" :\n "url"}', true],
    ['{"type":"web_search_20250305"}', true],
    ['{"kind":"url"}', false],
    ['{"url":"https://a.example"}', false],
    ['{"\\u0074ype":"url"}', true],
    ['{"text":"\\u001b[1m and \\u4e2d"}', false],
    ['{"mcp_servers": [ ]}', false],
    [`{"mcp_servers": [${" ".repeat(2_000)}{}]}`, true],
    [`{"type"${" ".repeat(2_000)}:"file"}`, true],
    [JSON.stringify({ text: '"type":"url"' }), false],
  ])("%.40s", (text, points) => {
    expect(read("anthropic", text).pointsElsewhere).toBe(points);
  });

  test.each([
    ['{"image_url":"data:image/png;base64,AA"}', false],
    ['{"image_url": { "url" : "https://a.example/b.png" }}', true],
    ['{"conversation":null}', false],
  ])("%s at OpenAI", (text, points) => {
    expect(read("openai-chat", text).pointsElsewhere).toBe(points);
  });

  test.each([
    ['{"n":128}', 128],
    ['{"n" : "1.28e2"}', 128],
    [`{"n":0.${"0".repeat(100)}128e101}`, 128],
    ['{"n":-5}', 1],
    ['{"x":"n","n":3,"m":{"n":7}}', 7],
  ])("%s answers", (text, answers) => {
    expect(read("openai-chat", text).answers).toBe(answers);
  });

  test("tiers, long caches, sealed thoughts and drawing", () => {
    const asks = read(
      "anthropic",
      '{"service_tier": "priority","speed":"fast","cache_control":{"ttl" : "1h"},"signature":"openai.rs_1.AAAA"}',
    );
    expect(asks).toMatchObject({ isLongCached: true, maySeal: true, mayDraw: false });
    expect([...asks.tiers]).toEqual(["priority", "fast"]);
    expect(read("anthropic", '{"signature":"EqQBCg"}').maySeal).toBe(false);
    expect(read("openai-responses", '{"tools":[{"type":"image_generation"}]}').mayDraw).toBe(true);
  });

  test("nothing in a text that stops in the middle", () => {
    for (const text of ['{"n', '{"n":', '{"type":"url', '"', ""]) expect(read("openai-chat", text).answers).toBe(1);
  });

  test.each(['{"n":1}', '{"url":1}', '{"speed":"x"}', '{"image_generation":1}', '{"signature":"x"}'])(
    "%s ten thousand times over asks for everything",
    (unit) => {
      const text = `{"a":[${`${unit},`.repeat(20_000)}1],"n":5,"service_tier":"priority"}`;
      const asks = read("openai-chat", text);
      expect(asks).toMatchObject({ pointsElsewhere: true, answers: 128, isLongCached: true, maySeal: true });
      expect(asks.tiers.has(anyTier)).toBe(true);
      expect(read("anthropic", text.replaceAll('"url"', '"mcp_servers"')).answers).toBe(1);
    },
  );

  test("no tier hides behind others", () => {
    const others = Array.from({ length: 20 }, (_each, at) => `{"speed":"x${at}"},`).join("");
    expect(read("anthropic", `{"a":[${others}1],"service_tier":"priority"}`).tiers.has(anyTier)).toBe(true);
  });

  test.each([
    ["\\u006e", true],
    ["\\u005F", true],
    ["\\u0039", true],
    ["\\u004a", true],
    ["\\u00e9", false],
    ["\\u003a", false],
    ["\\u005b", false],
    ["\\u010e", false],
    ["\\\\u006e", false],
    ["\\u00g1", false],
    ["\\u006g", false],
  ])("%s in a short string", (escape, hides) => {
    expect(read("openai-chat", `{"a":"${escape}"}`).pointsElsewhere).toBe(hides);
  });
});
