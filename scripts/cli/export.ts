import { createWriteStream } from "node:fs";
import { rename, rm, stat } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { ConfigError } from "../../functions/config.ts";
import { exportBackup } from "../../functions/operations/backup/export.ts";
import type { Run } from "./command.ts";
import { readPassphrase, withEnv } from "./open.ts";

/** Writes beside the file and renames at the end, so that a broken export leaves no file that looks whole. */
export const runExport: Run = async (_files, { out, store, sanitised = false }, terminal) => {
  if (out === undefined) throw new ConfigError(["--out is missing: the file to write, such as relay.backup"]);
  const passphrase = await readPassphrase(terminal, true);
  const part = `${out}.part`;
  try {
    await withEnv(terminal.environment, store, (env) =>
      pipeline(Readable.from(exportBackup({ passphrase, sanitised }, env)), createWriteStream(part, { mode: 0o600 })),
    );
    await rename(part, out);
  } finally {
    await rm(part, { force: true });
  }
  const { size } = await stat(out);
  terminal.say(`${out}: ${size} bytes, ${sanitised ? "without secrets" : "with all secrets, encrypted"}.`);
  return 0;
};
