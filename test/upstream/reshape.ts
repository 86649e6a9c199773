import { finished } from "node:stream/promises";
import { type BrotliCompress, createBrotliCompress, createGzip, createZstdCompress, type Gzip } from "node:zlib";
import { type Behaviour, isPlain, numberOf } from "./behaviours.ts";
import type { Reply, SimulatedCall } from "./language.ts";

const encoders = { gzip: createGzip, br: createBrotliCompress, zstd: createZstdCompress } as const;

/** What a provider's edge answers where the provider itself does not: an HTML page. */
export function htmlReply(status: number): Reply {
  const title = status === 200 ? "Welcome" : `${status}: Bad gateway`;
  const page = `<!DOCTYPE html>\n<html><head><title>${title}</title></head>\n<body><h1>${title}</h1></body></html>\n`;
  return {
    status,
    headers: { "content-type": "text/html; charset=UTF-8" },
    frames: [Buffer.from(page)],
    streamed: false,
  };
}

/** Bytes that are neither text nor events nor UTF-8, the same on every call. */
export function garbageBytes(length: number): Buffer {
  let state = 0x2545f491;
  return Buffer.from(
    Uint8Array.from({ length }, () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state >>> 24;
    }),
  );
}

/** Puts the shared directives that change bytes into effect, in the order in which a real chain would. */
export async function reshape(reply: Reply, behaviour: Behaviour, call: SimulatedCall): Promise<Reply> {
  if (isPlain(behaviour)) return reply;
  if (behaviour.has("html")) return htmlReply(200);
  if (behaviour.has("empty")) return { ...reply, frames: [], streamed: false };
  if (behaviour.has("garbage")) return { ...reply, frames: [garbageBytes(numberOf(behaviour, "garbage", 512) ?? 512)] };
  const inside = behaviour.get("error-200");
  if (inside !== undefined) return errorInside(reply, call.errorFrame(inside));
  const failing = withErrorEvent(reply, behaviour, call);
  const lined = behaviour.has("crlf") && failing.streamed ? withCrlf(failing) : failing;
  return behaviour.has("encoding") ? compressed(lined, behaviour.get("encoding") ?? "") : lined;
}

/** The stream with an error event in place of everything after event K; K is 0 for `error-first`. */
function withErrorEvent(reply: Reply, behaviour: Behaviour, call: SimulatedCall): Reply {
  if (!reply.streamed) return reply;
  const first = behaviour.get("error-first");
  if (first !== undefined) return { ...reply, frames: [call.errorFrame(first)], repeatable: 0 };
  const after = behaviour.get("error-after");
  if (after === undefined) return reply;
  const [count, type] = after.split(":");
  return { ...reply, frames: [...reply.frames.slice(0, Number(count || 5)), call.errorFrame(type ?? "")] };
}

/** The document of an error event, under a 200. */
function errorInside(reply: Reply, frame: Buffer): Reply {
  const document = /^data: (.*)$/m.exec(frame.toString("utf8"))?.[1] ?? "";
  const headers = { ...reply.headers, "content-type": "application/json" };
  return { ...reply, headers, frames: [Buffer.from(document)], streamed: false };
}

function withCrlf(reply: Reply): Reply {
  const frames = reply.frames.map((frame) => Buffer.from(frame.toString("utf8").replaceAll("\n", "\r\n")));
  return { ...reply, frames };
}

/** Compresses as one stream but flushes after each frame, as providers do, so that events still arrive one by one. */
async function compressed(reply: Reply, encoding: string): Promise<Reply> {
  if (!(encoding in encoders)) return reply;
  const encoder = encoders[encoding as keyof typeof encoders]() as Gzip | BrotliCompress;
  const output: Buffer[] = [];
  encoder.on("data", (bytes: Buffer) => output.push(bytes));
  const frames: Buffer[] = [];
  for (const frame of reply.frames) {
    encoder.write(frame);
    await new Promise<void>((resolve) => encoder.flush(() => resolve()));
    frames.push(Buffer.concat(output.splice(0)));
  }
  encoder.end();
  await finished(encoder);
  frames.push(Buffer.concat(output.splice(0)));
  return { ...reply, headers: { ...reply.headers, "content-encoding": encoding }, frames, repeatable: undefined };
}
