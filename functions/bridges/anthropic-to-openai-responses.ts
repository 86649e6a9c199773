import type { Call } from "../dialects/dialect.ts";
import { openaiResponsesDialect } from "../dialects/openai-responses.ts";
import type { Loose } from "../dialects/openai-usage.ts";
import { sayMessage } from "./anthropic-to-openai-responses-answer.ts";
import { readItems, readSystem } from "./anthropic-to-openai-responses-items.ts";
import type { Bridge } from "./bridge.ts";
import { compact, type FieldTable, listOf, looseOf, readBody, unsupported, weighFields } from "./fields.ts";
import { translate } from "./translate.ts";

/**
 * Anthropic Messages on OpenAI's models, so that Claude Code runs on them. Sources: docs.anthropic.com/en/api/messages,
 * platform.openai.com/docs/api-reference/responses. Nothing is stored at OpenAI: its reasoning comes back to it encrypted, as
 * the signature of a thinking block.
 */
export const anthropicToOpenaiResponses: Bridge = {
  from: "anthropic",
  to: openaiResponsesDialect,
  request: sayRequest,
  response: (call) => translate(sayMessage(), call.isStream),
};

const table: FieldTable = {
  carried: [
    ...["model", "messages", "system", "stream", "max_tokens", "temperature", "top_p", "tools", "tool_choice"],
    ...["thinking", "output_config", "output_format", "service_tier"],
  ],
  // OpenAI caches by itself, and whose conversation it is concerns nobody but the relay.
  harmless: ["metadata", "cache_control", "context_management", "safeguards", "speed", "diagnostics"],
  idle: { stop_sequences: [[]], mcp_servers: [[]] },
};

const leastTokens = 16;

function sayRequest(call: Call): Call {
  if (call.operation !== "messages") throw unsupported(call.operation, "the model's own API cannot count tokens");
  const body = readBody(call);
  const rules = new Set(weighFields(body, table));
  const mostTokens = Math.max(leastTokens, Number(body.max_tokens ?? leastTokens));
  if (mostTokens !== body.max_tokens) rules.add(`max_tokens set to ${mostTokens}, the least there is`);
  const format = looseOf(body.output_config).format ?? body.output_format;
  const said = compact({
    model: body.model,
    instructions: readSystem(body.system, rules),
    input: readItems(body.messages, rules),
    max_output_tokens: mostTokens,
    // 1 is the default of both, and reasoning models refuse to be told so.
    temperature: body.temperature === 1 ? undefined : body.temperature,
    top_p: body.top_p,
    tools: body.tools ? listOf(body.tools, "tools").map((tool) => sayTool(tool, rules)) : undefined,
    ...choiceOf(body.tool_choice),
    ...reasoningOf(body, rules),
    text: format ? { format: formatOf(looseOf(format)) } : undefined,
    prompt_cache_key: call.session?.slice(0, 64),
    service_tier: body.service_tier === "standard_only" ? "default" : undefined,
    store: false,
    stream: body.stream,
  });
  return {
    ...call,
    dialect: "openai-responses",
    operation: "responses",
    target: "/v1/responses",
    maxOutputTokens: mostTokens,
    headers: { accept: call.isStream ? "text/event-stream" : "application/json", "content-type": "application/json" },
    body: Buffer.from(JSON.stringify(said)),
    rules: [...call.rules, "Anthropic Messages said as OpenAI Responses", ...rules],
  };
}

const outputTable: FieldTable = { carried: ["effort", "format"], harmless: ["task_budget"], idle: {} };

/** A summary is asked for only where the client shows one: some organizations must be verified to get it. */
function reasoningOf(body: Loose, rules: Set<string>): Loose {
  const { type, budget_tokens: budget, display } = looseOf(body.thinking);
  const output = looseOf(body.output_config);
  for (const rule of weighFields(output, outputTable, "output_config.")) rules.add(rule);
  if (type === "disabled") rules.add("left out: thinking off, since not every model can");
  const isThinking = type === "enabled" || type === "adaptive";
  const effort = sayEffort(output.effort) ?? (type === "enabled" ? effortOf(Number(budget)) : undefined);
  if (!isThinking) return effort === undefined ? {} : { reasoning: { effort } };
  const summary = display === "omitted" ? undefined : "auto";
  return { reasoning: compact({ effort, summary }), include: ["reasoning.encrypted_content"] };
}

function sayEffort(effort: unknown): unknown {
  return effort === "max" ? "xhigh" : effort;
}

function effortOf(budget: number): string {
  if (budget < 4_096) return "low";
  return budget < 16_384 ? "medium" : "high";
}

const toolTable: FieldTable = {
  carried: ["type", "name", "description", "input_schema", "strict"],
  harmless: ["cache_control", "eager_input_streaming", "defer_loading", "input_examples"],
  idle: { allowed_callers: [["direct"]] },
};

function sayTool(tool: Loose, rules: Set<string>): Loose {
  if (tool.type !== undefined && tool.type !== null && tool.type !== "custom") {
    throw unsupported("tools[].type", `'${String(tool.type)}' is a tool of Anthropic's own`);
  }
  for (const rule of weighFields(tool, toolTable, "tools[].")) rules.add(rule);
  const { name, description, input_schema: parameters, strict } = tool;
  return compact({ type: "function", name, description, parameters, strict: strict === true });
}

const choices: Readonly<Record<string, string>> = { auto: "auto", any: "required", none: "none" };

function choiceOf(value: unknown): Loose {
  if (value === undefined || value === null) return {};
  const { type, name, disable_parallel_tool_use: isAlone } = looseOf(value);
  const choice = type === "tool" ? { type: "function", name } : choices[String(type)];
  if (choice === undefined) throw unsupported("tool_choice");
  return { tool_choice: choice, ...(isAlone === true ? { parallel_tool_calls: false } : {}) };
}

function formatOf({ type, schema }: Loose): Loose {
  if (type !== "json_schema") throw unsupported("output_config.format");
  return { type: "json_schema", name: "answer", schema, strict: isStrict(schema) };
}

/** OpenAI's strict mode takes only objects whose every property is required and that allow no other. */
function isStrict(schema: unknown): boolean {
  if (Array.isArray(schema)) return schema.every(isStrict);
  if (typeof schema !== "object" || schema === null) return true;
  const { properties, required, additionalProperties } = schema as Loose;
  const names = Object.keys(looseOf(properties));
  const listed = Array.isArray(required) ? (required as unknown[]) : [];
  const isClosed =
    properties === undefined || (additionalProperties === false && names.every((n) => listed.includes(n)));
  return isClosed && Object.values(schema as Loose).every(isStrict);
}
