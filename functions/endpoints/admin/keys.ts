import { mount } from "../../admin/mount.ts";
import { keyOperations } from "../../admin/keys.ts";

export const operations = keyOperations;
export const handle = mount(operations);
