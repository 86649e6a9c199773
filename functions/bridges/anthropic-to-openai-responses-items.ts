import type { Loose } from "../dialects/openai-usage.ts";
import { type FieldTable, listOf, looseOf, unsupported, weighFields } from "./fields.ts";
import { openSeal } from "./reasoning-seal.ts";

const noMarkers = "left out: cache_control, since OpenAI caches by itself";

/**
 * The system prompt as instructions. Claude Code's billing line is left out: it changes with every prompt, so that nothing
 * behind it could be cached.
 */
export function readSystem(value: unknown, rules: Set<string>): string | undefined {
  if (value === undefined || value === null || value === "") return undefined;
  const blocks = typeof value === "string" ? [{ type: "text", text: value }] : listOf(value, "system");
  const texts = blocks.map((block) => {
    if (block.type !== "text") throw unsupported(`system[].${String(block.type)}`);
    if (block.cache_control) rules.add(noMarkers);
    return String(block.text);
  });
  const kept = texts.filter((text) => !text.startsWith("x-anthropic-billing-header:"));
  if (kept.length < texts.length) rules.add("left out: the billing line of the system prompt");
  return kept.length === 0 ? undefined : kept.join("\n\n");
}

const messageTable: FieldTable = { carried: ["role", "content"], harmless: ["output_config", "id"], idle: {} };

/** Every block of every message as the items that OpenAI makes of a conversation, in their order. */
export function readItems(value: unknown, rules: Set<string>): Loose[] {
  return listOf(value, "messages").flatMap((message) => {
    for (const rule of weighFields(message, messageTable, "messages[].")) rules.add(rule);
    const { role, content } = message;
    const blocks =
      typeof content === "string" ? [{ type: "text", text: content }] : listOf(content, "messages[].content");
    if (blocks.some((block) => block.cache_control)) rules.add(noMarkers);
    if (role === "assistant") return blocks.flatMap((block) => readAnswered(block, rules));
    if (role === "user" || role === "system") return readAsked(blocks, role === "system" ? "developer" : "user", rules);
    throw unsupported("messages[].role");
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
    if (block.type !== "tool_result") parts.push(...readPart(block));
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
  const blocks = listOf(content, "messages[].content[].content");
  if (blocks.some((block) => block.cache_control)) rules.add(noMarkers);
  const parts = blocks.flatMap(readPart);
  if (parts.every(({ type }) => type === "input_text")) return `${mark}${parts.map(({ text }) => text).join("\n")}`;
  return mark === "" ? parts : [{ type: "input_text", text: mark.trim() }, ...parts];
}

function readPart(block: Loose): Loose[] {
  if (block.type === "text") return block.text === "" ? [] : [{ type: "input_text", text: block.text }];
  if (block.type === "image") {
    return [{ type: "input_image", image_url: addressOf(looseOf(block.source)), detail: "auto" }];
  }
  if (block.type === "document") return readDocument(block);
  if (block.type === "search_result") {
    const texts = listOf(block.content, "messages[].content[].content").map(({ text }) => String(text));
    return [{ type: "input_text", text: [block.title, block.source, ...texts].join("\n") }];
  }
  if (block.type === "tool_reference") {
    return [{ type: "input_text", text: `The tool ${String(block.tool_name)} is available.` }];
  }
  throw unsupported(`messages[].content[].${String(block.type)}`);
}

function readDocument({ source: given, title, context }: Loose): Loose[] {
  const source = looseOf(given);
  const words = typeof context === "string" ? [{ type: "input_text", text: context }] : [];
  const named = typeof title === "string" && title !== "" ? title : "document.pdf";
  if (source.type === "text") return [...words, { type: "input_text", text: `${named}\n${String(source.data)}` }];
  if (source.type === "content") {
    const { content } = source;
    const blocks = typeof content === "string" ? [{ type: "text", text: content }] : listOf(content, "source.content");
    return [...words, ...blocks.flatMap(readPart)];
  }
  if (source.type === "url") return [...words, { type: "input_file", file_url: source.url }];
  return [...words, { type: "input_file", filename: named, file_data: addressOf(source) }];
}

function addressOf(source: Loose): unknown {
  if (source.type === "url") return source.url;
  if (source.type === "base64") return `data:${String(source.media_type)};base64,${String(source.data)}`;
  throw unsupported(`messages[].content[].source.${String(source.type)}`, "the file lies with Anthropic");
}
