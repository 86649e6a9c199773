import type { Loose } from "../../dialects/openai/usage.ts";
import * as asks from "./anthropic-asks.ts";
import { sayOutput, sayPart } from "./openai-responses-words.ts";
import { unsupported } from "./fields.ts";
import { openSeal } from "./reasoning-seal.ts";

/** Every block of every message as the items that OpenAI makes of a conversation, in their order. */
export function readItems(value: unknown, reading: asks.Reading): Loose[] {
  return asks.readMessages(value, reading).flatMap(({ role, blocks }) => {
    if (role === "assistant") return blocks.flatMap((block) => readAnswered(block, reading));
    return readAsked(blocks, role === "system" ? "developer" : "user", reading);
  });
}

function readAnswered(block: Loose, reading: asks.Reading): Loose[] {
  asks.dropMarker(block, reading);
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
    if (!sealed) reading.rules.add("left out: thinking that another model signed");
    if (!sealed) return [];
    const summary = block.thinking ? [{ type: "summary_text", text: block.thinking }] : [];
    return [{ type: "reasoning", id: sealed.id, summary, encrypted_content: sealed.content }];
  }
  throw unsupported(`messages[].content[].${String(block.type)}`);
}

/** What the person says stands in one message; each tool's result is an item of its own. */
function readAsked(blocks: readonly Loose[], role: string, reading: asks.Reading): Loose[] {
  const items: Loose[] = [];
  let parts: Loose[] = [];
  const flush = () => {
    if (parts.length > 0) items.push({ type: "message", role, content: parts });
    parts = [];
  };
  for (const block of blocks) {
    if (block.type !== "tool_result") parts.push(...asks.piecesOf(block, reading).map(sayPart));
    else {
      flush();
      items.push({ type: "function_call_output", call_id: block.tool_use_id, output: outputOf(block, reading) });
    }
  }
  flush();
  return items;
}

/** OpenAI's results have no mark for an error, so the text says it. The result's cache marker is its last part's. */
function outputOf(block: Loose, reading: asks.Reading): unknown {
  const { content, is_error: isError, cache_control: marker } = block;
  const given = asks.readBlocks(content ?? "", "messages[].content[].content", reading);
  const last = given.at(-1);
  const blocks = last && marker ? [...given.slice(0, -1), { cache_control: marker, ...last }] : given;
  const pieces = blocks.flatMap((each) => asks.piecesOf(each, reading));
  return sayOutput(isError === true ? [{ text: "[tool error]" }, ...pieces] : pieces);
}
