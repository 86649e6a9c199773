import { maintenanceOperations } from "../../admin/maintenance/maintenance.ts";
import { mount } from "../../admin/http/mount.ts";

export const operations = maintenanceOperations;

export const handle = mount(operations);
