import { mount } from "../../admin/http/mount.ts";
import { accountOperations } from "../../admin/accounts/accounts.ts";

export const operations = accountOperations;
export const handle = mount(operations);
