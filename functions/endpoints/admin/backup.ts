import { backupOperations } from "../../admin/maintenance/backup.ts";
import { mount } from "../../admin/http/mount.ts";

export const operations = backupOperations;

export const handle = mount(operations);
