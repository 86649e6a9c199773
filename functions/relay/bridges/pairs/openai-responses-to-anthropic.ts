import { anthropicDialect } from "../../dialects/anthropic/anthropic.ts";
import type { Call } from "../../dialects/dialect.ts";
import type { Loose } from "../../dialects/openai/usage.ts";
import { mostTokensOf } from "./anthropic-words.ts";
import type { Bridge } from "./bridge.ts";
import { compact, type FieldTable, looseOf, malformed, readBody, unsupported, weigh } from "./fields.ts";
import * as claude from "./openai-asks-anthropic.ts";
import { nameIn, readTools, toolsOf } from "./openai-responses-tools.ts";
import { sayResponse } from "./openai-responses-to-anthropic-answer.ts";
import { readInput } from "./openai-responses-asks.ts";
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
    ...["model", "input", "instructions", "stream", "max_output_tokens", "temperature", "top_p", "tools"],
    ...["tool_choice", "parallel_tool_calls", "reasoning", "text", "include", "user", "safety_identifier"],
    ...["service_tier", "prompt_cache_key", "prompt_cache_retention", "prompt_cache_options"],
  ],
  harmless: ["metadata", "client_metadata", "truncation", "stream_options"],
  idle: { background: [false], top_logprobs: [0], store: [false] },
};

/** The smaller objects of a request. */
const tables: Readonly<Record<string, FieldTable>> = {
  reasoning: { carried: ["effort", "summary", "generate_summary"], harmless: ["context", "mode"] },
  text: { carried: ["format"], harmless: ["verbosity"] },
  prompt_cache_options: { carried: ["mode", "ttl"], harmless: ["comparison_response_id"] },
};

/** What is kept at OpenAI between requests. */
const kept = ["previous_response_id", "conversation", "prompt"];

function sayRequest(call: Call): Call {
  if (call.operation !== "responses") throw unsupported(call.operation, "the model's own API cannot compact");
  const body = readBody(call);
  const rules = new Set(["OpenAI Responses said as Anthropic Messages"]);
  weighAll(body, rules);
  const { said: tools } = readTools(toolsOf(body), rules);
  const reading = claude.readForAnthropic(body, rules);
  const { system, turns } = claude.readTurns(readInput(body, reading), "input", rules);
  const mostTokens = body.max_output_tokens ?? mostTokensOf(call.model ?? "");
  if (typeof mostTokens !== "number") throw malformed("'max_output_tokens' must be a number.");
  const mind = mindOf(body, { call, mostTokens, turns, rules });
  claude.markCached(body, system, turns);
  const said = compact({
    model: call.model,
    max_tokens: mostTokens,
    ...mind,
    ...claude.formatOf(looseOf(body.text).format, mind, "text.format", rules),
    ...claude.samplingOf(body, mind, rules),
    system: system.length > 0 ? system : undefined,
    messages: turns,
    tools: tools.length > 0 ? tools : undefined,
    tool_choice: tools.length > 0 ? claude.choiceOf(body, nameOf) : undefined,
    metadata: claude.ownerOf(body, rules),
    service_tier: claude.tierOf(body.service_tier, rules),
    stream: body.stream,
  });
  return claude.anthropicCall(call, said, rules);
}

function weighAll(body: Loose, rules: Set<string>): void {
  const stored = kept.find((field) => body[field] !== undefined && body[field] !== null);
  if (stored) {
    throw unsupported(stored, "nothing is stored for this model, so the whole conversation must be in 'input'");
  }
  // The official SDKs' default, although their users seldom mean it.
  if (body.store === true) rules.add("left out: store, since nothing is stored for this model");
  weigh({ ...body, store: undefined }, table, "", rules);
  for (const [name, own] of Object.entries(tables)) weigh(looseOf(body[name]), own, `${name}.`, rules);
  const include = Array.isArray(body.include) ? (body.include as unknown[]).map(String) : [];
  if (include.includes("message.output_text.logprobs")) throw unsupported("include", "Claude tells no probabilities");
  const strange = include.filter((name) => name !== "reasoning.encrypted_content");
  if (strange.length > 0) rules.add(`left out: include ${strange.join(", ")}`);
}

/** Models that choose their thinking themselves (`adaptive`) show it where they are asked to. */
function mindOf(body: Loose, about: claude.About): Loose {
  const { effort, summary, generate_summary } = looseOf(body.reasoning);
  const mind = claude.mindOf(effort, "reasoning.effort", about);
  const wish = summary ?? generate_summary;
  if (wish && !mind.thinking) about.rules.add("left out: reasoning.summary, since no thinking is asked for");
  const isShown = looseOf(mind.thinking).type === "adaptive" && wish;
  return isShown ? { ...mind, thinking: { type: "adaptive", display: "summarized" } } : mind;
}

const nameOf = ({ type, name, namespace }: Loose): unknown =>
  type === "function" || type === "custom" ? nameIn(namespace, name) : undefined;
