import { guarded } from "../../cron/guard.ts";
import { noted } from "../../cron/noted.ts";
import { runCleanup } from "../../cron/cleanup.ts";

export const handle = guarded("/cron/cleanup", noted("cleanup", runCleanup));
