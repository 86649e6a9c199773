import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

/** What came in at the provider. */
export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly secret: string;
  readonly body: string;
}

export interface Keeper {
  readonly url: string;
  readonly seen: Seen[];
  stop(): Promise<void>;
}

type Reply = { status?: number; headers?: Record<string, string>; body: unknown };

const file = { type: "file", filename: "file_a.txt", mime_type: "text/plain", size_bytes: 5, downloadable: true };
const usage = { input_tokens: 1_000_000, output_tokens: 1_000_000 };

/**
 * A provider that keeps files and batches, each for one account: another account's credential finds nothing. Shapes are those
 * of the types of @anthropic-ai/sdk 1.14, openai 7.59 and @google/genai 3.3. Its addresses are its own, as the real ones are.
 */
export async function startKeeper(): Promise<Keeper> {
  const seen: Seen[] = [];
  const owners = new Map<string, string>();
  const server = createServer((request, response) => {
    void readAll(request).then((body) => {
      const { authorization, "x-api-key": key, "x-goog-api-key": google } = request.headers;
      const secret = String(key ?? google ?? authorization?.replace("Bearer ", ""));
      const call = { method: request.method ?? "", url: request.url ?? "", secret, body };
      seen.push(call);
      const { status = 200, headers, body: answer } = answerTo(call, request, `http://${request.headers.host}`, owners);
      const isText = typeof answer === "string";
      response.writeHead(status, { "content-type": isText ? "text/plain" : "application/json", ...headers });
      response.end(isText ? answer : JSON.stringify(answer));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const stop = () => new Promise<void>((resolve) => void server.close(() => resolve()).closeAllConnections());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen, stop };
}

async function readAll(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString("latin1");
}

function answerTo(
  { method, url, secret, body }: Seen,
  { headers }: IncomingMessage,
  base: string,
  owners: Map<string, string>,
): Reply {
  const { pathname, searchParams } = new URL(url, base);
  const make = (id: string) => void owners.set(id, secret);
  const named = /(?:file|msgbatch|batch|skill)[_-](?!ids?\b)\w+|(?<=files\/|cachedContents\/)\w+/.exec(
    `${pathname}${method === "POST" ? body : ""}`,
  )?.[0];
  const isMaking = method === "POST" && /\/(files|batches|skills|cachedContents)$/.test(pathname);
  if (!isMaking && named !== undefined && owners.get(named) !== secret) return missing(named);
  const isClaude = headers["anthropic-version"] !== undefined;
  if (pathname === "/upload/v1beta/files" || pathname === "/upload/v1/files") {
    if (headers["x-goog-upload-command"] === "start") {
      const address = `${base}/upload/v1beta/files?upload_id=up1&upload_protocol=resumable`;
      return { headers: { "x-goog-upload-url": address, "x-goog-upload-control-url": address }, body: {} };
    }
    if (searchParams.get("upload_id") !== "up1") return missing("upload");
    make("abc123");
    return { headers: { "x-goog-upload-status": "final" }, body: { file: googleFile(base) } };
  }
  if (/^\/v1(beta)?\/files\/abc123$/.test(pathname)) return { body: method === "DELETE" ? {} : googleFile(base) };
  if (/\/cachedContents/.test(pathname)) {
    make("ccc111");
    return { body: { name: "cachedContents/ccc111", model: "models/gemini-2.5-pro" } };
  }
  if (pathname === "/v1/files") {
    const id = isClaude ? "file_011C" : "file-011C";
    make(id);
    return { body: isClaude ? { id, ...file } : { id, object: "file", filename: "file-a.jsonl", purpose: "batch" } };
  }
  if (pathname === "/v1/skills") {
    make("skill_01");
    return { body: { id: "skill_01", type: "skill", latest_version: "1759178010641129" } };
  }
  if (/\/files\/file[_-]011C$/.test(pathname)) return { body: { id: pathname.slice(10), ...file } };
  if (/\/content$/.test(pathname)) return { body: "file-011C" };
  if (/^\/v1\/messages\/batches/.test(pathname)) {
    make("msgbatch_01");
    return claudeBatch(pathname, base);
  }
  if (/^\/v1\/batches/.test(pathname)) {
    make("batch_01");
    make("file-out");
    return { body: openaiBatch(method) };
  }
  if (pathname === "/v1/messages")
    return {
      body: {
        id: "msg_1",
        type: "message",
        role: "assistant",
        model: "claude-sonnet-4-5",
        content: [{ type: "text", text: "ok" }],
        stop_reason: "end_turn",
        usage,
      },
    };
  if (/generateContent$/.test(pathname))
    return {
      body: {
        candidates: [{ content: { parts: [{ text: "ok" }] }, finishReason: "STOP" }],
        usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 1, totalTokenCount: 2 },
      },
    };
  return missing(pathname);
}

const missing = (what: string): Reply => ({
  status: 404,
  body: { type: "error", error: { type: "not_found_error", message: `no ${what}` } },
});

const googleFile = (base: string) => ({
  name: "files/abc123",
  mimeType: "text/plain",
  state: "ACTIVE",
  uri: `${base}/v1beta/files/abc123`,
  downloadUri: `${base}/v1beta/files/abc123:download?alt=media`,
});

function claudeBatch(pathname: string, base: string): Reply {
  if (!pathname.endsWith("/results")) {
    const results_url = `${base}/v1/messages/batches/msgbatch_01/results`;
    return { body: { id: "msgbatch_01", type: "message_batch", processing_status: "ended", results_url } };
  }
  const message = { model: "claude-sonnet-4-5", usage: { input_tokens: 100_000, output_tokens: 100_000 } };
  const lines = ["one", "two"].map((custom_id) =>
    JSON.stringify({ custom_id, result: { type: "succeeded", message } }),
  );
  return { headers: { "content-type": "application/x-jsonl" }, body: `${lines.join("\n")}\n` };
}

function openaiBatch(method: string) {
  const batch = { id: "batch_01", object: "batch", endpoint: "/v1/responses", input_file_id: "file-011C" };
  if (method === "POST") return { ...batch, status: "validating" };
  const counts = { total: 2, completed: 2, failed: 0 };
  return { ...batch, status: "completed", output_file_id: "file-out", request_counts: counts, model: "gpt-5", usage };
}
