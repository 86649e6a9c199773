import type { Maker, Sampling } from "../conversation.ts";

export type Language = "anthropic" | "openai-responses" | "openai-chat" | "gemini";
export type SchemaSubset = "claude" | "openai" | "gemini" | "any";

/** What a model takes, in the language in which it is asked. */
export interface Limits {
  /** Whose seals it can read. */
  readonly maker: Maker;
  readonly sampling: readonly (keyof Sampling)[];
  /** The most of these that may be given together while the model thinks. */
  readonly samplingWhileThinking: readonly (keyof Sampling)[];
  /** Only one of temperature and top_p may be given. */
  readonly isTemperatureOrTopP: boolean;
  readonly mostTemperature: number;
  /** How it is told to think: by tokens, by an effort, by a switch; `never` does not think, `always` cannot be told. */
  readonly thinksBy: "budget" | "effort" | "switch" | "never" | "always";
  /** In rising order; `none` turns thinking off. */
  readonly efforts: readonly string[];
  /** Least and most tokens to think with. A least of 0 can be turned off. */
  readonly budget: readonly [least: number, most: number];
  /** A forced tool call goes together with thinking. */
  readonly mayForceWhileThinking: boolean;
  /** A form of the answer goes together with tools. */
  readonly mayFormatWithTools: boolean;
  readonly hasFormat: boolean;
  /** Media types by kind of part; `*` takes any. */
  readonly media: Readonly<Record<"image" | "document" | "audio" | "video", readonly string[]>>;
  readonly hasMediaUrls: boolean;
  /** Images and documents may stand in a tool's result. */
  readonly hasMediaInResults: boolean;
  readonly mostIdLength: number;
  /** Letters that ids and names may not hold. */
  readonly illegalInIds: RegExp;
  readonly illegalInNames: RegExp;
  readonly mostNameLength: number;
  readonly schema: SchemaSubset;
  /** 0: none; the answer's writer watches for them. */
  readonly mostStops: number;
  readonly leastOutput: number;
  readonly mostOutput: number;
  /** A bound on the answer must be given. */
  readonly needsMaxTokens: boolean;
  /** Whether the model may be told to make one call at a time. */
  readonly canBeToldOneCall: boolean;
  /** Instructions may stand between the turns. */
  readonly hasSystemTurns: boolean;
  readonly mostCacheMarks: number;
  /** The conversation may end with the model's own words. */
  readonly mayEndWithAssistant: boolean;
  /** Takes its own thoughts back as plain text. */
  readonly takesThoughts: boolean;
}

const images = ["image/png", "image/jpeg", "image/gif", "image/webp"];
const samplings: readonly (keyof Sampling)[] = [
  "temperature",
  "topP",
  "topK",
  "seed",
  "frequencyPenalty",
  "presencePenalty",
];

