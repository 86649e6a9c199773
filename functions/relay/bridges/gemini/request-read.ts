import type { Call } from "../../dialects/dialect.ts";
import type { Conversation, MediaPart, Part, ResultPart, TextPart, Tool, ToolChoice, Turn } from "../conversation.ts";
import { type FieldTable, listOf, malformed, type Reading } from "../fields.ts";
import { isObject, type JsonObject, numberOf, objectOf, objectsOf, textOf } from "../../../wire/json.ts";
import { unpackForGemini } from "../seal.ts";
import { plainSchema } from "./schema.ts";
import { lookUp } from "../../../wire/maps.ts";

/**
 * A request to :generateContent, :streamGenerateContent or :countTokens as a conversation; Code Assist's lies in an envelope.
 * Google's JSON takes every name in two spellings. Source: ai.google.dev/api/generate-content.
 */
export function readGeminiRequest(sent: JsonObject, call: Call, reading: Reading): Conversation {
  const outer = camel(call.dialect === "code-assist" ? objectOf(sent.request) : sent);
  const body = camel(isObject(outer.generateContentRequest) ? outer.generateContentRequest : outer);
  reading.weigh(body, table);
  const turns = readTurns(body.contents, reading);
  reading.isPast = false;
  const config = camel(objectOf(body.generationConfig));
  reading.weigh(config, configTable, "generationConfig.");
  const instruction = body.systemInstruction;
  const system =
    typeof instruction === "string"
      ? [{ text: instruction }]
      : objectsOf(objectOf(instruction).parts ?? (isObject(instruction) && instruction.text ? [instruction] : []));
  return {
    model: call.model ?? "",
    system: system.flatMap(({ text }) => sayText(text)),
    turns,
    tools: listOf(body.tools, "tools").flatMap((tool) => readTools(camel(tool), reading)),
    toolChoice: readChoice(camel(objectOf(body.toolConfig)), reading),
    isParallel: undefined,
    sampling: readSampling(config),
    thinking: readThinking(camel(objectOf(config.thinkingConfig)), reading),
    format: readFormat(config, reading),
    verbosity: undefined,
    stops: Array.isArray(config.stopSequences) ? config.stopSequences.map(String) : [],
    maxTokens: numberOf(config.maxOutputTokens),
    cache: { key: call.session, isAutomatic: body.tools !== undefined, isLong: false, fields: {} },
    serviceTier: undefined,
    identity: { session: call.session, user: undefined },
    isStream: call.isStream,
  };
}

/** Names in the spelling of Google's JSON: `system_instruction` is `systemInstruction`. */
function camel(fields: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name.replace(/_([a-z])/g, (_all, letter: string) => letter.toUpperCase()),
      value,
    ]),
  );
}

const table: FieldTable = {
  carried: ["model", "contents", "systemInstruction", "tools", "toolConfig", "generationConfig"],
  harmless: ["safetySettings", "labels", "serviceTier", "store", "sessionId", "modelArmorConfig"],
};
const configTable: FieldTable = {
  carried: [
    ...["temperature", "topP", "topK", "maxOutputTokens", "stopSequences", "seed", "presencePenalty"],
    ...["frequencyPenalty", "responseMimeType", "responseSchema", "responseJsonSchema", "thinkingConfig"],
  ],
  harmless: [
    "mediaResolution",
    "routingConfig",
    "modelSelectionConfig",
    "audioTimestamp",
    "enableEnhancedCivicAnswers",
  ],
  idle: {
    candidateCount: [1],
    responseModalities: [["TEXT"], []],
    responseLogprobs: [false],
    enableAffectiveDialog: [false],
  },
};

function readSampling(config: JsonObject): Conversation["sampling"] {
  return {
    temperature: numberOf(config.temperature),
    topP: numberOf(config.topP),
    topK: numberOf(config.topK),
    seed: numberOf(config.seed),
    frequencyPenalty: numberOf(config.frequencyPenalty) || undefined,
    presencePenalty: numberOf(config.presencePenalty) || undefined,
  };
}

const thinkingTable: FieldTable = { carried: ["includeThoughts", "thinkingBudget", "thinkingLevel"] };

