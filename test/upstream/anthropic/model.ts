import { createHash } from "node:crypto";
import { type Behaviour, numberOf } from "../behaviours.ts";
import { type Conversation, type MessagesBody, type Schema, sayMarker, toolMarkers } from "./conversation.ts";
import { newId } from "./headers.ts";

export type Block =
  | { type: "thinking"; thinking: string; signature: string }
  | { type: "text"; text: string; pieces: string[] }
  | { type: "tool_use"; id: string; name: string; input: unknown };

/** What the fake model says in one turn. */
export interface Turn {
  blocks: Block[];
  stopReason: string;
}

/** Directives of the fake model; README.md says what each does. */
export const modelDirectives = ["deltas", "big-event", "thinking", "stop"] as const;

/** The fake model: the same request gets the same words, and a marked request the tool call it asks for. */
export function takeTurn(body: MessagesBody, conversation: Conversation, behaviour: Behaviour): Turn {
  const blocks: Block[] = [];
  const thinks = body.thinking?.type === "enabled" || body.thinking?.type === "adaptive";
  if (thinks || behaviour.has("thinking")) blocks.push(thought(body, conversation));
  const wanted = toolMarkers(conversation.prompt)[conversation.toolTurns];
  const isOffered = wanted !== undefined && (body.tools ?? []).some((tool) => tool.name === wanted.name);
  if (wanted && isOffered) {
    blocks.push(text(`Calling ${wanted.name}.`, behaviour));
    blocks.push({ type: "tool_use", id: newId("toolu_"), name: wanted.name, input: wanted.input });
    return { blocks, stopReason: behaviour.get("stop") ?? "tool_use" };
  }
  blocks.push(text(wordsFor(body, conversation), behaviour));
  return { blocks, stopReason: behaviour.get("stop") ?? "end_turn" };
}

/** The visible and thought text of a turn, whose size gives its output tokens. */
export function outputBytes(turn: Turn): number {
  const texts = turn.blocks.map((block) => {
    if (block.type === "thinking") return block.thinking;
    return block.type === "text" ? block.text : block.name + JSON.stringify(block.input);
  });
  return Buffer.byteLength(texts.join(""));
}

function wordsFor(body: MessagesBody, conversation: Conversation): string {
  const schema = body.output_config?.format?.schema;
  if (schema) return JSON.stringify(sample(schema, conversation.saying));
  if (conversation.results.length > 0) return `The tool answered: ${conversation.results.join("\n").slice(0, 2000)}`;
  const asked = sayMarker(conversation.prompt);
  if (asked !== undefined) return asked;
  const digest = createHash("sha256").update(conversation.saying).digest("hex").slice(0, 8);
  return `Simulated answer ${digest} ✓ 你好 🙂 to: ${shortened(conversation.saying, 120)}`;
}

function shortened(words: string, length: number): string {
  const characters = Array.from(words);
  return characters.length <= length ? words : `${characters.slice(0, length).join("")}…`;
}

function thought(body: MessagesBody, conversation: Conversation): Block {
  const thinking = body.thinking?.display === "omitted" ? "" : `Considering ${shortened(conversation.saying, 40)}`;
  return { type: "thinking", thinking, signature: Buffer.from("simulated-signature").toString("base64") };
}

/** Text in deltas of some twelve characters, in `deltas=N` words, or in one delta of `big-event=KB`. */
function text(words: string, behaviour: Behaviour): Block {
  const big = numberOf(behaviour, "big-event", 1024);
  if (big !== undefined) {
    const filler = "0123456789abcdef".repeat(big * 64);
    return { type: "text", text: filler, pieces: [filler] };
  }
  const count = numberOf(behaviour, "deltas", 16);
  const pieces = count === undefined ? twelves(words) : Array.from({ length: count }, (_, index) => ` word${index}`);
  return { type: "text", text: pieces.join(""), pieces };
}

/** Cut between characters, never inside one: each event is valid JSON by itself, as the official API's are. */
function twelves(words: string): string[] {
  const characters = Array.from(words);
  const pieces: string[] = [];
  for (let at = 0; at < characters.length; at += 12) pieces.push(characters.slice(at, at + 12).join(""));
  return pieces;
}

/** The smallest value that fits a JSON schema; Claude Code asks so for a conversation's title. */
function sample(schema: Schema, words: string): unknown {
  if (schema.enum) return schema.enum[0];
  if (schema.type === "object" || schema.properties) {
    const entries = Object.entries(schema.properties ?? {});
    return Object.fromEntries(entries.map(([name, inner]) => [name, sample(inner, words)]));
  }
  if (schema.type === "array") return schema.items ? [sample(schema.items, words)] : [];
  if (schema.type === "integer" || schema.type === "number") return 1;
  if (schema.type === "boolean") return true;
  return `Simulated: ${shortened(words.split("\n")[0] ?? "", 30)}`;
}
