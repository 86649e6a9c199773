import type { MediaPart, Part, ResultPart, TextPart, Turn } from "../conversation.ts";
import type { Reading } from "../fields.ts";
import type { Limits } from "./limits.ts";

/** Images and files as a model takes them: types told by their bytes, texts said as text, what it cannot see named. */
export function fitMedia(turns: readonly Turn[], limits: Limits, reading: Reading): Turn[] {
  const last = turns.findLastIndex(({ role }) => role === "assistant");
  return turns.map((turn, index) => {
    reading.isPast = index <= last;
    const beside: Part[] = [];
    const parts = turn.parts.flatMap((part): Part[] => {
      if (part.kind === "result") return [fitResult(part, beside, limits, reading)];
      if (!isMedia(part)) return [part];
      if (turn.role === "assistant" && limits.maker !== "gemini") return [nameLost(part, "the model's own", reading)];
      return [fitPart(part, limits, reading)];
    });
    reading.isPast = false;
    return { ...turn, parts: [...parts, ...beside].toSorted(resultsFirst) };
  });
}

const resultsFirst = (one: Part, other: Part): number =>
  Number(other.kind === "result") - Number(one.kind === "result");

export const isMedia = (part: Part): part is MediaPart => part.kind in fields;

/** What the two halves of OpenAI, Anthropic and Google call it where a client gave it. */
const fields = { image: "image", document: "document or file", audio: "input_audio", video: "video" } as const;

function fitResult(part: ResultPart, beside: Part[], limits: Limits, reading: Reading): ResultPart {
  const parts = part.parts.map((one) => (one.kind === "text" ? one : fitPart(one, limits, reading)));
  if (limits.hasMediaInResults || parts.every(({ kind }) => kind === "text")) return { ...part, parts };
  reading.note("images and files of a tool's result said in the person's turn behind it");
  const shown = parts.filter((one) => one.kind !== "text");
  beside.push({ kind: "text", text: `Of the result of the tool call ${part.id}:` }, ...shown);
  return { ...part, parts: parts.filter((one) => one.kind === "text") };
}

function fitPart(given: MediaPart, limits: Limits, reading: Reading): MediaPart | TextPart {
  const part = tellType(given);
  noteBeside(part, limits, reading);
  const { source } = part;
  if (source.kind === "url") {
    if (limits.hasMediaUrls && limits.media[part.kind].length > 0) return part;
    return lose(part, "the model takes the bytes themselves, as base64", reading);
  }
  if (limits.media[part.kind].some((type) => isOf(source.mediaType, type))) return part;
  if (part.kind === "document" && /^(text\/|application\/(json|xml|yaml|javascript))/.test(source.mediaType)) {
    const text = Buffer.from(source.data, "base64").toString("utf8");
    return { kind: "text", text: [part.name, text].filter(Boolean).join("\n"), cache: part.cache };
  }
  const takes = limits.media[part.kind].join(", ") || "none";
  return lose(part, `the model takes ${takes}, not ${source.mediaType || "an unknown type"}`, reading);
}

/** What stands beside the bytes and has no place in the language. */
function noteBeside({ kind, name, detail, source }: MediaPart, { maker }: Limits, reading: Reading): void {
  const isNamed =
    maker === "anthropic" ? kind === "document" : maker !== "gemini" && kind === "document" && source.kind !== "url";
  if (name && !isNamed) reading.leaveOut("title, filename", "since the model's API has no place for it");
  if (detail && detail !== "auto" && (maker === "anthropic" || maker === "gemini")) reading.leaveOut("detail");
}

const isOf = (type: string, pattern: string): boolean =>
  pattern === "*" || type === pattern || (pattern.endsWith("/*") && type.startsWith(pattern.slice(0, -1)));

function lose(part: MediaPart, why: string, reading: Reading): TextPart {
  const { source } = part;
  const type = source.kind === "base64" ? source.mediaType : "url";
  reading.refuse(`${fields[part.kind]} (${type})`, why);
  return nameLost(part, why, reading);
}

function nameLost(part: MediaPart, why: string, reading: Reading): TextPart {
  reading.leaveOut(part.kind, why);
  return { kind: "text", text: `[${part.name ?? part.kind}: not shown]`, cache: part.cache };
}

/** The first letters of files in base64. Clients name the type wrongly, and providers refuse it then. */
const beginnings: readonly (readonly [beginning: string, type: string, kind: MediaPart["kind"]])[] = [
  ["iVBORw0KGgo", "image/png", "image"],
  ["/9j/", "image/jpeg", "image"],
  ["R0lGOD", "image/gif", "image"],
  ["UklGR", "image/webp", "image"],
  ["JVBERi0", "application/pdf", "document"],
];
const otherNames: Readonly<Record<string, string>> = {
  ...{ "image/jpg": "image/jpeg", "image/pjpeg": "image/jpeg", "audio/x-wav": "audio/wav", "audio/mpeg": "audio/mp3" },
};

function tellType(part: MediaPart): MediaPart {
  const { source } = part;
  if (source.kind === "url" || part.kind === "audio") {
    if (source.kind === "url") return part;
    return { ...part, source: { ...source, mediaType: otherNames[source.mediaType] ?? source.mediaType } };
  }
  const data = source.data.replace(/^data:[^,]*,/, "");
  const [, type, kind] = beginnings.find(([beginning]) => data.startsWith(beginning)) ?? [];
  const named = otherNames[source.mediaType] ?? source.mediaType;
  // RIFF is WEBP, but a sound or a film as well.
  const isOther = type === "image/webp" && !named.startsWith("image/") && named !== "";
  const mediaType = isOther ? named : (type ?? named);
  return { ...part, kind: isOther ? part.kind : (kind ?? part.kind), source: { kind: "base64", mediaType, data } };
}
