import { describe, expect, test } from "vitest";
import { openApiDocument } from "./document.ts";
import { operations } from "./operations.ts";

type Json = Record<string, unknown>;
const document = await openApiDocument();
const schemas = (document.components as { schemas: Record<string, Json> }).schemas;
const paths = document.paths as Record<string, Record<string, Json>>;

/** Every object that stands anywhere in the document. */
function* objects(value: unknown): Generator<Json> {
  if (typeof value !== "object" || value === null) return;
  if (!Array.isArray(value)) yield value as Json;
  for (const inner of Object.values(value)) yield* objects(inner);
}

describe("the OpenAPI document", () => {
  test("has every operation, named once", () => {
    const ids = Object.values(paths).flatMap((methods) =>
      Object.values(methods).map((operation) => operation.operationId),
    );
    expect(ids.toSorted()).toEqual([...operations.map((operation) => operation.id), "getOpenApi"].toSorted());
    expect(new Set(ids).size).toBe(ids.length);
  });

  test("refers to no schema that is not there, and has none that nobody refers to", () => {
    const refs = new Set([...objects(document)].flatMap(({ $ref }) => (typeof $ref === "string" ? [$ref] : [])));
    const there = Object.keys(schemas).map((name) => `#/components/schemas/${name}`);
    expect([...refs].toSorted()).toEqual(there.toSorted());
  });

  test("names the schemas that the console's types come from", () => {
    expect(Object.keys(schemas)).toEqual(
      expect.arrayContaining(["Account", "ApiKey", "ApiKeyPage", "ApiKeyWithSecret", "Session"]),
    );
  });

  test("has bodies that allow no unknown field", () => {
    for (const name of ["ApiKeyDraft", "ApiKeyChange", "AccountDraft", "AccountChange", "SignIn"]) {
      expect(schemas[name]).toMatchObject({ additionalProperties: false });
    }
  });

  test("has no secret in anything that is read again", () => {
    for (const name of ["Account", "ApiKey"]) {
      const fields = Object.keys(schemas[name]?.properties as Json);
      expect(fields.filter((field) => /secret(?!Until$)|hash|password|token$/i.test(field))).toEqual([]);
    }
    expect(Object.keys(schemas.Account?.properties as Json)).not.toContain("credential");
  });

  test("tells the parameters of paths and queries", () => {
    expect(paths["/admin/keys/{id}"]?.get?.parameters).toMatchObject([{ name: "id", in: "path", required: true }]);
    expect(paths["/admin/keys"]?.get?.parameters).toContainEqual(
      expect.objectContaining({
        name: "page",
        in: "query",
        required: false,
        schema: { type: "integer", minimum: 1, maximum: 1_000_000 },
      }),
    );
  });

  test("says of every limit what its unit is", () => {
    const fields = schemas.ApiKeyDraft?.properties as Record<string, { description?: string }>;
    for (const [field, { description = "" }] of Object.entries(fields)) {
      if (/Usd$/.test(field)) expect([field, description]).toEqual([field, expect.stringContaining("US dollars")]);
      if (/Seconds$/.test(field)) expect([field, description]).toEqual([field, expect.stringContaining("seconds")]);
    }
  });
});
