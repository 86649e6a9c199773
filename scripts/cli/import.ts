import { createReadStream } from "node:fs";
import { ConfigError } from "../../functions/config.ts";
import { importBackup, planImport, type Plan } from "../../functions/operations/backup/import.ts";
import { kinds } from "../../functions/operations/backup/record.ts";
import type { Run } from "./command.ts";
import { readPassphrase, withEnv } from "./open.ts";

/** Shows the plan, and runs it after a yes. */
export const runImport: Run = async ([file], flags, terminal) => {
  if (file === undefined) throw new ConfigError(["The file is missing: npx claude-relay import FILE"]);
  const { environment, say, isYes } = terminal;
  const passphrase = await readPassphrase(terminal, false);
  const open = () => createReadStream(file);
  return withEnv(environment, flags.store, async (env) => {
    const plan = await planImport(open, passphrase, env);
    tellPlan(plan).forEach(say);
    if (flags["dry-run"]) return 0;
    if (!flags.yes && !(await isYes("Import this?"))) {
      say("Nothing was changed. --yes imports without a question.");
      return 1;
    }
    await importBackup(open, passphrase, env);
    say("Imported. A relay that runs on this store sees it within seconds.");
    return 0;
  });
};

export function tellPlan({ counts, notes }: Plan): string[] {
  const row = (cells: readonly (string | number)[]) =>
    cells.map((cell, index) => (index === 0 ? String(cell).padEnd(10) : String(cell).padStart(10))).join("");
  const rows = kinds.map((kind) => row([kind, counts[kind].new, counts[kind].same, counts[kind].different]));
  return [row(["", "new", "same", "different"]), ...rows, ...notes];
}
