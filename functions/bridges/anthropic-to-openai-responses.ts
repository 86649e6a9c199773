import type { Call } from "../dialects/dialect.ts";
import { openaiResponsesDialect } from "../dialects/openai-responses.ts";
import type { Loose } from "../dialects/openai-usage.ts";
import * as asks from "./anthropic-asks.ts";
import { sayCount } from "./anthropic-message.ts";
import { sayMessage } from "./anthropic-to-openai-responses-answer.ts";
import { readItems } from "./anthropic-to-openai-responses-items.ts";
import type { Bridge } from "./bridge.ts";
import { compact, type FieldTable, looseOf, readBody, weigh } from "./fields.ts";
import { formatOf, markFor, reasoningOf, sayChoice, sayPart, sayTool } from "./openai-responses-words.ts";
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
  ...asks.asksTable,
  carried: [...asks.asksTable.carried, "service_tier"],
  idle: { ...asks.asksTable.idle, stop_sequences: [[]] },
};

const leastTokens = 16;

function sayRequest(call: Call): Call {
  const body = readBody(call);
  const rules = new Set(["Anthropic Messages said as OpenAI Responses"]);
  weigh(body, table, "", rules);
  const asked = sayAsked(call, body, { rules, mark: markFor(call.model ?? "", rules) });
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
    rules: [...call.rules, ...rules],
  };
}

/** What the model is shown, which is all that counts where its tokens are counted. */
function sayAsked(call: Call, body: Loose, reading: asks.Reading): Loose {
  const mind = asks.readMind(body, reading);
  if (looseOf(body.thinking).type === "disabled")
    reading.rules.add("left out: thinking off, since not every model can");
  const system = asks.readSystem(body.system, reading);
  // Instructions are one text; where a marker stands among them, they are the first message instead.
  const isMarked = system.some(({ marker }) => marker !== undefined);
  const first = { type: "message", role: "developer", content: system.map(sayPart) };
  return compact({
    model: call.model,
    instructions: isMarked || system.length === 0 ? undefined : system.map(({ text }) => text).join("\n\n"),
    input: [...(isMarked ? [first] : []), ...readItems(body.messages, reading)],
    tools: body.tools ? asks.readTools(body.tools, reading).map(sayTool) : undefined,
    ...sayChoice(asks.readChoice(body.tool_choice, reading)),
    reasoning: reasoningOf(mind, reading),
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
