import { randomUUID } from "node:crypto";
import type { Loose } from "../../dialects/openai/usage.ts";
import { MessageCollector, MessageWriter, type Sink, sayUsage } from "./anthropic-message.ts";
import { anthropicError } from "./anthropic-words.ts";
import { compact, looseOf } from "./fields.ts";
import { broken, type Ending, endOf, partsOf, usageOf, wholeEnd } from "./gemini-words.ts";
import { sealGemini } from "./reasoning-seal.ts";
import { namedEvent, type Words } from "./translate.ts";

/** Gemini's answer as Anthropic's message. `isThinking`: the client asked for thinking, and gets signatures as such blocks. */
export function sayMessage(isThinking: boolean): Words {
  const stream = new MessageStream(isThinking);
  return {
    event: (event) => stream.say(event),
    end: () => stream.end(),
    broke: () => (stream.reason === "broken" ? broken : undefined),
    whole: (answer) => sayWhole(answer, isThinking),
    error: anthropicError,
  };
}

const reasons: Readonly<Record<Exclude<Ending, "broken">, string>> = {
  stop: "end_turn",
  calls: "tool_use",
  length: "max_tokens",
  refusal: "refusal",
};

const headOf = (answer: Loose): Loose => ({
  id: `msg_${typeof answer.responseId === "string" ? answer.responseId : randomUUID()}`,
  ...{ type: "message", role: "assistant", model: answer.modelVersion },
});

function sayWhole(answer: Loose, isThinking: boolean): Loose {
  const collector = new MessageCollector();
  const parts = partsOf(answer);
  for (const part of parts) sayPart(part, collector, isThinking);
  const end = wholeEnd(answer, parts.some(isCall));
  return {
    ...headOf(answer),
    content: collector.blocks,
    stop_reason: reasons[end],
    stop_sequence: null,
    usage: sayUsage(usageOf(answer.usageMetadata)),
  };
}

const isCall = ({ functionCall }: Loose): boolean => functionCall !== undefined;

/** Gemini's stream has no last event, and figures may follow the reason of its end: the ending is said when it is over. */
class MessageStream {
  readonly #isThinking: boolean;
  readonly #writer = new MessageWriter();
  #isOpen = false;
  #isCalling = false;
  #usage: unknown;
  reason: Ending | undefined;

  constructor(isThinking: boolean) {
    this.#isThinking = isThinking;
  }

  say(event: Loose): string {
    if (event.error) return sayError(looseOf(event.error));
    this.#usage = event.usageMetadata ?? this.#usage;
    let said = this.#isOpen ? "" : this.#writer.start(headOf(event), sayUsage(usageOf(this.#usage)));
    this.#isOpen = true;
    for (const part of partsOf(event)) {
      this.#isCalling ||= isCall(part);
      said += sayPart(part, this.#writer, this.#isThinking);
    }
    if (this.reason !== undefined) return said;
    this.reason = endOf(event, this.#isCalling);
    return this.reason === "broken" ? said + namedEvent(anthropicError(500, broken, "")) : said;
  }

  /** Nothing for a stream that broke off: the relay says that it did. */
  end(): string {
    if (this.reason === undefined || this.reason === "broken") return "";
    return this.#writer.end(reasons[this.reason], sayUsage(usageOf(this.#usage)));
  }
}

function sayPart(part: Loose, sink: Sink, isThinking: boolean): string {
  const { text, thought, thoughtSignature: signed } = part;
  if (isCall(part)) return sayCall(part, sink, isThinking);
  if (part.inlineData) return sink.grow("text", { type: "text_delta", text: pictureOf(looseOf(part.inlineData)) });
  if (thought === true)
    return isThinking && text ? sink.grow("thinking", { type: "thinking_delta", thinking: text }) : "";
  // Of text the signature may be missing when it comes back: it is kept only where a thought stands before it.
  const signing = signed && sink.open === "thinking" ? sign(signed, sink) : "";
  return signing + (text ? sink.grow("text", { type: "text_delta", text }) : "");
}

function sayCall({ functionCall, thoughtSignature: signed }: Loose, sink: Sink, isThinking: boolean): string {
  const { name, args } = looseOf(functionCall);
  const isBeside = signed !== undefined && !isThinking;
  const extra_content = isBeside ? { google: { thought_signature: signed } } : undefined;
  const id = `toolu_${randomUUID().replaceAll("-", "")}`;
  return (
    (signed !== undefined && isThinking ? sign(signed, sink) : "") +
    sink.openBlock(compact({ type: "tool_use", id, name, input: {}, extra_content })) +
    sink.grow("tool_use", { type: "input_json_delta", partial_json: JSON.stringify(args ?? {}) }) +
    sink.close()
  );
}

function sign(signature: unknown, sink: Sink): string {
  return sink.grow("thinking", { type: "signature_delta", signature: sealGemini(String(signature)) });
}

/** Claude's answers hold no pictures: as Markdown they are seen at least. */
const pictureOf = ({ mimeType, data }: Loose): string => `![](data:${String(mimeType)};base64,${String(data)})`;

function sayError({ code, message, status }: Loose): string {
  return namedEvent(anthropicError(Number(code) || 500, String(message ?? status), String(status)));
}
