import type { Call } from "../dialects/dialect.ts";
import { geminiDialect } from "../dialects/gemini.ts";
import type { Loose } from "../dialects/openai-usage.ts";
import { asksTable, type Mind, readMind, readSystem, readTools } from "./anthropic-asks.ts";
import { sayCount } from "./anthropic-message.ts";
import { sayMessage } from "./anthropic-to-gemini-answer.ts";
import { readContents } from "./anthropic-to-gemini-contents.ts";
import type { Bridge } from "./bridge.ts";
import { compact, type FieldTable, looseOf, readBody, unsupported, weighFields } from "./fields.ts";
import { generate, geminiCall, isThird } from "./gemini-words.ts";
import { translate } from "./translate.ts";

/**
 * Anthropic Messages on Gemini, so that Claude Code runs on it. Sources: docs.anthropic.com/en/api/messages,
 * ai.google.dev/api/generate-content. A signature of Gemini's comes as that of a thinking block, or, to a client that did not
 * ask for thinking, with the call it belongs to as `extra_content.google.thought_signature`, where Google's own compatible API
 * has it; what is sent back goes where it came from.
 */
export const anthropicToGemini: Bridge = {
  from: "anthropic",
  to: geminiDialect,
  request: sayRequest,
  response(call) {
    const words = sayMessage(readMind(readBody(call), new Set()).isThinking);
    const isCount = call.operation === "count_tokens";
    const whole = (answer: Loose) => sayCount(answer.totalTokens);
    return translate(isCount ? { ...words, whole } : words, call.isStream);
  },
};

const table: FieldTable = {
  ...asksTable,
  carried: [...asksTable.carried, "top_k", "stop_sequences"],
  harmless: [...asksTable.harmless, "service_tier"],
};

function sayRequest(call: Call): Call {
  const body = readBody(call);
  const model = call.model ?? "";
  const rules = new Set(["Anthropic Messages said as Gemini", ...weighFields(body, table)]);
  const { contents, instructions } = readContents(body.messages, model, rules);
  const system = [readSystem(body.system, rules), ...instructions].filter((text) => text !== undefined);
  const tools = readTools(body.tools, rules).map((tool) => sayTool(tool, rules));
  const said = compact({
    contents,
    systemInstruction: system.length > 0 ? { parts: system.map((text) => ({ text })) } : undefined,
    tools: tools.length > 0 ? [{ functionDeclarations: tools }] : undefined,
    toolConfig: choiceOf(body.tool_choice),
    generationConfig: configOf(body, model, rules),
  });
  if (call.operation !== "count_tokens") return geminiCall(call, generate(call), said, rules);
  return geminiCall(call, "countTokens", { generateContentRequest: { model: `models/${model}`, ...said } }, rules);
}

function configOf(body: Loose, model: string, rules: Set<string>): Loose {
  const mind = readMind(body, rules);
  const stops = Array.isArray(body.stop_sequences) && body.stop_sequences.length > 0;
  if (stops) rules.add("a stop sequence ends the answer as end_turn, since Gemini does not tell which it was");
  return compact({
    ...{ temperature: body.temperature, topP: body.top_p, topK: body.top_k },
    stopSequences: stops ? body.stop_sequences : undefined,
    maxOutputTokens: mostTokensOf(body.max_tokens, model, rules),
    responseMimeType: mind.schema === undefined ? undefined : "application/json",
    responseJsonSchema: mind.schema,
    thinkingConfig: thinkingOf(mind, model, rules),
  });
}

/** Claude Code asks for more than Gemini's models have, which they refuse. Source: ai.google.dev/gemini-api/docs/models. */
function mostTokensOf(asked: unknown, model: string, rules: Set<string>): unknown {
  const most = /^gemini-(1|2\.0)/.test(model) ? 8_192 : 65_536;
  if (typeof asked !== "number" || asked <= most) return asked;
  rules.add(`max_tokens ${asked} → ${most}, the most there is`);
  return most;
}

const levels: Readonly<Record<string, string>> = { xhigh: "high", max: "high" };
const budgets: Readonly<Record<string, number>> = { low: 1_024, medium: 8_192 };
const thoughtless = /^(gemini-(1|2\.0)|gemma|learnlm)/;

/**
 * A level from Gemini 3 on, before it a budget. Claude thinks only where it is asked to, Gemini unless it is told not to,
 * which its larger models cannot be. Source: ai.google.dev/gemini-api/docs/thinking.
 */
function thinkingOf(mind: Mind, model: string, rules: Set<string>): Loose | undefined {
  const isFlash = model.includes("flash");
  if (thoughtless.test(model)) {
    if (mind.isThinking) rules.add("left out: thinking, which the model does not have");
    return undefined;
  }
  if (!mind.isThinking) {
    if (isThird(model)) return { thinkingLevel: isFlash ? "minimal" : "low" };
    return /^gemini-2\.5/.test(model) ? { thinkingBudget: isFlash ? 0 : 128 } : undefined;
  }
  const includeThoughts = mind.isShown;
  const { effort } = mind;
  if (!isThird(model)) return { thinkingBudget: budgetOf(mind, isFlash ? 24_576 : 32_768), includeThoughts };
  if (effort !== undefined && levels[effort]) rules.add(`effort ${effort} → ${levels[effort]}, the most there is`);
  return compact({ thinkingLevel: effort && (levels[effort] ?? effort), includeThoughts });
}

/** −1 leaves it to the model. */
function budgetOf({ budget, effort }: Mind, most: number): number {
  if (effort === undefined) return -1;
  return Math.min(budget ?? budgets[effort] ?? 24_576, most);
}

function sayTool({ name, description, input_schema: parametersJsonSchema, strict }: Loose, rules: Set<string>): Loose {
  if (strict === true) rules.add("left out: tools[].strict");
  return compact({ name, description, parametersJsonSchema });
}

const modes: Readonly<Record<string, string>> = { auto: "AUTO", any: "ANY", none: "NONE" };

function choiceOf(value: unknown): Loose | undefined {
  if (value === undefined || value === null) return undefined;
  const { type, name, disable_parallel_tool_use: isAlone } = looseOf(value);
  if (isAlone === true) throw unsupported("tool_choice.disable_parallel_tool_use");
  if (type === "tool") return { functionCallingConfig: { mode: "ANY", allowedFunctionNames: [name] } };
  const mode = modes[String(type)];
  if (mode === undefined) throw unsupported("tool_choice");
  return { functionCallingConfig: { mode } };
}
