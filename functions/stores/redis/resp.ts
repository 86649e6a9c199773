import type { Command, Reply } from "./carrier.ts";
import { memoize } from "../../wire/maps.ts";

/** What the server says of one command: an error is a value here, since the commands behind it are answered all the same. */
export type Answered = Reply | Error;

/** A command in RESP2: an array of bulk strings (redis.io/docs/latest/develop/reference/protocol-spec). */
export function encodeCommand(command: Command): string {
  let text = `*${command.length}\r\n`;
  for (const part of command) text += part.length <= longestName ? encodeName(part) : encodePart(part);
  return text;
}

const encodePart = (part: string) => `$${Buffer.byteLength(part)}\r\n${part}\r\n`;
/** Verbs, types and cells, which every message names again: `GET`, `i64`, `#12`. */
const encodeName = memoize(1_000, encodePart);
const longestName = 6;

const carriageReturn = 0x0d;

/** A list that is not whole yet. */
interface List {
  readonly items: Reply[];
  left: number;
}

/**
 * Reads replies from chunks that are split anywhere. Lists are kept as far as they are read and a long string is put together
 * once, when all of it is there, so that a table of many megabytes is gone through once. Throws on what is not RESP2.
 */
export class ReplyReader {
  #held: Buffer[] = [];
  #heldBytes = 0;
  /** How many bytes must be there before reading on makes sense. */
  #wanted = 0;
  readonly #open: List[] = [];
  readonly #onReply: (reply: Answered) => void;

  constructor(onReply: (reply: Answered) => void) {
    this.#onReply = onReply;
  }

  see(chunk: Buffer): void {
    this.#held.push(chunk);
    this.#heldBytes += chunk.length;
    if (this.#heldBytes < this.#wanted) return;
    const bytes = this.#held.length === 1 ? chunk : Buffer.concat(this.#held, this.#heldBytes);
    let at = 0;
    for (let next = this.#readOne(bytes, at); next > 0; next = this.#readOne(bytes, at)) at = next;
    this.#held = at === bytes.length ? [] : [bytes.subarray(at)];
    this.#heldBytes = bytes.length - at;
  }

  /** Where the value at `at` ends; 0 if it is not all there. */
  #readOne(bytes: Buffer, at: number): number {
    this.#wanted = 0;
    const end = bytes.indexOf(carriageReturn, at);
    const next = end + 2;
    if (end < 0 || next > bytes.length) return 0;
    const line = bytes.toString("utf8", at + 1, end);
    const size = Number(line);
    switch (bytes[at]) {
      case 0x24: {
        if (size < 0) return this.#give(null, next);
        if (next + size + 2 > bytes.length) {
          this.#wanted = next + size + 2 - at;
          return 0;
        }
        return this.#give(bytes.toString("utf8", next, next + size), next + size + 2);
      }
      case 0x3a:
        return this.#give(size, next);
      case 0x2b:
        return this.#give(line, next);
      case 0x2d:
        return this.#give(new Error(line), next);
      case 0x2a: {
        if (size <= 0) return this.#give(size < 0 ? null : [], next);
        this.#open.push({ items: [], left: size });
        return next;
      }
      default:
        throw new Error("The server does not speak the Redis protocol.");
    }
  }

  #give(value: Answered, next: number): number {
    let reply = value;
    for (let list = this.#open.at(-1); list !== undefined; list = this.#open.at(-1)) {
      // An error in a list would be that of a command inside MULTI, which nobody sends.
      list.items.push(reply instanceof Error ? reply.message : reply);
      list.left -= 1;
      if (list.left > 0) return next;
      reply = list.items;
      this.#open.pop();
    }
    this.#onReply(reply);
    return next;
  }
}
