import { type Word, buildWordList, findWords, hasEscapedWord, isValueOf, valueOf } from "../../wire/json-words.ts";
import type { Asks, Call, DialectName } from "./dialect.ts";
import { skipSpace } from "../../wire/top-level.ts";
import { makers, sealedBeginnings } from "./seal-marks.ts";

/** Keys whose value, if it begins so, points at input. Spaces do not count; a URL of `data:` holds its input itself. */
type Pointers = Readonly<Record<string, readonly string[]>>;

interface Rules {
  readonly keys: Pointers;
  /** Values of `type` that do. */
  readonly types: readonly string[];
  /** Of both, those that are input by themselves. */
  readonly inputs: readonly string[];
}

const text = ['"'];
const ofAnthropic: Rules = {
  keys: { file_id: text, container: text, mcp_servers: ["[{"] },
  // Tools that the provider runs read pages and results into the context (docs: agents-and-tools/tool-use, "server tools").
  types: ["url", "file", "web_fetch_*", "web_search_*", "code_execution_*"],
  inputs: ["url", "file", "file_id"],
};
const ofOpenai: Rules = {
  keys: {
    ...{ url: text, image_url: text, file_url: text, file_id: text, previous_response_id: text },
    ...{ conversation: ['"', "{"], vector_store_ids: ["["], prompt: ["{"] },
    // Chat's way to ask for a search.
    web_search_options: ["{"],
  },
  // The built-in tools of openai-node's `responses.Tool` that OpenAI runs itself; what they find is input of the next round.
  types: ["item_reference", "mcp", "code_interpreter", "web_search", "web_search_*", "file_search"],
  inputs: ["file_url", "file_id", "previous_response_id", "conversation", "prompt", "item_reference"],
};
const ofGemini: Rules = {
  keys: {
    ...{ fileUri: text, file_uri: text, cachedContent: text, cached_content: text },
    ...{ urlContext: ["{"], url_context: ["{"], fileSearch: ["{"], file_search: ["{"] },
    ...{ codeExecution: ["{"], code_execution: ["{"] },
  },
  types: [],
  inputs: ["fileUri", "file_uri", "cachedContent", "cached_content"],
};
const rulesOf: Readonly<Record<DialectName, Rules>> = {
  anthropic: ofAnthropic,
  "openai-responses": ofOpenai,
  "openai-chat": ofOpenai,
  openai: ofOpenai,
  azure: ofOpenai,
  gemini: ofGemini,
  "code-assist": ofGemini,
};

const counts = ["n", "best_of", "candidateCount", "candidate_count"];
const tierKeys = ["service_tier", "serviceTier", "speed"];
const longLives: Readonly<Record<string, string>> = { "1h": "ttl", "24h": "prompt_cache_retention" };
const seals = [...makers.map((maker) => `${maker}.*`), ...sealedBeginnings.map((beginning) => `${beginning}*`)];
const sealKeys = ["extra_content", "signature"];
const drawing = "image_generation";
/** Pointers and tools that search at a fee. What Gemini's searches find is no input that is billed (ai.google.dev, pricing). */
const searches = ["web_search", "web_search_*", "file_search", "web_search_options", "vector_store_ids", "fileSearch"];
const googleSearches = ["googleSearch", "google_search", "googleSearchRetrieval", "google_search_retrieval"];

const listOf = ({ keys, types }: Rules) =>
  buildWordList([
    ...[...Object.keys(keys), ...types, ...counts, ...tierKeys, ...Object.keys(longLives), ...seals, ...sealKeys],
    ...[drawing, ...googleSearches],
  ]);
const wordLists = new Map([ofAnthropic, ofOpenai, ofGemini].map((rules) => [rules, listOf(rules)]));

/** More than any provider gives. */
const mostAnswers = 128;

/** Official requests have some hundred; who writes more hides what they ask for, and is taken to ask for all. */
const mostWords = 10_000;
/** Stands for every tier that a price knows. */
export const anyTier = "*";
const mostTiers = 10;

