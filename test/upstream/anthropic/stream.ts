import type { Behaviour } from "../behaviours.ts";
import { halves } from "./errors.ts";
import { newId } from "./headers.ts";
import type { Block, Turn } from "./model.ts";
import { type SimulatedUsage, wireDeltaUsage, wireUsage } from "./usage.ts";

export interface Answered {
  model: string;
  turn: Turn;
  usage: SimulatedUsage;
}

/** The events of a streamed answer, one buffer an event, and which of them a flood may repeat. */
export function streamFrames(answered: Answered, behaviour: Behaviour): { frames: Buffer[]; repeatable: number } {
  const kept = behaviour.get("usage");
  const startUsage = kept === "none" || kept === "end" ? undefined : wireUsage(answered.usage, 1);
  const message = { ...envelope(answered.model), content: [], stop_reason: null, usage: startUsage };
  const frames = [event("message_start", { message })];
  let repeatable = 0;
  answered.turn.blocks.forEach((block, index) => {
    frames.push(event("content_block_start", { index, content_block: opening(block) }));
    if (index === 0) frames.push(event("ping", {}));
    for (const delta of deltas(block)) {
      repeatable = frames.length;
      frames.push(event("content_block_delta", { index, delta }));
    }
    frames.push(event("content_block_stop", { index }));
  });
  const delta = { stop_reason: answered.turn.stopReason, stop_sequence: null };
  const endUsage = kept === "none" || kept === "start" ? undefined : wireDeltaUsage(answered.usage);
  frames.push(event("message_delta", { delta, usage: endUsage }), event("message_stop", {}));
  return { frames, repeatable };
}

/** The plain answer, in two pieces. */
export function messageFrames({ model, turn, usage }: Answered, behaviour: Behaviour): Buffer[] {
  const content = turn.blocks.map((block) => (block.type === "text" ? { type: "text", text: block.text } : block));
  const figures = behaviour.get("usage") === "none" ? undefined : wireUsage(usage, usage.output);
  return halves(JSON.stringify({ ...envelope(model), content, stop_reason: turn.stopReason, usage: figures }));
}

function envelope(model: string): Record<string, unknown> {
  return { id: newId("msg_"), type: "message", role: "assistant", model, content: [], stop_sequence: null };
}

function event(name: string, fields: Record<string, unknown>): Buffer {
  return Buffer.from(`event: ${name}\ndata: ${JSON.stringify({ type: name, ...fields })}\n\n`);
}

function opening(block: Block): Record<string, unknown> {
  if (block.type === "thinking") return { type: "thinking", thinking: "", signature: "" };
  if (block.type === "text") return { type: "text", text: "" };
  return { type: "tool_use", id: block.id, name: block.name, input: {} };
}

function deltas(block: Block): Record<string, unknown>[] {
  if (block.type === "text") return block.pieces.map((text) => ({ type: "text_delta", text }));
  if (block.type === "thinking") {
    const signature = { type: "signature_delta", signature: block.signature };
    return block.thinking ? [{ type: "thinking_delta", thinking: block.thinking }, signature] : [signature];
  }
  // The official API opens a tool's input with an empty piece, then sends it in pieces that are not JSON by themselves.
  const json = Array.from(JSON.stringify(block.input));
  const middle = Math.floor(json.length / 2);
  const pieces = ["", json.slice(0, middle).join(""), json.slice(middle).join("")];
  return pieces.map((partial_json) => ({ type: "input_json_delta", partial_json }));
}
