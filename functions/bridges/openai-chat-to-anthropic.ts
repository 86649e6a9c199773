import { anthropicDialect } from "../dialects/anthropic.ts";
import type { Call } from "../dialects/dialect.ts";
import type { Loose } from "../dialects/openai-usage.ts";
import { lacksThinking, mostTokensOf, thinkingOf } from "./anthropic-words.ts";
import type { Bridge } from "./bridge.ts";
import { compact, type FieldTable, listOf, looseOf, malformed, readBody, unsupported, weighFields } from "./fields.ts";
import { anthropicCall, choiceOf, formatOf, ownerOf, samplingOf, tierOf } from "./openai-asks-anthropic.ts";
import { sayChat } from "./openai-chat-to-anthropic-answer.ts";
import { readMessages } from "./openai-chat-to-anthropic-messages.ts";
import { translate } from "./translate.ts";

/**
 * OpenAI Chat Completions on Claude. Sources: platform.openai.com/docs/api-reference/chat, docs.anthropic.com/en/api/messages.
 * Beyond OpenAI's own words a client may say `cache_control` on parts, messages and tools, `thinking` and `top_k`, and gets
 * thinking back as `reasoning_content` and, with its signature, as `thinking_blocks`, which it may send again.
 */
export const openaiChatToAnthropic: Bridge = {
  from: "openai-chat",
  to: anthropicDialect,
  request: sayRequest,
  response: (call) => translate(sayChat(looseOf(readBody(call).stream_options).include_usage === true), call.isStream),
};

const table: FieldTable = {
  carried: [
    ...["model", "messages", "stream", "stream_options", "max_tokens", "max_completion_tokens", "temperature", "top_p"],
    ...["top_k", "stop", "tools", "tool_choice", "parallel_tool_calls", "response_format", "reasoning_effort"],
    ...["thinking", "cache_control", "user", "safety_identifier", "service_tier"],
  ],
  harmless: ["metadata", "store", "seed", "prediction", "verbosity", "prompt_cache_key", "prompt_cache_retention"],
  idle: {
    n: [1],
    frequency_penalty: [0],
    presence_penalty: [0],
    logit_bias: [{}],
    logprobs: [false],
    top_logprobs: [0],
    modalities: [["text"]],
  },
};

function sayRequest(call: Call): Call {
  const body = readBody(call);
  const rules = weighFields(body, table);
  const { system, turns, rules: moved } = readMessages(body.messages);
  const mostTokens = body.max_completion_tokens ?? body.max_tokens ?? mostTokensOf(call.model ?? "");
  if (typeof mostTokens !== "number") throw malformed("'max_completion_tokens' must be a number.");
  const thinking = body.thinking ? { thinking: body.thinking } : thinkingOf(body.reasoning_effort, call, mostTokens);
  // Models that choose their thinking themselves (`adaptive`) take such a history.
  const isMute = looseOf(thinking.thinking).type === "enabled" && lacksThinking(turns);
  if (isMute) rules.push("thinking left off: the last tool call came back without the thinking before it");
  if (body.reasoning_effort === "none") rules.push("reasoning_effort none: thinking is not asked for");
  const mind = isMute ? {} : thinking;
  const said = compact({
    model: call.model,
    max_tokens: mostTokens,
    ...mind,
    ...formatOf(body.response_format, mind, "response_format"),
    ...samplingOf(body, mind, rules),
    system: system.length > 0 ? system : undefined,
    messages: turns,
    tools: body.tools === undefined || body.tools === null ? undefined : listOf(body.tools, "tools").map(sayTool),
    tool_choice: choiceOf(body, nameOf),
    cache_control: body.cache_control,
    metadata: ownerOf(body),
    service_tier: tierOf(body.service_tier, rules),
    stream: body.stream,
  });
  return anthropicCall(call, said, ["OpenAI Chat said as Anthropic Messages", ...rules, ...moved]);
}

const nameOf = (choice: Loose): unknown => (choice.type === "function" ? looseOf(choice.function).name : undefined);

const toolTable: FieldTable = {
  carried: ["name", "description", "parameters", "strict", "cache_control"],
  harmless: [],
  idle: {},
};

function sayTool(tool: Loose): Loose {
  if (tool.type !== "function") throw unsupported("tools[].type", `'${String(tool.type)}' tools run at OpenAI only`);
  const described = looseOf(tool.function);
  weighFields(described, toolTable, "tools[].function.");
  return compact({
    name: described.name,
    description: described.description,
    input_schema: described.parameters ?? { type: "object", properties: {} },
    strict: described.strict === true ? true : undefined,
    cache_control: tool.cache_control ?? described.cache_control,
  });
}
