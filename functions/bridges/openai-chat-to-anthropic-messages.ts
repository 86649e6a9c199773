import type { Loose } from "../dialects/openai-usage.ts";
import { inputOf, joinTurns, sourceOf, type Turn } from "./anthropic-words.ts";
import { compact, type FieldTable, listOf, looseOf, malformed, unsupported, weighFields } from "./fields.ts";

export interface Messages {
  readonly system: Loose[];
  readonly turns: Turn[];
  readonly rules: string[];
}

const table: FieldTable = {
  carried: ["role", "content", "tool_calls", "tool_call_id", "cache_control", "refusal", "thinking_blocks"],
  // What an answer of the model said beside its words and comes back with it.
  harmless: ["name", "annotations", "reasoning_content", "reasoning"],
  idle: { function_call: [], audio: [], tool_calls: [[]], images: [[]] },
};

/** A Chat conversation as Anthropic's: instructions apart, a tool's result as the person's turn, equal roles joined. */
export function readMessages(value: unknown): Messages {
  const messages = listOf(value, "messages");
  const system: Loose[] = [];
  const turns: Turn[] = [];
  const rules = new Set<string>();
  for (const message of messages) {
    for (const rule of weighFields(message, table, "messages[].")) rules.add(rule);
    if (message.role === "system" || message.role === "developer") {
      if (turns.length > 0) rules.add("instructions from within the conversation moved to its front");
      system.push(...readParts(message));
    } else turns.push(readTurn(message));
  }
  if (turns.length === 0) throw malformed("'messages' must hold more than instructions.");
  return { system, turns: joinTurns(turns), rules: [...rules] };
}

function readTurn(message: Loose): Turn {
  if (message.role === "user") return { role: "user", content: readParts(message) };
  if (message.role === "assistant") return { role: "assistant", content: readAssistant(message) };
  if (message.role === "tool") return { role: "user", content: [readResult(message)] };
  throw unsupported("messages[].role", `'${String(message.role)}' is none of system, developer, user, assistant, tool`);
}

function readAssistant(message: Loose): Loose[] {
  const refusal = typeof message.refusal === "string" ? [{ type: "text", text: message.refusal }] : [];
  const calls = listOf(message.tool_calls, "messages[].tool_calls").map((call) => {
    if (call.type !== undefined && call.type !== "function") throw unsupported("messages[].tool_calls[].type");
    const { name, arguments: said } = looseOf(call.function);
    const input = inputOf(said, "messages[].tool_calls[].function.arguments");
    return compact({ type: "tool_use", id: call.id, name, input, cache_control: call.cache_control });
  });
  return [
    ...listOf(message.thinking_blocks, "messages[].thinking_blocks"),
    ...(message.content === null || message.content === undefined ? [] : readParts(message)),
    ...refusal,
    ...calls,
  ];
}

/** The marker of a message is its last block's; of a tool's message, the result's. */
function readResult(message: Loose): Loose {
  const { cache_control, ...rest } = message;
  const content = typeof rest.content === "string" ? rest.content : readParts(rest);
  return compact({ type: "tool_result", tool_use_id: message.tool_call_id, content, cache_control });
}

/** Empty text is left out, since Anthropic refuses it. */
function readParts(message: Loose): Loose[] {
  const { content, cache_control } = message;
  const parts = typeof content === "string" ? [{ type: "text", text: content }] : listOf(content, "messages[].content");
  const blocks = parts.map(readPart).filter((block) => block.type !== "text" || block.text !== "");
  const last = blocks.at(-1);
  if (last && cache_control && last.cache_control === undefined) last.cache_control = cache_control;
  return blocks;
}

function readPart(part: Loose): Loose {
  const marker = part.cache_control;
  if (part.type === "text") return compact({ type: "text", text: part.text, cache_control: marker });
  if (part.type === "refusal") return compact({ type: "text", text: part.refusal, cache_control: marker });
  if (part.type === "image_url") {
    const source = sourceOf(looseOf(part.image_url).url, "messages[].content[].image_url.url");
    return compact({ type: "image", source, cache_control: marker });
  }
  if (part.type === "file") {
    const { file_data, filename, file_id } = looseOf(part.file);
    if (file_id) throw unsupported("messages[].content[].file.file_id", "the file lies with OpenAI");
    const source = sourceOf(file_data, "messages[].content[].file.file_data");
    return compact({ type: "document", source, title: filename, cache_control: marker });
  }
  throw unsupported(`messages[].content[].${String(part.type)}`);
}