/** What a language takes, whichever model answers. Each figure's source stands beside it; read 2026-11-30. */
export const languages: Readonly<Record<Language, Limits>> = {
  anthropic: {
    maker: "anthropic",
    sampling: ["temperature", "topP", "topK"],
    // docs.anthropic.com, extended thinking, feature compatibility: no temperature, no top_k, top_p from 0.95 on.
    samplingWhileThinking: [],
    isTemperatureOrTopP: false,
    mostTemperature: 1,
    thinksBy: "budget",
    efforts: [],
    budget: [1_024, 64_000],
    mayForceWhileThinking: false,
    mayFormatWithTools: true,
    hasFormat: true,
    // docs.anthropic.com, vision; PDF support.
    media: { image: images, document: ["application/pdf"], audio: [], video: [] },
    hasMediaUrls: true,
    hasMediaInResults: true,
    // Its API's refusal: "String should match pattern '^[a-zA-Z0-9_-]+$'"; the same of names, `{1,128}`.
    mostIdLength: 128,
    illegalInIds: /[^a-zA-Z0-9_-]/g,
    illegalInNames: /[^a-zA-Z0-9_-]/g,
    mostNameLength: 128,
    schema: "claude",
    mostStops: Infinity,
    leastOutput: 1,
    mostOutput: 32_000,
    needsMaxTokens: true,
    canBeToldOneCall: true,
    hasSystemTurns: false,
    // docs.anthropic.com, prompt caching.
    mostCacheMarks: 4,
    mayEndWithAssistant: true,
    takesThoughts: false,
  },
  "openai-responses": {
    maker: "openai",
    sampling: ["temperature", "topP"],
    samplingWhileThinking: [],
    isTemperatureOrTopP: false,
    mostTemperature: 2,
    thinksBy: "effort",
    efforts: ["low", "medium", "high"],
    budget: [0, Infinity],
    mayForceWhileThinking: true,
    mayFormatWithTools: true,
    hasFormat: true,
    // platform.openai.com, images and vision; file inputs.
    media: { image: images, document: ["*"], audio: [], video: [] },
    hasMediaUrls: true,
    hasMediaInResults: true,
    // OpenAI's OpenAPI text: FunctionCallOutputItemParam.call_id, maxLength 64; FunctionObject.name, at most 64.
    mostIdLength: 64,
    illegalInIds: /[^a-zA-Z0-9_.:-]/g,
    illegalInNames: /[^a-zA-Z0-9_-]/g,
    mostNameLength: 64,
    schema: "openai",
    mostStops: 0,
    leastOutput: 16,
    mostOutput: 128_000,
    needsMaxTokens: false,
    canBeToldOneCall: true,
    hasSystemTurns: true,
    mostCacheMarks: 0,
    mayEndWithAssistant: true,
    takesThoughts: false,
  },
  "openai-chat": {
    maker: "chat",
    sampling: samplings.filter((name) => name !== "topK"),
    samplingWhileThinking: samplings.filter((name) => name !== "topK"),
    isTemperatureOrTopP: false,
    mostTemperature: 2,
    thinksBy: "always",
    efforts: [],
    budget: [0, Infinity],
    mayForceWhileThinking: true,
    mayFormatWithTools: true,
    hasFormat: true,
    media: { image: images, document: ["application/pdf"], audio: ["audio/wav", "audio/mp3"], video: [] },
    hasMediaUrls: true,
    // OpenAI's OpenAPI text: ChatCompletionRequestToolMessageContentPart is text alone.
    hasMediaInResults: false,
    mostIdLength: 64,
    illegalInIds: /[^a-zA-Z0-9_.:-]/g,
    illegalInNames: /[^a-zA-Z0-9_-]/g,
    mostNameLength: 64,
    schema: "openai",
    // OpenAI's OpenAPI text: StopConfiguration.
    mostStops: 4,
    leastOutput: 1,
    mostOutput: Infinity,
    needsMaxTokens: false,
    canBeToldOneCall: true,
    // Templates of open models refuse an instruction that does not stand first.
    hasSystemTurns: false,
    mostCacheMarks: 0,
    mayEndWithAssistant: true,
    takesThoughts: true,
  },
  gemini: {
    maker: "gemini",
    sampling: samplings,
    samplingWhileThinking: samplings,
    isTemperatureOrTopP: false,
    mostTemperature: 2,
    thinksBy: "effort",
    efforts: ["minimal", "low", "medium", "high"],
    budget: [0, 24_576],
    mayForceWhileThinking: true,
    mayFormatWithTools: true,
    hasFormat: true,
    // ai.google.dev, image, document, audio and video understanding.
    media: {
      image: ["image/png", "image/jpeg", "image/webp", "image/heic", "image/heif"],
      document: ["application/pdf", "text/*", "application/json"],
      audio: ["audio/wav", "audio/mp3", "audio/mpeg", "audio/aiff", "audio/aac", "audio/ogg", "audio/flac"],
      video: ["video/*"],
    },
    // ai.google.dev, file input methods: addresses on the web since January 2026.
    hasMediaUrls: true,
    hasMediaInResults: true,
    mostIdLength: Infinity,
    illegalInIds: /[^\x20-\x7e]/g,
    // @google/genai, FunctionDeclaration.name; Vertex AI takes 64 letters.
    illegalInNames: /[^a-zA-Z0-9_.:-]/g,
    mostNameLength: 64,
    schema: "gemini",
    mostStops: 5,
    leastOutput: 1,
    mostOutput: 65_536,
    needsMaxTokens: false,
    canBeToldOneCall: false,
    hasSystemTurns: false,
    mostCacheMarks: 0,
    mayEndWithAssistant: true,
    takesThoughts: false,
  },
};
