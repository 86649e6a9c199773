import { guarded } from "../../operations/jobs/guard.ts";
import { noted } from "../../operations/jobs/noted.ts";
import { runRefresh } from "../../operations/jobs/refresh.ts";

export const handle = guarded("/cron/refresh", noted("refresh", runRefresh));
