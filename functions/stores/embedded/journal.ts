import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { MeterRow } from "../store.ts";
import type { Sqlite } from "./sqlite.ts";

/** What was promised since the last commit: a settled call's counts, or its entry in a log. */
export type Noted = { readonly rows: readonly MeterRow[] } | { readonly log: string; readonly entry: string };

/**
 * A file beside the data file that holds what the next commit will write, so that a process that is killed meanwhile loses no
 * call that it has ended. A commit of its own costs ten times a line here. The data file says which lines it has.
 */
export interface Journal {
  note(what: Noted): void;
  /** Noted in one write with the next line: a call's end is worth nothing without its beginning, nor its counts without its event. */
  defer(rows: readonly MeterRow[]): void;
  /** Notes what is deferred. */
  flush(): void;
  /** Inside a commit. */
  save(): void;
  committed(): void;
  /** The lines that an earlier process did not commit. */
  left(): Noted[];
  close(): void;
}

export const journalName = "relay.journal";
const markName = "journal/last";

export function openJournal(directory: string, sqlite: Sqlite): Journal {
  const path = join(directory, journalName);
  const file = openSync(path, "a", 0o600);
  const put = sqlite.prepare("INSERT OR REPLACE INTO head VALUES (?, 0, ?)");
  let last = Number(sqlite.prepare("SELECT seq FROM head WHERE name = ?").get(markName)?.["seq"] ?? 0);
  const text = readFileSync(path, "utf8");
  const missed = text
    .split("\n")
    .flatMap(readLine)
    .filter(([number]) => number > last);
  last = missed.at(-1)?.[0] ?? last;
  let isEmpty = text === "";
  let deferred: Noted[] = [];
  const line = (what: Noted) => `\n${JSON.stringify([(last += 1), what])}`;
  const write = (lines: readonly Noted[]) => {
    deferred = [];
    if (lines.length === 0) return;
    isEmpty = false;
    try {
      writeSync(file, lines.map(line).join(""));
    } catch {
      // A disk that is full is told of by the commit, and memory holds what it refuses.
    }
  };
  return {
    note: (what) => write([...deferred, what]),
    defer: (rows) => void deferred.push({ rows }),
    flush: () => write(deferred),
    save() {
      deferred = [];
      if (!isEmpty) put.run(markName, last);
    },
    committed() {
      if (!isEmpty) ftruncateSync(file, 0);
      isEmpty = true;
    },
    left: () => missed.map(([, what]) => what),
    close: () => closeSync(file),
  };
}

/** None for a line that a full disk, or the kill, has cut. */
function readLine(line: string): [number, Noted][] {
  try {
    return [JSON.parse(line) as [number, Noted]];
  } catch {
    return [];
  }
}
