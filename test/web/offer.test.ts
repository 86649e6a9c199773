import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { operations } from "../../functions/admin/http/operations.ts";
import english from "../../web/src/language/en/index.ts";
import englishRest from "../../web/src/language/en/rest.ts";

const root = new URL("../../web/src/", import.meta.url);
const sources = readdirSync(root, { recursive: true, encoding: "utf8" })
  .filter((name) => /\.tsx?$/.test(name) && !name.endsWith("schema.d.ts"))
  .map((name) => ({ name, text: readFileSync(new URL(name, root), "utf8") }));

/** Operations that the console asks otherwise, or for which it has the same from a list. */
const elsewhere: Record<string, string> = {
  getGroup: "the list of groups has all of it; the audit log asks it",
  getAlertChannel: "the alerts have all of it; the audit log asks it",
  deleteKey: "one key is deleted as many are",
  signIn: "before there is a session, by a request of its own: api/session.ts",
  startPasskeySignIn: "as signIn: api/passkey.ts",
  signInByPasskey: "as signIn: api/passkey.ts",
  openHandover: "the holder's page, without a session: api/holder.ts",
  getOpenApi: "for scripts; the types of the console are made from it",
};

describe("the console", () => {
  it("has a place for every operation that the admin API offers", () => {
    const calls = sources.flatMap(({ text }) => [
      ...[...text.matchAll(/api\.(GET|POST|PUT|PATCH|DELETE)\(\s*"([^"]+)"/g)].map(
        ([, method, path]) => `${method} ${path}`,
      ),
      ...[...text.matchAll(/fetch\("([^"]+)", \{ headers/g)].map(([, path]) => `GET ${path}`),
    ]);
    const missing = operations
      .filter(({ id }) => elsewhere[id] === undefined)
      .filter(({ method, path }) => !calls.includes(`${method} ${path.replace(/:(\w+)/g, "{$1}")}`));
    expect(missing.map(({ id, method, path }) => `${id}: ${method} ${path}`)).toEqual([]);
  });

  it("has words for everything that the audit log may hold", () => {
    const changing = operations.filter(({ method }) => method !== "GET").map(({ id }) => id);
    expect(Object.keys(englishRest.deeds).sort()).toEqual(changing.sort());
  });

  /** Types know all words together, and not which of them come with a page of their own. */
  it("finds every word of its first pages in what is loaded first", () => {
    const comesWithRest = /^(language|pages\/(?!dashboard)|parts\/(searched|section))/;
    const first = sources.filter(({ name }) => !comesWithRest.test(name));
    const lost = first.flatMap(({ name, text }) =>
      [...text.matchAll(/\bt\(\s*(?:[^"`()]*\?\s*)?["`]([a-zA-Z]+)\.([a-zA-Z]+)(?![\w$])/g)]
        .filter(([, group = "", word = ""]) => !hasWord(group, word))
        .map(([, group, word]) => `${name}: ${group}.${word}`),
    );
    expect(lost).toEqual([]);
  });
});

function hasWord(group: string, word: string): boolean {
  const words = (english as Readonly<Record<string, object>>)[group];
  return words !== undefined && [word, `${word}_other`].some((name) => name in words);
}
