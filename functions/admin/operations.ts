import { accountOperations } from "./accounts.ts";
import { alertOperations } from "./alerts.ts";
import { auditOperations } from "./audit.ts";
import { backupOperations } from "./backup.ts";
import { groupOperations } from "./groups.ts";
import { keyOperations } from "./keys.ts";
import { logOperations } from "./logs.ts";
import { maintenanceOperations } from "./maintenance.ts";
import { oauthOperations } from "./oauth.ts";
import type { Operation } from "./operation.ts";
import { priceOperations } from "./prices.ts";
import { sessionOperations } from "./session.ts";
import { settingOperations } from "./settings.ts";
import { usageOperations } from "./usage.ts";

/** Every operation of the admin API: the OpenAPI document tells them, and a test sweeps them all. */
export const operations: readonly Operation[] = [
  ...sessionOperations,
  ...accountOperations,
  ...oauthOperations,
  ...keyOperations,
  ...usageOperations,
  ...logOperations,
  ...auditOperations,
  ...alertOperations,
  ...backupOperations,
  ...maintenanceOperations,
  ...groupOperations,
  ...priceOperations,
  ...settingOperations,
];
