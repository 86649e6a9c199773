import { describe, expect, test } from "vitest";
import { direction } from "./bridge.ts";
type Bridge = ReturnType<typeof direction>;
import { anthropicDialect } from "../../functions/relay/dialects/anthropic/anthropic.ts";
import type { Dialect } from "../../functions/relay/dialects/dialect.ts";
import { openaiChatDialect } from "../../functions/relay/dialects/openai/chat.ts";
import { openaiResponsesDialect } from "../../functions/relay/dialects/openai/responses.ts";
import { Failure } from "../../functions/failure.ts";
import { buildRequest } from "../rig.ts";
import { everyField, type Field } from "./fields.ts";
import type { JsonObject } from "../../functions/wire/json.ts";

/** Not demanded by the types, since a file may be named by its id or address, too. */
const always = ["image_url", "file_data"];

/** A source language: its official SDK's request, and what a request must hold so that one field more makes sense. */
interface Source {
  readonly dialect: Dialect;
  readonly path: string;
  readonly file: string;
  readonly name: string;
  /** Values for fields by name, where not any text will do. */
  readonly samples: JsonObject;
  surround(body: JsonObject): JsonObject;
}

const listed = (value: unknown): JsonObject[] => (Array.isArray(value) ? (value as JsonObject[]) : []);
const schema = { type: "object", properties: { a: { type: "string" } } };
const png = "data:image/png;base64,iVBORw0KGgo=";

const chatTool = { type: "function", function: { name: "look", parameters: schema } };
const chat: Source = {
  ...{ dialect: openaiChatDialect, path: "/v1/chat/completions" },
  ...{ file: "openai/resources/chat/completions/completions.d.ts", name: "ChatCompletionCreateParamsBase" },
  samples: {
    ...{ model: "any-model", arguments: '{"a":1}', url: png, file_data: png, data: "iVBORw0KGgo=", id: "call-1" },
    ...{ tool_call_id: "call-1", parameters: schema, schema },
  },
  surround: ({ messages, tools, ...rest }) => {
    const call = { id: "call-1", type: "function", function: { name: "look", arguments: "{}" } };
    const before = [
      { role: "user", content: "x" },
      { role: "assistant", tool_calls: [call] },
    ];
    const result = { role: "tool", tool_call_id: "call-1", content: "y" };
    const given = listed(messages);
    const isResult = given[0]?.role === "tool";
    return {
      ...rest,
      messages: [...before, ...(isResult ? [] : [result]), ...given],
      tools: [chatTool, ...listed(tools)],
    };
  },
};

const responses: Source = {
  ...{ dialect: openaiResponsesDialect, path: "/v1/responses" },
  ...{ file: "openai/resources/responses/responses.d.ts", name: "ResponseCreateParamsBase" },
  samples: {
    ...{
      model: "any-model",
      arguments: '{"a":1}',
      image_url: png,
      file_data: png,
      file_url: "https://example.com/a.pdf",
    },
    ...{ parameters: schema, schema, encrypted_content: "of another model" },
  },
  surround: ({ input, tools, ...rest }) => {
    const given = typeof input === "string" ? [{ role: "user", content: input }] : listed(input);
    const tool = { type: "function", name: "look", parameters: schema };
    return { ...rest, input: [{ role: "user", content: "x" }, ...given], tools: [tool, ...listed(tools)] };
  },
};

const anthropicTool = { name: "look", input_schema: schema };
const messages: Source = {
  ...{ dialect: anthropicDialect, path: "/v1/messages" },
  ...{ file: "@anthropic-ai/sdk/resources/messages/messages.d.ts", name: "MessageCreateParamsBase" },
  samples: {
    ...{ model: "any-model", data: "iVBORw0KGgo=", url: "https://example.com/a.png", id: "toolu_1", input: { a: 1 } },
    ...{ tool_use_id: "toolu_1", input_schema: schema, schema, max_tokens: 4_000, budget_tokens: 2_000 },
    signature: "of another model",
  },
  surround: ({ messages: asked, tools, ...rest }) => {
    const use = { type: "tool_use", id: "toolu_1", name: "look", input: {} };
    const before = [
      { role: "user", content: "x" },
      { role: "assistant", content: [use] },
    ];
    return { ...rest, messages: [...before, ...listed(asked)], tools: [anthropicTool, ...listed(tools)] };
  },
};

interface Said {
  readonly body: string;
  readonly rules: readonly string[];
  readonly refusal: string | undefined;
}

function say(bridge: Bridge, source: Source, body: JsonObject, model: string): Said {
  const bytes = Buffer.from(JSON.stringify(source.surround({ model: "any-model", ...body })));
  try {
    const call = source.dialect.read(buildRequest({ path: source.path }), bytes);
    const said = bridge.request({ ...call, model });
    return { body: `${said.target} ${said.body.toString("utf8")}`, rules: said.rules, refusal: undefined };
  } catch (error) {
    if (!(error instanceof Failure) || error.status !== 400) throw error;
    return { body: "", rules: [], refusal: error.message };
  }
}

