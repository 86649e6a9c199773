import type { Loose } from "../../dialects/openai/usage.ts";
import { type FieldTable, listOf, looseOf, malformed, unsupported, weigh } from "./fields.ts";

/** What a piece of content comes to, in either of OpenAI's languages. */
export type Part = (
  | { readonly text: string }
  | { readonly image: Link }
  | { readonly file: Link; readonly name: unknown }
  | { readonly audio: Loose }
) & {
  /** A cache marker in the words of the language that is written. */
  readonly marker?: Loose | undefined;
};

/** Bytes that stand in a data URL, or an address that the provider is to fetch. */
export type Link = { readonly type: string; readonly base64: string } | { readonly url: string };

/** How one request is read. */
export interface Reading {
  readonly rules: Set<string>;
  /** What becomes of the cache marker of a part, message, call or tool. */
  mark(marked: Loose): Loose | undefined;
}

const markers = ["type", "cache_control", "prompt_cache_breakpoint"];
const table = (carried: readonly string[], harmless: readonly string[] = []): FieldTable => ({
  carried: [...markers, ...carried],
  harmless,
});
const texts = ["text", "input_text", "output_text", "summary_text", "refusal"];
const tables: Readonly<Record<string, FieldTable>> = {
  text: table(["text", "refusal"], ["annotations", "logprobs"]),
  image: table(["image_url", "file_id"], ["detail"]),
  file: table(["file", "file_data", "file_url", "file_id", "filename"], ["detail"]),
  audio: table(["input_audio"]),
};
const within: Readonly<Record<string, FieldTable>> = {
  image_url: { carried: ["url"], harmless: ["detail"] },
  file: { carried: ["file_data", "file_id", "filename"] },
};

/** A text, or a list of parts; empty text comes to nothing, since other providers refuse it. */
export function readParts(content: unknown, place: string, reading: Reading): Part[] {
  if (content === null || content === undefined || content === "") return [];
  if (typeof content === "string") return [{ text: content }];
  const parts = listOf(content, place).map((part) => readPart(part, `${place}[].`, reading));
  return parts.filter((part) => !("text" in part) || part.text !== "");
}

function readPart(part: Loose, place: string, reading: Reading): Part {
  const type = String(part.type);
  const kind = texts.includes(type) ? "text" : /^(?:input_)?(image|file|audio)(?:_url)?$/.exec(type)?.[1];
  if (kind === undefined) throw unsupported(`${place}${type}`);
  weigh(part, tables[kind] ?? table([]), place, reading.rules);
  const marker = reading.mark(part);
  if (kind === "text") return { text: String(part.text ?? part.refusal), marker };
  if (kind === "audio") return { audio: looseOf(part.input_audio), marker };
  // Chat puts into an object what Responses says beside the kind.
  const inner = kind === "image" ? part.image_url : part.file;
  const said = typeof inner === "object" && inner !== null ? looseOf(inner) : part;
  if (said !== part) weigh(said, within[kind === "image" ? "image_url" : "file"] ?? table([]), place, reading.rules);
  if (said.file_id) throw unsupported(`${place}file_id`, "the file lies with OpenAI");
  if (kind === "image") return { image: linkOf(said.url ?? said.image_url, `${place}image_url`), marker };
  if (said.file_url && said.file_data) throw unsupported(`${place}file_url`, "it stands beside 'file_data'");
  const field = said.file_url ? "file_url" : "file_data";
  return { file: linkOf(said[field], `${place}${field}`), name: said.filename, marker };
}

function linkOf(url: unknown, field: string): Link {
  if (typeof url !== "string") throw malformed(`'${field}' must be a URL.`);
  const inline = /^data:([^;,]+)(?:;[^;,]+)*;base64,/.exec(url);
  if (inline) return { type: inline[1] ?? "", base64: url.slice(inline[0].length) };
  if (/^https?:/i.test(url)) return { url };
  throw unsupported(field, "only base64 data URLs and http(s) addresses can be passed on");
}

/** The form that an answer must have: Chat says the schema in an object beside the type, Responses in the same one. */
export function readFormat(
  format: unknown,
  field: string,
  rules: Set<string>,
): { readonly schema?: unknown } | undefined {
  const { type, json_schema: described, ...rest } = looseOf(format);
  if (format === undefined || format === null || type === "text") return undefined;
  if (type === "json_object") return {};
  if (type !== "json_schema") throw unsupported(field, "only 'text' and 'json_schema' can be passed on");
  const said = described === undefined ? rest : looseOf(described);
  // What is asked for strictly is always kept to; a name means nothing elsewhere.
  const strict = said.strict === true ? ["strict"] : [];
  const kept = { carried: ["schema", ...strict], harmless: ["name", "description", "strict"] };
  weigh(said, kept, described === undefined ? `${field}.` : `${field}.json_schema.`, rules);
  return { schema: said.schema };
}

/** The arguments of a call as a value. Throws `request.malformed` for what is no JSON object. */
export function inputOf(text: unknown, field: string): Loose {
  if (text === undefined || text === null || text === "") return {};
  try {
    const value: unknown = JSON.parse(String(text));
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Loose;
  } catch (error) {
    void error;
  }
  throw malformed(`'${field}' must be a JSON object in text.`);
}
