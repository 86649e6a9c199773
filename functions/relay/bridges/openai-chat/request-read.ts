import type { Call } from "../../dialects/dialect.ts";
import type { CallPart, Conversation, Part, ThinkingPart, Tool, ToolChoice, Turn } from "../conversation.ts";
import { type FieldTable, listOf, malformed, type Reading } from "../fields.ts";
import { isObject, type JsonObject, numberOf, objectOf, objectsOf, textOf } from "../../../wire/json.ts";
import {
  inputOf,
  markOf,
  readCache,
  readCustom,
  readFormat,
  readIdentity,
  readParts,
  readTier,
} from "../openai/request-parts.ts";
import { unpackSeal } from "../seal.ts";
import { lookUp } from "../../../wire/maps.ts";

/** A request to POST /v1/chat/completions as a conversation. Source: platform.openai.com/docs/api-reference/chat. */
export function readChatRequest(body: JsonObject, call: Call, reading: Reading): Conversation {
  reading.weigh(body, table);
  reading.weigh(objectOf(body.stream_options), optionsTable, "stream_options.");
  const turns = readTurns(body.messages, reading);
  reading.isPast = false;
  const { max_completion_tokens: most, max_tokens: older, stop } = body;
  if (most && older && most !== older) reading.leaveOut("max_tokens", "since max_completion_tokens is given");
  const maxTokens = most ?? older;
  if (maxTokens !== undefined && maxTokens !== null && numberOf(maxTokens) === undefined) {
    throw malformed("'max_completion_tokens' must be a number.");
  }
  const stops = typeof stop === "string" ? [stop] : Array.isArray(stop) ? stop.map(String) : [];
  return {
    model: call.model ?? "",
    system: [],
    turns,
    tools: [...listOf(body.tools, "tools"), ...oldTools(body.functions)].flatMap((tool) => readTool(tool, reading)),
    toolChoice: readChoice(body.tool_choice ?? body.function_call, reading),
    isParallel: typeof body.parallel_tool_calls === "boolean" ? body.parallel_tool_calls : undefined,
    sampling: readSampling(body),
    thinking: readThinking(body, reading),
    format: readFormat(body.response_format, "response_format", reading),
    verbosity: textOf(body.verbosity),
    stops,
    maxTokens: numberOf(maxTokens),
    cache: readCache(body, reading),
    serviceTier: readTier(body.service_tier),
    identity: readIdentity(body, call.session, reading),
    isStream: call.isStream,
  };
}

const table: FieldTable = {
  carried: [
    ...["model", "messages", "stream", "stream_options", "max_tokens", "max_completion_tokens", "temperature", "top_p"],
    ...[
      "top_k",
      "stop",
      "tools",
      "functions",
      "tool_choice",
      "function_call",
      "parallel_tool_calls",
      "response_format",
    ],
    ...[
      "reasoning_effort",
      "reasoning",
      "thinking",
      "enable_thinking",
      "seed",
      "frequency_penalty",
      "presence_penalty",
    ],
    ...["verbosity", "service_tier", "user", "safety_identifier", "cache_control"],
    ...["prompt_cache_key", "prompt_cache_retention", "prompt_cache_options"],
  ],
  harmless: ["metadata", "store", "prediction", "moderation"],
  idle: {
    n: [1],
    logit_bias: [{}],
    logprobs: [false],
    top_logprobs: [0],
    modalities: [["text"]],
  },
};

const optionsTable: FieldTable = { carried: ["include_usage"], harmless: ["include_obfuscation"] };

function readSampling(body: JsonObject): Conversation["sampling"] {
  return {
    temperature: numberOf(body.temperature),
    topP: numberOf(body.top_p),
    topK: numberOf(body.top_k),
    seed: numberOf(body.seed),
    frequencyPenalty: numberOf(body.frequency_penalty) || undefined,
    presencePenalty: numberOf(body.presence_penalty) || undefined,
  };
}

