/** One Redis command: its name and its arguments, all of them well-formed strings. */
export type Command = readonly string[];

/** What Redis answers, as RESP2 words it. */
export type Reply = string | number | null | Reply[];

/**
 * Carries Redis commands to a server, over whatever wire. It rejects with any error at all: `redis.ts` words it.
 * Commands arrive in the order they were given. Nothing is ever sent twice.
 */
export interface Carrier extends Runner {
  /** For commands that may wait a moment for company. Absent where all of a tick leave together anyway. */
  readonly later?: Runner;
  /** Waits for what is under way, then lets go of the server. */
  close(): Promise<void>;
}

export interface Runner {
  run(command: Command): Promise<Reply>;
  /** All commands in one round trip, in order, each with its reply or with what it failed of. */
  runAll(commands: readonly Command[]): Promise<(Reply | Error)[]>;
}
