import type { Config } from "../../config.ts";
import type { Env } from "../../env.ts";
import { jobNames, type JobName } from "../../core/process/job-runs.ts";
import { runCleanup } from "./cleanup.ts";
import { intervalsOf } from "./intervals.ts";
import type { Report, Run } from "./lease.ts";
import { noted } from "./noted.ts";
import { runRefresh } from "./refresh.ts";
import { runRollup } from "./rollup.ts";
import { isCalledEvery } from "./signed.ts";

export interface Job {
  readonly name: JobName;
  readonly intervalMinutes: number;
  run(env: Env): Promise<Report>;
}

/** The jobs by name, each of whose runs is noted. */
export const jobs: Readonly<Record<JobName, Run>> = {
  refresh: noted("refresh", runRefresh),
  cleanup: noted("cleanup", runCleanup),
  rollup: noted("rollup", runRollup),
};

/**
 * The maintenance of a process that stays up; a job is left to QStash as long as QStash calls. At the default intervals an idle hour costs six commands:
 * two runs of three jobs that find nothing to do.
 */
export function listJobs(config: Config): Job[] {
  const minutes = intervalsOf(config);
  return jobNames.map((name) => ({
    name,
    intervalMinutes: minutes[name],
    run: async (env) => (isCalledEvery(minutes[name], env) ? { isBusy: true } : jobs[name](env)),
  }));
}
