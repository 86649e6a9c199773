import { guarded } from "../../cron/guard.ts";
import { runCleanup } from "../../cron/cleanup.ts";

export const handle = guarded("/cron/cleanup", runCleanup);
