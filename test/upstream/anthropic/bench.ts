import type { Incoming, Reply } from "../language.ts";
import { allowedLimits, type Caller, commonHeaders } from "./headers.ts";
import { messageFrames, streamFrames } from "./stream.ts";

const defaultEvents = 22;
const prepared = new Map<number, { stream: Buffer[]; plain: Buffer[] }>();
let limits = { second: 0, headers: {} as Record<string, string> };

/** A prepared answer of `events` events (22 unless given), the same bytes every time, without a look into the body. */
export function benchReply(incoming: Incoming, caller: Caller, events?: string): Reply {
  const { stream, plain } = prepare(Number(events || defaultEvents));
  const streamed = incoming.body.includes('"stream":true') || incoming.body.includes('"stream": true');
  const contentType = streamed ? "text/event-stream; charset=utf-8" : "application/json";
  const headers = { "content-type": contentType, ...currentLimits(), ...commonHeaders(caller) };
  return { status: 200, headers, frames: streamed ? stream : plain, streamed, repeatable: 3 };
}

function prepare(events: number): { stream: Buffer[]; plain: Buffer[] } {
  const known = prepared.get(events);
  if (known) return known;
  // Six events are not deltas: message_start, content_block_start, ping, content_block_stop, message_delta,
  // message_stop.
  const pieces = Array.from({ length: Math.max(1, events - 6) }, (_, index) => ` word${index} of a benchmark`);
  const answered = {
    model: "claude-sonnet-4-6",
    turn: { blocks: [{ type: "text" as const, text: pieces.join(""), pieces }], stopReason: "end_turn" },
    usage: { input: 100, output: 20, cacheRead: 2000, cacheWrite5m: 400, cacheWrite1h: 600 },
  };
  const made = { stream: streamFrames(answered, new Map()).frames, plain: messageFrames(answered, new Map()) };
  prepared.set(events, made);
  return made;
}

/** The limit headers change once a second; building them for each of thousands of answers would be measured too. */
function currentLimits(): Record<string, string> {
  const second = Math.floor(Date.now() / 1000);
  if (limits.second !== second) limits = { second, headers: allowedLimits(false) };
  return limits.headers;
}
