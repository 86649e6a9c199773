import { describe, expect, test } from "vitest";
import { buildRequest } from "../../../../test/rig.ts";
import { anthropicDialect } from "./anthropic.ts";

const marker = { cache_control: { type: "ephemeral" } };

function sessionOf(body: Record<string, unknown>): string | undefined {
  const bytes = Buffer.from(JSON.stringify({ model: "m", max_tokens: 9, ...body }));
  return anthropicDialect.read(buildRequest({ body: bytes }), bytes).session;
}

/** The first turn and a later one of a conversation, whose cache marker has moved on to the last message. */
function turns(words: string, system = "You help.") {
  const say = (role: string, text: string, more = {}) => ({ role, content: [{ type: "text", text, ...more }] });
  const head = (more = {}) => [{ type: "text", text: system, ...more }];
  return [
    sessionOf({ system: head(marker), messages: [say("user", words, marker)] }),
    sessionOf({
      system: head(),
      messages: [say("user", words), say("assistant", "Yes?"), say("user", "Go on", marker)],
    }),
  ];
}

describe("a conversation without a name", () => {
  test.each([10, 3_900, 4_010, 4_050, 4_096, 5_000, 60_000])(
    "is known by its beginning, wherever the cache's markers stand: %i characters",
    (length) => {
      const [first, later] = turns("x".repeat(length), "s".repeat(length));
      expect(first).toBeDefined();
      expect(later).toBe(first);
    },
  );

  test("is the same where the marker stands first or in the middle of its block", () => {
    const say = (block: object) => sessionOf({ messages: [{ role: "user", content: [block] }] });
    const plain = say({ type: "text", text: "x" });
    expect(say({ ...marker, type: "text", text: "x" })).toBe(plain);
    expect(say({ type: "text", ...marker, text: "x" })).toBe(plain);
  });

  test("is another one where its first words or its system differ", () => {
    const [one] = turns("hello");
    expect(turns("hello!")[0]).not.toBe(one);
    expect(turns("hello", "You refuse.")[0]).not.toBe(one);
  });
});
