import type { Call } from "../../dialects/dialect.ts";
import type {
  CacheMark,
  Conversation,
  MediaPart,
  Part,
  ResultPart,
  TextPart,
  Thinking,
  ThinkingPart,
  Tool,
  ToolChoice,
  Turn,
} from "../conversation.ts";
import { type FieldTable, listOf, malformed, type Reading } from "../fields.ts";
import { compact, isObject, type JsonObject, numberOf, objectOf, objectsOf, textOf } from "../../../wire/json.ts";
import { unpackSeal } from "../seal.ts";

/**
 * A request to POST /v1/messages or /v1/messages/count_tokens as a conversation. Source: docs.anthropic.com/en/api/messages.
 * Fields of Anthropic's own services (metadata, context_management, diagnostics, tags, safeguards …) go to no other vendor.
 */
export function readAnthropicRequest(body: JsonObject, call: Call, reading: Reading): Conversation {
  reading.weigh(body, table);
  const turns = readTurns(body.messages, reading);
  reading.isPast = false;
  const system =
    typeof body.system === "string" ? [{ type: "text", text: body.system }] : listOf(body.system, "system");
  const output = objectOf(body.output_config);
  reading.weigh(output, outputTable, "output_config.");
  return {
    model: call.model ?? "",
    system: system.flatMap((block) => readSystem(block, reading)),
    turns,
    tools: listOf(body.tools, "tools").flatMap((tool) => readTool(tool, reading)),
    ...readChoice(body.tool_choice, reading),
    sampling: { temperature: numberOf(body.temperature), topP: numberOf(body.top_p), topK: numberOf(body.top_k) },
    thinking: readThinking(objectOf(body.thinking), textOf(output.effort), reading),
    format: readFormat(output.format ?? body.output_format, reading),
    verbosity: undefined,
    stops: Array.isArray(body.stop_sequences) ? body.stop_sequences.map(String) : [],
    maxTokens: numberOf(body.max_tokens),
    cache: {
      key: call.session,
      isAutomatic: isObject(body.cache_control),
      isLong: isLong(body.cache_control),
      fields: compact({ cache_control: body.cache_control }),
    },
    serviceTier: body.service_tier === "standard_only" ? "default" : undefined,
    identity: { session: call.session, user: undefined },
    isStream: call.isStream,
  };
}

const table: FieldTable = {
  carried: [
    ...["model", "messages", "system", "max_tokens", "stream", "stop_sequences", "temperature", "top_p", "top_k"],
    ...["tools", "tool_choice", "thinking", "output_config", "output_format", "service_tier", "cache_control"],
    // The answer says that they were not checked.
    "safeguards",
  ],
  harmless: [
    ...["metadata", "context_management", "diagnostics", "tags", "speed", "inference_geo", "user_profile_id"],
    ...["workspace_id", "anthropic_beta", "fallbacks"],
  ],
  idle: { mcp_servers: [[]], container: [] },
};
const outputTable: FieldTable = { carried: ["effort", "format"], harmless: ["task_budget"] };

/** Claude Code's first line, for Anthropic's books: its hash changes with each prompt and would break another vendor's cache. */
const billingLine = /^x-anthropic-billing-header:/;

function readSystem(block: JsonObject, reading: Reading): TextPart[] {
  const text = textOf(block.text) ?? "";
  if (billingLine.test(text)) {
    reading.leaveOut("system[] billing line", "which is meant for Anthropic");
    return [];
  }
  reading.weigh(block, blockTables.text, "system[].");
  return text === "" ? [] : [{ kind: "text", text, cache: markOf(block) }];
}

function readTurns(value: unknown, reading: Reading): Turn[] {
  const messages = listOf(value, "messages");
  if (messages.length === 0) throw malformed("messages: at least one message is required");
  const last = messages.findLastIndex(({ role }) => role === "assistant");
  return messages.map((message, index) => {
    reading.isPast = index <= last;
    reading.weigh(message, messageTable, "messages[].");
    const { role } = message;
    if (role !== "user" && role !== "assistant" && role !== "system") {
      throw malformed(`messages[].role: '${String(role)}' is none of user, assistant, system`);
    }
    return {
      role,
      parts: blocksOf(message.content, "messages[].content").flatMap((block) => readBlock(block, reading)),
    };
  });
}

const messageTable: FieldTable = { carried: ["role", "content"], harmless: ["output_config", "id"] };

const blocksOf = (content: unknown, field: string): JsonObject[] =>
  typeof content === "string" ? [{ type: "text", text: content }] : listOf(content, field);

