import type { JsonObject } from "../../../functions/wire/json.ts";

/**
 * Answers as the four providers give them, each streamed and whole. Events and fields follow the types of @anthropic-ai/sdk,
 * openai and @google/genai, and the quirks are those of vendors that speak the same languages.
 */
export interface Spoken {
  readonly name: string;
  readonly events: readonly JsonObject[];
  /** Absent where the quirk is one of streams. */
  readonly whole?: JsonObject | undefined;
  readonly says: Says;
}

/** What the answer says, in no provider's language. */
export interface Says {
  readonly text: string;
  readonly thought?: string;
  readonly calls?: readonly { readonly name: string; readonly input: JsonObject | undefined }[];
  readonly finish: "stop" | "stop-sequence" | "tool-calls" | "length" | "refusal";
  readonly usage: Figures;
}

export interface Figures {
  readonly input: number;
  readonly cached: number;
  readonly written: number;
  readonly output: number;
  readonly thinking: number;
}

const figures: Figures = { input: 60, cached: 40, written: 0, output: 20, thinking: 5 };
const paris = '{"city":"Paris"}';
const oslo = '{"city":"Oslo"}';
const calls = [
  { name: "weather", input: { city: "Paris" } },
  { name: "weather", input: { city: "Oslo" } },
];

// ---- Anthropic ------------------------------------------------------------------------------------------------------------

const claudeUsage = {
  ...{ input_tokens: 60, cache_read_input_tokens: 40, cache_creation_input_tokens: 0 },
  ...{ output_tokens: 20, output_tokens_details: { thinking_tokens: 5 }, service_tier: "standard" },
};

type Block = readonly [start: JsonObject, deltas: readonly JsonObject[], whole: JsonObject];

function claude(name: string, blocks: readonly Block[], says: Omit<Says, "usage">, end: JsonObject): Spoken {
  const head = { id: "msg_1", type: "message", role: "assistant", model: "claude-opus-5-5" };
  const opened = { ...head, content: [], stop_reason: null, stop_sequence: null };
  const started = { ...claudeUsage, output_tokens: 1, output_tokens_details: null };
  const told = blocks.flatMap(([content_block, deltas], index) => [
    { type: "content_block_start", index, content_block },
    { type: "ping" },
    ...deltas.map((delta) => ({ type: "content_block_delta", index, delta })),
    { type: "content_block_stop", index },
  ]);
  const delta = { stop_sequence: null, ...end };
  // Figures that are null were told before.
  const usage = { ...claudeUsage, input_tokens: null, cache_read_input_tokens: null };
  return {
    name: `Claude: ${name}`,
    events: [
      { type: "message_start", message: { ...opened, usage: started } },
      ...told,
      { type: "message_delta", delta, usage },
      { type: "message_stop" },
    ],
    whole: { ...head, content: blocks.map(([, , whole]) => whole), ...delta, usage: claudeUsage },
    says: { ...says, usage: figures },
  };
}

const text = (value: string): Block => [
  { type: "text", text: "" },
  [...value].map((letter) => ({ type: "text_delta", text: letter })),
  { type: "text", text: value },
];
const thinking = (value: string): Block => [
  { type: "thinking", thinking: "", signature: "" },
  [
    { type: "thinking_delta", thinking: value },
    { type: "signature_delta", signature: "c2ln" },
  ],
  { type: "thinking", thinking: value, signature: "c2ln" },
];
const use = (id: string, json: string): Block => [
  { type: "tool_use", id, name: "weather", input: {} },
  [
    { type: "input_json_delta", partial_json: "" },
    ...[...json].map((piece) => ({ type: "input_json_delta", partial_json: piece })),
  ],
  { type: "tool_use", id, name: "weather", input: JSON.parse(json) as JsonObject },
];

