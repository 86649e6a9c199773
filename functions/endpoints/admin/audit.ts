import { auditOperations } from "../../admin/audit.ts";
import { mount } from "../../admin/mount.ts";

export const operations = auditOperations;

export const handle = mount(operations);
