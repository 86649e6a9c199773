import { mergeUsage } from "../../dialects/openai/usage.ts";
import { readStreamError } from "../answer-error.ts";
import type { AnswerReader, Emit, FinishReason } from "../answer-event.ts";
import { AnswerParts } from "../answer-parts.ts";
import { type JsonObject, objectOf, objectsOf, textOf } from "../../../wire/json.ts";
import { lookUp } from "../../../wire/maps.ts";

/**
 * A Responses answer. Vendors leave events out, and some change an item's id on the way: whatever an item's last event says
 * is told, and nothing twice. Source: platform.openai.com/docs/api-reference/responses-streaming.
 */
export function readResponsesAnswer(emit: Emit): AnswerReader {
  const response = new ResponseReader(new AnswerParts(emit));
  return {
    event: (data) => response.see(data),
    whole: (answer) => response.seeWhole(answer),
    // `response.completed` and its like are the last events; without one the answer broke off.
    end: () => undefined,
  };
}

/** A piece that grows: a content part, a summary part, or the input of a call. */
interface Piece {
  readonly index: number;
  readonly delta: "text" | "input";
  text: string;
}

interface Item {
  readonly type: string;
  id: unknown;
  /** By content or summary index; a call and a thought have one. */
  readonly pieces: Map<number, Piece>;
  /** Which summary a thought is in. */
  summary: number;
  isOver: boolean;
}

class ResponseReader {
  readonly #parts: AnswerParts;
  readonly #items = new Map<unknown, Item>();
  #last: Item | undefined;
  #isRefused = false;

  constructor(parts: AnswerParts) {
    this.#parts = parts;
  }

