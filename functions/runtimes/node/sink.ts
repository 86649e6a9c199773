import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Sink } from "../../wire/exchange.ts";

/** A longer chunk goes out between its frame's ends; a shorter one is cheaper copied than handed over in three pieces. */
const mostCopied = 16 * 1024;
const lineEnd = Buffer.from("\r\n");

/**
 * The client's end of an answer that writes itself. Head and end are Node's own; the chunks between are framed here (RFC 9112
 * § 7.1) and go to the socket as one buffer each, since what `response.write` makes of a chunk, four writes, costs more than all
 * else that relaying a small one takes. `writeHead` is called before the first byte.
 */
export function openSink(response: ServerResponse, writeHead: () => void): Sink {
  let isHeadOut = false;
  let isWaiting = false;
  let goOn: (() => void) | undefined;
  const onDrain = () => {
    isWaiting = false;
    goOn?.();
  };
  const wait = (socket: Socket) => {
    if (isWaiting) return;
    isWaiting = true;
    socket.once("drain", onDrain);
  };
  return {
    write(chunk) {
      if (response.destroyed || response.writableEnded) return true;
      if (!response.headersSent) writeHead();
      const { socket } = response;
      // No socket: the answer before this one still has it. No chunks: HTTP/1.0, or a body of known length.
      if (!socket || !response.chunkedEncoding) return response.write(chunk);
      cork(socket);
      if (!isHeadOut) response.flushHeaders();
      isHeadOut = true;
      if (chunk.byteLength === 0) return true;
      const isTaken = writeFrame(socket, chunk);
      if (!isTaken) wait(socket);
      return isTaken;
    },
    onDrain(then) {
      goOn = then;
      response.on("drain", then);
    },
    end() {
      if (response.destroyed || response.writableEnded) return;
      if (!response.headersSent) writeHead();
      response.end();
    },
  };
}

/** All of a turn goes out in one packet: the head with the first chunk, the last chunk with the end. */
function cork(socket: Socket): void {
  if (socket.writableCorked > 0) return;
  socket.cork();
  process.nextTick(uncork, socket);
}

const uncork = (socket: Socket) => socket.uncork();

function writeFrame(socket: Socket, chunk: Uint8Array): boolean {
  const size = `${chunk.byteLength.toString(16)}\r\n`;
  if (chunk.byteLength > mostCopied) {
    socket.write(size, "latin1");
    socket.write(chunk);
    return socket.write(lineEnd);
  }
  const frame = Buffer.allocUnsafe(size.length + chunk.byteLength + 2);
  frame.write(size, "latin1");
  frame.set(chunk, size.length);
  frame.set(lineEnd, size.length + chunk.byteLength);
  return socket.write(frame);
}
