import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Seat } from "./stage.ts";

const page = readFileSync(fileURLToPath(new URL("../../docs/clients.md", import.meta.url)), "utf8");

type Reader = Pick<Seat, "url" | "secret">;

/** The first block of a language in a part of docs/clients.md, with the reader's address and key in it. */
export function blockOf(part: string, language: string, { url, secret }: Reader): string {
  const [, text = ""] = page.split(`\n## ${part}\n`);
  const block = text.split("\n## ")[0]?.split(`\`\`\`${language}\n`)[1]?.split("\n```")[0];
  assert.ok(block !== undefined, `docs/clients.md has no ${language} under ${part}`);
  return block.replaceAll("https://your-relay.onrender.com", url).replaceAll("cr_your_key", secret);
}

/** What a part of docs/clients.md exports. */
export function exportsOf(part: string, reader: Reader): Record<string, string> {
  const lines = [...blockOf(part, "sh", reader).matchAll(/^export (\w+)="(.*)"$/gm)];
  assert.ok(lines.length > 0, `docs/clients.md exports nothing under ${part}`);
  return Object.fromEntries(lines.map(([, name = "", value = ""]) => [name, value]));
}