const common = ["type", "cache_control"];
const blockTable = (carried: readonly string[], harmless: readonly string[] = []): FieldTable => ({
  carried: [...common, ...carried],
  harmless,
  idle: { citations: [{ enabled: false }, []], caller: [{ type: "direct" }] },
});
const blockTables = {
  text: blockTable(["text"], ["citations"]),
  image: blockTable(["source"], ["transformations"]),
  document: blockTable(["source", "title", "context"]),
  search_result: blockTable(["source", "title", "content"]),
  tool_reference: blockTable(["tool_name"]),
  thinking: blockTable(["thinking", "signature"]),
  redacted_thinking: blockTable(["data"]),
  tool_use: blockTable(["id", "name", "input", "extra_content"], ["caller", "toolset_name"]),
  tool_result: blockTable(["tool_use_id", "content", "is_error"], ["toolset_name"]),
} as const satisfies Record<string, FieldTable>;

function readBlock(block: JsonObject, reading: Reading): Part[] {
  const { type } = block;
  if (!/^(thinking|redacted_thinking|tool_use|tool_result)$/.test(String(type))) return readContent(block, reading);
  weighBlock(block, reading);
  if (type === "tool_use") return [readCall(block)];
  return type === "tool_result" ? [readResult(block, reading)] : readThought(block);
}

function weighBlock(block: JsonObject, reading: Reading): void {
  const known = Object.entries(blockTables).find(([name]) => name === block.type)?.[1];
  if (known) reading.weigh(block, known, "messages[].content[].");
}

/** Marks within what is said as one text have no place. */
const searchTable: FieldTable = { carried: ["type", "text"], harmless: ["cache_control", "citations"] };

/** What a person or a tool says: text, images, documents. */
function readContent(block: JsonObject, reading: Reading): (TextPart | MediaPart)[] {
  weighBlock(block, reading);
  const parts = contentOf(block, reading);
  const cache = markOf(block);
  return cache ? parts.map((part, index) => (index === parts.length - 1 ? { ...part, cache } : part)) : parts;
}

function contentOf(block: JsonObject, reading: Reading): (TextPart | MediaPart)[] {
  if (block.type === "text") return sayText(block.text);
  if (block.type === "image") return readMedia("image", block, reading);
  if (block.type === "document") return readDocument(block, reading);
  if (block.type === "tool_reference") return sayText(`The tool ${String(block.tool_name)} is available.`);
  if (block.type === "search_result") {
    const inner = objectsOf(block.content);
    for (const each of inner) reading.weigh(each, searchTable, "search_result.content[].");
    const found = inner.map(({ text }) => String(text ?? ""));
    return sayText([block.title, block.source, ...found].filter(Boolean).join("\n"));
  }
  // Searches and programs that ran at Anthropic: other models have neither the tool nor its sealed results.
  if (/^(server_tool_use|mcp_tool_use|compaction|fallback|.*_tool_result|container_upload)$/.test(String(block.type))) {
    const text = objectsOf(block.content)
      .map((inner) => textOf(inner.text))
      .filter(Boolean)
      .join("\n");
    const summary = textOf(block.content) ?? text;
    reading.leaveOut(`messages[].content[].${String(block.type)}`, "which only Anthropic can read");
    return block.type === "compaction" ? sayText(summary) : [];
  }
  reading.refuse(`messages[].content[].${String(block.type)}`);
  return [];
}

const sayText = (text: unknown): TextPart[] =>
  typeof text === "string" && text !== "" ? [{ kind: "text", text }] : [];

function readMedia(kind: "image" | "document", block: JsonObject, reading: Reading): (TextPart | MediaPart)[] {
  const { type, media_type: mediaType, data, url } = objectOf(block.source);
  const name = textOf(block.title);
  if (type === "base64") {
    return [{ kind, name, source: { kind: "base64", mediaType: String(mediaType ?? ""), data: String(data ?? "") } }];
  }
  if (type === "url") return [{ kind, name, source: { kind: "url", url: String(url) } }];
  reading.refuse(`messages[].content[].source.${String(type)}`, "the file lies with Anthropic");
  return sayText(`[${name ?? kind}: not available]`);
}

function readDocument(block: JsonObject, reading: Reading): (TextPart | MediaPart)[] {
  const source = objectOf(block.source);
  const context = sayText(block.context);
  if (source.type === "text") {
    return [...context, ...sayText([block.title, source.data].filter(Boolean).join("\n"))];
  }
  if (source.type !== "content") return [...context, ...readMedia("document", block, reading)];
  const inner = blocksOf(source.content, "messages[].content[].source.content");
  return [...context, ...sayText(block.title), ...inner.flatMap((each) => readContent(each, reading))];
}

