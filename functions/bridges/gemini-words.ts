import type { Call } from "../dialects/dialect.ts";
import { readGeminiUsage } from "../dialects/gemini-usage.ts";
import type { Loose } from "../dialects/openai-usage.ts";
import { noUsage, type Usage } from "../records/usage.ts";
import { listed, looseOf } from "./fields.ts";

/** From Gemini 3 on, thinking has levels and calls must bear signatures. Source: ai.google.dev, thinking and thought signatures. */
export const isThird = (model: string): boolean => /^gemini-([3-9]|\d\d)/.test(model);

/** Gemini 3 refuses calls in its history without a signature but takes this one. Source: ai.google.dev, thought signatures. */
export const unsigned = "skip_thought_signature_validator";

export interface Content {
  readonly role: "user" | "model";
  readonly parts: Loose[];
}

/** Contents of one role in a row are one. */
export function append(contents: Content[], { role, parts }: Content): void {
  const last = contents.at(-1);
  if (last?.role === role) last.parts.push(...parts);
  else if (parts.length > 0) contents.push({ role, parts });
}

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
};

/** Why the answer ended; undefined while it has not. A refused prompt has no candidate that could say it. */
export function endOf(answer: Loose, isCalling: boolean): Ending | undefined {
  if (looseOf(answer.promptFeedback).blockReason) return "refusal";
  const reason = listed(answer.candidates)[0]?.finishReason;
  if (typeof reason !== "string") return undefined;
  return endings[reason] ?? (isCalling ? "calls" : "stop");
}

export function figuresOf(usageMetadata: unknown): Usage {
  return { ...noUsage(), ...readGeminiUsage(looseOf(usageMetadata)) };
}