/** Before tools there were functions. */
const oldTools = (functions: unknown): JsonObject[] =>
  objectsOf(functions).map((described) => ({ type: "function", function: described }));

const thinkingTable: FieldTable = { carried: ["type", "budget_tokens"], harmless: ["display", "clear_thinking"] };
const reasoningTable: FieldTable = { carried: ["effort", "max_tokens", "enabled", "exclude"] };

/** OpenAI's `reasoning_effort`, OpenRouter's `reasoning`, and `thinking` as Anthropic and Chinese vendors have it. */
function readThinking(body: JsonObject, reading: Reading): Conversation["thinking"] {
  const own = objectOf(body.thinking);
  const beside = objectOf(body.reasoning);
  if (isObject(body.thinking) && body.reasoning_effort) reading.leaveOut("reasoning_effort", "since thinking is given");
  reading.weigh(own, thinkingTable, "thinking.");
  reading.weigh(beside, reasoningTable, "reasoning.");
  if (body.reasoning_effort && !textOf(body.reasoning_effort)) throw malformed("'reasoning_effort' must be a text.");
  const effort = isObject(body.thinking) ? undefined : (textOf(body.reasoning_effort) ?? textOf(beside.effort));
  const budget = numberOf(own.budget_tokens) ?? numberOf(beside.max_tokens);
  const switches = [own.type, beside.enabled, body.enable_thinking];
  const isOff = effort === "none" || switches.some((each) => each === "disabled" || each === false);
  const isOn =
    (effort ?? budget) !== undefined ||
    switches.some((each) => each === "enabled" || each === "adaptive" || each === true);
  return {
    mode: isOff ? "off" : isOn ? "on" : undefined,
    effort,
    budget,
    isShown: !isOff && isOn && beside.exclude !== true,
  };
}

const roles: Readonly<Record<string, Turn["role"]>> = {
  ...{ system: "system", developer: "system", user: "user", assistant: "assistant", tool: "user", function: "user" },
};
const messageTable: FieldTable = {
  carried: [
    ...["role", "content", "tool_calls", "tool_call_id", "cache_control", "prompt_cache_breakpoint", "refusal"],
    ...["thinking_blocks", "reasoning_content", "reasoning", "function_call"],
  ],
  // What an answer of the model said beside its words and comes back with it.
  harmless: ["name", "annotations", "reasoning_details", "provider_specific_fields", "prefix", "partial"],
  idle: { images: [[]] },
};

function readTurns(value: unknown, reading: Reading): Turn[] {
  const messages = listOf(value, "messages");
  const last = messages.findLastIndex(({ role }) => role === "assistant");
  const names = new Map<string, string>();
  return messages.map((message, index) => {
    reading.isPast = index <= last;
    reading.weigh(message, messageTable, "messages[].");
    const role = lookUp(roles, message.role);
    if (role === undefined) {
      const known = "none of system, developer, user, assistant, tool";
      throw malformed(`'messages[].role': '${String(message.role)}' is ${known}.`);
    }
    if (message.role === "tool" || message.role === "function")
      return { role, parts: [readResult(message, names, reading)] };
    if (role !== "assistant")
      return { role, parts: markLast(readParts(message.content, "messages[].content", reading), message) };
    return { role, parts: readAnswer(message, index, names, reading) };
  });
}

/** The marker of a message is its last part's. */
function markLast<P extends Part>(parts: P[], message: JsonObject): P[] {
  const cache = markOf(message);
  return cache ? parts.map((part, index) => (index === parts.length - 1 ? { ...part, cache } : part)) : parts;
}

function readAnswer(message: JsonObject, index: number, names: Map<string, string>, reading: Reading): Part[] {
  const refusal = textOf(message.refusal);
  const said = [
    ...readParts(message.content, "messages[].content", reading),
    ...(refusal ? [{ kind: "text" as const, text: refusal }] : []),
  ];
  const old = isObject(message.function_call) ? [{ id: `call_old_${index}`, function: message.function_call }] : [];
  const calls = [...objectsOf(message.tool_calls), ...old].map((call) => readCall(call, reading));
  for (const { name, id } of calls) names.set(name, id);
  return [...readThoughts(message, reading), ...markLast(said, message), ...calls];
}

