import Anthropic from "@anthropic-ai/sdk";
import { GoogleGenAI } from "@google/genai";
import OpenAI from "openai";
import type { JsonObject } from "../../../functions/wire/json.ts";
import { objectOf, objectsOf, parseObject, textOf } from "../../../functions/wire/json.ts";
import type { Figures, Says } from "./upstreams.ts";

export type Client = "anthropic" | "openai-responses" | "openai-chat" | "gemini";

/** What the official SDK of a client's language makes of an answer, read back into no provider's language. */
export interface ClientReader {
  /** The helper that adds a stream up, which throws at what it does not understand. */
  streamed(bytes: Uint8Array): Promise<JsonObject>;
  says(answer: JsonObject): Says;
}

const answering = (bytes: Uint8Array) => () =>
  Promise.resolve(new Response(Buffer.from(bytes), { headers: { "content-type": "text/event-stream" } }));
const settings = (bytes: Uint8Array) => ({
  apiKey: "x",
  baseURL: "http://relay.test",
  maxRetries: 0,
  fetch: answering(bytes),
});
const plain = (value: unknown): JsonObject => JSON.parse(JSON.stringify(value)) as JsonObject;
const join = (list: JsonObject[], name: string): string => list.map((one) => textOf(one[name]) ?? "").join("");

const ends: Readonly<Record<string, Says["finish"]>> = {
  ...{
    end_turn: "stop",
    stop_sequence: "stop-sequence",
    tool_use: "tool-calls",
    max_tokens: "length",
    refusal: "refusal",
  },
  ...{ stop: "stop", tool_calls: "tool-calls", length: "length", content_filter: "refusal" },
  ...{ STOP: "stop", MAX_TOKENS: "length", SAFETY: "refusal", max_output_tokens: "length" },
};
const endOf = (reason: unknown): Says["finish"] => ends[String(reason)] ?? "stop";
const count = (value: unknown): number => Number(value ?? 0);

function saysOpenai(usage: JsonObject): Figures {
  const input = objectOf(usage.input_tokens_details ?? usage.prompt_tokens_details);
  const output = objectOf(usage.output_tokens_details ?? usage.completion_tokens_details);
  const [cached, written] = [count(input.cached_tokens), count(input.cache_write_tokens)];
  return {
    ...{ input: count(usage.input_tokens ?? usage.prompt_tokens) - cached - written, cached, written },
    ...{ output: count(usage.output_tokens ?? usage.completion_tokens), thinking: count(output.reasoning_tokens) },
  };
}

const some = (calls: NonNullable<Says["calls"]>) => (calls.length > 0 ? { calls } : {});
const thoughtOf = (thought: string) => (thought === "" ? {} : { thought });

const anthropic: ClientReader = {
  async streamed(bytes) {
    const stream = new Anthropic(settings(bytes)).messages.stream({ model: "x", max_tokens: 1, messages: [] });
    return plain(await stream.finalMessage());
  },
  says(message) {
    const blocks = objectsOf(message.content);
    const of = (type: string) => blocks.filter((block) => block.type === type);
    const usage = objectOf(message.usage);
    const isCut = message.stop_reason === "max_tokens";
    return {
      text: join(of("text"), "text"),
      ...thoughtOf(join(of("thinking"), "thinking")),
      ...some(
        of("tool_use").map(({ name, input }) => ({ name: String(name), input: isCut ? undefined : objectOf(input) })),
      ),
      finish: endOf(message.stop_reason),
      usage: {
        ...{ input: count(usage.input_tokens), cached: count(usage.cache_read_input_tokens) },
        ...{ written: count(usage.cache_creation_input_tokens), output: count(usage.output_tokens) },
        thinking: count(objectOf(usage.output_tokens_details).thinking_tokens),
      },
    };
  },
};

