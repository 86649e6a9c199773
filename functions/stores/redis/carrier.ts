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

/** The server took a command, or a connection, and gave no sign of life for as long as one waits for it. */
export class SilentError extends Error {
  override readonly name = "SilentError";
}

/** A client that waits for its first byte is told of a silent store within two seconds. */
export const patienceMs = 1_800;
/** After a rest the first command finds out by itself: nobody is refused for what was so long ago. */
const rememberedMs = 30_000;

/**
 * While the server is known to be silent commands are refused at once, and a PING finds out whether it still is: one at a
 * time, sent only when a command asks.
 */
export function rememberSilence(carrier: Carrier): Carrier {
  let silentAt = -Infinity;
  let probe: Promise<void> | undefined;
  const note = (error: unknown) => void (silentAt = error instanceof SilentError ? performance.now() : -Infinity);
  const isSilent = () => {
    if (performance.now() - silentAt > rememberedMs) return false;
    probe ??= carrier
      .run(["PING"])
      .then(note, note)
      .finally(() => (probe = undefined));
    return true;
  };
  const refuse = () => Promise.reject(new SilentError("The Redis server does not answer."));
  const guard = (runner: Runner): Runner => ({
    run: (command) =>
      isSilent()
        ? refuse()
        : runner.run(command).catch((error: unknown) => {
            note(error);
            throw error;
          }),
    async runAll(commands) {
      if (isSilent()) return refuse();
      const replies = await runner.runAll(commands);
      const failed = replies.find((reply) => reply instanceof SilentError);
      if (failed) note(failed);
      return replies;
    },
  });
  return {
    ...guard(carrier),
    ...(carrier.later ? { later: guard(carrier.later) } : {}),
    close: () => carrier.close(),
  };
}
