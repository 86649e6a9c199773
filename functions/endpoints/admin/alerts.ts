import { alertOperations } from "../../admin/settings/alerts.ts";
import { mount } from "../../admin/http/mount.ts";

export const operations = alertOperations;

export const handle = mount(operations);
