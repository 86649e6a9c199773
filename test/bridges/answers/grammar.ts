import { isObject, type JsonObject, objectOf, objectsOf, parseObject } from "../../../functions/wire/json.ts";
import type { Client } from "./readers.ts";

/** What is wrong with an answer in a client's language: an empty list for nothing. */
export interface Grammar {
  stream(text: string): string[];
  whole(answer: JsonObject): string[];
}

interface Event {
  readonly name: string | undefined;
  readonly data: string;
}

/** Events of the strictest reader: LF line ends, one data line, nothing after the last blank line. */
function eventsOf(text: string, faults: string[]): Event[] {
  const blocks = text.split("\n\n");
  if (blocks.pop() !== "") faults.push("text after the last event");
  return blocks.map((block) => {
    const lines = block.split("\n");
    const name = lines[0]?.startsWith("event: ") ? lines.shift()?.slice(7) : undefined;
    if (lines.length !== 1 || !lines[0]?.startsWith("data: ")) faults.push(`no event: ${block.slice(0, 60)}`);
    return { name, data: lines[0]?.slice(6) ?? "" };
  });
}

/** Every field that a type of the SDK demands. */
function demand(value: JsonObject, fields: readonly string[], what: string, faults: string[]): void {
  for (const field of fields) if (value[field] === undefined) faults.push(`${what} without ${field}`);
}

// Required fields of Message, Usage, MessageDeltaUsage and RawMessageDeltaEvent.Delta in @anthropic-ai/sdk.
const messageFields = [
  ...["id", "type", "role", "model", "content", "stop_reason", "stop_sequence", "stop_details", "usage", "container"],
];
const deltaUsage = [
  "input_tokens",
  "output_tokens",
  "cache_creation_input_tokens",
  "cache_read_input_tokens",
  "server_tool_use",
];
const usageFields = [...deltaUsage, "cache_creation", "service_tier", "inference_geo", "speed"];
const grows: Readonly<Record<string, readonly string[]>> = {
  text: ["text_delta", "citations_delta"],
  thinking: ["thinking_delta", "signature_delta"],
  tool_use: ["input_json_delta"],
  server_tool_use: ["input_json_delta"],
};

function anthropicStream(text: string): string[] {
  const faults: string[] = [];
  const order: string[] = [];
  let open: { readonly index: unknown; readonly type: string } | undefined;
  let blocks = 0;
  for (const { name, data } of eventsOf(text, faults)) {
    const event = parseObject(data) ?? {};
    const type = String(event.type);
    order.push(type);
    if (name !== type) faults.push(`event ${String(name)} of type ${type}`);
    if (type === "message_start") {
      demand(objectOf(event.message), messageFields, "message", faults);
      demand(objectOf(objectOf(event.message).usage), usageFields, "usage", faults);
    } else if (type === "content_block_start") {
      if (open) faults.push("a block within a block");
      if (event.index !== blocks++) faults.push(`block ${String(event.index)} in place ${blocks - 1}`);
      open = { index: event.index, type: String(objectOf(event.content_block).type) };
    } else if (type === "content_block_delta") {
      const delta = String(objectOf(event.delta).type);
      if (open?.index !== event.index) faults.push("a delta outside its block");
      if (!grows[open?.type ?? ""]?.includes(delta)) faults.push(`${delta} in ${open?.type}`);
    } else if (type === "content_block_stop") {
      if (open?.index !== event.index) faults.push("a block that ends twice");
      open = undefined;
    } else if (type === "message_delta") {
      if (open) faults.push("an end within a block");
      demand(objectOf(event.usage), deltaUsage, "usage", faults);
      demand(objectOf(event.delta), ["stop_reason", "stop_sequence", "stop_details", "container"], "delta", faults);
    } else if (type !== "message_stop") faults.push(`event ${type}`);
  }
  if (order[0] !== "message_start") faults.push("begins without message_start");
  if (order.slice(-2).join() !== "message_delta,message_stop") faults.push("ends without message_stop");
  return faults;
}

