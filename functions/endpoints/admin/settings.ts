import { groupOperations } from "../../admin/accounts/groups.ts";
import { mount } from "../../admin/http/mount.ts";
import { priceOperations } from "../../admin/settings/prices.ts";
import { settingOperations } from "../../admin/settings/settings.ts";

export const operations = [...groupOperations, ...priceOperations, ...settingOperations];

export const handle = mount(operations);
