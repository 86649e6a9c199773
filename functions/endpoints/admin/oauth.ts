import { mount } from "../../admin/mount.ts";
import { oauthOperations } from "../../admin/oauth.ts";

export const operations = oauthOperations;
export const handle = mount(operations);
