import type { Call } from "../../dialects/dialect.ts";
import { openaiResponsesDialect } from "../../dialects/openai/responses.ts";
import type { Loose } from "../../dialects/openai/usage.ts";
import * as asks from "./anthropic-asks.ts";
import { sayCount } from "./anthropic-message.ts";
import { sayMessage } from "./anthropic-to-openai-responses-answer.ts";
import { readItems } from "./anthropic-to-openai-responses-items.ts";
import type { Bridge } from "./bridge.ts";
import { compact, type FieldTable, looseOf, readBody, weigh } from "./fields.ts";
import {
  formatOf,
  markFor,
  mostTokensOf,
  reasoningOf,
  sayChoice,
  sayInstructions,
  sayTool,
} from "./openai-responses-words.ts";
import { stopsOf } from "./stop-sequences.ts";
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
  response(call) {
    const words = sayMessage(stopsOf(readBody(call)));
    const whole = (answer: Loose) => sayCount(answer.input_tokens);
    return translate(call.operation === "count_tokens" ? { ...words, whole } : words, call.isStream);
  },
};

const table: FieldTable = {
  ...asks.asksTable,
  carried: [...asks.asksTable.carried, "service_tier", "stop_sequences"],
};

function sayRequest(call: Call): Call {
  const body = readBody(call);
  const rules = new Set(["Anthropic Messages said as OpenAI Responses"]);
  weigh(body, table, "", rules);
  if (stopsOf(body).length > 0) rules.add("stop_sequences are watched for here, since OpenAI's Responses have none");
  const asked = sayAsked(call, body, { rules, mark: markFor(call.model ?? "", rules) });
  const isCount = call.operation === "count_tokens";
  const mostTokens = isCount ? 0 : mostTokensOf(body.max_tokens, rules);
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
  const { instructions, first } = sayInstructions(system);
  return compact({
    model: call.model,
    instructions,
    input: [...first, ...readItems(body.messages, reading)],
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
