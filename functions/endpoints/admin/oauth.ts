import { mount } from "../../admin/http/mount.ts";
import { oauthOperations } from "../../admin/accounts/oauth.ts";

export const operations = oauthOperations;
export const handle = mount(operations);
