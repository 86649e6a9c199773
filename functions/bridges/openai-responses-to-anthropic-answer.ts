import { randomUUID } from "node:crypto";
import { type Loose, parse } from "../dialects/openai-usage.ts";
import { figuresOf, statusOf } from "./anthropic-words.ts";
import { compact, listed, looseOf } from "./fields.ts";
import { type Known, readTools } from "./openai-responses-tools.ts";
import { openaiError } from "./openai-words.ts";
import { sealThinking } from "./reasoning-seal.ts";
import { namedEvent, type Words } from "./translate.ts";

/** What the client asked for, as far as the answer must know it: a stream must not hold a whole request. */
interface Asked {
  readonly known: ReadonlyMap<unknown, Known>;
  /** Whether thoughts are to be seen. */
  readonly isShown: boolean;
  /** What a response says back of its request. */
  readonly echo: Loose;
}

/** Claude's message as a response. `body`: the request that it answers. */
export function sayResponse(body: Loose): Words {
  const { summary, generate_summary } = looseOf(body.reasoning);
  const { known } = readTools(body.tools, []);
  const asked = { known, isShown: Boolean(summary ?? generate_summary), echo: echoOf(body) };
  const stream = new ResponseStream(asked);
  return {
    event: (event) => stream.say(event),
    whole: (message) => sayWhole(message, asked),
    error: (status, message) => ({ error: openaiError(status, message) }),
  };
}

const echoed = ["max_output_tokens", "metadata", "prompt_cache_key", "safety_identifier", "user"];

/** The short fields: with instructions and tools a stream would say the request back three times, at the operator's expense. */
function echoOf(body: Loose): Loose {
  return {
    ...{ instructions: null, max_output_tokens: null, metadata: {}, tools: [] },
    ...compact(Object.fromEntries(echoed.map((name) => [name, body[name]]))),
    ...{ parallel_tool_calls: body.parallel_tool_calls ?? true, tool_choice: body.tool_choice ?? "auto" },
    ...{ temperature: body.temperature ?? null, top_p: body.top_p ?? null },
    reasoning: { effort: null, summary: null, ...looseOf(body.reasoning) },
    text: body.text ?? { format: { type: "text" } },
  };
}

const now = (): number => Math.floor(Date.now() / 1000);
const idOf = (prefix: string): string => `${prefix}_${randomUUID().replaceAll("-", "")}`;

function headOf(message: Loose, { echo }: Asked): Loose {
  const id = typeof message.id === "string" ? message.id.replace(/^msg_/, "resp_") : idOf("resp");
  return {
    ...{ id, object: "response", created_at: now(), status: "in_progress", background: false, error: null },
    ...{ incomplete_details: null, model: message.model, output: [], previous_response_id: null, store: false },
    ...{ truncation: "disabled", usage: null, ...echo },
  };
}

/** Anthropic counts cached input apart, OpenAI as a part of the input. */
function usageOf(usage: unknown): Loose {
  const { input, cached, written, output, thinking } = figuresOf(usage);
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: cached, cache_write_tokens: written },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: thinking },
    total_tokens: input + output,
  };
}

const cuts: Readonly<Record<string, string>> = {
  max_tokens: "max_output_tokens",
  model_context_window_exceeded: "max_output_tokens",
  refusal: "content_filter",
};

function endOf(stopReason: unknown, usage: unknown): Loose & { readonly status: string } {
  const reason = cuts[String(stopReason)];
  if (reason === undefined) return { status: "completed", completed_at: now(), usage: usageOf(usage) };
  return { status: "incomplete", incomplete_details: { reason }, usage: usageOf(usage) };
}

function sayWhole(message: Loose, asked: Asked): Loose {
  const output = listed(message.content).flatMap((block) => itemOf(block, asked) ?? []);
  return { ...headOf(message, asked), ...endOf(message.stop_reason, message.usage), output };
}

interface Item extends Loose {
  readonly id: string;
  readonly type: string;
}

/** A whole block as an item; undefined for what no client of OpenAI's could have asked for. */
function itemOf(block: Loose, asked: Asked, id?: string): Item | undefined {
  if (block.type === "text") {
    const part = { type: "output_text", text: block.text, annotations: [], logprobs: [] };
    return { id: id ?? idOf("msg"), type: "message", status: "completed", role: "assistant", content: [part] };
  }
  if (block.type === "tool_use") return callOf(block, asked, id);
  if (block.type !== "thinking" && block.type !== "redacted_thinking") return undefined;
  const isSeen = asked.isShown && typeof block.thinking === "string" && block.thinking !== "";
  const summary = isSeen ? [{ type: "summary_text", text: block.thinking }] : [];
  return { id: id ?? idOf("rs"), type: "reasoning", summary, encrypted_content: sealThinking(block) };
}

function callOf({ id: call_id, name: said, input }: Loose, { known }: Asked, id?: string): Item {
  const { isCustom, name, namespace } = known.get(said) ?? { isCustom: false, name: said };
  const call = { status: "completed", call_id, name, ...(namespace === undefined ? {} : { namespace }) };
  if (!isCustom)
    return { id: id ?? idOf("fc"), type: "function_call", ...call, arguments: JSON.stringify(input ?? {}) };
  const { input: text } = looseOf(input);
  return { id: id ?? idOf("ctc"), type: "custom_tool_call", ...call, input: typeof text === "string" ? text : "" };
}

const cleared: Readonly<Record<string, Loose>> = {
  message: { content: [], status: "in_progress" },
  function_call: { arguments: "", status: "in_progress" },
  custom_tool_call: { input: "", status: "in_progress" },
  reasoning: { summary: [], encrypted_content: null },
};

