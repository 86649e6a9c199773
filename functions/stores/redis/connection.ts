import type { Socket } from "node:net";
import { type Command, type Reply, SilentError } from "./carrier.ts";
import { encodeCommand, ReplyReader, type Answered } from "./resp.ts";

/** Whoever waits for a reply. */
interface Waiting {
  take(reply: Reply): void;
  refuse(error: Error): void;
}

export interface ConnectionOptions {
  /** Begins to connect. */
  readonly open: () => Socket;
  /** What the socket emits when commands may be sent. */
  readonly opened: "connect" | "secureConnect";
  /** Sent first; one that is refused ends the connection. */
  readonly greeting: readonly Command[];
  /** The longest wait for the connection, and for a sign of life while a reply is due. */
  readonly timeoutMs: number;
  /** The greeting was answered. */
  readonly onReady: () => void;
  /** It ended before that. */
  readonly onUnreachable: (error: Error) => void;
}

/**
 * One connection to a Redis server, from its begin to its end; it is never made again. Commands of one turn of the event loop,
 * whosever they are, leave in one write, with those of the last 2 ms whose answer nobody waits for; replies are matched to them
 * by their order. A client library (ioredis was here) makes some objects, checks and a write for each command, which took a
 * tenth of the processor time of a message.
 */
export class Connection {
  isOver = false;
  readonly #options: ConnectionOptions;
  readonly #socket: Socket;
  readonly #reader = new ReplyReader((reply) => this.#answer(reply));
  #waiting: Waiting[] = [];
  /** Of the one whose reply comes next. */
  #next = 0;
  /** What leaves when the turn ends. Before the greeting was answered it is held back. */
  #outgoing = "";
  #isDue = false;
  #patience: NodeJS.Timeout | undefined;
  #isReady = false;
  #timer: NodeJS.Timeout | undefined;
  /** When the server last gave a sign of life, or was first asked for one: `performance.now()`. */
  #heardAt = 0;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#socket = options.open();
    this.#socket
      .setNoDelay(true)
      .setKeepAlive(true)
      .on(options.opened, () => this.#greet())
      .on("data", (chunk: Buffer) => this.#see(chunk))
      .on("error", (error) => this.end(error))
      .on("close", () => this.end(new Error("The connection to the Redis server was closed.")));
    this.#listen();
  }

  get isReady(): boolean {
    return this.#isReady && !this.isOver;
  }

  /** Sends commands in their order; the replies come to `waiting` one by one. */
  send(commands: readonly Command[], waiting: Waiting): void {
    this.#queue(commands, waiting);
    if (this.#isDue || !this.#isReady) return;
    this.#isDue = true;
    setImmediate(flush, this);
  }

  /** The same for commands that leave with the next, or soon. */
  sendLater(commands: readonly Command[], waiting: Waiting): void {
    this.#queue(commands, waiting);
    if (!this.#isDue && this.#isReady) this.#patience ??= setTimeout(flush, patienceMs, this);
  }

  #queue(commands: readonly Command[], waiting: Waiting): void {
    if (this.#next === this.#waiting.length) this.#listen();
    for (const command of commands) {
      this.#outgoing += encodeCommand(command);
      this.#waiting.push(waiting);
    }
  }

  flush(): void {
    this.#isDue = false;
    clearTimeout(this.#patience);
    this.#patience = undefined;
    const text = this.#outgoing;
    this.#outgoing = "";
    if (!this.isOver && text !== "") this.#socket.write(text, "utf8");
  }

  /** Refuses whatever waits. Works once. Silence resets it, which takes back what has not arrived: it must not be executed later. */
  end(error: Error): void {
    if (this.isOver) return;
    this.isOver = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#patience);
    if (error instanceof SilentError && this.#options.opened === "connect") this.#socket.resetAndDestroy();
    else this.#socket.destroy();
    if (!this.#isReady) this.#options.onUnreachable(error);
    for (const waiting of this.#waiting.splice(0).slice(this.#next)) waiting.refuse(error);
  }

  /** Ends it if the server has been silent for too long while it owes something. */
  look(): void {
    this.#timer = undefined;
    if (this.#isReady && this.#next === this.#waiting.length) return;
    const { timeoutMs } = this.#options;
    const silentMs = performance.now() - this.#heardAt;
    // Timers may come a little early.
    if (silentMs < timeoutMs - 1) this.#timer = setTimeout(look, timeoutMs - silentMs, this).unref();
    else setImmediate(giveUp, this, this.#heardAt);
  }

  /** A process that stood still itself finds the answers in its socket, after its timers. */
  giveUp(heardAt: number): void {
    if (heardAt === this.#heardAt) this.end(new SilentError("The Redis server does not answer."));
    else this.look();
  }

  #listen(): void {
    this.#heardAt = performance.now();
    this.#timer ??= setTimeout(look, this.#options.timeoutMs, this).unref();
  }

  #greet(): void {
    const { greeting } = this.#options;
    if (greeting.length === 0) return this.#begin();
    let left = greeting.length;
    const take = () => {
      left -= 1;
      if (left === 0) this.#begin();
    };
    const welcome: Waiting = { take, refuse: (error) => this.end(error) };
    this.#waiting.unshift(...greeting.map(() => welcome));
    this.#socket.write(greeting.map(encodeCommand).join(""));
  }

  #begin(): void {
    this.#isReady = true;
    this.#options.onReady();
    this.flush();
  }

  #see(chunk: Buffer): void {
    this.#heardAt = performance.now();
    try {
      this.#reader.see(chunk);
    } catch (error) {
      this.end(error as Error);
    }
  }

  #answer(reply: Answered): void {
    const waiting = this.#waiting[this.#next];
    if (waiting === undefined) return;
    this.#next += 1;
    if (this.#next === this.#waiting.length || this.#next >= mostAnswered) {
      this.#waiting = this.#waiting.slice(this.#next);
      this.#next = 0;
    }
    if (!(reply instanceof Error)) return waiting.take(reply);
    waiting.refuse(reply);
    // A primary that became a replica keeps the connection open and refuses writes.
    if (reply.message.startsWith("READONLY")) this.end(reply);
  }
}

/** So many that were answered stay in the list before it is cut. */
const mostAnswered = 64;
const patienceMs = 2;
const flush = (connection: Connection) => connection.flush();
const look = (connection: Connection) => connection.look();
const giveUp = (connection: Connection, heardAt: number) => connection.giveUp(heardAt);
