import { mount } from "../../admin/http/mount.ts";
import { sessionOperations } from "../../admin/sessions/session.ts";

export const operations = sessionOperations;
export const handle = mount(operations);
