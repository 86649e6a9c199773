import type { Loose } from "../dialects/openai-usage.ts";
import { type Piece, piecesOf, readBlocks, readMessages, unreachable } from "./anthropic-asks.ts";
import { compact, looseOf, malformed, unsupported } from "./fields.ts";
import { append, type Content, isThird, unsigned } from "./gemini-words.ts";
import { openGeminiSeal } from "./reasoning-seal.ts";

export interface Contents {
  readonly contents: Content[];
  /** Instructions that stand before the first answer. */
  readonly instructions: string[];
}

/** A conversation as Gemini's: results are named by the function that was called, equal roles joined. */
export function readContents(value: unknown, model: string, rules: Set<string>): Contents {
  const instructions: string[] = [];
  const contents: Content[] = [];
  const names = new Map<unknown, unknown>();
  for (const { role, blocks } of readMessages(value, rules)) {
    if (role === "assistant") append(contents, { role: "model", parts: readAnswered(blocks, model, names, rules) });
    else if (role === "system" && contents.every((content) => content.role === "user")) {
      instructions.push(...blocks.flatMap(piecesOf).map(textOf));
    } else {
      if (role === "system") rules.add("instructions from within the conversation said in the person's turn");
      append(contents, { role: "user", parts: readAsked(blocks, model, names, rules) });
    }
  }
  if (contents.length === 0) throw malformed("'messages' must hold more than instructions.");
  return { contents, instructions };
}

function textOf(piece: Piece): string {
  if ("text" in piece) return piece.text;
  throw unsupported("messages[].content", "an instruction must be text");
}

/** The signature of a thinking block belongs to the part that follows it; of calls made together the first one bears it. */
function readAnswered(
  blocks: readonly Loose[],
  model: string,
  names: Map<unknown, unknown>,
  rules: Set<string>,
): Loose[] {
  const parts: Loose[] = [];
  let pending: string | undefined;
  let mark = isThird(model) ? unsigned : undefined;
  for (const block of blocks) {
    if (block.type === "thinking" || block.type === "redacted_thinking") {
      pending = openGeminiSeal(block.signature);
      if (pending === undefined && block.signature !== "") rules.add("left out: thinking that another model signed");
    } else if (block.type === "text") {
      if (block.text !== "") parts.push(compact({ text: block.text, thoughtSignature: pending }));
      pending = undefined;
    } else if (block.type === "tool_use") {
      names.set(block.id, block.name);
      const given = looseOf(looseOf(block.extra_content).google).thought_signature;
      const functionCall = { name: block.name, args: block.input ?? {} };
      parts.push(compact({ functionCall, thoughtSignature: given ?? pending ?? mark }));
      pending = mark = undefined;
    } else throw unsupported(`messages[].content[].${String(block.type)}`);
  }
  return parts;
}

/** Results stand first and together, as many as there were calls; what else was said follows. */
function readAsked(blocks: readonly Loose[], model: string, names: Map<unknown, unknown>, rules: Set<string>): Loose[] {
  const results: Loose[] = [];
  const rest: Loose[] = [];
  for (const block of blocks) {
    if (block.type !== "tool_result") rest.push(...piecesOf(block).map(sayPart));
    else {
      const name = names.get(block.tool_use_id);
      if (name === undefined)
        throw malformed("'messages[].content[].tool_use_id' names no call of an earlier message.");
      const { functionResponse, beside } = sayResult(block, name, model, rules);
      results.push({ functionResponse });
      rest.push(...beside);
    }
  }
  return [...results, ...rest];
}

/** Pictures and files stand within the result from Gemini 3 on, before it beside it. Source: ai.google.dev, function calling. */
function sayResult(
  block: Loose,
  name: unknown,
  model: string,
  rules: Set<string>,
): { functionResponse: Loose; beside: Loose[] } {
  const pieces = readBlocks(block.content, "messages[].content[].content", rules).flatMap(piecesOf);
  const text = pieces.flatMap((piece) => ("text" in piece ? [piece.text] : [])).join("\n");
  const shown = pieces.filter((piece) => !("text" in piece)).map(sayPart);
  const response = block.is_error === true ? { error: text } : { output: text };
  const isInside = isThird(model) && shown.length > 0;
  return {
    functionResponse: { name, response, ...(isInside ? { parts: shown } : {}) },
    beside: isInside ? [] : shown,
  };
}

function sayPart(piece: Piece): Loose {
  if ("text" in piece) return { text: piece.text };
  const source = "image" in piece ? piece.image : piece.file;
  if (source.type === "base64") return { inlineData: { mimeType: source.media_type, data: source.data } };
  if (source.type !== "url") throw unreachable(source);
  throw unsupported("messages[].content[].source.url", "Gemini takes the bytes themselves, as base64");
}
