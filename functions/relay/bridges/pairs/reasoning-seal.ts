import { type Loose, parse } from "../../dialects/openai/usage.ts";

/**
 * What other models sign or encrypt of their thoughts, as a signature of Anthropic's: opaque to the client, which sends it
 * back with the thinking it stands beside. Whose it is, is told by its beginning.
 */
const openaiMark = "openai.";
const geminiMark = "gemini.";

/** OpenAI's encrypted reasoning, with the id of its item. */
export function seal(id: unknown, content: string): string {
  return `${openaiMark}${String(id)}.${content}`;
}

/** Undefined for a signature that no answer over this bridge bore. */
export function openSeal(signature: unknown): { readonly id: string; readonly content: string } | undefined {
  if (typeof signature !== "string" || !signature.startsWith(openaiMark)) return undefined;
  const dot = signature.indexOf(".", openaiMark.length);
  if (dot < 0 || dot === signature.length - 1) return undefined;
  return { id: signature.slice(openaiMark.length, dot), content: signature.slice(dot + 1) };
}

/** Gemini's thought signature. */
export const sealGemini = (signature: string): string => `${geminiMark}${signature}`;

/** Undefined for a signature that is none of Gemini's. */
export function openGeminiSeal(signature: unknown): string | undefined {
  if (typeof signature !== "string" || !signature.startsWith(geminiMark)) return undefined;
  return signature.slice(geminiMark.length) || undefined;
}

const anthropicMark = "anthropic.";

/** The other way round: a thinking block of Anthropic's, as the encrypted content of a reasoning item. */
export const sealThinking = (block: object): string =>
  anthropicMark + Buffer.from(JSON.stringify(block)).toString("base64");

/** Undefined for what is no thinking block of Anthropic's. */
export function openThinking(encrypted: unknown): Loose | undefined {
  if (typeof encrypted !== "string" || !encrypted.startsWith(anthropicMark)) return undefined;
  return parse(Buffer.from(encrypted.slice(anthropicMark.length), "base64").toString("utf8"));
}
