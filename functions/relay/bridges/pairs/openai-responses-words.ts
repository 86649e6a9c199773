import { errorOf, type Loose, mergeUsage } from "../../dialects/openai/usage.ts";
import { Failure } from "../../../failure.ts";
import { noUsage, type Usage } from "../../../core/money/usage.ts";
import {
  type Choice,
  type Mind,
  noteEffort,
  type Piece,
  type Text,
  type Reading,
  unreachable,
} from "./anthropic-asks.ts";
import { compact, listed, looseOf } from "./fields.ts";
import { seal } from "./reasoning-seal.ts";

/** From GPT-5.6 on a prompt may be marked where it is to be cached, for at least half an hour or twelve. Older models refuse it. */
export function markFor(model: string, rules: Set<string>): Reading["mark"] {
  if (!/^gpt-(5\.([6-9]|\d\d)|[6-9]|\d\d)/.test(model)) return undefined;
  return ({ ttl }) => {
    if (ttl === "1h") rules.add("cache_control.ttl 1h → 12h, the shortest that is not shorter");
    return { mode: "explicit", ...(ttl === "1h" ? { ttl: "12h" } : {}) };
  };
}

/** A piece as a part of a message. */
export function sayPart(piece: Piece): Loose {
  const prompt_cache_breakpoint = piece.marker;
  if ("text" in piece) return compact({ type: "input_text", text: piece.text, prompt_cache_breakpoint });
  if ("image" in piece) {
    return compact({
      type: "input_image",
      image_url: addressOf(piece.image),
      detail: "auto",
      prompt_cache_breakpoint,
    });
  }
  const { file, name } = piece;
  if (file.type === "url") return compact({ type: "input_file", file_url: file.url, prompt_cache_breakpoint });
  return compact({ type: "input_file", filename: name, file_data: addressOf(file), prompt_cache_breakpoint });
}

function addressOf(source: Loose): unknown {
  if (source.type === "url") return source.url;
  if (source.type === "base64") return `data:${String(source.media_type)};base64,${String(source.data)}`;
  throw unreachable(source);
}

/** The form of an answer. */
export function formatOf(schema: unknown): Loose {
  return { type: "json_schema", name: "answer", schema, strict: isStrict(schema) };
}

/** OpenAI's strict mode takes only objects whose every property is required and that allow no other. */
function isStrict(schema: unknown): boolean {
  if (Array.isArray(schema)) return schema.every(isStrict);
  if (typeof schema !== "object" || schema === null) return true;
  const { properties, required, additionalProperties } = schema as Loose;
  const names = Object.keys(looseOf(properties));
  const listed = Array.isArray(required) ? (required as unknown[]) : [];
  const isClosed =
    properties === undefined || (additionalProperties === false && names.every((n) => listed.includes(n)));
  return isClosed && Object.values(schema as Loose).every(isStrict);
}

const choices: Readonly<Record<string, string>> = { auto: "auto", any: "required", none: "none" };

export function sayChoice(choice: Choice | undefined): Loose {
  if (!choice) return {};
  const { name, mode = "auto", isAlone } = choice;
  const tool_choice = name === undefined ? choices[mode] : { type: "function", name };
  return { tool_choice, ...(isAlone ? { parallel_tool_calls: false } : {}) };
}

/** Why a response ended, in Anthropic's words. */
export function reasonOf(response: Loose, isCalling: boolean, isRefusing: boolean): string {
  const { reason } = looseOf(response.incomplete_details);
  if (reason === "content_filter" || isRefusing) return "refusal";
  if (response.status === "incomplete") return "max_tokens";
  return isCalling ? "tool_use" : "end_turn";
}

export const textOf = (parts: unknown): string =>
  listed(parts)
    .map(({ text, refusal }) => String(text ?? refusal ?? ""))
    .join("");
export const thoughtOf = (item: Loose): string =>
  listed(item.summary)
    .map(({ text }) => String(text ?? ""))
    .join("\n\n") || textOf(item.content);
export const sealOf = ({ id, encrypted_content: content }: Loose): string =>
  typeof content === "string" && content !== "" ? seal(id, content) : "";
export const isRefusal = (item: Loose): boolean => listed(item.content).some(({ type }) => type === "refusal");

/** A summary is asked for only where the client shows one: some organizations must be verified to get it. */
export function reasoningOf(mind: Mind, reading: Reading): Loose | undefined {
  const { effort, isThinking, isShown } = mind;
  noteEffort(mind, reading);
  const said = effort === "max" ? "xhigh" : effort;
  if (said !== effort) reading.rules.add("effort max → xhigh, the most there is");
  if (!isThinking) return said === undefined ? undefined : { effort: said };
  return compact({ effort: said, summary: isShown ? "auto" : undefined });
}

export function sayTool({ name, description, input_schema: parameters, strict }: Loose): Loose {
  return compact({ type: "function", name, description, parameters, strict: strict === true });
}

/** Instructions are one text; where a cache marker stands among them, they are the first message instead. */
export function sayInstructions(system: readonly Text[]): { instructions?: string; first: Loose[] } {
  const isMarked = system.some(({ marker }) => marker !== undefined);
  if (isMarked) return { first: [{ type: "message", role: "developer", content: system.map(sayPart) }] };
  return system.length === 0 ? { first: [] } : { instructions: system.map(({ text }) => text).join("\n\n"), first: [] };
}

const leastTokens = 16;

export function mostTokensOf(asked: unknown, rules: Set<string>): number {
  const most = Math.max(leastTokens, Number(asked ?? leastTokens));
  if (most !== asked) rules.add(`max_tokens set to ${most}, the least there is`);
  return most;
}

/** A tool's output: a text, or parts where it is more than text. */
export function sayOutput(pieces: readonly Piece[]): unknown {
  const texts = pieces.flatMap((piece) => ("text" in piece && !piece.marker ? [piece.text] : []));
  return texts.length === pieces.length ? texts.join("\n") : pieces.map(sayPart);
}

export function usageOf(value: unknown): Usage {
  const usage = noUsage();
  mergeUsage(usage, value);
  return usage;
}

/** Throws `upstream.refused` for a response that is none. */
export function throwIfFailed({ status, error }: Loose): void {
  if (status !== "failed") return;
  throw new Failure("upstream.refused", { message: `The upstream failed: ${errorOf(error).message}` });
}
