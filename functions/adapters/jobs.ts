import type { Config } from "../config.ts";
import type { Job } from "./timers.ts";

/** The cron endpoints as jobs of a process that stays up. None where QStash calls them. */
export function houseJobs(_config: Config): Job[] {
  return [];
}
