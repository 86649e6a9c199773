import { mount } from "../../admin/mount.ts";
import { sessionOperations } from "../../admin/session.ts";

export const operations = sessionOperations;
export const handle = mount(operations);
