import type { Loose } from "../dialects/openai-usage.ts";
import { type FieldTable, listOf, looseOf, unsupported, weighFields } from "./fields.ts";

/** What Anthropic's Messages ask for, read once for every model that is not Claude. Source: docs.anthropic.com/en/api/messages. */
export const asksTable: FieldTable = {
  carried: [
    ...["model", "messages", "system", "stream", "max_tokens", "temperature", "top_p", "tools", "tool_choice"],
    ...["thinking", "output_config", "output_format"],
  ],
  // Others cache by themselves, and whose conversation it is concerns nobody but the relay.
  harmless: ["metadata", "cache_control", "context_management", "safeguards", "speed", "diagnostics"],
  idle: { mcp_servers: [[]] },
};

const noMarkers = "left out: cache_control, since the provider caches by itself";

/**
 * The system prompt as text. Claude Code's billing line is left out: it changes with every prompt, so that nothing behind it
 * could be cached.
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

export interface Asked {
  readonly role: "user" | "assistant" | "system";
  readonly blocks: Loose[];
}

export function readMessages(value: unknown, rules: Set<string>): Asked[] {
  return listOf(value, "messages").map((message) => {
    for (const rule of weighFields(message, messageTable, "messages[].")) rules.add(rule);
    const { role, content } = message;
    if (role !== "user" && role !== "assistant" && role !== "system") throw unsupported("messages[].role");
    return { role, blocks: readBlocks(content, "messages[].content", rules) };
  });
}

/** A text, or a list of blocks, as blocks. */
export function readBlocks(content: unknown, field: string, rules: Set<string>): Loose[] {
  if (typeof content === "string") return [{ type: "text", text: content }];
  const blocks = listOf(content, field);
  if (blocks.some((block) => block.cache_control)) rules.add(noMarkers);
  return blocks;
}

/** What a block of the person's or of a tool's result comes to: text, or bytes and where they come from. */
export type Piece =
  { readonly text: string } | { readonly image: Loose } | { readonly file: Loose; readonly name: string };

/** Empty text comes to nothing. Throws `request.unsupported` for what is known at Anthropic only. */
export function piecesOf(block: Loose): Piece[] {
  if (block.type === "text") return block.text === "" ? [] : [{ text: String(block.text) }];
  if (block.type === "image") return [{ image: looseOf(block.source) }];
  if (block.type === "document") return readDocument(block);
  if (block.type === "search_result") {
    const texts = listOf(block.content, "messages[].content[].content").map(({ text }) => String(text));
    return [{ text: [block.title, block.source, ...texts].join("\n") }];
  }
  if (block.type === "tool_reference") return [{ text: `The tool ${String(block.tool_name)} is available.` }];
  throw unsupported(`messages[].content[].${String(block.type)}`);
}

function readDocument({ source: given, title, context }: Loose): Piece[] {
  const source = looseOf(given);
  const words = typeof context === "string" ? [{ text: context }] : [];
  const name = typeof title === "string" && title !== "" ? title : "document.pdf";
  if (source.type === "text") return [...words, { text: `${name}\n${String(source.data)}` }];
  if (source.type !== "content") return [...words, { file: source, name }];
  const { content } = source;
  const blocks = typeof content === "string" ? [{ type: "text", text: content }] : listOf(content, "source.content");
  return [...words, ...blocks.flatMap(piecesOf)];
}

/** Bytes that lie with Anthropic, or of a kind that nobody knows. */
export function unreachable(source: Loose): Error {
  return unsupported(`messages[].content[].source.${String(source.type)}`, "the file lies with Anthropic");
}

const toolTable: FieldTable = {
  carried: ["type", "name", "description", "input_schema", "strict"],
  harmless: ["cache_control", "eager_input_streaming", "defer_loading", "input_examples"],
  idle: { allowed_callers: [["direct"]] },
};

/** The client's own tools. Throws `request.unsupported` for Anthropic's. */
export function readTools(value: unknown, rules: Set<string>): Loose[] {
  return listOf(value, "tools").map((tool) => {
    if (tool.type !== undefined && tool.type !== null && tool.type !== "custom") {
      throw unsupported("tools[].type", `'${String(tool.type)}' is a tool of Anthropic's own`);
    }
    for (const rule of weighFields(tool, toolTable, "tools[].")) rules.add(rule);
    return tool;
  });
}

export interface Mind {
  readonly isThinking: boolean;
  /** Whether the client shows thoughts. */
  readonly isShown: boolean;
  /** As said, or as the budget tells. */
  readonly effort: string | undefined;
  readonly budget: number | undefined;
  /** The schema that the answer must follow. */
  readonly schema: unknown;
}

const outputTable: FieldTable = { carried: ["effort", "format"], harmless: ["task_budget"], idle: {} };

/** How hard the model is to think, and the form of what it says. */
export function readMind(body: Loose, rules: Set<string>): Mind {
  const { type, budget_tokens: given, display } = looseOf(body.thinking);
  const output = looseOf(body.output_config);
  for (const rule of weighFields(output, outputTable, "output_config.")) rules.add(rule);
  const format = looseOf(output.format ?? body.output_format);
  if (format.type !== undefined && format.type !== "json_schema") throw unsupported("output_config.format");
  const isThinking = type === "enabled" || type === "adaptive";
  const budget = type === "enabled" && typeof given === "number" ? given : undefined;
  const effort = typeof output.effort === "string" ? output.effort : undefined;
  return {
    isThinking,
    isShown: isThinking && display !== "omitted",
    effort: effort ?? (budget === undefined ? undefined : effortOf(budget)),
    budget,
    schema: format.schema,
  };
}

function effortOf(budget: number): string {
  if (budget < 4_096) return "low";
  return budget < 16_384 ? "medium" : "high";
}
