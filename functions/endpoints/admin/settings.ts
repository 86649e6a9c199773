import { groupOperations } from "../../admin/groups.ts";
import { mount } from "../../admin/mount.ts";
import { priceOperations } from "../../admin/prices.ts";
import { settingOperations } from "../../admin/settings.ts";

export const operations = [...groupOperations, ...priceOperations, ...settingOperations];

export const handle = mount(operations);
