import { createHash } from "node:crypto";
import type { Conversation, OutputFormat, Source } from "../conversation.ts";
import type { JsonObject } from "../../../wire/json.ts";
import { mayBeStrict } from "../fit/schema.ts";

/** What both of OpenAI's languages are told in the same words. */

export const dataUrl = (source: Source): string =>
  source.kind === "url" ? source.url : `data:${source.mediaType};base64,${source.data}`;

const modes = { auto: "auto", any: "required", none: "none" } as const;

export function writeChoice({ toolChoice }: Conversation, named: (name: string) => JsonObject): unknown {
  if (!toolChoice) return undefined;
  return toolChoice.mode === "tool" ? named(toolChoice.name) : modes[toolChoice.mode];
}

/** OpenAI's strict mode takes only objects whose every property is required and that allow no other. */
export function writeFormat({ schema, name, isStrict }: OutputFormat): JsonObject {
  if (!schema) return { type: "json_object" };
  const legal = name?.replace(/[^a-zA-Z0-9_-]/g, "_").slice(0, 64);
  return {
    type: "json_schema",
    name: legal || "answer",
    schema,
    strict: isStrict === true && mayBeStrict(schema, "openai"),
  };
}

const mostKeyLength = 64;

/** Names of caches and persons hold 64 letters; a longer one is told by its hash. */
export function fitKey(key: string | undefined): string | undefined {
  if (key === undefined || key.length <= mostKeyLength) return key;
  return createHash("sha256").update(key).digest("hex");
}

/** How OpenAI is to cache, as its other language said it. */
export function openaiCache({ cache }: Conversation): JsonObject {
  const { prompt_cache_retention, prompt_cache_options } = cache.fields;
  return { prompt_cache_retention, prompt_cache_options };
}
