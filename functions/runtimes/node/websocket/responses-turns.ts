import type { RawData, WebSocket } from "ws";
import { openaiResponsesDialect } from "../../../relay/dialects/openai/responses.ts";
import type { Env } from "../../../env.ts";
import { Failure, toFailure } from "../../../failure.ts";
import type { Answer, Sink } from "../../../wire/exchange.ts";
import { EventCutter } from "../../../wire/sse.ts";
import type { Received } from "../../receive.ts";
import type { Recollection } from "./response-history.ts";
import type { SocketGuard } from "./socket-guard.ts";
import { errorFrame, readMessage, type Turn, warmUp, watchTurn } from "./responses-messages.ts";

/** One client's socket. */
export interface Line {
  readonly socket: WebSocket;
  readonly env: Env;
  readonly recollection: Recollection;
  readonly guard: SocketGuard;
  /** A POST as this client would have sent it. */
  request(body: Buffer): Received;
  /** The endpoint that serves POST, for a request that is counted as running meanwhile. */
  serve(request: Received, pass: (answer: Answer) => Promise<void>): Promise<void>;
}

export interface Turns {
  /** Closes the socket: at once if nothing is under way, after the answer otherwise. */
  drain(): void;
}

/** Messages that may wait for the answer before them. */
const mostWaiting = 8;
const longestIdleMs = 30 * 60_000;

/** Codes of RFC 6455 § 7.4.1. */
const goingAway = 1001;
const broken = 1011;

/** Serves a socket's turns one after the other until it closes; a call that is under way then is aborted. */
export function serveTurns(line: Line): Turns {
  const { socket, recollection, guard } = line;
  let [waiting, isDraining] = [0, false];
  let current: Received | undefined;
  let turns: Promise<void> = Promise.resolve();
  const rest = () => socket.close(goingAway, "idle");
  let idle = setTimeout(rest, longestIdleMs);
  const take = async (data: Buffer) => {
    clearTimeout(idle);
    guard.begin(data.length);
    if (socket.readyState === socket.OPEN) await serve(data, line, (request) => (current = request));
    current = undefined;
    waiting -= 1;
    if (waiting > 0) return;
    if (isDraining) socket.close(goingAway, "restarting");
    else idle = setTimeout(rest, longestIdleMs);
  };
  socket.on("message", (data, isBinary) => {
    if (socket.readyState !== socket.OPEN) return;
    if (isBinary || waiting >= mostWaiting) return refuse(line, isBinary ? noBinary() : tooMany());
    const bytes = bytesOf(data);
    if (!guard.queue(bytes.length)) return;
    waiting += 1;
    turns = turns.then(() => take(bytes));
  });
  socket.on("close", () => {
    clearTimeout(idle);
    recollection.forget(line);
    current?.abort(new Failure("client.gone"));
  });
  // A frame that breaks the protocol; the library closes the connection with the code that says so.
  socket.on("error", (error) => line.env.log("debug", "socket broke", { error }));
  return {
    drain() {
      isDraining = true;
      if (waiting === 0) socket.close(goingAway, "restarting");
    },
  };
}

const noBinary = () => new Failure("request.malformed", { message: "Messages must be text frames." });
const tooMany = () =>
  new Failure("limit.concurrency", { message: `More than ${mostWaiting} messages wait for an answer on this socket.` });

function bytesOf(data: RawData): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return Buffer.isBuffer(data) ? data : Buffer.from(data);
}

/** Never rejects. */
async function serve(data: Buffer, line: Line, onCall: (request: Received) => void): Promise<void> {
  const { socket, recollection } = line;
  try {
    const message = readMessage(data, recollection.recall(line));
    if (message.kind === "passed") return;
    if (message.kind === "unknown") return socket.send(message.frame);
    if (message.kind === "warm-up") return answerWarmUp(message, line);
    const request = line.request(message.body);
    onCall(request);
    await line.serve(request, (answer) => pass(answer, message, line));
  } catch (error) {
    const failure = toFailure(error);
    if (failure.blame !== "client") line.env.log("error", "request failed", { code: failure.code, error });
    refuse(line, failure);
  }
}

function answerWarmUp(turn: Turn, line: Line): void {
  const { id, frames } = warmUp(turn, line.env.now());
  if (turn.items) line.recollection.remember(line, id, turn.items);
  for (const frame of frames) line.socket.send(frame);
}

function refuse({ socket, request, guard }: Line, failure: Failure): void {
  if (socket.readyState !== socket.OPEN) return;
  const { status, headers, body } = openaiResponsesDialect.refuse(failure, request(Buffer.alloc(0)));
  socket.send(errorFrame(status, headers, String(body)));
  guard.refused();
}

/** A stream's events as frames. One that does not come to its end closes the socket, as HTTP would cut the connection. */
async function pass(answer: Answer, turn: Turn, line: Line): Promise<void> {
  const { socket, recollection } = line;
  if (answer.status >= 400) {
    await passRefusal(answer, socket);
    return line.guard.refused();
  }
  line.guard.served();
  const watch = watchTurn(turn);
  const cutter = new EventCutter(["data:"], (data) => {
    watch.see(data);
    socket.send(data, onSent);
  });
  let goOn: (() => void) | undefined;
  const onSent = () => socket.bufferedAmount < lowBytes && goOn?.();
  const write = (chunk: Uint8Array) => {
    if (socket.readyState !== socket.OPEN) return true;
    const before = cutter.events - cutter.skipped.events;
    cutter.see(chunk);
    // Keep-alive comments are for whatever stands between; pings are what it knows here.
    if (cutter.isAtBoundary && before === cutter.events - cutter.skipped.events) socket.ping();
    return socket.bufferedAmount < highBytes;
  };
  try {
    await pourInto({ write, onDrain: (then) => (goOn = then), end: () => undefined }, answer.body);
  } finally {
    const outcome = watch.outcome();
    if (outcome) recollection.remember(line, outcome.id, outcome.items);
    if (!watch.isOver() && socket.readyState === socket.OPEN) socket.close(broken, "the answer broke off");
  }
}

/** Bytes that may wait for a slow reader before the upstream is held back, and where it may go on. */
const highBytes = 128 * 1024;
const lowBytes = 32 * 1024;

async function passRefusal({ status, headers, body }: Answer, socket: WebSocket): Promise<void> {
  const parts: Uint8Array[] = [];
  const write = (chunk: Uint8Array) => parts.push(Buffer.from(chunk)) > 0;
  await pourInto({ write, onDrain: () => undefined, end: () => undefined }, body);
  if (socket.readyState !== socket.OPEN) return;
  socket.send(errorFrame(status, headers, Buffer.concat(parts).toString("utf8")));
}

async function pourInto(sink: Sink, body: Answer["body"]): Promise<void> {
  if (typeof body === "string" || body instanceof Uint8Array) return void sink.write(Buffer.from(body));
  return body.pour(sink);
}
