import { logOperations } from "../../admin/maintenance/logs.ts";
import { mount } from "../../admin/http/mount.ts";

export const operations = logOperations;

export const handle = mount(operations);
