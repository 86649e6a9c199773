import type { Conversation, Part, TextPart, ToolOrigin, Turn } from "../conversation.ts";
import { malformed, type Reading, unsupported } from "../fields.ts";
import { fitCacheMarks } from "./cache.ts";
import { fitMedia } from "./media.ts";
import type { Limits } from "./limits.ts";
import { joinTurns, repairTurns } from "./repair.ts";
import { fitFormatSchema, mayBeStrict } from "./schema.ts";
import { fitMaxTokens, fitSampling, fitThinking } from "./settings.ts";
import { fitCalls, fitTools } from "./tools.ts";

export interface Fitted {
  readonly conversation: Conversation;
  readonly origins: ReadonlyMap<string, ToolOrigin>;
  /** Stop sequences that the provider does not watch for. */
  readonly watchedStops: readonly string[];
  /** Only the first call of an answer may reach the client. */
  readonly isOneCall: boolean;
}

/**
 * A conversation as a model takes it. What does not fit is changed to the nearest that does, which is a rule of the call; only what
 * would change the meaning of the answer is refused. What was said before the model's last words is never refused.
 */
export function fit(asked: Conversation, limits: Limits, reading: Reading): Fitted {
  const { tools, toolChoice, origins } = fitTools(asked, limits, reading);
  const { system, turns } = fitTurns(asked, limits, reading);
  const maxTokens = fitMaxTokens(asked.maxTokens, limits, reading);
  const isFormatted = fitFormat(asked, limits, reading);
  const own = { ...asked, system, turns, tools, toolChoice, maxTokens, format: isFormatted };
  const thinking = fitThinking(own, limits, reading);
  const stops = asked.stops.filter((stop) => stop !== "");
  const told = stops.filter((stop) => limits.maker !== "anthropic" || stop.trim() !== "").slice(0, limits.mostStops);
  const watchedStops = told.length === stops.length ? [] : stops;
  if (watchedStops.length > 0)
    reading.note("stop_sequences are watched for here, since the model's API does not take them all");
  if (limits.maker === "gemini" && told.length > 0) {
    reading.note("a stop sequence ends the answer as end_turn, since Gemini does not tell which it was");
  }
  const isOneCall = asked.isParallel === false && !limits.canBeToldOneCall && tools.length > 0;
  if (isOneCall)
    reading.note("disable_parallel_tool_use, parallel_tool_calls: only the first call of an answer is passed on");
  const conversation = {
    ...own,
    thinking,
    sampling: fitSampling(asked.sampling, thinking, limits, reading),
    stops: told,
    isParallel: isOneCall || tools.length === 0 ? undefined : asked.isParallel,
  };
  return { conversation: fitCacheMarks(conversation, limits, reading), origins, watchedStops, isOneCall };
}

function fitFormat({ format, tools }: Conversation, limits: Limits, reading: Reading): Conversation["format"] {
  if (!format) return undefined;
  const field = "response_format (text.format, output_config.format)";
  if (!limits.hasFormat) throw unsupported(field, "the model's API has no form of answers");
  if (tools.length > 0 && !limits.mayFormatWithTools) throw unsupported(field, "the model takes no tools beside it");
  if (!format.schema) {
    if (limits.maker === "anthropic") throw unsupported(field, "only 'text' and 'json_schema' can be passed on");
    return format;
  }
  if (format.isStrict === false && limits.maker !== "openai") reading.leaveOut("format strict");
  if (format.isStrict && limits.schema === "openai" && !mayBeStrict(format.schema, "openai")) {
    reading.leaveOut("format strict", "which the schema does not allow");
  }
  return { ...format, schema: fitFormatSchema(format.schema, limits.schema, field, reading) };
}

function fitTurns(asked: Conversation, limits: Limits, reading: Reading): Pick<Conversation, "system" | "turns"> {
  const { system, turns } = placeSystem(asked, limits, reading);
  const repaired = repairTurns(fitSeals(turns, limits, reading), reading);
  const fitted = fitMedia(fitCalls(repaired, limits, reading), limits, reading);
  const clean = joinTurns(dropBlank(fitted, limits));
  if (clean.length === 0) return { system: [], turns: [{ role: "user", parts: firstWords(system, reading) }] };
  return { system: dropBlankOf(system, limits), turns: fitEnds(clean, limits, reading) };
}