export const claudeAnswers: readonly Spoken[] = [
  claude("text", [text("Grüße 👋")], { text: "Grüße 👋", finish: "stop" }, { stop_reason: "end_turn" }),
  claude(
    "text that begins in its block's start",
    [[{ type: "text", text: "Hel" }, [{ type: "text_delta", text: "lo" }], { type: "text", text: "Hello" }]],
    { text: "Hello", finish: "stop" },
    { stop_reason: "end_turn" },
  ),
  claude(
    "thinking, text and two calls",
    [thinking("Let me see."), text("Looking."), use("toolu_1", paris), use("toolu_2", oslo)],
    { text: "Looking.", thought: "Let me see.", calls, finish: "tool-calls" },
    { stop_reason: "tool_use" },
  ),
  claude(
    "redacted thinking",
    [[{ type: "redacted_thinking", data: "ZW5j" }, [], { type: "redacted_thinking", data: "ZW5j" }], text("ok")],
    { text: "ok", finish: "stop" },
    { stop_reason: "end_turn" },
  ),
  claude(
    "a call without input",
    [
      [
        { type: "tool_use", id: "toolu_1", name: "now", input: {} },
        [],
        { type: "tool_use", id: "toolu_1", name: "now", input: {} },
      ],
    ],
    { text: "", calls: [{ name: "now", input: {} }], finish: "tool-calls" },
    { stop_reason: "tool_use" },
  ),
  {
    ...claude(
      "a call that was cut off",
      [
        [
          { type: "tool_use", id: "toolu_1", name: "weather", input: {} },
          [{ type: "input_json_delta", partial_json: '{"ci' }],
          {},
        ],
      ],
      { text: "", calls: [{ name: "weather", input: undefined }], finish: "length" },
      { stop_reason: "max_tokens" },
    ),
    whole: undefined,
  },
  claude("a refusal", [text("No.")], { text: "No.", finish: "refusal" }, { stop_reason: "refusal" }),
  claude(
    "a stop sequence",
    [text("one, ")],
    { text: "one, ", finish: "stop-sequence" },
    { stop_reason: "stop_sequence", stop_sequence: "two" },
  ),
];

// ---- OpenAI Responses -------------------------------------------------------------------------------------------------------

const responsesUsage = {
  ...{ input_tokens: 100, input_tokens_details: { cached_tokens: 40 } },
  ...{ output_tokens: 20, output_tokens_details: { reasoning_tokens: 5 }, total_tokens: 120 },
};

function gpt(
  name: string,
  events: readonly JsonObject[],
  output: readonly JsonObject[] | undefined,
  says: Omit<Says, "usage">,
  end: JsonObject = { status: "completed" },
): Spoken {
  const head = { id: "resp_1", object: "response", created_at: 1, model: "gpt-6", error: null };
  const whole = { ...head, incomplete_details: null, ...end, output: output ?? [], usage: responsesUsage };
  const all = [
    { type: "response.created", response: { ...head, status: "in_progress", output: [] } },
    { type: "response.in_progress", response: { ...head, status: "in_progress", output: [] } },
    ...events,
    { type: `response.${String(end.status)}`, response: whole },
  ];
  return {
    name: `GPT: ${name}`,
    events: all.map((event, sequence_number) => ({ ...event, sequence_number })),
    whole: output && whole,
    says: { ...says, usage: figures },
  };
}

const messageItem = (value: string) => ({
  ...{ id: "msg_1", type: "message", status: "completed", role: "assistant" },
  content: [{ type: "output_text", text: value, annotations: [], logprobs: [] }],
});
const messageEvents = (value: string, output_index = 0): JsonObject[] => [
  {
    type: "response.output_item.added",
    output_index,
    item: { ...messageItem(value), status: "in_progress", content: [] },
  },
  {
    type: "response.content_part.added",
    item_id: "msg_1",
    output_index,
    content_index: 0,
    part: { type: "output_text", text: "" },
  },
  ...[...value].map((delta) => ({
    type: "response.output_text.delta",
    item_id: "msg_1",
    output_index,
    content_index: 0,
    delta,
  })),
  { type: "response.output_text.done", item_id: "msg_1", output_index, content_index: 0, text: value },
  {
    type: "response.content_part.done",
    item_id: "msg_1",
    output_index,
    content_index: 0,
    part: messageItem(value).content[0],
  },
  { type: "response.output_item.done", output_index, item: messageItem(value) },
];
const callItem = (at: number, args: string, status = "completed") => ({
  ...{ id: `fc_${at}`, type: "function_call", call_id: `call_${at}`, name: "weather", arguments: args, status },
});
const added = (output_index: number, item: JsonObject) => ({ type: "response.output_item.added", output_index, item });
const done = (output_index: number, item: JsonObject) => ({ type: "response.output_item.done", output_index, item });
const args = (at: number, delta: string, output_index = at) => ({
  ...{ type: "response.function_call_arguments.delta", item_id: `fc_${at}`, output_index, delta },
});
const reasoning = {
  ...{ id: "rs_1", type: "reasoning", encrypted_content: "gAAA" },
  summary: [
    { type: "summary_text", text: "First." },
    { type: "summary_text", text: "Then." },
  ],
};
const refusal = { ...messageItem(""), content: [{ type: "refusal", refusal: "No." }] };

