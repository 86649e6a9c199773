import { mount } from "../../admin/http/mount.ts";
import { usageOperations } from "../../admin/usage/usage.ts";
import { asCsv } from "../../admin/http/csv.ts";
import type { Endpoint } from "../../env.ts";

export const operations = usageOperations;

const answer = mount(operations);

/** As any admin endpoint; a CSV file is sent as one to a client that asks for it. */
export const handle: Endpoint = async (request, env) => asCsv(request, await answer(request, env));
