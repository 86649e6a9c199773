import { writeFile } from "node:fs/promises";
import openapiTS, { astToString } from "openapi-typescript";
import { format } from "prettier";
import { openApiDocument } from "../../functions/admin/http/document.ts";

const notice = "// Written by web/build/schema.ts from the OpenAPI document of the admin API. Do not edit.\n";
export const place = new URL("../src/api/", import.meta.url);

interface Described {
  paths: Record<string, Record<string, { operationId?: string }>>;
  components: { schemas: Record<string, { properties?: Record<string, { enum?: string[] }> }> };
}

/**
 * What the console knows of the admin API, by file: the types of `schema.d.ts`, and in `offered.ts` the operations and
 * kinds that exist, so that the console shows nothing that the API does not offer.
 */
export async function buildSchema(): Promise<Record<string, string>> {
  const document = (await openApiDocument()) as unknown as Described;
  const operations = Object.values(document.paths)
    .flatMap((methods) => Object.values(methods))
    .flatMap(({ operationId }) => (operationId === undefined ? [] : [operationId]))
    .sort();
  const kindsOf = (schema: string) => document.components.schemas[schema]?.properties?.kind?.enum ?? [];
  const types = astToString(await openapiTS(JSON.stringify(document), { alphabetize: true }));
  const offered = [
    notice,
    list("operations", operations),
    list("accountKinds", kindsOf("AccountDraft")),
    list("signInKinds", kindsOf("AccountSignInStart")),
  ];
  return {
    "schema.d.ts": `${notice}${types}`,
    "offered.ts": await format(offered.join("\n"), { parser: "typescript", printWidth: 120 }),
  };
}

function list(name: string, words: readonly string[]): string {
  return `export const ${name}: readonly string[] = ${JSON.stringify(words, null, 2)};\n`;
}

if (import.meta.main) {
  for (const [name, text] of Object.entries(await buildSchema())) await writeFile(new URL(name, place), text);
}
