import type { Call } from "../../dialects/dialect.ts";
import { geminiDialect } from "../../dialects/gemini/gemini.ts";
import type { Loose } from "../../dialects/openai/usage.ts";
import * as asks from "./anthropic-asks.ts";
import { sayCount } from "./anthropic-message.ts";
import { sayMessage } from "./anthropic-to-gemini-answer.ts";
import type { Bridge } from "./bridge.ts";
import { compact, type FieldTable, looseOf, readBody, unsupported, weigh } from "./fields.ts";
import { choiceOf, ContentsWriter, geminiBody, leastThinking, mostTokensOf, sayEffort } from "./gemini-asks.ts";
import { generate, geminiCall, isThird } from "./gemini-words.ts";
import { openGeminiSeal } from "./reasoning-seal.ts";
import { translate } from "./translate.ts";

/**
 * Anthropic Messages on Gemini, so that Claude Code runs on it. Sources: docs.anthropic.com/en/api/messages,
 * ai.google.dev/api/generate-content. A signature of Gemini's comes as that of a thinking block, or, to a client that did not
 * ask for thinking, with the call it belongs to as `extra_content.google.thought_signature`, where Google's own compatible API
 * has it; what is sent back goes where it came from.
 */
export const anthropicToGemini: Bridge = {
  from: "anthropic",
  to: geminiDialect,
  request: sayRequest,
  response(call) {
    const words = sayMessage(asks.readMind(readBody(call), { rules: new Set() }).isThinking);
    const isCount = call.operation === "count_tokens";
    const whole = (answer: Loose) => sayCount(answer.totalTokens);
    return translate(isCount ? { ...words, whole } : words, call.isStream);
  },
};

const table: FieldTable = {
  ...asks.asksTable,
  carried: [...asks.asksTable.carried, "top_k", "stop_sequences"],
  harmless: [...(asks.asksTable.harmless ?? []), "service_tier"],
};

function sayRequest(call: Call): Call {
  const body = readBody(call);
  const model = call.model ?? "";
  const reading: asks.Reading = { rules: new Set(["Anthropic Messages said as Gemini"]) };
  weigh(body, table, "", reading.rules);
  const { contents, instructions } = readContents(body.messages, model, reading);
  const said = geminiBody({
    contents,
    system: [...asks.readSystem(body.system, reading), ...instructions].map(({ text }) => ({ text })),
    tools: asks.readTools(body.tools, reading).map((tool) => sayTool(tool, reading)),
    toolConfig: sayChoice(asks.readChoice(body.tool_choice, reading)),
    generationConfig: configOf(body, model, reading),
  });
  if (call.operation !== "count_tokens") return geminiCall(call, generate(call), said, reading.rules);
  const counted = { generateContentRequest: { model: `models/${model}`, ...said } };
  return geminiCall(call, "countTokens", counted, reading.rules);
}

/** Instructions before the first answer are the system's; later ones are said in the person's turn. */
function readContents(value: unknown, model: string, reading: asks.Reading) {
  const instructions: { text: string }[] = [];
  const writer = new ContentsWriter(model);
  for (const { role, blocks } of asks.readMessages(value, reading)) {
    if (role === "assistant") writer.add("model", readAnswered(blocks, writer, reading));
    else if (role === "system" && !writer.isBegun) {
      instructions.push(...blocks.flatMap((block) => asks.piecesOf(block, reading)).map(textOf));
    } else {
      if (role === "system") reading.rules.add("instructions from within the conversation said in the person's turn");
      writer.add("user", readAsked(blocks, writer, reading));
    }
  }
  return { contents: writer.contents, instructions };
}

function textOf(piece: asks.Piece): { text: string } {
  if ("text" in piece) return piece;
  throw unsupported("messages[].content", "an instruction must be text");
}

/** The signature of a thinking block belongs to the part that follows it; of calls made together the first one bears it. */
function readAnswered(blocks: readonly Loose[], writer: ContentsWriter, reading: asks.Reading): Loose[] {
  const parts: Loose[] = [];
  let pending: string | undefined;
  let isFirst = true;
  for (const block of blocks) {
    asks.dropMarker(block, reading);
    if (block.type === "thinking" || block.type === "redacted_thinking") {
      pending = openGeminiSeal(block.signature);
      if (pending === undefined && block.signature !== "")
        reading.rules.add("left out: thinking that another model signed");
    } else if (block.type === "text") {
      if (block.text !== "") parts.push(compact({ text: block.text, thoughtSignature: pending }));
      pending = undefined;
    } else if (block.type === "tool_use") {
      const { id, name, input, extra_content: extra } = block;
      const signature = looseOf(looseOf(extra).google).thought_signature ?? pending;
      parts.push(writer.call({ id, name, input, signature, isFirst }));
      [pending, isFirst] = [undefined, false];
    } else throw unsupported(`messages[].content[].${String(block.type)}`);
  }
  return parts;
}

