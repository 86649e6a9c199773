import type { Expiry } from "./expiry.ts";
import type { Sqlite } from "./sqlite.ts";
import type { MeterRow, MeterStep } from "../store.ts";

/**
 * Meter rows of the embedded store: counted in memory, and each changed row written once, just before the commit. Memory is
 * the truth until the disk has taken it: what a rollback undoes is written with the next commit.
 */
export interface Meters {
  apply(row: MeterRow): number[];
  /** Inside a change: writes what has been counted since. */
  save(): void;
  forget(name: string): void;
  committed(): void;
  /** After a rollback, and after the expiries were read again. */
  undone(): void;
}

/** One process holds the file, so its memory cannot be stale. Rows beyond this are read again when they are needed. */
const mostRows = 4_096;

/** Rows that the file has otherwise, by whether it is to forget first what it has: their time was over. */
type Marks = Map<string, boolean>;

const note = (into: Marks, name: string, isLapsed: boolean) => into.set(name, isLapsed || into.get(name) === true);

function applySteps(cells: Map<number, number>, steps: readonly MeterStep[]): number[] {
  return steps.map(({ cell, by, isPut }) => {
    const former = cells.get(cell) ?? 0;
    const total = isPut ? by : former + by;
    if (total !== former) cells.set(cell, total);
    return isPut ? former : total;
  });
}

export function buildMeters(sqlite: Sqlite, expiry: Expiry): Meters {
  const get = sqlite.prepare("SELECT cells FROM meter WHERE name = ?");
  const set = sqlite.prepare("INSERT INTO meter VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET cells = excluded.cells");
  const rows = new Map<string, Map<number, number>>();
  const changed: Marks = new Map();
  /** Written since the last commit. */
  const saved: Marks = new Map();
  const load = (name: string) => {
    const isLapsed = expiry.lapse(name);
    if (isLapsed) note(changed, name, true);
    const found = isLapsed ? undefined : rows.get(name);
    if (found) return found;
    const cells = isLapsed ? new Map<number, number>() : readCells(get.get(name)?.["cells"]);
    rows.set(name, cells);
    return cells;
  };
  return {
    save() {
      for (const [name, isLapsed] of [...changed]) {
        const cells = rows.get(name);
        if (isLapsed) expiry.erase(name);
        if (cells) rows.set(name, cells);
        set.run(name, writeCells(cells));
        note(saved, name, isLapsed);
      }
      changed.clear();
    },
    apply({ row, steps }) {
      const cells = load(row);
      if (steps.some(({ by, isPut }) => by !== 0 || isPut)) note(changed, row, false);
      return applySteps(cells, steps);
    },
    forget(name) {
      rows.delete(name);
      changed.delete(name);
      saved.delete(name);
    },
    committed() {
      saved.clear();
      if (rows.size > mostRows && changed.size === 0) rows.clear();
    },
    undone() {
      for (const [name, isLapsed] of saved) note(changed, name, isLapsed);
      saved.clear();
      for (const [name, isLapsed] of changed) if (isLapsed) expiry.lapse(name);
    },
  };
}

/** Pairs of cell and value, those at 0 left out: most cells of a row are slots that nothing happens in. */
function writeCells(cells: ReadonlyMap<number, number> | undefined): string {
  return JSON.stringify([...(cells ?? [])].filter(([, value]) => value !== 0));
}

function readCells(text: unknown): Map<number, number> {
  return new Map(text === undefined ? [] : (JSON.parse(String(text)) as [number, number][]));
}
