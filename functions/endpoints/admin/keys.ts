import { mount } from "../../admin/http/mount.ts";
import { keyOperations } from "../../admin/keys/keys.ts";

export const operations = keyOperations;
export const handle = mount(operations);
