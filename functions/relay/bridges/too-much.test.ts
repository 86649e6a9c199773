import { expect, test } from "vitest";
import type { Call, DialectName } from "../dialects/dialect.ts";
import { crossRequest } from "./crossing.ts";
import { dropForeignSeals } from "./foreign-seals.ts";
import type { Language } from "./fit/limits.ts";
import { fitName } from "./fit/names.ts";
import { packSeal } from "./seal.ts";

const megabyte = 1024 * 1024;
const callOf = (dialect: DialectName, body: string): Call => ({
  ...{ dialect, service: "claude", operation: "chat", isMetered: true, target: "/", model: "m", isStream: false },
  ...{ session: undefined, client: undefined, maxOutputTokens: undefined, method: "POST", headers: {}, rules: [] },
  body: Buffer.from(body),
});
const cross = (to: Language, call: Call) => crossRequest(call, "m", to).call;
/** Filled with what repeats, up to so many bytes. */
const fill = (before: string, unit: string, after: string, bytes = 8 * megabyte) =>
  before + unit.repeat(Math.floor((bytes - before.length - after.length) / unit.length)) + after;
const said = (content: string) => `{"model":"m","messages":[{"role":"user","content":${content}}]}`;
const calls = (args: string, count: number) => {
  const call = { id: "c", type: "function", function: { name: "f", arguments: args } };
  const tool_calls = Array.from({ length: count }, () => call);
  return JSON.stringify({ model: "m", messages: [{ role: "assistant", tool_calls }] });
};
const values = `{"a":[${"1,".repeat(20_000)}1]}`;

test.each<[string, string]>([
  ["messages", fill('{"model":"m","messages":[', '{"role":"user","content":"x"},', '{"role":"user","content":"x"}]}')],
  ["parts", fill('{"model":"m","messages":[{"role":"user","content":[', '{"type":"text"},', '{"type":"text"}]}]}')],
  ["numbers where nobody looks", fill(`{"model":"m","messages":[],"metadata":[`, "1,", "1]}")],
  ["empty objects", fill(`{"model":"m","messages":[],"metadata":[`, "{},", "{}]}")],
  ["keys", fill(`{"model":"m","messages":[],"metadata":{"a":1`, ',"k":1', "}}")],
  ["an argument's values", calls(`{"a":[${"1,".repeat(300_000)}1]}`, 1)],
  ["many arguments' values", calls(values, 20)],
  ["bytes", said(`"${"x".repeat(32 * megabyte)}"`)],
])("too many %s to translate are refused before they are parsed", (_name, body) => {
  expect(() => cross("anthropic", callOf("openai-chat", body))).toThrow(
    expect.objectContaining({
      code: "request.too-large",
      message: expect.stringContaining("32 MB and 200000") as string,
    }),
  );
});

test("a large picture and a long conversation are translated", () => {
  const image = { type: "image_url", image_url: { url: `data:image/png;base64,${"AAAA".repeat(5 * megabyte)}` } };
  const turns = Array.from({ length: 8_000 }, (_each, at) => ({
    role: at % 2 ? "assistant" : "user",
    content: "x, [y]: {z}",
  }));
  const body = JSON.stringify({ model: "m", messages: [{ role: "user", content: [image] }, ...turns] });
  expect(cross("anthropic", callOf("openai-chat", body)).body.length).toBeGreaterThan(20 * megabyte);
});

test("a body that another provider's thoughts are to be taken out of is held to the same", () => {
  const signature = packSeal({ text: "", seal: { maker: "openai", id: "rs_1", value: "ENC==" } });
  const thought = JSON.stringify({ role: "assistant", content: [{ type: "thinking", thinking: "", signature }] });
  const body = fill(`{"model":"m","messages":[${thought},`, "{},", "{}]}");
  expect(() => dropForeignSeals(callOf("anthropic", body))).toThrow(/32 MB and 200000/);
});

test("a seal that holds more than a thought is none", () => {
  const sealed = (more: object) =>
    `anthropic.${Buffer.from(JSON.stringify({ type: "thinking", thinking: "hm", signature: "S", ...more })).toString("base64")}`;
  const readBack = (signature: string) => {
    const content = [
      { type: "thinking", thinking: "hm", signature },
      { type: "text", text: "x" },
    ];
    const turns = [
      { role: "user", content: "x" },
      { role: "assistant", content },
      { role: "user", content: "y" },
    ];
    const call = dropForeignSeals(callOf("anthropic", JSON.stringify({ model: "m", messages: turns })));
    return call.rules.length;
  };
  expect(readBack(sealed({}))).toBe(1);
  expect(readBack(sealed({ a: Array.from({ length: 50 }, () => 1) }))).toBe(0);
});

test("a name of megabytes is cut before it is looked at", () => {
  const looked: number[] = [];
  const illegal = Object.assign(/ /g, {
    [Symbol.replace](text: string) {
      looked.push(text.length);
      return text.replaceAll(" ", "_");
    },
  });
  expect(fitName(" ".repeat(16 * megabyte), illegal, 64)).toMatch(/^_{55}_[0-9a-f]{8}$/);
  expect(looked).toEqual([65]);
});

test("a data URL whose head is megabytes is refused in words", () => {
  const url = `data:${";a".repeat(8 * megabyte)}`;
  const body = said(JSON.stringify([{ type: "image_url", image_url: { url } }]));
  expect(() => cross("anthropic", callOf("openai-chat", body))).toThrow(/image_url/);
});
