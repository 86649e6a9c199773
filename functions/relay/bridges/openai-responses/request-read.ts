import type { Call } from "../../dialects/dialect.ts";
import type {
  CallPart,
  Conversation,
  Part,
  ResultPart,
  ThinkingPart,
  Tool,
  ToolChoice,
  Turn,
} from "../conversation.ts";
import { type FieldTable, listOf, type Reading, unsupported } from "../fields.ts";
import { compact, isObject, type JsonObject, numberOf, objectOf, objectsOf, textOf } from "../../../wire/json.ts";
import {
  inputOf,
  readCache,
  readCustom,
  readFormat,
  readIdentity,
  readParts,
  readTier,
} from "../openai/request-parts.ts";
import { unpackSeal } from "../seal.ts";
import { lookUp } from "../../../wire/maps.ts";

/**
 * A request to POST /v1/responses or /v1/responses/input_tokens as a conversation. Nothing is stored for another provider's
 * model: the conversation comes whole. Source: platform.openai.com/docs/api-reference/responses.
 */
export function readResponsesRequest(body: JsonObject, call: Call, reading: Reading): Conversation {
  weighAll(body, reading);
  const items = typeof body.input === "string" ? [{ role: "user", content: body.input }] : listOf(body.input, "input");
  const turns = readItems(items, reading);
  reading.isPast = false;
  const reasoning = objectOf(body.reasoning);
  const effort = textOf(reasoning.effort);
  const added = items.filter(({ type }) => type === "additional_tools").flatMap(({ tools }) => objectsOf(tools));
  return {
    model: call.model ?? "",
    system: readParts(body.instructions, "instructions", reading).flatMap((part) =>
      part.kind === "text" ? [part] : [],
    ),
    turns,
    tools: [...listOf(body.tools, "tools"), ...added].flatMap((tool) => readTool(tool, reading)),
    toolChoice: readChoice(body.tool_choice, reading),
    isParallel: typeof body.parallel_tool_calls === "boolean" ? body.parallel_tool_calls : undefined,
    sampling: { temperature: numberOf(body.temperature), topP: numberOf(body.top_p) },
    thinking: {
      mode: effort === undefined ? undefined : effort === "none" ? "off" : "on",
      effort,
      budget: undefined,
      isShown: Boolean(reasoning.summary ?? reasoning.generate_summary),
    },
    format: readFormat(objectOf(body.text).format, "text.format", reading),
    verbosity: textOf(objectOf(body.text).verbosity),
    stops: [],
    maxTokens: numberOf(body.max_output_tokens),
    cache: readCache(body, reading),
    serviceTier: readTier(body.service_tier),
    identity: readIdentity(body, call.session, reading),
    isStream: call.isStream,
  };
}

const table: FieldTable = {
  carried: [
    ...["model", "input", "instructions", "stream", "max_output_tokens", "temperature", "top_p", "tools"],
    ...["tool_choice", "parallel_tool_calls", "reasoning", "text", "include", "user", "safety_identifier"],
    ...["service_tier", "prompt_cache_key", "prompt_cache_retention", "prompt_cache_options"],
  ],
  // The official SDKs store by default, although their users seldom mean it.
  harmless: [
    "metadata",
    "client_metadata",
    "truncation",
    "stream_options",
    "store",
    "context_management",
    "moderation",
    "access_programs",
  ],
  idle: { background: [false], top_logprobs: [0] },
};
const tables: Readonly<Record<string, FieldTable>> = {
  reasoning: { carried: ["effort", "summary", "generate_summary"], harmless: ["context", "mode"] },
  text: { carried: ["format", "verbosity"] },
};
/** What is kept at OpenAI between requests. */
const kept = ["previous_response_id", "conversation", "prompt"];

function weighAll(body: JsonObject, reading: Reading): void {
  const stored = kept.find((field) => body[field] !== undefined && body[field] !== null);
  if (stored) {
    throw unsupported(stored, "nothing is stored for this model, so the whole conversation must be in 'input'");
  }
  reading.weigh(compact({ ...body, store: body.store === false ? undefined : body.store }), table);
  for (const [name, own] of Object.entries(tables)) reading.weigh(objectOf(body[name]), own, `${name}.`);
  const include = Array.isArray(body.include) ? (body.include as unknown[]).map(String) : [];
  if (include.includes("message.output_text.logprobs")) reading.refuse("include", "the model tells no probabilities");
  const strange = include.filter((name) => name !== "reasoning.encrypted_content");
  if (strange.length > 0) reading.leaveOut(`include ${strange.join(", ")}`);
}

