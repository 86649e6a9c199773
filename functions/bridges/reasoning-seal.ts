/**
 * OpenAI's encrypted reasoning as a signature of Anthropic's: opaque to the client, which sends it back with the thinking it
 * stands beside. What another model signed is told from it by its beginning.
 */
const mark = "openai.";

export function seal(id: unknown, content: string): string {
  return `${mark}${String(id)}.${content}`;
}

/** Undefined for a signature that no answer over this bridge bore. */
export function openSeal(signature: unknown): { readonly id: string; readonly content: string } | undefined {
  if (typeof signature !== "string" || !signature.startsWith(mark)) return undefined;
  const dot = signature.indexOf(".", mark.length);
  if (dot < 0 || dot === signature.length - 1) return undefined;
  return { id: signature.slice(mark.length, dot), content: signature.slice(dot + 1) };
}
