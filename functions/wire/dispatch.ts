import type { HangUp, Pourable } from "./exchange.ts";

/** A proxy on the way to an upstream: `http://`, `https://` or `socks5://`, with credentials in the URL if it wants any. */
export type ProxyUrl = string;

export interface Outbound {
  readonly method: string;
  readonly url: string;
  /** Lower-case names. Nothing is added but `host`, `content-length` and `connection`. */
  readonly headers: Record<string, string>;
  readonly body?: Uint8Array | string;
  readonly proxy?: ProxyUrl;
  /** Aborting destroys the upstream connection at once, before and after the head. */
  readonly signal?: HangUp;
  /** How long to wait for the connection and the head. Passing it is a Failure `upstream.timeout`. */
  readonly headTimeoutMs: number;
  /** The longest silence between two chunks of the body. Passing it fails the body with `upstream.timeout`. */
  readonly silenceTimeoutMs: number;
  /** Called when the request goes out on a connection: from then on the upstream may work on it, and bill it. */
  readonly onSent?: () => void;
}

export interface Inbound {
  readonly status: number;
  /** Lower-case names; repeated headers joined by ", ". */
  readonly headers: Record<string, string>;
  /** Raw bytes as sent (still compressed, if they were). Ends normally only if the message was complete. */
  readonly body: Body;
}

/**
 * The body of an upstream's answer, read in one of two ways. `read` gives the next chunk, undefined at the clean end, and
 * rejects with a Failure (`upstream.broken`, `upstream.timeout`) when the connection dies first. `flow` hands over all that
 * is left, as it arrives and without a promise a chunk: the relay's hot path. `cancel` drops the rest and the connection.
 */
export interface Body {
  /** A chunk that has already arrived, taken without waiting; undefined if there is none right now. */
  take(): Uint8Array | undefined;
  read(): Promise<Uint8Array | undefined>;
  /** Called at most once, and `read` not after it. The given function lets it go on after `chunk` has answered false. */
  flow(to: Flow): () => void;
  cancel(): void;
}

/** Where a flowing body goes: chunks in order, then exactly one `end` or `fail`. */
export interface Flow {
  /** False holds the body back until it is told to go on. */
  chunk(bytes: Uint8Array): boolean;
  end(): void;
  fail(error: unknown): void;
}

/** A body of which only the reading is known: what unpacks or translates another one. */
export function pullBody(
  read: () => Promise<Uint8Array | undefined>,
  cancel: () => void,
  take: () => Uint8Array | undefined = () => undefined,
): Body {
  const flow = (to: Flow) => {
    let goOn: (() => void) | undefined;
    const run = async () => {
      for (let bytes = await read(); bytes; bytes = await read()) {
        // Whoever drains at once asks for more before it has answered that it wants none.
        const isDrained = new Promise<void>((resolve) => (goOn = resolve));
        if (!to.chunk(bytes)) await isDrained;
      }
    };
    run().then(
      () => to.end(),
      (error: unknown) => to.fail(error),
    );
    return () => goOn?.();
  };
  return { take, read, flow, cancel };
}

/** Passes a body on as its client takes it. A client that leaves cancels it. */
export function passOn(body: Body, signal: HangUp): Pourable {
  return {
    pour: async (sink) => {
      let goOn: (() => void) | undefined;
      sink.onDrain(() => goOn?.());
      const leave = () => (body.cancel(), goOn?.());
      if (signal.aborted) leave();
      signal.addEventListener("abort", leave, { once: true });
      for (let bytes = await body.read(); bytes; bytes = await body.read()) {
        const isDrained = new Promise<void>((resolve) => (goOn = resolve));
        if (!sink.write(bytes) && !signal.aborted) await isDrained;
      }
    },
  };
}

/** Sends one HTTP request to an upstream. Rejects with `upstream.unreachable` or `upstream.timeout`; statuses are never errors. */
export type Dispatch = (outbound: Outbound) => Promise<Inbound>;
