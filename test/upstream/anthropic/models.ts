import type { Incoming, Reply } from "../language.ts";
import { errorReply, halves } from "./errors.ts";
import { type Caller, commonHeaders } from "./headers.ts";

const models = [
  ["claude-opus-5-5", "Claude Opus 5.5", "2026-09-22T00:00:00Z"],
  ["claude-haiku-5-5", "Claude Haiku 5.5", "2026-08-18T00:00:00Z"],
  ["claude-sonnet-4-6", "Claude Sonnet 4.6", "2026-02-17T00:00:00Z"],
  ["claude-opus-4-5-20251101", "Claude Opus 4.5", "2025-11-24T00:00:00Z"],
  ["claude-haiku-4-5-20251001", "Claude Haiku 4.5", "2025-10-15T00:00:00Z"],
  ["claude-sonnet-4-5-20250929", "Claude Sonnet 4.5", "2025-09-29T00:00:00Z"],
].map(([id, display_name, created_at]) => ({ type: "model", id, display_name, created_at }));

/** `GET /v1/models`, paged by `limit`, `after_id` and `before_id`, and `GET /v1/models/:id`. */
export function modelsReply(incoming: Incoming, caller: Caller): Reply {
  const id = decodeURIComponent(incoming.path.slice("/v1/models/".length));
  if (id === "") return reply(page(incoming.query), caller);
  const model = models.find((candidate) => candidate.id === id);
  return model ? reply(model, caller) : errorReply(404, "not_found_error", `model: ${id}`, caller);
}

function page(query: URLSearchParams): Record<string, unknown> {
  const limit = Number(query.get("limit") ?? 20);
  const place = (name: string): number => models.findIndex((model) => model.id === query.get(name));
  const before = place("before_id");
  const from = before >= 0 ? Math.max(0, before - limit) : place("after_id") + 1;
  const to = before >= 0 ? before : from + limit;
  const data = models.slice(from, to);
  const has_more = before >= 0 ? from > 0 : to < models.length;
  return { data, has_more, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null };
}

function reply(body: unknown, caller: Caller): Reply {
  const headers = { "content-type": "application/json", ...commonHeaders(caller) };
  return { status: 200, headers, frames: halves(JSON.stringify(body)), streamed: false };
}