/** Thoughts with their seals, as this relay gives them; else as the text that vendors of this language give. */
function readThoughts(message: JsonObject, reading: Reading): ThinkingPart[] {
  const blocks = objectsOf(message.thinking_blocks);
  const plain = textOf(message.reasoning_content) ?? textOf(message.reasoning);
  if (blocks.length === 0) {
    if (!plain) return [];
    return [{ kind: "thinking", text: plain, seal: { maker: "chat", value: "" } }];
  }
  return blocks.flatMap(({ type, thinking, signature, data }): ThinkingPart[] => {
    const isRedacted = type === "redacted_thinking";
    const value = textOf(isRedacted ? data : signature);
    const text = textOf(thinking) ?? "";
    const foreign = unpackSeal(value);
    if (foreign) return [{ ...foreign, text: text || foreign.text }];
    if (!value) reading.leaveOut("messages[].thinking_blocks", "which nobody signed");
    return value ? [{ kind: "thinking", text, seal: { maker: "anthropic", value, isRedacted } }] : [];
  });
}

function readCall(call: JsonObject, reading: Reading): CallPart {
  const described = objectOf(call.function ?? call.custom);
  const signature = textOf(objectOf(objectOf(call.extra_content).google).thought_signature);
  return {
    kind: "call",
    id: String(call.id ?? ""),
    name: String(described.name ?? ""),
    input: isObject(call.custom) ? { input: described.input } : inputOf(described.arguments, reading),
    cache: markOf(call),
    seal: signature === undefined ? undefined : { maker: "gemini", value: signature },
  };
}

function readResult(message: JsonObject, names: ReadonlyMap<string, string>, reading: Reading): Part {
  const named = message.role === "function" ? names.get(String(message.name)) : undefined;
  const parts = readParts(message.content, "messages[].content", reading);
  return {
    kind: "result",
    id: String(message.tool_call_id ?? named ?? ""),
    isError: false,
    parts,
    cache: markOf(message),
  };
}

const functionTable: FieldTable = { carried: ["name", "description", "parameters", "strict", "cache_control"] };

function readTool(tool: JsonObject, reading: Reading): Tool[] {
  if (tool.type === "custom") return [readCustom(objectOf(tool.custom), reading)];
  if (tool.type !== "function") {
    reading.refuse("tools[].type", `'${String(tool.type)}' tools run at their provider only`);
    return [];
  }
  const described = objectOf(tool.function);
  reading.weigh(described, functionTable, "tools[].function.");
  const { name, description, parameters, strict } = described;
  return [
    {
      name: String(name ?? ""),
      description: textOf(description),
      schema: isObject(parameters) ? parameters : undefined,
      isStrict: typeof strict === "boolean" ? strict : undefined,
      cache: markOf(tool) ?? markOf(described),
    },
  ];
}

const modes: Readonly<Record<string, "auto" | "any" | "none">> = { auto: "auto", none: "none", required: "any" };

function readChoice(choice: unknown, reading: Reading): ToolChoice | undefined {
  if (choice === undefined || choice === null) return undefined;
  const mode = lookUp(modes, choice);
  if (mode) return { mode };
  const said = objectOf(choice);
  const name =
    textOf(objectOf(said.function ?? said.custom).name) ?? (said.type === undefined ? textOf(said.name) : undefined);
  if (name !== undefined) return { mode: "tool", name };
  if (said.type !== "allowed_tools") return reading.refuse("tool_choice");
  const { mode: wanted, tools } = objectOf(said.allowed_tools);
  const allowed = objectsOf(tools).map((tool) => String(objectOf(tool.function ?? tool.custom).name));
  return { mode: wanted === "required" ? "any" : "auto", allowed };
}
