import { guarded } from "../../operations/jobs/guard.ts";
import { noted } from "../../operations/jobs/noted.ts";
import { runCleanup } from "../../operations/jobs/cleanup.ts";

export const handle = guarded("/cron/cleanup", noted("cleanup", runCleanup));
