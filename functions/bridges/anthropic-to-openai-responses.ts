import type { Call } from "../dialects/dialect.ts";
import { openaiResponsesDialect } from "../dialects/openai-responses.ts";
import type { Loose } from "../dialects/openai-usage.ts";
import { asksTable, type Mind, readMind, readSystem, readTools } from "./anthropic-asks.ts";
import { sayCount } from "./anthropic-message.ts";
import { sayMessage } from "./anthropic-to-openai-responses-answer.ts";
import { readItems } from "./anthropic-to-openai-responses-items.ts";
import type { Bridge } from "./bridge.ts";
import { compact, type FieldTable, looseOf, readBody, unsupported, weighFields } from "./fields.ts";
import { translate, type Words } from "./translate.ts";

/**
 * Anthropic Messages on OpenAI's models, so that Claude Code runs on them. Sources: docs.anthropic.com/en/api/messages,
 * platform.openai.com/docs/api-reference/responses. Nothing is stored at OpenAI: its reasoning comes back to it encrypted, as
 * the signature of a thinking block.
 */
export const anthropicToOpenaiResponses: Bridge = {
  from: "anthropic",
  to: openaiResponsesDialect,
  request: sayRequest,
  response: (call) => translate(call.operation === "count_tokens" ? counted : sayMessage(), call.isStream),
};

const counted: Words = { ...sayMessage(), whole: (answer) => sayCount(answer.input_tokens) };

const table: FieldTable = {
  ...asksTable,
  carried: [...asksTable.carried, "service_tier"],
  idle: { ...asksTable.idle, stop_sequences: [[]] },
};

const leastTokens = 16;

function sayRequest(call: Call): Call {
  const body = readBody(call);
  const rules = new Set(weighFields(body, table));
  const asked = sayAsked(call, body, rules);
  const isCount = call.operation === "count_tokens";
  const mostTokens = Math.max(leastTokens, Number(body.max_tokens ?? leastTokens));
  if (!isCount && mostTokens !== body.max_tokens) rules.add(`max_tokens set to ${mostTokens}, the least there is`);
  const said = isCount ? asked : { ...asked, ...sayAnswer(call, body, mostTokens) };
  return {
    ...call,
    dialect: "openai-responses",
    operation: isCount ? "input_tokens" : "responses",
    target: isCount ? "/v1/responses/input_tokens" : "/v1/responses",
    maxOutputTokens: isCount ? undefined : mostTokens,
    headers: { accept: call.isStream ? "text/event-stream" : "application/json", "content-type": "application/json" },
    body: Buffer.from(JSON.stringify(said)),
    rules: [...call.rules, "Anthropic Messages said as OpenAI Responses", ...rules],
  };
}

/** What the model is shown, which is all that counts where its tokens are counted. */
function sayAsked(call: Call, body: Loose, rules: Set<string>): Loose {
  const mind = readMind(body, rules);
  if (looseOf(body.thinking).type === "disabled") rules.add("left out: thinking off, since not every model can");
  return compact({
    model: call.model,
    instructions: readSystem(body.system, rules),
    input: readItems(body.messages, rules),
    tools: body.tools ? readTools(body.tools, rules).map(sayTool) : undefined,
    ...choiceOf(body.tool_choice),
    reasoning: reasoningOf(mind),
    text: mind.schema === undefined ? undefined : { format: formatOf(mind.schema) },
  });
}

/** How it is to answer. */
function sayAnswer(call: Call, body: Loose, mostTokens: number): Loose {
  const { type } = looseOf(body.thinking);
  return compact({
    max_output_tokens: mostTokens,
    // 1 is the default of both, and reasoning models refuse to be told so.
    temperature: body.temperature === 1 ? undefined : body.temperature,
    top_p: body.top_p,
    include: type === "enabled" || type === "adaptive" ? ["reasoning.encrypted_content"] : undefined,
    prompt_cache_key: call.session?.slice(0, 64),
    service_tier: body.service_tier === "standard_only" ? "default" : undefined,
    store: false,
    stream: body.stream,
  });
}

/** A summary is asked for only where the client shows one: some organizations must be verified to get it. */
function reasoningOf({ effort, isThinking, isShown }: Mind): Loose | undefined {
  const said = effort === "max" ? "xhigh" : effort;
  if (!isThinking) return said === undefined ? undefined : { effort: said };
  return compact({ effort: said, summary: isShown ? "auto" : undefined });
}

function sayTool({ name, description, input_schema: parameters, strict }: Loose): Loose {
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

function formatOf(schema: unknown): Loose {
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
