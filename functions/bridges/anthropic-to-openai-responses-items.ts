import type { Loose } from "../dialects/openai-usage.ts";
import { type Piece, piecesOf, readBlocks, readMessages, unreachable } from "./anthropic-asks.ts";
import { unsupported } from "./fields.ts";
import { openSeal } from "./reasoning-seal.ts";

/** Every block of every message as the items that OpenAI makes of a conversation, in their order. */
export function readItems(value: unknown, rules: Set<string>): Loose[] {
  return readMessages(value, rules).flatMap(({ role, blocks }) => {
    if (role === "assistant") return blocks.flatMap((block) => readAnswered(block, rules));
    return readAsked(blocks, role === "system" ? "developer" : "user", rules);
  });
}

function readAnswered(block: Loose, rules: Set<string>): Loose[] {
  if (block.type === "text") {
    const content = [{ type: "output_text", text: block.text }];
    return block.text === "" ? [] : [{ type: "message", role: "assistant", content }];
  }
  if (block.type === "tool_use") {
    const said = JSON.stringify(block.input ?? {});
    return [{ type: "function_call", call_id: block.id, name: block.name, arguments: said }];
  }
  if (block.type === "thinking" || block.type === "redacted_thinking") {
    const sealed = openSeal(block.signature);
    if (!sealed) rules.add("left out: thinking that another model signed");
    if (!sealed) return [];
    const summary = block.thinking ? [{ type: "summary_text", text: block.thinking }] : [];
    return [{ type: "reasoning", id: sealed.id, summary, encrypted_content: sealed.content }];
  }
  throw unsupported(`messages[].content[].${String(block.type)}`);
}

/** What the person says stands in one message; each tool's result is an item of its own. */
function readAsked(blocks: readonly Loose[], role: string, rules: Set<string>): Loose[] {
  const items: Loose[] = [];
  let parts: Loose[] = [];
  const flush = () => {
    if (parts.length > 0) items.push({ type: "message", role, content: parts });
    parts = [];
  };
  for (const block of blocks) {
    if (block.type !== "tool_result") parts.push(...piecesOf(block).map(sayPart));
    else {
      flush();
      items.push({ type: "function_call_output", call_id: block.tool_use_id, output: outputOf(block, rules) });
    }
  }
  flush();
  return items;
}

/** OpenAI's results have no mark for an error, so the text says it. */
function outputOf({ content, is_error: isError }: Loose, rules: Set<string>): unknown {
  const mark = isError === true ? "[tool error] " : "";
  if (typeof content === "string" || content === undefined || content === null) return `${mark}${content ?? ""}`;
  const pieces = readBlocks(content, "messages[].content[].content", rules).flatMap(piecesOf);
  const texts = pieces.flatMap((piece) => ("text" in piece ? [piece.text] : []));
  if (texts.length === pieces.length) return `${mark}${texts.join("\n")}`;
  return [...(mark === "" ? [] : [{ type: "input_text", text: mark.trim() }]), ...pieces.map(sayPart)];
}

function sayPart(piece: Piece): Loose {
  if ("text" in piece) return { type: "input_text", text: piece.text };
  if ("image" in piece) return { type: "input_image", image_url: addressOf(piece.image), detail: "auto" };
  const { file, name } = piece;
  if (file.type === "url") return { type: "input_file", file_url: file.url };
  return { type: "input_file", filename: name, file_data: addressOf(file) };
}

function addressOf(source: Loose): unknown {
  if (source.type === "url") return source.url;
  if (source.type === "base64") return `data:${String(source.media_type)};base64,${String(source.data)}`;
  throw unreachable(source);
}
