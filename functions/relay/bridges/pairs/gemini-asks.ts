import { compact, malformed } from "./fields.ts";
import type { Loose } from "../../dialects/openai/usage.ts";
import { isThird } from "./gemini-words.ts";

/** Gemini 3 refuses calls in its history without a signature but takes this one. Source: ai.google.dev, thought signatures. */
const unsigned = "skip_thought_signature_validator";

interface Content {
  readonly role: "user" | "model";
  readonly parts: Loose[];
}

/** Writes a conversation as Gemini's: equal roles joined, and results named by the function that was called. */
export class ContentsWriter {
  readonly contents: Content[] = [];
  readonly #isThird: boolean;
  readonly #names = new Map<unknown, unknown>();

  constructor(model: string) {
    this.#isThird = isThird(model);
  }

  get isBegun(): boolean {
    return this.contents.some(({ role }) => role === "model");
  }

  add(role: Content["role"], parts: readonly Loose[]): void {
    const last = this.contents.at(-1);
    if (last?.role === role) last.parts.push(...parts);
    else if (parts.length > 0) this.contents.push({ role, parts: [...parts] });
  }

  /** A call as a part. Of calls that were made together only the first one must be signed. */
  call(call: { id: unknown; name: unknown; input: unknown; signature: unknown; isFirst: boolean }): Loose {
    const { id, name, input, signature, isFirst } = call;
    this.#names.set(id, name);
    const fallback = this.#isThird && isFirst ? unsigned : undefined;
    return compact({ functionCall: { name, args: input ?? {} }, thoughtSignature: signature ?? fallback });
  }

  /** Throws `request.malformed` for an id that no call of an earlier message had. `shown`: pictures and files of the result. */
  result(id: unknown, field: string, response: Loose, shown: readonly Loose[] = []): Loose[] {
    const name = this.#names.get(id);
    if (name === undefined) throw malformed(`'${field}' names no call of an earlier message.`);
    // They stand within the result from Gemini 3 on, before it beside it. Source: ai.google.dev, function calling.
    if (shown.length === 0 || !this.#isThird) return [{ functionResponse: { name, response } }, ...shown];
    return [{ functionResponse: { name, response, parts: shown } }];
  }
}

const modes: Readonly<Record<string, string>> = { auto: "AUTO", none: "NONE", any: "ANY", required: "ANY" };

/** Which tool is to be called, by its name or by how; undefined for a word that Gemini does not have. */
export function choiceOf({ name, mode }: { name?: unknown; mode?: unknown }): Loose | undefined {
  if (name !== undefined) return { functionCallingConfig: { mode: "ANY", allowedFunctionNames: [name] } };
  const known = modes[String(mode)];
  return known === undefined ? undefined : { functionCallingConfig: { mode: known } };
}

/** A request as Gemini has it. Throws `request.malformed` if nobody says anything in it. */
export function geminiBody(said: {
  readonly system: readonly Loose[];
  readonly tools: readonly Loose[];
  readonly contents: readonly Content[];
  readonly toolConfig: Loose | undefined;
  readonly generationConfig: Loose;
}): Loose {
  const { system, tools, contents, toolConfig, generationConfig } = said;
  if (contents.length === 0) throw malformed("'messages' must hold more than instructions.");
  return compact({
    contents,
    systemInstruction: system.length > 0 ? { parts: system } : undefined,
    tools: tools.length > 0 ? [{ functionDeclarations: tools }] : undefined,
    toolConfig,
    generationConfig,
  });
}

/** Some clients ask for more than Gemini's models have, which they refuse. Source: ai.google.dev/gemini-api/docs/models. */
export function mostTokensOf(asked: unknown, model: string, field: string, rules: Set<string>): unknown {
  const most = /^gemini-(1|2\.0)/.test(model) ? 8_192 : 65_536;
  if (typeof asked !== "number" || asked <= most) return asked;
  rules.add(`${field} ${asked} → ${most}, the most there is`);
  return most;
}

const budgets: Readonly<Record<string, number>> = { none: 0, minimal: 1_024, low: 1_024, medium: 8_192 };
const mostBudget = 24_576;
const levels: Readonly<Record<string, string>> = { none: "low", minimal: "low", xhigh: "high", max: "high" };

/**
 * How hard to think: a level from Gemini 3 on, before it a budget, of which −1 leaves it to the model. Source: Google's own table
 * of efforts, ai.google.dev/gemini-api/docs/openai, thinking.
 */
export function sayEffort(
  { effort, budget }: { readonly effort: string | undefined; readonly budget?: number | undefined },
  model: string,
  field: string,
  rules: Set<string>,
): Loose {
  if (!isThird(model)) {
    const most = model.includes("flash") ? mostBudget : 32_768;
    return { thinkingBudget: effort === undefined ? -1 : Math.min(budget ?? budgets[effort] ?? mostBudget, most) };
  }
  const level = effort && levels[effort];
  if (level) rules.add(`${field} ${effort} → ${level}, the nearest there is`);
  return compact({ thinkingLevel: level || effort });
}

/** As little thinking as a model may be told to do: the larger ones think always. */
export function leastThinking(model: string): Loose | undefined {
  const isFlash = model.includes("flash");
  if (isThird(model)) return { thinkingLevel: isFlash ? "minimal" : "low" };
  return /^gemini-2\.5/.test(model) ? { thinkingBudget: isFlash ? 0 : 128 } : undefined;
}
