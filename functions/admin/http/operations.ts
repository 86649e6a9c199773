import { accountOperations } from "../accounts/accounts.ts";
import { alertOperations } from "../settings/alerts.ts";
import { auditOperations } from "../settings/audit.ts";
import { backupOperations } from "../maintenance/backup.ts";
import { groupOperations } from "../accounts/groups.ts";
import { keyOperations } from "../keys/keys.ts";
import { logOperations } from "../maintenance/logs.ts";
import { maintenanceOperations } from "../maintenance/maintenance.ts";
import { oauthOperations } from "../accounts/oauth.ts";
import type { Operation } from "./operation.ts";
import { priceOperations } from "../settings/prices.ts";
import { sessionOperations } from "../sessions/session.ts";
import { settingOperations } from "../settings/settings.ts";
import { usageOperations } from "../usage/usage.ts";

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