interface Open {
  readonly block: Loose;
  readonly item: Item;
  /** What has grown of it: text, thought, or the JSON of its input. */
  text: string;
  signature: string;
}

type Handler = (event: Loose) => string;

class ResponseStream {
  readonly #asked: Asked;
  readonly #output: Item[] = [];
  #sequence = 0;
  #head: Loose = {};
  #usage: Loose = {};
  #stopReason: unknown;
  #open: Open | undefined;

  constructor(asked: Asked) {
    this.#asked = asked;
  }

  readonly #handlers: Readonly<Record<string, Handler>> = {
    message_start: (event) => this.#start(looseOf(event.message)),
    content_block_start: (event) => this.#openBlock(looseOf(event.content_block)),
    content_block_delta: (event) => this.#grow(looseOf(event.delta)),
    content_block_stop: () => this.#close(),
    message_delta: (event) => {
      this.#usage = { ...this.#usage, ...compact(looseOf(event.usage)) };
      this.#stopReason = looseOf(event.delta).stop_reason;
      return "";
    },
    message_stop: () => this.#end(endOf(this.#stopReason, this.#usage)),
    error: (event) => this.#fail(looseOf(event.error)),
  };

  say(event: Loose): string {
    return this.#handlers[String(event.type)]?.(event) ?? "";
  }

  #start(message: Loose): string {
    this.#head = headOf(message, this.#asked);
    this.#usage = compact(looseOf(message.usage));
    const response = this.#head;
    return this.#tell("response.created", { response }) + this.#tell("response.in_progress", { response });
  }

  #openBlock(block: Loose): string {
    const item = itemOf(block, this.#asked);
    if (!item) return "";
    this.#open = { block, item, text: "", signature: "" };
    const opened = { ...item, ...cleared[item.type] };
    const added = this.#tell("response.output_item.added", { output_index: this.#output.length, item: opened });
    if (item.type !== "message") return added;
    const part = { type: "output_text", text: "", annotations: [], logprobs: [] };
    return added + this.#within("response.content_part.added", { content_index: 0, part });
  }

  #grow({ type, text, thinking, signature, partial_json: json }: Loose): string {
    const open = this.#open;
    if (!open) return "";
    const delta = text ?? thinking ?? json;
    open.signature += typeof signature === "string" ? signature : "";
    if (typeof delta !== "string" || delta === "") return "";
    const isFirst = open.text === "";
    open.text += delta;
    if (type === "text_delta") {
      return this.#within("response.output_text.delta", { content_index: 0, delta, logprobs: [] });
    }
    if (type === "thinking_delta") return this.#asked.isShown ? this.#think(delta, isFirst) : "";
    // A custom call's text stands within the JSON, which is not whole before its end.
    return open.item.type === "function_call" ? this.#within("response.function_call_arguments.delta", { delta }) : "";
  }

  #think(delta: string, isFirst: boolean): string {
    const part = { type: "summary_text", text: "" };
    const added = isFirst ? this.#within("response.reasoning_summary_part.added", { summary_index: 0, part }) : "";
    return added + this.#within("response.reasoning_summary_text.delta", { summary_index: 0, delta });
  }

  #close(): string {
    if (!this.#open) return "";
    const { block, item, text, signature } = this.#open;
    const whole = { ...block, ...wholes[String(block.type)]?.(text, signature, block) };
    const said = itemOf(whole, this.#asked, item.id) ?? item;
    // The arguments as the deltas said them: written anew, they might differ in their spaces.
    const done = item.type === "function_call" && text !== "" ? { ...said, arguments: text } : said;
    const closing = this.#closeParts(done);
    this.#open = undefined;
    this.#output.push(done);
    return closing + this.#tell("response.output_item.done", { output_index: this.#output.length - 1, item: done });
  }

  #closeParts(item: Item): string {
    if (item.type === "message") {
      const [part] = listed(item.content);
      const text = this.#within("response.output_text.done", { content_index: 0, text: part?.text, logprobs: [] });
      return text + this.#within("response.content_part.done", { content_index: 0, part });
    }
    if (item.type === "function_call") {
      return this.#within("response.function_call_arguments.done", { name: item.name, arguments: item.arguments });
    }
    if (item.type === "custom_tool_call") {
      const { input } = item;
      const delta = this.#within("response.custom_tool_call_input.delta", { delta: input });
      return delta + this.#within("response.custom_tool_call_input.done", { input });
    }
    const [part] = listed(item.summary);
    if (!part) return "";
    const text = this.#within("response.reasoning_summary_text.done", { summary_index: 0, text: part.text });
    return text + this.#within("response.reasoning_summary_part.done", { summary_index: 0, part });
  }

  #end(end: Loose & { readonly status: string }): string {
    return this.#tell(`response.${end.status}`, { response: { ...this.#head, ...end, output: this.#output } });
  }

  #fail({ type, message }: Loose): string {
    const { code, message: words } = openaiError(statusOf(type), String(message ?? type));
    return this.#end({ status: "failed", error: { code: code ?? "server_error", message: words } });
  }

  /** An event about the item that is open. */
  #within(type: string, fields: Loose): string {
    return this.#tell(type, { item_id: this.#open?.item.id, output_index: this.#output.length, ...fields });
  }

  #tell(type: string, fields: Loose): string {
    return namedEvent({ type, sequence_number: this.#sequence++, ...fields });
  }
}

/** What a block of each kind has become when it is whole. */
const wholes: Readonly<Record<string, (text: string, signature: string, block: Loose) => Loose>> = {
  text: (text, _signature, block) => ({ text: `${String(block.text ?? "")}${text}` }),
  thinking: (thinking, signature) => ({ thinking, signature }),
  tool_use: (json, _signature, block) => ({ input: json === "" ? block.input : (parse(json) ?? {}) }),
};