/** Items made by the model lie in the past, and all that stands before them. */
const isModels = ({ type, role }: JsonObject): boolean =>
  role === "assistant" || (type !== undefined && type !== "message");

function readItems(items: readonly JsonObject[], reading: Reading): Turn[] {
  const last = items.findLastIndex(isModels);
  return items.flatMap((item, index) => {
    reading.isPast = index < last || (index === last && isModels(item));
    return readItem(item, index, reading);
  });
}

function readItem(item: JsonObject, index: number, reading: Reading): Turn[] {
  const type = String(item.type ?? (item.role === undefined ? "item_reference" : "message"));
  const kind = lookUp(kinds, type) ?? (type.endsWith("_call") || type.endsWith("_call_output") ? otherCall : strange);
  if (kind.table) reading.weigh(item, kind.table, "input[].");
  return kind.read(item, reading, index);
}

interface Kind {
  readonly table?: FieldTable;
  read(item: JsonObject, reading: Reading, index: number): Turn[];
}

/** What names an item where it is stored, and how far it had come. */
const bookkeeping = ["id", "status", "phase", "caller", "async", "created_by"];
const kind = (carried: readonly string[], read: Kind["read"], harmless: readonly string[] = []): Kind => ({
  table: { carried: ["type", ...carried], harmless: [...bookkeeping, ...harmless] },
  read,
});
const answered = (...parts: Part[]): Turn[] => [{ role: "assistant", parts }];
const gone = (what: string, why: string): Kind => ({
  read(_item, reading) {
    reading.leaveOut(`input[].${what}`, why);
    return [];
  },
});

const roles: Readonly<Record<string, Turn["role"]>> = {
  ...{ system: "system", developer: "system", user: "user", assistant: "assistant" },
};

function readMessage({ role, content }: JsonObject, reading: Reading): Turn[] {
  const known = lookUp(roles, role);
  if (known) return [{ role: known, parts: readParts(content, "input[].content", reading) }];
  throw unsupported("input[].role", `'${String(role)}' is none of system, developer, user, assistant`);
}

/** A tool of a namespace bears its name before its own: other languages have no namespaces. */
export const nameIn = (namespace: unknown, name: unknown): string =>
  typeof namespace === "string" && namespace !== "" ? `${namespace}__${String(name)}` : String(name);

function readCall(item: JsonObject, input: JsonObject): CallPart {
  return { kind: "call", id: String(item.call_id ?? item.id), name: nameIn(item.namespace, item.name), input };
}

const resultOf = (item: JsonObject, parts: ResultPart["parts"]): Turn[] => [
  { role: "user", parts: [{ kind: "result", id: String(item.call_id ?? item.id), isError: false, parts }] },
];

const result = kind(
  ["call_id", "output"],
  (item, reading) => resultOf(item, readParts(item.output, "input[].output", reading)),
  ["name", "namespace"],
);

/** Its words stand in what is encrypted, too; what is not sealed by another provider is OpenAI's own. */
function readReasoning(item: JsonObject): Turn[] {
  const value = textOf(item.encrypted_content);
  const words = [...objectsOf(item.summary), ...objectsOf(item.content)]
    .map(({ text }) => String(text ?? ""))
    .join("\n\n");
  const foreign = unpackSeal(value);
  if (foreign) return answered({ ...foreign, text: foreign.text || words });
  const seal: ThinkingPart["seal"] = value ? { maker: "openai", value, id: textOf(item.id) } : undefined;
  return answered({ kind: "thinking", text: words, seal });
}

/** Tools that are part of Codex or of OpenAI: said as a call of that name, so that the history stays true. */
const otherCall: Kind = {
  read(item, reading, index) {
    const { type, id, call_id, output, action, ...rest } = item;
    const name = String(type).replace(/_call(_output)?$/, "");
    const key = { call_id: call_id ?? id ?? `item_${index}` };
    reading.note(`input[].${String(type)} said as a call of the tool '${name}'`);
    const said =
      typeof output === "string" || Array.isArray(output) ? output : JSON.stringify(output ?? rest.tools ?? "");
    if (String(type).endsWith("_output")) return resultOf(key, textParts(said, reading));
    const { status: _status, execution: _execution, ...fields } = rest;
    const input = isObject(action) ? action : isObject(rest.arguments) ? rest.arguments : fields;
    const call = readCall({ ...key, name }, input);
    return output === undefined ? answered(call) : [...answered(call), ...resultOf(key, textParts(said, reading))];
  },
};

