import type { Language } from "../../../functions/relay/bridges/fit/limits.ts";
import type { JsonObject } from "../../../functions/wire/json.ts";

/** A request of one kind, as the clients of a language send it. */
export interface Kind {
  readonly name: string;
  readonly body: JsonObject;
  /** Texts that must arrive, wherever the target language has them. */
  readonly keeps?: readonly string[];
}

export const png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const jpg = "/9j/4AAQSkZJRgABAQEASABIAAD/2wBD";
export const pdf = Buffer.from("%PDF-1.4 small").toString("base64");
const schema = { type: "object", properties: { city: { type: "string" } } };
const longName = `mcp__${"server_".repeat(9)}__read_a_long_name`;

const kind = (name: string, body: JsonObject, ...keeps: string[]): Kind => ({ name, body, keeps });
const user = (content: unknown): JsonObject => ({ role: "user", content });
const assistant = (content: unknown, more: JsonObject = {}): JsonObject => ({ role: "assistant", content, ...more });

// ---- Anthropic Messages -----------------------------------------------------------------------------------------------------

const tool = { name: "look", description: "d", input_schema: schema };
const use = (id: string, name = "look"): JsonObject => ({ type: "tool_use", id, name, input: { city: "Oslo" } });
const told = (id: string, content: unknown = "sunny"): JsonObject => ({
  type: "tool_result",
  tool_use_id: id,
  content,
});
const claude = (messages: readonly JsonObject[], more: JsonObject = {}): JsonObject => ({
  max_tokens: 900,
  messages,
  ...more,
});
const withTools = (messages: readonly JsonObject[], more: JsonObject = {}): JsonObject =>
  claude(messages, { tools: [tool], ...more });
const image = { type: "image", source: { type: "base64", media_type: "image/jpg", data: jpg } };
const paper = {
  type: "document",
  title: "a.pdf",
  source: { type: "base64", media_type: "application/pdf", data: pdf },
};