export const gptAnswers: readonly Spoken[] = [
  gpt("text", messageEvents("Grüße 👋"), [messageItem("Grüße 👋")], { text: "Grüße 👋", finish: "stop" }),
  gpt(
    "reasoning in two summaries, then two calls by turns",
    [
      added(0, { ...reasoning, summary: [], encrypted_content: "" }),
      {
        type: "response.reasoning_summary_text.delta",
        item_id: "rs_1",
        output_index: 0,
        summary_index: 0,
        delta: "First.",
      },
      { type: "response.reasoning_summary_part.added", item_id: "rs_1", output_index: 0, summary_index: 1 },
      {
        type: "response.reasoning_summary_text.delta",
        item_id: "rs_1",
        output_index: 0,
        summary_index: 1,
        delta: "Then.",
      },
      done(0, reasoning),
      added(1, callItem(1, "", "in_progress")),
      added(2, callItem(2, "", "in_progress")),
      ...[args(1, paris.slice(0, 5)), args(2, oslo.slice(0, 3)), args(1, paris.slice(5)), args(2, oslo.slice(3))],
      done(2, callItem(2, oslo)),
      done(1, callItem(1, paris)),
    ],
    [reasoning, callItem(1, paris), callItem(2, oslo)],
    { text: "", thought: "First.\n\nThen.", calls, finish: "tool-calls" },
  ),
  gpt(
    "items that are told only when they are done",
    [done(0, messageItem("Hello")), done(1, callItem(1, paris)), done(2, callItem(2, oslo))],
    undefined,
    { text: "Hello", calls, finish: "tool-calls" },
  ),
  gpt("items that only the last event has", [], [messageItem("Hello"), callItem(1, paris), callItem(2, oslo)], {
    ...{ text: "Hello", calls, finish: "tool-calls" },
  }),
  gpt(
    "deltas without a place, under an id that changed",
    [
      added(0, callItem(1, "", "in_progress")),
      { type: "response.function_call_arguments.delta", item_id: "other", delta: paris },
      done(0, { ...callItem(1, paris), id: "fc_x" }),
      added(1, callItem(2, "", "in_progress")),
      done(1, callItem(2, oslo)),
    ],
    undefined,
    { text: "", calls, finish: "tool-calls" },
  ),
  gpt(
    "a refusal",
    [
      added(0, { ...refusal, content: [] }),
      {
        type: "response.content_part.added",
        item_id: "msg_1",
        output_index: 0,
        content_index: 0,
        part: { type: "refusal", refusal: "" },
      },
      { type: "response.refusal.delta", item_id: "msg_1", output_index: 0, content_index: 0, delta: "No." },
      done(0, refusal),
    ],
    [refusal],
    { text: "No.", finish: "refusal" },
  ),
  gpt(
    "a call that was cut off",
    [added(0, callItem(1, "", "in_progress")), args(1, '{"ci', 0), done(0, callItem(1, '{"ci', "incomplete"))],
    [callItem(1, '{"ci', "incomplete")],
    { text: "", calls: [{ name: "weather", input: undefined }], finish: "length" },
    { status: "incomplete", incomplete_details: { reason: "max_output_tokens" } },
  ),
];

// ---- OpenAI Chat ------------------------------------------------------------------------------------------------------------

const chatUsage = {
  ...{ prompt_tokens: 100, completion_tokens: 20, total_tokens: 120 },
  prompt_tokens_details: { cached_tokens: 40 },
  completion_tokens_details: { reasoning_tokens: 5 },
};

function vendor(
  name: string,
  deltas: readonly JsonObject[],
  message: JsonObject | undefined,
  says: Omit<Says, "usage">,
  finish_reason: string,
): Spoken {
  const head = { id: "chatcmpl-1", created: 1, model: "kimi-k3" };
  const chunk = (choices: readonly JsonObject[], usage: JsonObject | null = null) => ({
    ...{ ...head, object: "chat.completion.chunk", choices, usage },
  });
  return {
    name: `Chat: ${name}`,
    events: [
      chunk([{ index: 0, delta: { role: "assistant", content: "" }, finish_reason: null }]),
      ...deltas.map((delta) => chunk([{ index: 0, delta, finish_reason: null }])),
      chunk([{ index: 0, delta: {}, finish_reason }]),
      chunk([], chatUsage),
    ],
    whole: message && {
      ...{ ...head, object: "chat.completion", usage: chatUsage },
      choices: [{ index: 0, message: { role: "assistant", content: null, ...message }, finish_reason }],
    },
    says: { ...says, usage: figures },
  };
}

const called = (index: number, id: string, json: string) => ({
  index,
  id,
  type: "function",
  function: { name: "weather", arguments: json },
});
const more = (index: number, json: string) => ({ index, function: { arguments: json } });
const bothCalls = [called(0, "call_1", paris), called(1, "call_2", oslo)];

