import type { Failure } from "../../failure.ts";
import type { Standing } from "../../core/limits/limit.ts";
import type { Env } from "../../env.ts";
import type { Usage } from "../../core/money/usage.ts";
import type { Answer, Headers, Request } from "../../wire/exchange.ts";

export type DialectName =
  "anthropic" | "openai-responses" | "openai-chat" | "openai" | "gemini" | "code-assist" | "azure";
/** What an API key's permissions name. */
export type Service = "claude" | "openai" | "gemini" | "azure";
/** A provider's own command line tool, recognised by what it sends as a whole, never by one prompt sentence. */
export type ClientName = "claude-code" | "codex" | "gemini-cli";

/** One client request being relayed. */
export interface Call {
  readonly dialect: DialectName;
  readonly service: Service;
  /** What is asked for, in the dialect's own terms: `messages`, `count_tokens`, `responses`, `streamGenerateContent` … */
  readonly operation: string;
  /** Free calls (count_tokens, model lists) pass no limit and leave no cost. */
  readonly isMetered: boolean;
  /** Path and query below the provider's base URL, such as `/v1/messages?beta=true`; our own key never in it. */
  readonly target: string;
  /** As the client wrote it; undefined where the language has none. */
  readonly model: string | undefined;
  readonly isStream: boolean;
  /** The conversation, as the client names it or as a stable prefix of the request tells; undefined if nothing does. */
  readonly session: string | undefined;
  readonly client: ClientName | undefined;
  /** The client's own bound on the answer's length, in tokens. */
  readonly maxOutputTokens: number | undefined;
  readonly method: string;
  /** The client's headers that may go up: an allow-list of the dialect, credentials never. */
  readonly headers: Headers;
  /** The bytes exactly as sent. */
  readonly body: Buffer;
  /** The same as text: decompressed, if they were sent compressed. */
  readonly plain?: Buffer;
  /** How long they are as text, where they were sent compressed. */
  readonly plainBytes?: number;
  /** Read once for all who ask (asks.ts). */
  readonly asks?: Asks;
  /** Fields of the body that would choose another model than the one it names (routing.ts): they do not go up. */
  readonly routing?: readonly string[] | undefined;
  /** The only account that can serve it, since it keeps what the call names (a file, a batch). */
  readonly account?: string | undefined;
  /** Its usage is asked for by the relay: the usage chunk is taken out of the answer (openai/ask-usage.ts). */
  readonly isUsageAsked?: true;
  /** Byte rules that were applied, in words for the request's detail; empty when the bytes are untouched. */
  readonly rules: readonly string[];
}

/** What a request asks for that decides its cost and its way, wherever in the body it stands. */
export interface Asks {
  /** Points at input that is not in the request, which may fill the model's context window. */
  pointsElsewhere: boolean;
  /** And that input goes to the model at once: a document, an earlier response; not pictures, nor what tools may fetch. */
  pointsAtInput: boolean;
  /** Names a tool of the provider's that searches, at a fee for each search. */
  maySearch: boolean;
  /** How many answers; at least 1. */
  answers: number;
  /** Its prompt is to be cached for an hour or more. */
  isLongCached: boolean;
  /** The service tiers that it names. */
  readonly tiers: Set<string>;
  /** May hold thoughts that another provider sealed. */
  maySeal: boolean;
  /** Names the tool that draws. */
  mayDraw: boolean;
}

const crossing = new Set([
  ...["messages", "responses", "chat", "generateContent", "streamGenerateContent"],
  ...["count_tokens", "input_tokens", "countTokens", "models", "compact"],
]);

/** Whether another language can say what a call asks for: an answer, a count of its prompt's tokens, the models there are. */
export const mayCross = ({ operation }: Call): boolean => crossing.has(operation);

/** The length of a request as text: what its input is guessed by. */
export function sizeOf({ plainBytes, body }: Call): number {
  return plainBytes ?? body.length;
}

