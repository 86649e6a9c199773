import { randomUUID } from "node:crypto";
import type { Usage } from "../../../core/money/usage.ts";
import { toAnthropicError } from "../answer-error.ts";
import type { AnswerEvent, AnswerPart, AnswerWriting, Citation, FinishReason, SearchPart } from "../answer-event.ts";
import { inSequence } from "../answer-filters.ts";
import type { CrossingContext, Seal } from "../conversation.ts";
import { fitName } from "../fit/names.ts";
import { compact, type JsonObject, objectOf, parseObject } from "../../../wire/json.ts";
import { packSeal } from "../seal.ts";

/** A Messages answer. Source: docs.anthropic.com/en/docs/build-with-claude/streaming and the types of @anthropic-ai/sdk. */
export const anthropicAnswers: AnswerWriting = {
  write(context, tell) {
    const writer = new MessageWriter(context, tell);
    return inSequence((event) => writer.take(event));
  },
  frame: (event) => `event: ${String(event.type)}\ndata: ${JSON.stringify(event)}\n\n`,
  fold,
  error: toAnthropicError,
  overloadStatus: 529,
};

const reasons: Readonly<Record<FinishReason, string>> = {
  stop: "end_turn",
  "stop-sequence": "stop_sequence",
  "tool-calls": "tool_use",
  length: "max_tokens",
  "context-window": "model_context_window_exceeded",
  refusal: "refusal",
  pause: "pause_turn",
};

const emptyText = { type: "text", text: "", citations: null };
const emptyThinking = { type: "thinking", thinking: "", signature: "" };
const idOf = (prefix: string) => `${prefix}_${randomUUID().replaceAll("-", "")}`;

type Tell = (event: JsonObject) => void;
type Named<Type extends AnswerEvent["type"]> = Extract<AnswerEvent, { readonly type: Type }>;

/** Takes parts one after the other. A block is opened with the first of its contents: an empty one says nothing. */
class MessageWriter {
  readonly #context: CrossingContext;
  readonly #tell: Tell;
  #part: AnswerPart = { type: "text" };
  /** The index of the last block, and whether it is open. */
  #index = -1;
  #isOpen = false;
  #thought = "";
  #seal: Seal | undefined;
  #hasInput = false;
  #usage: Usage | undefined;

  constructor(context: CrossingContext, tell: Tell) {
    this.#context = context;
    this.#tell = tell;
  }

  take(event: AnswerEvent): void {
    if (event.type === "start") this.#start(event);
    else if (event.type === "part-start") this.#begin(event.part);
    else if (event.type === "part-delta") this.#grow(event.delta);
    else if (event.type === "part-end") this.#end();
    else if (event.type === "usage") this.#usage = event.usage;
    else if (event.type === "finish") this.#finish(event);
    else this.#tell(toAnthropicError(event.error));
  }

  #start({ model }: Named<"start">): void {
    const message = {
      // Claude Code joins turns of one id, and some vendors give all their answers the same.
      id: idOf("msg"),
      ...{ type: "message", role: "assistant", model: model ?? this.#context.askedModel, content: [] },
      ...{ stop_reason: null, stop_sequence: null, stop_details: null, container: null, diagnostics: null },
      usage: toUsage(this.#usage),
    };
    this.#tell({ type: "message_start", message });
  }

  #begin(part: AnswerPart): void {
    this.#part = part;
    this.#thought = "";
    this.#seal = undefined;
    if (part.type !== "tool-call" || !part.seal) this.#close();
    if (part.type === "tool-call") {
      const seal = part.seal && this.#context.isThinkingAsked ? part.seal : undefined;
      if (seal) this.#sign(packSeal({ text: "", seal }));
      this.#close();
      const beside = part.seal && !seal ? { google: { thought_signature: part.seal.value } } : undefined;
      const name = this.#context.tools.get(part.name)?.name ?? part.name;
      // Other providers' ids hold what Anthropic refuses when they come back.
      const id = part.id === "" ? idOf("toolu") : fitName(part.id, /[^a-zA-Z0-9_-]/g, 64);
      this.#open(compact({ type: "tool_use", id, name, input: {}, extra_content: beside }));
      this.#hasInput = false;
    } else if (part.type === "image") {
      // Claude's answers hold no pictures: as Markdown they are seen at least.
      this.#add(emptyText, { type: "text_delta", text: `![](data:${part.mediaType};base64,${part.data})` });
    } else if (part.type === "search") this.#search(part);
  }

  #grow(delta: Named<"part-delta">["delta"]): void {
    if (delta.type === "citation")
      return this.#add(emptyText, { type: "citations_delta", citation: cite(delta.citation) });
    if (delta.type === "seal") this.#seal = delta.seal;
    else if (delta.type === "input") {
      this.#hasInput = true;
      this.#delta({ type: "input_json_delta", partial_json: delta.text });
    } else if (this.#part.type === "thinking") this.#think(delta.text);
    else this.#add(emptyText, { type: "text_delta", text: delta.text });
  }

