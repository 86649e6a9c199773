import type { CacheMark, Conversation, Part } from "../conversation.ts";
import type { Reading } from "../fields.ts";
import type { Limits } from "./limits.ts";

/**
 * Marks up to which a prompt is cached: none where the model takes none, the last ones where it takes few, and of its own where a
 * client speaks of a cache that it does not mark. OpenAI and Google cache by themselves, Anthropic where it is told to.
 */
export function fitCacheMarks(given: Conversation, limits: Limits, reading: Reading): Conversation {
  const marks = marksOf(given);
  if (limits.mostCacheMarks === 0) {
    if (marks.length > 0)
      reading.leaveOut("cache_control, prompt_cache_breakpoint", "since the model's API caches by itself");
    return marks.length > 0 ? keepLast(given, 0) : given;
  }
  if (marks.length > 0) {
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
  const unmark = <M extends { readonly cache?: CacheMark | undefined }>(marked: M): M => {
    if (!marked.cache || spare <= 0) return marked;
    spare -= 1;
    return { ...marked, cache: undefined };
  };
  const tools = given.tools.map(unmark);
  const system = given.system.map(unmark);
  const turns = given.turns.map((turn) => ({
    ...turn,
    parts: turn.parts.map((part) => unmark(part.kind === "result" ? { ...part, parts: part.parts.map(unmark) } : part)),
  }));
  return { ...given, tools, system, turns };
}
