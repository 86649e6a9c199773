import { parseArgs } from "node:util";
import { runSetup } from "./cli/setup.ts";
import { terminal } from "./cli/terminal.ts";

/** The one command of the program that the relay hands out (`/web/setup.mjs`), for machines without this repository. */
const options = {
  only: { type: "string" },
  "dry-run": { type: "boolean" },
  undo: { type: "boolean" },
  yes: { type: "boolean" },
} as const;
try {
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  process.exitCode = await runSetup(positionals, values, terminal);
} catch (error) {
  if (!(error instanceof Error && "code" in error)) throw error;
  terminal.say(error.message);
  process.exitCode = 2;
}
