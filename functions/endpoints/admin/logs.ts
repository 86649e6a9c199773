import { logOperations } from "../../admin/logs.ts";
import { mount } from "../../admin/mount.ts";

export const operations = logOperations;

export const handle = mount(operations);
