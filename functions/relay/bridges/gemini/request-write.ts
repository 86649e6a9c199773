import type { Conversation, MediaPart, Part, ResultPart, TextPart, ThinkingPart, Tool, Turn } from "../conversation.ts";
import type { Reading } from "../fields.ts";
import { limitsOf } from "../fit/models.ts";
import { compact, type JsonObject } from "../../../wire/json.ts";

/** A fitted conversation as a request to :generateContent. Source: ai.google.dev/api/generate-content. */
export function writeGeminiRequest(said: Conversation, reading: Reading): JsonObject {
  if (said.verbosity) reading.leaveOut("verbosity");
  if (said.serviceTier) reading.leaveOut("service_tier");
  if (said.identity.user) reading.leaveOut("user, safety_identifier");
  const writer = new ContentsWriter(said.model);
  const contents = said.turns.map((turn) => writer.write(turn));
  const { system, tools } = said;
  const generationConfig = writeConfig(said);
  return compact({
    contents,
    systemInstruction: system.length > 0 ? { parts: system.map(({ text }) => ({ text })) } : undefined,
    tools: tools.length > 0 ? [{ functionDeclarations: tools.map(writeTool) }] : undefined,
    toolConfig: writeChoice(said),
    generationConfig: Object.keys(generationConfig).length > 0 ? generationConfig : undefined,
  });
}

/** What is counted by :countTokens. */
export function writeGeminiCount(said: Conversation, reading: Reading): JsonObject {
  return { generateContentRequest: { model: `models/${said.model}`, ...writeGeminiRequest(said, reading) } };
}

function writeConfig(said: Conversation): JsonObject {
  const { sampling, format } = said;
  return compact({
    temperature: sampling.temperature,
    topP: sampling.topP,
    topK: sampling.topK,
    seed: sampling.seed,
    presencePenalty: sampling.presencePenalty,
    frequencyPenalty: sampling.frequencyPenalty,
    stopSequences: said.stops.length > 0 ? said.stops : undefined,
    maxOutputTokens: said.maxTokens,
    responseMimeType: format && "application/json",
    responseJsonSchema: format?.schema,
    thinkingConfig: writeThinking(said),
  });
}

/** A level from Gemini 3 on, before it a budget, of which −1 leaves it to the model. */
function writeThinking({ model, thinking }: Conversation): JsonObject | undefined {
  const { thinksBy } = limitsOf(model, "gemini");
  const isUntold = thinking.mode === undefined && thinking.effort === undefined && !thinking.isShown;
  if (thinksBy === "never" || isUntold) return undefined;
  if (thinksBy === "effort") return compact({ thinkingLevel: thinking.effort, includeThoughts: thinking.isShown });
  return { thinkingBudget: thinking.budget ?? -1, includeThoughts: thinking.isShown };
}

/** From Gemini 3 on, calls must bear signatures, and media stand within a tool's result. Source: ai.google.dev, thought signatures. */
const isThird = (model: string): boolean => /gemini-([3-9]|\d\d)/.test(model);
/** Gemini 3 refuses calls in its history without a signature but takes this one. */
const unsigned = "skip_thought_signature_validator";

class ContentsWriter {
  readonly #isThird: boolean;
  readonly #names = new Map<string, string>();

  constructor(model: string) {
    this.#isThird = isThird(model);
  }

  write({ role, parts }: Turn): JsonObject {
    return role === "assistant"
      ? { role: "model", parts: this.#writeAnswer(parts) }
      : { role: "user", parts: this.#writeAsked(parts) };
  }

  /** The seal of a thought belongs to the part that follows it; of calls made together the first one bears it. */
  #writeAnswer(parts: readonly Part[]): JsonObject[] {
    const said: JsonObject[] = [];
    let pending: string | undefined;
    let isFirst = true;
    for (const part of parts) {
      if (part.kind === "thinking") pending = (part satisfies ThinkingPart).seal?.value ?? pending;
      else if (part.kind === "call") {
        this.#names.set(part.id, part.name);
        const fallback = this.#isThird && isFirst ? unsigned : undefined;
        const functionCall = { name: part.name, args: part.input };
        said.push(compact({ functionCall, thoughtSignature: part.seal?.value ?? pending ?? fallback }));
        [pending, isFirst] = [undefined, false];
      } else if (part.kind !== "result") {
        const thoughtSignature = (part.kind === "text" ? part.seal?.value : undefined) ?? pending;
        said.push(compact({ ...this.#writePart(part), thoughtSignature }));
        pending = undefined;
      }
    }
    return said.length > 0 ? said : [{ text: " " }];
  }

  /** Results stand first and together; what else was said follows. */
  #writeAsked(parts: readonly Part[]): JsonObject[] {
    const results: JsonObject[] = [];
    const rest: JsonObject[] = [];
    for (const part of parts) {
      if (part.kind === "result") results.push(this.#writeResult(part, rest));
      else if (part.kind !== "call" && part.kind !== "thinking") rest.push(this.#writePart(part));
    }
    return [...results, ...rest];
  }

  #writeResult({ id, isError, parts }: ResultPart, rest: JsonObject[]): JsonObject {
    const text = parts.flatMap((part) => (part.kind === "text" ? [part.text] : [])).join("\n");
    const shown = parts.filter(({ kind }) => kind !== "text").map((part) => this.#writePart(part));
    const response = isError ? { error: text } : { output: text };
    const name = this.#names.get(id) ?? id;
    if (!this.#isThird) rest.push(...shown);
    return {
      functionResponse: compact({ name, response, parts: this.#isThird && shown.length > 0 ? shown : undefined }),
    };
  }

  #writePart(part: TextPart | MediaPart): JsonObject {
    if (part.kind === "text") return { text: part.text };
    const { source } = part;
    if (source.kind === "base64") return { inlineData: { mimeType: source.mediaType, data: source.data } };
    return { fileData: compact({ mimeType: source.mediaType ?? typeOf(source.url), fileUri: source.url }) };
  }
}

const typesByEnding: Readonly<Record<string, string>> = {
  ...{ png: "image/png", jpg: "image/jpeg", jpeg: "image/jpeg", webp: "image/webp", heic: "image/heic" },
  ...{ pdf: "application/pdf", mp4: "video/mp4", mp3: "audio/mp3", wav: "audio/wav", txt: "text/plain" },
};

const typeOf = (url: string): string | undefined =>
  typesByEnding[/\.(\w+)(?:[?#]|$)/.exec(url)?.[1]?.toLowerCase() ?? ""];

const writeTool = ({ name, description, schema }: Tool): JsonObject =>
  compact({ name, description, parametersJsonSchema: schema });

const modes = { auto: "AUTO", any: "ANY", none: "NONE" } as const;

function writeChoice({ toolChoice }: Conversation): JsonObject | undefined {
  if (!toolChoice) return undefined;
  if (toolChoice.mode !== "tool") return { functionCallingConfig: { mode: modes[toolChoice.mode] } };
  return { functionCallingConfig: { mode: "ANY", allowedFunctionNames: [toolChoice.name] } };
}
