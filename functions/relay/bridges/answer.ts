import { Failure } from "../../failure.ts";
import { EventCutter } from "../../wire/sse.ts";
import { anthropicAnswers } from "./anthropic/answer-write.ts";
import { readAnthropicAnswer } from "./anthropic/answer-read.ts";
import { readErrorBody } from "./answer-error.ts";
import type { AnswerError, AnswerEvent, AnswerReader, AnswerWriting, Emit } from "./answer-event.ts";
import { oneCall, stopAt } from "./answer-filters.ts";
import type { CrossingContext } from "./conversation.ts";
import { geminiAnswers } from "./gemini/answer-write.ts";
import { readGeminiAnswer } from "./gemini/answer-read.ts";
import { isObject, type JsonObject, parseObject, parseJson } from "../../wire/json.ts";
import { chatAnswers } from "./openai-chat/answer-write.ts";
import { readChatAnswer } from "./openai-chat/answer-read.ts";
import { readResponsesAnswer } from "./openai-responses/answer-read.ts";
import { responsesAnswers } from "./openai-responses/answer-write.ts";

const readers: Readonly<Record<CrossingContext["upstream"], (emit: Emit) => AnswerReader>> = {
  anthropic: readAnthropicAnswer,
  "openai-responses": readResponsesAnswer,
  "openai-chat": readChatAnswer,
  gemini: readGeminiAnswer,
};
const writings: Readonly<Record<CrossingContext["client"], AnswerWriting>> = {
  anthropic: anthropicAnswers,
  "openai-responses": responsesAnswers,
  "openai-chat": chatAnswers,
  gemini: geminiAnswers,
};

/** How the client's answer is wrapped: Code Assist has an envelope, and Gemini streams without `alt=sse` are a JSON list. */
export interface Wrapping {
  readonly isEnveloped?: boolean;
  readonly isList?: boolean;
}

/** One answer on its way over a bridge. */
export interface Translation {
  readonly contentType: string;
  /** Bytes of the upstream's answer, in order, split anywhere; gives whole events of the client's, or nothing yet. */
  push(chunk: Uint8Array): Uint8Array;
  /** The upstream ended cleanly: what remains. Throws `upstream.broken` or `upstream.refused` where a whole answer is none. */
  end(): Uint8Array;
  /** An error answer of the upstream in the client's language. */
  error(status: number, body: Buffer): { readonly status: number; readonly body: Uint8Array };
  /** `complete` once the client was told the end, `failed` once it was told an error. */
  state(): "open" | "complete" | "failed";
  /** The error that the client was told within a stream. */
  failure(): AnswerError | undefined;
}

const nothing = Buffer.alloc(0);

/** Reads an answer by the form it comes in and writes it in the form that the client asked for. */
export function translateAnswer(context: CrossingContext, wrapping: Wrapping = {}): Translation {
  const writing = writings[context.client];
  const wrap = wrapping.isEnveloped ? (answer: JsonObject) => ({ response: answer }) : (answer: JsonObject) => answer;
  const told: JsonObject[] = [];
  let text = "";
  const write = writing.write(context, (event) => {
    if (context.isStream) text += writing.frame(wrap(event));
    else told.push(event);
  });
  let last: AnswerEvent | undefined;
  const emit = (event: AnswerEvent) => {
    if (event.type === "finish" || event.type === "error") last = event;
    write(event);
    if (event.type === "finish" && context.isStream) text += writing.ending ?? "";
  };
  const filtered = stopAt(context.watchedStops, context.isOneCall ? oneCall(emit) : emit);
  const source = context.isCount ? undefined : new Source(readers[context.upstream](filtered));
  const parts: Uint8Array[] = [];
  const take = () => {
    const bytes = text === "" ? nothing : Buffer.from(text);
    text = "";
    return bytes;
  };
  const whole = (): Buffer => {
    if (last?.type === "error") throw new Failure("upstream.refused", { message: last.error.message });
    if (last === undefined) throw new Failure("upstream.broken", { message: "The upstream's answer is not whole." });
    const answer = wrap(writing.fold(told));
    return Buffer.from(JSON.stringify(wrapping.isList ? [answer] : answer));
  };
  return {
    contentType: context.isStream && !context.isCount ? "text/event-stream; charset=utf-8" : "application/json",
    push(chunk) {
      if (source) source.push(chunk);
      else parts.push(chunk);
      return take();
    },
    end() {
      if (!source) return toCount(Buffer.concat(parts), context.client);
      source.end();
      return context.isStream ? take() : whole();
    },
    error(status, body) {
      const error = readErrorBody(status, body.toString("utf8"));
      const own = statusFor(error, writing);
      return { status: own, body: Buffer.from(JSON.stringify(writing.error({ ...error, status: own }))) };
    },
    state: () => (last === undefined ? "open" : last.type === "finish" ? "complete" : "failed"),
    failure: () => (last?.type === "error" ? last.error : undefined),
  };
}

