import { randomUUID } from "node:crypto";
import type { Loose } from "../../dialects/openai/usage.ts";
import { listed } from "./fields.ts";
import type { Figures } from "./openai-words.ts";
import { namedEvent } from "./translate.ts";

export interface Item extends Loose {
  readonly id: string;
  readonly type: string;
}

/** An item that is begun has nothing yet of what its events will bring. */
const cleared: Readonly<Record<string, Loose>> = {
  message: { content: [], status: "in_progress" },
  function_call: { arguments: "", status: "in_progress" },
  custom_tool_call: { input: "", status: "in_progress" },
  reasoning: { summary: [], encrypted_content: null },
};

export const idOf = (prefix: string): string => `${prefix}_${randomUUID().replaceAll("-", "")}`;

/** Writes the events of one streamed response, item after item. Source: platform.openai.com/docs/api-reference/responses-streaming. */
export class ResponseWriter {
  readonly #output: Item[] = [];
  #head: Loose = {};
  #sequence = 0;
  #open: Item | undefined;
  #hasSummary = false;

  get open(): Item | undefined {
    return this.#open;
  }

  start(response: Loose): string {
    this.#head = response;
    return this.#tell("response.created", { response }) + this.#tell("response.in_progress", { response });
  }

  begin(item: Item): string {
    this.#open = item;
    this.#hasSummary = false;
    const begun = { ...item, ...cleared[item.type] };
    const added = this.#tell("response.output_item.added", { output_index: this.#output.length, item: begun });
    if (item.type !== "message") return added;
    const part = { type: "output_text", text: "", annotations: [], logprobs: [] };
    return added + this.#within("response.content_part.added", { content_index: 0, part });
  }

  text(delta: string): string {
    return this.#within("response.output_text.delta", { content_index: 0, delta, logprobs: [] });
  }

  think(delta: string): string {
    const part = { type: "summary_text", text: "" };
    const added = this.#hasSummary
      ? ""
      : this.#within("response.reasoning_summary_part.added", { summary_index: 0, part });
    this.#hasSummary = true;
    return added + this.#within("response.reasoning_summary_text.delta", { summary_index: 0, delta });
  }

  call(delta: string): string {
    return this.#within("response.function_call_arguments.delta", { delta });
  }

  /** `item`: the one that is open, now whole. */
  finish(item: Item): string {
    const closing = this.#closeParts(item);
    this.#open = undefined;
    this.#output.push(item);
    return closing + this.#tell("response.output_item.done", { output_index: this.#output.length - 1, item });
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

  end(end: Loose & { readonly status: string }): string {
    return this.#tell(`response.${end.status}`, { response: { ...this.#head, ...end, output: this.#output } });
  }

  /** An event about the item that is open. */
  #within(type: string, fields: Loose): string {
    return this.#tell(type, { item_id: this.#open?.id, output_index: this.#output.length, ...fields });
  }

  #tell(type: string, fields: Loose): string {
    return namedEvent({ type, sequence_number: this.#sequence++, ...fields });
  }
}

const echoed = ["max_output_tokens", "metadata", "prompt_cache_key", "safety_identifier", "user"];

/**
 * What a response says back of its request, as far as it is short: with instructions and tools a stream would say the request
 * back three times, at the operator's expense.
 */
export function echoOf(body: Loose): Loose {
  const given = echoed.flatMap((name) => (body[name] === undefined || body[name] === null ? [] : [[name, body[name]]]));
  return {
    ...{ instructions: null, max_output_tokens: null, metadata: {}, tools: [] },
    ...(Object.fromEntries(given) as Loose),
    ...{ parallel_tool_calls: body.parallel_tool_calls ?? true, tool_choice: body.tool_choice ?? "auto" },
    ...{ temperature: body.temperature ?? null, top_p: body.top_p ?? null },
    reasoning: { effort: null, summary: null, ...(body.reasoning as Loose | undefined) },
    text: body.text ?? { format: { type: "text" } },
  };
}

export function sayUsage({ input, cached, written, output, thinking }: Figures): Loose {
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: cached, cache_write_tokens: written },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: thinking },
    total_tokens: input + output,
  };
}

/** A response that has begun. */
export function sayHead(id: string, model: unknown, echo: Loose): Loose {
  return {
    ...{ id, object: "response", created_at: now(), status: "in_progress", background: false, error: null },
    ...{ incomplete_details: null, model, output: [], previous_response_id: null, store: false },
    ...{ truncation: "disabled", usage: null, ...echo },
  };
}

export const now = (): number => Math.floor(Date.now() / 1000);
