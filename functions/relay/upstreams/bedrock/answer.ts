import type { Call } from "../../dialects/dialect.ts";
import { Failure } from "../../../failure.ts";
import { pullBody, type Inbound } from "../../../wire/dispatch.ts";
import { broken, FrameReader, type Frame } from "./frames.ts";
import { readWhole, rewordError, withBody } from "../reword.ts";
import { lookUp } from "../../../wire/maps.ts";

/** Bedrock's answer as Anthropic's API would give it: its frames as server-sent events, its errors and counts in that API's words. */
export async function receiveBedrock(inbound: Inbound, call: Call): Promise<Inbound> {
  const requestId = inbound.headers["x-amzn-requestid"];
  const named: Inbound =
    requestId === undefined ? inbound : { ...inbound, headers: { ...inbound.headers, "request-id": requestId } };
  if (named.status >= 400) return rewordError(named);
  if (call.operation === "count_tokens") return rewordCount(named);
  const isFramed = (named.headers["content-type"] ?? "").startsWith("application/vnd.amazon.eventstream");
  return isFramed ? unpackFrames(named) : named;
}

async function rewordCount(inbound: Inbound): Promise<Inbound> {
  const bytes = await readWhole(inbound.body);
  const count = Number(/"inputTokens"\s*:\s*(\d+)/.exec(bytes.toString("utf8"))?.[1]);
  if (!(count >= 0)) throw new Failure("upstream.broken", { message: "Bedrock's answer has no count of tokens." });
  return withBody(inbound, Buffer.from(JSON.stringify({ input_tokens: count })));
}

function unpackFrames(inbound: Inbound): Inbound {
  const frames = new FrameReader();
  const read = async (): Promise<Uint8Array | undefined> => {
    for (let chunk = await inbound.body.read(); chunk; chunk = await inbound.body.read()) {
      const events = frames.push(chunk, say);
      if (events.length > 0) return events;
    }
    if (frames.isInside) throw broken("ended inside a frame");
    return undefined;
  };
  const headers = { ...inbound.headers, "content-type": "text/event-stream; charset=utf-8" };
  const take = () => {
    const chunk = inbound.body.take();
    return chunk && frames.push(chunk, say);
  };
  return { status: inbound.status, headers, body: pullBody(read, () => inbound.body.cancel(), take) };
}

function say({ headers, text }: Frame): string {
  if ((headers[":message-type"] ?? "event") === "event") return sayEvent(text);
  const message = /"message"\s*:\s*("(?:[^"\\]|\\.)*")/i.exec(text)?.[1];
  const words = message === undefined ? (headers[":error-message"] ?? text) : String(JSON.parse(message));
  return sayError(headers[":exception-type"] ?? headers[":error-code"] ?? "", words);
}

/** A chunk holds one event of Anthropic's API, as base64; its text goes on unchanged. */
function sayEvent(payload: string): string {
  const bytes = /"bytes"\s*:\s*"([A-Za-z0-9+/=]*)"/.exec(payload)?.[1];
  if (bytes === undefined) return "";
  const event = Buffer.from(bytes, "base64").toString("utf8").replaceAll("\n", " ");
  const type = /^\s*\{\s*"type"\s*:\s*"(\w+)"/.exec(event)?.[1] ?? typeOf(event);
  return `event: ${type}\ndata: ${event}\n\n`;
}

function typeOf(event: string): string {
  try {
    return String((JSON.parse(event) as { type?: unknown }).type);
  } catch (error) {
    throw broken("holds an event that is no JSON", error);
  }
}

const errorTypes: Readonly<Record<string, string>> = {
  throttlingexception: "rate_limit_error",
  validationexception: "invalid_request_error",
  modeltimeoutexception: "timeout_error",
  serviceunavailableexception: "overloaded_error",
};

function sayError(name: string, message: string): string {
  const type = lookUp(errorTypes, name.toLowerCase()) ?? "api_error";
  const words = message === "" ? name || "Bedrock ended the stream with an error." : message;
  return `event: error\ndata: ${JSON.stringify({ type: "error", error: { type, message: words } })}\n\n`;
}
