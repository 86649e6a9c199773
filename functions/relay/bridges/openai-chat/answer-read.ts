import { randomUUID } from "node:crypto";
import { mergeUsage } from "../../dialects/openai/usage.ts";
import { readStreamError } from "../answer-error.ts";
import type { AnswerPart, AnswerReader, Emit, FinishReason } from "../answer-event.ts";
import { AnswerParts } from "../answer-parts.ts";
import { type JsonObject, isObject, objectOf, objectsOf, textOf } from "../../../wire/json.ts";
import { lookUp } from "../../../wire/maps.ts";

/**
 * A Chat Completions answer, also as vendors write it: thoughts in `reasoning_content` (DeepSeek, Kimi, GLM, vLLM) or
 * `reasoning` (OpenRouter, Ollama), content as parts (Mistral), calls without an index. The first choice counts.
 */
export function readChatAnswer(emit: Emit): AnswerReader {
  const answer = new ChatReader(new AnswerParts(emit));
  return {
    event: (chunk) => answer.see(chunk, "delta"),
    whole(completion) {
      answer.see(completion, "message");
      answer.end();
    },
    end: () => answer.end(),
    done: () => answer.done(),
  };
}

const reasons: Readonly<Record<string, FinishReason>> = {
  length: "length",
  max_tokens: "length",
  content_filter: "refusal",
  sensitive: "refusal",
  refusal: "refusal",
};

type Kind = "text" | "refusal" | "thinking";

interface ToolCall {
  readonly index: number;
  readonly id: string | undefined;
}

class ChatReader {
  readonly #parts: AnswerParts;
  /** The text, refusal or thinking that is being written. */
  #open: { readonly kind: Kind; readonly index: number } | undefined;
  readonly #calls = new Map<number, ToolCall>();
  #reason: FinishReason | undefined;

  constructor(parts: AnswerParts) {
    this.#parts = parts;
  }

  see(answer: JsonObject, field: "delta" | "message"): void {
    if (isObject(answer.error) || typeof answer.error === "string") {
      return this.#parts.fail(readStreamError(answer.error));
    }
    this.#parts.start(answer.id, answer.model);
    this.#seeUsage(answer);
    const [choice] = objectsOf(answer.choices);
    if (!choice) return;
    if (isObject(choice.error)) return this.#parts.fail(readStreamError(choice.error));
    this.#seeMessage(objectOf(choice[field]));
    if (typeof choice.finish_reason === "string") this.#reason ??= lookUp(reasons, choice.finish_reason) ?? "stop";
  }

  /** The stream said `[DONE]`, so an answer without a reason for its end is whole all the same. */
  done(): void {
    this.#reason ??= "stop";
    this.end();
  }

  end(): void {
    if (this.#reason === undefined) return;
    this.#close();
    this.#parts.finish(this.#reason);
  }

  #seeUsage({ usage, service_tier: tier }: JsonObject): void {
    if (typeof tier === "string") this.#parts.usage.serviceTier = tier;
    if (!isObject(usage)) return;
    mergeUsage(this.#parts.usage, usage);
    this.#parts.tellUsage();
  }

  #seeMessage(message: JsonObject): void {
    this.#write("thinking", textOf(message.reasoning_content) ?? textOf(message.reasoning));
    if (Array.isArray(message.content)) objectsOf(message.content).forEach((part) => this.#seePart(part));
    else this.#write("text", textOf(message.content));
    this.#write("refusal", textOf(message.refusal));
    for (const { url_citation: cited } of objectsOf(message.annotations)) this.#cite(objectOf(cited));
    for (const { image_url: image } of objectsOf(message.images)) this.#show(objectOf(image).url);
    objectsOf(message.tool_calls).forEach((call, place) => this.#call(call, place));
    const { name, arguments: args } = objectOf(message.function_call);
    if (name !== undefined || args !== undefined) this.#call({ function: message.function_call }, 0);
  }

  #seePart(part: JsonObject): void {
    const thought = objectsOf(part.thinking).map(({ text }) => textOf(text) ?? "");
    if (part.type === "thinking") this.#write("thinking", textOf(part.thinking) ?? thought.join(""));
    else if (part.type === "image_url") this.#show(objectOf(part.image_url).url);
    else this.#write("text", textOf(part.text));
  }

  #write(kind: Kind, text = ""): void {
    if (text === "") return;
    if (this.#open?.kind !== kind) {
      this.#close();
      this.#open = { kind, index: this.#parts.open({ type: kind }) };
    }
    this.#parts.grow(this.#open.index, { type: "text", text });
  }

  /** A vendor wants its thoughts back as text: they are sealed with nothing but their maker's name. */
  #close(): void {
    if (!this.#open) return;
    const { kind, index } = this.#open;
    this.#open = undefined;
    if (kind === "thinking") this.#parts.grow(index, { type: "seal", seal: { maker: "chat", value: "" } });
    this.#parts.close(index);
  }

  #cite({ url, title, start_index: start, end_index: end }: JsonObject): void {
    if (typeof url !== "string" || this.#open?.kind !== "text") return;
    const place = typeof start === "number" && typeof end === "number" ? { start, end } : {};
    const citation = { url, title: textOf(title) ?? "", ...place };
    this.#parts.grow(this.#open.index, { type: "citation", citation });
  }

  #show(url: unknown): void {
    const [, mediaType, data] = /^data:([^;,]+);base64,(.*)$/s.exec(textOf(url) ?? "") ?? [];
    if (mediaType === undefined || data === undefined) return;
    this.#close();
    this.#parts.add({ type: "image", mediaType, data });
  }

  /** A new id under an index that is taken is a new call: some vendors give every call the index 0. */
  #call(call: JsonObject, place: number): void {
    const said = objectOf(call.function ?? call.custom);
    const index = typeof call.index === "number" ? call.index : this.#placeOf(call, said, place);
    const id = textOf(call.id) || undefined;
    let known = this.#calls.get(index);
    if (!known || (id !== undefined && known.id !== undefined && known.id !== id)) {
      this.#close();
      known = { id, index: this.#parts.open(callPart(id, said, call.custom !== undefined)) };
      this.#calls.set(index, known);
    }
    const input = said.arguments ?? said.input ?? "";
    this.#parts.grow(known.index, { type: "input", text: typeof input === "string" ? input : JSON.stringify(input) });
  }

  /** Of a call without an index: the one with its id; without an id and a name, the last one. */
  #placeOf({ id }: JsonObject, { name }: JsonObject, place: number): number {
    const known = [...this.#calls].find(([, call]) => call.id !== undefined && call.id === id);
    if (known) return known[0];
    const isNew = (typeof id === "string" && id !== "") || (typeof name === "string" && name !== "");
    return isNew ? Math.max(this.#calls.size, place) : Math.max(0, this.#calls.size - 1);
  }
}

function callPart(id: string | undefined, { name }: JsonObject, isCustom: boolean): AnswerPart {
  const made = id ?? `call_${randomUUID().replaceAll("-", "")}`;
  return { type: "tool-call", id: made, name: textOf(name) ?? "", input: isCustom ? "text" : "json" };
}
