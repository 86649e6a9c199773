import { randomBytes } from "node:crypto";
import type { Behaviour } from "../behaviours.ts";
import { halves } from "../anthropic/errors.ts";
import type { Block } from "../anthropic/model.ts";
import { streamError } from "./errors.ts";
import type { Answered } from "./responses.ts";
import { chatUsage } from "./usage.ts";

type Fields = Record<string, unknown>;

const id = (prefix: string): string => `${prefix}${randomBytes(14).toString("hex")}`;

/** The chunks of a streamed completion; with `include_usage` each has a `usage`, and one more chunk has the figures. */
export function chatFrames(
  answered: Answered,
  behaviour: Behaviour,
  isUsageAsked: boolean,
): { frames: Buffer[]; repeatable: number } {
  const head = { ...envelope(answered, "chat.completion.chunk", behaviour), ...(isUsageAsked ? { usage: null } : {}) };
  const chunk = (delta: Fields, finish_reason: string | null = null): Buffer =>
    data({ ...head, choices: [{ index: 0, delta, logprobs: null, finish_reason }] });
  const deltas = answered.turn.blocks.flatMap((block, index) => deltasOf(block, index));
  const frames = [
    chunk({ role: "assistant", content: "", refusal: null }),
    ...deltas.map((delta) => chunk(delta)),
    chunk({}, finishOf(answered)),
  ];
  const isTold = isUsageAsked && behaviour.get("usage") !== "none";
  if (isTold) frames.push(data({ ...head, choices: [], usage: chatUsage(answered.usage) }));
  return { frames: [...frames, Buffer.from("data: [DONE]\n\n")], repeatable: 1 };
}

export function completionFrames(answered: Answered, behaviour: Behaviour): Buffer[] {
  const texts = answered.turn.blocks.flatMap((block) => (block.type === "text" ? [block.text] : []));
  const calls = answered.turn.blocks.flatMap((block) => toolCall(block));
  const message = {
    ...{ role: "assistant", content: texts.join("") || null, refusal: null, annotations: [] },
    ...(calls.length > 0 ? { tool_calls: calls } : {}),
  };
  const choices = [{ index: 0, message, logprobs: null, finish_reason: finishOf(answered) }];
  const figures = behaviour.get("usage") === "none" ? {} : { usage: chatUsage(answered.usage) };
  return halves(JSON.stringify({ ...envelope(answered, "chat.completion", behaviour), choices, ...figures }));
}

export function chatErrorFrame(code: string): Buffer {
  const { message } = streamError(code);
  return data({ error: { message, type: "server_error", param: null, code: code || "server_is_overloaded" } });
}

function data(value: unknown): Buffer {
  return Buffer.from(`data: ${JSON.stringify(value)}\n\n`);
}

function envelope({ model }: Answered, object: string, behaviour: Behaviour): Fields {
  const created = Math.floor(Date.now() / 1000);
  const service_tier = behaviour.get("tier") ?? "default";
  return { id: id("chatcmpl-"), object, created, model, service_tier, system_fingerprint: "fp_simulated" };
}

const finishReasons: Record<string, string> = { tool_use: "tool_calls", end_turn: "stop", max_output_tokens: "length" };

function finishOf({ turn }: Answered): string {
  return finishReasons[turn.stopReason] ?? turn.stopReason;
}

function toolCall(block: Block): Fields[] {
  if (block.type !== "tool_use") return [];
  return [
    { id: id("call_"), type: "function", function: { name: block.name, arguments: JSON.stringify(block.input) } },
  ];
}

function deltasOf(block: Block, index: number): Fields[] {
  if (block.type === "text") return block.pieces.map((content) => ({ content }));
  if (block.type === "thinking") return [{ reasoning_content: block.thinking }];
  const [call] = toolCall(block);
  const whole = Array.from(JSON.stringify(block.input));
  const middle = Math.floor(whole.length / 2);
  const first = { index: index - 1, ...call, function: { name: block.name, arguments: "" } };
  const pieces = [whole.slice(0, middle).join(""), whole.slice(middle).join("")];
  return [
    { tool_calls: [first] },
    ...pieces.map((text) => ({ tool_calls: [{ index: index - 1, function: { arguments: text } }] })),
  ];
}
