import { isObject, type JsonObject } from "../../../wire/json.ts";

const schemas = ["items", "anyOf"];

/** Google's own Schema as JSON Schema: its types are written in capitals, and null is a flag. Source: ai.google.dev/api/caching#Schema. */
export function plainSchema(schema: unknown): JsonObject | undefined {
  if (!isObject(schema)) return undefined;
  const {
    type,
    nullable,
    properties,
    propertyOrdering: _order,
    property_ordering: _other,
    example: _example,
    ...rest
  } = schema;
  const plain: JsonObject = {};
  const named = typeof type === "string" && type !== "TYPE_UNSPECIFIED" ? type.toLowerCase() : undefined;
  if (named) plain.type = nullable === true ? [named, "null"] : named;
  for (const [name, value] of Object.entries(rest)) {
    const isNumber = /^(min|max)(Items|Length|Properties)$/.test(name) && typeof value === "string";
    plain[name] = schemas.includes(name) ? plainOf(value) : isNumber ? Number(value) : value;
  }
  if (isObject(properties))
    plain.properties = Object.fromEntries(Object.entries(properties).map(([name, one]) => [name, plainOf(one)]));
  return plain;
}

const plainOf = (value: unknown): unknown =>
  Array.isArray(value) ? value.map(plainOf) : (plainSchema(value) ?? value);
