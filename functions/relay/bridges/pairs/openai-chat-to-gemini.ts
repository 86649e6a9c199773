import type { Call } from "../../dialects/dialect.ts";
import { geminiDialect } from "../../dialects/gemini/gemini.ts";
import { type Loose, parse } from "../../dialects/openai/usage.ts";
import type { Bridge } from "./bridge.ts";
import { compact, type FieldTable, looseOf, readBody, unsupported, weigh } from "./fields.ts";
import { choiceOf, ContentsWriter, geminiBody, mostTokensOf, sayEffort } from "./gemini-asks.ts";
import { generate, geminiCall } from "./gemini-words.ts";
import { chatFields, chatIdle, readChat, readChatTools, readWishes, type Said, type Tool } from "./openai-chat-asks.ts";
import { sayChat } from "./openai-chat-to-gemini-answer.ts";
import { type Link, type Part, readFormat, type Reading } from "./openai-parts.ts";
import { translate } from "./translate.ts";

/**
 * OpenAI Chat Completions on Gemini. Sources: platform.openai.com/docs/api-reference/chat, ai.google.dev/api/generate-content.
 * Thoughts come as `reasoning_content`; the signature of a call as `extra_content.google.thought_signature`, where Google's own
 * compatible API has it (ai.google.dev/gemini-api/docs/thought-signatures), and may be sent back there.
 */
export const openaiChatToGemini: Bridge = {
  from: "openai-chat",
  to: geminiDialect,
  request: sayRequest,
  response: (call) => translate(sayChat(readWishes(readBody(call), new Set()).asksUsage), call.isStream),
};

const table: FieldTable = {
  carried: [...chatFields, "seed", "frequency_penalty", "presence_penalty"],
  harmless: [
    ...["metadata", "store", "prediction", "verbosity", "prompt_cache_key", "prompt_cache_retention"],
    ...["prompt_cache_options", "user", "safety_identifier", "service_tier", "cache_control"],
  ],
  idle: { ...chatIdle, parallel_tool_calls: [true] },
};

function sayRequest(call: Call): Call {
  const body = readBody(call);
  const rules = new Set(["OpenAI Chat said as Gemini"]);
  weigh(body, table, "", rules);
  const reading: Reading = { rules, mark: (marked) => noteMarker(marked, rules) };
  const model = call.model ?? "";
  const { system, contents } = readContents(readChat(body.messages, reading), model, rules);
  const { mostTokens, stops } = readWishes(body, rules);
  const said = geminiBody({
    ...{ system, contents },
    tools: readChatTools(body.tools, reading).map((tool) => sayTool(tool, rules)),
    toolConfig: sayChoice(body.tool_choice),
    generationConfig: compact({
      ...{ temperature: body.temperature, topP: body.top_p, topK: body.top_k, seed: body.seed },
      ...{
        maxOutputTokens: mostTokensOf(mostTokens, model, "max_tokens", rules),
        presencePenalty: body.presence_penalty,
        stopSequences: stops,
      },
      frequencyPenalty: body.frequency_penalty,
      ...formatOf(body.response_format, rules),
      thinkingConfig: thinkingOf(body.reasoning_effort, model, rules),
    }),
  });
  return geminiCall(call, generate(call), said, rules);
}

function noteMarker({ cache_control: own, prompt_cache_breakpoint: breakpoint }: Loose, rules: Set<string>): undefined {
  if (own) rules.add("left out: cache_control, since Gemini caches by itself");
  if (breakpoint) rules.add("left out: prompt_cache_breakpoint, since Gemini caches by itself");
}

function readContents(messages: readonly Said[], model: string, rules: Set<string>) {
  const system: Loose[] = [];
  const writer = new ContentsWriter(model);
  for (const message of messages) {
    if (message.thinking.length > 0) rules.add("left out: messages[].thinking_blocks, which another model signed");
    if (message.role === "system") {
      if (writer.contents.length > 0) rules.add("instructions from within the conversation moved to its front");
      system.push(...message.parts.map((part) => sayPart(part, rules)));
    } else if (message.role === "tool") writer.add("user", sayResult(message, writer, rules));
    else {
      const calls = message.calls.map((call, index) => writer.call({ ...call, isFirst: index === 0 }));
      writer.add(message.role === "user" ? "user" : "model", [
        ...message.parts.map((part) => sayPart(part, rules)),
        ...calls,
      ]);
    }
  }
  return { system, contents: writer.contents };
}

function sayResult({ parts, answers }: Said, writer: ContentsWriter, rules: Set<string>): Loose[] {
  const texts = parts.flatMap((part) => ("text" in part ? [part.text] : []));
  const shown = parts.filter((part) => !("text" in part)).map((part) => sayPart(part, rules));
  const given = parse(texts.join("\n"));
  const response = given && !Array.isArray(given) ? given : { result: texts.join("\n") };
  return writer.result(answers, "messages[].tool_call_id", response, shown);
}

function sayPart(part: Part, rules: Set<string>): Loose {
  if ("text" in part) return { text: part.text };
  if ("image" in part) return inline(part.image, "messages[].content[].image_url.url");
  if ("file" in part && part.name) rules.add("left out: filename, since Gemini's files have none");
  if ("file" in part) return inline(part.file, "messages[].content[].file");
  const { data, format } = part.audio;
  return { inlineData: { mimeType: `audio/${String(format)}`, data } };
}

function inline(link: Link, field: string): Loose {
  if ("url" in link) throw unsupported(field, "Gemini takes the bytes themselves, as a base64 data URL");
  return { inlineData: { mimeType: link.type, data: link.base64 } };
}

function thinkingOf(effort: unknown, model: string, rules: Set<string>): Loose | undefined {
  if (typeof effort !== "string") return undefined;
  return { ...sayEffort({ effort }, model, "reasoning_effort", rules), includeThoughts: effort !== "none" };
}

function formatOf(format: unknown, rules: Set<string>): Loose {
  const said = readFormat(format, "response_format", rules);
  return said ? compact({ responseMimeType: "application/json", responseJsonSchema: said.schema }) : {};
}

function sayTool({ name, description, parameters: parametersJsonSchema, strict }: Tool, rules: Set<string>): Loose {
  if (strict !== undefined && strict !== null) rules.add("left out: tools[].function.strict");
  return compact({ name, description, parametersJsonSchema });
}

function sayChoice(choice: unknown): Loose | undefined {
  if (choice === undefined || choice === null) return undefined;
  const { type, function: named } = looseOf(choice);
  const said = choiceOf(type === "function" ? { name: looseOf(named).name } : { mode: choice });
  if (!said) throw unsupported("tool_choice");
  return said;
}
