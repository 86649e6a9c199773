import { familyOf } from "../../../functions/relay/bridges/fit/models.ts";
import type { Language } from "../../../functions/relay/bridges/fit/limits.ts";
import { isObject, type JsonObject, objectOf, objectsOf, parseObject } from "../../../functions/wire/json.ts";

/**
 * What the four providers take, as strict as they are. Shapes follow the request types of @anthropic-ai/sdk 1.12, openai 7.57 and
 * @google/genai 3.1; rules that types do not tell stand beside their document. Each answers with faults in words.
 */
export type Faults = string[];

const textsOf = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);

function only(fields: JsonObject, names: string, place: string): Faults {
  const known = names.split(" ");
  return Object.keys(fields).flatMap((name) => (known.includes(name) ? [] : [`${place}: unknown field ${name}`]));
}

/** Walks every schema within a schema. */
function walk(schema: unknown, see: (schema: JsonObject) => string | undefined): Faults {
  if (Array.isArray(schema)) return schema.flatMap((one) => walk(one, see));
  if (!isObject(schema)) return [];
  const fault = see(schema);
  const inner = ["items", "anyOf", "oneOf", "allOf"].flatMap((name) => walk(schema[name], see));
  const named = ["properties", "$defs"].flatMap((name) =>
    Object.values(objectOf(schema[name])).flatMap((one) => walk(one, see)),
  );
  return [...(fault === undefined ? [] : [fault]), ...inner, ...named];
}

// ---- Anthropic: docs.anthropic.com/en/api/messages, extended thinking, vision, structured outputs --------------------------

const claudeBlocks: Readonly<Record<string, string>> = {
  text: "type text cache_control citations",
  image: "type source cache_control",
  document: "type source title context citations cache_control",
  tool_use: "type id name input cache_control",
  tool_result: "type tool_use_id content is_error cache_control",
  thinking: "type thinking signature",
  redacted_thinking: "type data",
};
const isFresh = (model: string): boolean => familyOf(model)?.name === "Claude from Opus 4.7 on";
const isAdaptive = (model: string): boolean => isFresh(model) || familyOf(model)?.name === "Claude 4.6";

function claude(body: JsonObject, model: string): Faults {
  const messages = objectsOf(body.messages);
  const known =
    "model max_tokens messages system tools tool_choice thinking output_config temperature top_p top_k stop_sequences metadata service_tier stream";
  return [
    ...only(body, known, "body"),
    ...(Number.isInteger(body.max_tokens) ? [] : ["max_tokens: required"]),
    ...(messages.length === 0 ? ["messages: empty"] : []),
    ...(messages[0]?.role === "assistant" ? ["messages: the first is not the user's"] : []),
    ...(isAdaptive(model) && messages.at(-1)?.role === "assistant" ? ["messages: no prefill on this model"] : []),
    ...messages.flatMap((message, index) => claudeTurn(message, messages[index - 1], messages[index + 1])),
    ...claudeSettings(body, model),
    ...objectsOf(body.tools).flatMap((tool) => [
      ...only(tool, "name description input_schema strict cache_control", "tools[]"),
      ...(/^[a-zA-Z0-9_-]{1,128}$/.test(String(tool.name)) ? [] : [`tools[].name ${String(tool.name)}`]),
      ...(objectOf(tool.input_schema).type === "object" ? [] : ["tools[].input_schema.type"]),
      ...["anyOf", "oneOf", "allOf"].flatMap((name) =>
        name in objectOf(tool.input_schema) ? [`input_schema ${name}`] : [],
      ),
    ]),
    ...(JSON.stringify(body).split('"cache_control"').length > 5 ? ["more than four cache_control"] : []),
  ];
}

function claudeTurn(
  { role, content }: JsonObject,
  before: JsonObject | undefined,
  next: JsonObject | undefined,
): Faults {
  const blocks = objectsOf(content);
  const idsIn = (message: JsonObject | undefined, type: string, name: string): string[] =>
    objectsOf(message?.content).flatMap((block) => (block.type === type ? [String(block[name])] : []));
  const calls = idsIn({ content }, "tool_use", "id");
  const answered = idsIn(next, "tool_result", "tool_use_id");
  const results = idsIn({ content }, "tool_result", "tool_use_id");
  const asked = idsIn(before, "tool_use", "id");
  const isFirst = blocks.slice(0, results.length).every(({ type }) => type === "tool_result");
  return [
    ...(role === "user" || role === "assistant" ? [] : [`role ${String(role)}`]),
    ...(role === before?.role ? ["two turns of one role"] : []),
    ...(blocks.length === 0 ? ["a message without content"] : []),
    ...calls.flatMap((id) =>
      answered.filter((one) => one === id).length === 1 ? [] : [`tool_use ${id} without one result`],
    ),
    ...results.flatMap((id) => (asked.includes(id) ? [] : [`tool_result ${id} without a call`])),
    ...(isFirst ? [] : ["tool_result not first"]),
    ...blocks.flatMap((block) => claudeBlock(block, role)),
  ];
}

