import type {
  CacheMark,
  Conversation,
  MediaPart,
  Part,
  ResultPart,
  TextPart,
  ThinkingPart,
  Tool,
} from "../conversation.ts";
import type { Reading } from "../fields.ts";
import { compact, type JsonObject } from "../../../wire/json.ts";
import { dataUrl, fitKey, openaiCache, writeChoice, writeFormat } from "../openai/request-words.ts";

/**
 * A fitted conversation as a request to POST /v1/responses. Nothing is stored at OpenAI: its reasoning comes back encrypted.
 * Source: platform.openai.com/docs/api-reference/responses.
 */
export function writeResponsesRequest(said: Conversation, reading: Reading): JsonObject {
  const { thinking, sampling, tools } = said;
  const { instructions, first } = writeSystem(said.system);
  const mayThink = thinking.effort !== "none";
  if (said.serviceTier === "fast") reading.leaveOut("service_tier");
  return compact({
    model: said.model,
    instructions,
    input: [...first, ...said.turns.flatMap(({ role, parts }) => writeTurn(role, parts))],
    max_output_tokens: said.maxTokens,
    temperature: sampling.temperature,
    top_p: sampling.topP,
    tools: tools.length > 0 ? tools.map(writeTool) : undefined,
    tool_choice: writeChoice(said, (name) => ({ type: "function", name })),
    parallel_tool_calls: said.isParallel === false ? false : undefined,
    reasoning: writeReasoning(said),
    text: writeText(said),
    include: mayThink && (thinking.mode === "on" || thinking.effort) ? ["reasoning.encrypted_content"] : undefined,
    ...openaiCache(said),
    prompt_cache_key: fitKey(said.cache.key ?? said.identity.session),
    safety_identifier: fitKey(said.identity.user),
    service_tier: said.serviceTier === "fast" ? undefined : said.serviceTier,
    store: false,
    stream: said.isStream || undefined,
  });
}

/** What is counted by POST /v1/responses/input_tokens: what the model is shown. */
export function writeResponsesCount(said: Conversation, reading: Reading): JsonObject {
  const shown = ["model", "instructions", "input", "tools", "tool_choice", "parallel_tool_calls", "reasoning", "text"];
  return Object.fromEntries(
    Object.entries(writeResponsesRequest(said, reading)).filter(([name]) => shown.includes(name)),
  );
}

/** A mark that is shorter than asked for would cost more; the longer one is the shortest that is not. */
const breakpoint = (cache: CacheMark | undefined): JsonObject | undefined =>
  cache && { mode: "explicit", ...(cache.isLong ? { ttl: "12h" } : {}) };

/** Instructions are one text; where a cache mark stands among them, they are the first message instead. */
function writeSystem(system: readonly TextPart[]): { instructions?: string; first: JsonObject[] } {
  if (system.length === 0) return { first: [] };
  if (!system.some(({ cache }) => cache))
    return { instructions: system.map(({ text }) => text).join("\n\n"), first: [] };
  return { first: [{ type: "message", role: "developer", content: system.map(writeInput) }] };
}

/** What is said stands in one message; each call, result and thought is an item of its own. */
function writeTurn(role: string, parts: readonly Part[]): JsonObject[] {
  const items: JsonObject[] = [];
  let content: JsonObject[] = [];
  const named = role === "system" ? "developer" : role;
  const flush = () => {
    if (content.length > 0) items.push({ type: "message", role: named, content });
    content = [];
  };
  for (const part of parts) {
    if (part.kind === "call" || part.kind === "result" || part.kind === "thinking") {
      flush();
      items.push(writeItem(part));
    } else if (role !== "assistant") content.push(writeInput(part));
    else if (part.kind === "text") content.push({ type: "output_text", text: part.text });
  }
  flush();
  return items;
}

function writeItem(part: Extract<Part, { kind: "call" | "result" | "thinking" }>): JsonObject {
  if (part.kind === "thinking") return writeThought(part);
  if (part.kind === "result") return { type: "function_call_output", call_id: part.id, output: writeOutput(part) };
  return { type: "function_call", call_id: part.id, name: part.name, arguments: JSON.stringify(part.input) };
}

function writeThought({ text, seal }: ThinkingPart): JsonObject {
  const summary = text === "" ? [] : [{ type: "summary_text", text }];
  return compact({ type: "reasoning", id: seal?.id, summary, encrypted_content: seal?.value });
}

/** OpenAI's results have no mark for an error, so the text says it. A mark of the whole result is its last part's. */
function writeOutput({ isError, parts, cache }: ResultPart): unknown {
  const error: TextPart[] = isError ? [{ kind: "text", text: "[tool error]" }] : [];
  const all = [...error, ...parts];
  const marked = all.map((part, index) =>
    cache && index === all.length - 1 ? { ...part, cache: part.cache ?? cache } : part,
  );
  const isPlain = marked.every((part) => part.kind === "text" && !part.cache);
  return isPlain ? marked.map((part) => (part.kind === "text" ? part.text : "")).join("\n") : marked.map(writeInput);
}

function writeInput(part: Part): JsonObject {
  const prompt_cache_breakpoint = breakpoint(part.cache);
  if (part.kind === "text") return compact({ type: "input_text", text: part.text, prompt_cache_breakpoint });
  const { source, detail, name, kind } = part as MediaPart;
  if (kind === "image") {
    return compact({
      type: "input_image",
      image_url: dataUrl(source),
      detail: detail ?? "auto",
      prompt_cache_breakpoint,
    });
  }
  if (source.kind === "url") return compact({ type: "input_file", file_url: source.url, prompt_cache_breakpoint });
  return compact({
    type: "input_file",
    filename: name ?? "document.pdf",
    file_data: dataUrl(source),
    prompt_cache_breakpoint,
  });
}

const writeTool = ({ name, description, schema, isStrict }: Tool): JsonObject =>
  compact({ type: "function", name, description, parameters: schema, strict: isStrict === true });

/** A summary is asked for only where the client shows one: some organizations must be verified to get it. */
function writeReasoning({ thinking }: Conversation): JsonObject | undefined {
  const { effort, mode, isShown } = thinking;
  if (effort === undefined && mode !== "on" && !isShown) return undefined;
  const said = compact({ effort, summary: isShown && effort !== "none" ? "auto" : undefined });
  return Object.keys(said).length > 0 ? said : undefined;
}

function writeText({ format, verbosity }: Conversation): JsonObject | undefined {
  const said = compact({ format: format && writeFormat(format), verbosity });
  return Object.keys(said).length > 0 ? said : undefined;
}