const askEverything = (dialect: DialectName): Asks => ({
  ...{
    pointsElsewhere: true,
    pointsAtInput: true,
    maySearch: true,
    isLongCached: true,
    tiers: new Set([anyTier]),
    maySeal: true,
    mayDraw: true,
  },
  answers: dialect === "anthropic" ? 1 : mostAnswers,
});

export const asksOf = (call: Call): Asks => call.asks ?? readAsks(call.plain ?? call.body, call.dialect);

/** One pass over the body, whatever its shape. Quotes within a text are escaped, so that no prompt matches. */
export function readAsks(bytes: Buffer, dialect: DialectName): Asks {
  const isHidden = hasEscapedWord(bytes);
  const asks: Asks = {
    ...{ pointsElsewhere: isHidden, pointsAtInput: isHidden, maySearch: isHidden },
    answers: 1,
    isLongCached: false,
    tiers: new Set(),
    maySeal: false,
    mayDraw: false,
  };
  const rules = rulesOf[dialect];
  const list = wordLists.get(rules);
  let words = 0;
  const onWord = (word: Word) => {
    note(asks, word, { bytes, rules, dialect });
    return ++words < mostWords;
  };
  if (list) findWords(bytes, list, onWord);
  return words < mostWords ? asks : askEverything(dialect);
}

interface Place {
  readonly bytes: Buffer;
  readonly rules: Rules;
  readonly dialect: DialectName;
}

function note(asks: Asks, word: Word, { bytes, rules, dialect }: Place): void {
  const { text: name } = word;
  const pointers = rules.keys[name];
  const life = longLives[name];
  const isType = rules.types.includes(name) && isValueOf(bytes, word, "type");
  if (isType || pointers?.some((beginning) => begins(bytes, valueOf(bytes, word), beginning))) {
    asks.pointsElsewhere = true;
    asks.pointsAtInput ||= rules.inputs.includes(name);
    asks.maySearch ||= searches.includes(name);
  } else if (pointers || rules.types.includes(name)) return;
  else if (googleSearches.includes(name)) asks.maySearch ||= begins(bytes, valueOf(bytes, word), "{");
  else if (life !== undefined) asks.isLongCached ||= isValueOf(bytes, word, life);
  else if (counts.includes(name))
    asks.answers = Math.max(asks.answers, dialect === "anthropic" ? 1 : countAt(bytes, word));
  else if (tierKeys.includes(name)) noteTier(asks, wordAt(bytes, valueOf(bytes, word)));
  else if (name === drawing) asks.mayDraw = true;
  else asks.maySeal ||= name !== "signature" || wordAt(bytes, valueOf(bytes, word)) === "";
}

function begins(bytes: Buffer, from: number, beginning: string): boolean {
  if (from < 0 || bytes.toString("latin1", from, from + 6) === '"data:') return false;
  let at = from;
  for (const char of Buffer.from(beginning)) {
    if (bytes[at] !== char) return false;
    at = skipSpace(bytes, at + 1);
  }
  return true;
}

/** Who writes a number longer than this hides it. */
const mostDigits = 40;

/** A number in any spelling of JSON (`128`, `1.28e2`), or in quotes. What is no number to us may be one to a provider. */
function countAt(bytes: Buffer, word: Word): number {
  const at = valueOf(bytes, word);
  const digits = at < 0 ? undefined : /^"?([-+.\deE]+)/.exec(bytes.toString("latin1", at, at + mostDigits))?.[1];
  if (digits === undefined) return 1;
  if (digits.length >= mostDigits - 1) return mostAnswers;
  const count = Math.ceil(Number(digits));
  return Number.isNaN(count) ? mostAnswers : Math.min(Math.max(1, count), mostAnswers);
}

function wordAt(bytes: Buffer, at: number): string | undefined {
  return at < 0 ? undefined : /^"([\w-]*)"/.exec(bytes.toString("latin1", at, at + 40))?.[1];
}

function noteTier({ tiers }: Asks, tier: string | undefined): void {
  if (tier !== undefined) tiers.add(tiers.size < mostTiers ? tier : anyTier);
}
