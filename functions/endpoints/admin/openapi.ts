import { mount } from "../../admin/http/mount.ts";
import { openApiOperations } from "../../admin/http/document.ts";

export const operations = openApiOperations;
export const handle = mount(operations);
