import { mergeAnthropicUsage } from "../../dialects/anthropic/usage.ts";
import { readStreamError } from "../answer-error.ts";
import type { AnswerReader, Citation, Emit, FinishReason, SearchResult } from "../answer-event.ts";
import { AnswerParts } from "../answer-parts.ts";
import { compact, type JsonObject, objectOf, objectsOf, textOf } from "../../../wire/json.ts";
import { lookUp } from "../../../wire/maps.ts";

/** A Messages answer. Source: docs.anthropic.com/en/docs/build-with-claude/streaming and the types of @anthropic-ai/sdk. */
export function readAnthropicAnswer(emit: Emit): AnswerReader {
  const message = new MessageReader(new AnswerParts(emit));
  return {
    event: (data) => message.see(data),
    whole: (answer) => message.seeWhole(answer),
    // `message_stop` is the last event; without it the answer broke off.
    end: () => undefined,
  };
}

const reasons: Readonly<Record<string, FinishReason>> = {
  end_turn: "stop",
  stop_sequence: "stop-sequence",
  tool_use: "tool-calls",
  max_tokens: "length",
  model_context_window_exceeded: "context-window",
  refusal: "refusal",
  pause_turn: "pause",
};

interface Block {
  readonly start: JsonObject;
  /** Of the part that the block is; undefined for a block that is none. */
  readonly index: number | undefined;
  /** What has grown: thought, or JSON of an input. */
  text: string;
  signature: string;
}

class MessageReader {
  readonly #parts: AnswerParts;
  readonly #blocks = new Map<unknown, Block>();
  /** Queries of searches, by id. */
  readonly #queries = new Map<unknown, string>();
  #end: JsonObject = {};

  constructor(parts: AnswerParts) {
    this.#parts = parts;
  }

  readonly #handlers: Readonly<Record<string, (event: JsonObject) => void>> = {
    message_start: ({ message }) => this.#start(objectOf(message)),
    content_block_start: ({ index, content_block }) => this.#open(index, objectOf(content_block)),
    content_block_delta: ({ index, delta }) => this.#grow(this.#blocks.get(index), objectOf(delta)),
    content_block_stop: ({ index }) => this.#close(index),
    message_delta: ({ delta, usage }) => {
      this.#end = { ...this.#end, ...objectOf(delta) };
      mergeAnthropicUsage(this.#parts.usage, compact(objectOf(usage)));
    },
    message_stop: () => this.#finish(),
    error: ({ error }) => this.#parts.fail(readStreamError(error)),
  };

  see(event: JsonObject): void {
    lookUp(this.#handlers, event.type)?.(event);
  }

  seeWhole(answer: JsonObject): void {
    if (answer.type === "error" || answer.error) return this.#parts.fail(readStreamError(answer.error));
    this.#start(answer);
    objectsOf(answer.content).forEach((block, index) => {
      this.#open(index, block);
      this.#close(index);
    });
    this.#end = answer;
    this.#finish();
  }

  #start({ id, model, usage }: JsonObject): void {
    this.#parts.start(id, model);
    mergeAnthropicUsage(this.#parts.usage, compact(objectOf(usage)));
    this.#parts.tellUsage();
  }

  #open(place: unknown, start: JsonObject): void {
    const block: Block = { start, index: this.#partOf(start), text: "", signature: textOf(start.signature) ?? "" };
    this.#blocks.set(place, block);
    this.#add(block, textOf(start.text) ?? textOf(start.thinking));
    objectsOf(start.citations).forEach((citation) => this.#cite(block, citation));
  }

  #partOf(start: JsonObject): number | undefined {
    if (start.type === "text") return this.#parts.open({ type: "text" });
    if (start.type === "thinking" || start.type === "redacted_thinking") return this.#parts.open({ type: "thinking" });
    if (start.type !== "tool_use") return undefined;
    const { id, name } = start;
    return this.#parts.open({ type: "tool-call", id: textOf(id) ?? "", name: textOf(name) ?? "", input: "json" });
  }

  #grow(block: Block | undefined, { type, text, thinking, signature, partial_json: json, citation }: JsonObject): void {
    if (!block) return;
    if (type === "signature_delta") block.signature += textOf(signature) ?? "";
    else if (type === "citations_delta") this.#cite(block, objectOf(citation));
    else this.#add(block, textOf(text) ?? textOf(thinking) ?? textOf(json));
  }

  #add(block: Block, text = ""): void {
    block.text += text;
    if (block.index === undefined) return;
    this.#parts.grow(block.index, { type: block.start.type === "tool_use" ? "input" : "text", text });
  }

  /** Places in documents are no addresses, and only Anthropic's clients know them. */
  #cite({ index }: Block, citation: JsonObject): void {
    const url = textOf(citation.url);
    if (index === undefined || url === undefined) return;
    const read: Citation = {
      url,
      title: textOf(citation.title) ?? "",
      citedText: textOf(citation.cited_text),
      encrypted: textOf(citation.encrypted_index),
    };
    this.#parts.grow(index, { type: "citation", citation: read });
  }

  #close(place: unknown): void {
    const block = this.#blocks.get(place);
    this.#blocks.delete(place);
    if (!block) return;
    const { start, index, text, signature } = block;
    if (start.type === "server_tool_use") {
      const input = text === "" ? start.input : parseInput(text);
      this.#queries.set(start.id, textOf(objectOf(input).query) ?? "");
    }
    if (start.type === "web_search_tool_result") this.#search(start);
    if (index === undefined) return;
    if (start.type === "tool_use" && text === "") {
      this.#parts.grow(index, { type: "input", text: JSON.stringify(start.input ?? {}) });
    }
    if (start.type === "redacted_thinking") {
      const seal = { maker: "anthropic", value: textOf(start.data) ?? "", isRedacted: true } as const;
      this.#parts.grow(index, { type: "seal", seal });
    } else if (signature !== "") {
      this.#parts.grow(index, { type: "seal", seal: { maker: "anthropic", value: signature } });
    }
    this.#parts.close(index);
  }

  #search({ tool_use_id: id, content }: JsonObject): void {
    const query = this.#queries.get(id);
    const results = objectsOf(content).map(({ url, title, page_age, encrypted_content }): SearchResult => ({
      url: textOf(url) ?? "",
      title: textOf(title) ?? "",
      pageAge: textOf(page_age),
      encrypted: textOf(encrypted_content),
    }));
    const error = Array.isArray(content) ? undefined : textOf(objectOf(content).error_code);
    this.#parts.add({ type: "search", id: textOf(id), queries: query ? [query] : [], results, error });
  }

  #finish(): void {
    this.#parts.tellUsage();
    const { stop_reason: reason, stop_sequence: sequence } = this.#end;
    this.#parts.finish(lookUp(reasons, reason) ?? "stop", textOf(sequence));
  }
}

function parseInput(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The search was cut off within its query.
    return {};
  }
}