const anthropic: readonly Kind[] = [
  kind("text", claude([user("hello there")]), "hello there"),
  kind(
    "parallel tools",
    withTools([user("x"), assistant([use("a1"), use("a2")]), user([told("a1", "one"), told("a2", "two")])]),
    "one",
    "two",
  ),
  kind(
    "results out of order, with words before them",
    withTools([
      user("x"),
      assistant([use("a1"), use("a2")]),
      user([{ type: "text", text: "wait" }, told("a2", "two"), told("a1", "one")]),
    ]),
    "one",
    "two",
    "wait",
  ),
  kind("a call without its result", withTools([user("x"), assistant([use("a1")]), user("go on")]), "go on"),
  kind(
    "a result without its call",
    withTools([user("x"), assistant("y"), user([told("gone", "orphan words")])]),
    "orphan words",
  ),
  kind(
    "two calls of one id",
    withTools([
      user("x"),
      assistant([use("a1")]),
      user([told("a1", "one")]),
      assistant([use("a1")]),
      user([told("a1", "two")]),
    ]),
    "one",
    "two",
  ),
  kind(
    "ids of another provider",
    withTools([
      user("x"),
      assistant([use(`functions.look:${"9".repeat(80)}`)]),
      user([told(`functions.look:${"9".repeat(80)}`, "one")]),
    ]),
    "one",
  ),
  kind(
    "a long name of a tool",
    claude([user("x"), assistant([use("a1", longName)]), user([told("a1")])], {
      tools: [{ ...tool, name: longName }],
      tool_choice: { type: "tool", name: longName },
    }),
  ),
  kind(
    "images and files in a result",
    withTools([user("x"), assistant([use("a1")]), user([told("a1", [{ type: "text", text: "seen" }, image, paper])])]),
    "seen",
    jpg,
  ),
  kind(
    "thinking that Claude signed",
    withTools(
      [user("x"), assistant([{ type: "thinking", thinking: "hm", signature: "EqSIG" }, use("a1")]), user([told("a1")])],
      { thinking: { type: "adaptive" } },
    ),
  ),
  kind(
    "thinking of three other providers",
    withTools([
      user("x"),
      assistant([
        { type: "thinking", thinking: "hm", signature: "openai.rs_1.ENC" },
        { type: "thinking", thinking: "", signature: "gemini.c2ln" },
        { type: "redacted_thinking", data: "chat.aG0=" },
        use("a1"),
      ]),
      user([told("a1")]),
    ]),
  ),
  kind(
    "a search that ran at Anthropic",
    claude([
      user("x"),
      assistant([
        { type: "server_tool_use", id: "s", name: "web_search", input: {} },
        { type: "web_search_tool_result", tool_use_id: "s", content: [] },
        { type: "text", text: "found" },
      ]),
      user("more"),
    ]),
    "found",
  ),
  kind(
    "white space beside a call",
    withTools([user("x"), assistant([{ type: "text", text: "\n\n" }, use("a1")]), user([told("a1", "")])]),
  ),
  kind(
    "instructions between the turns",
    claude([
      user("x"),
      { role: "system", content: "be brief" },
      assistant("y"),
      { role: "system", content: "late words" },
      user("z"),
    ]),
    "be brief",
    "late words",
  ),
  kind("an answer that is begun", claude([user("x"), assistant("It is ")]), "It is"),
  kind(
    "what Claude Code sends",
    withTools([user([{ type: "text", text: "hi", cache_control: { type: "ephemeral" } }])], {
      system: [
        { type: "text", text: "x-anthropic-billing-header: cc_version=2.1.332.abc;" },
        { type: "text", text: "You are a coding agent.", cache_control: { type: "ephemeral", ttl: "1h" } },
      ],
      ...{
        max_tokens: 128_000,
        thinking: { type: "adaptive", display: "omitted" },
        output_config: { effort: "xhigh" },
        stream: true,
      },
      ...{
        metadata: { user_id: "{}" },
        context_management: { edits: [] },
        safeguards: [{ type: "dangerous_tool_use" }],
        tags: { team: "a" },
      },
      ...{ diagnostics: { previous_message_id: null } },
    }),
    "You are a coding agent.",
  ),
  kind(
    "thinking and a forced tool",
    withTools([user("x")], {
      thinking: { type: "enabled", budget_tokens: 1_024 },
      max_tokens: 4_000,
      tool_choice: { type: "any" },
    }),
  ),
  kind(
    "sampling and stops",
    claude([user("x")], {
      temperature: 0.4,
      top_p: 0.8,
      top_k: 5,
      stop_sequences: ["END", "STOP", "a", "b", "c", "d"],
    }),
  ),
  kind(
    "structured output",
    claude([user("x")], {
      output_config: {
        format: {
          type: "json_schema",
          schema: {
            type: "object",
            properties: { n: { type: "integer", minimum: 1 } },
            required: ["n"],
            additionalProperties: false,
          },
        },
      },
    }),
  ),
  kind(
    "a schema without properties",
    claude([user("x")], {
      tools: [
        { ...tool, input_schema: { type: "object" } },
        { ...tool, name: "list", input_schema: { type: "object", properties: { all: { type: "array" } } } },
      ],
    }),
  ),
  kind(
    "a choice of schemas at the top",
    claude([user("x")], {
      tools: [
        {
          ...tool,
          input_schema: {
            $schema: "http://json-schema.org/draft-07/schema#",
            type: "object",
            anyOf: [{ properties: { a: { const: 1 } }, required: ["a"] }, { properties: { b: { type: "string" } } }],
          },
        },
      ],
    }),
  ),
];

// ---- OpenAI Chat ------------------------------------------------------------------------------------------------------------

const fn = { type: "function", function: { name: "look", parameters: schema } };
const call = (id: string, args = '{"city":"Oslo"}'): JsonObject => ({
  id,
  type: "function",
  function: { name: "look", arguments: args },
});
const toldChat = (id: string, content: unknown): JsonObject => ({ role: "tool", tool_call_id: id, content });
const dataUrl = (type: string, data: string): string => `data:${type};base64,${data}`;

