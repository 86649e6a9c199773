import type { Reading } from "../fields.ts";
import { isObject, type JsonObject, objectOf, objectsOf } from "../../../wire/json.ts";
import type { SchemaSubset } from "./limits.ts";

/** The schema of a tool's input in the subset that a provider takes. It is of an object, always. */
export function fitToolSchema(
  schema: JsonObject | undefined,
  subset: SchemaSubset,
  place: string,
  reading: Reading,
): JsonObject {
  const whole = subset === "any" ? (schema ?? {}) : flatten(schema ?? {}, place, reading);
  const rooted = whole.type === "object" ? whole : { ...whole, type: "object" };
  const fitted = subset === "gemini" ? narrow(rooted, place, reading) : mapSchema(rooted, complete);
  return isObject(fitted.properties) ? fitted : { ...fitted, properties: {} };
}

/** The schema of an answer. `claude`: objects closed and bounds said in words, as its own SDK does. */
export function fitFormatSchema(schema: JsonObject, subset: SchemaSubset, place: string, reading: Reading): JsonObject {
  if (subset === "claude") return mapSchema(schema, (one) => close(one, place, reading));
  return subset === "gemini" ? narrow(schema, place, reading) : mapSchema(schema, complete);
}

const inMaps = ["properties", "$defs", "definitions", "patternProperties", "dependentSchemas"];
const inPlace = [
  "items",
  "anyOf",
  "oneOf",
  "allOf",
  "prefixItems",
  "additionalProperties",
  "not",
  "if",
  "then",
  "else",
  "contains",
  "propertyNames",
];

/** Changes a schema from its leaves up. Names of properties are no keywords. */
function mapSchema(schema: JsonObject, change: (schema: JsonObject) => JsonObject): JsonObject {
  const inner = (value: unknown): unknown =>
    Array.isArray(value) ? value.map(inner) : isObject(value) ? mapSchema(value, change) : value;
  const entries = Object.entries(schema).map(([name, value]) => {
    if (inPlace.includes(name)) return [name, inner(value)];
    if (!inMaps.includes(name) || !isObject(value)) return [name, value];
    return [name, Object.fromEntries(Object.entries(value).map(([key, one]) => [key, inner(one)]))];
  });
  return change(Object.fromEntries(entries) as JsonObject);
}

const typesOf = ({ type }: JsonObject): unknown[] => (Array.isArray(type) ? type : [type]);

/** OpenAI wants `properties` of objects and `items` of lists, even where anything may stand. */
function complete(schema: JsonObject): JsonObject {
  const types = typesOf(schema);
  const needsItems = types.includes("array") && schema.items === undefined && schema.prefixItems === undefined;
  const needsProperties = schema.type === "object" && !isObject(schema.properties);
  return { ...schema, ...(needsItems ? { items: {} } : {}), ...(needsProperties ? { properties: {} } : {}) };
}

/** Neither OpenAI nor Anthropic takes a choice of schemas at the top: all that may be given stands there, what must be is common. */
function flatten(schema: JsonObject, place: string, reading: Reading): JsonObject {
  const { anyOf, oneOf, allOf, enum: _enum, not: _not, ...rest } = schema;
  const choices = [...objectsOf(anyOf), ...objectsOf(oneOf)];
  const all = objectsOf(allOf);
  if (choices.length === 0 && all.length === 0) return schema;
  reading.note(`${place}: a choice of schemas at the top joined to one object`);
  const required = (one: JsonObject): string[] => (Array.isArray(one.required) ? one.required.map(String) : []);
  const common =
    choices.length === 0
      ? []
      : required(choices[0] ?? {}).filter((name) => choices.every((one) => required(one).includes(name)));
  const names = [...new Set([...required(rest), ...all.flatMap(required), ...common])];
  const properties = Object.assign(
    {},
    ...[...choices, ...all, rest].map((one) => objectOf(one.properties)),
  ) as JsonObject;
  return { ...rest, type: "object", properties, ...(names.length > 0 ? { required: names } : {}) };
}

/** What Google's JSON Schema knows. Source: ai.google.dev/api/generate-content, responseJsonSchema. */
const known = new Set([
  ...["$id", "$defs", "$ref", "$anchor", "type", "format", "title", "description", "enum", "items", "prefixItems"],
  ...["minItems", "maxItems", "minimum", "maximum", "anyOf", "oneOf", "properties", "additionalProperties", "required"],
  ...["propertyOrdering", "default", "minLength", "maxLength", "pattern"],
]);

