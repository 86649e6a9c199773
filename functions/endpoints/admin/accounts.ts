import { mount } from "../../admin/mount.ts";
import { accountOperations } from "../../admin/accounts.ts";

export const operations = accountOperations;
export const handle = mount(operations);