const chat: readonly Kind[] = [
  kind("text", { messages: [{ role: "system", content: "be kind" }, user("hello there")] }, "be kind", "hello there"),
  kind(
    "parallel tools",
    {
      tools: [fn],
      messages: [
        user("x"),
        assistant(null, { tool_calls: [call("c1"), call("c2")] }),
        toldChat("c1", "one"),
        toldChat("c2", "two"),
      ],
    },
    "one",
    "two",
  ),
  kind(
    "words of the person between results",
    {
      tools: [fn],
      messages: [
        user("x"),
        assistant(null, { tool_calls: [call("c1"), call("c2")] }),
        toldChat("c1", "one"),
        user("look at this"),
        toldChat("c2", "two"),
      ],
    },
    "one",
    "two",
    "look at this",
  ),
  kind(
    "arguments that were cut off",
    {
      tools: [fn],
      messages: [
        user("x"),
        assistant("", { tool_calls: [call("c1", '{"city": "Os')] }),
        toldChat("c1", "bad arguments"),
        user("go on"),
      ],
    },
    "bad arguments",
    "go on",
  ),
  kind(
    "arguments that are a list",
    {
      tools: [fn],
      messages: [user("x"), assistant("", { tool_calls: [call("c1", "[1]")] }), toldChat("c1", "no object")],
    },
    "no object",
  ),
  kind(
    "an image whose type is wrong",
    {
      messages: [
        user([
          { type: "text", text: "see" },
          { type: "image_url", image_url: { url: dataUrl("image/png", jpg), detail: "high" } },
        ]),
      ],
    },
    "see",
    jpg,
  ),
  kind(
    "an image by its address",
    { messages: [user([{ type: "image_url", image_url: { url: "https://example.com/a.png" } }])] },
    "https://example.com/a.png",
  ),
  kind(
    "a file",
    { messages: [user([{ type: "file", file: { filename: "a.pdf", file_data: dataUrl("application/pdf", pdf) } }])] },
    pdf,
  ),
  kind("a text file", {
    messages: [
      user([
        {
          type: "file",
          file: { filename: "a.txt", file_data: dataUrl("text/csv", Buffer.from("a,b").toString("base64")) },
        },
      ]),
    ],
  }),
  kind(
    "thoughts of a vendor",
    {
      tools: [fn],
      messages: [
        user("x"),
        assistant("", { reasoning_content: "hm", tool_calls: [call("c1")] }),
        toldChat("c1", "one"),
      ],
    },
    "one",
  ),
  kind(
    "thoughts that Claude signed",
    {
      tools: [fn],
      reasoning_effort: "high",
      messages: [
        user("x"),
        assistant("", {
          thinking_blocks: [{ type: "thinking", thinking: "hm", signature: "EqSIG" }],
          tool_calls: [call("c1")],
        }),
        toldChat("c1", "one"),
      ],
    },
    "one",
  ),
  kind(
    "instructions late",
    { messages: [user("x"), assistant("y"), { role: "developer", content: "late words" }, user("z")] },
    "late words",
  ),
  kind("sampling", {
    messages: [user("x")],
    temperature: 1.7,
    top_p: 0.5,
    seed: 3,
    frequency_penalty: 0.2,
    presence_penalty: 0.1,
    stop: ["\n", "END"],
  }),
  kind("effort and a forced tool", {
    messages: [user("x")],
    tools: [fn],
    tool_choice: "required",
    reasoning_effort: "high",
    max_completion_tokens: 20_000,
  }),
  kind("structured output", {
    messages: [user("x")],
    response_format: {
      type: "json_schema",
      json_schema: {
        name: "n",
        strict: true,
        schema: {
          type: "object",
          properties: { a: { type: "string", maxLength: 3 } },
          required: ["a"],
          additionalProperties: false,
        },
      },
    },
  }),
  kind("only instructions", { messages: [{ role: "system", content: "say something" }] }, "say something"),
  kind("the assistant begins", { messages: [assistant("welcome"), user("x")] }, "welcome"),
  kind(
    "functions of old",
    {
      messages: [
        user("x"),
        assistant(null, { function_call: { name: "look", arguments: "{}" } }),
        { role: "function", name: "look", content: "one" },
      ],
      functions: [{ name: "look", parameters: schema }],
    },
    "one",
  ),
  kind("a user who is an address", { messages: [user("x")], user: "me@example.com", prompt_cache_key: "k".repeat(90) }),
];

// ---- OpenAI Responses ---------------------------------------------------------------------------------------------------------

const rfn = { type: "function", name: "look", parameters: schema, strict: false };
const item = (role: string, text: string): JsonObject => ({
  type: "message",
  role,
  content: [{ type: role === "assistant" ? "output_text" : "input_text", text }],
});
const fcall = (call_id: string, args = "{}"): JsonObject => ({
  type: "function_call",
  id: `fc_${call_id}`,
  call_id,
  name: "look",
  arguments: args,
});
const fout = (call_id: string, output: unknown = "r"): JsonObject => ({
  type: "function_call_output",
  call_id,
  output,
});
const history = (...items: JsonObject[]): JsonObject => ({
  tools: [rfn],
  input: [item("user", "first"), ...items, item("user", "last words")],
});

