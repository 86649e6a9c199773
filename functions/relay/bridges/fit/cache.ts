import type { CacheMark, Conversation, Part } from "../conversation.ts";
import type { Reading } from "../fields.ts";
import { ofOpenai } from "./models.ts";
import type { Limits } from "./limits.ts";

/**
 * Marks up to which a prompt is cached: none where the model takes none, the last ones where it takes few, and of its own where a
 * client speaks of a cache that it does not mark. OpenAI and Google cache by themselves, Anthropic where it is told to.
 */
export function fitCacheMarks(given: Conversation, limits: Limits, reading: Reading): Conversation {
  noteWish(given, limits, reading);
  const marks = marksOf(given);
  if (limits.mostCacheMarks === 0) {
    if (marks.length > 0)
      reading.leaveOut("cache_control, prompt_cache_breakpoint", "since the model's API caches by itself");
    return marks.length > 0 ? keepLast(given, 0) : given;
  }
  if (limits.maker !== "anthropic" && marks.length > 0) return fitOpenai(given, limits, reading);
  if (marks.length > 0) {
    // OpenAI's breakpoints inherit the lifetime that stands beside them.
    const isInherited = given.cache.isLong && given.cache.fields.prompt_cache_options !== undefined;
    if (isInherited)
      return keepLast(
        mapMarks(given, () => ({ isLong: true })),
        limits.mostCacheMarks,
      );
    if (marks.length <= limits.mostCacheMarks) return given;
    reading.leaveOut(
      "cache_control, prompt_cache_breakpoint",
      `but for the last ${limits.mostCacheMarks}, the most there are`,
    );
    return keepLast(given, limits.mostCacheMarks);
  }
  if (!given.cache.isAutomatic || limits.maker !== "anthropic") return given;
  const cache: CacheMark = { isLong: given.cache.isLong };
  const last = given.turns.at(-1);
  const turns = last ? [...given.turns.slice(0, -1), { ...last, parts: markEnd(last.parts, cache) }] : given.turns;
  return { ...given, system: markEnd(given.system, cache), turns };
}

/** Fields that ask for a cache and reach no provider, since it caches by itself. */
function noteWish({ cache, model }: Conversation, limits: Limits, reading: Reading): void {
  if (limits.maker === "anthropic") return;
  const isOpenai = limits.maker === "openai" || ofOpenai(model);
  const lost = Object.keys(cache.fields).filter((name) => !isOpenai || name === "cache_control");
  if (lost.length > 0) reading.leaveOut(lost.join(", "), "since the model's API caches by itself");
}

/** OpenAI takes marks in what it is told, not in what its models said and not on tools. */
function fitOpenai(given: Conversation, limits: Limits, reading: Reading): Conversation {
  const unmark = <M extends { readonly cache?: CacheMark | undefined }>(marked: M): M => ({
    ...marked,
    cache: undefined,
  });
  const turns = given.turns.map((turn) => {
    const isModels = turn.role === "assistant";
    return { ...turn, parts: turn.parts.map((part) => (isModels || isEmptyResult(part) ? unmark(part) : part)) };
  });
  const told: Conversation = { ...given, tools: given.tools.map(unmark), turns };
  const before = marksOf(given).length;
  const left = marksOf(told).length;
  if (left < before) reading.leaveOut("cache_control on tools and on the model's words", "where OpenAI takes no marks");
  if (left > limits.mostCacheMarks)
    reading.leaveOut("cache_control", `but for the last ${limits.mostCacheMarks}, the most there are`);
  if (marksOf(told).some(({ isLong }) => isLong))
    reading.note("cache_control.ttl 1h → 12h, the shortest that is not shorter");
  return keepLast(told, limits.mostCacheMarks);
}

const isEmptyResult = (part: Part): boolean => part.kind === "result" && part.parts.length === 0;

function marksOf({ tools, system, turns }: Conversation): CacheMark[] {
  const parts = turns.flatMap((turn) => turn.parts);
  const inner = (part: Part): Part[] => (part.kind === "result" ? [...part.parts, part] : [part]);
  return [...tools, ...system, ...parts.flatMap(inner)].flatMap(({ cache }) => cache ?? []);
}

function markEnd<P extends Part>(parts: readonly P[], cache: CacheMark): P[] {
  const last = parts.at(-1);
  return last && last.kind !== "thinking" ? [...parts.slice(0, -1), { ...last, cache }] : [...parts];
}

/** In the order of the prompt: tools, system, turns. */
function keepLast(given: Conversation, most: number): Conversation {
  let spare = marksOf(given).length - most;
  return mapMarks(given, (mark) => (spare-- > 0 ? undefined : mark));
}

function mapMarks(given: Conversation, change: (mark: CacheMark) => CacheMark | undefined): Conversation {
  const mark = <M extends { readonly cache?: CacheMark | undefined }>(marked: M): M =>
    marked.cache ? { ...marked, cache: change(marked.cache) } : marked;
  const markPart = (part: Part): Part => mark(part.kind === "result" ? { ...part, parts: part.parts.map(mark) } : part);
  const tools = given.tools.map(mark);
  const system = given.system.map(mark);
  const turns = given.turns.map((turn) => ({ ...turn, parts: turn.parts.map(markPart) }));
  return { ...given, tools, system, turns };
}
