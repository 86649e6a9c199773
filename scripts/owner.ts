import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * `node scripts/owner.ts NAME`: who publishes the image and keeps the repository, wherever files say `OWNER/claude-relay`. A
 * release does it (publish.yml); run it once in a fork whose guides are to be read, and commit what it changes.
 */
export const placeholder = /\bOWNER\/claude-relay\b/g;

/** Throws for what GitHub gives nobody as a name; an image's name is in lower case. */
export function nameOwner(text: string, owner: string): string {
  if (!/^[a-z\d](?:-?[a-z\d]){0,38}$/i.test(owner)) throw new Error(`"${owner}" is no name of GitHub's.`);
  return text.replace(placeholder, `${owner.toLowerCase()}/claude-relay`);
}

if (import.meta.main) {
  const root = fileURLToPath(new URL("..", import.meta.url));
  const files = execFileSync("git", ["ls-files", "*.md", "*.yaml", ".env.example"], { cwd: root, encoding: "utf8" });
  for (const file of files.split("\n").filter((name) => name !== "")) {
    const text = readFileSync(join(root, file), "utf8");
    const named = nameOwner(text, process.argv[2] ?? "");
    if (named !== text) writeFileSync(join(root, file), named);
  }
}
