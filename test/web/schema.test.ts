import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { buildSchema, place } from "../../web/build/schema.ts";

describe("what the console knows of the admin API", () => {
  it("is what the API's OpenAPI document says (else: npm run schema)", async () => {
    for (const [name, text] of Object.entries(await buildSchema())) {
      expect(await readFile(new URL(name, place), "utf8"), name).toBe(text);
    }
  }, 30_000);
});
