import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/**
 * A provider that costs the machine as little as it can: it drops the body and answers with a prepared message, streamed in
 * 22 writes of a turn each or whole, by what the first 512 bytes of the body ask for.
 */
const event = (name: string, data: object) => `event: ${name}\ndata: ${JSON.stringify({ type: name, ...data })}\n\n`;
const usage = { input_tokens: 812, output_tokens: 1, cache_read_input_tokens: 40_000, cache_creation_input_tokens: 0 };
const message = { id: "msg_bench", type: "message", role: "assistant", model: "claude-sonnet-4-5" };
const end = { stop_reason: "end_turn", stop_sequence: null };
const text = "The quick brown fox jumps over the lazy dog, and then it does so once more. ";
const events = [
  event("message_start", { message: { ...message, content: [], ...end, stop_reason: null, usage } }),
  event("content_block_start", { index: 0, content_block: { type: "text", text: "" } }),
  ...Array.from({ length: 17 }, () => event("content_block_delta", { index: 0, delta: { type: "text_delta", text } })),
  event("content_block_stop", { index: 0 }),
  event("message_delta", { delta: end, usage: { output_tokens: 340 } }),
  event("message_stop", {}),
].map((written) => Buffer.from(written));
const whole = Buffer.from(
  JSON.stringify({ ...message, content: [{ type: "text", text }], ...end, usage: { ...usage, output_tokens: 20 } }),
);

function writeEvents(response: ServerResponse, at: number): void {
  const next = events[at];
  if (next === undefined || response.destroyed) return void response.end();
  response.write(next);
  setImmediate(writeEvents, response, at + 1);
}

const server = createServer((request, response) => {
  let isStream: boolean | undefined;
  request.on("data", (chunk: Buffer) => (isStream ??= chunk.subarray(0, 512).includes('"stream":true')));
  request.on("end", () => {
    if (isStream) {
      response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" });
      writeEvents(response, 0);
    } else {
      response.writeHead(200, { "content-type": "application/json", "content-length": whole.length });
      response.end(whole);
    }
  });
});
server.keepAliveTimeout = 75_000;
server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
