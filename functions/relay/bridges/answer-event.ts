import type { Usage } from "../../core/money/usage.ts";
import type { CrossingContext, Seal } from "./conversation.ts";
import type { JsonObject } from "../../wire/json.ts";

/**
 * One answer of a model as a sequence of events. A reader (`answer-read.ts` of each dialect) makes the same events of a streamed
 * and of a whole answer; a writer (`answer-write.ts`) makes a stream or a whole answer of them.
 *
 * Order: `start`, then parts, then `finish` or `error` as the last event. `usage` may stand anywhere before the last event; a
 * later one replaces an earlier one. Parts may overlap: `index` tells their events apart. It counts up from 0 in the order in
 * which parts start. Each part that starts ends before `finish`.
 */
export type AnswerEvent =
  | { readonly type: "start"; readonly id: string | undefined; readonly model: string | undefined }
  | { readonly type: "part-start"; readonly index: number; readonly part: AnswerPart }
  | { readonly type: "part-delta"; readonly index: number; readonly delta: PartDelta }
  | { readonly type: "part-end"; readonly index: number }
  | { readonly type: "usage"; readonly usage: Usage }
  | { readonly type: "finish"; readonly reason: FinishReason; readonly stopSequence?: string | undefined }
  | { readonly type: "error"; readonly error: AnswerError };

/** A part as it starts. Text, refusals, thinking and tool calls grow by deltas; images and searches are whole. */
export type AnswerPart =
  | { readonly type: "text" }
  | { readonly type: "refusal" }
  | { readonly type: "thinking" }
  | ToolCallPart
  | { readonly type: "image"; readonly mediaType: string; readonly data: string }
  | SearchPart;

/** `input`: whether the deltas of the call are JSON text, or the free text of an OpenAI custom tool. */
export interface ToolCallPart {
  readonly type: "tool-call";
  readonly id: string;
  /** As the upstream knows it; `CrossingContext.tools` has the client's name. */
  readonly name: string;
  readonly input: "json" | "text";
  /** Gemini's signature of the call. */
  readonly seal?: Seal | undefined;
}

/** A web search that the provider ran by itself. */
export interface SearchPart {
  readonly type: "search";
  readonly id: string | undefined;
  readonly queries: readonly string[];
  readonly results: readonly SearchResult[];
  /** The provider's code for a search that failed. */
  readonly error?: string | undefined;
}

export interface SearchResult {
  readonly url: string;
  readonly title: string;
  readonly pageAge?: string | undefined;
  /** Anthropic's `encrypted_content`, which it wants back. */
  readonly encrypted?: string | undefined;
}

export type PartDelta =
  /** Of text, of a refusal, of thinking. */
  | { readonly type: "text"; readonly text: string }
  /** Of a tool call. */
  | { readonly type: "input"; readonly text: string }
  /** Of text. */
  | { readonly type: "citation"; readonly citation: Citation }
  /** Of thinking; its last one. */
  | { readonly type: "seal"; readonly seal: Seal };

/** A page on the web that a text cites. `start` and `end` count UTF-16 units within the part's text. */
export interface Citation {
  readonly url: string;
  readonly title: string;
  readonly citedText?: string | undefined;
  readonly start?: number | undefined;
  readonly end?: number | undefined;
  /** Anthropic's `encrypted_index`, which it wants back. */
  readonly encrypted?: string | undefined;
}

/** `pause`: the provider interrupted a long turn, which goes on when it is sent back (Anthropic's `pause_turn`). */
export type FinishReason = "stop" | "stop-sequence" | "tool-calls" | "length" | "context-window" | "refusal" | "pause";

/** What a client can act on; each dialect has its own code for it. */
export type ErrorKind =
  | "invalid"
  | "context-too-long"
  | "content-filter"
  | "authentication"
  | "permission"
  | "not-found"
  | "too-large"
  | "rate-limit"
  | "quota"
  | "overloaded"
  | "timeout"
  | "server";

export interface AnswerError {
  /** The HTTP status, or the one that an error inside a stream would have had. */
  readonly status: number;
  readonly kind: ErrorKind;
  /** The provider's own words. */
  readonly message: string;
}

export type Emit = (event: AnswerEvent) => void;

/** Reads an upstream's answer in one dialect. Made for one answer. */
export interface AnswerReader {
  /** The data of one event of a stream. */
  event(data: JsonObject): void;
  /** A whole answer. */
  whole(answer: JsonObject): void;
  /** The stream's bytes ended cleanly. Emits an ending only for a dialect whose streams have no last event. */
  end(): void;
  /** The stream said `[DONE]`. */
  done?(): void;
}

/**
 * How one dialect says an answer. A writer tells JSON events, which are a stream when each is framed, and a whole answer when
 * they are folded: so the two never differ.
 */
export interface AnswerWriting {
  /** Made for one answer. `tell` gets the dialect's events in order. */
  write(context: CrossingContext, tell: (event: JsonObject) => void): Emit;
  /** An event as SSE text. */
  frame(event: JsonObject): string;
  /** Text after the last event. */
  readonly ending?: string;
  /** The whole answer that the events of a stream add up to. */
  fold(events: readonly JsonObject[]): JsonObject;
  /** The body of an error answer. */
  error(error: AnswerError): JsonObject;
  /** The status under which the dialect's own API answers an overload. */
  readonly overloadStatus: number;
}
