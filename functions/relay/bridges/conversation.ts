import type { JsonObject } from "../../wire/json.ts";

/**
 * A request in no provider's language. Every dialect's `request-read` makes one, `fit` changes it to what the model takes, and
 * every dialect's `request-write` writes one. Undefined always means: the client did not say.
 */
export interface Conversation {
  readonly model: string;
  /** Instructions that stand before the first turn. Text only. */
  readonly system: readonly TextPart[];
  readonly turns: readonly Turn[];
  readonly tools: readonly Tool[];
  readonly toolChoice: ToolChoice | undefined;
  /** Whether the model may make several calls in one answer. */
  readonly isParallel: boolean | undefined;
  readonly sampling: Sampling;
  readonly thinking: Thinking;
  readonly format: OutputFormat | undefined;
  readonly verbosity: string | undefined;
  readonly stops: readonly string[];
  /** The bound on the answer, in tokens. */
  readonly maxTokens: number | undefined;
  readonly cache: CacheWish;
  /** `default` asks for ordinary service and no other; `flex`, `priority` for another. */
  readonly serviceTier: string | undefined;
  readonly identity: Identity;
  readonly isStream: boolean;
}

/** Tool results stand in user turns. A system turn is an instruction from within the conversation. */
export interface Turn {
  readonly role: "user" | "assistant" | "system";
  readonly parts: readonly Part[];
}

export type Part = TextPart | MediaPart | ThinkingPart | CallPart | ResultPart;

interface PartOf<Kind extends string> {
  readonly kind: Kind;
  /** The prompt up to the end of this part is to be cached. */
  readonly cache?: CacheMark | undefined;
}

export interface TextPart extends PartOf<"text"> {
  readonly text: string;
  /** Gemini's signature of the text. */
  readonly seal?: Seal | undefined;
}

export interface MediaPart extends PartOf<"image" | "document" | "audio" | "video"> {
  readonly source: Source;
  /** File name or title. */
  readonly name?: string | undefined;
  /** OpenAI's `low`, `high`, `auto`, `original`. */
  readonly detail?: string | undefined;
}

export type Source =
  | { readonly kind: "base64"; readonly mediaType: string; readonly data: string }
  | { readonly kind: "url"; readonly url: string; readonly mediaType?: string | undefined };

/** What a model thought. Without a seal it can be shown, and goes back only to models that take thoughts as plain text. */
export interface ThinkingPart extends PartOf<"thinking"> {
  readonly text: string;
  readonly seal: Seal | undefined;
}

/** Who can read a seal: `chat` are vendors of the Chat language, which take their own thoughts back as text. */
export type Maker = "anthropic" | "openai" | "gemini" | "chat";

/** Proof of a thought that its maker wants back unchanged. */
export interface Seal {
  readonly maker: Maker;
  /** Signature, encrypted content or redacted data. */
  readonly value: string;
  /** OpenAI: id of the reasoning item. */
  readonly id?: string | undefined;
  /** Anthropic: the thought itself is sealed (`redacted_thinking`). */
  readonly isRedacted?: boolean | undefined;
}

export interface CallPart extends PartOf<"call"> {
  readonly id: string;
  /** As the writer says it: namespaces are joined to the name (`Tool.namespace`). */
  readonly name: string;
  readonly input: JsonObject;
  /** Gemini's signature of the call. */
  readonly seal?: Seal | undefined;
}

export interface ResultPart extends PartOf<"result"> {
  /** The call that it answers. */
  readonly id: string;
  readonly isError: boolean;
  /** Text and media. */
  readonly parts: readonly (TextPart | MediaPart)[];
}

export interface CacheMark {
  /** An hour or longer; else the provider's shortest. */
  readonly isLong: boolean;
}

