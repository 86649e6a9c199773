import { Failure } from "../failure.ts";

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
  readonly signal: HangUp;
  /**
   * The raw body as sent (still compressed, if it was). Throws `request.too-large` past `limitBytes`, `request.timeout` if it
   * comes too slowly. Called at most once.
   */
  body(limitBytes: number, terms?: BodyTerms): Promise<Buffer>;
}

export interface BodyTerms {
  /** The most that it may take, if that is less than the machine allows anyway. */
  readonly mostMs?: number;
  readonly room?: BodyRoom;
}

/** Where a body's bytes are counted. Both throw where there is no room. */
export interface BodyRoom {
  /** So many are announced; 0 if nothing is. */
  expect(bytes: number): void;
  /** So many are about to be kept. */
  take(bytes: number): void;
}

/**
 * The part of an `AbortSignal` that the house uses, which an AbortSignal is too. A machine may give something lighter: Node's
 * own costs a call as much as finding its key does.
 */
export interface HangUp {
  readonly aborted: boolean;
  /** The Failure that tells why, once it was aborted. */
  readonly reason: unknown;
  addEventListener(type: "abort", listener: () => void, options?: { once: boolean }): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

/** Why this side ended a call whose client may well still listen: a machine that must go, a ceiling. Undefined: it did not. */
export function endReason({ reason }: HangUp): Failure | undefined {
  return reason instanceof Failure && reason.code !== "client.gone" ? reason : undefined;
}

/** What an endpoint answers. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** `set-cookie` values: the one header that cannot be joined. */
  readonly cookies?: readonly string[];
  readonly body: Uint8Array | string | Pourable;
}

/**
 * A body that writes itself: bytes go from the upstream's socket to the client's without a promise between (one or two
 * promises a chunk are most of what relaying a small chunk costs). It ends when `pour` resolves; when it
 * rejects, the machine cuts the connection, so that nobody takes the answer for whole. That the client is gone it learns
 * from the request's signal.
 */
export interface Pourable {
  pour(sink: Sink): Promise<void>;
  /** Words what `pour` threw before its first byte. */
  refuse?(error: unknown): Answer;
}

/** The client's end of a connection. */
export interface Sink {
  /** False: hold back until `onDrain` is called. Bytes for a client that is gone are dropped. */
  write(chunk: Uint8Array): boolean;
  /** Called whenever the client can take more again. */
  onDrain(goOn: () => void): void;
  /** Nothing follows, told as soon as it is known: the last bytes and the end of the answer then travel in one packet. */
  end(): void;
}

export function isPourable(body: Answer["body"]): body is Pourable {
  return typeof body === "object" && "pour" in body;
}

/** A JSON answer; dynamic answers are never cached by what stands between (a CDN would share them across callers). */
export function json(status: number, value: unknown, headers: Headers = {}): Answer {
  return {
    status,
    headers: { "content-type": "application/json", "cache-control": "no-store", ...headers },
    body: JSON.stringify(value),
  };
}
