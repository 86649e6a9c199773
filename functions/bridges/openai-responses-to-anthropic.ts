import { anthropicDialect } from "../dialects/anthropic.ts";
import type { Call } from "../dialects/dialect.ts";
import type { Loose } from "../dialects/openai-usage.ts";
import { lacksThinking, mostTokensOf, thinkingOf, type Turn } from "./anthropic-words.ts";
import type { Bridge } from "./bridge.ts";
import { compact, type FieldTable, looseOf, malformed, readBody, unsupported, weighFields } from "./fields.ts";
import { anthropicCall, choiceOf, formatOf, ownerOf, samplingOf, tierOf } from "./openai-asks-anthropic.ts";
import { nameIn, readTools } from "./openai-responses-tools.ts";
import { sayResponse } from "./openai-responses-to-anthropic-answer.ts";
import { readInput } from "./openai-responses-to-anthropic-input.ts";
import { translate } from "./translate.ts";

/**
 * OpenAI Responses on Claude, so that Codex CLI runs on it. Sources: platform.openai.com/docs/api-reference/responses,
 * docs.anthropic.com/en/api/messages. Nothing is stored anywhere: a conversation comes whole with each request, its thinking
 * as the encrypted content of reasoning items.
 */
export const openaiResponsesToAnthropic: Bridge = {
  from: "openai-responses",
  to: anthropicDialect,
  request: sayRequest,
  response: (call) => translate(sayResponse(readBody(call)), call.isStream),
};

const table: FieldTable = {
  carried: [
    ...[
      "model",
      "input",
      "instructions",
      "stream",
      "max_output_tokens",
      "temperature",
      "top_p",
      "tools",
      "tool_choice",
    ],
    ...["parallel_tool_calls", "reasoning", "text", "include", "store", "user", "safety_identifier", "service_tier"],
    ...["prompt_cache_key", "prompt_cache_retention"],
  ],
  harmless: ["metadata", "client_metadata", "stream_options", "truncation", "prompt_cache_options"],
  idle: { background: [false], top_logprobs: [0] },
};

/** What is kept at OpenAI between requests. */
const kept = ["previous_response_id", "conversation", "prompt"];

function sayRequest(call: Call): Call {
  if (call.operation !== "responses") throw unsupported(call.operation, "the model's own API cannot compact");
  const body = readBody(call);
  const stored = kept.find((field) => body[field] !== undefined && body[field] !== null);
  if (stored)
    throw unsupported(stored, "nothing is stored for this model, so the whole conversation must be in 'input'");
  const rules = ["OpenAI Responses said as Anthropic Messages", ...weighFields(body, table), ...weighWishes(body)];
  const { said: tools } = readTools(body.tools, rules);
  const { system, turns } = readInput(body, rules);
  const mostTokens = body.max_output_tokens ?? mostTokensOf(call.model ?? "");
  if (typeof mostTokens !== "number") throw malformed("'max_output_tokens' must be a number.");
  const mind = mindOf(body, call, { mostTokens, turns, rules });
  markCached(body, system, turns);
  const said = compact({
    model: call.model,
    max_tokens: mostTokens,
    ...mind,
    ...formatOf(looseOf(body.text).format, mind, "text.format"),
    ...samplingOf(body, mind, rules),
    system: system.length > 0 ? system : undefined,
    messages: turns,
    tools: tools.length > 0 ? tools : undefined,
    tool_choice: tools.length > 0 ? choiceOf(body, nameOf) : undefined,
    metadata: ownerOf(body),
    service_tier: tierOf(body.service_tier, rules),
    stream: body.stream,
  });
  return anthropicCall(call, said, new Set(rules));
}

const reasoningTable: FieldTable = {
  carried: ["effort", "summary", "generate_summary"],
  harmless: ["context", "mode"],
  idle: {},
};
const textTable: FieldTable = { carried: ["format"], harmless: ["verbosity"], idle: {} };

/** The rules for the smaller objects of a request. */
function weighWishes(body: Loose): string[] {
  const include = Array.isArray(body.include) ? (body.include as unknown[]).map(String) : [];
  if (include.includes("message.output_text.logprobs")) throw unsupported("include", "Claude tells no probabilities");
  const strange = include.filter((name) => name !== "reasoning.encrypted_content");
  return [
    ...weighFields(looseOf(body.reasoning), reasoningTable, "reasoning."),
    ...weighFields(looseOf(body.text), textTable, "text."),
    ...(strange.length > 0 ? [`left out: include ${strange.join(", ")}`] : []),
    ...(body.store === true ? ["left out: store, since nothing is stored for this model"] : []),
  ];
}

/** Models that choose their thinking themselves (`adaptive`) take a history without it, and show it where they are asked to. */
function mindOf(
  body: Loose,
  call: Call,
  {
    mostTokens,
    turns,
    rules,
  }: { readonly mostTokens: number; readonly turns: readonly Turn[]; readonly rules: string[] },
): Loose {
  const { effort, summary, generate_summary } = looseOf(body.reasoning);
  const mind = thinkingOf(effort, call, mostTokens);
  const { type } = looseOf(mind.thinking);
  if (effort === "none") rules.push("reasoning.effort none: thinking is not asked for");
  if (type === "enabled" && lacksThinking(turns)) {
    rules.push("thinking left off: the last tool call came back without the thinking before it");
    return {};
  }
  const isShown = type === "adaptive" && (summary ?? generate_summary);
  return isShown ? { ...mind, thinking: { type, display: "summarized" } } : mind;
}

/**
 * OpenAI caches by itself; Anthropic where it is told to. A client that names a cache gets one: up to the end of the
 * instructions, and up to the end of the conversation, where the next request finds it.
 */
function markCached(body: Loose, system: readonly Loose[], turns: readonly Turn[]): void {
  if (typeof body.prompt_cache_key !== "string") return;
  const cache_control = { type: "ephemeral", ...(body.prompt_cache_retention === "24h" ? { ttl: "1h" } : {}) };
  for (const block of [system.at(-1), turns.at(-1)?.content.at(-1)]) {
    if (block && !/thinking$/.test(String(block.type))) block.cache_control = cache_control;
  }
}

const nameOf = ({ type, name, namespace }: Loose): unknown =>
  type === "function" || type === "custom" ? nameIn(namespace, name) : undefined;
