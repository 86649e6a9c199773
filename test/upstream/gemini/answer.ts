import { readConversation } from "../anthropic/conversation.ts";
import { outputBytes, takeTurn, type Turn } from "../anthropic/model.ts";
import { usageFor } from "../anthropic/usage.ts";
import type { Behaviour } from "../behaviours.ts";
import { numberOf } from "../behaviours.ts";
import type { Reply } from "../language.ts";
import { asMessages, type GeminiBody } from "./conversation.ts";
import { jsonReply } from "./errors.ts";

/** How the answer travels: whole, as events, or as one JSON array; `wrap` puts each answer into Code Assist's envelope. */
export interface Form {
  kind: "whole" | "events" | "array";
  wrap: boolean;
}

/** Directives of this language beside the fake model's. */
export const answerDirectives = ["thoughts", "tooluse", "finish", "block"] as const;

/** What the model generates, with `usageMetadata` in every chunk as the official API has it, growing to its last figures. */
export function generate(
  body: GeminiBody,
  bytes: Buffer,
  given: { model: string; form: Form; behaviour: Behaviour },
): Reply {
  const { model, form, behaviour } = given;
  const messages = asMessages(body);
  const conversation = readConversation(messages.messages);
  const turn = takeTurn(messages, conversation, behaviour);
  const usage = usageOf(bytes, turn, conversation.modelTurns, behaviour);
  const envelope = (parts: unknown[], part: number, finish?: string) => ({
    candidates: [
      { content: { parts, role: "model" }, ...(finish === undefined ? {} : { finishReason: finish }), index: 0 },
    ],
    ...(behaviour.get("usage") === "none" ? {} : { usageMetadata: usage(part) }),
    modelVersion: model,
    responseId: "sim-response",
  });
  const finish = behaviour.has("finish") ? behaviour.get("finish") : "STOP";
  const parts = partsOf(turn);
  const chunks: unknown[] = behaviour.has("block")
    ? [{ promptFeedback: { blockReason: "PROHIBITED_CONTENT" }, usageMetadata: usage(0), modelVersion: model }]
    : parts.map((part, index) =>
        envelope([part], (index + 1) / parts.length, index === parts.length - 1 ? finish || undefined : undefined),
      );
  const wrapped = chunks.map((chunk) => (form.wrap ? { response: chunk, traceId: "sim-trace" } : chunk));
  if (form.kind === "whole") {
    const whole = behaviour.has("block") ? chunks[0] : envelope(merged(parts), 1, finish || undefined);
    return jsonReply(200, form.wrap ? { response: whole, traceId: "sim-trace" } : whole);
  }
  return streamReply(wrapped, form.kind);
}

function streamReply(chunks: unknown[], kind: "events" | "array"): Reply {
  const { headers } = jsonReply(200, {});
  if (kind === "events") {
    const frames = chunks.map((chunk) => Buffer.from(`data: ${JSON.stringify(chunk)}\r\n\r\n`));
    return { status: 200, headers: { ...headers, "content-type": "text/event-stream" }, frames, streamed: true };
  }
  const frames = chunks.map((chunk, index) =>
    Buffer.from(`${index === 0 ? "[" : ",\r\n"}${JSON.stringify(chunk, null, 2)}`),
  );
  return { status: 200, headers, frames: [...frames, Buffer.from("\n]\n")], streamed: true };
}

function partsOf(turn: Turn): Record<string, unknown>[] {
  return turn.blocks.flatMap((block): Record<string, unknown>[] => {
    if (block.type === "text") return block.pieces.map((text) => ({ text }));
    if (block.type === "thinking") return [{ text: block.thinking, thought: true }];
    return [{ functionCall: { name: block.name, args: block.input }, thoughtSignature: "c2ltdWxhdGVk" }];
  });
}

/** A plain answer has its text in one part. */
function merged(parts: Record<string, unknown>[]): unknown[] {
  const said = parts.filter((part) => part.text !== undefined && part.thought === undefined);
  const text = said.map((part) => String(part.text)).join("");
  return [...parts.filter((part) => part.thought), { text }, ...parts.filter((part) => part.functionCall)];
}

function usageOf(bytes: Buffer, turn: Turn, modelTurns: number, behaviour: Behaviour): (part: number) => unknown {
  const figures = usageFor(bytes, modelTurns, outputBytes(turn), behaviour);
  const thoughts = numberOf(behaviour, "thoughts") ?? 0;
  const tools = numberOf(behaviour, "tooluse") ?? 0;
  return (part) => {
    const candidates = Math.ceil(figures.output * part);
    return {
      promptTokenCount: figures.input + figures.cacheRead,
      ...(figures.cacheRead > 0 ? { cachedContentTokenCount: figures.cacheRead } : {}),
      ...(part > 0 ? { candidatesTokenCount: candidates } : {}),
      ...(thoughts > 0 ? { thoughtsTokenCount: thoughts } : {}),
      ...(tools > 0 ? { toolUsePromptTokenCount: tools } : {}),
      totalTokenCount: figures.input + figures.cacheRead + candidates + thoughts + tools,
    };
  };
}