const responses: readonly Kind[] = [
  kind("text", { input: "hello there", instructions: "be kind" }, "hello there", "be kind"),
  kind(
    "what Codex sends",
    {
      model: "x",
      instructions: "base",
      store: false,
      stream: true,
      parallel_tool_calls: false,
      tool_choice: "auto",
      include: ["reasoning.encrypted_content"],
      prompt_cache_key: "k",
      client_metadata: { a: "b" },
      reasoning: { effort: "medium", summary: "auto" },
      text: { verbosity: "low" },
      tools: [rfn, { type: "web_search" }, { type: "namespace", name: "agents", description: "d", tools: [rfn] }],
      input: [item("developer", "rules"), item("user", "do it")],
    },
    "rules",
    "do it",
  ),
  kind(
    "Responses Lite: tools within the conversation, and a custom one",
    {
      input: [
        {
          type: "additional_tools",
          role: "developer",
          tools: [
            {
              type: "custom",
              name: "exec",
              description: "JavaScript",
              format: { type: "grammar", syntax: "lark", definition: "start: /.+/" },
            },
          ],
        },
        item("user", "x"),
        { type: "custom_tool_call", call_id: "c1", name: "exec", input: "1+1" },
        { type: "custom_tool_call_output", call_id: "c1", output: "two" },
      ],
    },
    "two",
    "1+1",
  ),
  kind(
    "words between a call and its output",
    history(fcall("c1"), item("user", "steer it"), fout("c1", "done it")),
    "steer it",
    "done it",
  ),
  kind("a call without output", history(fcall("c1")), "last words"),
  kind("arguments that were cut off", history(fcall("c1", '{"a":'), fout("c1", "not run")), "not run"),
  kind(
    "compactions",
    history(
      { type: "compaction", encrypted_content: "E" },
      { type: "compaction_trigger" },
      { type: "context_compaction", encrypted_content: "E" },
    ),
    "last words",
  ),
  kind(
    "calls of Codex's own",
    history(
      { type: "local_shell_call", call_id: "s", action: { command: ["ls"] } },
      { type: "tool_search_call", call_id: "t", arguments: { query: "x" } },
      { type: "tool_search_output", call_id: "t", tools: [] },
    ),
    "last words",
  ),
  kind(
    "what ran at OpenAI",
    history(
      { type: "web_search_call", id: "w", action: {} },
      { type: "image_generation_call", id: "i", result: png },
      { type: "mcp_list_tools", id: "m", tools: [] },
      { type: "mcp_call", id: "mc", name: "n", arguments: "{}", output: "mcp words" },
    ),
    "last words",
  ),
  kind(
    "an item that nobody knows",
    history(
      { type: "something_new", content: "?" },
      { type: "agent_message", content: [{ type: "input_text", text: "agent words" }] },
    ),
    "agent words",
  ),
  kind(
    "reasoning of OpenAI's and of Claude's",
    history(
      { type: "reasoning", id: "rs_1", summary: [], encrypted_content: "gAAA" },
      {
        type: "reasoning",
        id: "rs_2",
        summary: [],
        encrypted_content: `anthropic.${Buffer.from(JSON.stringify({ type: "thinking", thinking: "hm", signature: "EqSIG" })).toString("base64")}`,
      },
      item("assistant", "so"),
    ),
    "so",
  ),
  kind("white space before a call", history(item("assistant", "\n\n"), fcall("c1"), fout("c1", " ")), "last words"),
  kind(
    "images and files in an output",
    history(
      fcall("c1"),
      fout("c1", [
        { type: "input_text", text: "seen" },
        { type: "input_image", image_url: dataUrl("image/jpg", jpg) },
      ]),
    ),
    "seen",
    jpg,
  ),
  kind(
    "bare base64 of a file",
    { input: [{ role: "user", content: [{ type: "input_file", filename: "a.pdf", file_data: pdf }] }] },
    pdf,
  ),
  kind("effort, a forced tool and sampling", {
    ...history(),
    reasoning: { effort: "xhigh" },
    tool_choice: "required",
    temperature: 0.7,
    top_p: 0.9,
    max_output_tokens: 9_000,
  }),
];

