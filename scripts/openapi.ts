import { openApiDocument } from "../functions/admin/http/document.ts";

/** Prints the admin API's OpenAPI document: what the console's types are generated from. */
process.stdout.write(`${JSON.stringify(await openApiDocument(), null, 2)}\n`);