/** Results stand first and together, as many as there were calls; what else was said follows. */
function readAsked(blocks: readonly Loose[], writer: ContentsWriter, reading: asks.Reading): Loose[] {
  const results: Loose[] = [];
  const rest: Loose[] = [];
  for (const block of blocks) {
    if (block.type !== "tool_result")
      rest.push(...asks.piecesOf(block, reading).map((piece) => sayPart(piece, reading)));
    else {
      asks.dropMarker(block, reading);
      const [said, ...beside] = readResult(block, writer, reading);
      if (said) results.push(said);
      rest.push(...beside);
    }
  }
  return [...results, ...rest];
}

function readResult(
  { content, tool_use_id: id, is_error: isError }: Loose,
  writer: ContentsWriter,
  reading: asks.Reading,
) {
  const blocks = asks.readBlocks(content, "messages[].content[].content", reading);
  const pieces = blocks.flatMap((block) => asks.piecesOf(block, reading));
  const text = pieces.flatMap((piece) => ("text" in piece ? [piece.text] : [])).join("\n");
  const shown = pieces.filter((piece) => !("text" in piece)).map((piece) => sayPart(piece, reading));
  const response = isError === true ? { error: text } : { output: text };
  return writer.result(id, "messages[].content[].tool_use_id", response, shown);
}

function sayPart(piece: asks.Piece, { rules }: asks.Reading): Loose {
  if ("text" in piece) return { text: piece.text };
  const source = "image" in piece ? piece.image : piece.file;
  if ("file" in piece) rules.add("left out: the title of a document, since Gemini's have none");
  if (source.type === "base64") return { inlineData: { mimeType: source.media_type, data: source.data } };
  if (source.type !== "url") throw asks.unreachable(source);
  throw unsupported("messages[].content[].source.url", "Gemini takes the bytes themselves, as base64");
}

function configOf(body: Loose, model: string, reading: asks.Reading): Loose {
  const mind = asks.readMind(body, reading);
  const stops = Array.isArray(body.stop_sequences) && body.stop_sequences.length > 0;
  if (stops) reading.rules.add("a stop sequence ends the answer as end_turn, since Gemini does not tell which it was");
  return compact({
    ...{ temperature: body.temperature, topP: body.top_p, topK: body.top_k },
    stopSequences: stops ? body.stop_sequences : undefined,
    maxOutputTokens: mostTokensOf(body.max_tokens, model, "max_tokens", reading.rules),
    responseMimeType: mind.schema === undefined ? undefined : "application/json",
    responseJsonSchema: mind.schema,
    thinkingConfig: thinkingOf(mind, model, reading),
  });
}

const thoughtless = /^(gemini-(1|2\.0)|gemma|learnlm)/;

/** Claude thinks only where it is asked to, Gemini unless it is told not to. Source: ai.google.dev/gemini-api/docs/thinking. */
function thinkingOf(mind: asks.Mind, model: string, reading: asks.Reading): Loose | undefined {
  if (thoughtless.test(model)) {
    if (mind.isThinking) reading.rules.add("left out: thinking, which the model does not have");
    return undefined;
  }
  if (!mind.isThinking) {
    if (mind.effort !== undefined) reading.rules.add("left out: effort, since no thinking is asked for");
    return leastThinking(model);
  }
  if (isThird(model)) asks.noteEffort(mind, reading);
  return { ...sayEffort(mind, model, "effort", reading.rules), includeThoughts: mind.isShown };
}

function sayTool(
  { name, description, input_schema: parametersJsonSchema, strict }: Loose,
  { rules }: asks.Reading,
): Loose {
  if (strict !== undefined && strict !== null) rules.add("left out: tools[].strict");
  return compact({ name, description, parametersJsonSchema });
}

function sayChoice(choice: asks.Choice | undefined): Loose | undefined {
  if (!choice) return undefined;
  if (choice.isAlone) throw unsupported("tool_choice.disable_parallel_tool_use");
  return choiceOf(choice);
}
