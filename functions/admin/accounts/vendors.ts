import * as z from "zod/mini";
import { vendors } from "../../relay/upstreams/vendors.ts";
import { accountKind } from "./account-schema.ts";
import { component } from "../http/component.ts";
import type { Operation } from "../http/operation.ts";
import { operation } from "../http/operation.ts";

const shape = z.object({
  name: z.string(),
  kind: accountKind,
  baseUrl: z.string().check(z.describe("An account's base URL.")),
  docs: z.string().check(z.describe("Where the vendor tells of this address.")),
  isExample: z.boolean().check(z.describe("The address is of a server of one's own: its host must be put in.")),
  shownAs: z.nullable(z.enum(["x-api-key", "api-key"])).check(z.describe("How the key is shown; null: as a bearer.")),
  settings: z.record(z.string(), z.string()),
  models: z.array(z.string()).check(z.describe("What its models are called; empty: anything.")),
});

export const vendorOperations: readonly Operation[] = [
  operation({
    method: "GET",
    path: "/admin/vendors",
    id: "listVendors",
    summary: "Known vendors that speak the language of a kind of account, for filling in a new one.",
    answer: component("Vendors", z.object({ items: z.array(component("Vendor", shape)) })),
    run: () =>
      Promise.resolve({
        items: vendors.map(({ models = [], isExample = false, shownAs = null, settings = {}, ...vendor }) => ({
          ...vendor,
          ...{ isExample, shownAs },
          settings: { ...settings },
          models: [...models],
        })),
      }),
  }),
];
