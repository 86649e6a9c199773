import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import type { Room } from "../../../core/process/load.ts";
import { toFailure } from "../../../failure.ts";
import type { Pace } from "../../read-body.ts";

/** Codes of RFC 6455 § 7.4.1 and of its registry (1013). */
const policy = 1008;
const tryAgain = 1013;

/** What may wait, unread by the client, when something is said to it that it did not ask for. */
const mostUnreadBytes = 128 * 1024;
/** In a row. */
const mostRefusals = 5;
/** Of a control frame from a client: two bytes and the mask. */
const controlBytes = 6;
const stepMs = 10_000;
const closingMs = 2_000;

/** Keeps a client's socket within bounds: what it sends counts as the bodies of requests do, what it does not read ends it. */
export interface SocketGuard {
  /** A whole message has come that waits for its turn; false: there is no room, and the socket ends. */
  queue(bytes: number): boolean;
  /** Its turn has come. */
  begin(bytes: number): void;
  /** A message was refused; a few in a row end the socket. */
  refused(): void;
  /** A message was served. */
  served(): void;
}

export interface Guarded {
  readonly socket: WebSocket;
  /** The connection under it. */
  readonly raw: Duplex;
  readonly room: Room;
  readonly pace: Pace;
}

export function guardSocket(guarded: Guarded): SocketGuard {
  const { socket, room } = guarded;
  let refusals = 0;
  const end: End = (code, reason) => {
    if (socket.readyState !== socket.OPEN) return;
    socket.close(code, reason);
    // One that reads nothing will not say goodbye either.
    setTimeout(() => socket.terminate(), closingMs).unref();
  };
  const isTaken = (bytes: number) => {
    try {
      room.take(bytes);
      return true;
    } catch (error) {
      end(tryAgain, toFailure(error).code);
      return false;
    }
  };
  const checkUnread = () => {
    if (socket.bufferedAmount > mostUnreadBytes) end(policy, "answers are not read");
  };
  socket.on("ping", checkUnread).on("pong", checkUnread);
  countPartial(guarded, isTaken, end);
  return {
    queue: isTaken,
    begin: (bytes) => room.letGo(bytes),
    refused() {
      refusals += 1;
      if (refusals >= mostRefusals) end(policy, "too many messages were refused");
      checkUnread();
    },
    served: () => (refusals = 0),
  };
}

type End = (code: number, reason: string) => void;

/** Counts what has come of a message that is not whole yet, and sees that it goes on. */
function countPartial({ socket, raw, room, pace }: Guarded, isTaken: (bytes: number) => boolean, end: End): void {
  let [partial, before] = [0, 0];
  const shrink = (bytes: number) => {
    room.letGo(Math.min(bytes, partial));
    partial -= Math.min(bytes, partial);
  };
  const onControl = (data: Buffer) => shrink(data.length + controlBytes);
  // Before the library's own listeners, which tell of messages at once.
  raw.prependListener("data", (chunk: Buffer) => {
    if (isTaken(chunk.length)) partial += chunk.length;
  });
  socket.prependListener("message", () => shrink(partial));
  socket.on("ping", onControl).on("pong", onControl);
  const timer = setInterval(() => {
    if (partial > 0 && before > 0 && partial - before < pace.leastBytes) end(policy, "the message comes too slowly");
    before = partial;
  }, stepMs).unref();
  socket.once("close", () => {
    clearInterval(timer);
    room.letGo();
  });
}
