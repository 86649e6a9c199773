import { maintenanceOperations } from "../../admin/maintenance.ts";
import { mount } from "../../admin/mount.ts";

export const operations = maintenanceOperations;

export const handle = mount(operations);
