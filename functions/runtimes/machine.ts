import { totalmem } from "node:os";
import { getHeapStatistics } from "node:v8";
import type { Config } from "../config.ts";
import type { Env } from "../env.ts";
import { buildLog, type Log } from "../log.ts";
import type { LogBook } from "../log-book.ts";
import { openStore } from "../stores/index.ts";
import type { Store } from "../stores/store.ts";
import type { Dispatch } from "../wire/dispatch.ts";

export interface Machine {
  readonly env: Env;
  /** Resolves when all work that was handed to `env.after` has ended, as far as it was handed over by then. */
  settled(): Promise<void>;
}

export interface MachineParts {
  readonly config: Config;
  readonly store: Store;
  readonly dispatch: Dispatch;
  readonly now: () => number;
  readonly write: (line: string) => void;
  /** Where lines are kept for the console as well. */
  readonly logBook?: LogBook;
  readonly isDraining: () => boolean;
  readonly spill?: Env["spill"] | undefined;
}

/** The Env of a process, and the work that goes on after answers. */
export function buildMachine(parts: MachineParts): Machine {
  const { config, store, dispatch, now, write, isDraining, logBook, spill } = parts;
  const writeLine = (line: string) => {
    logBook?.add(line);
    write(line);
  };
  const log = buildLog(config.LOG_LEVEL, writeLine, now);
  let pending = 0;
  let idle: PromiseWithResolvers<void> | undefined;
  const done = () => {
    pending -= 1;
    if (pending > 0) return;
    idle?.resolve();
    idle = undefined;
  };
  const failed = (error: unknown) => {
    tell(log, error);
    done();
  };
  const after = (work: Promise<unknown>) => {
    pending += 1;
    work.then(done, failed);
  };
  const settled = async () => {
    while (pending > 0) await (idle ??= Promise.withResolvers()).promise;
  };
  const kept = { ...(logBook ? { logBook } : {}), ...(spill ? { spill } : {}) };
  return { env: { store, dispatch, now, log, config, after, isDraining, memoryBytes: findMemory(), ...kept }, settled };
}

/** A heap limit that is lower was set on purpose; Node's own for a small container is half of its memory. */
const leastBytes = 512 * 1024 * 1024;

/** What this process may take: of its container or machine, or of the heap if that was given less. */
function findMemory(): number {
  const constrained = process.constrainedMemory();
  const machine = constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
  return Math.min(machine, Math.max(leastBytes, getHeapStatistics().heap_size_limit));
}

const tell = (log: Log, error: unknown) => log("error", "work after an answer failed", { error });

/** The store that the settings ask for. */
export function openConfiguredStore(config: Config, now: () => number): Promise<Store> {
  return openStore(
    {
      upstashUrl: config.UPSTASH_REDIS_REST_URL,
      upstashToken: config.UPSTASH_REDIS_REST_TOKEN,
      redisUrl: config.REDIS_URL,
      redis: config.REDIS_HOST
        ? {
            host: config.REDIS_HOST,
            port: config.REDIS_PORT,
            password: config.REDIS_PASSWORD,
            db: config.REDIS_DB,
            tls: config.REDIS_ENABLE_TLS,
          }
        : undefined,
      prefix: config.REDIS_KEY_PREFIX,
      dataDir: config.DATA_DIR,
    },
    now,
  );
}
