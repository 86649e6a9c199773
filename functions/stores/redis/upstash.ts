import { Redis } from "@upstash/redis";
import { type Carrier, type Command, patienceMs, rememberSilence, type Reply } from "./carrier.ts";
import { redis } from "./redis.ts";
import type { Store } from "../store.ts";
import { buildRequester } from "./requester.ts";

export interface UpstashOptions {
  readonly url: string;
  readonly token: string;
  readonly prefix: string;
  /** The longest wait for a sign of life before the store counts as unavailable. */
  readonly timeoutMs?: number;
}

/**
 * Upstash Redis over HTTPS: one client a process, opened by whoever makes the environment. Nothing connects before
 * the first command. All commands of one tick go out as one `/pipeline` request, in order.
 */
export function openUpstash({ url, token, prefix, timeoutMs = patienceMs }: UpstashOptions): Store {
  const carrier = carry(new Pipe(buildRequester({ url, token, timeoutMs })));
  return redis("upstash", rememberSilence(carrier), prefix);
}

/**
 * The client without its own automatic pipelining, which sends the reads and the writes of one tick as two requests,
 * so that a read may overtake a write. The client's raw request is its protected door to any command.
 */
class Pipe extends Redis {
  send(commands: readonly Command[]): Promise<unknown> {
    return this.client.request({ path: ["pipeline"], body: commands });
  }
}

interface Waiting {
  readonly command: Command;
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: unknown) => void;
}

function carry(pipe: Pipe): Carrier {
  let waiting: Waiting[] = [];
  let isClosed = false;
  const flights = new Set<Promise<void>>();
  const send = (): void => {
    const flight = deliver(pipe, waiting).finally(() => flights.delete(flight));
    waiting = [];
    flights.add(flight);
  };
  const run = (command: Command): Promise<Reply> => {
    if (isClosed) return Promise.reject(new Error("The store is closed."));
    return new Promise((resolve, reject) => {
      if (waiting.length === 0) setImmediate(send);
      waiting.push({ command, resolve, reject });
    });
  };
  return {
    run,
    runAll: (commands) => Promise.all(commands.map((command) => run(command).catch(asError))),
    async close() {
      isClosed = true;
      if (waiting.length > 0) await new Promise((resolve) => setImmediate(resolve));
      await Promise.all(flights);
    },
  };
}

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));

async function deliver(pipe: Pipe, batch: readonly Waiting[]): Promise<void> {
  try {
    const replies = readReplies(await pipe.send(batch.map(({ command }) => command)), batch.length);
    batch.forEach(({ resolve, reject }, index) => {
      const { result, error } = replies[index] ?? {};
      if (error === undefined && result !== undefined) resolve(result);
      else reject(new Error(error ?? "Upstash answered neither a result nor an error."));
    });
  } catch (error) {
    for (const { reject } of batch) reject(error);
  }
}

function readReplies(body: unknown, count: number): { result?: Reply; error?: string }[] {
  if (Array.isArray(body) && body.length === count) return body;
  throw new Error("Upstash answered something other than one reply a command.");
}
