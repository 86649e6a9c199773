import type { Loose } from "../../dialects/openai/usage.ts";
import type { Kind, Sink } from "./anthropic-message.ts";

/**
 * Ends a message where one of the client's stop sequences begins, for models whose API has none: what comes after it is left
 * out, although it was paid for. What may be the beginning of one is held back until that is known.
 */
export class StoppingSink implements Sink {
  readonly #sink: Sink;
  readonly #stops: readonly string[];
  #held = "";
  /** The sequence that was met. */
  stop: string | undefined;

  constructor(sink: Sink, stops: readonly string[]) {
    this.#sink = sink;
    this.#stops = stops;
  }

  get open(): Kind | undefined {
    return this.#sink.open;
  }

  openBlock(block: Loose): string {
    return this.stop === undefined ? this.#release() + this.#sink.openBlock(block) : "";
  }

  grow(kind: Kind, delta: Loose): string {
    if (this.stop !== undefined) return "";
    if (kind !== "text" || this.#stops.length === 0) return this.#release() + this.#sink.grow(kind, delta);
    const text = `${this.#held}${String(delta.text ?? "")}`;
    const met = this.#stops.map((stop) => ({ stop, at: text.indexOf(stop) })).filter(({ at }) => at >= 0);
    const first = met.toSorted((one, other) => one.at - other.at)[0];
    this.stop = first?.stop;
    const end = first?.at ?? text.length - this.#beginningAt(text);
    this.#held = first ? "" : text.slice(end);
    return this.#say(text.slice(0, end));
  }

  close(): string {
    return this.#release() + this.#sink.close();
  }

  /** How many characters at the end may be the beginning of a sequence. */
  #beginningAt(text: string): number {
    const most = Math.max(...this.#stops.map((stop) => stop.length)) - 1;
    for (let size = Math.min(most, text.length); size > 0; size--) {
      if (this.#stops.some((stop) => stop.startsWith(text.slice(-size)))) return size;
    }
    return 0;
  }

  #release(): string {
    const held = this.#held;
    this.#held = "";
    return this.#say(held);
  }

  #say(text: string): string {
    return text === "" ? "" : this.#sink.grow("text", { type: "text_delta", text });
  }
}

/** What the client wants an answer to stop at. */
export function stopsOf({ stop_sequences: stops }: Loose): string[] {
  const listed = Array.isArray(stops) ? (stops as unknown[]) : [];
  return listed.filter((stop): stop is string => typeof stop === "string" && stop !== "");
}
