import { describe, expect, test } from "vitest";
import { anthropicDialect } from "../../functions/relay/dialects/anthropic/anthropic.ts";
import { geminiDialect } from "../../functions/relay/dialects/gemini/gemini.ts";
import { openaiChatDialect } from "../../functions/relay/dialects/openai/chat.ts";
import { openaiResponsesDialect } from "../../functions/relay/dialects/openai/responses.ts";
import { bridgesFrom } from "../../functions/relay/bridges/bridge.ts";
import type { Dialect } from "../../functions/relay/dialects/dialect.ts";
import { Failure } from "../../functions/failure.ts";
import type { Language } from "../../functions/relay/bridges/fit/limits.ts";
import { ways } from "../fuzz/languages.ts";
import { buildRequest } from "../rig.ts";
import { direction } from "./bridge.ts";

/** Names that every object of JavaScript has, and no JSON document of a provider. */
const names = ["constructor", "toString", "valueOf", "hasOwnProperty", "__proto__"];
const geminiPath = "/v1beta/models/gemini-2.5-pro:streamGenerateContent";

const sources: readonly (readonly [Dialect, way: number, path: string])[] = [
  [anthropicDialect, 0, "/v1/messages"],
  [openaiResponsesDialect, 1, "/v1/responses"],
  [openaiChatDialect, 2, "/v1/chat/completions"],
  [geminiDialect, 3, geminiPath],
];

/** The document with one text, or one field more, by such a name: each place of it in its turn. */
function* vary(text: string, name: string): Generator<string> {
  for (const { index } of text.matchAll(/\{/g))
    yield `${text.slice(0, index + 1)}"${name}":1${text[index + 1] === "}" ? "" : ","}${text.slice(index + 1)}`;
  for (const { 0: found, index } of text.matchAll(/(?<=[:[,])"[^"\\]*"(?=[,\]}])/g))
    yield `${text.slice(0, index)}"${name}"${text.slice(index + found.length)}`;
}

const directions = sources.flatMap(([dialect, way, path]) =>
  bridgesFrom(dialect.name).map(({ to }) => ({ dialect, way, path, to })),
);

describe("names that every object has", () => {
  test.each(directions)("break no request from $dialect.name to $to", ({ dialect, way, path, to }) => {
    const bridge = direction(dialect.name, to as Language);
    const text = JSON.stringify(ways[way]?.body("hello", false));
    const thrown = names.flatMap((name) =>
      [...vary(text, name)].flatMap((body) => {
        try {
          bridge.request(dialect.read(buildRequest({ path, query: "alt=sse" }), Buffer.from(body)));
          return [];
        } catch (error) {
          return error instanceof Failure && error.blame === "client" ? [] : [`${String(error)}: ${body}`];
        }
      }),
    );
    expect(thrown).toEqual([]);
  });

  test.each(directions)("are no event of an answer from $to to $dialect.name", ({ dialect, way, path, to }) => {
    const bridge = direction(dialect.name, to as Language);
    const body = Buffer.from(JSON.stringify(ways[way]?.body("hello", true)));
    const call = dialect.read(buildRequest({ path, query: "alt=sse" }), body);
    for (const name of names) {
      const translation = bridge.response(call);
      const reasons = { choices: [{ finish_reason: name, delta: {} }], candidates: [{ finishReason: name }] };
      translation.push(Buffer.from(`event: ${name}\ndata: ${JSON.stringify({ type: name, ...reasons })}\n\n`));
      const end = { type: "message_delta", delta: { stop_reason: name } };
      translation.push(Buffer.from(`data: ${JSON.stringify(end)}\n\ndata: {"type":"message_stop"}\n\n`));
      expect(translation.end().toString()).not.toMatch(/native code/);
    }
  });
});