export const chatAnswers: readonly Spoken[] = [
  vendor(
    "text",
    [..."Grüße 👋"].map((content) => ({ content })),
    { content: "Grüße 👋" },
    { text: "Grüße 👋", finish: "stop" },
    "stop",
  ),
  vendor(
    "reasoning_content, text, two calls by turns",
    [
      { reasoning_content: "Let me " },
      { reasoning_content: "see." },
      { content: "Looking." },
      { tool_calls: [called(0, "call_1", "")] },
      { tool_calls: [called(1, "call_2", ""), more(0, paris.slice(0, 4))] },
      { tool_calls: [more(1, oslo.slice(0, 6))] },
      { tool_calls: [more(0, paris.slice(4)), more(1, oslo.slice(6))] },
    ],
    { reasoning_content: "Let me see.", content: "Looking.", tool_calls: bothCalls },
    { text: "Looking.", thought: "Let me see.", calls, finish: "tool-calls" },
    "tool_calls",
  ),
  vendor(
    "whole calls without an index, ended as if there were none",
    [
      { tool_calls: [{ ...called(0, "call_1", paris), index: undefined }] },
      { tool_calls: [{ ...called(0, "call_2", oslo), index: undefined }] },
    ],
    undefined,
    { text: "", calls, finish: "tool-calls" },
    "stop",
  ),
  vendor(
    "every call at index 0, arguments as an object",
    [
      { tool_calls: [{ ...called(0, "call_1", ""), function: { name: "weather", arguments: { city: "Paris" } } }] },
      { tool_calls: [called(0, "call_2", oslo)] },
    ],
    undefined,
    { text: "", calls, finish: "tool-calls" },
    "tool_calls",
  ),
  vendor(
    "content in parts",
    [
      { content: [{ type: "thinking", thinking: [{ type: "text", text: "Let me see." }] }] },
      { content: [{ type: "text", text: "Hello" }] },
    ],
    {
      content: [
        { type: "thinking", thinking: [{ type: "text", text: "Let me see." }] },
        { type: "text", text: "Hello" },
      ],
    },
    { text: "Hello", thought: "Let me see.", finish: "stop" },
    "stop",
  ),
  vendor("a refusal", [{ refusal: "No." }], { refusal: "No." }, { text: "No.", finish: "refusal" }, "content_filter"),
  vendor(
    "a call that was cut off",
    [{ tool_calls: [called(0, "call_1", '{"ci')] }],
    { tool_calls: [called(0, "call_1", '{"ci')] },
    { text: "", calls: [{ name: "weather", input: undefined }], finish: "length" },
    "length",
  ),
];

// ---- Gemini -----------------------------------------------------------------------------------------------------------------

const geminiUsage = {
  ...{ promptTokenCount: 100, cachedContentTokenCount: 40, candidatesTokenCount: 15, thoughtsTokenCount: 5 },
  totalTokenCount: 120,
};

function google(name: string, parts: readonly JsonObject[], says: Omit<Says, "usage">, finishReason = "STOP"): Spoken {
  const head = { modelVersion: "gemini-3-pro", responseId: "r1" };
  const early = { promptTokenCount: 100, totalTokenCount: 100 };
  return {
    name: `Gemini: ${name}`,
    events: [
      ...parts.map((part) => ({
        ...{ candidates: [{ content: { role: "model", parts: [part] }, index: 0 }], usageMetadata: early, ...head },
      })),
      {
        candidates: [{ content: { role: "model", parts: [{ text: "" }] }, finishReason, index: 0 }],
        usageMetadata: geminiUsage,
        ...head,
      },
    ],
    whole: {
      candidates: [{ content: { role: "model", parts }, finishReason, index: 0 }],
      usageMetadata: geminiUsage,
      ...head,
    },
    says: { ...says, usage: figures },
  };
}

const functionCall = (city: string, rest: JsonObject = {}) => ({
  functionCall: { name: "weather", args: { city } },
  ...rest,
});

export const geminiAnswers: readonly Spoken[] = [
  google("text", [{ text: "Grüße " }, { text: "👋" }], { text: "Grüße 👋", finish: "stop" }),
  google(
    "thoughts, text, two calls of which the first is signed",
    [
      { text: "Let me see.", thought: true },
      { text: "Looking." },
      functionCall("Paris", { thoughtSignature: "c2ln" }),
      functionCall("Oslo"),
    ],
    { text: "Looking.", thought: "Let me see.", calls, finish: "tool-calls" },
  ),
  google("a filtered answer", [{ text: "No." }], { text: "No.", finish: "refusal" }, "SAFETY"),
  google("an answer cut by its bound", [{ text: "Once upon" }], { text: "Once upon", finish: "length" }, "MAX_TOKENS"),
  {
    ...google("a prompt that is refused", [], { text: "", finish: "refusal" }),
    events: [
      {
        promptFeedback: { blockReason: "PROHIBITED_CONTENT" },
        usageMetadata: geminiUsage,
        modelVersion: "gemini-3-pro",
      },
    ],
    whole: {
      promptFeedback: { blockReason: "PROHIBITED_CONTENT" },
      usageMetadata: geminiUsage,
      modelVersion: "gemini-3-pro",
    },
  },
];
