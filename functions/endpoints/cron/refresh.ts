import { guarded } from "../../cron/guard.ts";
import { runRefresh } from "../../cron/refresh.ts";

export const handle = guarded("/cron/refresh", runRefresh);
