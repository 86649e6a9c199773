import { guarded } from "../../cron/guard.ts";
import { noted } from "../../cron/noted.ts";
import { runRefresh } from "../../cron/refresh.ts";

export const handle = guarded("/cron/refresh", noted("refresh", runRefresh));
