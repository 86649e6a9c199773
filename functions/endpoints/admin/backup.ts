import { backupOperations } from "../../admin/backup.ts";
import { mount } from "../../admin/mount.ts";

export const operations = backupOperations;

export const handle = mount(operations);
