import { auditOperations } from "../../admin/settings/audit.ts";
import { mount } from "../../admin/http/mount.ts";

export const operations = auditOperations;

export const handle = mount(operations);