/** Instructions before the first turn are the system's; later ones keep their place, in the person's turn where they must. */
function placeSystem(asked: Conversation, limits: Limits, reading: Reading): Pick<Conversation, "system" | "turns"> {
  const begin = asked.turns.findIndex(({ role }) => role !== "system");
  const first = begin < 0 ? asked.turns : asked.turns.slice(0, begin);
  const system = [...asked.system, ...first.flatMap(({ parts }) => parts.flatMap((part) => textPart(part, reading)))];
  const rest = begin < 0 ? [] : asked.turns.slice(begin);
  if (limits.hasSystemTurns || rest.every(({ role }) => role !== "system")) return { system, turns: rest };
  reading.note("instructions from within the conversation said in the person's turn");
  return { system, turns: rest.map((turn) => (turn.role === "system" ? { ...turn, role: "user" } : turn)) };
}

function textPart(part: Part, reading: Reading): TextPart[] {
  if (part.kind === "text") return [part];
  reading.refuse("system content", "an instruction must be text");
  return [];
}

function firstWords(system: readonly TextPart[], reading: Reading): readonly TextPart[] {
  if (system.length === 0) throw malformed("The conversation is empty: somebody must say something in it.");
  reading.note("instructions said as the person's words, since there are no others");
  return system;
}

/** Only its maker can read a seal. Vendors of the Chat language take thoughts as plain text. */
function fitSeals(turns: readonly Turn[], limits: Limits, reading: Reading): Turn[] {
  const isOwn = (part: Part): boolean => part.kind !== "thinking" || part.seal?.maker === limits.maker;
  const mayStay = (part: Part): boolean =>
    isOwn(part) && (part.kind !== "thinking" || limits.maker !== "chat" || limits.takesThoughts);
  return turns.map((turn) => {
    if (!turn.parts.every(mayStay))
      reading.leaveOut("thinking, reasoning, thoughtSignature", "which another model signed, or nobody");
    return { ...turn, parts: turn.parts.filter(mayStay) };
  });
}

/** Anthropic refuses text of nothing but white space; all refuse an empty one. */
const dropBlank = (turns: readonly Turn[], limits: Limits): Turn[] =>
  turns.map((turn) => ({ ...turn, parts: dropBlankOf(turn.parts, limits) }));

function dropBlankOf<P extends Part>(parts: readonly P[], { maker }: Limits): P[] {
  const clean = parts.map((part) => (part.kind === "result" ? dropBlankWithin(part) : part));
  return clean.filter((part) => part.kind !== "text" || (maker === "anthropic" ? part.text.trim() : part.text) !== "");
}

/** Beside other words, blank ones in a result say nothing. */
function dropBlankWithin<P extends Part>(part: P): P {
  if (part.kind !== "result" || part.parts.length < 2) return part;
  const said = part.parts.filter((one) => one.kind !== "text" || one.text.trim() !== "");
  return { ...part, parts: said.length > 0 ? said : part.parts.slice(0, 1) };
}

/** The person begins; who must, has the last word, too. */
function fitEnds(turns: readonly Turn[], limits: Limits, reading: Reading): Turn[] {
  const says = (text: string): Turn => ({ role: "user", parts: [{ kind: "text", text }] });
  const needsBegin = turns[0]?.role === "assistant" && (limits.maker === "anthropic" || limits.maker === "gemini");
  const needsEnd = turns.at(-1)?.role === "assistant" && !limits.mayEndWithAssistant;
  if (needsBegin) reading.note("a turn of the person put before the model's first words");
  if (needsEnd) reading.note("the model asked to continue, since it takes no beginning of its answer");
  const all = [...(needsBegin ? [says("Continue.")] : []), ...turns, ...(needsEnd ? [says("Continue.")] : [])];
  return limits.maker === "anthropic" ? trimEnd(all) : all;
}

/** "final assistant content cannot end with trailing whitespace": Anthropic's API. */
function trimEnd(turns: readonly Turn[]): Turn[] {
  const last = turns.at(-1);
  const part = last?.parts.at(-1);
  if (last?.role !== "assistant" || part?.kind !== "text") return [...turns];
  const parts = [...last.parts.slice(0, -1), { ...part, text: part.text.trimEnd() }];
  return [...turns.slice(0, -1), { ...last, parts }];
}
