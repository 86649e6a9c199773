import * as z from "zod/mini";
import { failures } from "../../failure.ts";
import { component, components } from "./component.ts";
import { sessionCookie } from "./cookies.ts";
import type { Operation, Schema } from "./operation.ts";

type Json = Record<string, unknown>;

const Refusal = component(
  "Refusal",
  z.object({
    error: z.object({
      code: z.enum(Object.keys(failures) as [string, ...string[]]),
      message: z.string(),
      field: z.optional(z.string().check(z.describe("The field that the refusal is about, as the body names it."))),
    }),
  }),
);

/** The OpenAPI 3.1 document of some operations, made from the schemas that parse their requests (spec.openapis.org/oas/v3.1.0). */
export function buildOpenApi(operations: readonly Operation[], version: string): Json {
  const paths: Record<string, Json> = {};
  for (const operation of operations) {
    const path = operation.path.replace(/:(\w+)/g, "{$1}");
    paths[path] = { ...paths[path], [operation.method.toLowerCase()]: describe(operation) };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Claude Relay admin API",
      version,
      description:
        "Instants are epoch milliseconds, costs US dollars. A session by cookie sends x-csrf-token with every change.",
    },
    security: [{ bearer: [] }, { cookie: [] }],
    paths,
    components: {
      schemas: buildComponents(),
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer", bearerFormat: "JWT" },
        cookie: { type: "apiKey", in: "cookie", name: sessionCookie.name },
      },
    },
  };
}

function describe(operation: Operation): Json {
  const { answer, body, status = 200 } = operation;
  const parameters = [...list(operation.params, "path"), ...list(operation.query, "query")];
  const done = answer
    ? { [status]: { description: "Done.", content: content(answer) } }
    : { 204: { description: "Done." } };
  return {
    operationId: operation.id,
    summary: operation.summary,
    tags: [operation.path.split("/")[2]],
    ...(operation.isPublic ? { security: [] } : {}),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(body ? { requestBody: { required: true, content: content(body) } } : {}),
    responses: { ...done, default: { description: "Refused.", content: content(Refusal) } },
  };
}

function content(schema: Schema): Json {
  return { "application/json": { schema: refer(schema) } };
}

/** Bodies and answers are components, so that generated types have names. */
function refer(schema: Schema): Json {
  const id = components.get(schema)?.id;
  if (id === undefined)
    throw new Error("A body or answer of an operation is no component: name it in its schema file.");
  return { $ref: `#/components/schemas/${id}` };
}

function list(schema: Schema | undefined, place: "path" | "query"): Json[] {
  if (!schema) return [];
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: "input", override }) as {
    properties?: Record<string, Json>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, { description, ...rest }]) => ({
    name,
    in: place,
    required: required.includes(name),
    ...(description === undefined ? {} : { description }),
    schema: rest,
  }));
}

function buildComponents(): Json {
  const { schemas } = z.toJSONSchema(components, { io: "input", override, uri: (id) => `#/components/schemas/${id}` });
  return Object.fromEntries(
    Object.entries(schemas)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([id, { $schema, $id, ...schema }]) => (void $schema, void $id, [id, schema])),
  );
}

/** zod bounds whole numbers by what a double can hold; as a bound that says nothing. */
function override({ jsonSchema }: { jsonSchema: z.core.JSONSchema.BaseSchema }): void {
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
}
