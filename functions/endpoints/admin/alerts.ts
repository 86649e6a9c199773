import { alertOperations } from "../../admin/alerts.ts";
import { mount } from "../../admin/mount.ts";

export const operations = alertOperations;

export const handle = mount(operations);
