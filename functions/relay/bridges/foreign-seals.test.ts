import { describe, expect, test } from "vitest";
import type { Call, DialectName } from "../dialects/dialect.ts";
import { dropForeignSeals } from "./foreign-seals.ts";
import { packForGemini, packSeal } from "./seal.ts";

const callOf = (dialect: DialectName, body: object): Call => ({
  ...{ dialect, service: "claude", operation: "messages", isMetered: true, target: "/", model: "m", isStream: false },
  ...{ session: undefined, client: undefined, maxOutputTokens: undefined, method: "POST", headers: {}, rules: [] },
  body: Buffer.from(JSON.stringify(body)),
});
const bodyOf = (call: Call): unknown => JSON.parse(call.body.toString("utf8"));

const foreign = {
  openai: packSeal({ text: "", seal: { maker: "openai", id: "rs_1", value: "ENC==" } }),
  gemini: packSeal({ text: "", seal: { maker: "gemini", value: "c2ln" } }),
  chat: packSeal({ text: "hm", seal: { maker: "chat", value: "" } }),
  anthropic: packSeal({ text: "hm", seal: { maker: "anthropic", value: "EqSIG" } }),
};
const use = { type: "tool_use", id: "t", name: "n", input: {} };
const result = { role: "user", content: [{ type: "tool_result", tool_use_id: "t", content: "r" }] };

describe("a conversation on its way to an account of its own language", () => {
  test.each(["openai", "gemini", "chat"] as const)("loses thinking that %s sealed, at Claude", (maker) => {
    const thinking = { type: "thinking", thinking: "", signature: foreign[maker] };
    const redacted = { type: "redacted_thinking", data: foreign[maker] };
    const before = { role: "user", content: "x" };
    const messages = [before, { role: "assistant", content: [thinking, redacted, use] }, result];
    const call = dropForeignSeals(callOf("anthropic", { model: "m", messages, system: "S" }));
    const cleaned = [before, { role: "assistant", content: [use] }, result];
    expect(bodyOf(call)).toEqual({ model: "m", messages: cleaned, system: "S" });
    expect(call.rules.join()).toContain("another provider sealed");
  });

  test("asks Claude for no budget of thinking where the pending call has lost its thinking", () => {
    const unsigned = { type: "thinking", thinking: "hm", signature: "" };
    const messages = [{ role: "user", content: "x" }, { role: "assistant", content: [unsigned, use] }, result];
    const body = { thinking: { type: "enabled", budget_tokens: 2_000 }, messages };
    expect(bodyOf(dropForeignSeals(callOf("anthropic", body)))).not.toHaveProperty("thinking");
  });

  test("loses Gemini's signature beside a call, which Anthropic refuses", () => {
    const extra_content = { google: { thought_signature: "c2ln" } };
    const messages = [{ role: "assistant", content: [{ ...use, extra_content }] }, result];
    expect(bodyOf(dropForeignSeals(callOf("anthropic", { messages })))).toEqual({
      messages: [{ role: "assistant", content: [use] }, result],
    });
  });

  test.each(["anthropic", "gemini", "chat"] as const)("loses reasoning that %s sealed, at OpenAI", (maker) => {
    const message = { type: "message", role: "user", content: "x" };
    const input = [{ type: "reasoning", id: "rs_1", summary: [], encrypted_content: foreign[maker] }, message];
    expect(bodyOf(dropForeignSeals(callOf("openai-responses", { input })))).toEqual({ input: [message] });
  });

  test("loses thinking blocks of others at vendors of the Chat language", () => {
    const blocks = [{ type: "thinking", thinking: "hm", signature: foreign.openai }];
    const messages = [{ role: "assistant", content: "y", thinking_blocks: blocks }];
    expect(bodyOf(dropForeignSeals(callOf("openai-chat", { messages })))).toEqual({
      messages: [{ role: "assistant", content: "y" }],
    });
  });

  test.each(["gemini", "code-assist"] as const)("keeps its calls, with a signature that passes, in %s", (dialect) => {
    const thoughtSignature = packForGemini([
      { kind: "thinking", text: "hm", seal: { maker: "anthropic", value: "EqSIG" } },
    ]);
    const functionCall = { name: "n", args: {} };
    const contents = [
      {
        role: "model",
        parts: [
          { text: "hm", thought: true, thoughtSignature },
          { functionCall, thoughtSignature },
        ],
      },
    ];
    const request = { contents };
    const call = dropForeignSeals(callOf(dialect, dialect === "gemini" ? request : { model: "m", request }));
    const parts = [{ functionCall, thoughtSignature: "skip_thought_signature_validator" }];
    const cleaned = { contents: [{ role: "model", parts }] };
    expect(bodyOf(call)).toEqual(dialect === "gemini" ? cleaned : { model: "m", request: cleaned });
  });

  test.each([
    ["anthropic", { messages: [{ role: "user", content: 'a text that says "openai.rs_1" and "extra_content"' }] }],
    [
      "anthropic",
      { messages: [{ role: "assistant", content: [{ type: "thinking", thinking: "", signature: "Eq" }] }] },
    ],
    ["openai-responses", { input: [{ type: "reasoning", id: "rs", summary: [], encrypted_content: "gAAA" }] }],
    ["gemini", { contents: [{ role: "model", parts: [{ text: "x", thoughtSignature: "c2ln" }] }] }],
    ["openai", { prompt: '"openai.x' }],
  ] as const)("passes as it is, byte for byte, where nothing is foreign: %s %j", (dialect, body) => {
    const call = callOf(dialect, body);
    expect(dropForeignSeals(call)).toBe(call);
  });
});