// ---- Gemini -------------------------------------------------------------------------------------------------------------------

const turn = (role: string, ...parts: JsonObject[]): JsonObject => ({ role, parts });
const gcall = (name: string, args: JsonObject = {}): JsonObject => ({ functionCall: { name, args } });
const gout = (name: string, output: string): JsonObject => ({ functionResponse: { name, response: { output } } });
const declared = [
  {
    functionDeclarations: [
      { name: "look", parameters: { type: "OBJECT", properties: { city: { type: "STRING", nullable: true } } } },
    ],
  },
];

const gemini: readonly Kind[] = [
  kind(
    "text",
    { contents: [turn("user", { text: "hello there" })], systemInstruction: { parts: [{ text: "be kind" }] } },
    "hello there",
    "be kind",
  ),
  kind(
    "names in the other spelling",
    {
      contents: [turn("user", { text: "x" }, { inline_data: { mime_type: "image/jpeg", data: jpg } })],
      system_instruction: { parts: [{ text: "be kind" }] },
      generation_config: { max_output_tokens: 99 },
    },
    "be kind",
    jpg,
  ),
  kind(
    "two calls of one function",
    {
      tools: declared,
      contents: [
        turn("user", { text: "x" }),
        turn(
          "model",
          { ...gcall("look", { city: "Oslo" }), thoughtSignature: "c2ln" },
          gcall("look", { city: "Rome" }),
        ),
        turn("user", gout("look", "one"), gout("look", "two")),
      ],
    },
    "one",
    "two",
    "Oslo",
  ),
  kind(
    "a call without its result",
    {
      tools: declared,
      contents: [turn("user", { text: "x" }), turn("model", gcall("look")), turn("user", { text: "go on" })],
    },
    "go on",
  ),
  kind(
    "a seal of Claude's",
    {
      tools: declared,
      contents: [
        turn("user", { text: "x" }),
        turn("model", {
          ...gcall("look"),
          thoughtSignature: Buffer.from(
            `anthropic.${Buffer.from(JSON.stringify({ type: "thinking", thinking: "hm", signature: "EqSIG" })).toString("base64")}`,
          ).toString("base64"),
        }),
        turn("user", gout("look", "one")),
      ],
    },
    "one",
  ),
  kind(
    "thoughts of Gemini's",
    {
      contents: [
        turn("user", { text: "x" }),
        turn("model", { text: "hm", thought: true }, { text: "so", thoughtSignature: "c2ln" }),
        turn("user", { text: "z" }),
      ],
    },
    "so",
  ),
  kind(
    "code that ran at Google",
    {
      contents: [
        turn("user", { text: "x" }),
        turn(
          "model",
          { executableCode: { language: "PYTHON", code: "print(1)" } },
          { codeExecutionResult: { outcome: "OUTCOME_OK", output: "1" } },
        ),
        turn("user", { text: "z" }),
      ],
    },
    "print(1)",
  ),
  kind("a budget and a forced function", {
    tools: declared,
    toolConfig: { functionCallingConfig: { mode: "ANY", allowedFunctionNames: ["look"] } },
    contents: [turn("user", { text: "x" })],
    generationConfig: { thinkingConfig: { thinkingBudget: 4_096, includeThoughts: true }, maxOutputTokens: 9_000 },
  }),
  kind("sampling and a schema", {
    contents: [turn("user", { text: "x" })],
    generationConfig: {
      temperature: 1.8,
      topP: 0.9,
      topK: 40,
      seed: 1,
      stopSequences: ["END"],
      responseMimeType: "application/json",
      responseSchema: { type: "OBJECT", properties: { a: { type: "STRING" } }, required: ["a"] },
    },
  }),
  kind("thinking off", {
    contents: [turn("user", { text: "x" })],
    generationConfig: { thinkingConfig: { thinkingBudget: 0 } },
  }),
  kind("the model begins", { contents: [turn("model", { text: "welcome" }), turn("user", { text: "x" })] }, "welcome"),
];

export const conversations: Readonly<Record<Language, readonly Kind[]>> = {
  anthropic,
  "openai-chat": chat,
  "openai-responses": responses,
  gemini,
};