function claudeBlock(block: JsonObject, role: unknown): Faults {
  const type = String(block.type);
  const source = objectOf(block.source);
  const isIn = (types: string) => types.split(" ").includes(type);
  return [
    ...only(block, claudeBlocks[type] ?? "", type),
    ...(isIn("tool_use thinking redacted_thinking") && role !== "assistant" ? [`${type} of the user`] : []),
    ...(isIn("tool_result image document") && role !== "user" ? [`${type} of the assistant`] : []),
    ...(type === "text" && String(block.text).trim() === "" ? ["blank text"] : []),
    ...(type === "tool_use" && !/^[a-zA-Z0-9_-]+$/.test(String(block.id)) ? [`id ${String(block.id)}`] : []),
    ...(type === "tool_use" && !/^[a-zA-Z0-9_-]{1,128}$/.test(String(block.name)) ? ["name"] : []),
    ...(type === "tool_use" && !isObject(block.input) ? ["input"] : []),
    ...(type === "thinking" && !/^[^.]+$/.test(String(block.signature)) ? ["a signature that is not Claude's"] : []),
    ...(type === "image" && source.type === "base64" && !/^image\/(png|jpeg|gif|webp)$/.test(String(source.media_type))
      ? [`image ${String(source.media_type)}`]
      : []),
    ...(type === "document" && source.type === "base64" && source.media_type !== "application/pdf" ? ["document"] : []),
    ...(type === "tool_result" && Array.isArray(block.content)
      ? objectsOf(block.content).flatMap((inner) => claudeBlock(inner, "user"))
      : []),
  ];
}

function claudeSettings(body: JsonObject, model: string): Faults {
  const { temperature, top_p, top_k } = body;
  const thinking = objectOf(body.thinking);
  const output = objectOf(body.output_config);
  const isForced = ["any", "tool"].includes(String(objectOf(body.tool_choice).type));
  const sampled = [temperature, top_p, top_k].filter((value) => value !== undefined).length;
  const efforts = isFresh(model) ? /^(low|medium|high|xhigh|max)$/ : /^(low|medium|high|max)$/;
  return [
    ...(isFresh(model) && sampled > 0 ? ["sampling on a model without"] : []),
    ...(thinking.type !== undefined && sampled > 0 ? ["sampling while thinking"] : []),
    ...(/4-[56]/.test(model) && temperature !== undefined && top_p !== undefined ? ["temperature and top_p"] : []),
    ...(Number(temperature ?? 0) > 1 ? ["temperature above 1"] : []),
    ...(thinking.type === "enabled" && isAdaptive(model) ? ["thinking.enabled on an adaptive model"] : []),
    ...(thinking.type === "adaptive" && !isAdaptive(model) ? ["thinking.adaptive on an older model"] : []),
    ...(thinking.type === "enabled" && Number(thinking.budget_tokens) >= Number(body.max_tokens) ? ["budget"] : []),
    ...(thinking.type !== undefined && isForced ? ["thinking with a forced tool"] : []),
    ...(output.effort !== undefined && !(isAdaptive(model) && efforts.test(String(output.effort))) ? ["effort"] : []),
    ...walk(objectOf(output.format).schema, (schema) =>
      schema.type === "object" && schema.additionalProperties !== false ? "format: an open object" : undefined,
    ),
    ...textsOf(body.stop_sequences).flatMap((stop) => (stop.trim() === "" ? ["blank stop"] : [])),
    ...(/@/.test(String(objectOf(body.metadata).user_id ?? "")) ? ["user_id is an address"] : []),
  ];
}

// ---- OpenAI: platform.openai.com/docs/api-reference, function calling, and the limits of its OpenAPI text -------------------

const isThinker = (model: string): boolean => /^(gpt-5|gpt-6|o\d)/.test(model) && !/chat/.test(model);

function openaiSchema(schema: unknown, isStrict: unknown): Faults {
  const root = objectOf(schema);
  return [
    ...(root.type === "object" && isObject(root.properties) ? [] : ["schema: no object with properties"]),
    ...["anyOf", "oneOf", "allOf", "enum", "not"].flatMap((name) =>
      name in root ? [`schema: ${name} at the top`] : [],
    ),
    ...walk(root, (one) => {
      if (one.type === "array" && one.items === undefined) return "schema: a list without items";
      if (isStrict !== true || one.type !== "object") return undefined;
      const names = Object.keys(objectOf(one.properties));
      const isClosed =
        one.additionalProperties === false && names.every((name) => textsOf(one.required).includes(name));
      return isClosed ? undefined : "schema: not strict";
    }),
  ];
}