/** A seal of another provider stands where Anthropic's own signature would. */
function readThought({ type, thinking, signature, data }: JsonObject): ThinkingPart[] {
  const isRedacted = type === "redacted_thinking";
  const value = textOf(isRedacted ? data : signature) ?? "";
  const text = textOf(thinking) ?? "";
  const foreign = unpackSeal(value);
  if (foreign) return [{ ...foreign, text: text || foreign.text }];
  return [{ kind: "thinking", text, seal: value === "" ? undefined : { maker: "anthropic", value, isRedacted } }];
}

function readCall(block: JsonObject): Part {
  const signature = textOf(objectOf(objectOf(block.extra_content).google).thought_signature);
  return {
    kind: "call",
    id: String(block.id ?? ""),
    name: String(block.name ?? ""),
    input: isObject(block.input) ? block.input : block.input === undefined ? {} : { value: block.input },
    cache: markOf(block),
    seal: signature === undefined ? undefined : { maker: "gemini", value: signature },
  };
}

function readResult(block: JsonObject, reading: Reading): ResultPart {
  const blocks = blocksOf(block.content, "messages[].content[].content");
  return {
    kind: "result",
    id: String(block.tool_use_id ?? ""),
    isError: block.is_error === true,
    parts: blocks.flatMap((inner) => readContent(inner, reading)),
    cache: markOf(block),
  };
}

const isLong = (mark: unknown): boolean => objectOf(mark).ttl === "1h";
const markOf = ({ cache_control: mark }: JsonObject): CacheMark | undefined =>
  isObject(mark) ? { isLong: isLong(mark) } : undefined;

const toolTable: FieldTable = {
  carried: ["type", "name", "description", "input_schema", "strict", "cache_control"],
  harmless: ["eager_input_streaming", "defer_loading", "input_examples"],
  idle: { allowed_callers: [["direct"]] },
};

/** The client's own tools. Throws `request.unsupported` for Anthropic's, but for those that the client runs itself. */
function readTool(tool: JsonObject, reading: Reading): Tool[] {
  const type = textOf(tool.type) ?? "custom";
  if (type !== "custom") {
    reading.refuse("tools[].type", `'${type}' is a tool of Anthropic's own`);
    return [];
  }
  reading.weigh(tool, toolTable, "tools[].");
  return [
    {
      name: String(tool.name ?? ""),
      description: textOf(tool.description),
      schema: isObject(tool.input_schema) ? tool.input_schema : undefined,
      isStrict: typeof tool.strict === "boolean" ? tool.strict : undefined,
      cache: markOf(tool),
    },
  ];
}

const choiceTable: FieldTable = { carried: ["type", "name", "disable_parallel_tool_use"] };

function readChoice(value: unknown, reading: Reading): Pick<Conversation, "toolChoice" | "isParallel"> {
  if (!isObject(value)) return { toolChoice: undefined, isParallel: undefined };
  reading.weigh(value, choiceTable, "tool_choice.");
  const isParallel =
    typeof value.disable_parallel_tool_use === "boolean" ? !value.disable_parallel_tool_use : undefined;
  const { type } = value;
  if (type === "tool") return { toolChoice: { mode: "tool", name: String(value.name) }, isParallel };
  if (type === "auto" || type === "any" || type === "none")
    return { toolChoice: { mode: type } as ToolChoice, isParallel };
  throw malformed(`tool_choice.type: '${String(type)}' is none of auto, any, tool, none`);
}

const thinkingTable: FieldTable = { carried: ["type", "budget_tokens", "display"] };

/** Claude thinks only where it is asked to: no word of it means off. */
function readThinking(thinking: JsonObject, effort: string | undefined, reading: Reading): Thinking {
  reading.weigh(thinking, thinkingTable, "thinking.");
  const isOn = thinking.type === "enabled" || thinking.type === "adaptive";
  return {
    mode: isOn ? "on" : effort === undefined ? "off" : undefined,
    effort,
    budget: thinking.type === "enabled" ? numberOf(thinking.budget_tokens) : undefined,
    isShown: isOn && thinking.display !== "omitted",
  };
}

const formatTable: FieldTable = { carried: ["type", "schema"] };

function readFormat(value: unknown, reading: Reading): Conversation["format"] {
  if (!isObject(value)) return undefined;
  reading.weigh(value, formatTable, "output_config.format.");
  if (value.type !== "json_schema" || !isObject(value.schema)) throw malformed("output_config.format: schema required");
  return { schema: value.schema, name: undefined, isStrict: true };
}