export interface Tool {
  /** Unique among the tools of a request; with a namespace, `namespace__name`. */
  readonly name: string;
  readonly description: string | undefined;
  /** JSON Schema of the input; of a custom tool, of an object with one text `input`. */
  readonly schema: JsonObject | undefined;
  /** The model must keep to the schema exactly. */
  readonly isStrict: boolean | undefined;
  readonly cache?: CacheMark | undefined;
  /** How the client knows it, where that is not a function of this name. */
  readonly origin?: ToolOrigin | undefined;
}

/** OpenAI Responses: a tool that takes plain text, or one within a namespace. */
export interface ToolOrigin {
  readonly isCustom: boolean;
  readonly name: string;
  readonly namespace?: string | undefined;
}

export type ToolChoice =
  | { readonly mode: "auto" | "any" | "none"; readonly allowed?: readonly string[] | undefined }
  | { readonly mode: "tool"; readonly name: string };

export interface Sampling {
  readonly temperature?: number | undefined;
  readonly topP?: number | undefined;
  readonly topK?: number | undefined;
  readonly seed?: number | undefined;
  readonly frequencyPenalty?: number | undefined;
  readonly presencePenalty?: number | undefined;
}

export interface Thinking {
  /** `on`: asked for; `off`: refused; undefined: as the model likes. */
  readonly mode: "on" | "off" | undefined;
  /** none, minimal, low, medium, high, xhigh, max. */
  readonly effort: string | undefined;
  /** Tokens to think with. */
  readonly budget: number | undefined;
  /** Whether the client wants to see the thoughts. */
  readonly isShown: boolean;
}

export interface OutputFormat {
  /** Undefined: any JSON object. */
  readonly schema: JsonObject | undefined;
  readonly name: string | undefined;
  readonly isStrict: boolean | undefined;
}

export interface CacheWish {
  /** OpenAI's name of the prompt's cache. */
  readonly key?: string | undefined;
  /** The client speaks of caching but sets no marks: mark the end of the instructions and of the conversation. */
  readonly isAutomatic: boolean;
  readonly isLong: boolean;
  /** The client's own fields that ask for it, such as OpenAI's `prompt_cache_options`; they pass between OpenAI's languages. */
  readonly fields: JsonObject;
}

export interface Identity {
  readonly session: string | undefined;
  /** The person, as the client names them: never an e-mail address. */
  readonly user: string | undefined;
}

/** What the answer's writer must know of the request. Made by the request's crossing, kept while the answer runs: small. */
export interface CrossingContext {
  /** The client's language, which the answer is written in. */
  readonly client: "anthropic" | "openai-responses" | "openai-chat" | "gemini";
  /** The account's language, which the answer is read in. */
  readonly upstream: "anthropic" | "openai-responses" | "openai-chat" | "gemini";
  /** The client speaks Code Assist: each answer and event stands in `{"response": …}`. */
  readonly isCodeAssist: boolean;
  /** A count of the prompt's tokens was asked for, not an answer. */
  readonly isCount: boolean;
  /** As the client asked for it, and as the upstream was asked. */
  readonly askedModel: string;
  readonly model: string;
  readonly isStream: boolean;
  /** Chat: `stream_options.include_usage`. */
  readonly asksUsage: boolean;
  /** By the name under which the upstream knows it. A name that stands nowhere here is the client's as it is. */
  readonly tools: ReadonlyMap<string, ToolOrigin>;
  /** The client may make only one call at a time, and the upstream cannot be told so. */
  readonly isOneCall: boolean;
  /** Stop sequences that the upstream does not watch for itself, so the answer's writer does; else empty. */
  readonly watchedStops: readonly string[];
  /** All stop sequences of the request. */
  readonly stops: readonly string[];
  readonly isThinkingAsked: boolean;
  /** Whether thoughts are shown to the client. */
  readonly isThinkingShown: boolean;
  /** Anthropic `safeguards` of the request, by type: the upstream cannot check them (`status: unsupported`). */
  readonly safeguards: readonly string[];
  /** Fields of the request that a Responses answer says back (max_output_tokens, metadata, tool_choice …). */
  readonly echo: JsonObject;
}
