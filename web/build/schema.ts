import { writeFile } from "node:fs/promises";
import openapiTS, { astToString } from "openapi-typescript";
import { openApiDocument } from "../../functions/admin/document.ts";

/**
 * Writes what the console knows of the admin API: the types of `src/api/schema.d.ts`, and in `src/api/offered.ts` the
 * operations and kinds that exist, so that the console shows nothing that the API does not offer.
 */
const document = openApiDocument() as Described;
const place = new URL("../src/api/", import.meta.url);
const notice = "// Written by web/build/schema.ts from the OpenAPI document of the admin API. Do not edit.\n";

interface Described {
  paths: Record<string, Record<string, { operationId?: string }>>;
  components: { schemas: Record<string, { properties?: Record<string, { enum?: string[] }> }> };
}

const operations = Object.values(document.paths)
  .flatMap((methods) => Object.values(methods))
  .flatMap(({ operationId }) => (operationId === undefined ? [] : [operationId]))
  .sort();
const kindsOf = (schema: string) => document.components.schemas[schema]?.properties?.kind?.enum ?? [];

const list = (name: string, words: readonly string[]) => `export const ${name}: readonly string[] = ${JSON.stringify(words, null, 2)};\n`;
const types = astToString(await openapiTS(JSON.stringify(document), { alphabetize: true }));

await writeFile(new URL("schema.d.ts", place), `${notice}${types}`);
await writeFile(
  new URL("offered.ts", place),
  [notice, list("operations", operations), list("accountKinds", kindsOf("AccountDraft")), list("signInKinds", kindsOf("AccountSignInStart"))].join("\n"),
);