function openaiTool(tool: JsonObject): Faults {
  return [
    ...(/^[a-zA-Z0-9_-]{1,64}$/.test(String(tool.name)) ? [] : [`tool name ${String(tool.name)}`]),
    ...openaiSchema(tool.parameters, tool.strict),
  ];
}

function responses(body: JsonObject, model: string): Faults {
  const items = objectsOf(body.input);
  const called = new Set<unknown>();
  const known =
    "model instructions input max_output_tokens temperature top_p tools tool_choice parallel_tool_calls reasoning text include prompt_cache_key prompt_cache_retention prompt_cache_options safety_identifier service_tier store stream";
  const isSampled = body.temperature !== undefined || body.top_p !== undefined;
  const ids = items.flatMap(({ type, call_id: id }) => (type === "function_call" ? [id] : []));
  const results = items.flatMap(({ type, call_id: id }) => (type === "function_call_output" ? [id] : []));
  return [
    ...only(body, known, "body"),
    ...(items.length === 0 ? ["input: empty"] : []),
    ...items.flatMap((item) => responsesItem(item, called)),
    ...ids.flatMap((id) => (results.includes(id) ? [] : [`no output for ${String(id)}`])),
    ...(new Set(ids).size === ids.length ? [] : ["call_id twice"]),
    ...(isThinker(model) && objectOf(body.reasoning).effort !== "none" && isSampled
      ? ["sampling on a thinking model"]
      : []),
    ...(Number(body.max_output_tokens ?? 16) < 16 ? ["max_output_tokens"] : []),
    ...(String(body.prompt_cache_key ?? "").length > 64 ? ["prompt_cache_key"] : []),
    ...objectsOf(body.tools).flatMap(openaiTool),
  ];
}

function responsesItem(item: JsonObject, called: Set<unknown>): Faults {
  const { type, role, call_id: id } = item;
  const kinds = role === "assistant" ? "output_text" : "input_text input_image input_file";
  const parts = objectsOf(type === "message" ? item.content : item.output);
  const strange = parts.filter((part) => !kinds.split(" ").includes(String(part.type)));
  if (type === "function_call") called.add(id);
  return [
    ...(["message", "function_call", "function_call_output", "reasoning"].includes(String(type))
      ? []
      : [`item ${String(type)}`]),
    ...(type === "message" && !["user", "assistant", "developer"].includes(String(role))
      ? [`role ${String(role)}`]
      : []),
    ...(type === "message" && parts.length === 0 ? ["an empty message"] : []),
    ...strange.map((part) => `part ${String(part.type)}`),
    ...(id !== undefined && (String(id) === "" || String(id).length > 64) ? ["call_id length"] : []),
    ...(type === "function_call" && !parseObject(item.arguments) ? ["arguments"] : []),
    ...(type === "function_call" && !/^[a-zA-Z0-9_-]{1,64}$/.test(String(item.name)) ? ["name"] : []),
    ...(type === "function_call_output" && !called.has(id) ? [`output ${String(id)} before its call`] : []),
    ...(type === "reasoning" && /^\w+\./.test(String(item.encrypted_content)) ? ["reasoning of another provider"] : []),
  ];
}

function chat(body: JsonObject, model: string): Faults {
  let open: string[] = [];
  const known =
    "model messages max_tokens max_completion_tokens temperature top_p top_k seed frequency_penalty presence_penalty stop tools tool_choice parallel_tool_calls reasoning_effort thinking response_format verbosity service_tier prompt_cache_key prompt_cache_retention prompt_cache_options safety_identifier stream stream_options";
  const messages = objectsOf(body.messages);
  const faults = messages.flatMap((message): Faults => {
    const { role } = message;
    if (role === "tool") {
      const id = String(message.tool_call_id);
      const isOpen = open.includes(id);
      open = open.filter((one) => one !== id);
      return [
        ...(isOpen ? [] : [`tool message ${id} without a call`]),
        ...(typeof message.content === "string" ? [] : ["content"]),
      ];
    }
    const left = open.length > 0 ? [`calls without results: ${open.join()}`] : [];
    const calls = objectsOf(message.tool_calls);
    open = calls.map(({ id }) => String(id));
    return [
      ...left,
      ...(["system", "user", "assistant"].includes(String(role)) ? [] : [`role ${String(role)}`]),
      ...(role === "assistant" && message.content === null && calls.length === 0 ? ["nothing said"] : []),
      ...calls.flatMap((call) => (parseObject(objectOf(call.function).arguments) ? [] : ["arguments"])),
      ...(Array.isArray(message.content) && message.content.length === 0 ? ["empty content"] : []),
    ];
  });
  const own = isThinker(model) ? [] : only(body, known.replace(/ verbosity.*safety_identifier/, ""), "a vendor's body");
  return [
    ...only(body, known, "body"),
    ...own,
    ...(messages.length === 0 ? ["messages: empty"] : []),
    ...faults,
    ...(open.length > 0 ? [`calls without results: ${open.join()}`] : []),
    ...(textsOf(body.stop).length > 4 ? ["stop"] : []),
    ...objectsOf(body.tools).flatMap((tool) => openaiTool(objectOf(tool.function))),
    ...(objectOf(objectsOf(body.messages)[0]).role === "tool" ? ["begins with a result"] : []),
  ];
}

