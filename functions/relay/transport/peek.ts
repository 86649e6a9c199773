import type { Dialect, UsageReader } from "../dialects/dialect.ts";
import { toFailure } from "../../failure.ts";
import type { Body, Flow, Inbound } from "../../wire/dispatch.ts";
import { EventCutter } from "../../wire/sse.ts";

const mostErrorBytes = 64 * 1024;
/** How much of an answer, and for how long, may be held back until it shows whether it has content. */
const mostHeldBytes = 64 * 1024;
const mostHeldMs = 20_000;

/** What was read of an answer to judge it. */
export interface Peeked {
  readonly chunks: readonly Uint8Array[];
  readonly hasMore: boolean;
  /** What is left of the body. */
  readonly body: Body;
  /** The answer ended before it had any content. */
  readonly isEmpty: boolean;
}

/** An error's body, as far as 64 kB. */
export async function readError({ body }: Inbound): Promise<Peeked> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for (let chunk = await body.read(); chunk; chunk = await body.read()) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > mostErrorBytes) return { chunks, hasMore: true, body, isEmpty: false };
    }
  } catch (error) {
    // The status says enough to judge by; only a client that is gone wants no judgement.
    if (toFailure(error).code === "client.gone") throw error;
  }
  return { chunks, hasMore: false, body, isEmpty: false };
}

/**
 * Reads until the answer's first content: what only opens a stream (Anthropic's `message_start`, OpenAI's
 * `response.created`) is held back, so that an overload or a cut behind it can still go elsewhere. A whole answer is read
 * to its end if it is short, since some vendors tell errors in one with status 200.
 */
export async function peek(
  inbound: Inbound,
  reader: UsageReader,
  dialect: Dialect,
  isStream: boolean,
): Promise<Peeked> {
  const { body } = inbound;
  const chunks: Uint8Array[] = [];
  const isDone = watchContent(reader, dialect, isStream && isEventStream(inbound));
  let size = 0;
  const timer = new Deadline(mostHeldMs);
  try {
    for (;;) {
      const reading = body.read();
      const chunk = size === 0 ? await reading : await timer.race(reading);
      if (chunk === late) return { chunks, hasMore: true, body: resume(reading, body), isEmpty: false };
      if (!chunk) {
        reader.finish();
        return { chunks, hasMore: false, body, isEmpty: isStream && reader.state() === "open" };
      }
      chunks.push(chunk);
      size += chunk.length;
      reader.see(chunk);
      if (isDone(chunk) || size > mostHeldBytes) return { chunks, hasMore: true, body, isEmpty: false };
    }
  } finally {
    timer.clear();
  }
}

const isEventStream = ({ headers }: Inbound): boolean => !/^application\/json/.test(headers["content-type"] ?? "");

/**
 * Told each chunk, answers whether the client should see what there is. Of a whole answer only an object can be an error;
 * Gemini's streams may be a list, whose elements come one by one.
 */
function watchContent(reader: UsageReader, dialect: Dialect, isStream: boolean): (chunk: Uint8Array) => boolean {
  if (!isStream) return (chunk) => !/^\s*(\{|$|\[\s*(\{\s*("error"|$)|$))/.test(beginning(chunk));
  let hasContent = false;
  const cutter = new EventCutter(["data:"], (data) => {
    hasContent ||= !dialect.opens(data);
  });
  return (chunk) => {
    cutter.see(chunk);
    return hasContent || reader.error() !== undefined;
  };
}

const beginning = (chunk: Uint8Array): string => Buffer.from(chunk.subarray(0, 100)).toString("latin1");

const late = Symbol("late");

/** One timer for all reads of an answer, begun with the first that must wait. */
class Deadline {
  readonly #ms: number;
  #timer: NodeJS.Timeout | undefined;
  #passed: Promise<typeof late> | undefined;

  constructor(ms: number) {
    this.#ms = ms;
  }

  race<T>(reading: Promise<T>): Promise<T | typeof late> {
    this.#passed ??= new Promise((resolve) => (this.#timer = setTimeout(resolve, this.#ms, late)));
    return Promise.race([reading, this.#passed]);
  }

  clear(): void {
    clearTimeout(this.#timer);
  }
}

/** A body of which one chunk is being waited for already. */
export function resume(reading: Promise<Uint8Array | undefined>, body: Body): Body {
  // Whoever takes the body over handles its failure, which may come before that.
  reading.catch(() => undefined);
  let first: Promise<Uint8Array | undefined> | undefined = reading;
  const read = () => {
    const next = first ?? body.read();
    first = undefined;
    return next;
  };
  const flow = (to: Flow) => {
    let isWoken = false;
    let goOn: () => void = () => void (isWoken = true);
    const start = (chunk: Uint8Array | undefined) => {
      if (!chunk) return to.end();
      isWoken = false;
      const wantsMore = to.chunk(chunk);
      goOn = () => void (goOn = body.flow(to));
      if (wantsMore || isWoken) goOn();
    };
    void read().then(start, (error: unknown) => to.fail(error));
    return () => goOn();
  };
  return { take: () => undefined, read, flow, cancel: () => body.cancel() };
}