  readonly #handlers: Readonly<Record<string, (event: JsonObject) => void>> = {
    "response.created": ({ response }) => this.#start(objectOf(response)),
    "response.in_progress": ({ response }) => this.#start(objectOf(response)),
    "response.output_item.added": (event) => this.#add(event.output_index, objectOf(event.item)),
    "response.content_part.added": (event) => this.#seePart(event, objectOf(event.part)),
    "response.content_part.done": (event) => this.#seePart(event, objectOf(event.part)),
    "response.output_text.delta": (event) => this.#growText(event, "text", event.delta),
    "response.output_text.done": (event) => this.#fillText(event, "text", event.text),
    "response.output_text.annotation.added": (event) => this.#cite(event, objectOf(event.annotation)),
    "response.refusal.delta": (event) => this.#growText(event, "refusal", event.delta),
    "response.refusal.done": (event) => this.#fillText(event, "refusal", event.refusal),
    "response.reasoning_summary_text.delta": (event) => this.#think(event, event.summary_index, event.delta),
    "response.reasoning_text.delta": (event) => this.#think(event, event.content_index, event.delta),
    "response.function_call_arguments.delta": (event) => this.#growCall(event, event.delta),
    "response.function_call_arguments.done": (event) => this.#fillCall(this.#itemOf(event), event.arguments),
    "response.custom_tool_call_input.delta": (event) => this.#growCall(event, event.delta),
    "response.custom_tool_call_input.done": (event) => this.#fillCall(this.#itemOf(event), event.input),
    "response.output_item.done": (event) => this.#finishItem(event.output_index, objectOf(event.item)),
    "response.completed": ({ response }) => this.#finish(objectOf(response)),
    "response.incomplete": ({ response }) => this.#finish(objectOf(response)),
    "response.failed": ({ response }) => this.#parts.fail(readStreamError(objectOf(response).error)),
    error: (event) => this.#parts.fail(readStreamError(event.error ?? event)),
  };

  see(event: JsonObject): void {
    lookUp(this.#handlers, event.type)?.(event);
    if (event.type === undefined && event.error) this.#parts.fail(readStreamError(event.error));
  }

  seeWhole(response: JsonObject): void {
    if (response.status === "failed" || (response.error && !response.output)) {
      return this.#parts.fail(readStreamError(response.error));
    }
    this.#start(response);
    this.#finish(response);
  }

  #start({ id, model }: JsonObject): void {
    this.#parts.start(id, model);
  }

  #finish(response: JsonObject): void {
    this.#start(response);
    // Some vendors stream no items, or not all of them.
    const output = objectsOf(response.output);
    if (this.#items.size === 0) output.forEach((item, place) => this.#finishItem(place, item));
    for (const item of this.#items.values()) this.#closeItem(item);
    mergeUsage(this.#parts.usage, response.usage);
    if (typeof response.service_tier === "string") this.#parts.usage.serviceTier = response.service_tier;
    this.#parts.tellUsage();
    this.#parts.finish(this.#reasonOf(response));
  }

  #reasonOf(response: JsonObject): FinishReason {
    const { reason } = objectOf(response.incomplete_details);
    if (reason === "content_filter" || this.#isRefused) return "refusal";
    return response.status === "incomplete" ? "length" : "stop";
  }

  #add(place: unknown, start: JsonObject): Item {
    const type = String(start.type);
    const item: Item = { type, id: start.id, pieces: new Map(), summary: 0, isOver: false };
    this.#items.set(place ?? start.id ?? this.#items.size, item);
    this.#last = item;
    if (type === "function_call" || type === "custom_tool_call") {
      const id = textOf(start.call_id) || textOf(start.id) || "";
      const input = type === "function_call" ? "json" : "text";
      const index = this.#parts.open({ type: "tool-call", id, name: nameOf(start), input });
      item.pieces.set(0, { index, delta: "input", text: "" });
    }
    if (type === "reasoning") {
      item.pieces.set(0, { index: this.#parts.open({ type: "thinking" }), delta: "text", text: "" });
    }
    return item;
  }

  /** By its place; else by its id; else the last one that began. */
  #itemOf({ output_index: place, item_id: id }: JsonObject): Item | undefined {
    const found = this.#items.get(place) ?? this.#items.get(id);
    return found ?? [...this.#items.values()].find((item) => id !== undefined && item.id === id) ?? this.#last;
  }

  #textPiece(item: Item, content: unknown, type: "text" | "refusal"): Piece {
    const place = Number(content ?? 0);
    const known = item.pieces.get(place);
    if (known) return known;
    this.#isRefused ||= type === "refusal";
    const piece: Piece = { index: this.#parts.open({ type }), delta: "text", text: "" };
    item.pieces.set(place, piece);
    return piece;
  }

  /** A delta without its item is a message's. */
  #messageOf(event: JsonObject): Item {
    return this.#itemOf(event) ?? this.#add(event.output_index, { type: "message", id: event.item_id });
  }

  #growText(event: JsonObject, type: "text" | "refusal", delta: unknown): void {
    this.#grow(this.#textPiece(this.#messageOf(event), event.content_index, type), delta);
  }

  #fillText(event: JsonObject, type: "text" | "refusal", text: unknown): void {
    if (text) this.#fill(this.#textPiece(this.#messageOf(event), event.content_index, type), text);
  }

  #seePart(event: JsonObject, { type, text, refusal }: JsonObject): void {
    if (type === "output_text") this.#fillText(event, "text", text);
    else if (type === "refusal") this.#fillText(event, "refusal", refusal);
  }

  #cite(event: JsonObject, annotation: JsonObject): void {
    const item = this.#itemOf(event);
    if (item) this.#citeIn(item.pieces.get(Number(event.content_index ?? 0)), annotation);
  }

  #citeIn(piece: Piece | undefined, { type, url, title, start_index: start, end_index: end }: JsonObject): void {
    if (!piece || type !== "url_citation" || typeof url !== "string") return;
    const place = typeof start === "number" && typeof end === "number" ? { start, end } : {};
    this.#parts.grow(piece.index, { type: "citation", citation: { url, title: textOf(title) ?? "", ...place } });
  }

  #think(event: JsonObject, summary: unknown, delta: unknown): void {
    const item = this.#itemOf(event) ?? this.#add(event.output_index, { type: "reasoning", id: event.item_id });
    const piece = item.pieces.get(0);
    if (!piece) return;
    const place = Number(summary ?? 0);
    if (place !== item.summary && piece.text !== "") this.#grow(piece, "\n\n");
    item.summary = place;
    this.#grow(piece, delta);
  }

  #growCall(event: JsonObject, delta: unknown): void {
    this.#grow(this.#itemOf(event)?.pieces.get(0), delta);
  }

  #fillCall(item: Item | undefined, input: unknown): void {
    const given = typeof input === "object" && input !== null ? JSON.stringify(input) : input;
    if (item && /_call$/.test(item.type)) this.#fill(item.pieces.get(0), given);
  }

  #grow(piece: Piece | undefined, delta: unknown): void {
    if (!piece || typeof delta !== "string") return;
    piece.text += delta;
    this.#parts.grow(piece.index, { type: piece.delta, text: delta });
  }

  /** What the whole says more than its deltas did. */
  #fill(piece: Piece | undefined, whole: unknown): void {
    if (piece && typeof whole === "string" && whole.startsWith(piece.text)) {
      this.#grow(piece, whole.slice(piece.text.length));
    }
  }

  #finishItem(place: unknown, end: JsonObject): void {
    const known = this.#items.get(place) ?? this.#items.get(end.id);
    const item = known?.type === end.type ? known : this.#add(place, end);
    if (!item || item.isOver) return;
    if (item.type === "message") this.#fillMessage(item, end);
    else if (item.type === "reasoning") this.#fillThought(item, end);
    else if (item.type === "web_search_call") this.#search(end);
    else if (item.type === "image_generation_call") this.#show(end);
    else this.#fillCall(item, end.arguments ?? end.input);
    this.#closeItem(item);
  }

  #fillMessage(item: Item, end: JsonObject): void {
    objectsOf(end.content).forEach((part, place) => {
      const hadPiece = item.pieces.has(place);
      this.#seeIn(item, place, part);
      // Annotations of a streamed part came by themselves.
      if (!hadPiece) for (const note of objectsOf(part.annotations)) this.#citeIn(item.pieces.get(place), note);
    });
  }

  #seeIn(item: Item, place: number, { type, text, refusal }: JsonObject): void {
    const kind = type === "refusal" ? "refusal" : "text";
    const said = textOf(kind === "refusal" ? refusal : text) ?? "";
    if (said !== "") this.#fill(this.#textPiece(item, place, kind), said);
  }

  #fillThought(item: Item, end: JsonObject): void {
    const piece = item.pieces.get(0);
    if (!piece) return;
    const say = (parts: unknown) =>
      objectsOf(parts)
        .map(({ text }) => textOf(text) ?? "")
        .join("\n\n");
    if (piece.text === "") this.#grow(piece, say(end.summary) || say(end.content));
    const value = textOf(end.encrypted_content);
    const id = textOf(end.id);
    if (value) this.#parts.grow(piece.index, { type: "seal", seal: { maker: "openai", value, id } });
  }

  #search({ id, status, action }: JsonObject): void {
    const { type, query, queries, sources } = objectOf(action);
    if (type !== "search") return;
    const asked = Array.isArray(queries) ? queries.map(String) : [];
    const results = objectsOf(sources).map(({ url, title }) => ({
      url: textOf(url) ?? "",
      title: textOf(title) ?? "",
    }));
    this.#parts.add({
      type: "search",
      id: textOf(id),
      queries: asked.length === 0 && typeof query === "string" ? [query] : asked,
      results,
      error: status === "failed" ? "unavailable" : undefined,
    });
  }

  #show({ result, output_format: format }: JsonObject): void {
    if (typeof result !== "string" || result === "") return;
    this.#parts.add({ type: "image", mediaType: `image/${textOf(format) ?? "png"}`, data: result });
  }

  #closeItem(item: Item): void {
    item.isOver = true;
    for (const { index } of item.pieces.values()) this.#parts.close(index);
  }
}

/** A tool of a namespace bears the namespace before its name. */
function nameOf({ name, namespace }: JsonObject): string {
  const prefix = typeof namespace === "string" && namespace !== "" ? `${namespace}__` : "";
  return prefix + (textOf(name) ?? "");
}