const blockFields: Readonly<Record<string, readonly string[]>> = {
  text: ["text", "citations"],
  thinking: ["thinking", "signature"],
  tool_use: ["id", "name", "input"],
  server_tool_use: ["id", "name", "input"],
  web_search_tool_result: ["tool_use_id", "content"],
};

function anthropicWhole(message: JsonObject): string[] {
  const faults: string[] = [];
  demand(message, messageFields, "message", faults);
  demand(objectOf(message.usage), usageFields, "usage", faults);
  for (const block of objectsOf(message.content)) {
    const fields = blockFields[String(block.type)];
    if (fields) demand(block, fields, String(block.type), faults);
    else faults.push(`block ${String(block.type)}`);
    if (block.input !== undefined && !isObject(block.input)) faults.push("an input that is no object");
  }
  return faults;
}

// Required fields of Response and of its items in openai.
const responseFields = [
  ...["id", "created_at", "error", "incomplete_details", "instructions", "metadata", "model", "object", "output"],
  ...["parallel_tool_calls", "temperature", "tool_choice", "tools", "top_p"],
];
const itemFields: Readonly<Record<string, readonly string[]>> = {
  message: ["id", "content", "role", "status"],
  function_call: ["id", "arguments", "call_id", "name", "status"],
  custom_tool_call: ["id", "call_id", "input", "name"],
  reasoning: ["id", "summary"],
  image_generation_call: ["id", "result", "status"],
  web_search_call: ["id", "action", "status"],
};

function responsesWhole(response: JsonObject): string[] {
  const faults: string[] = [];
  demand(response, responseFields, "response", faults);
  const isIncomplete = response.status === "incomplete";
  if (isIncomplete !== isObject(response.incomplete_details)) faults.push("incomplete without a reason");
  demand(objectOf(response.usage), ["input_tokens", "output_tokens", "total_tokens"], "usage", faults);
  for (const item of objectsOf(response.output)) {
    const fields = itemFields[String(item.type)];
    if (fields) demand(item, fields, String(item.type), faults);
    else faults.push(`item ${String(item.type)}`);
    if (item.type === "function_call" && item.status === "completed" && !parseObject(item.arguments)) {
      faults.push("a completed call whose arguments are not whole");
    }
  }
  return faults;
}

function responsesStream(text: string): string[] {
  const faults: string[] = [];
  const items: { readonly id: unknown; isDone: boolean; grown: string }[] = [];
  let last: JsonObject = {};
  eventsOf(text, faults).forEach(({ name, data }, place) => {
    const event = parseObject(data) ?? {};
    const type = String(event.type);
    if (name !== type) faults.push(`event ${String(name)} of type ${type}`);
    if (event.sequence_number !== place)
      faults.push(`sequence_number ${String(event.sequence_number)} in place ${place}`);
    if (place === 0 && type !== "response.created") faults.push(`begins with ${type}`);
    last = event;
    if (event.output_index === undefined) return;
    const item = items[Number(event.output_index)];
    if (type === "response.output_item.added") {
      if (item || items.length !== event.output_index) faults.push(`item ${String(event.output_index)} out of order`);
      items.push({ id: objectOf(event.item).id, isDone: false, grown: "" });
      return;
    }
    if (!item || item.isDone) return void faults.push(`${type} outside its item`);
    if (type === "response.output_item.done") {
      item.isDone = true;
      if (objectOf(event.item).id !== item.id) faults.push("an item that changes its id");
      return;
    }
    if (event.item_id !== item.id) faults.push(`${type} of another item`);
    if (type.endsWith(".delta")) item.grown += String(event.delta);
    const whole = event.text ?? event.arguments ?? event.input ?? event.refusal;
    if (type.endsWith(".done") && typeof whole === "string" && whole !== item.grown && item.grown !== "") {
      faults.push(`${type} differs from its deltas`);
    }
  });
  const response = objectOf(last.response);
  if (last.type !== `response.${String(response.status)}`) faults.push(`ends with ${String(last.type)}`);
  if (!items.every(({ isDone }) => isDone)) faults.push("an item that is never done");
  const ids = objectsOf(response.output).map(({ id }) => id);
  if (ids.join() !== items.map(({ id }) => id).join()) faults.push("an output that differs from its items");
  return [...faults, ...responsesWhole(response)];
}

