import { createHash } from "node:crypto";
import { halves } from "../anthropic/errors.ts";
import type { Incoming } from "../language.ts";

/** Numbers that follow from a text, so that the same text has the same embedding. */
function embed(text: string, dimensions: number): number[] {
  const bytes = createHash("sha256").update(text).digest();
  return Array.from({ length: dimensions }, (_, index) => Math.fround((bytes[index % 32] ?? 0) / 255));
}

export interface EmbeddingsBody {
  model?: unknown;
  input?: unknown;
  encoding_format?: unknown;
  dimensions?: unknown;
}

export function embeddingFrames(body: EmbeddingsBody): Buffer[] {
  const texts = Array.isArray(body.input) ? body.input.map(String) : [String(body.input)];
  const data = texts.map((text, index) => {
    const numbers = embed(text, Number(body.dimensions ?? 8));
    const floats = new Float32Array(numbers);
    const encoded = Buffer.from(floats.buffer).toString("base64");
    return { object: "embedding", index, embedding: body.encoding_format === "base64" ? encoded : numbers };
  });
  const tokens = Math.ceil(texts.join("").length / 4);
  const usage = { prompt_tokens: tokens, total_tokens: tokens };
  return halves(JSON.stringify({ object: "list", data, model: body.model, usage }));
}

const pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const imageUsage = {
  ...{ input_tokens: 12, output_tokens: 272, total_tokens: 284 },
  input_tokens_details: { text_tokens: 12, image_tokens: 0 },
};

export function imageFrames(isStream: boolean): Buffer[] {
  const created = Math.floor(Date.now() / 1000);
  if (!isStream) return halves(JSON.stringify({ created, data: [{ b64_json: pixel }], usage: imageUsage }));
  const event = (type: string, more: Record<string, unknown>): Buffer =>
    Buffer.from(`event: ${type}\ndata: ${JSON.stringify({ type, b64_json: pixel, created_at: created, ...more })}\n\n`);
  return [
    event("image_generation.partial_image", { partial_image_index: 0 }),
    event("image_generation.completed", { usage: imageUsage }),
  ];
}

const models = ["gpt-5.5", "gpt-5.5-codex", "gpt-5-mini", "o4-mini", "text-embedding-3-small", "gpt-image-1"];

/** `GET /models` and `/models/:id`; undefined for a model that is not there. */
export function modelFrames(incoming: Incoming): Buffer[] | undefined {
  const list = models.map((id) => ({ id, object: "model", created: 1_760_000_000, owned_by: "openai" }));
  const id = /\/models\/(.+)$/.exec(incoming.path)?.[1];
  if (id === undefined) return halves(JSON.stringify({ object: "list", data: list }));
  const found = list.find((model) => model.id === decodeURIComponent(id));
  return found && halves(JSON.stringify(found));
}

/** ChatGPT's catalogue for Codex has a shape of its own. */
export function catalogueFrames(): Buffer[] {
  return halves(JSON.stringify({ models: [] }));
}
