/** One Redis command: its name and its arguments, all of them well-formed strings. */
export type Command = readonly string[];

/** What Redis answers, as RESP2 words it. */
export type Reply = string | number | null | Reply[];

/**
 * Carries Redis commands to a server, over whatever wire. It rejects with any error at all: `redis.ts` words it.
 * Commands arrive in the order they were given. Nothing is ever sent twice. A patient one may wait a moment for company.
 */
export interface Carrier {
  run(command: Command, isPatient?: boolean): Promise<Reply>;
  /** All commands in one round trip, in order, each with its reply or with what it failed of. */
  runAll(commands: readonly Command[], isPatient?: boolean): Promise<(Reply | Error)[]>;
  /** Waits for what is under way, then lets go of the server. */
  close(): Promise<void>;
}
