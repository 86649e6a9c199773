import { mount } from "../../admin/mount.ts";
import { openApiOperations } from "../../admin/document.ts";

export const operations = openApiOperations;
export const handle = mount(operations);