// Required fields of ChatCompletionChunk and ChatCompletion in openai.
function chatStream(text: string): string[] {
  const faults: string[] = [];
  const events = eventsOf(text, faults);
  if (events.pop()?.data !== "[DONE]") faults.push("ends without [DONE]");
  let finish: unknown;
  let calls = 0;
  events.forEach(({ name, data }, place) => {
    const chunk = parseObject(data) ?? {};
    if (name !== undefined) faults.push("a named event");
    demand(chunk, ["id", "choices", "created", "model", "object"], "chunk", faults);
    const [choice] = objectsOf(chunk.choices);
    if (!choice) return;
    if (finish) faults.push("a chunk after the end");
    finish = choice.finish_reason;
    demand(choice, ["delta", "finish_reason", "index"], "choice", faults);
    if (place === 0 && objectOf(choice.delta).role !== "assistant") faults.push("begins without a role");
    for (const call of objectsOf(objectOf(choice.delta).tool_calls)) {
      if (Number(call.index) > calls) faults.push("a call out of order");
      if (call.index === calls) {
        calls += 1;
        if (!call.id || !call.type) faults.push("a call that begins without an id");
      }
    }
  });
  if (!finish) faults.push("no finish_reason");
  return faults;
}

function chatWhole(completion: JsonObject): string[] {
  const faults: string[] = [];
  demand(completion, ["id", "choices", "created", "model", "object", "usage"], "completion", faults);
  const [choice = {}] = objectsOf(completion.choices);
  demand(choice, ["finish_reason", "index", "logprobs", "message"], "choice", faults);
  demand(objectOf(choice.message), ["content", "refusal", "role"], "message", faults);
  for (const call of objectsOf(objectOf(choice.message).tool_calls))
    demand(call, ["id", "type", "function"], "call", faults);
  return faults;
}

// ai.google.dev/api/generate-content: a candidate's content is of the role `model`, and the last one has a reason.
function geminiWhole(answer: JsonObject): string[] {
  const faults: string[] = [];
  const [candidate = {}] = objectsOf(answer.candidates);
  demand(answer, ["candidates", "usageMetadata", "modelVersion", "responseId"], "answer", faults);
  demand(candidate, ["content", "finishReason", "index"], "candidate", faults);
  for (const part of objectsOf(objectOf(candidate.content).parts)) {
    const kinds = ["text", "functionCall", "inlineData"].filter((kind) => part[kind] !== undefined);
    if (kinds.length !== 1) faults.push(`a part of ${kinds.length} kinds`);
  }
  return faults;
}

function geminiStream(text: string): string[] {
  const faults: string[] = [];
  const events = eventsOf(text, faults).map(({ data }) => parseObject(data) ?? {});
  const reasons = events.map(({ candidates }) => objectsOf(candidates)[0]?.finishReason);
  if (reasons.findIndex((reason) => reason !== undefined) !== events.length - 1)
    faults.push("no reason at the end alone");
  return [...faults, ...geminiWhole(events.at(-1) ?? {})];
}

export const grammars: Readonly<Record<Client, Grammar>> = {
  anthropic: { stream: anthropicStream, whole: anthropicWhole },
  "openai-responses": { stream: responsesStream, whole: responsesWhole },
  "openai-chat": { stream: chatStream, whole: chatWhole },
  gemini: { stream: geminiStream, whole: geminiWhole },
};
