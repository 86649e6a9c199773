import type {
  CacheMark,
  CacheWish,
  Identity,
  MediaPart,
  OutputFormat,
  Source,
  TextPart,
  Tool,
} from "../conversation.ts";
import { type FieldTable, listOf, type Reading, unsupported } from "../fields.ts";
import { compact, isObject, type JsonObject, objectOf, textOf } from "../../../wire/json.ts";

/** What both of OpenAI's languages say in nearly the same words. Source: platform.openai.com/docs/api-reference. */

const texts = ["text", "input_text", "output_text", "summary_text", "refusal", "reasoning_text"];
const table = (carried: readonly string[], harmless: readonly string[] = []): FieldTable => ({
  carried: ["type", "cache_control", "prompt_cache_breakpoint", ...carried],
  harmless,
});
const tables: Readonly<Record<string, FieldTable>> = {
  text: table(["text", "refusal"], ["annotations", "logprobs"]),
  image: table(["image_url", "file_id", "detail"]),
  file: table(["file", "file_data", "file_url", "file_id", "filename"], ["detail"]),
  audio: table(["input_audio"]),
  video: table(["video_url"]),
};
const within: Readonly<Record<string, FieldTable>> = {
  image: { carried: ["url", "detail"] },
  file: { carried: ["file_data", "file_id", "filename"] },
  video: { carried: ["url"] },
};

/** A text, or a list of parts, as parts; empty text comes to nothing, since other providers refuse it. */
export function readParts(content: unknown, place: string, reading: Reading): (TextPart | MediaPart)[] {
  if (content === null || content === undefined || content === "") return [];
  if (typeof content === "string") return [{ kind: "text", text: content }];
  return listOf(content, place).flatMap((part) => readPart(part, `${place}[].`, reading));
}

function readPart(part: JsonObject, place: string, reading: Reading): (TextPart | MediaPart)[] {
  const type = String(part.type);
  const kind = texts.includes(type)
    ? "text"
    : /^(?:input_|computer_)?(image|file|audio|video|screenshot)(?:_url)?$/.exec(type)?.[1];
  if (kind === undefined) {
    reading.refuse(`${place}${type}`);
    return [];
  }
  const own = kind === "screenshot" ? "image" : kind;
  reading.weigh(part, tables[own] ?? table([]), place);
  const cache = markOf(part);
  if (own === "text") {
    const text = textOf(part.text) ?? textOf(part.refusal) ?? "";
    return text === "" ? [] : [{ kind: "text", text, cache }];
  }
  const media = readMedia(own, part, place, reading);
  return media ? [{ ...media, cache }] : [{ kind: "text", text: `[${own}: not available]`, cache }];
}

function readMedia(kind: string, part: JsonObject, place: string, reading: Reading): MediaPart | undefined {
  if (kind === "audio") {
    const { data, format } = objectOf(part.input_audio);
    return { kind: "audio", source: { kind: "base64", mediaType: `audio/${String(format)}`, data: String(data) } };
  }
  // Chat puts into an object what Responses says beside the kind.
  const inner = part[kind === "file" ? "file" : `${kind}_url`];
  const said = isObject(inner) ? inner : part;
  if (said !== part) reading.weigh(said, within[kind] ?? table([]), place);
  if (said.file_id) return reading.refuse(`${place}file_id`, "the file lies with OpenAI");
  if (said.file_url && said.file_data) throw unsupported(`${place}file_url`, "it stands beside 'file_data'");
  const field = kind === "file" ? (said.file_url ? "file_url" : "file_data") : `${kind}_url`;
  const name = textOf(said.filename);
  const source = sourceOf(said.url ?? said[field], name);
  if (!source)
    return reading.refuse(`${place}${field}`, "only base64 data URLs and http(s) addresses can be passed on");
  return {
    kind: kind === "file" ? "document" : (kind as "image" | "video"),
    name,
    source,
    detail: textOf(said.detail),
  };
}

const typesByEnding: Readonly<Record<string, string>> = {
  pdf: "application/pdf",
  txt: "text/plain",
  md: "text/markdown",
};

/** Of a data URL, before its data. */
const mostHead = 1_000;

