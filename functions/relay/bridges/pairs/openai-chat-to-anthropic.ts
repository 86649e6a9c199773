import { anthropicDialect } from "../../dialects/anthropic/anthropic.ts";
import type { Call } from "../../dialects/dialect.ts";
import type { Loose } from "../../dialects/openai/usage.ts";
import { mostTokensOf } from "./anthropic-words.ts";
import type { Bridge } from "./bridge.ts";
import { compact, type FieldTable, looseOf, malformed, readBody, weigh } from "./fields.ts";
import * as claude from "./openai-asks-anthropic.ts";
import { chatFields, chatIdle, readChat, readChatTools, readWishes, type Tool } from "./openai-chat-asks.ts";
import { sayChat } from "./openai-chat-to-anthropic-answer.ts";
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
  response: (call) => translate(sayChat(readWishes(readBody(call), new Set()).asksUsage), call.isStream),
};

const table: FieldTable = {
  carried: [
    ...chatFields,
    ...["parallel_tool_calls", "thinking", "cache_control", "user", "safety_identifier", "service_tier"],
    ...["prompt_cache_key", "prompt_cache_retention", "prompt_cache_options"],
  ],
  harmless: ["metadata", "store", "seed", "prediction", "verbosity"],
  idle: chatIdle ?? {},
};
const cacheTable: FieldTable = { carried: ["mode", "ttl"], harmless: ["comparison_response_id"] };

function sayRequest(call: Call): Call {
  const body = readBody(call);
  const rules = new Set(["OpenAI Chat said as Anthropic Messages"]);
  weigh(body, table, "", rules);
  weigh(looseOf(body.prompt_cache_options), cacheTable, "prompt_cache_options.", rules);
  const reading = claude.readForAnthropic(body, rules);
  const { system, turns } = claude.readTurns(readChat(body.messages, reading), "messages", rules);
  const { mostTokens = mostTokensOf(call.model ?? ""), stops } = readWishes(body, rules);
  if (typeof mostTokens !== "number") throw malformed("'max_completion_tokens' must be a number.");
  const mind = mindOf(body, { call, mostTokens, turns, rules });
  claude.markCached(body, system, turns);
  const said = compact({
    model: call.model,
    max_tokens: mostTokens,
    ...mind,
    ...claude.formatOf(body.response_format, mind, "response_format", rules),
    ...claude.samplingOf(body, mind, rules),
    stop_sequences: stops,
    system: system.length > 0 ? system : undefined,
    messages: turns,
    tools: body.tools ? readChatTools(body.tools, reading).map((tool) => sayTool(tool, rules)) : undefined,
    tool_choice: claude.choiceOf(body, nameOf),
    cache_control: body.cache_control,
    metadata: claude.ownerOf(body, rules),
    service_tier: claude.tierOf(body.service_tier, rules),
    stream: body.stream,
  });
  return claude.anthropicCall(call, said, rules);
}

function mindOf(body: Loose, about: claude.About): Loose {
  const { thinking, reasoning_effort: effort } = body;
  if (thinking && effort) about.rules.add("left out: reasoning_effort, since thinking is given");
  return thinking ? claude.thinkOn({ thinking }, "thinking", about) : claude.mindOf(effort, "reasoning_effort", about);
}

const nameOf = (choice: Loose): unknown => (choice.type === "function" ? looseOf(choice.function).name : undefined);

function sayTool({ name, description, parameters, strict, marker }: Tool, rules: Set<string>): Loose {
  const input_schema = parameters ?? { type: "object", properties: {} };
  if (strict === false) rules.add("left out: tools[].function.strict");
  return compact({ name, description, input_schema, strict: strict === true || undefined, cache_control: marker });
}