function narrow(schema: JsonObject, place: string, reading: Reading): JsonObject {
  const dropped = new Set<string>();
  const fitted = mapSchema(schema, (one) => {
    const { const: only, definitions, allOf, exclusiveMinimum: above, exclusiveMaximum: below, ...rest } = one;
    const said: JsonObject = { ...rest };
    if (only !== undefined) said.enum = [only];
    if (isObject(definitions)) said.$defs = { ...objectOf(rest.$defs), ...definitions };
    if (typeof above === "number") said.minimum = one.type === "integer" ? above + 1 : above;
    if (typeof below === "number") said.maximum = one.type === "integer" ? below - 1 : below;
    if (typeof said.$ref === "string") said.$ref = said.$ref.replace("#/definitions/", "#/$defs/");
    const joined = Array.isArray(allOf) ? joinAll(said, objectsOf(allOf)) : said;
    return Object.fromEntries(
      Object.entries(joined).filter(([name]) => {
        if (!known.has(name) && name !== "$schema" && name !== "examples") dropped.add(name);
        return known.has(name);
      }),
    );
  });
  if (dropped.size > 0)
    reading.leaveOut(`${place} ${[...dropped].sort().join(", ")}`, "which Gemini's schemas do not know");
  return fitted;
}

function joinAll(schema: JsonObject, all: readonly JsonObject[]): JsonObject {
  const properties = Object.assign({}, ...[schema, ...all].map((one) => objectOf(one.properties))) as JsonObject;
  const required = [
    ...new Set([schema, ...all].flatMap((one) => (Array.isArray(one.required) ? one.required.map(String) : []))),
  ];
  const joined = Object.assign({}, ...all, schema) as JsonObject;
  if (Object.keys(properties).length > 0) joined.properties = properties;
  if (required.length > 0) joined.required = required;
  return joined;
}

/** Source: docs.anthropic.com, structured outputs, JSON Schema limitations. */
const unbounded = [
  "minimum",
  "maximum",
  "exclusiveMinimum",
  "exclusiveMaximum",
  "multipleOf",
  "minLength",
  "maxLength",
  "maxItems",
  "uniqueItems",
];

function close(schema: JsonObject, place: string, reading: Reading): JsonObject {
  const isOpen = typesOf(schema).includes("object") && schema.additionalProperties !== false;
  if (isOpen) reading.note(`${place}: objects closed with additionalProperties: false, as Claude's format demands`);
  const closed = isOpen ? { ...schema, additionalProperties: false } : schema;
  const bounds = Object.keys(closed).filter(
    (name) => unbounded.includes(name) || (name === "minItems" && Number(closed[name]) > 1),
  );
  if (bounds.length === 0) return closed;
  reading.note(`${place}: ${bounds.join(", ")} said in the description, since Claude's format has no bounds`);
  const words = bounds.map((name) => `${name}: ${String(closed[name])}`).join(", ");
  const rest = Object.fromEntries(Object.entries(closed).filter(([name]) => !bounds.includes(name)));
  return { ...rest, description: [closed.description, `{${words}}`].filter(Boolean).join("\n\n") };
}

/** Whether a provider's strict mode can take a schema: each object is closed and, at OpenAI, demands all it may hold. */
export function mayBeStrict(schema: unknown, subset: SchemaSubset): boolean {
  if (Array.isArray(schema)) return schema.every((one) => mayBeStrict(one, subset));
  if (!isObject(schema)) return true;
  const names = Object.keys(objectOf(schema.properties));
  const required = Array.isArray(schema.required) ? schema.required.map(String) : [];
  const isAny = typesOf(schema).includes("object") || schema.properties !== undefined;
  if (isAny && schema.additionalProperties !== false) return false;
  if (subset === "openai" && !names.every((name) => required.includes(name))) return false;
  if (subset === "claude" && Object.keys(schema).some((name) => unbounded.includes(name))) return false;
  return Object.entries(schema).every(([name, value]) =>
    inMaps.includes(name)
      ? Object.values(objectOf(value)).every((one) => mayBeStrict(one, subset))
      : !inPlace.includes(name) || mayBeStrict(value, subset),
  );
}
