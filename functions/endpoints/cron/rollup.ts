import { guarded } from "../../operations/jobs/guard.ts";
import { noted } from "../../operations/jobs/noted.ts";
import { runRollup } from "../../operations/jobs/rollup.ts";

export const handle = guarded("/cron/rollup", noted("rollup", runRollup));
