import type { Config } from "../config.ts";
import type { Env } from "../env.ts";
import { runCleanup } from "./cleanup.ts";
import type { JobName } from "../records/runs.ts";
import type { Report } from "./lease.ts";
import { noted } from "./noted.ts";
import { runRefresh } from "./refresh.ts";
import { runRollup } from "./rollup.ts";

export interface Job {
  readonly name: JobName;
  readonly intervalMinutes: number;
  run(env: Env): Promise<Report>;
}

/**
 * The maintenance of a process that stays up and has no QStash. At the default intervals an idle hour costs six commands:
 * two runs of three jobs that find nothing to do. Pages read the unfolded end of the log, so the rollup is in no hurry.
 */
export function listJobs(config: Config): Job[] {
  const { TOKEN_REFRESH_INTERVAL, RATE_LIMIT_CLEANUP_INTERVAL } = config;
  return [
    { name: "refresh", intervalMinutes: TOKEN_REFRESH_INTERVAL, run: noted("refresh", runRefresh) },
    { name: "cleanup", intervalMinutes: RATE_LIMIT_CLEANUP_INTERVAL, run: noted("cleanup", runCleanup) },
    { name: "rollup", intervalMinutes: rollupMinutes, run: noted("rollup", runRollup) },
  ];
}

const rollupMinutes = 30;
