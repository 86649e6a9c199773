import { guarded } from "../../cron/guard.ts";
import { runRollup } from "../../cron/rollup.ts";

export const handle = guarded("/cron/rollup", runRollup);