/** A budget of 0 is off, −1 leaves it to the model. */
function readThinking(config: JsonObject, reading: Reading): Conversation["thinking"] {
  reading.weigh(config, thinkingTable, "generationConfig.thinkingConfig.");
  const budget = numberOf(config.thinkingBudget);
  const level = textOf(config.thinkingLevel)?.toLowerCase();
  const effort = level === "thinking_level_unspecified" ? undefined : level;
  return {
    mode: budget === 0 ? "off" : budget === undefined && effort === undefined ? undefined : "on",
    effort,
    budget: budget !== undefined && budget > 0 ? budget : undefined,
    isShown: config.includeThoughts === true,
  };
}

function readFormat(config: JsonObject, reading: Reading): Conversation["format"] {
  const type = config.responseMimeType;
  if (type === undefined || type === "text/plain") return undefined;
  if (type !== "application/json") return reading.refuse("generationConfig.responseMimeType");
  const given = config.responseJsonSchema ?? config.responseSchema;
  const schema = isObject(config.responseJsonSchema) ? config.responseJsonSchema : plainSchema(given);
  return { schema, name: undefined, isStrict: schema ? true : undefined };
}

/** Which calls were made, so that results, which may bear only a name, are paired with them. */
interface Calls {
  readonly open: { id: string; name: string }[];
  count: number;
}

function readTurns(value: unknown, reading: Reading): Turn[] {
  const contents = listOf(typeof value === "string" ? [{ parts: [{ text: value }] }] : value, "contents").map(camel);
  if (contents.length === 0) throw malformed("contents is not specified");
  const last = contents.findLastIndex(({ role }) => role === "model");
  const calls: Calls = { open: [], count: 0 };
  return contents.map((content, index) => {
    reading.isPast = index <= last;
    reading.weigh(content, { carried: ["role", "parts"] }, "contents[].");
    const isModel = content.role === "model";
    const parts = listOf(content.parts, "contents[].parts").map(camel);
    return {
      role: isModel ? "assistant" : "user",
      parts: joinThoughts(parts.flatMap((part) => readPart(part, calls, reading))),
    };
  });
}

const partTable: FieldTable = {
  carried: [
    ...["text", "thought", "thoughtSignature", "inlineData", "fileData", "functionCall", "functionResponse"],
    ...["executableCode", "codeExecutionResult"],
  ],
  harmless: [
    "videoMetadata",
    "mediaResolution",
    "partMetadata",
    "mediaProcessing",
    "speechMetadata",
    "audioTranscription",
  ],
};

function readPart(part: JsonObject, calls: Calls, reading: Reading): Part[] {
  reading.weigh(part, partTable, "contents[].parts[].");
  const signature = textOf(part.thoughtSignature);
  const foreign = unpackForGemini(signature);
  const seal = signature && foreign.length === 0 ? ({ maker: "gemini", value: signature } as const) : undefined;
  if (part.thought === true) {
    return foreign.length > 0 ? foreign : [{ kind: "thinking", text: textOf(part.text) ?? "", seal }];
  }
  if (isObject(part.functionCall)) return [...foreign, { ...readCall(camel(part.functionCall), calls), seal }];
  if (isObject(part.functionResponse)) return [readResult(camel(part.functionResponse), calls, reading)];
  if (part.inlineData ?? part.fileData) return readMedia(part, reading);
  if (part.executableCode ?? part.codeExecutionResult) {
    reading.note("code that ran at Google said as text");
    const { code, output } = { ...objectOf(part.executableCode), ...objectOf(part.codeExecutionResult) };
    return sayText(code ?? output);
  }
  return [...foreign, ...sayText(part.text).map((said) => (seal ? { ...said, seal } : said))];
}

/** A thought without a seal is told by the sealed one that follows it, whose maker may hide its words. */
function joinThoughts(parts: readonly Part[]): Part[] {
  return parts.flatMap((part, index) => {
    const next = parts[index + 1];
    if (part.kind === "thinking" && !part.seal && next?.kind === "thinking" && next.seal) return [];
    const before = parts[index - 1];
    const isBare = part.kind === "thinking" && part.seal && part.text === "";
    return isBare && before?.kind === "thinking" && !before.seal ? [{ ...part, text: before.text }] : [part];
  });
}

const sayText = (text: unknown): TextPart[] =>
  typeof text === "string" && text !== "" ? [{ kind: "text", text }] : [];

