import type { Loose } from "../../dialects/openai/usage.ts";
import { type FieldTable, listOf, looseOf, unsupported, weigh } from "./fields.ts";
import { inputOf, type Part, readParts, type Reading } from "./openai-parts.ts";

/** What Chat Completions ask for, whichever language it is said in. Source: platform.openai.com/docs/api-reference/chat. */
export const chatFields = [
  ...["model", "messages", "stream", "stream_options", "max_tokens", "max_completion_tokens", "temperature", "top_p"],
  ...["top_k", "stop", "tools", "tool_choice", "response_format", "reasoning_effort"],
];
export const chatIdle: FieldTable["idle"] = {
  n: [1],
  frequency_penalty: [0],
  presence_penalty: [0],
  logit_bias: [{}],
  logprobs: [false],
  top_logprobs: [0],
  modalities: [["text"]],
};

/** One message: who says it, what, and which tools it calls. */
export interface Said {
  readonly role: "system" | "user" | "assistant" | "tool";
  readonly parts: readonly Part[];
  readonly calls: readonly ToolCall[];
  /** Of a tool's result: the call that it answers. */
  readonly answers: unknown;
  readonly thinking: readonly Loose[];
  readonly marker: Loose | undefined;
}

export interface ToolCall {
  readonly id: unknown;
  readonly name: unknown;
  readonly input: Loose;
  /** Where Google's own compatible API has its signature. */
  readonly signature: unknown;
  readonly marker: Loose | undefined;
}

const messageTable: FieldTable = {
  carried: ["role", "content", "tool_calls", "tool_call_id", "cache_control", "refusal", "thinking_blocks"],
  // What an answer of the model said beside its words and comes back with it.
  harmless: ["name", "annotations", "reasoning_content", "reasoning"],
  idle: { function_call: [], audio: [], images: [[]] },
};
const roles: Readonly<Record<string, Said["role"]>> = {
  ...{ system: "system", developer: "system", user: "user", assistant: "assistant", tool: "tool" },
};

/** A conversation in its order, its instructions to be taken out by the reader. Throws `request.unsupported`, `request.malformed`. */
export function readChat(value: unknown, reading: Reading): Said[] {
  return listOf(value, "messages").map((message) => {
    weigh(message, messageTable, "messages[].", reading.rules);
    const role = roles[String(message.role)];
    if (role === undefined) {
      throw unsupported(
        "messages[].role",
        `'${String(message.role)}' is none of system, developer, user, assistant, tool`,
      );
    }
    const refusal = typeof message.refusal === "string" ? [{ text: message.refusal }] : [];
    return {
      role,
      parts: [...readParts(message.content, "messages[].content", reading), ...refusal],
      calls: listOf(message.tool_calls, "messages[].tool_calls").map((call) => readCall(call, reading)),
      answers: message.tool_call_id,
      thinking: listOf(message.thinking_blocks, "messages[].thinking_blocks"),
      marker: reading.mark(message),
    };
  });
}

function readCall(call: Loose, reading: Reading): ToolCall {
  if (call.type !== undefined && call.type !== "function") throw unsupported("messages[].tool_calls[].type");
  const { name, arguments: said } = looseOf(call.function);
  return {
    ...{ id: call.id, name, input: inputOf(said, "messages[].tool_calls[].function.arguments") },
    signature: looseOf(looseOf(call.extra_content).google).thought_signature,
    marker: reading.mark(call),
  };
}

export interface Tool {
  readonly name: unknown;
  readonly description: unknown;
  readonly parameters: unknown;
  readonly strict: unknown;
  readonly marker: Loose | undefined;
}

const toolTable: FieldTable = { carried: ["name", "description", "parameters", "strict", "cache_control"] };

export function readChatTools(value: unknown, reading: Reading): Tool[] {
  return listOf(value, "tools").map((tool) => {
    if (tool.type !== "function") throw unsupported("tools[].type", `'${String(tool.type)}' tools run at OpenAI only`);
    const described = looseOf(tool.function);
    weigh(described, toolTable, "tools[].function.", reading.rules);
    const { name, description, parameters, strict } = described;
    return { name, description, parameters, strict, marker: reading.mark(tool) ?? reading.mark(described) };
  });
}

export interface Wishes {
  /** The bound that the client set, by its newer name or its older one. */
  readonly mostTokens: unknown;
  readonly stops: unknown;
  readonly asksUsage: boolean;
}

export function readWishes(body: Loose, rules: Set<string>): Wishes {
  const { max_completion_tokens: most, max_tokens: older, stop } = body;
  const options = looseOf(body.stream_options);
  weigh(options, { carried: ["include_usage"], harmless: ["include_obfuscation"] }, "stream_options.", rules);
  if (most && older && most !== older) rules.add("left out: max_tokens, since max_completion_tokens is given");
  return {
    mostTokens: most ?? older,
    stops: typeof stop === "string" ? [stop] : stop,
    asksUsage: options.include_usage === true,
  };
}