const responses: ClientReader = {
  async streamed(bytes) {
    const stream = new OpenAI(settings(bytes)).responses.stream({ model: "x", input: "x" });
    return plain(await stream.finalResponse());
  },
  says(response) {
    const items = objectsOf(response.output);
    const of = (type: string) => items.filter((item) => item.type === type);
    const parts = of("message").flatMap(({ content }) => objectsOf(content));
    const calls = of("function_call").map((item) => ({
      name: String(item.name),
      input: item.status === "completed" ? parseObject(item.arguments) : undefined,
    }));
    const { reason } = objectOf(response.incomplete_details);
    return {
      text: join(parts, "text") + join(parts, "refusal"),
      ...thoughtOf(
        join(
          of("reasoning").flatMap(({ summary }) => objectsOf(summary)),
          "text",
        ),
      ),
      ...some(calls),
      finish: reason === undefined ? (calls.length > 0 ? "tool-calls" : "stop") : endOf(reason),
      usage: saysOpenai(objectOf(response.usage)),
    };
  },
};

const chat: ClientReader = {
  async streamed(bytes) {
    const stream = new OpenAI(settings(bytes)).chat.completions.stream({ model: "x", messages: [] });
    const parts: string[] = [];
    // The helper keeps the last piece of a field that it does not know.
    stream.on("chunk", (chunk) => parts.push(textOf(plain(chunk.choices[0]?.delta ?? {}).reasoning_content) ?? ""));
    const completion = plain(await stream.finalChatCompletion());
    const [choice = {}] = objectsOf(completion.choices);
    const reasoning_content = parts.join("");
    if (reasoning_content !== "") Object.assign(objectOf(choice.message), { reasoning_content });
    return completion;
  },
  says(completion) {
    const [choice = {}] = objectsOf(completion.choices);
    const message = objectOf(choice.message);
    const calls = objectsOf(message.tool_calls).map((call) => ({
      name: String(objectOf(call.function).name),
      input: parseObject(objectOf(call.function).arguments),
    }));
    return {
      text: `${textOf(message.content) ?? ""}${textOf(message.refusal) ?? ""}`,
      ...thoughtOf(textOf(message.reasoning_content) ?? ""),
      ...some(calls),
      finish: endOf(choice.finish_reason),
      usage: saysOpenai(objectOf(completion.usage)),
    };
  },
};

const gemini: ClientReader = {
  async streamed(bytes) {
    const before = globalThis.fetch;
    globalThis.fetch = answering(bytes);
    try {
      const models = new GoogleGenAI({ apiKey: "x" }).models;
      const chunks: JsonObject[] = [];
      for await (const chunk of await models.generateContentStream({ model: "x", contents: "x" }))
        chunks.push(plain(chunk));
      const parts = chunks.flatMap(({ candidates }) => objectsOf(objectOf(objectsOf(candidates)[0]?.content).parts));
      const last = chunks.at(-1) ?? {};
      return { ...last, candidates: [{ ...objectsOf(last.candidates)[0], content: { role: "model", parts } }] };
    } finally {
      globalThis.fetch = before;
    }
  },
  says(answer) {
    const [candidate = {}] = objectsOf(answer.candidates);
    const parts = objectsOf(objectOf(candidate.content).parts);
    const calls = parts.flatMap(({ functionCall }) => (functionCall ? [objectOf(functionCall)] : []));
    const usage = objectOf(answer.usageMetadata);
    const [cached, thinking] = [count(usage.cachedContentTokenCount), count(usage.thoughtsTokenCount)];
    const isStop = candidate.finishReason === "STOP";
    return {
      text: join(
        parts.filter(({ thought }) => thought !== true),
        "text",
      ),
      ...thoughtOf(
        join(
          parts.filter(({ thought }) => thought === true),
          "text",
        ),
      ),
      ...some(calls.map(({ name, args }) => ({ name: String(name), input: objectOf(args) }))),
      finish: isStop && calls.length > 0 ? "tool-calls" : endOf(candidate.finishReason),
      usage: {
        ...{ input: count(usage.promptTokenCount) - cached, cached, written: 0 },
        ...{ output: count(usage.candidatesTokenCount) + thinking, thinking },
      },
    };
  },
};

export const clients: Readonly<Record<Client, ClientReader>> = {
  anthropic,
  "openai-responses": responses,
  "openai-chat": chat,
  gemini,
};