/** Clients act on the status that their own API has for an error. */
function statusFor({ status, kind }: AnswerError, writing: AnswerWriting): number {
  if (kind === "overloaded") return writing.overloadStatus;
  return kind === "context-too-long" || kind === "content-filter" ? 400 : status;
}

/** Blanks, and the three bytes of UTF-8's byte order mark. */
const insignificant = new Set([0x20, 0x09, 0x0a, 0x0d, 0xef, 0xbb, 0xbf]);

/** Bytes of an answer to its reader: whether they are a stream or one JSON text, their beginning tells and no header. */
class Source {
  readonly #reader: AnswerReader;
  readonly #cutter: EventCutter;
  #isStream: boolean | undefined;
  #parts: Uint8Array[] = [];

  constructor(reader: AnswerReader) {
    this.#reader = reader;
    this.#cutter = new EventCutter(["data:"], (data) => this.#see(data));
  }

  push(chunk: Uint8Array): void {
    if (this.#isStream === true) return this.#cutter.see(chunk);
    this.#parts.push(chunk);
    const bytes = this.#isStream === undefined ? this.#beginning() : nothing;
    if (bytes.length === 0) return;
    this.#isStream = bytes[0] !== 0x7b && bytes[0] !== 0x5b;
    if (this.#isStream) this.#cutter.see(bytes);
    if (this.#isStream) this.#parts = [];
  }

  /** The bytes so far, from the first that tells: before it there may be blanks and a byte order mark. */
  #beginning(): Buffer {
    const bytes = Buffer.concat(this.#parts);
    const at = bytes.findIndex((byte) => !insignificant.has(byte));
    return at < 0 ? nothing : bytes.subarray(at);
  }

  #see(data: string): void {
    if (data.trim() === "[DONE]") return this.#reader.done?.();
    const event = parseObject(data);
    if (event) this.#reader.event(event);
  }

  end(): void {
    if (this.#isStream) this.#cutter.finish();
    else this.#readWhole(Buffer.concat(this.#parts).toString("utf8"));
    this.#reader.end();
  }

  /** Gemini streams without `alt=sse` are a JSON list of what its events would be. */
  #readWhole(text: string): void {
    const answer = parseJson(text.replace(/^\uFEFF/, "").trim());
    if (Array.isArray(answer)) answer.filter(isObject).forEach((event) => this.#reader.event(event));
    else if (isObject(answer)) this.#reader.whole(answer);
    else throw new Failure("upstream.broken", { message: "The upstream's answer is not JSON." });
  }
}

/** How many tokens a prompt has, out of whichever field the other language has for it. */
function toCount(body: Buffer, client: CrossingContext["client"]): Buffer {
  const { input_tokens, totalTokens } = parseObject(body.toString("utf8")) ?? {};
  const count = [input_tokens, totalTokens].find((each) => typeof each === "number");
  if (count === undefined) throw new Failure("upstream.broken", { message: "The upstream's answer is no count." });
  const said = client === "gemini" ? { totalTokens: count } : { input_tokens: count };
  return Buffer.from(
    JSON.stringify(client === "openai-responses" ? { object: "response.input_tokens", ...said } : said),
  );
}
