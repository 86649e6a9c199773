import type { Call } from "../../dialects/dialect.ts";
import type { Loose } from "../../dialects/openai/usage.ts";
import { anthropicHeaders, joinTurns, lacksThinking, thinkingOf, type Turn } from "./anthropic-words.ts";
import { compact, looseOf, malformed, unsupported } from "./fields.ts";
import type { Said } from "./openai-chat-asks.ts";
import { type Link, type Part, readFormat, type Reading } from "./openai-parts.ts";

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

/**
 * How a request is read for Claude: OpenAI's explicit breakpoints become Anthropic's markers, and what is to be kept for longer
 * than the five minutes that are Anthropic's default is kept for an hour. Source: platform.openai.com, prompt caching.
 */
export function readForAnthropic(body: Loose, rules: Set<string>): Reading {
  const standard = looseOf(body.prompt_cache_options).ttl;
  const mark = ({ cache_control: own, prompt_cache_breakpoint: breakpoint }: Loose): Loose | undefined => {
    if (own || !breakpoint) return own ? looseOf(own) : undefined;
    const { ttl = standard } = looseOf(breakpoint);
    if (ttl === "12h") rules.add("prompt_cache_breakpoint.ttl 12h → 1h, the longest there is");
    return ttl === undefined ? { type: "ephemeral" } : { type: "ephemeral", ttl: "1h" };
  };
  return { rules, mark };
}

/**
 * OpenAI caches by itself; Anthropic where it is told to. A client that speaks of a cache gets one: up to the end of the
 * instructions, and up to the end of the conversation, where the next request finds it.
 */
export function markCached(body: Loose, system: readonly Loose[], turns: readonly Turn[]): void {
  const { prompt_cache_key: key, prompt_cache_retention: retention, prompt_cache_options: options } = body;
  const { mode, ttl } = looseOf(options);
  if (!(key || retention || options) || mode === "explicit") return;
  const isLong = ttl !== undefined || retention === "24h";
  const cache_control = { type: "ephemeral", ...(isLong ? { ttl: "1h" } : {}) };
  const blocks = [...system, ...turns.flatMap(({ content }) => content)];
  if (blocks.some((block) => block.cache_control)) return;
  for (const block of [system.at(-1), turns.at(-1)?.content.at(-1)]) {
    if (block && !/thinking$/.test(String(block.type))) block.cache_control = cache_control;
  }
}

/** A part as a block. Throws `request.unsupported` for sound. */
export function sayPart(part: Part): Loose {
  const cache_control = part.marker;
  if ("text" in part) return compact({ type: "text", text: part.text, cache_control });
  if ("image" in part) return compact({ type: "image", source: sourceOf(part.image), cache_control });
  if ("file" in part)
    return compact({ type: "document", source: sourceOf(part.file), title: part.name, cache_control });
  throw unsupported("input_audio", "Claude does not listen");
}

function sourceOf(link: Link): Loose {
  if ("url" in link) return { type: "url", url: link.url };
  return { type: "base64", media_type: link.type, data: link.base64 };
}

/** Anthropic's temperature ends at 1, and thinking allows no other. */
export function samplingOf(body: Loose, mind: Loose, rules: Set<string>): Loose {
  const { temperature, top_p, top_k } = body;
  const isThinking = mind.thinking !== undefined && looseOf(mind.thinking).type !== "disabled";
  if (typeof temperature !== "number") return { top_p, top_k };
  if (isThinking && temperature !== 1) {
    rules.add("left out: temperature, which a thinking model does not take");
    return { top_p, top_k };
  }
  if (temperature > 1) rules.add(`temperature ${temperature} → 1, the highest there is`);
  return { top_p, top_k, temperature: Math.min(temperature, 1) };
}

/** The form that an answer must have, beside the effort, which stands in the same object. */
export function formatOf(format: unknown, mind: Loose, field: string, rules: Set<string>): Loose {
  const said = readFormat(format, field, rules);
  if (said === undefined) return {};
  if (said.schema === undefined) throw unsupported(field, "only 'text' and 'json_schema' can be passed on");
  return { output_config: { ...looseOf(mind.output_config), format: { type: "json_schema", schema: said.schema } } };
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

export function ownerOf({ safety_identifier: identifier, user }: Loose, rules: Set<string>): Loose | undefined {
  const owner = identifier ?? user;
  if (identifier && user) rules.add("left out: user, since safety_identifier is given");
  return owner === undefined || owner === null ? undefined : { user_id: owner };
}

export function tierOf(tier: unknown, rules: Set<string>): string | undefined {
  if (tier === undefined || tier === null || tier === "auto") return undefined;
  if (tier === "default") return "standard_only";
  rules.add("left out: service_tier");
  return undefined;
}

/** What decides whether a model may think. */
export interface About {
  readonly call: Call;
  readonly mostTokens: number;
  readonly turns: readonly Turn[];
  readonly rules: Set<string>;
}

/** An effort as thinking. */
export function mindOf(effort: unknown, field: string, about: About): Loose {
  if (effort === "none") about.rules.add(`${field} none: thinking is not asked for`);
  return thinkOn(thinkingOf(effort, about.call, about.mostTokens), field, about);
}

/** Thinking is left off where the conversation could not go on with it; models that choose it themselves take any history. */
export function thinkOn(mind: Loose, field: string, { turns, rules }: About): Loose {
  if (looseOf(mind.thinking).type !== "enabled" || !lacksThinking(turns)) return mind;
  rules.add(`${field}: thinking left off, since the last tool call came without any`);
  return {};
}

/** A conversation as Anthropic's: instructions apart, a tool's result as the person's turn, equal roles joined. */
export function readTurns(
  messages: readonly Said[],
  field: string,
  rules: Set<string>,
): { system: Loose[]; turns: Turn[] } {
  const system: Loose[] = [];
  const turns: Turn[] = [];
  for (const message of messages) {
    if (message.role === "system") {
      if (turns.length > 0) rules.add("instructions from within the conversation moved to its front");
      system.push(...sayContent(message));
    } else if (message.role === "assistant") turns.push({ role: "assistant", content: sayAnswered(message) });
    else turns.push({ role: "user", content: message.role === "tool" ? [sayResult(message)] : sayContent(message) });
  }
  if (turns.length === 0) throw malformed(`'${field}' must hold more than instructions.`);
  return { system, turns: joinTurns(turns) };
}

/** The marker of a message is its last block's. */
function sayContent({ parts, marker }: Said): Loose[] {
  const blocks = parts.map(sayPart);
  const last = blocks.at(-1);
  if (last && marker) last.cache_control ??= marker;
  return blocks;
}

function sayAnswered(message: Said): Loose[] {
  const calls = message.calls.map(({ id, name, input, marker }) =>
    compact({ type: "tool_use", id, name, input, cache_control: marker }),
  );
  return [...message.thinking, ...sayContent(message), ...calls];
}

function sayResult({ parts, answers, marker }: Said): Loose {
  const [first, ...more] = parts;
  const isPlain = first && "text" in first && !first.marker && more.length === 0;
  const content = isPlain ? first.text : first && parts.map(sayPart);
  return compact({ type: "tool_result", tool_use_id: answers, content, cache_control: marker });
}
