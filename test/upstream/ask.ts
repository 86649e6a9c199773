import { request as open, type IncomingHttpHeaders } from "node:http";

export interface Question {
  key?: string;
  prompt?: string;
  /** In place of the built body; a string or bytes are sent as they are. */
  body?: unknown;
  stream?: boolean;
  path?: string;
  method?: string;
  headers?: Record<string, string>;
  /** The client destroys its socket once so many body bytes have arrived. */
  hangUpAfter?: number;
}

/** What a client saw, down to the pieces in which the body arrived. */
export interface Seen {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
  pieces: { bytes: Buffer; atMs: number }[];
  headAtMs: number;
  endAtMs: number;
  /** False when the connection broke before the answer's declared end. */
  isComplete: boolean;
  /** The error's code, when there was one. */
  error?: string;
}

/** A Messages request as its bytes. */
export function messagesBody(prompt: string, stream = true): Buffer {
  const messages = [{ role: "user", content: prompt }];
  return Buffer.from(JSON.stringify({ model: "claude-sonnet-4-6", max_tokens: 1024, stream, messages }));
}

/** Asks once over its own connection and never throws: a broken connection is an answer too. */
export function ask(url: string, question: Question): Promise<Seen> {
  const { key = "sk-sim-ok", prompt = "hello", stream = true, path = "/v1/messages", method = "POST" } = question;
  const given = question.body === undefined ? messagesBody(prompt, stream) : question.body;
  const body =
    typeof given === "string" || Buffer.isBuffer(given) ? Buffer.from(given) : Buffer.from(JSON.stringify(given));
  const startedAt = performance.now();
  const seen: Seen = {
    ...{ status: 0, headers: {}, body: Buffer.alloc(0), pieces: [], headAtMs: 0, endAtMs: 0, isComplete: false },
  };
  const elapsed = (): number => performance.now() - startedAt;
  return new Promise((resolve) => {
    const finish = (error?: NodeJS.ErrnoException): void => {
      seen.error ??= error?.code ?? error?.message;
      seen.body = Buffer.concat(seen.pieces.map((piece) => piece.bytes));
      seen.endAtMs = elapsed();
      resolve(seen);
    };
    const headers = { "anthropic-version": "2023-06-01", "content-type": "application/json", "x-api-key": key };
    const outgoing = open(
      url + path,
      { method, agent: false, headers: { ...headers, ...question.headers } },
      (incoming) => {
        Object.assign(seen, { status: incoming.statusCode, headers: incoming.headers, headAtMs: elapsed() });
        let size = 0;
        incoming.on("data", (bytes: Buffer) => {
          seen.pieces.push({ bytes, atMs: elapsed() });
          size += bytes.length;
          if (question.hangUpAfter !== undefined && size >= question.hangUpAfter) outgoing.destroy();
        });
        incoming.on("end", () => {
          seen.isComplete = incoming.complete;
          finish();
        });
        incoming.on("error", finish);
      },
    );
    outgoing.on("error", finish);
    outgoing.end(method === "GET" || method === "HEAD" ? undefined : body);
  });
}

/** The events of a stream as parsed `data:` objects, with CRLF or LF. */
export function eventsOf(body: Buffer): { type: string; [field: string]: unknown }[] {
  return body
    .toString("utf8")
    .split(/\r?\n\r?\n/)
    .flatMap((block) => block.split(/\r?\n/).filter((line) => line.startsWith("data: ")))
    .map((line) => JSON.parse(line.slice(6)) as { type: string });
}
