import type { AnswerEvent, Emit } from "./answer-event.ts";

/**
 * Ends an answer where one of the client's stop sequences begins, for models whose API has none: what comes after it is left
 * out, although it was paid for. What may be the beginning of one is held back until that is known.
 */
export function stopAt(stops: readonly string[], emit: Emit): Emit {
  if (stops.length === 0) return emit;
  const held = new Map<number, string>();
  const texts = new Set<number>();
  let met: string | undefined;
  const say = (index: number, text: string) => {
    if (text !== "") emit({ type: "part-delta", index, delta: { type: "text", text } });
  };
  const grow = (index: number, more: string) => {
    const text = `${held.get(index) ?? ""}${more}`;
    const found = firstOf(stops, text);
    const end = found?.at ?? text.length - beginningAt(stops, text);
    held.set(index, found ? "" : text.slice(end));
    say(index, text.slice(0, end));
    met = found?.stop;
  };
  const close = (index: number) => {
    say(index, held.get(index) ?? "");
    held.delete(index);
    texts.delete(index);
  };
  // Parts that had started when the sequence was met still end; nothing else of them is told.
  const open = new Set<number>();
  return (event) => {
    if (event.type === "part-start") {
      if (met !== undefined) return;
      open.add(event.index);
      if (event.part.type === "text") texts.add(event.index);
    } else if (event.type === "part-delta") {
      if (met !== undefined) return;
      if (texts.has(event.index) && event.delta.type === "text") return grow(event.index, event.delta.text);
    } else if (event.type === "part-end") {
      if (!open.delete(event.index)) return;
      close(event.index);
    } else if (event.type === "finish" && met !== undefined) {
      return emit({ type: "finish", reason: "stop-sequence", stopSequence: met });
    }
    emit(event);
  };
}

function firstOf(stops: readonly string[], text: string): { stop: string; at: number } | undefined {
  const found = stops.map((stop) => ({ stop, at: text.indexOf(stop) })).filter(({ at }) => at >= 0);
  return found.toSorted((one, other) => one.at - other.at)[0];
}

/** How many characters at the end may be the beginning of a sequence. */
function beginningAt(stops: readonly string[], text: string): number {
  const most = Math.max(...stops.map((stop) => stop.length)) - 1;
  for (let size = Math.min(most, text.length); size > 0; size--) {
    if (stops.some((stop) => stop.startsWith(text.slice(-size)))) return size;
  }
  return 0;
}

/** Lets the first tool call through and no other, for a client that takes one at a time from a model that cannot be told so. */
export function oneCall(emit: Emit): Emit {
  const left = new Set<number>();
  let hasCall = false;
  return (event) => {
    if (event.type === "part-start" && event.part.type === "tool-call") {
      if (hasCall) left.add(event.index);
      hasCall = true;
    }
    if (!("index" in event && left.has(event.index))) emit(event);
  };
}

/**
 * Puts overlapping parts one after the other, for a language that cannot say them otherwise: what belongs to a later part is
 * held back until the earlier ones have ended.
 */
export function inSequence(emit: Emit): Emit {
  const waiting: { readonly index: number; readonly events: AnswerEvent[]; isOver: boolean }[] = [];
  return (event) => {
    if (!("index" in event)) return emit(event);
    const { index } = event;
    if (event.type === "part-start") waiting.push({ index, events: [], isOver: false });
    const part = waiting.find((one) => one.index === index);
    if (!part) return;
    part.events.push(event);
    part.isOver ||= event.type === "part-end";
    for (let first = waiting[0]; first; first = waiting[0]) {
      first.events.splice(0).forEach(emit);
      if (!first.isOver) return;
      waiting.shift();
    }
  };
}
