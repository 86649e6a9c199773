#!/usr/bin/env node
import { parseArgs } from "node:util";
import { ConfigError } from "../functions/config.ts";
import type { Run, Terminal } from "./cli/command.ts";
import { Failure } from "../functions/failure.ts";
import { runDoctor } from "./cli/doctor.ts";
import { runExport } from "./cli/export.ts";
import { runImportCrs } from "./cli/import-crs.ts";
import { runImport } from "./cli/import.ts";
import { runSetup } from "./cli/setup.ts";

/** `npx claude-relay <command>`: what an operator does beside the running relay. See docs/moving.md. */
const usage = `npx claude-relay export --out FILE [--store URL] [--sanitised]
npx claude-relay import FILE [--store URL] [--dry-run] [--yes]
npx claude-relay import-crs --redis URL [--store URL] [--dry-run] [--yes]
npx claude-relay setup URL [--only claude-code,vscode,codex,gemini] [--dry-run] [--yes] [--undo]
npx claude-relay doctor [--url URL]

setup tells the programs of this machine to use the relay at URL: it asks for the key (or reads CLAUDE_RELAY_KEY), shows each
change, keeps every file as it was, and sends one request.

doctor looks at settings, store, clock, address, https, streams and schedules, and says what to do; --url asks another
address than PUBLIC_URL. It reads the environment that the relay has: run it beside the relay.

The store is the one that the environment names, or --store: redis://…, rediss://…, https://… (Upstash, with
UPSTASH_REDIS_REST_TOKEN), or the directory of an embedded store. ENCRYPTION_KEY is that relay's.
The passphrase is asked for, or read from CLAUDE_RELAY_PASSPHRASE. import-crs reads the Redis of claude-relay-service;
that service's ENCRYPTION_KEY is asked for, or read from CRS_ENCRYPTION_KEY.`;

const commands: Readonly<Record<string, Run>> = {
  doctor: runDoctor,
  setup: runSetup,
  export: runExport,
  import: runImport,
  "import-crs": runImportCrs,
};

const options = {
  store: { type: "string" },
  redis: { type: "string" },
  url: { type: "string" },
  clock: { type: "string" },
  only: { type: "string" },
  undo: { type: "boolean" },
  out: { type: "string" },
  sanitised: { type: "boolean" },
  "dry-run": { type: "boolean" },
  yes: { type: "boolean" },
  help: { type: "boolean" },
} as const;

/** The exit status: 0, 1 for what was refused, 2 for a wrong command line, 78 for a wrong environment. */
export async function cli(args: readonly string[], terminal: Terminal): Promise<number> {
  const { say } = terminal;
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    const [name = "", ...files] = positionals;
    const run = commands[name];
    if (run && !values.help) return await run(files, values, terminal);
    say(usage);
    return values.help ? 0 : 2;
  } catch (error) {
    if (error instanceof ConfigError) {
      error.problems.forEach(say);
      return ConfigError.exitCode;
    }
    if (error instanceof Failure) {
      say(error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message);
      return 1;
    }
    if (!(error instanceof Error && "code" in error)) throw error;
    // A wrong option, or a file that cannot be read or written: both say what is wrong.
    say(error.message);
    return String(error.code).startsWith("ERR_PARSE_ARGS") ? 2 : 1;
  }
}

if (import.meta.main) {
  const { terminal } = await import("./cli/terminal.ts");
  process.exitCode = await cli(process.argv.slice(2), terminal);
}