/** A data URL, an address, or bare base64 whose type the file's name tells. */
function sourceOf(url: unknown, name: string | undefined): Source | undefined {
  if (typeof url !== "string" || url === "") return undefined;
  const inline = /^data:([^;,]*)(?:;[^;,]+)*;base64,/i.exec(url.slice(0, mostHead));
  if (inline) return { kind: "base64", mediaType: (inline[1] ?? "").toLowerCase(), data: url.slice(inline[0].length) };
  if (/^https?:/i.test(url)) return { kind: "url", url };
  const mediaType = typesByEnding[/\.(\w+)$/.exec(name ?? "")?.[1]?.toLowerCase() ?? ""];
  const isBare = mediaType !== undefined && /^[A-Za-z0-9+/]+={0,2}$/.test(url);
  return isBare ? { kind: "base64", mediaType, data: url } : undefined;
}

/** OpenAI's explicit breakpoint, or Anthropic's marker, which vendors of OpenAI's language take. */
export function markOf({ cache_control: own, prompt_cache_breakpoint: breakpoint }: JsonObject): CacheMark | undefined {
  if (isObject(own)) return { isLong: own.ttl === "1h" };
  return isObject(breakpoint) ? { isLong: breakpoint.ttl !== undefined } : undefined;
}

const cacheTable: FieldTable = { carried: ["mode", "ttl"], harmless: ["comparison_response_id"] };

/** OpenAI caches by itself; a client that speaks of a cache wants one where it must be asked for, too. */
export function readCache(body: JsonObject, reading: Reading): CacheWish {
  const { prompt_cache_key: key, prompt_cache_retention: retention, prompt_cache_options: options } = body;
  const { mode, ttl } = objectOf(options);
  reading.weigh(objectOf(options), cacheTable, "prompt_cache_options.");
  const isAsked = Boolean(key ?? retention ?? options ?? body.cache_control);
  const isLong = ttl !== undefined || retention === "24h" || objectOf(body.cache_control).ttl === "1h";
  const names = ["prompt_cache_key", "prompt_cache_retention", "prompt_cache_options", "cache_control"];
  const fields = compact(Object.fromEntries(names.map((name) => [name, body[name]])));
  return { key: textOf(key), isAutomatic: isAsked && mode !== "explicit", isLong, fields };
}

export function readIdentity(body: JsonObject, session: string | undefined, reading: Reading): Identity {
  const { safety_identifier: identifier, user } = body;
  if (identifier && user) reading.leaveOut("user", "since safety_identifier is given");
  return { session, user: textOf(identifier) ?? textOf(user) };
}

/** The form of an answer: Chat says the schema in an object beside the type, Responses in the same one. */
export function readFormat(format: unknown, field: string, reading: Reading): OutputFormat | undefined {
  const { type, json_schema: described, ...rest } = objectOf(format);
  if (!isObject(format) || type === "text") return undefined;
  if (type === "json_object") return { schema: undefined, name: undefined, isStrict: undefined };
  if (type !== "json_schema")
    return reading.refuse(field, "only 'text', 'json_object' and 'json_schema' can be passed on");
  const said = described === undefined ? rest : objectOf(described);
  const place = described === undefined ? `${field}.` : `${field}.json_schema.`;
  reading.weigh(said, { carried: ["schema", "name", "strict"], harmless: ["description"] }, place);
  const isStrict = typeof said.strict === "boolean" ? said.strict : undefined;
  return { schema: objectOf(said.schema), name: textOf(said.name), isStrict };
}

/** The arguments of a call. What is no JSON object was cut off or miswritten by the model: it is said as what it is. */
export function inputOf(said: unknown, reading: Reading): JsonObject {
  if (said === undefined || said === null || said === "") return {};
  if (isObject(said)) return said;
  const input = reading.parse(Buffer.from(String(said)));
  if (input) return input;
  reading.note("arguments of an earlier tool call that are no JSON object said as text");
  return { malformed_arguments: String(said) };
}

/** Only what another vendor may be asked for too. */
export function readTier(tier: unknown): string | undefined {
  return typeof tier === "string" && tier !== "auto" ? tier : undefined;
}

/** A custom tool takes any text, which other languages say as the one field of an object. */
export function readCustom({ name, description, format }: JsonObject, reading: Reading): Tool {
  if (isObject(format) && format.type !== "text") reading.note("tools[].custom.format said as part of the description");
  const grammar =
    isObject(format) && format.type !== "text" ? `Format of the input: ${JSON.stringify(format)}` : undefined;
  const text = [textOf(description), grammar].filter(Boolean).join("\n\n");
  return {
    name: String(name),
    description: text || undefined,
    schema: customSchema,
    isStrict: undefined,
    origin: { isCustom: true, name: String(name) },
  };
}

const customSchema: JsonObject = {
  type: "object",
  properties: { input: { type: "string", description: "The whole input of the tool, as plain text." } },
  required: ["input"],
  additionalProperties: false,
};
