import type { Call } from "../../dialects/dialect.ts";
import { readGeminiUsage } from "../../dialects/gemini/usage.ts";
import type { Loose } from "../../dialects/openai/usage.ts";
import { Failure } from "../../../failure.ts";
import { noUsage, type Usage } from "../../../core/money/usage.ts";
import { listed, looseOf } from "./fields.ts";

/** From Gemini 3 on, thinking has levels and calls must bear signatures. Source: ai.google.dev, thinking and thought signatures. */
export const isThird = (model: string): boolean => /^gemini-([3-9]|\d\d)/.test(model);

/** A call of another language's as Gemini's own. */
export function geminiCall(call: Call, method: string, body: Loose, rules: Iterable<string>): Call {
  return {
    ...call,
    dialect: "gemini",
    operation: method,
    target: `/v1beta/models/${encodeURIComponent(call.model ?? "")}:${method}${call.isStream ? "?alt=sse" : ""}`,
    headers: { accept: call.isStream ? "text/event-stream" : "application/json", "content-type": "application/json" },
    body: Buffer.from(JSON.stringify(body)),
    rules: [...call.rules, ...rules],
  };
}

export const generate = (call: Call): string => (call.isStream ? "streamGenerateContent" : "generateContent");

export const partsOf = (answer: Loose): Loose[] => listed(looseOf(listed(answer.candidates)[0]?.content).parts);

export type Ending = "stop" | "calls" | "length" | "refusal" | "broken";

const endings: Readonly<Record<string, Ending>> = {
  MAX_TOKENS: "length",
  SAFETY: "refusal",
  RECITATION: "refusal",
  LANGUAGE: "refusal",
  BLOCKLIST: "refusal",
  PROHIBITED_CONTENT: "refusal",
  SPII: "refusal",
  IMAGE_SAFETY: "refusal",
  IMAGE_PROHIBITED_CONTENT: "refusal",
  IMAGE_RECITATION: "refusal",
  MALFORMED_FUNCTION_CALL: "broken",
  MALFORMED_RESPONSE: "broken",
  UNEXPECTED_TOOL_CALL: "broken",
  TOO_MANY_TOOL_CALLS: "broken",
  MISSING_THOUGHT_SIGNATURE: "broken",
};

/** Why the answer ended; undefined while it has not. A refused prompt has no candidate that could say it. */
export function endOf(answer: Loose, isCalling: boolean): Ending | undefined {
  if (looseOf(answer.promptFeedback).blockReason) return "refusal";
  const reason = listed(answer.candidates)[0]?.finishReason;
  if (typeof reason !== "string") return undefined;
  return endings[reason] ?? (isCalling ? "calls" : "stop");
}

/** Why an answer is none whose reason is `broken`. */
export const broken = "The model broke off: its call of a tool came out malformed, or out of place.";

/** Why a whole answer ended. Throws `upstream.refused` if it is none. */
export function wholeEnd(answer: Loose, isCalling: boolean): Exclude<Ending, "broken"> {
  const end = endOf(answer, isCalling) ?? "stop";
  if (end === "broken") throw new Failure("upstream.refused", { message: broken });
  return end;
}

export function usageOf(usageMetadata: unknown): Usage {
  return { ...noUsage(), ...readGeminiUsage(looseOf(usageMetadata)) };
}