function readCall({ id, name, args }: JsonObject, calls: Calls): Extract<Part, { kind: "call" }> {
  const call = { id: textOf(id) ?? `call_${calls.count}`, name: String(name) };
  calls.count += 1;
  calls.open.push(call);
  return { kind: "call", ...call, input: objectOf(args) };
}

/** By its id, else the earliest call of that name that has no result yet. */
function readResult({ id, name, response, parts }: JsonObject, calls: Calls, reading: Reading): ResultPart {
  const at = calls.open.findIndex((call) => (id === undefined ? call.name === name : call.id === id));
  const [call] = at < 0 ? [] : calls.open.splice(at, 1);
  const { text, isError } = sayResponse(objectOf(response));
  const shown = objectsOf(parts).flatMap((part) => readMedia(camel(part), reading));
  return { kind: "result", id: call?.id ?? textOf(id) ?? "", isError, parts: [...sayText(text), ...shown] };
}

/** Google asks for `output` or `error`, and lets everything else be output. */
function sayResponse(response: JsonObject): { text: string; isError: boolean } {
  const names = Object.keys(response);
  const [name = ""] = names;
  const isAlone = names.length === 1 && /^(output|result|content|error)$/.test(name);
  const value = isAlone ? response[name] : response;
  return { text: typeof value === "string" ? value : JSON.stringify(value), isError: isAlone && name === "error" };
}

function readMedia(part: JsonObject, reading: Reading): (TextPart | MediaPart)[] {
  const { mimeType, data, fileUri, displayName } = camel(objectOf(part.inlineData ?? part.fileData));
  const mediaType = textOf(mimeType)?.toLowerCase();
  const name = textOf(displayName);
  const family = mediaType?.split("/")[0] ?? "";
  const kind = family === "image" || family === "audio" || family === "video" ? family : "document";
  if (data !== undefined)
    return [{ kind, name, source: { kind: "base64", mediaType: mediaType ?? "", data: String(data) } }];
  const url = String(fileUri);
  const isOurs = /^https?:/.test(url) && !url.startsWith("https://generativelanguage.googleapis.com/");
  if (isOurs) return [{ kind, name, source: { kind: "url", url, mediaType } }];
  reading.refuse("contents[].parts[].fileData.fileUri", "the file lies with Google");
  return sayText(`[${kind}: not available]`);
}

const declarationTable: FieldTable = {
  carried: ["name", "description", "parameters", "parametersJsonSchema"],
  harmless: ["response", "responseJsonSchema", "behavior"],
};

function readTools(tool: JsonObject, reading: Reading): Tool[] {
  reading.weigh(tool, { carried: ["functionDeclarations"] }, "tools[].");
  return listOf(tool.functionDeclarations, "tools[].functionDeclarations").map((given) => {
    const declared = camel(given);
    reading.weigh(declared, declarationTable, "tools[].functionDeclarations[].");
    const json = declared.parametersJsonSchema;
    return {
      name: String(declared.name ?? ""),
      description: textOf(declared.description),
      schema: isObject(json) ? json : plainSchema(declared.parameters),
      isStrict: undefined,
    };
  });
}

const modes: Readonly<Record<string, "auto" | "any" | "none">> = {
  AUTO: "auto",
  ANY: "any",
  NONE: "none",
  VALIDATED: "auto",
};

function readChoice(config: JsonObject, reading: Reading): ToolChoice | undefined {
  reading.weigh(
    config,
    { carried: ["functionCallingConfig"], harmless: ["retrievalConfig", "includeServerSideToolInvocations"] },
    "toolConfig.",
  );
  const { mode, allowedFunctionNames: names } = camel(objectOf(config.functionCallingConfig));
  if (mode === undefined || mode === "MODE_UNSPECIFIED") return undefined;
  const known = lookUp(modes, String(mode).toUpperCase());
  if (!known) return reading.refuse("toolConfig.functionCallingConfig.mode");
  const allowed = Array.isArray(names) && names.length > 0 ? names.map(String) : undefined;
  const [only] = allowed ?? [];
  if (known === "any" && allowed?.length === 1 && only !== undefined) return { mode: "tool", name: only };
  return { mode: known, allowed };
}
