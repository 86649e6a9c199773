import type { Loose } from "../dialects/openai-usage.ts";
import { parse } from "../dialects/openai-usage.ts";
import { inputOf } from "./anthropic-words.ts";
import { compact, type FieldTable, listOf, looseOf, malformed, unsupported, weighFields } from "./fields.ts";
import { append, type Content, isThird, unsigned } from "./gemini-words.ts";

export interface Contents {
  readonly system: Loose[];
  readonly contents: Content[];
}

const table: FieldTable = {
  carried: ["role", "content", "tool_calls", "tool_call_id", "cache_control", "refusal"],
  harmless: ["name", "annotations", "reasoning_content", "reasoning", "thinking_blocks"],
  idle: { function_call: [], audio: [], tool_calls: [[]], images: [[]] },
};

/** A Chat conversation as Gemini's: instructions apart, results named by the function that was called, equal roles joined. */
export function readContents(value: unknown, model: string, rules: Set<string>): Contents {
  const system: Loose[] = [];
  const contents: Content[] = [];
  const names = new Map<unknown, unknown>();
  for (const message of listOf(value, "messages")) {
    for (const rule of weighFields(message, table, "messages[].")) rules.add(rule);
    noteMarkers(message, rules);
    if (message.role === "system" || message.role === "developer") {
      if (contents.length > 0) rules.add("instructions from within the conversation moved to its front");
      system.push(...readParts(message.content));
    } else append(contents, readMessage(message, model, names));
  }
  if (contents.length === 0) throw malformed("'messages' must hold more than instructions.");
  return { system, contents };
}

function noteMarkers({ content, cache_control }: Loose, rules: Set<string>): void {
  const isMarked = cache_control || (Array.isArray(content) && content.some((part) => looseOf(part).cache_control));
  if (isMarked) rules.add("left out: cache_control, since Gemini caches by itself");
}

function readMessage(message: Loose, model: string, names: Map<unknown, unknown>): Content {
  if (message.role === "user") return { role: "user", parts: readParts(message.content) };
  if (message.role === "assistant") {
    const calls = listOf(message.tool_calls, "messages[].tool_calls");
    for (const call of calls) names.set(call.id, looseOf(call.function).name);
    const refusal = typeof message.refusal === "string" ? [{ text: message.refusal }] : [];
    return { role: "model", parts: [...readParts(message.content), ...refusal, ...readCalls(calls, model)] };
  }
  if (message.role !== "tool") throw unsupported("messages[].role");
  const name = names.get(message.tool_call_id);
  if (name === undefined) throw malformed("'messages[].tool_call_id' names no call of an earlier message.");
  const texts = readParts(message.content).map(({ text }) => text);
  if (texts.includes(undefined)) throw unsupported("messages[].content", "a tool's result must be text");
  const said = texts.join("\n");
  const given = parse(said);
  const response = given && !Array.isArray(given) ? given : { result: said };
  return { role: "user", parts: [{ functionResponse: { name, response } }] };
}

/** Of calls that were made together the first one bears the signature. */
function readCalls(calls: readonly Loose[], model: string): Loose[] {
  return calls.map((call, index) => {
    if (call.type !== undefined && call.type !== "function") throw unsupported("messages[].tool_calls[].type");
    const { name, arguments: said } = looseOf(call.function);
    const args = inputOf(said, "messages[].tool_calls[].function.arguments");
    const signature = looseOf(looseOf(call.extra_content).google).thought_signature;
    const fallback = isThird(model) && index === 0 ? unsigned : undefined;
    return compact({ functionCall: { name, args }, thoughtSignature: signature ?? fallback });
  });
}

function readParts(content: unknown): Loose[] {
  if (content === null || content === undefined || content === "") return [];
  if (typeof content === "string") return [{ text: content }];
  return listOf(content, "messages[].content").map(readPart);
}

function readPart(part: Loose): Loose {
  if (part.type === "text") return { text: part.text };
  if (part.type === "refusal") return { text: part.refusal };
  if (part.type === "image_url") return inline(looseOf(part.image_url).url, "messages[].content[].image_url.url");
  if (part.type === "file") return inline(looseOf(part.file).file_data, "messages[].content[].file.file_id");
  if (part.type === "input_audio") {
    const { data, format } = looseOf(part.input_audio);
    return { inlineData: { mimeType: `audio/${String(format)}`, data } };
  }
  throw unsupported(`messages[].content[].${String(part.type)}`);
}

function inline(url: unknown, field: string): Loose {
  const found = typeof url === "string" ? /^data:([^;,]+)(?:;[^;,]+)*;base64,/.exec(url) : null;
  if (!found || typeof url !== "string")
    throw unsupported(field, "Gemini takes the bytes themselves, as a base64 data URL");
  return { inlineData: { mimeType: found[1], data: url.slice(found[0].length) } };
}
