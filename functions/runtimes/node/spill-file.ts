import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { restoreCredentials } from "../../core/accounts/credential.ts";
import { flushEvents, restoreEvents } from "../../core/usage/log.ts";
import type { Env } from "../../env.ts";

/** What the store had not taken when its process ended: a file under `DATA_DIR`, which the next process reads. */
export interface SpillFile {
  /** Never throws: each line stands in the process log, too. */
  readonly keep: (line: string) => void;
  /** Writes to the store what is there, each line once. */
  restore(env: Env): Promise<void>;
}

const againMs = 30_000;

export function openSpillFile(directory: string): SpillFile {
  const path = join(directory, "unsaved.jsonl");
  // What is being restored stands apart from what is spilled meanwhile, and stays until the store has it.
  const taken = join(directory, "unsaved.taken.jsonl");
  const append = (file: string, text: string) => {
    mkdirSync(directory, { recursive: true });
    appendFileSync(file, text, { mode: 0o600 });
  };
  const clear = async (env: Env): Promise<void> => {
    if (await flushEvents(env)) rmSync(taken, { force: true });
    else setTimeout(() => env.after(clear(env)), againMs).unref();
  };
  return {
    keep(line) {
      try {
        append(path, `${line}\n`);
      } catch {
        // A disk that is full or read-only: the operator can put the line of the process log into the file.
      }
    },
    async restore(env) {
      if (existsSync(path)) {
        append(taken, readFileSync(path, "utf8"));
        rmSync(path);
      }
      if (!existsSync(taken)) return;
      const lines = readFileSync(taken, "utf8").split("\n");
      await Promise.all([restoreEvents(lines, env), restoreCredentials(lines, env)]);
      await clear(env);
    },
  };
}
