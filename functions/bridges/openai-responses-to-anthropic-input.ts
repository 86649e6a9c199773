import type { Loose } from "../dialects/openai-usage.ts";
import { inputOf, joinTurns, sourceOf, type Turn } from "./anthropic-words.ts";
import { listOf, malformed, unsupported } from "./fields.ts";
import { nameIn } from "./openai-responses-tools.ts";
import { openThinking } from "./reasoning-seal.ts";

export interface Input {
  readonly system: Loose[];
  readonly turns: Turn[];
}

/** A conversation of items as Anthropic's: instructions apart, a tool's result as the person's turn, equal roles joined. */
export function readInput(body: Loose, rules: string[]): Input {
  const items = typeof body.input === "string" ? [{ role: "user", content: body.input }] : listOf(body.input, "input");
  const system = readParts(body.instructions);
  const turns: Turn[] = [];
  for (const item of items) {
    if (item.role === "system" || item.role === "developer") {
      if (turns.length > 0) rules.push("instructions from within the conversation moved to its front");
      system.push(...readParts(item.content));
    } else turns.push(...readItem(item, rules));
  }
  const joined = joinTurns(turns);
  if (joined.length === 0) throw malformed("'input' must hold more than instructions.");
  return { system, turns: joined };
}

type Reader = (item: Loose, rules: string[]) => Turn[];

const called = (item: Loose, input: Loose): Turn[] => [
  {
    role: "assistant",
    content: [{ type: "tool_use", id: item.call_id, name: nameIn(item.namespace, item.name), input }],
  },
];

const readers: Readonly<Record<string, Reader>> = {
  message({ role, content }) {
    if (role === "user" || role === "assistant") return [{ role, content: readParts(content) }];
    throw unsupported("input[].role", `'${String(role)}' is none of system, developer, user, assistant`);
  },
  function_call: (item) => called(item, inputOf(item.arguments, "input[].arguments")),
  custom_tool_call: (item) => called(item, { input: item.input }),
  function_call_output: readResult,
  custom_tool_call_output: readResult,
  reasoning(item, rules) {
    const thinking = openThinking(item.encrypted_content);
    if (!thinking) rules.push("left out: reasoning that another model encrypted");
    return thinking ? [{ role: "assistant", content: [thinking] }] : [];
  },
  web_search_call(_item, rules) {
    rules.push("left out: web_search_call, which ran at OpenAI");
    return [];
  },
};

function readItem(item: Loose, rules: string[]): Turn[] {
  const type = String(item.type ?? "message");
  if (type === "item_reference") throw unsupported("input[].item_reference", "nothing is stored for this model");
  const read = readers[type];
  if (!read) throw unsupported(`input[].${type}`);
  return read(item, rules);
}

function readResult({ call_id, output }: Loose): Turn[] {
  const content = typeof output === "string" ? output : readParts(output);
  return [{ role: "user", content: [{ type: "tool_result", tool_use_id: call_id, content }] }];
}

/** Empty text is left out, since Anthropic refuses it. */
function readParts(content: unknown): Loose[] {
  const parts = typeof content === "string" ? [{ type: "text", text: content }] : listOf(content, "input[].content");
  return parts.map(readPart).filter((block) => block.type !== "text" || block.text !== "");
}

const texts = ["text", "input_text", "output_text", "summary_text"];

function readPart(part: Loose): Loose {
  const type = String(part.type);
  if (texts.includes(type)) return { type: "text", text: part.text };
  if (type === "refusal") return { type: "text", text: part.refusal };
  if (part.file_id) throw unsupported("input[].content[].file_id", "the file lies with OpenAI");
  if (type === "input_image") {
    return { type: "image", source: sourceOf(part.image_url, "input[].content[].image_url") };
  }
  if (type !== "input_file") throw unsupported(`input[].content[].${type}`);
  const source = sourceOf(part.file_url ?? part.file_data, "input[].content[].file_data");
  return { type: "document", source, ...(part.filename ? { title: part.filename } : {}) };
}
