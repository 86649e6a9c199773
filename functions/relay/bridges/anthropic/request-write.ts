import { createHash } from "node:crypto";
import type {
  CacheMark,
  CallPart,
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

/** A fitted conversation as a request to POST /v1/messages. Source: docs.anthropic.com/en/api/messages. */
export function writeAnthropicRequest(said: Conversation, reading: Reading): JsonObject {
  const { thinking, sampling, format, tools } = said;
  if (said.verbosity) reading.leaveOut("verbosity");
  const output = compact({
    effort: thinking.effort,
    format: format && { type: "json_schema", schema: format.schema },
  });
  return compact({
    model: said.model,
    max_tokens: said.maxTokens,
    system: said.system.length > 0 ? said.system.map(writePart) : undefined,
    messages: said.turns.map(({ role, parts }) => ({ role, content: parts.map(writePart) })),
    tools: tools.length > 0 ? tools.map(writeTool) : undefined,
    tool_choice: writeChoice(said),
    thinking: writeThinking(said),
    output_config: Object.keys(output).length > 0 ? output : undefined,
    temperature: sampling.temperature,
    top_p: sampling.topP,
    top_k: sampling.topK,
    stop_sequences: said.stops.length > 0 ? said.stops : undefined,
    metadata: said.identity.user === undefined ? undefined : { user_id: userOf(said.identity.user, reading) },
    service_tier: tierOf(said.serviceTier, reading),
    stream: said.isStream || undefined,
  });
}

/** What is counted by POST /v1/messages/count_tokens: what the model is shown. */
export function writeAnthropicCount(said: Conversation, reading: Reading): JsonObject {
  const body = writeAnthropicRequest(said, reading);
  const shown = ["model", "system", "messages", "tools", "tool_choice", "thinking", "output_config"];
  return Object.fromEntries(Object.entries(body).filter(([name]) => shown.includes(name)));
}

const markFor = (cache: CacheMark | undefined): JsonObject | undefined =>
  cache && { type: "ephemeral", ...(cache.isLong ? { ttl: "1h" } : {}) };

function writePart(part: Part): JsonObject {
  const cache_control = markFor(part.cache);
  switch (part.kind) {
    case "text":
      return compact({ type: "text", text: part.text, cache_control });
    case "thinking":
      return writeThought(part);
    case "call":
      return compact({ ...writeCall(part), cache_control });
    case "result":
      return compact({ ...writeResult(part), cache_control });
    default:
      return compact({ ...writeMedia(part), cache_control });
  }
}

function writeThought({ text, seal }: ThinkingPart): JsonObject {
  if (seal?.isRedacted) return { type: "redacted_thinking", data: seal.value };
  return { type: "thinking", thinking: text, signature: seal?.value ?? "" };
}

const writeCall = ({ id, name, input }: CallPart): JsonObject => ({ type: "tool_use", id, name, input });

function writeResult({ id, isError, parts }: ResultPart): JsonObject {
  const [only] = parts;
  const isPlain = parts.length === 1 && only?.kind === "text" && !only.cache;
  const content = isPlain ? only.text : parts.map((part: TextPart | MediaPart) => writePart(part));
  return {
    ...{ type: "tool_result", tool_use_id: id },
    ...(parts.length === 0 ? {} : { content }),
    ...(isError ? { is_error: true } : {}),
  };
}

function writeMedia({ kind, source, name }: MediaPart): JsonObject {
  const type = kind === "image" ? "image" : "document";
  const from =
    source.kind === "url"
      ? { type: "url", url: source.url }
      : { type: "base64", media_type: source.mediaType, data: source.data };
  return compact({ type, source: from, title: type === "document" ? name : undefined });
}

const writeTool = ({ name, description, schema, isStrict, cache }: Tool): JsonObject =>
  compact({ name, description, input_schema: schema, strict: isStrict || undefined, cache_control: markFor(cache) });

function writeChoice({ toolChoice, isParallel, tools }: Conversation): JsonObject | undefined {
  const alone = isParallel === false ? { disable_parallel_tool_use: true } : {};
  if (!toolChoice) return isParallel === false && tools.length > 0 ? { type: "auto", ...alone } : undefined;
  if (toolChoice.mode === "tool") return { type: "tool", name: toolChoice.name, ...alone };
  return toolChoice.mode === "none" ? { type: "none" } : { type: toolChoice.mode, ...alone };
}

/** Models that choose their thinking themselves (`adaptive`) show it where they are asked to. */
function writeThinking({ thinking }: Conversation): JsonObject | undefined {
  if (thinking.mode !== "on") return undefined;
  if (thinking.budget !== undefined) return { type: "enabled", budget_tokens: thinking.budget };
  return { type: "adaptive", ...(thinking.isShown ? { display: "summarized" } : {}) };
}

/** Anthropic refuses a user id that is an address. */
function userOf(user: string, reading: Reading): string {
  if (!/@/.test(user) && user.length <= 256) return user;
  reading.note("user, safety_identifier sent as its hash, since Anthropic takes no addresses");
  return createHash("sha256").update(user).digest("hex");
}

function tierOf(tier: string | undefined, reading: Reading): string | undefined {
  if (tier === undefined) return undefined;
  if (tier === "default") return "standard_only";
  reading.leaveOut("service_tier");
  return undefined;
}
