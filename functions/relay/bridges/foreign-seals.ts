import { isDeepStrictEqual } from "node:util";
import { asksOf } from "../dialects/asks.ts";
import type { Call, DialectName } from "../dialects/dialect.ts";
import { spliceFields, unpack } from "../upstreams/splice.ts";
import { Reading } from "./fields.ts";
import { isObject, type JsonObject, objectOf, objectsOf } from "../../wire/json.ts";
import { unpackForGemini, unpackSeal } from "./seal.ts";

/**
 * Takes out of a call what another provider sealed, before it goes to an account that speaks the client's own language: a
 * conversation that was served elsewhere for a turn would be refused there for ever. Bytes without a mark pass untouched.
 */
export function dropForeignSeals(call: Call): Call {
  const kind = kinds[call.dialect];
  if (!kind || call.method !== "POST") return call;
  if (!asksOf(call).maySeal) return call;
  const plain = unpack(call);
  const body = new Reading().parse(plain.body);
  if (!body) return call;
  const cleaned = Object.entries(kind.clean(body));
  const fields = Object.fromEntries(cleaned.filter(([name, value]) => !isDeepStrictEqual(value, body[name])));
  if (Object.keys(fields).length === 0) return call;
  const spliced = spliceFields(plain, fields);
  return { ...spliced, rules: [...spliced.rules, "left out: thinking that another provider sealed"] };
}

interface Kind {
  /** The top-level fields that change; an undefined one is taken out. */
  clean(body: JsonObject): JsonObject;
}

const isSealed = (value: unknown): boolean => unpackSeal(value) !== undefined;

const inGemini: Kind = {
  clean: (body) => ({ contents: cleanContents(body.contents) }),
};

const kinds: Partial<Record<DialectName, Kind>> = {
  anthropic: { clean: cleanMessages },
  "openai-responses": {
    clean: ({ input }) => ({
      input: Array.isArray(input) ? input.filter((item) => !isSealed(objectOf(item).encrypted_content)) : input,
    }),
  },
  "openai-chat": {
    clean: ({ messages }) => ({ messages: objectsOf(messages).map(cleanChat) }),
  },
  gemini: inGemini,
  "code-assist": {
    clean: ({ request }) => ({ request: { ...objectOf(request), ...inGemini.clean(objectOf(request)) } }),
  },
};

/** A thought that is gone leaves a call without one, which a budget for thinking does not allow. */
function cleanMessages({ messages, thinking }: JsonObject): JsonObject {
  let isLast = false;
  const cleaned = objectsOf(messages).flatMap((message) => {
    if (message.role !== "assistant" || !Array.isArray(message.content)) return [message];
    const blocks = objectsOf(message.content);
    const kept = blocks.filter((block) => !isUnsigned(block));
    isLast = kept.length < blocks.length;
    const content = kept.map((block) => (block.type === "tool_use" ? withoutExtra(block) : block));
    return content.length === 0 ? [] : [{ ...message, content }];
  });
  const isBudget = objectOf(thinking).type === "enabled";
  const isPending = objectsOf(objectsOf(messages).at(-1)?.content).some(({ type }) => type === "tool_result");
  return isLast && isBudget && isPending ? { messages: cleaned, thinking: undefined } : { messages: cleaned };
}

/** Thoughts without a signature come from providers that sign none. */
const isUnsigned = ({ type, signature, data }: JsonObject): boolean =>
  (type === "thinking" && signature === "") || isSealed(signature) || isSealed(data);

/** Where a client asked for no thinking, Gemini's signature stands beside the call. */
function withoutExtra({ extra_content: _extra, ...block }: JsonObject): JsonObject {
  return block;
}

function cleanChat(message: JsonObject): JsonObject {
  const { thinking_blocks: blocks, ...rest } = message;
  const isForeign = objectsOf(blocks).some(({ signature, data }) => isSealed(signature) || isSealed(data));
  return isForeign ? rest : message;
}

function cleanContents(contents: unknown): unknown {
  if (!Array.isArray(contents)) return contents;
  return contents.map((content: unknown) => {
    if (!isObject(content) || !Array.isArray(content.parts)) return content;
    const parts = content.parts.flatMap((part: unknown) => {
      if (!isObject(part) || unpackForGemini(part.thoughtSignature).length === 0) return [part];
      const { thoughtSignature: _signature, ...rest } = part;
      // From Gemini 3 on a call must bear a signature. Source: ai.google.dev, thought signatures.
      if (rest.functionCall) return [{ ...rest, thoughtSignature: "skip_thought_signature_validator" }];
      return rest.thought === true || rest.text === "" ? [] : [rest];
    });
    return { ...content, parts: parts.length > 0 ? parts : [{ text: " " }] };
  });
}
