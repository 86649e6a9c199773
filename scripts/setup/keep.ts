import { createHash } from "node:crypto";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import type { Change } from "./plan.ts";

/** One file that was changed, so that it can be put back as it was, byte for byte. */
interface Kept {
  readonly file: string;
  /** Undefined if there was none. */
  readonly backup: string | undefined;
  /** Directories that were made for it, the innermost last. */
  readonly made: readonly string[];
  /** SHA-256 of what was written: a file that was changed since is its owner's again. */
  readonly written: string;
}

const recordOf = (home: string) => join(home, ".claude-relay", "setup.json");
const hash = (file: string) => createHash("sha256").update(readFileSync(file)).digest("hex");

function readRecord(home: string): Kept[] {
  const file = recordOf(home);
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Kept[]) : [];
}

function writeRecord(home: string, kept: readonly Kept[]): void {
  const file = recordOf(home);
  if (kept.length > 0) {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    return writeFileSync(file, `${JSON.stringify(kept, null, 2)}\n`, { mode: 0o600 });
  }
  rmSync(file, { force: true });
  removeIfEmpty(dirname(file));
}

/** Keeps each file as it is beside itself, then writes. A second run keeps what the first has kept. */
export function writeChanges(changes: readonly Change[], home: string): string[] {
  const kept = new Map(readRecord(home).map((one) => [one.file, one]));
  const lines: string[] = [];
  for (const { file, before, after } of changes) {
    const known = kept.get(file);
    const backup = before === undefined ? undefined : `${file}.before-claude-relay`;
    const made = missingAbove(file);
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    if (!known && backup) {
      copyFileSync(file, backup);
      chmodSync(backup, 0o600);
    }
    const mode = before === undefined ? 0o600 : statSync(file).mode & 0o777;
    writeFileSync(file, after, { mode });
    kept.set(file, known ? { ...known, written: hash(file) } : { file, backup, made, written: hash(file) });
    writeRecord(home, [...kept.values()]);
    lines.push(`Wrote ${file}${backup ? ` (as it was: ${backup})` : ""}`);
  }
  return lines;
}

function missingAbove(file: string): string[] {
  const missing: string[] = [];
  for (let directory = dirname(file); !existsSync(directory); directory = dirname(directory))
    missing.unshift(directory);
  return missing;
}

export interface Undone {
  readonly lines: readonly string[];
  readonly isWhole: boolean;
}

/** Puts every file back as it was before the first run. One that somebody changed since stays, and is told. */
export function undoChanges(home: string): Undone {
  const lines: string[] = [];
  const left: Kept[] = [];
  for (const one of readRecord(home).reverse()) {
    const { file, backup, made, written } = one;
    if (existsSync(file) && hash(file) !== written) {
      left.unshift(one);
      lines.push(`Left ${file}: it was changed since. ${backup ? `As it was: ${backup}` : "There was none before."}`);
      continue;
    }
    if (backup) {
      writeFileSync(file, readFileSync(backup));
      rmSync(backup);
    } else rmSync(file, { force: true });
    for (const directory of made.toReversed()) removeIfEmpty(directory);
    lines.push(backup ? `Put back ${file}` : `Removed ${file}`);
  }
  writeRecord(home, left);
  return { lines: lines.length > 0 ? lines : ["There is nothing to undo."], isWhole: left.length === 0 };
}

function removeIfEmpty(directory: string): void {
  try {
    rmdirSync(directory);
  } catch (error) {
    // Something else lives there, or it is gone already.
    if (!["ENOTEMPTY", "EEXIST", "ENOENT"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
  }
}