/** Watches the answer go by. Keeps at most one unfinished event and never throws: a parse error loses a figure, not a stream. */
export interface UsageReader {
  /** Bytes of the (decompressed) answer, in order, split anywhere. */
  see(chunk: Uint8Array): void;
  /** What was seen so far; every figure a non-negative integer. */
  total(): Usage;
  /**
   * A low guess at the answer's tokens that went by, for a stream that ended before it told them. Absent where the figures
   * come with every event, or only with a whole answer.
   */
  guess?(): number;
  /** The model that the answer says it came from. */
  model(): string | undefined;
  /** `open` until the dialect's own last event was seen; `failed` after an error event. A whole JSON answer is judged at its end by `finish`. */
  state(): "open" | "complete" | "failed";
  /** The upstream's bytes ended cleanly: last chance to parse what is held back. */
  finish(): void;
  /** True if the bytes so far end at an event boundary, so that a keep-alive event may stand here. */
  isAtBoundary(): boolean;
  /** True once a whole event (or comment) was seen: what comes after it can no longer be sent elsewhere. */
  hasEvent(): boolean;
  /** The error that an error event carried, if one was seen. */
  error(): UpstreamError | undefined;
}

/** An error in the dialect's own words, from a status and body or from an event inside a 200. */
export interface UpstreamError {
  readonly status: number;
  readonly type: string;
  /** As it came: it may say the caller's words and the account's credential back. */
  readonly message: string;
  /** The error object as it came. */
  readonly fields?: Readonly<Record<string, unknown>>;
}

/** Lets an answer through but for some of its events: bytes in order, split anywhere; gives whole events, or nothing yet. */
export interface Sieve {
  push(chunk: Uint8Array): Uint8Array;
  /** The answer ended: what is held back. */
  end(): Uint8Array;
}

/** A wire language. */
export interface Dialect {
  readonly name: DialectName;
  /** The API key that the client shows; undefined if none. Several forms are accepted (the contract's client routes). */
  secret(request: Request): string | undefined;
  /** The client that a request's headers alone let it be; undefined: none that has a name. `read` looks at its body too. */
  claims(headers: Headers): ClientName | undefined;
  /** Whether a request passes no limit, as its path tells: counting tokens, listing models. */
  isFree?(request: Request): boolean;
  /** Reads what the relay must know and nothing else. Throws `request.malformed`. `bytes` is decompressed if it was compressed. */
  read(request: Request, bytes: Buffer): Call;
  usage(call: Call): UsageReader;
  /** Whether an event of a stream, by its data, only opens the answer and holds nothing that a client could use yet. */
  opens(data: string): boolean;
  /** Takes out of an answer what the relay asked for on its own account and the client did not; undefined: nothing. */
  hide?(sent: Call): Sieve | undefined;
  /** A refusal worded as the official API would, with its status, `retry-after` and `x-should-retry: false` where a retry is vain. */
  refuse(failure: Failure, request: Request): Answer;
  /** The dialect's own last event for a stream that broke. */
  interrupt(failure: Failure): Uint8Array;
  /** What is left of the key's own limits, in the headers that its clients read. `hint`: the operator's LIMIT_MESSAGE. */
  remains?(standings: readonly Standing[], now: number, hint: string | undefined): Headers;
  /** What a client asks for the headers of the answer alone, answered without a provider; undefined: a call like any other. */
  answerProbe?(call: Call, id: string): object | undefined;
  /** An event that clients skip, to be sent while there is nothing to send. */
  readonly keepalive: Uint8Array;
  /** Answer headers that may come down to the client: exact names, or prefixes ending in `-`. */
  readonly passes: readonly string[];
}

/** What is left of a key's limits, in the dialect's headers. */
export function tellRest(dialect: Dialect, standings: readonly Standing[] | undefined, env: Env): Headers {
  return standings?.length ? (dialect.remains?.(standings, env.now(), env.config.LIMIT_MESSAGE) ?? {}) : {};
}
