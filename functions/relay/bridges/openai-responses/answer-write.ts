import { randomUUID } from "node:crypto";
import type { Usage } from "../../../core/money/usage.ts";
import { toOpenaiError } from "../answer-error.ts";
import type {
  AnswerError,
  AnswerEvent,
  AnswerPart,
  AnswerWriting,
  Citation,
  FinishReason,
  ToolCallPart,
} from "../answer-event.ts";
import type { CrossingContext, Seal } from "../conversation.ts";
import { type JsonObject, objectOf, parseObject, textOf } from "../../../wire/json.ts";
import { packSeal } from "../seal.ts";

/** A Responses answer, item after item. Source: platform.openai.com/docs/api-reference/responses-streaming and the types of openai. */
export const responsesAnswers: AnswerWriting = {
  write(context, tell) {
    const writer = new ResponseWriter(context, tell);
    return (event) => writer.take(event);
  },
  frame: (event) => `event: ${String(event.type)}\ndata: ${JSON.stringify(event)}\n\n`,
  // The last event of a stream has the whole response in it.
  fold: (events) => objectOf(events.at(-1)?.response),
  error: (error) => ({ error: toOpenaiError(error) }),
  overloadStatus: 503,
};

const cuts: Readonly<Partial<Record<FinishReason, string>>> = {
  length: "max_output_tokens",
  "context-window": "max_output_tokens",
  refusal: "content_filter",
};

const idOf = (prefix: string): string => `${prefix}_${randomUUID().replaceAll("-", "")}`;
const now = (): number => Math.floor(Date.now() / 1000);

interface Open {
  readonly part: AnswerPart;
  readonly id: string;
  /** Its place in the output; undefined until something is told of it. */
  place: number | undefined;
  text: string;
  readonly annotations: JsonObject[];
  seal: Seal | undefined;
}

type Tell = (event: JsonObject) => void;

class ResponseWriter {
  readonly #context: CrossingContext;
  readonly #tellEvent: Tell;
  readonly #open = new Map<number, Open>();
  readonly #output: JsonObject[] = [];
  #head: JsonObject | undefined;
  #sequence = 0;
  #usage: Usage | undefined;

  constructor(context: CrossingContext, tell: Tell) {
    this.#context = context;
    this.#tellEvent = tell;
  }

  take(event: AnswerEvent): void {
    if (event.type === "start") this.#start(event.id, event.model);
    else if (event.type === "part-start") this.#begin(event.index, event.part);
    else if (event.type === "part-delta") this.#grow(this.#open.get(event.index), event.delta);
    else if (event.type === "part-end") this.#end(event.index);
    else if (event.type === "usage") this.#usage = event.usage;
    else if (event.type === "finish") this.#finish(event.reason);
    else this.#fail(event.error);
  }

