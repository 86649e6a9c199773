import { noUsage, type Usage } from "../../core/money/usage.ts";
import type { AnswerError, AnswerPart, Emit, FinishReason, PartDelta } from "./answer-event.ts";

/** Emits a well-formed sequence of answer events, whatever a provider leaves out: readers say what they see through it. */
export class AnswerParts {
  readonly usage: Usage = noUsage();
  readonly #emit: Emit;
  readonly #open = new Set<number>();
  #next = 0;
  #calls = 0;
  #hasStarted = false;
  #isOver = false;

  constructor(emit: Emit) {
    this.#emit = emit;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** The first one counts. */
  start(id: unknown, model: unknown): void {
    if (this.#hasStarted) return;
    this.#hasStarted = true;
    this.#emit({ type: "start", id: nameOf(id), model: nameOf(model) });
  }

  /** Index of the new part. */
  open(part: AnswerPart): number {
    this.start(undefined, undefined);
    const index = this.#next++;
    this.#open.add(index);
    if (part.type === "tool-call") this.#calls += 1;
    this.#emit({ type: "part-start", index, part });
    return index;
  }

  grow(index: number, delta: PartDelta): void {
    if ("text" in delta && delta.text === "") return;
    if (this.#open.has(index)) this.#emit({ type: "part-delta", index, delta });
  }

  isOpen(index: number): boolean {
    return this.#open.has(index);
  }

  close(index: number): void {
    if (this.#open.delete(index)) this.#emit({ type: "part-end", index });
  }

  /** A part that is whole as it starts. */
  add(part: AnswerPart): void {
    this.close(this.open(part));
  }

  tellUsage(): void {
    this.start(undefined, undefined);
    this.#emit({ type: "usage", usage: { ...this.usage } });
  }

  /** Providers call an answer with calls `stop`, or one without any `tool_calls`: the parts tell which it is. */
  finish(reason: FinishReason, stopSequence?: string): void {
    if (this.#isOver) return;
    this.start(undefined, undefined);
    for (const index of this.#open) this.close(index);
    this.#isOver = true;
    const isPlain = reason === "stop" || reason === "tool-calls";
    const actual = isPlain ? (this.#calls > 0 ? "tool-calls" : "stop") : reason;
    this.#emit({ type: "finish", reason: actual, stopSequence });
  }

  fail(error: AnswerError): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#emit({ type: "error", error });
  }
}

const nameOf = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);
