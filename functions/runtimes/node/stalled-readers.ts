import type { Socket } from "node:net";

export interface ReaderWatch {
  add(socket: Socket): void;
  stop(): void;
}

interface Seen {
  /** What the system has taken of what was written. */
  sentBytes: number;
  /** Looks in a row at which it had taken nothing more, and something waited. */
  still: number;
}

/** A reader is looked at so many times before it is ended. */
const looks = 4;

/**
 * Ends connections whose reader takes nothing for `stallMs` while bytes wait for it: whatever the answer, its call is settled
 * then as one whose client is gone, and its account's slot is free again.
 */
export function watchReaders(stallMs: number): ReaderWatch {
  const sockets = new Map<Socket, Seen>();
  const look = () => {
    for (const [socket, seen] of sockets) {
      const sentBytes = socket.bytesWritten - socket.writableLength;
      const isStill = socket.writableLength > 0 && sentBytes === seen.sentBytes;
      seen.still = isStill ? seen.still + 1 : 0;
      seen.sentBytes = sentBytes;
      if (seen.still >= looks) socket.resetAndDestroy();
    }
  };
  const timer = setInterval(look, stallMs / looks).unref();
  return {
    add(socket) {
      sockets.set(socket, { sentBytes: 0, still: 0 });
      socket.once("close", () => sockets.delete(socket));
    },
    stop: () => clearInterval(timer),
  };
}