  #tell(type: string, fields: JsonObject): void {
    this.#tellEvent({ type, sequence_number: this.#sequence++, ...fields });
  }

  #within({ id, place }: Open, type: string, fields: JsonObject): void {
    this.#tell(type, { item_id: id, output_index: place, ...fields });
  }

  #start(id?: string, model?: string): void {
    const made = id === undefined ? idOf("resp") : `resp_${id.replace(/^(msg|resp)_|^chatcmpl-/, "")}`;
    const response = { ...headOf(made, model ?? this.#context.askedModel), ...this.#context.echo };
    this.#head = response;
    this.#tell("response.created", { response });
    this.#tell("response.in_progress", { response });
  }

  #begin(index: number, part: AnswerPart): void {
    const prefix = part.type === "tool-call" && this.#isCustom(part) ? "ctc" : prefixes[part.type];
    const open: Open = { part, id: idOf(prefix), place: undefined, text: "", annotations: [], seal: undefined };
    this.#open.set(index, open);
    if (part.type === "tool-call" || part.type === "text" || part.type === "refusal") this.#add(open);
  }

  /** Tells that the item begins. */
  #add(open: Open): void {
    if (open.place !== undefined) return;
    open.place = this.#output.length;
    this.#output.push({});
    const item = { ...this.#itemOf(open, "in_progress"), ...begun[open.part.type] };
    this.#tell("response.output_item.added", { output_index: open.place, item });
    if (open.part.type !== "text" && open.part.type !== "refusal") return;
    this.#within(open, "response.content_part.added", { content_index: 0, part: contentOf(open) });
  }

  #isCustom(part: ToolCallPart): boolean {
    return part.input === "text" || this.#context.tools.get(part.name)?.isCustom === true;
  }

  #grow(open: Open | undefined, delta: Extract<AnswerEvent, { type: "part-delta" }>["delta"]): void {
    if (!open) return;
    const { part } = open;
    if (delta.type === "seal") open.seal = delta.seal;
    else if (delta.type === "citation") this.#cite(open, delta.citation);
    else {
      open.text += delta.text;
      if (part.type === "thinking") this.#think(open, delta.text);
      else if (part.type !== "tool-call") {
        const logprobs = part.type === "text" ? { logprobs: [] } : {};
        const type = part.type === "text" ? "response.output_text.delta" : "response.refusal.delta";
        this.#within(open, type, { content_index: 0, delta: delta.text, ...logprobs });
      } else if (!this.#isCustom(part)) {
        this.#within(open, "response.function_call_arguments.delta", { delta: delta.text });
      }
    }
  }

  #think(open: Open, delta: string): void {
    if (!this.#context.isThinkingShown) return;
    if (open.place === undefined) {
      this.#add(open);
      const part = { type: "summary_text", text: "" };
      this.#within(open, "response.reasoning_summary_part.added", { summary_index: 0, part });
    }
    this.#within(open, "response.reasoning_summary_text.delta", { summary_index: 0, delta });
  }

  #cite(open: Open, { url, title, start = 0, end = start }: Citation): void {
    const annotation = { type: "url_citation", url, title, start_index: start, end_index: end };
    const annotation_index = open.annotations.push(annotation) - 1;
    this.#within(open, "response.output_text.annotation.added", { content_index: 0, annotation_index, annotation });
  }

  #end(index: number): void {
    const open = this.#open.get(index);
    this.#open.delete(index);
    if (!open) return;
    const { part } = open;
    if (part.type === "thinking" && open.place === undefined && !open.seal) return;
    if (part.type === "tool-call" && open.text === "") open.text = part.input === "json" ? "{}" : "";
    this.#add(open);
    const item = this.#itemOf(open, "completed");
    this.#tellWhole(open, item);
    this.#output[open.place ?? 0] = item;
    this.#tell("response.output_item.done", { output_index: open.place, item });
  }

  /** What an item's parts say before the item is done. */
  #tellWhole(open: Open, item: JsonObject): void {
    const { part, text } = open;
    if (part.type === "text") {
      this.#within(open, "response.output_text.done", { content_index: 0, text, logprobs: [] });
      this.#within(open, "response.content_part.done", { content_index: 0, part: contentOf(open) });
    } else if (part.type === "refusal") {
      this.#within(open, "response.refusal.done", { content_index: 0, refusal: text });
      this.#within(open, "response.content_part.done", { content_index: 0, part: contentOf(open) });
    } else if (part.type === "thinking" && this.#context.isThinkingShown && text !== "") {
      this.#within(open, "response.reasoning_summary_text.done", { summary_index: 0, text });
      const whole = { type: "summary_text", text };
      this.#within(open, "response.reasoning_summary_part.done", { summary_index: 0, part: whole });
    } else if (item.type === "custom_tool_call") {
      this.#within(open, "response.custom_tool_call_input.delta", { delta: item.input });
      this.#within(open, "response.custom_tool_call_input.done", { input: item.input });
    } else if (item.type === "function_call") {
      this.#within(open, "response.function_call_arguments.done", { name: item.name, arguments: text });
    } else if (part.type === "search") {
      for (const step of ["in_progress", "searching", "completed"])
        this.#within(open, `response.web_search_call.${step}`, {});
    }
  }

  #itemOf(open: Open, status: "in_progress" | "completed"): JsonObject {
    const { part, id, text, seal } = open;
    if (part.type === "text" || part.type === "refusal") {
      return { id, type: "message", status, role: "assistant", content: [contentOf(open)] };
    }
    if (part.type === "thinking") {
      const isSeen = this.#context.isThinkingShown && text !== "";
      const summary = isSeen ? [{ type: "summary_text", text }] : [];
      return { id, type: "reasoning", summary, encrypted_content: packSeal({ text, seal }) || null };
    }
    if (part.type === "image") return { id, type: "image_generation_call", status, result: part.data };
    if (part.type === "search") {
      const sources = part.results.map(({ url }) => ({ type: "url", url }));
      const action = { type: "search", query: part.queries[0] ?? "", queries: part.queries, sources };
      return { id, type: "web_search_call", status: part.error === undefined ? status : "failed", action };
    }
    return this.#callOf(part, open, status);
  }

  /** A call that was cut off within its input is incomplete, and says so: its client must not run it. */
  #callOf(part: ToolCallPart, { id, text }: Open, status: "in_progress" | "completed"): JsonObject {
    const { name = part.name, namespace } = this.#context.tools.get(part.name) ?? {};
    const call = { call_id: part.id || id, name, ...(namespace === undefined ? {} : { namespace }) };
    const input = part.input === "json" ? parseObject(text) : { input: text };
    const state = status === "completed" && !input ? "incomplete" : status;
    if (!this.#isCustom(part)) return { id, type: "function_call", status: state, ...call, arguments: text };
    return { id, type: "custom_tool_call", status: state, ...call, input: textOf(input?.input) ?? "" };
  }

  #finish(finish: FinishReason): void {
    const reason = cuts[finish];
    const end = reason === undefined ? { status: "completed", completed_at: now() } : { status: "incomplete" };
    const tier = this.#usage?.serviceTier;
    const response = {
      ...this.#head,
      ...end,
      incomplete_details: reason === undefined ? null : { reason },
      ...(tier !== undefined && tiers.has(tier) ? { service_tier: tier } : {}),
      output: this.#output,
      usage: toUsage(this.#usage),
    };
    this.#tell(`response.${end.status}`, { response });
  }

  #fail(error: AnswerError): void {
    if (!this.#head) this.#start();
    const { code, message } = toOpenaiError(error);
    const output = this.#output.filter(({ type }) => type !== undefined);
    const failed = { status: "failed", error: { code: code ?? "server_error", message }, output };
    this.#tell("response.failed", { response: { ...this.#head, ...failed } });
  }
}