function textParts(said: unknown, reading: Reading): ResultPart["parts"] {
  return Array.isArray(said) && !said.every((one) => isObject(one) && /^(input|output)_/.test(String(one.type)))
    ? [{ kind: "text", text: JSON.stringify(said) }]
    : readParts(said, "input[].output", reading);
}

const strange: Kind = {
  read(item, reading) {
    const type = String(item.type);
    reading.leaveOut(`input[].${type}`, "which only its provider can read");
    return [];
  },
};

const kinds: Readonly<Record<string, Kind>> = {
  message: kind(["role", "content"], readMessage),
  function_call: kind(["call_id", "name", "namespace", "arguments"], (item, reading) =>
    answered(readCall(item, inputOf(item.arguments, reading))),
  ),
  custom_tool_call: kind(["call_id", "name", "namespace", "input"], (item) =>
    answered(readCall(item, { input: String(item.input ?? "") })),
  ),
  function_call_output: result,
  custom_tool_call_output: result,
  reasoning: kind(["summary", "content", "encrypted_content"], readReasoning),
  // They are among the request's tools.
  additional_tools: kind(["role", "tools"], () => []),
  agent_message: {
    read: (item, reading) => [{ role: "user", parts: readParts(item.content, "input[].content", reading) }],
  },
  web_search_call: gone("web_search_call", "which ran at OpenAI"),
  file_search_call: gone("file_search_call", "which ran at OpenAI"),
  image_generation_call: gone("image_generation_call", "which ran at OpenAI"),
  code_interpreter_call: gone("code_interpreter_call", "which ran at OpenAI"),
  item_reference: {
    read() {
      throw unsupported("input[].item_reference", "nothing is stored for this model");
    },
  },
};

const toolTable: FieldTable = {
  carried: ["type", "name", "description", "parameters", "strict", "format"],
  harmless: ["defer_loading", "async", "allowed_callers", "output_schema"],
};

/** Offered by Codex whether its person wants them or not: the model answers without them. The others run at OpenAI only. */
const optional = /^(web_search(_preview.*)?|image_generation|tool_search)$/;

function readTool(tool: JsonObject, reading: Reading, space: JsonObject = {}): Tool[] {
  const type = String(tool.type);
  if (type === "namespace") return objectsOf(tool.tools).flatMap((inner) => readTool(inner, reading, tool));
  if (type !== "function" && type !== "custom") {
    if (optional.test(type)) reading.leaveOut(`tools[].${type}`, "which runs at OpenAI only");
    else reading.refuse("tools[].type", `'${type}' tools run at OpenAI only`);
    return [];
  }
  reading.weigh(tool, toolTable, "tools[].");
  const namespace = textOf(space.name);
  const name = nameIn(namespace, tool.name);
  const description = [textOf(space.description), textOf(tool.description)].filter(Boolean).join("\n\n") || undefined;
  const origin = { isCustom: type === "custom", name: String(tool.name), namespace };
  if (type === "custom") return [{ ...readCustom({ ...tool, name, description }, reading), origin }];
  return [
    {
      name,
      description,
      schema: isObject(tool.parameters) ? tool.parameters : undefined,
      isStrict: typeof tool.strict === "boolean" ? tool.strict : undefined,
      ...(namespace === undefined ? {} : { origin }),
    },
  ];
}

const modes: Readonly<Record<string, "auto" | "any" | "none">> = { auto: "auto", none: "none", required: "any" };
const nameOf = ({ type, name, namespace }: JsonObject): string | undefined =>
  type === "function" || type === "custom" ? nameIn(namespace, name) : undefined;

function readChoice(choice: unknown, reading: Reading): ToolChoice | undefined {
  if (choice === undefined || choice === null) return undefined;
  const mode = lookUp(modes, choice);
  if (mode) return { mode };
  const said = objectOf(choice);
  const name = nameOf(said);
  if (name !== undefined) return { mode: "tool", name };
  if (said.type !== "allowed_tools") return reading.refuse("tool_choice");
  const allowed = objectsOf(said.tools).flatMap((tool) => nameOf(tool) ?? []);
  return { mode: said.mode === "required" ? "any" : "auto", allowed };
}
