import { request, type IncomingHttpHeaders, type OutgoingHttpHeaders } from "node:http";

export interface Said {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** Milliseconds from the request to the head, and to each piece of the body. */
  readonly headAt: number;
  readonly pieces: readonly { at: number; text: string }[];
  /** The connection was cut before the end. */
  readonly isCut: boolean;
}

export interface Ask {
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: Buffer | string;
  /** Leaves the body unread for so long after the head. */
  readonly pauseMs?: number;
}

/** One request on its own connection, with the path sent as it is. */
export function talk(url: string, path: string, { method, headers, body, pauseMs = 0 }: Ask = {}): Promise<Said> {
  const startedAt = performance.now();
  const pieces: { at: number; text: string }[] = [];
  const chunks: Buffer[] = [];
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const sent = request({ hostname, port, path, method: method ?? (body ? "POST" : "GET"), headers, agent: false });
    sent.on("error", reject);
    sent.on("response", (response) => {
      const headAt = performance.now() - startedAt;
      const finish = (isCut: boolean) =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks),
          headAt,
          pieces,
          isCut,
        });
      setTimeout(() => {
        response.on("data", (chunk: Buffer) => {
          chunks.push(chunk);
          pieces.push({ at: performance.now() - startedAt, text: chunk.toString() });
        });
      }, pauseMs);
      response.on("end", () => finish(!response.complete)).on("error", () => finish(true));
    });
    sent.end(body);
  });
}