const prefixes: Readonly<Record<AnswerPart["type"], string>> = {
  ...{ text: "msg", refusal: "msg", thinking: "rs", "tool-call": "fc", image: "ig", search: "ws" },
};

/** An item that begins has nothing yet of what its events will bring. */
const begun: Readonly<Partial<Record<AnswerPart["type"], JsonObject>>> = {
  text: { content: [] },
  refusal: { content: [] },
  thinking: { summary: [], encrypted_content: null },
  image: { result: null },
};

function contentOf({ part, text, annotations }: Open): JsonObject {
  if (part.type === "refusal") return { type: "refusal", refusal: text };
  return { type: "output_text", text, annotations: [...annotations], logprobs: [] };
}

/** Instructions and tools are not said back: a stream would say them three times, at the operator's expense. */
function headOf(id: string, model: string): JsonObject {
  return {
    ...{ id, object: "response", created_at: now(), status: "in_progress", background: false, error: null },
    ...{ incomplete_details: null, instructions: null, max_output_tokens: null, metadata: {}, model, output: [] },
    ...{
      parallel_tool_calls: true,
      previous_response_id: null,
      reasoning: { effort: null, summary: null },
      store: false,
    },
    ...{ temperature: null, text: { format: { type: "text" } }, tool_choice: "auto", tools: [], top_p: null },
    ...{ truncation: "disabled", usage: null },
  };
}

const tiers = new Set(["auto", "default", "flex", "scale", "priority"]);

/** OpenAI counts cached input as a part of the input. */
function toUsage(usage: Usage | undefined): JsonObject {
  const written = (usage?.cacheWrite5mTokens ?? 0) + (usage?.cacheWrite1hTokens ?? 0);
  const input = (usage?.inputTokens ?? 0) + (usage?.cacheReadTokens ?? 0) + written;
  const output = usage?.outputTokens ?? 0;
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: usage?.cacheReadTokens ?? 0, cache_write_tokens: written },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: usage?.reasoningTokens ?? 0 },
    total_tokens: input + output,
  };
}
