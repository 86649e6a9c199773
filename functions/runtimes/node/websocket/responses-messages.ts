import { randomUUID } from "node:crypto";
import { readFields, textOf } from "../../../relay/dialects/openai/fields.ts";
import { spliceBody } from "../../../relay/upstreams/splice.ts";
import type { Headers } from "../../../wire/exchange.ts";
import { findTopLevel } from "../../../wire/top-level.ts";
import { isObject, parseObject } from "../../../wire/json.ts";

/**
 * The messages of the Responses API over a WebSocket, and what they are over HTTP. A message is a request's body with a
 * `type` of its own; an answer's events come back as text frames. What it continues (`previous_response_id`) is known to the
 * socket only, so that the relay puts it before the new input: over HTTP a provider that stores nothing could not.
 * Source: developers.openai.com/api/docs/guides/websocket-mode.
 */
export type Message = Turn | { readonly kind: "passed" } | { readonly kind: "unknown"; readonly frame: string };

export interface Turn {
  /** A warm-up (`generate: false`) is answered here: there is nothing to ask for yet. */
  readonly kind: "create" | "warm-up";
  /** What POST would have sent. */
  readonly body: Buffer;
  /** The items of its whole input, comma between, without brackets; undefined if a part of it only the provider knows. */
  readonly items: Buffer | undefined;
  readonly model: string | undefined;
}

/** The items of an earlier response and of all before it, if this socket has had it. */
export type Recall = (id: string) => Buffer | undefined;

const wanted = ["type", "generate", "model", "previous_response_id", "store"];

/** Throws `request.malformed` for what is no message. */
export function readMessage(bytes: Buffer, recall: Recall): Message {
  const fields = readFields(bytes, wanted, ["input"]);
  // What a client tells of its own accord, as Codex does when it has worked through an answer, has no counterpart in HTTP.
  if (fields.type !== "response.create") return { kind: "passed" };
  const previous = textOf(fields.previous_response_id);
  const earlier = previous === undefined ? undefined : recall(previous);
  // What was to be stored the provider may know; of the rest clients send everything again when they are told.
  const isLost = previous !== undefined && earlier === undefined;
  if (isLost && fields.store === false) return { kind: "unknown", frame: unknownFrame(previous) };
  const items = isLost ? undefined : joinItems(earlier ?? nothing, itemsOf(fields.input));
  const kind = fields.generate === false ? "warm-up" : "create";
  return { kind, body: bodyOf(bytes, earlier && items), items, model: textOf(fields.model) };
}

function unknownFrame(id: string): string {
  const message = `Previous response with id '${id}' not found.`;
  const code = "previous_response_not_found";
  const error = { type: "invalid_request_error", code, message, param: "previous_response_id" };
  return JSON.stringify({ type: "error", status: 400, error });
}

const nothing = Buffer.alloc(0);
const comma = Buffer.from(",");

/** `items`: the whole input of a turn that continues another. */
function bodyOf(message: Buffer, items: Buffer | undefined): Buffer {
  const always = { type: undefined, generate: undefined, stream: true };
  if (!items) return spliceBody(message, always);
  const body = spliceBody(message, { ...always, previous_response_id: undefined, input: [] });
  const span = findTopLevel(body, ["input"])?.get("input");
  if (!span) return body;
  // Between the brackets.
  return Buffer.concat([body.subarray(0, span.start + 1), items, body.subarray(span.end - 1)]);
}

function itemsOf(input: unknown): Buffer {
  const text = Buffer.isBuffer(input) ? input : nothing;
  if (text[0] === 0x22) return Buffer.concat([Buffer.from('{"role":"user","content":'), text, Buffer.from("}")]);
  if (text[0] !== 0x5b) return nothing;
  const inside = text.subarray(1, -1);
  return /^\s*$/.test(inside.toString("latin1", 0, 100)) ? nothing : inside;
}

function joinItems(earlier: Buffer, later: Buffer): Buffer {
  if (earlier.length === 0 || later.length === 0) return earlier.length === 0 ? later : earlier;
  return Buffer.concat([earlier, comma, later]);
}

/** What an answer to a warm-up says: that it is done, and by which name to continue. */
export function warmUp({ model }: Turn, now: number): { id: string; frames: string[] } {
  const id = `resp_${randomUUID().replaceAll("-", "")}`;
  const response = { id, object: "response", created_at: Math.floor(now / 1000), model, output: [], usage: null };
  return {
    id,
    frames: [
      JSON.stringify({
        type: "response.created",
        sequence_number: 0,
        response: { ...response, status: "in_progress" },
      }),
      JSON.stringify({
        type: "response.completed",
        sequence_number: 1,
        response: { ...response, status: "completed" },
      }),
    ],
  };
}

/** Looks at an answer's events as they pass, for what the next turn may continue. */
export interface Watch {
  see(data: string): void;
  /** True once an event has said that nothing follows. */
  isOver(): boolean;
  /** The response by its name, with the items that it has added; undefined of one that came to no good end. */
  outcome(): { readonly id: string; readonly items: Buffer } | undefined;
}

export function watchTurn({ items }: Turn): Watch {
  const added: string[] = [];
  let id: string | undefined;
  let isOver = false;
  const see = (data: string) => {
    // Quotes inside a delta's text are escaped, so these match envelopes only.
    if (!marks.some((mark) => data.includes(mark))) return;
    const event = parseObject(data);
    if (event?.type === "response.output_item.done") added.push(JSON.stringify(event.item));
    isOver ||= event?.type === "response.failed" || ends.includes(event?.type);
    const response = isObject(event?.response) ? event.response : {};
    if (ends.includes(event?.type)) id = textOf(response.id);
  };
  const outcome = () =>
    id === undefined || !items ? undefined : { id, items: joinItems(items, Buffer.from(added.join(","))) };
  return { see, isOver: () => isOver, outcome };
}

const ends: readonly unknown[] = ["response.completed", "response.incomplete"];
const marks = ["response.completed", "response.incomplete", "response.failed", "response.output_item.done"].map(
  (type) => `"${type}"`,
);

/**
 * A refusal as a frame: the status and headers that HTTP would have had stand beside the error, and Codex treats it as it
 * treats that answer (codex-rs, codex-api/src/endpoint/responses_websocket.rs).
 */
export function errorFrame(status: number, headers: Headers, body: string): string {
  const { "content-type": _type, "content-length": _length, "cache-control": _cache, ...rest } = headers;
  const said = parseObject(body);
  const error = isObject(said?.error)
    ? said.error
    : { type: "server_error", code: null, message: body.slice(0, 2_000) };
  return JSON.stringify({ type: "error", status, error, headers: rest });
}
