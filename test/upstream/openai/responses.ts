import { randomBytes } from "node:crypto";
import type { Behaviour } from "../behaviours.ts";
import { halves } from "../anthropic/errors.ts";
import type { Block, Turn } from "../anthropic/model.ts";
import { streamError } from "./errors.ts";
import { type OpenaiUsage, responsesUsage } from "./usage.ts";

export interface Answered {
  model: string;
  turn: Turn;
  usage: OpenaiUsage;
  isCustom(tool: string): boolean;
}

const id = (prefix: string): string => `${prefix}_${randomBytes(24).toString("hex")}`;

type Fields = Record<string, unknown>;

/** The events of a streamed response, after https://platform.openai.com/docs/api-reference/responses-streaming. */
export function responseFrames(answered: Answered, behaviour: Behaviour): { frames: Buffer[]; repeatable: number } {
  const frames: Buffer[] = [];
  const add = (type: string, fields: Fields): void => void frames.push(event(type, frames.length, fields));
  const open = envelope(answered, behaviour);
  add("response.created", { response: open });
  add("response.in_progress", { response: open });
  let repeatable = 1;
  const output = answered.turn.blocks.map((block, output_index) => {
    const item = toItem(block, answered);
    add("response.output_item.added", { output_index, item: opening(item) });
    const deltas = deltasOf(block, item, output_index);
    for (const { type, ...fields } of deltas) {
      if (/delta$/.test(String(type))) repeatable = frames.length;
      add(String(type), fields);
    }
    add("response.output_item.done", { output_index, item });
    return item;
  });
  const end = ending(answered, behaviour);
  add(`response.${String(end.status)}`, { response: { ...open, ...end, output } });
  return { frames, repeatable };
}

export function wholeFrames(answered: Answered, behaviour: Behaviour): Buffer[] {
  const output = answered.turn.blocks.map((block) => toItem(block, answered));
  return halves(JSON.stringify({ ...envelope(answered, behaviour), ...ending(answered, behaviour), output }));
}

/** What `/responses/compact` answers: the conversation as an opaque item. */
export function compactFrames({ usage }: Answered): Buffer[] {
  const output = [{ type: "compaction", id: id("cmp"), encrypted_content: "c2ltdWxhdGVk" }];
  const body = {
    id: id("resp"),
    object: "response.compaction",
    created_at: now(),
    output,
    usage: responsesUsage(usage),
  };
  return halves(JSON.stringify(body));
}

/** What `/responses/input_tokens` takes: no word about how to answer. */
export const counted = [
  ...["model", "instructions", "input", "tools", "tool_choice", "parallel_tool_calls", "reasoning", "text"],
];

export function countFrames(bytes: number): Buffer[] {
  return halves(JSON.stringify({ object: "response.input_tokens", input_tokens: Math.ceil(bytes / 4) }));
}

export function errorFrame(code: string): Buffer {
  const error = streamError(code);
  return event("response.failed", 0, {
    response: { id: id("resp"), object: "response", status: "failed", error, output: [], usage: null },
  });
}

const now = (): number => Math.floor(Date.now() / 1000);

function event(type: string, sequence_number: number, fields: Fields): Buffer {
  return Buffer.from(`event: ${type}\ndata: ${JSON.stringify({ type, sequence_number, ...fields })}\n\n`);
}

function envelope({ model }: Answered, behaviour: Behaviour): Fields {
  return {
    ...{ id: id("resp"), object: "response", created_at: now(), status: "in_progress", background: false, error: null },
    ...{ incomplete_details: null, model, output: [], parallel_tool_calls: true, tool_choice: "auto", tools: [] },
    ...{ service_tier: behaviour.get("tier") ?? "default", usage: null },
  };
}

function ending({ turn, usage }: Answered, behaviour: Behaviour): Fields {
  const figures = behaviour.get("usage") === "none" ? null : responsesUsage(usage);
  const failed = behaviour.get("failed");
  if (failed !== undefined) return { status: "failed", error: streamError(failed), usage: null };
  if (turn.stopReason === "max_output_tokens") {
    return { status: "incomplete", incomplete_details: { reason: turn.stopReason }, usage: figures };
  }
  return { status: "completed", usage: figures };
}

function toItem(block: Block, answered: Answered): Fields {
  if (block.type === "thinking") {
    const summary = block.thinking ? [{ type: "summary_text", text: block.thinking }] : [];
    return { id: id("rs"), type: "reasoning", summary, encrypted_content: block.signature };
  }
  if (block.type === "text") {
    const content = [{ type: "output_text", text: block.text, annotations: [], logprobs: [] }];
    return { id: id("msg"), type: "message", status: "completed", role: "assistant", content };
  }
  const call = { status: "completed", call_id: id("call"), name: block.name };
  if (answered.isCustom(block.name)) {
    return { id: id("ctc"), type: "custom_tool_call", ...call, input: (block.input as { input?: string }).input ?? "" };
  }
  return { id: id("fc"), type: "function_call", ...call, arguments: JSON.stringify(block.input) };
}

function opening(item: Fields): Fields {
  const cleared: Record<string, Fields> = {
    message: { content: [], status: "in_progress" },
    function_call: { arguments: "", status: "in_progress" },
    custom_tool_call: { input: "", status: "in_progress" },
    reasoning: { summary: [] },
  };
  return { ...item, ...cleared[String(item.type)] };
}

function deltasOf(block: Block, item: Fields, output_index: number): Fields[] {
  const place = { item_id: item.id, output_index };
  if (block.type === "thinking") return [];
  if (block.type === "text") {
    const part = { ...place, content_index: 0 };
    const empty = { type: "output_text", text: "", annotations: [], logprobs: [] };
    const delta = { type: "response.output_text.delta", ...part, logprobs: [] };
    return [
      { type: "response.content_part.added", ...part, part: empty },
      ...block.pieces.map((piece) => ({ ...delta, delta: piece })),
      { type: "response.output_text.done", ...part, text: block.text, logprobs: [] },
      { type: "response.content_part.done", ...part, part: { ...empty, text: block.text } },
    ];
  }
  if (item.type === "custom_tool_call") {
    const input = String(item.input);
    return [
      { type: "response.custom_tool_call_input.delta", ...place, delta: input },
      { type: "response.custom_tool_call_input.done", ...place, input },
    ];
  }
  const text = String(item.arguments);
  const characters = Array.from(text);
  const middle = Math.floor(characters.length / 2);
  const pieces = [characters.slice(0, middle).join(""), characters.slice(middle).join("")];
  return [
    ...pieces.map((delta) => ({ type: "response.function_call_arguments.delta", ...place, delta })),
    { type: "response.function_call_arguments.done", ...place, name: block.name, arguments: text },
  ];
}
