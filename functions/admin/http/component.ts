import * as z from "zod/mini";
import type { Schema } from "./operation.ts";

/** The named schemas of the OpenAPI document: what the console's types are generated from. */
export const components = z.registry<{ id: string }>();

/** Names a schema, so that the document refers to it and a generated type bears the name. */
export function component<S extends Schema>(id: string, schema: S): S {
  components.add(schema, { id });
  return schema;
}
