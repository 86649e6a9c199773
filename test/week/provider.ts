import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { pick, type Random } from "../chaos/random.ts";
import type { Line } from "./bill.ts";

/** How an answer goes wrong: before it (then another account is asked), in the middle of it, or by what it leaves out. */
export const faults = ["error-200", "overload", "503", "hang-up", "cut", "no-usage"] as const;

export interface Planned extends Line {
  readonly language: "messages" | "chat" | "responses" | "gemini";
  readonly isStream: boolean;
  readonly fault: (typeof faults)[number] | undefined;
}

export interface Provider {
  readonly url: string;
  stop(): Promise<void>;
}

/** Answers call `n` of a plan, which the request names as `call-n-`, in one of the ways that places have been seen to answer in. */
export async function startProvider(plan: readonly Planned[], random: Random): Promise<Provider> {
  const failed = new Set<number>();
  const server = createServer(async (request, response) => {
    const call = Number(/call-(\d+)-/.exec(await read(request))?.[1] ?? -1);
    const planned = plan[call];
    response.on("error", () => undefined);
    if (!planned) return void response.writeHead(404).end("{}");
    const isFirst = !failed.has(call);
    failed.add(call);
    if (isFirst && refuse(planned, response)) return;
    send(planned, response, random);
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

const errorOf = ({ provider }: Line) =>
  ({
    anthropic: { type: "error", error: { type: "overloaded_error", message: "Overloaded" } },
    openai: { error: { code: "server_is_overloaded", type: "server_error", message: "busy" } },
    google: { error: { code: 503, status: "UNAVAILABLE", message: "The model is overloaded." } },
  })[provider];

const asEvent = (data: unknown): string => `data: ${typeof data === "string" ? data : JSON.stringify(data)}\n\n`;

/** True if this was the answer. */
function refuse(planned: Planned, response: ServerResponse): boolean {
  const error = JSON.stringify(errorOf(planned));
  if (planned.fault === "503") response.writeHead(503, { "content-type": "application/json" }).end(error);
  else if (planned.fault === "error-200") response.writeHead(200, { "content-type": "application/json" }).end(error);
  else if (planned.fault === "overload") {
    const [opening] = answerOf(planned).events;
    // Chat and Gemini have no event that only opens.
    const before = planned.language === "messages" || planned.language === "responses" ? asEvent(opening) : "";
    const event = planned.language === "responses" ? { ...errorOf(planned).error, type: "error" } : errorOf(planned);
    response.writeHead(200, { "content-type": "text/event-stream" }).end(before + asEvent(event));
  } else return false;
  return true;
}

/** Writes an answer in a way that some place has been seen to write it, whatever was asked for. */
function send(planned: Planned, response: ServerResponse, random: Random): void {
  const oneOf = <T>(list: readonly T[]): T => pick(list, random);
  const { events, whole, told } = answerOf(planned);
  if (planned.fault === "hang-up" || planned.fault === "cut") {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(events.slice(0, told).map(asEvent).join(""));
    // A client that hangs up is waited for; the relay's connection ends then.
    if (planned.fault === "cut") setTimeout(() => response.socket?.destroy(), 20);
    return;
  }
  const nl = oneOf(["\n", "\r\n"]);
  const colon = oneOf(["data: ", "data:"]);
  const said = events.map((event) => colon + (typeof event === "string" ? event : JSON.stringify(event)) + nl + nl);
  const asEvents = oneOf(["", "\ufeff", ": hello\n\n"]) + said.join("");
  const asDocument = oneOf(["", "\ufeff", "\n"]) + JSON.stringify(whole, null, oneOf([0, 2])).replaceAll("\n", nl);
  const text = random() < 0.5 ? asEvents : asDocument;
  const isPacked = random() < 0.2;
  const type = oneOf(["application/json", "text/event-stream", "text/plain"]);
  response.writeHead(200, { "content-type": type, ...(isPacked ? { "content-encoding": "gzip" } : {}) });
  response.end(isPacked ? gzipSync(text) : text);
}

interface Answer {
  readonly events: readonly unknown[];
  readonly whole: unknown;
  /** Events before the end tells the last figures. */
  readonly told: number;
}

/** The same answer as a stream's events and as a document, with the figures as each provider's official types name them. */
function answerOf(planned: Planned): Answer {
  const { model, tier } = planned;
  const usage = planned.fault === "no-usage" ? undefined : usageOf(planned);
  if (planned.language === "messages") {
    const message = { type: "message", role: "assistant", model, content: [{ type: "text", text: "ok" }] };
    const events = [
      { type: "message_start", message: { ...message, content: [], usage: usage && { ...usage, output_tokens: 1 } } },
      { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
      { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "ok" } },
      { type: "message_delta", delta: { stop_reason: "end_turn" }, usage: usage && { ...usage, input_tokens: null } },
      { type: "message_stop" },
    ];
    return { events, whole: { ...message, usage }, told: 3 };
  }
  if (planned.language === "gemini") {
    const end = { candidates: [{ content: { parts: [{ text: "ok" }] }, finishReason: "STOP" }], modelVersion: model };
    const begun = { candidates: [{ content: { parts: [{ text: "o" }] } }], modelVersion: model };
    return { events: [begun, { ...end, usageMetadata: usage }], whole: { ...end, usageMetadata: usage }, told: 1 };
  }
  if (planned.language === "chat") {
    const chunk = {
      id: "c",
      model,
      service_tier: tier,
      choices: [{ index: 0, delta: { content: "ok" } }],
      usage: null,
    };
    const message = { role: "assistant", content: "ok" };
    const choices = [{ index: 0, finish_reason: "stop", message }];
    return {
      events: [chunk, { ...chunk, choices: [], usage }, "[DONE]"],
      whole: { id: "c", model, service_tier: tier, choices, usage },
      told: 1,
    };
  }
  const output = [{ type: "message", role: "assistant", content: [{ type: "output_text", text: "ok" }] }];
  const response = { id: "r", object: "response", status: "completed", model, service_tier: tier, output, usage };
  const events = [
    { type: "response.created", response: { ...response, status: "in_progress", output: [], usage: null } },
    { type: "response.output_text.delta", delta: "ok" },
    { type: "response.completed", response },
  ];
  return { events, whole: response, told: 2 };
}

function usageOf({ language, input, cached, written5m, written1h, output, searches, tier, geo }: Planned) {
  const all = input + cached;
  return {
    messages: {
      ...{ input_tokens: input, cache_read_input_tokens: cached, output_tokens: output },
      cache_creation_input_tokens: written5m + written1h,
      cache_creation: { ephemeral_5m_input_tokens: written5m, ephemeral_1h_input_tokens: written1h },
      server_tool_use: { web_search_requests: searches, web_fetch_requests: 0 },
      ...{ service_tier: tier ?? "standard", inference_geo: geo ?? "not_available" },
    },
    gemini: { promptTokenCount: all, cachedContentTokenCount: cached, candidatesTokenCount: output },
    chat: { prompt_tokens: all, prompt_tokens_details: { cached_tokens: cached }, completion_tokens: output },
    responses: { input_tokens: all, input_tokens_details: { cached_tokens: cached }, output_tokens: output },
  }[language];
}
