import { randomUUID } from "node:crypto";
import type { Loose } from "../../dialects/openai/usage.ts";
import type { Figures } from "./openai-words.ts";
import { dataEvent } from "./translate.ts";

function sayUsage({ input, cached, written, output, thinking }: Figures): Loose {
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: { cached_tokens: cached, cache_write_tokens: written, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: thinking, audio_tokens: 0 },
  };
}

export interface Answered {
  readonly id: unknown;
  readonly model: unknown;
}

const headOf = ({ id, model }: Answered, object: string): Loose => ({
  ...{ id: `chatcmpl-${typeof id === "string" ? id : randomUUID()}`, object },
  ...{ created: Math.floor(Date.now() / 1000), model },
});

/** `said`: what the message holds beside its text. */
export function sayWholeChat(
  answered: Answered & { readonly text: string; readonly said: Loose; readonly reason: string },
  figures: Figures,
): Loose {
  const { text, said, reason } = answered;
  const content = text === "" && said.tool_calls !== undefined ? null : text;
  const message = { role: "assistant", content, refusal: null, ...said };
  return {
    ...headOf(answered, "chat.completion"),
    choices: [{ index: 0, message, logprobs: null, finish_reason: reason }],
    usage: sayUsage(figures),
  };
}

export const sayToolCall = (id: unknown, name: unknown, input: unknown): Loose => ({
  ...{ id, type: "function" },
  function: { name, arguments: typeof input === "string" ? input : JSON.stringify(input ?? {}) },
});

/** Writes the chunks of one streamed answer. `asksUsage`: the client wants its figures as the last one. */
export class ChatWriter {
  readonly #asksUsage: boolean;
  #head: Loose | undefined;

  constructor(asksUsage: boolean) {
    this.#asksUsage = asksUsage;
  }

  /** The first chunk; nothing if there has been one. */
  open(answered: Answered): string {
    if (this.#head) return "";
    this.#head = headOf(answered, "chat.completion.chunk");
    return this.chunk({ role: "assistant", content: "", refusal: null });
  }

  chunk(delta: Loose, finish_reason: string | null = null): string {
    const choices = [{ index: 0, delta, logprobs: null, finish_reason }];
    return dataEvent({ ...this.#head, choices, ...(this.#asksUsage ? { usage: null } : {}) });
  }

  end(figures: Figures): string {
    const usage = this.#asksUsage ? dataEvent({ ...this.#head, choices: [], usage: sayUsage(figures) }) : "";
    return `${usage}data: [DONE]\n\n`;
  }
}
