import { guarded } from "../../cron/guard.ts";
import { noted } from "../../cron/noted.ts";
import { runRollup } from "../../cron/rollup.ts";

export const handle = guarded("/cron/rollup", noted("rollup", runRollup));
