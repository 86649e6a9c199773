import * as z from "zod/mini";
import type { Schema } from "../../functions/admin/http/operation.ts";

interface Shape {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Shape[];
  readonly oneOf?: readonly Shape[];
  readonly allOf?: readonly Shape[];
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Shape | boolean;
  readonly items?: Shape;
  readonly prefixItems?: readonly Shape[];
  readonly minimum?: number;
  readonly minLength?: number;
  readonly minItems?: number;
  readonly $defs?: Readonly<Record<string, Shape>>;
}

/** Values by the name of a property, where the schema alone does not tell what fits. */
export type Known = Readonly<Record<string, unknown>>;

/** A value that a schema takes, its optional properties too: every operation can be asked without a list of bodies. */
export function sample(schema: Schema, known: Known): unknown {
  const root = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as Shape;
  return build(root, { root, known });
}

function build(shape: Shape, at: { readonly root: Shape; readonly known: Known }): unknown {
  if (shape.$ref !== undefined) return build(at.root.$defs?.[shape.$ref.split("/").at(-1) ?? ""] ?? {}, at);
  if ("const" in shape) return shape.const;
  if (shape.enum) return shape.enum[0];
  const [first] = shape.anyOf ?? shape.oneOf ?? shape.allOf ?? [];
  if (first) return build(first, at);
  if (shape.type === "object") {
    const all = Object.entries(shape.properties ?? {});
    return Object.fromEntries(all.map(([name, each]) => [name, name in at.known ? at.known[name] : build(each, at)]));
  }
  if (shape.type === "array") {
    const least = Math.max(shape.minItems ?? 0, shape.prefixItems?.length ?? 0);
    return Array.from({ length: least }, (_, index) => build(shape.prefixItems?.[index] ?? shape.items ?? {}, at));
  }
  if (shape.type === "integer" || shape.type === "number") return Math.max(shape.minimum ?? 0, 1);
  if (shape.type === "boolean") return true;
  if (shape.type === "null") return null;
  return "sample".padEnd(shape.minLength ?? 0, "x");
}
