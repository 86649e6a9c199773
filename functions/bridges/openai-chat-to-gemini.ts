import type { Call } from "../dialects/dialect.ts";
import { geminiDialect } from "../dialects/gemini.ts";
import type { Loose } from "../dialects/openai-usage.ts";
import type { Bridge } from "./bridge.ts";
import { compact, type FieldTable, listOf, looseOf, readBody, unsupported, weighFields } from "./fields.ts";
import { generate, geminiCall, isThird } from "./gemini-words.ts";
import { sayChat } from "./openai-chat-to-gemini-answer.ts";
import { readContents } from "./openai-chat-to-gemini-contents.ts";
import { translate } from "./translate.ts";

/**
 * OpenAI Chat Completions on Gemini. Sources: platform.openai.com/docs/api-reference/chat, ai.google.dev/api/generate-content.
 * Thoughts come as `reasoning_content`; the signature of a call as `extra_content.google.thought_signature`, where Google's own
 * compatible API has it (ai.google.dev/gemini-api/docs/thought-signatures), and may be sent back there.
 */
export const openaiChatToGemini: Bridge = {
  from: "openai-chat",
  to: geminiDialect,
  request: sayRequest,
  response: (call) => translate(sayChat(looseOf(readBody(call).stream_options).include_usage === true), call.isStream),
};

const table: FieldTable = {
  carried: [
    ...["model", "messages", "stream", "stream_options", "max_tokens", "max_completion_tokens", "temperature", "top_p"],
    ...["top_k", "stop", "tools", "tool_choice", "response_format", "reasoning_effort", "seed", "frequency_penalty"],
    "presence_penalty",
  ],
  harmless: [
    ...["metadata", "store", "prediction", "verbosity", "prompt_cache_key", "prompt_cache_retention", "user"],
    ...["safety_identifier", "service_tier", "cache_control"],
  ],
  idle: {
    n: [1],
    logit_bias: [{}],
    logprobs: [false],
    top_logprobs: [0],
    modalities: [["text"]],
    parallel_tool_calls: [true],
  },
};

function sayRequest(call: Call): Call {
  const body = readBody(call);
  const rules = new Set(weighFields(body, table));
  const { system, contents } = readContents(body.messages, call.model ?? "", rules);
  const tools = listOf(body.tools, "tools").map((tool) => sayTool(tool, rules));
  const mostTokens = body.max_completion_tokens ?? body.max_tokens;
  const said = compact({
    contents,
    systemInstruction: system.length > 0 ? { parts: system } : undefined,
    tools: tools.length > 0 ? [{ functionDeclarations: tools }] : undefined,
    toolConfig: choiceOf(body.tool_choice),
    generationConfig: compact({
      ...{ temperature: body.temperature, topP: body.top_p, topK: body.top_k, seed: body.seed },
      ...{ maxOutputTokens: mostTokens, presencePenalty: body.presence_penalty },
      frequencyPenalty: body.frequency_penalty,
      stopSequences: typeof body.stop === "string" ? [body.stop] : body.stop,
      ...formatOf(body.response_format),
      thinkingConfig: thinkingOf(body.reasoning_effort, call.model ?? "", rules),
    }),
  });
  return geminiCall(call, generate(call), said, ["OpenAI Chat said as Gemini", ...rules]);
}

const budgets: Readonly<Record<string, number>> = { none: 0, minimal: 1_024, low: 1_024, medium: 8_192, high: 24_576 };
const levels: Readonly<Record<string, string>> = { none: "low", minimal: "low", xhigh: "high" };

/** Google's own table of efforts (ai.google.dev/gemini-api/docs/openai, thinking): a level from Gemini 3 on, before it a budget. */
function thinkingOf(effort: unknown, model: string, rules: Set<string>): Loose | undefined {
  if (typeof effort !== "string") return undefined;
  if (!isThird(model)) return { thinkingBudget: budgets[effort] ?? 24_576, includeThoughts: effort !== "none" };
  if (levels[effort]) rules.add(`reasoning_effort ${effort} → ${levels[effort]}, the nearest there is`);
  return { thinkingLevel: levels[effort] ?? effort, includeThoughts: effort !== "none" };
}

function formatOf(format: unknown): Loose {
  const { type, json_schema: described } = looseOf(format);
  if (format === undefined || format === null || type === "text") return {};
  if (type === "json_object") return { responseMimeType: "application/json" };
  if (type !== "json_schema") throw unsupported("response_format");
  return { responseMimeType: "application/json", responseJsonSchema: looseOf(described).schema };
}

const toolTable: FieldTable = {
  carried: ["name", "description", "parameters"],
  harmless: ["strict", "cache_control"],
  idle: {},
};

function sayTool(tool: Loose, rules: Set<string>): Loose {
  if (tool.type !== "function") throw unsupported("tools[].type", `'${String(tool.type)}' tools run at OpenAI only`);
  const described = looseOf(tool.function);
  for (const rule of weighFields(described, toolTable, "tools[].function.")) rules.add(rule);
  if (tool.cache_control) rules.add("left out: cache_control, since Gemini caches by itself");
  const { name, description, parameters: parametersJsonSchema } = described;
  return compact({ name, description, parametersJsonSchema });
}

const modes: Readonly<Record<string, string>> = { auto: "AUTO", none: "NONE", required: "ANY" };

function choiceOf(choice: unknown): Loose | undefined {
  if (choice === undefined || choice === null) return undefined;
  const named = looseOf(choice);
  if (named.type === "function") {
    return { functionCallingConfig: { mode: "ANY", allowedFunctionNames: [looseOf(named.function).name] } };
  }
  const mode = modes[String(choice)];
  if (mode === undefined) throw unsupported("tool_choice");
  return { functionCallingConfig: { mode } };
}
