import { familyIndex } from "../../core/keys/model-families.ts";
import type { Share } from "../../core/limits/in-flight.ts";
import { estimateCost, type Price } from "../../core/money/price.ts";
import { tokenCount } from "../../core/money/usage.ts";
import { type Call, hasLongCache, sizeOf } from "./dialect.ts";

/** Lower bound of bytes per token: code and Chinese about 3, English prose 4 or more. */
const leastBytesPerToken = 3;

/**
 * What a model takes and gives at most, in tokens, as the providers' pages of models say (platform.claude.com/docs
 * about-claude/models, platform.openai.com/docs/models, ai.google.dev/gemini-api/docs/models); the first that fits counts.
 */
const bounds: readonly (readonly [model: RegExp, contextTokens: number, outputTokens: number])[] = [
  [/claude-(?:3|(?:opus|sonnet|haiku)-4(?:-[0-5])?(?!-?\d))/, 200_000, 64_000],
  [/claude/, 1_000_000, 128_000],
  [/gpt-4o|gpt-3/, 128_000, 16_384],
  [/gpt-4\.1/, 1_047_576, 32_768],
  [/\bo\d\b/, 200_000, 100_000],
  [/gpt-5/, 400_000, 128_000],
  [/gemini/, 1_048_576, 65_536],
];
const unknownBounds = [/./, 1_048_576, 128_000] as const;

/**
 * What a call can cost, to be reserved until its true cost is known: all of its request written to a cache, every answer as
 * long as it may get, at the dearest tier that it names. Input that the request only points at (a document by its URL, a file,
 * an earlier response) may fill the model's context window.
 */
export function reserve(call: Call, price: Price | undefined, hasFamilies: boolean): Share {
  const model = call.model?.toLowerCase() ?? "";
  const [, contextTokens, mostOutput] = bounds.find(([pattern]) => pattern.test(model)) ?? unknownBounds;
  const text = call.plain ?? call.body;
  const isWide = (call.headers["anthropic-beta"] ?? "").includes("context-1m");
  const sizeTokens = Math.ceil(sizeOf(call) / leastBytesPerToken);
  const inputTokens = pointsElsewhere(call, text)
    ? Math.max(sizeTokens, isWide ? unknownBounds[1] : contextTokens)
    : sizeTokens;
  // Client input: validate before arithmetic.
  const asked = tokenCount(call.maxOutputTokens) || mostOutput;
  const maxOutputTokens = Math.min(asked, mostOutput) * countAnswers(call, text);
  const size = { inputTokens, maxOutputTokens, isLongCached: hasLongCache(call) };
  const nanos = price ? Math.ceil(estimateCost(size, price) * tierOf(text, price)) : 0;
  const family = hasFamilies && call.model !== undefined ? familyIndex(call.model) : -1;
  return { calls: 1, nanos, tokens: inputTokens + maxOutputTokens, family };
}

/** By what a request points at input: a quick look for the word, then where it stands. Quotes within a text are escaped, so no prompt matches. */
interface Pointer {
  readonly words: readonly string[];
  readonly pattern: RegExp;
}

const ofAnthropic: Pointer = {
  words: ['"url"', '"file"', '"file_id"', '"mcp_servers"', '"container"', '"web_', '"code_execution_'],
  // Tools that the provider runs read pages and results into the context (docs: agents-and-tools/tool-use, "server tools").
  pattern:
    /"type"\s*:\s*"(?:url|file|(?:web_fetch|web_search|code_execution)_\w+)"|"(?:file_id|container)"\s*:\s*"|"mcp_servers"\s*:\s*\[\s*\{/,
};
const ofOpenai: Pointer = {
  words: [
    '"url"',
    '"image_url"',
    '"file_id"',
    '"file_url"',
    '"previous_response_id"',
    '"conversation"',
    '"vector_store_ids"',
    '"prompt"',
    '"item_reference"',
    '"mcp"',
    '"code_interpreter"',
  ],
  pattern:
    /"type"\s*:\s*"(?:item_reference|mcp|code_interpreter)"|"(?:url|image_url|file_url)"\s*:\s*"(?!data:)|"(?:file_id|previous_response_id)"\s*:\s*"|"conversation"\s*:\s*["{]|"vector_store_ids"\s*:\s*\[|"prompt"\s*:\s*\{/,
};
const ofGemini: Pointer = {
  words: [
    '"fileUri"',
    '"file_uri"',
    '"cachedContent"',
    '"cached_content"',
    '"urlContext"',
    '"url_context"',
    '"fileSearch"',
  ],
  pattern:
    /"(?:fileUri|file_uri|cachedContent|cached_content)"\s*:\s*"|"(?:urlContext|url_context|fileSearch)"\s*:\s*\{/,
};
const pointers: Readonly<Record<Call["dialect"], Pointer>> = {
  anthropic: ofAnthropic,
  "openai-responses": ofOpenai,
  "openai-chat": ofOpenai,
  openai: ofOpenai,
  azure: ofOpenai,
  gemini: ofGemini,
  "code-assist": ofGemini,
};

/** No client escapes letters or underscores: a name that is written so hides from a look for it. */
const escapedLetter = /\\u00(?:4[1-9a-f]|5[0-9af]|6[1-9a-f]|7[0-9a])/i;

function pointsElsewhere({ dialect }: Call, text: Buffer): boolean {
  const { words, pattern } = pointers[dialect];
  if (words.some((word) => text.includes(word)) && pattern.test(text.toString("latin1"))) return true;
  return text.includes("\\u00") && escapedLetter.test(text.toString("latin1"));
}

/** How many answers one call may ask for: more than any provider gives. */
const mostAnswers = 128;
/** A number in any spelling of JSON (`128`, `1.28e2`), or in quotes. */
const counts: readonly (readonly [word: string, pattern: RegExp])[] = [
  "n",
  "best_of",
  "candidateCount",
  "candidate_count",
].map((name) => [`"${name}"`, new RegExp(`"${name}"\\s*:\\s*"?([-+.\\deE]+)`, "g")]);

function countAnswers({ dialect }: Call, text: Buffer): number {
  if (dialect === "anthropic") return 1;
  const found = counts
    .filter(([word]) => text.includes(word))
    .flatMap(([, pattern]) =>
      [...text.toString("latin1").matchAll(pattern)].map(([, digits]) => Math.ceil(Number(digits))),
    );
  // What is no number to us may be one to a provider.
  const asked = found.map((count) => (Number.isNaN(count) ? mostAnswers : count));
  return Math.min(Math.max(1, ...asked), mostAnswers);
}

/** The factor of the dearest tier that the request names. */
function tierOf(text: Buffer, { serviceTiers = {} }: Price): number {
  const named = Object.entries(serviceTiers).filter(([name, factor]) => factor > 1 && text.includes(`"${name}"`));
  return Math.max(1, ...named.map(([, factor]) => factor));
}
