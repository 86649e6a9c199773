import type { IncomingHttpHeaders } from "node:http";
import type { Behaviour } from "./behaviours.ts";

/** One request as a language sees it: `body` is decoded (gzip, br, zstd undone); the record keeps the raw bytes. */
export interface Incoming {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

/**
 * What the simulated provider answers. Each frame is written by itself, so that chunk boundaries survive up to the
 * client's parser; a streamed answer has one frame an event. `repeatable` is the frame that a flood repeats.
 */
export interface Reply {
  status: number;
  headers: Record<string, string | string[]>;
  frames: Buffer[];
  streamed: boolean;
  repeatable?: number;
}

/** A request that a language has understood; nothing has been answered yet. */
export interface SimulatedCall {
  /** What the client signs with; it may name behaviours (`sk-sim-529-once`). */
  credential: string;
  /** The text whose markers count: the last message of the person, never what a tool or the model said. */
  prompt: string;
  /** False for counting and listing: they take only the uncounted faults of a credential. */
  generates: boolean;
  refuse(fault: string, behaviour: Behaviour): Reply;
  answer(behaviour: Behaviour): Reply;
  /** The language's own error event, for a stream that fails after its head was sent. */
  errorFrame(type: string): Buffer;
}

/** A wire language: `open` answers undefined for a path that is not its own. */
export interface Language {
  name: string;
  /** Fault names that `refuse` knows, such as `429-5h`. */
  faults: ReadonlySet<string>;
  /** Directives beyond the shared ones. */
  directives: ReadonlySet<string>;
  open(incoming: Incoming): SimulatedCall | undefined;
}
