import type { CallPart, Conversation, MediaPart, Part, TextPart, Tool, Turn } from "../conversation.ts";
import type { Reading } from "../fields.ts";
import { limitsOf, ofOpenai } from "../fit/models.ts";
import { compact, type JsonObject } from "../../../wire/json.ts";
import { dataUrl, fitKey, openaiCache, writeChoice, writeFormat } from "../openai/request-words.ts";

/**
 * A fitted conversation as a request to POST /v1/chat/completions, at OpenAI or at any vendor of its language. A vendor gets no
 * field that OpenAI alone knows. Source: platform.openai.com/docs/api-reference/chat.
 */
export function writeChatRequest(said: Conversation, reading: Reading): JsonObject {
  const { sampling, tools } = said;
  const isOpenai = ofOpenai(said.model);
  if (!isOpenai && said.verbosity) reading.leaveOut("verbosity");
  if (!isOpenai && said.serviceTier) reading.leaveOut("service_tier");
  if (!isOpenai && said.identity.user) reading.leaveOut("user, safety_identifier");
  const system = said.system.map(({ text }) => text).join("\n\n");
  const first = system === "" ? [] : [{ role: "system", content: system }];
  return compact({
    model: said.model,
    messages: [...first, ...said.turns.flatMap((turn) => writeTurn(turn))],
    [isOpenai ? "max_completion_tokens" : "max_tokens"]: said.maxTokens,
    temperature: sampling.temperature,
    top_p: sampling.topP,
    top_k: sampling.topK,
    seed: sampling.seed,
    frequency_penalty: sampling.frequencyPenalty,
    presence_penalty: sampling.presencePenalty,
    stop: said.stops.length > 0 ? said.stops : undefined,
    tools: tools.length > 0 ? tools.map(writeTool) : undefined,
    tool_choice: writeChoice(said, (name) => ({ type: "function", function: { name } })),
    parallel_tool_calls: said.isParallel === false ? false : undefined,
    ...writeThinking(said),
    response_format: said.format && writeResponseFormat(said),
    ...(isOpenai ? writeOpenai(said) : {}),
    stream: said.isStream || undefined,
    stream_options: said.isStream ? { include_usage: true } : undefined,
  });
}

const writeOpenai = (said: Conversation): JsonObject => ({
  verbosity: said.verbosity,
  service_tier: said.serviceTier,
  ...openaiCache(said),
  prompt_cache_key: fitKey(said.cache.key),
  safety_identifier: fitKey(said.identity.user),
});

/** OpenAI tells an effort; Chinese vendors have a switch. */
function writeThinking({ model, thinking }: Conversation): JsonObject {
  const { thinksBy } = limitsOf(model, "openai-chat");
  if (thinksBy === "effort") return { reasoning_effort: thinking.effort };
  if (thinksBy !== "switch" || thinking.mode === undefined) return {};
  return { thinking: { type: thinking.mode === "on" ? "enabled" : "disabled" } };
}

function writeResponseFormat({ format }: Conversation): JsonObject | undefined {
  if (!format) return undefined;
  const { type, ...described } = writeFormat(format);
  return type === "json_object" ? { type } : { type, json_schema: described };
}

/** Results are messages of their own, first of all; what else the person says follows. */
function writeTurn({ role, parts }: Turn): JsonObject[] {
  if (role === "assistant") return [writeAnswer(parts)];
  const results = parts.flatMap((part) => (part.kind === "result" ? [part] : []));
  const rest = parts.filter((part): part is TextPart | MediaPart => part.kind === "text" || isShown(part));
  const said = rest.length === 0 ? [] : [{ role, content: writeContent(rest) }];
  return [
    ...results.map(({ id, isError, parts: told }) => {
      const text = told.flatMap((part) => (part.kind === "text" ? [part.text] : [])).join("\n");
      return { role: "tool", tool_call_id: id, content: isError ? `[tool error]\n${text}` : text };
    }),
    ...said,
  ];
}

const isShown = ({ kind }: Part): boolean =>
  kind === "image" || kind === "document" || kind === "audio" || kind === "video";

function writeContent(parts: readonly (TextPart | MediaPart)[]): unknown {
  const isPlain = parts.every(({ kind }) => kind === "text");
  if (isPlain) return parts.map((part) => (part.kind === "text" ? part.text : "")).join("\n\n");
  return parts.map(writePart);
}

function writePart(part: TextPart | MediaPart): JsonObject {
  if (part.kind === "text") return { type: "text", text: part.text };
  const { kind, source, name, detail } = part;
  if (kind === "image") return { type: "image_url", image_url: compact({ url: dataUrl(source), detail }) };
  if (kind === "video") return { type: "video_url", video_url: { url: dataUrl(source) } };
  if (kind === "document")
    return { type: "file", file: { filename: name ?? "document.pdf", file_data: dataUrl(source) } };
  const data = source.kind === "base64" ? source.data : source.url;
  return { type: "input_audio", input_audio: { data, format: source.mediaType?.split("/")[1] } };
}

function writeAnswer(parts: readonly Part[]): JsonObject {
  const text = parts.flatMap((part) => (part.kind === "text" ? [part.text] : [])).join("");
  const thought = parts.flatMap((part) => (part.kind === "thinking" ? [part.text] : [])).join("\n\n");
  const calls = parts.flatMap((part) => (part.kind === "call" ? [writeCall(part)] : []));
  return {
    role: "assistant",
    content: text === "" && calls.length > 0 ? null : text,
    ...(thought === "" ? {} : { reasoning_content: thought }),
    ...(calls.length > 0 ? { tool_calls: calls } : {}),
  };
}

const writeCall = ({ id, name, input }: CallPart): JsonObject => ({
  id,
  type: "function",
  function: { name, arguments: JSON.stringify(input) },
});

const writeTool = ({ name, description, schema, isStrict }: Tool): JsonObject => ({
  type: "function",
  function: compact({ name, description, parameters: schema, strict: isStrict || undefined }),
});
