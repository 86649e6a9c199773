import type { CallPart, Part, ResultPart, TextPart, Turn } from "../conversation.ts";
import type { Reading } from "../fields.ts";

/**
 * Turns in the order that every provider takes: roles alternate, each call has one id of its own, and its one result stands at the
 * beginning of the turn right behind it. Anthropic and Gemini refuse any other order; what a client's history lacks is said.
 */
export function repairTurns(turns: readonly Turn[], reading: Reading): Turn[] {
  const named = nameCalls(joinTurns(dropStray(turns, reading)));
  if (isInOrder(named)) return named;
  const results = collectResults(named);
  const calls = new Set(named.flatMap(({ parts }) => parts.flatMap((part) => (part.kind === "call" ? [part.id] : []))));
  const ordered: Turn[] = [];
  for (const turn of named) {
    const { parts } = turn;
    const orphans = parts.flatMap((part) =>
      part.kind === "result" && !calls.has(part.id) ? sayOrphan(part, reading) : [],
    );
    const rest = parts.filter(({ kind }) => kind !== "result");
    ordered.push({ ...turn, parts: [...orphans, ...rest] });
    const made = turn.role === "assistant" ? rest.flatMap((part) => (part.kind === "call" ? [part] : [])) : [];
    if (made.length > 0) ordered.push({ role: "user", parts: made.map((call) => resultFor(call, results, reading)) });
  }
  reading.note("tool results put right behind their calls, one for each");
  return joinTurns(ordered);
}

/** Only the model calls tools. */
function dropStray(turns: readonly Turn[], reading: Reading): Turn[] {
  return turns.map((turn) => {
    const isStray = ({ kind }: Part): boolean => turn.role !== "assistant" && (kind === "call" || kind === "thinking");
    if (turn.parts.some(isStray))
      reading.leaveOut("tool_use, thinking in the person's turn", "since only the model calls tools and thinks");
    return { ...turn, parts: turn.parts.filter((part) => !isStray(part)) };
  });
}

/** Turns of one role in a row are one turn; empty ones are none. */
export function joinTurns(turns: readonly Turn[]): Turn[] {
  const joined: { role: Turn["role"]; parts: Part[] }[] = [];
  for (const { role, parts } of turns) {
    const last = joined.at(-1);
    if (last?.role === role) last.parts.push(...parts);
    else if (parts.length > 0) joined.push({ role, parts: [...parts] });
  }
  return joined;
}

/** Two calls of one id, or a call without any, are told apart by their place, and so are their results. */
function nameCalls(turns: readonly Turn[]): Turn[] {
  const seen = { call: new Map<string, number>(), result: new Map<string, number>() };
  const isTwice = (part: CallPart | ResultPart): boolean => part.id === "" || seen[part.kind].has(part.id);
  const rename = <P extends CallPart | ResultPart>(part: P): P => {
    const count = (seen[part.kind].get(part.id) ?? 0) + 1;
    const name = isTwice(part) ? `${part.id || "call"}_${count}` : part.id;
    seen[part.kind].set(part.id, count);
    return name === part.id ? part : { ...part, id: name };
  };
  const calls = turns.flatMap(({ parts }) => parts.filter((part) => part.kind === "call"));
  const isUnique = calls.every(({ id }) => id !== "") && new Set(calls.map(({ id }) => id)).size === calls.length;
  if (isUnique) return [...turns];
  return turns.map((turn) => ({
    ...turn,
    parts: turn.parts.map((part) => (part.kind === "call" || part.kind === "result" ? rename(part) : part)),
  }));
}

function isInOrder(turns: readonly Turn[]): boolean {
  return turns.every(({ role, parts }, index) => {
    const before = turns[index - 1];
    const calls = before?.role === "assistant" ? before.parts.filter((part) => part.kind === "call") : [];
    const results = parts.filter((part) => part.kind === "result");
    const isLast = index === turns.length - 1;
    if (isLast && parts.some(({ kind }) => kind === "call")) return false;
    if (role !== "user") return results.length === 0 && calls.length === 0;
    const isFirst = results.every((result, at) => parts[at] === result);
    // Gemini's results bear no ids: of two calls of one function, the order tells which is whose.
    return isFirst && results.length === calls.length && results.every(({ id }, at) => id === calls[at]?.id);
  });
}

function collectResults(turns: readonly Turn[]): Map<string, ResultPart> {
  const results = new Map<string, ResultPart>();
  for (const part of turns.flatMap(({ parts }) => parts)) {
    if (part.kind !== "result") continue;
    const first = results.get(part.id);
    // A second result of one call adds to the first.
    results.set(part.id, first ? { ...first, parts: [...first.parts, ...part.parts] } : part);
  }
  return results;
}

function resultFor({ id }: CallPart, results: ReadonlyMap<string, ResultPart>, reading: Reading): ResultPart {
  const found = results.get(id);
  if (found) return found;
  reading.note("a tool call without a result told as one that was not run");
  return { kind: "result", id, isError: true, parts: [{ kind: "text", text: "No result: the call was not run." }] };
}

function sayOrphan({ parts }: ResultPart, reading: Reading): Part[] {
  reading.note("a result without its tool call (call_id, tool_call_id, tool_use_id) said as text");
  const before: TextPart = { kind: "text", text: "Result of an earlier tool call:" };
  return parts.length === 0 ? [] : [before, ...parts];
}
