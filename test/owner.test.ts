import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { nameOwner, placeholder } from "../scripts/owner.ts";

const root = join(import.meta.dirname, "..");

test("whoever publishes is one word in all files, and a release puts the name there", () => {
  const files = execFileSync("git", ["ls-files", "*.md", "*.yaml", ".env.example"], { cwd: root, encoding: "utf8" });
  const named = files
    .split("\n")
    .filter((name) => name !== "" && /\bOWNER\b/.test(readFileSync(join(root, name), "utf8")));
  expect(named.length).toBeGreaterThan(5);
  for (const name of named) {
    const filled = nameOwner(readFileSync(join(root, name), "utf8"), "Some-Team");
    expect(filled, name).toContain("some-team/claude-relay");
    // What is left speaks of the word itself.
    expect(filled.replaceAll(/`OWNER`|OWNER (?:is|是)|OWNER，|where OWNER|OWNER 是/g, ""), name).not.toMatch(
      placeholder,
    );
    expect(filled, name).not.toMatch(/(?:ghcr\.io|github\.com)\/OWNER/);
  }
});

test.each(["", "-x", "two words", "a/b", "$(x)"])("%j is no name of GitHub's", (name) => {
  expect(() => nameOwner("OWNER/claude-relay", name)).toThrow("no name");
});
