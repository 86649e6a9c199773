import { type Loose, parse } from "../../dialects/openai/usage.ts";
import { figuresOf, statusOf } from "./anthropic-words.ts";
import { compact, listed, looseOf } from "./fields.ts";
import { echoOf, idOf, type Item, now, ResponseWriter, sayHead, sayUsage } from "./openai-response-writer.ts";
import { type Known, readTools, toolsOf } from "./openai-responses-tools.ts";
import { openaiError } from "./openai-words.ts";
import { sealThinking } from "./reasoning-seal.ts";
import type { Words } from "./translate.ts";

/** What the client asked for, as far as the answer must know it: a stream must not hold a whole request. */
interface Asked {
  readonly known: ReadonlyMap<unknown, Known>;
  /** Whether thoughts are to be seen. */
  readonly isShown: boolean;
  readonly echo: Loose;
}

/** Claude's message as a response. `body`: the request that it answers. */
export function sayResponse(body: Loose): Words {
  const { summary, generate_summary } = looseOf(body.reasoning);
  const { known } = readTools(toolsOf(body), new Set());
  const asked = { known, isShown: Boolean(summary ?? generate_summary), echo: echoOf(body) };
  const stream = new ResponseStream(asked);
  return {
    event: (event) => stream.say(event),
    whole: (message) => sayWhole(message, asked),
    error: (status, message) => ({ error: openaiError(status, message) }),
  };
}

function headOf({ id, model }: Loose, { echo }: Asked): Loose {
  return sayHead(typeof id === "string" ? id.replace(/^msg_/, "resp_") : idOf("resp"), model, echo);
}

const cuts: Readonly<Record<string, string>> = {
  max_tokens: "max_output_tokens",
  model_context_window_exceeded: "max_output_tokens",
  refusal: "content_filter",
};

function endOf(stopReason: unknown, usage: unknown): Loose & { readonly status: string } {
  const reason = cuts[String(stopReason)];
  if (reason === undefined) return { status: "completed", completed_at: now(), usage: sayUsage(figuresOf(usage)) };
  return { status: "incomplete", incomplete_details: { reason }, usage: sayUsage(figuresOf(usage)) };
}

function sayWhole(message: Loose, asked: Asked): Loose {
  const output = listed(message.content).flatMap((block) => itemOf(block, asked) ?? []);
  return { ...headOf(message, asked), ...endOf(message.stop_reason, message.usage), output };
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

type Handler = (event: Loose) => string;

class ResponseStream {
  readonly #asked: Asked;
  readonly #writer = new ResponseWriter();
  #usage: Loose = {};
  #stopReason: unknown;
  #block: Loose = {};
  /** What has grown of the block: text, thought, or the JSON of its input; and its signature. */
  #text = "";
  #signature = "";

  constructor(asked: Asked) {
    this.#asked = asked;
  }

  readonly #handlers: Readonly<Record<string, Handler>> = {
    message_start: ({ message }) => {
      this.#usage = compact(looseOf(looseOf(message).usage));
      return this.#writer.start(headOf(looseOf(message), this.#asked));
    },
    content_block_start: (event) => this.#begin(looseOf(event.content_block)),
    content_block_delta: (event) => this.#grow(looseOf(event.delta)),
    content_block_stop: () => this.#finish(),
    message_delta: (event) => {
      this.#usage = { ...this.#usage, ...compact(looseOf(event.usage)) };
      this.#stopReason = looseOf(event.delta).stop_reason;
      return "";
    },
    message_stop: () => this.#writer.end(endOf(this.#stopReason, this.#usage)),
    error: (event) => this.#fail(looseOf(event.error)),
  };

  say(event: Loose): string {
    return this.#handlers[String(event.type)]?.(event) ?? "";
  }

  #begin(block: Loose): string {
    const item = itemOf(block, this.#asked);
    [this.#block, this.#text, this.#signature] = [block, "", ""];
    return item ? this.#writer.begin(item) : "";
  }

  #grow({ type, text, thinking, signature, partial_json: json }: Loose): string {
    const { open } = this.#writer;
    if (!open) return "";
    const delta = text ?? thinking ?? json;
    this.#signature += typeof signature === "string" ? signature : "";
    if (typeof delta !== "string" || delta === "") return "";
    this.#text += delta;
    if (type === "text_delta") return this.#writer.text(delta);
    if (type === "thinking_delta") return this.#asked.isShown ? this.#writer.think(delta) : "";
    // A custom call's text stands within the JSON, which is not whole before its end.
    return open.type === "function_call" ? this.#writer.call(delta) : "";
  }

  #finish(): string {
    const { open } = this.#writer;
    if (!open) return "";
    const said = itemOf(this.#whole(), this.#asked, open.id) ?? open;
    // The arguments as the deltas said them: written anew, they might differ in their spaces.
    const isCall = open.type === "function_call" && this.#text !== "";
    return this.#writer.finish(isCall ? { ...said, arguments: this.#text } : said);
  }

  /** The block, now that it is whole. */
  #whole(): Loose {
    const [block, text] = [this.#block, this.#text];
    if (block.type === "text") return { ...block, text: `${String(block.text ?? "")}${text}` };
    if (block.type === "thinking") return { ...block, thinking: text, signature: this.#signature };
    return block.type === "tool_use" && text !== "" ? { ...block, input: parse(text) ?? {} } : block;
  }

  #fail({ type, message }: Loose): string {
    const { code, message: words } = openaiError(statusOf(type), String(message ?? type));
    return this.#writer.end({ status: "failed", error: { code: code ?? "server_error", message: words } });
  }
}
