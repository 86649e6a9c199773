import type { Loose } from "../../dialects/openai/usage.ts";
import { type FieldTable, listOf, looseOf, unsupported, weigh } from "./fields.ts";

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

/** How one request is read. */
export interface Reading {
  readonly rules: Set<string>;
  /** What becomes of a block's cache marker where the other language may have one; undefined: it has none. */
  readonly mark?: ((marker: Loose) => Loose) | undefined;
}

/** Notes a marker that stands where the other language has none. */
export function dropMarker({ cache_control: marker }: Loose, { rules }: Reading): void {
  if (marker) rules.add("left out: cache_control, since the provider caches by itself");
}

function readMarker(block: Loose, reading: Reading): Loose | undefined {
  if (block.cache_control && reading.mark) return reading.mark(looseOf(block.cache_control));
  dropMarker(block, reading);
  return undefined;
}

export interface Text {
  readonly text: string;
  readonly marker: Loose | undefined;
}

/**
 * The system prompt, block by block. Claude Code's billing line is left out: it changes with every prompt, so that nothing
 * behind it could be cached.
 */
export function readSystem(value: unknown, reading: Reading): Text[] {
  if (value === undefined || value === null || value === "") return [];
  const blocks = typeof value === "string" ? [{ type: "text", text: value }] : listOf(value, "system");
  const texts = blocks.map((block) => {
    if (block.type !== "text") throw unsupported(`system[].${String(block.type)}`);
    weigh(block, blockTables.text ?? asksTable, "system[].", reading.rules);
    return { text: String(block.text), marker: readMarker(block, reading) };
  });
  const kept = texts.filter(({ text }) => !text.startsWith("x-anthropic-billing-header:"));
  if (kept.length < texts.length) reading.rules.add("left out: the billing line of the system prompt");
  return kept;
}

const messageTable: FieldTable = { carried: ["role", "content"], harmless: ["output_config", "id"] };
const common = ["type", "cache_control"];
const quoting = { citations: [{}, { enabled: false }] };
const blockTables: Readonly<Record<string, FieldTable>> = {
  text: { carried: [...common, "text"], harmless: ["citations"] },
  image: { carried: [...common, "source"], harmless: ["transformations"] },
  document: { carried: [...common, "source", "title", "context"], idle: quoting },
  search_result: { carried: [...common, "content", "source", "title"], idle: quoting },
  tool_result: { carried: [...common, "tool_use_id", "content", "is_error"], harmless: ["toolset_name"] },
  tool_use: { carried: [...common, "id", "name", "input", "extra_content"], harmless: ["caller", "toolset_name"] },
};

export interface Asked {
  readonly role: "user" | "assistant" | "system";
  readonly blocks: Loose[];
}

export function readMessages(value: unknown, reading: Reading): Asked[] {
  return listOf(value, "messages").map((message) => {
    weigh(message, messageTable, "messages[].", reading.rules);
    const { role, content } = message;
    if (role !== "user" && role !== "assistant" && role !== "system") throw unsupported("messages[].role");
    return { role, blocks: readBlocks(content, "messages[].content", reading) };
  });
}

/** A text, or a list of blocks, as blocks. */
export function readBlocks(content: unknown, field: string, reading: Reading): Loose[] {
  if (typeof content === "string") return [{ type: "text", text: content }];
  const blocks = listOf(content, field);
  for (const block of blocks) {
    const table = blockTables[String(block.type)];
    if (table) weigh(block, table, `${field}[].`, reading.rules);
  }
  return blocks;
}

/** What a block of the person's or of a tool's result comes to: text, or bytes and where they come from. */
export type Piece = (
  { readonly text: string } | { readonly image: Loose } | { readonly file: Loose; readonly name: string }
) & {
  readonly marker?: Loose | undefined;
};

