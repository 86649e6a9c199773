/** Header names are lower case. A header that came several times is joined by ", " (cookies by "; "), as RFC 9110 § 5.3 allows. */
export type Headers = Record<string, string>;

/** One HTTP request as every endpoint sees it, on Lambda and on Node alike. */
export interface Request {
  /** Made by the adapter, unique, printable; sent back as `x-request-id` and the key of the log line. */
  readonly id: string;
  readonly method: string;
  /** Decoded of nothing: the raw path as received, repeated slashes collapsed, without the query. */
  readonly path: string;
  /** Raw query string without the question mark; empty if there is none. */
  readonly query: string;
  /** What the route pattern captured, such as `id` of `/admin/keys/:id`; percent-decoded. */
  readonly params: Record<string, string>;
  readonly headers: Headers;
  /** The caller's address; behind a trusted proxy the one that the proxy reports. */
  readonly ip: string;
  /** Aborted when the client is gone. On Lambda that cannot be seen, so it never fires there. */
  readonly signal: AbortSignal;
  /** The raw body as sent (still compressed, if it was). Throws `request.too-large` past `limitBytes`. Called at most once. */
  body(limitBytes: number): Promise<Buffer>;
}

/** What an endpoint answers. A body that is an iterable is streamed with back-pressure; its `return()` is called when the client is gone. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** `set-cookie` values: the one header that cannot be joined. */
  readonly cookies?: readonly string[];
  readonly body: Uint8Array | string | AsyncIterable<Uint8Array>;
}

/** A JSON answer; dynamic answers are never cached by what stands between (a CDN would share them across callers). */
export function json(status: number, value: unknown, headers: Headers = {}): Answer {
  return {
    status,
    headers: { "content-type": "application/json", "cache-control": "no-store", ...headers },
    body: JSON.stringify(value),
  };
}
