import { type Loose, parse } from "../../dialects/openai/usage.ts";
import { namedEvent } from "./translate.ts";

export type Kind = "text" | "thinking" | "tool_use";

const emptyBlocks: Readonly<Record<Kind, Loose>> = {
  text: { type: "text", text: "", citations: null },
  thinking: { type: "thinking", thinking: "", signature: "" },
  tool_use: { type: "tool_use", id: "", name: "", input: {} },
};

/** Where the blocks of a message go, one after the other: what it gives back is to be sent. */
export interface Sink {
  /** The kind of the block that is being written. */
  readonly open: Kind | undefined;
  openBlock(block: Loose): string;
  /** Adds to the block of that kind, which is opened if another one is open. */
  grow(kind: Kind, delta: Loose): string;
  close(): string;
}

/** Writes the events of one streamed message, block after block. Source: docs.anthropic.com/en/docs/build-with-claude/streaming. */
export class MessageWriter implements Sink {
  #index = -1;
  #open: Kind | undefined;

  get open(): Kind | undefined {
    return this.#open;
  }

  start(head: Loose, usage: Loose): string {
    const message = { ...head, content: [], stop_reason: null, stop_sequence: null, usage };
    return namedEvent({ type: "message_start", message });
  }

  openBlock(content_block: Loose): string {
    const closing = this.close();
    this.#index += 1;
    this.#open = content_block.type as Kind;
    return closing + this.#tell("content_block_start", { content_block });
  }

  grow(kind: Kind, delta: Loose): string {
    const opening = this.#open === kind ? "" : this.openBlock(emptyBlocks[kind]);
    return opening + this.#tell("content_block_delta", { delta });
  }

  close(): string {
    if (this.#open === undefined) return "";
    this.#open = undefined;
    return this.#tell("content_block_stop", {});
  }

  end(stop_reason: string, usage: Loose, stop_sequence: string | null = null): string {
    const delta = { stop_reason, stop_sequence };
    const closing = this.close();
    return closing + namedEvent({ type: "message_delta", delta, usage }) + namedEvent({ type: "message_stop" });
  }

  #tell(type: string, fields: Loose): string {
    return namedEvent({ type, index: this.#index, ...fields });
  }
}

/** Collects the blocks of a message that is sent whole. */
export class MessageCollector implements Sink {
  readonly blocks: Loose[] = [];
  #isOpen = false;

  get open(): Kind | undefined {
    return this.#isOpen ? (this.blocks.at(-1)?.type as Kind) : undefined;
  }

  openBlock(block: Loose): string {
    this.blocks.push({ ...block });
    this.#isOpen = true;
    return "";
  }

  grow(kind: Kind, { type: _type, partial_json: json, ...grown }: Loose): string {
    if (this.open !== kind) this.openBlock(emptyBlocks[kind]);
    const block = this.blocks.at(-1) ?? {};
    for (const [name, more] of Object.entries(grown)) block[name] = `${String(block[name] ?? "")}${String(more)}`;
    // A model may break off or err within its own JSON: the client learns what it said.
    if (json !== undefined) block.input = parse(String(json)) ?? { malformed_arguments: json };
    return "";
  }

  close(): string {
    this.#isOpen = false;
    return "";
  }
}

/** Of figures that every dialect's reader tells alike: Anthropic counts cached input apart from the input. */
export function sayUsage(usage: {
  readonly inputTokens: number;
  readonly cacheWrite5mTokens: number;
  readonly cacheReadTokens: number;
  readonly outputTokens: number;
  readonly reasoningTokens: number;
}): Loose {
  return {
    input_tokens: usage.inputTokens,
    cache_creation_input_tokens: usage.cacheWrite5mTokens,
    cache_read_input_tokens: usage.cacheReadTokens,
    output_tokens: usage.outputTokens,
    output_tokens_details: { thinking_tokens: usage.reasoningTokens },
  };
}

/** How many tokens a prompt has, out of whichever field the other language has for it. */
export function sayCount(count: unknown): Loose {
  return { input_tokens: typeof count === "number" ? count : 0 };
}