/** Empty text comes to nothing. The marker is the last piece's. Throws `request.unsupported` for what is known at Anthropic only. */
export function piecesOf(block: Loose, reading: Reading): Piece[] {
  const pieces = read(block, reading);
  const marker = readMarker(block, reading);
  return pieces.map((piece, index) => (marker && index === pieces.length - 1 ? { ...piece, marker } : piece));
}

function read(block: Loose, reading: Reading): Piece[] {
  if (block.type === "text") return block.text === "" ? [] : [{ text: String(block.text) }];
  if (block.type === "image") return [{ image: looseOf(block.source) }];
  if (block.type === "document") return readDocument(block, reading);
  if (block.type === "search_result") {
    const said = readBlocks(block.content, "messages[].content[].content", reading);
    for (const inner of said) dropMarker(inner, reading);
    return [{ text: [block.title, block.source, ...said.map(({ text }) => String(text))].join("\n") }];
  }
  if (block.type === "tool_reference") return [{ text: `The tool ${String(block.tool_name)} is available.` }];
  throw unsupported(`messages[].content[].${String(block.type)}`);
}

function readDocument({ source: given, title, context }: Loose, reading: Reading): Piece[] {
  const source = looseOf(given);
  const words = typeof context === "string" ? [{ text: context }] : [];
  const name = typeof title === "string" && title !== "" ? title : "document.pdf";
  if (source.type === "text") return [...words, { text: `${name}\n${String(source.data)}` }];
  if (source.type !== "content") return [...words, { file: source, name }];
  const blocks = readBlocks(source.content, "messages[].content[].source.content", reading);
  return [...words, ...blocks.flatMap((block) => piecesOf(block, reading))];
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
export function readTools(value: unknown, { rules }: Reading): Loose[] {
  return listOf(value, "tools").map((tool) => {
    if (tool.type !== undefined && tool.type !== null && tool.type !== "custom") {
      throw unsupported("tools[].type", `'${String(tool.type)}' is a tool of Anthropic's own`);
    }
    weigh(tool, toolTable, "tools[].", rules);
    return tool;
  });
}

export interface Choice {
  /** Of the one tool that must be called. */
  readonly name?: unknown;
  readonly mode?: "auto" | "any" | "none";
  readonly isAlone: boolean;
}

const choiceTable: FieldTable = { carried: ["type", "name", "disable_parallel_tool_use"] };

export function readChoice(value: unknown, { rules }: Reading): Choice | undefined {
  if (value === undefined || value === null) return undefined;
  const choice = looseOf(value);
  weigh(choice, choiceTable, "tool_choice.", rules);
  const { type, name, disable_parallel_tool_use: alone } = choice;
  const isAlone = alone === true;
  if (type === "tool") return { name, isAlone };
  if (type === "auto" || type === "any" || type === "none") return { mode: type, isAlone };
  throw unsupported("tool_choice");
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

const thinkingTable: FieldTable = { carried: ["type", "budget_tokens", "display"] };
const outputTable: FieldTable = { carried: ["effort", "format"], harmless: ["task_budget"] };
const formatTable: FieldTable = { carried: ["type", "schema"] };

/** How hard the model is to think, and the form of what it says. */
export function readMind(body: Loose, { rules }: Reading): Mind {
  const thinking = looseOf(body.thinking);
  weigh(thinking, thinkingTable, "thinking.", rules);
  const { type, budget_tokens: given, display } = thinking;
  const output = looseOf(body.output_config);
  weigh(output, outputTable, "output_config.", rules);
  const format = looseOf(output.format ?? body.output_format);
  weigh(format, formatTable, "output_config.format.", rules);
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

/** Notes that a budget is said as an effort, which is all that the other language has. */
export function noteEffort({ budget, effort }: Mind, { rules }: Reading): void {
  if (budget !== undefined) rules.add(`thinking.budget_tokens ${budget} → effort ${effort ?? ""}`);
}

function effortOf(budget: number): string {
  if (budget < 4_096) return "low";
  return budget < 16_384 ? "medium" : "high";
}