// ---- Gemini: ai.google.dev/api/generate-content, function calling, thought signatures ---------------------------------------

function gemini(body: JsonObject, model: string): Faults {
  const contents = objectsOf(body.contents);
  const config = objectOf(body.generationConfig);
  const thinking = objectOf(config.thinkingConfig);
  const isThird = /^gemini-[3-9]/.test(model);
  return [
    ...only(body, "contents systemInstruction tools toolConfig generationConfig", "body"),
    ...(contents.length === 0 ? ["contents: empty"] : []),
    ...(contents[0]?.role === "model" ? ["contents: the model begins"] : []),
    ...contents.flatMap((content, index) => geminiTurn(content, contents[index - 1], contents[index + 1], isThird)),
    ...(isThird && thinking.thinkingBudget !== undefined ? ["a budget on a model with levels"] : []),
    ...(!isThird && thinking.thinkingLevel !== undefined ? ["a level on a model with budgets"] : []),
    ...(textsOf(config.stopSequences).length > 5 ? ["stopSequences"] : []),
    ...(Number(config.maxOutputTokens ?? 1) > 65_536 ? ["maxOutputTokens"] : []),
    ...objectsOf(body.tools).flatMap((tool) =>
      objectsOf(tool.functionDeclarations).flatMap(({ name, parametersJsonSchema: schema }) => [
        ...(/^[a-zA-Z_][a-zA-Z0-9_.:-]{0,63}$/.test(String(name)) ? [] : [`name ${String(name)}`]),
        ...(objectOf(schema).type === "object" ? [] : ["parametersJsonSchema"]),
        ...walk(schema, (one) =>
          "const" in one || "$schema" in one || "not" in one ? "an unknown keyword" : undefined,
        ),
      ]),
    ),
  ];
}

function geminiTurn(
  { role, parts: given }: JsonObject,
  before: JsonObject | undefined,
  next: JsonObject | undefined,
  isThird: boolean,
): Faults {
  const parts = objectsOf(given);
  const namesOf = (value: unknown, field: string): string[] =>
    objectsOf(value).flatMap((part) => (part[field] ? [String(objectOf(part[field]).name)] : []));
  const calls = namesOf(parts, "functionCall");
  const results = namesOf(parts, "functionResponse");
  const first = parts.find(({ functionCall }) => functionCall);
  return [
    ...(role === "user" || role === "model" ? [] : [`role ${String(role)}`]),
    ...(role === before?.role ? ["two turns of one role"] : []),
    ...(parts.length === 0 ? ["no parts"] : []),
    ...parts.flatMap((part) => (part.text === "" || Object.keys(part).length === 0 ? ["an empty part"] : [])),
    ...(calls.join() === namesOf(next?.parts, "functionResponse").join() || calls.length === 0
      ? []
      : ["calls without results"]),
    ...(results.length > 0 && results.join() !== namesOf(before?.parts, "functionCall").join()
      ? ["results without calls"]
      : []),
    ...(isThird && first && first.thoughtSignature === undefined ? ["a call without a signature"] : []),
    ...parts.flatMap(({ thoughtSignature: seal }) =>
      /^(b3BlbmFpL|YW50aHJvcGlj)/.test(String(seal)) ? ["a foreign seal"] : [],
    ),
    ...parts.flatMap(({ inlineData: data }) => (objectOf(data).mimeType === "image/gif" ? ["image/gif"] : [])),
  ];
}

export const validators: Readonly<Record<Language, (body: JsonObject, model: string) => Faults>> = {
  anthropic: claude,
  "openai-responses": responses,
  "openai-chat": chat,
  gemini,
};
