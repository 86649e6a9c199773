import type { Config } from "../../config.ts";
import type { JobName } from "../../core/process/job-runs.ts";

/** Minutes between the runs of each job. Pages read the unfolded end of the log, so the rollup is in no hurry. */
export function intervalsOf(config: Config): Record<JobName, number> {
  return { refresh: config.TOKEN_REFRESH_INTERVAL, cleanup: config.RATE_LIMIT_CLEANUP_INTERVAL, rollup: 30 };
}
