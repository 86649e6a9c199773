import type { Incoming, Reply } from "../language.ts";
import { chatFrames, completionFrames } from "./chat.ts";
import { commonHeaders, rateLimits } from "./headers.ts";
import { type Answered, responseFrames, wholeFrames } from "./responses.ts";

const defaultEvents = 22;

interface Prepared {
  stream: Buffer[];
  plain: Buffer[];
}

const prepared = new Map<string, Prepared>();

/** A prepared answer of `events` events (22 unless given), the same bytes every time, without a look into the body. */
export function benchReply(incoming: Incoming, operation: "chat" | "responses", events?: string): Reply {
  const name = `${operation} ${events ?? ""}`;
  const known = prepared.get(name) ?? prepare(operation, Number(events || defaultEvents));
  prepared.set(name, known);
  const streamed = incoming.body.includes('"stream":true') || incoming.body.includes('"stream": true');
  const type = streamed ? "text/event-stream; charset=utf-8" : "application/json";
  const headers = { "content-type": type, ...rateLimits(), ...commonHeaders() };
  return { status: 200, headers, frames: streamed ? known.stream : known.plain, streamed, repeatable: 3 };
}

/** Of Responses eight events are no deltas, of Chat four. */
function prepare(operation: "chat" | "responses", events: number): Prepared {
  const count = Math.max(1, events - (operation === "chat" ? 4 : 8));
  const pieces = Array.from({ length: count }, (_, index) => ` word${index} of a benchmark`);
  const answered: Answered = {
    model: "gpt-5.5",
    turn: { blocks: [{ type: "text", text: pieces.join(""), pieces }], stopReason: "end_turn" },
    usage: { input: 2_100, cached: 2_000, output: 20, reasoning: 0 },
    isCustom: () => false,
  };
  const none = new Map<string, string>();
  if (operation === "chat")
    return { stream: chatFrames(answered, none, true).frames, plain: completionFrames(answered, none) };
  return { stream: responseFrames(answered, none).frames, plain: wholeFrames(answered, none) };
}