/** Names and kinds on the way to a field: a rule or refusal must say one of them, and not just a kind of message. */
function namesOf(path: string): string[] {
  const names = path
    .split(/[.[\]=]+/)
    .filter((name) => name !== "" && !/^(type|role|messages|input|content)$/.test(name));
  return names;
}

/** What has become of a field: `dropped` if it is nowhere to be found. */
function fateOf(field: Field, bridge: Bridge, source: Source, model: string): string {
  const said = say(bridge, source, field.value, model);
  const names = namesOf(field.path);
  const isNamedIn = (text: string) => names.some((name) => text.includes(name));
  if (said.refusal !== undefined)
    return isNamedIn(said.refusal) ? "refused" : `refused without its name: ${said.refusal}`;
  if (field.mark !== undefined && said.body.includes(field.mark)) return "carried";
  // Text that must be there and is not is lost, whatever else has changed.
  const isLost = field.mark !== undefined && field.without === undefined;
  const before = say(bridge, source, field.without ?? {}, model);
  if (!isLost && (before.refusal !== undefined || before.body !== said.body)) return "carried";
  const plain = say(bridge, source, {}, model).rules;
  return said.rules.some((rule) => !plain.includes(rule) && isNamedIn(rule)) ? "named" : "dropped";
}

/** Values that ask for nothing: what is so anyway, what the answer shows, and what has been read before a bridge is chosen. */
const asksNothing = [
  ...["model", "stream=false", "stream_options.include_usage=true", "stream_options.include_usage=false", "logit_bias"],
  ...["logprobs=false", "modalities[]=text", "parallel_tool_calls=true", "service_tier=auto", "background=false"],
  ...[
    "store=false",
    "include[]=reasoning.encrypted_content",
    "prompt_cache_options.mode=explicit",
    "prompt_cache_options.mode=implicit",
  ],
  ...[
    "thinking[type=adaptive].display=summarized",
    "thinking[type=enabled].display=summarized",
    "tools[][type=custom].allowed_callers[]=direct",
  ],
  "response_format[type=json_schema].json_schema.strict=true",
  "text.format[type=json_schema].strict=true",
];
/** What is off by default, and five minutes, the cache time that is meant where none is said. */
const ends =
  /(detail=auto|(citations\.enabled|is_error|disable_parallel_tool_use|strict)=false|output_config\.effort=low|cache_control\.ttl=5m)$/;

const crossings = [
  ["Chat on Claude", "openai-chat", "anthropic", chat, "claude-sonnet-4-5"],
  ["Chat on a later Claude", "openai-chat", "anthropic", chat, "claude-opus-5-5"],
  ["Chat on Gemini 3", "openai-chat", "gemini", chat, "gemini-3-pro"],
  ["Chat on Gemini 2.5", "openai-chat", "gemini", chat, "gemini-2.5-flash"],
  ["Chat on Responses", "openai-chat", "openai-responses", chat, "gpt-5.5-pro"],
  ["Responses on Claude", "openai-responses", "anthropic", responses, "claude-sonnet-4-5"],
  ["Responses on a later Claude", "openai-responses", "anthropic", responses, "claude-opus-5-5"],
  ["Responses on Chat", "openai-responses", "openai-chat", responses, "deepseek-v4-pro"],
  ["Responses on Gemini 3", "openai-responses", "gemini", responses, "gemini-3-pro"],
  ["Anthropic on OpenAI", "anthropic", "openai-responses", messages, "gpt-5.5"],
  ["Anthropic on a later OpenAI", "anthropic", "openai-responses", messages, "gpt-5.6-sol"],
  ["Anthropic on Chat", "anthropic", "openai-chat", messages, "kimi-k3"],
  ["Anthropic on Gemini 3", "anthropic", "gemini", messages, "gemini-3-pro"],
  ["Anthropic on Gemini 2.5", "anthropic", "gemini", messages, "gemini-2.5-flash"],
] as const;

const known = new Map<Source, Field[]>();

/** Reading the types takes seconds. What kind of thing it is, is said by what it holds. */
function fieldsOf(source: Source): Field[] {
  const { file, name, samples } = source;
  const found =
    known.get(source) ?? everyField(file, name, samples, always).filter(({ path }) => !/\.(type|role)$/.test(path));
  known.set(source, found);
  return found;
}

describe.each(crossings)("%s", (_name, from, to, source, model) => {
  const bridge = direction(from, to);
  test("says, names or refuses every field that the official SDK's types have", { timeout: 60_000 }, () => {
    const fields = fieldsOf(source);
    expect(fields.length).toBeGreaterThan(100);
    const lost = fields.flatMap((field) => {
      if (asksNothing.includes(field.path) || ends.test(field.path)) return [];
      const fate = fateOf(field, bridge, source, model);
      return ["carried", "named", "refused"].includes(fate) ? [] : [`${field.path}: ${fate}`];
    });
    expect(lost).toEqual([]);
  });
});