  #think(text: string): void {
    this.#thought += text;
    const { isThinkingAsked, isThinkingShown } = this.#context;
    if (isThinkingAsked && isThinkingShown) this.#add(emptyThinking, { type: "thinking_delta", thinking: text });
  }

  #end(): void {
    if (this.#part.type === "thinking" && this.#context.isThinkingAsked) {
      const signature = packSeal({ text: this.#thought, seal: this.#seal });
      // Gemini's signature may come with the part that follows: the block stays open for it.
      if (signature === "") return;
      this.#sign(signature);
    } else if (this.#part.type === "tool-call" && !this.#hasInput) {
      this.#delta({ type: "input_json_delta", partial_json: "{}" });
    }
    this.#close();
  }

  #sign(signature: string): void {
    this.#add(emptyThinking, { type: "signature_delta", signature });
    if (this.#part.type !== "thinking") this.#close();
  }

  #search({ queries, results, error, id }: SearchPart): void {
    const tool_use_id = id?.startsWith("srvtoolu_") ? id : idOf("srvtoolu");
    this.#open({ type: "server_tool_use", id: tool_use_id, name: "web_search", input: {} });
    this.#delta({ type: "input_json_delta", partial_json: JSON.stringify({ query: queries.join("; ") }) });
    this.#close();
    const content = results.map(({ url, title, pageAge, encrypted }) => ({
      ...{ type: "web_search_result", url, title, encrypted_content: encrypted ?? "", page_age: pageAge ?? null },
    }));
    const failed = { type: "web_search_tool_result_error", error_code: error };
    this.#open({ type: "web_search_tool_result", tool_use_id, content: error === undefined ? content : failed });
  }

  #add(empty: JsonObject, delta: JsonObject): void {
    if (!this.#isOpen) this.#open(empty);
    this.#delta(delta);
  }

  #open(content_block: JsonObject): void {
    this.#index += 1;
    this.#isOpen = true;
    this.#tell({ type: "content_block_start", index: this.#index, content_block });
  }

  #delta(delta: JsonObject): void {
    this.#tell({ type: "content_block_delta", index: this.#index, delta });
  }

  #close(): void {
    if (this.#isOpen) this.#tell({ type: "content_block_stop", index: this.#index });
    this.#isOpen = false;
  }

  #finish({
    reason,
    stopSequence = null,
  }: Omit<Named<"finish">, "stopSequence"> & { stopSequence?: string | null | undefined }): void {
    this.#close();
    const { safeguards } = this.#context;
    const delta = {
      ...{ stop_reason: reasons[reason], stop_sequence: stopSequence, stop_details: null, container: null },
      // Claude Code's auto mode asks for a check that only Anthropic makes: it is told that nobody made it.
      ...(safeguards.length > 0 ? { safeguard_results: safeguards.map(unchecked) } : {}),
    };
    this.#tell({ type: "message_delta", delta, usage: toDeltaUsage(this.#usage) });
    this.#tell({ type: "message_stop" });
  }
}

const unchecked = (type: string): JsonObject => ({ type, status: { type: "unsupported" } });

function cite({ url, title, citedText, encrypted }: Citation): JsonObject {
  const type = "web_search_result_location";
  return { type, url, title, cited_text: citedText ?? "", encrypted_index: encrypted ?? "" };
}

function toDeltaUsage(usage: Usage | undefined): JsonObject {
  return {
    input_tokens: usage?.inputTokens ?? 0,
    cache_creation_input_tokens: (usage?.cacheWrite5mTokens ?? 0) + (usage?.cacheWrite1hTokens ?? 0),
    cache_read_input_tokens: usage?.cacheReadTokens ?? 0,
    output_tokens: usage?.outputTokens ?? 0,
    output_tokens_details: { thinking_tokens: usage?.reasoningTokens ?? 0 },
    server_tool_use: usage?.webSearches ? { web_search_requests: usage.webSearches, web_fetch_requests: 0 } : null,
  };
}

const tiers = new Set(["standard", "priority", "batch"]);

function toUsage(usage: Usage | undefined): JsonObject {
  const { cacheWrite5mTokens = 0, cacheWrite1hTokens = 0, serviceTier = "" } = usage ?? {};
  return {
    ...toDeltaUsage(usage),
    cache_creation: { ephemeral_5m_input_tokens: cacheWrite5mTokens, ephemeral_1h_input_tokens: cacheWrite1hTokens },
    ...{ inference_geo: null, service_tier: tiers.has(serviceTier) ? serviceTier : null, speed: null },
  };
}

/** As the SDK's own MessageStream adds the events up. */
function fold(events: readonly JsonObject[]): JsonObject {
  const content: JsonObject[] = [];
  let message: JsonObject = {};
  const inputs = new Map<number, string>();
  for (const { type, ...event } of events) {
    const index = Number(event.index);
    if (type === "message_start") message = { ...objectOf(event.message), content };
    else if (type === "content_block_start") content[index] = { ...objectOf(event.content_block) };
    else if (type === "content_block_delta") foldDelta(content[index] ?? {}, objectOf(event.delta), index, inputs);
    else if (type === "message_delta") {
      const usage = { ...objectOf(message.usage), ...objectOf(event.usage) };
      message = { ...message, ...objectOf(event.delta), usage };
    }
  }
  for (const [index, json] of inputs) {
    const block = content[index];
    // A model may break off or err within its own JSON: the client learns what it said.
    if (block) block.input = parseObject(json) ?? { malformed_arguments: json };
  }
  return message;
}

function foldDelta(block: JsonObject, delta: JsonObject, index: number, inputs: Map<number, string>): void {
  const { type, partial_json: json, citation, ...grown } = delta;
  if (type === "input_json_delta") inputs.set(index, `${inputs.get(index) ?? ""}${String(json)}`);
  else if (type === "citations_delta") block.citations = [...((block.citations as unknown[] | null) ?? []), citation];
  else for (const [name, more] of Object.entries(grown)) block[name] = `${String(block[name] ?? "")}${String(more)}`;
}
