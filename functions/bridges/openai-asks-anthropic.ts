import type { Call } from "../dialects/dialect.ts";
import type { Loose } from "../dialects/openai-usage.ts";
import { anthropicHeaders } from "./anthropic-words.ts";
import { looseOf, unsupported } from "./fields.ts";

/** What both of OpenAI's languages ask for in the same words, as Anthropic Messages ask for it. */
export function anthropicCall(call: Call, body: Loose, rules: Iterable<string>): Call {
  return {
    ...call,
    dialect: "anthropic",
    operation: "messages",
    target: "/v1/messages",
    maxOutputTokens: Number(body.max_tokens),
    headers: anthropicHeaders(call.headers),
    body: Buffer.from(JSON.stringify(body)),
    rules: [...call.rules, ...rules],
  };
}

/** Anthropic's temperature ends at 1, and thinking allows no other. */
export function samplingOf(body: Loose, mind: Loose, rules: string[]): Loose {
  const { temperature, top_p, top_k, stop } = body;
  const isThinking = mind.thinking !== undefined && looseOf(mind.thinking).type !== "disabled";
  const rest = { top_p, top_k, stop_sequences: typeof stop === "string" ? [stop] : stop };
  if (typeof temperature !== "number") return rest;
  if (isThinking && temperature !== 1) {
    rules.push("left out: temperature, which a thinking model does not take");
    return rest;
  }
  if (temperature > 1) rules.push(`temperature ${temperature} → 1, the highest there is`);
  return { ...rest, temperature: Math.min(temperature, 1) };
}

/** The form that an answer must have: Chat says the schema beside `field`'s type in an object, Responses in the same one. */
export function formatOf(format: unknown, mind: Loose, field: string): Loose {
  if (format === undefined || format === null) return {};
  const { type, json_schema: described, schema } = looseOf(format);
  if (type === "text") return {};
  if (type !== "json_schema") throw unsupported(field, "only 'text' and 'json_schema' can be passed on");
  const said = { type: "json_schema", schema: schema ?? looseOf(described).schema };
  return { output_config: { ...looseOf(mind.output_config), format: said } };
}

const choices: Readonly<Record<string, string>> = { auto: "auto", none: "none", required: "any" };

/** `named`: the tool that an object names, undefined if it names none. */
export function choiceOf(body: Loose, named: (choice: Loose) => unknown): Loose | undefined {
  const { tool_choice: choice, parallel_tool_calls: isParallel } = body;
  const alone = isParallel === false ? { disable_parallel_tool_use: true } : {};
  if (choice === undefined || choice === null) {
    return isParallel === false && body.tools ? { type: "auto", ...alone } : undefined;
  }
  const name = named(looseOf(choice));
  if (name !== undefined) return { type: "tool", name, ...alone };
  const type = choices[String(choice)];
  if (type === undefined) throw unsupported("tool_choice");
  return type === "none" ? { type } : { type, ...alone };
}

export function ownerOf(body: Loose): Loose | undefined {
  const owner = body.safety_identifier ?? body.user;
  return owner === undefined || owner === null ? undefined : { user_id: owner };
}

export function tierOf(tier: unknown, rules: string[]): string | undefined {
  if (tier === undefined || tier === null || tier === "auto") return undefined;
  if (tier === "default") return "standard_only";
  rules.push("left out: service_tier");
  return undefined;
}
