import { randomUUID } from "node:crypto";
import { readGeminiUsage } from "../../dialects/gemini/usage.ts";
import { readStreamError } from "../answer-error.ts";
import type { AnswerReader, Emit, FinishReason } from "../answer-event.ts";
import { AnswerParts } from "../answer-parts.ts";
import type { Seal } from "../conversation.ts";
import { isObject, type JsonObject, objectOf, objectsOf, textOf } from "../../../wire/json.ts";
import { lookUp } from "../../../wire/maps.ts";

/**
 * A `generateContent` answer, also in Code Assist's envelope. The stream has no last event, and figures may follow the reason
 * of its end: the ending is told when the stream is over. Source: ai.google.dev/api/generate-content.
 */
export function readGeminiAnswer(emit: Emit): AnswerReader {
  const answer = new GeminiReader(new AnswerParts(emit));
  return {
    event: (chunk) => answer.see(chunk),
    whole(response) {
      answer.see(response);
      answer.end();
    },
    end: () => answer.end(),
  };
}

const reasons: Readonly<Record<string, FinishReason | "broken">> = {
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

class GeminiReader {
  readonly #parts: AnswerParts;
  #open: { readonly type: "text" | "thinking"; readonly index: number; text: string } | undefined;
  #reason: FinishReason | "broken" | undefined;

  constructor(parts: AnswerParts) {
    this.#parts = parts;
  }

  see(given: JsonObject): void {
    const answer = isObject(given.response) ? given.response : given;
    if (answer.error) return this.#parts.fail(readStreamError(answer.error));
    this.#parts.start(answer.responseId, answer.modelVersion);
    if (isObject(answer.usageMetadata)) {
      Object.assign(this.#parts.usage, readGeminiUsage(answer.usageMetadata));
      this.#parts.tellUsage();
    }
    const [candidate = {}] = objectsOf(answer.candidates);
    for (const part of objectsOf(objectOf(candidate.content).parts)) this.#seePart(part);
    if (isObject(candidate.groundingMetadata)) this.#ground(candidate.groundingMetadata);
    if (objectOf(answer.promptFeedback).blockReason) this.#reason = "refusal";
    if (typeof candidate.finishReason === "string") this.#reason ??= lookUp(reasons, candidate.finishReason) ?? "stop";
    if (this.#reason === "broken") this.#break(textOf(candidate.finishMessage));
  }

  end(): void {
    if (this.#reason === undefined || this.#reason === "broken") return;
    this.#close();
    this.#parts.finish(this.#reason);
  }

  #break(message = "The model broke off: its call of a tool came out malformed, or out of place."): void {
    this.#parts.fail({ status: 502, kind: "server", message });
  }

  #seePart(part: JsonObject): void {
    const { text, thought, inlineData, functionCall, thoughtSignature: value } = part;
    const seal: Seal | undefined = typeof value === "string" && value !== "" ? { maker: "gemini", value } : undefined;
    if (isObject(functionCall)) return this.#call(functionCall, seal);
    if (isObject(inlineData)) return this.#show(inlineData);
    const isThought = thought === true;
    // A text's signature may be missing when the text comes back: it is kept only where it can close a thought.
    if (seal && !isThought && this.#open?.type === "thinking") this.#sealThought(seal);
    if (typeof text === "string" && text !== "") this.#write(isThought ? "thinking" : "text", text);
    if (seal && isThought) this.#sealThought(seal);
  }

  #sealThought(seal: Seal): void {
    this.#open ??= { type: "thinking", index: this.#parts.open({ type: "thinking" }), text: "" };
    this.#parts.grow(this.#open.index, { type: "seal", seal });
    this.#close();
  }

  #write(type: "text" | "thinking", text: string): void {
    if (this.#open?.type !== type) {
      this.#close();
      this.#open = { type, index: this.#parts.open({ type }), text: "" };
    }
    this.#open.text += text;
    this.#parts.grow(this.#open.index, { type: "text", text });
  }

  #close(): void {
    if (this.#open) this.#parts.close(this.#open.index);
    this.#open = undefined;
  }

  #call({ id, name, args }: JsonObject, seal: Seal | undefined): void {
    this.#close();
    const made = textOf(id) || `call_${randomUUID().replaceAll("-", "")}`;
    const index = this.#parts.open({ type: "tool-call", id: made, name: textOf(name) ?? "", input: "json", seal });
    this.#parts.grow(index, { type: "input", text: JSON.stringify(args ?? {}) });
    this.#parts.close(index);
  }

  #show({ mimeType, data }: JsonObject): void {
    this.#close();
    this.#parts.add({ type: "image", mediaType: textOf(mimeType) ?? "image/png", data: textOf(data) ?? "" });
  }

  /** Searches that the answer rests on, and which of its words. Segments count bytes of UTF-8. */
  #ground({ webSearchQueries, groundingChunks, groundingSupports }: JsonObject): void {
    const pages = objectsOf(groundingChunks).map(({ web }) => objectOf(web));
    const results = pages.map(({ uri, title }) => ({ url: textOf(uri) ?? "", title: textOf(title) ?? "" }));
    for (const { segment, groundingChunkIndices: chunks } of objectsOf(groundingSupports)) {
      const { startIndex, endIndex, text: citedText } = objectOf(segment);
      for (const place of Array.isArray(chunks) ? chunks : []) {
        const page = results[Number(place)];
        if (page && this.#open?.type === "text") {
          const [start, end] = [this.#unitsAt(startIndex), this.#unitsAt(endIndex)];
          const citation = { ...page, citedText: textOf(citedText), start, end };
          this.#parts.grow(this.#open.index, { type: "citation", citation });
        }
      }
    }
    const queries = Array.isArray(webSearchQueries) ? webSearchQueries.map(String) : [];
    if (queries.length > 0) this.#parts.add({ type: "search", id: undefined, queries, results });
  }

  #unitsAt(bytes: unknown): number {
    return Buffer.from(this.#open?.text ?? "").toString("utf8", 0, Number(bytes ?? 0)).length;
  }
}
