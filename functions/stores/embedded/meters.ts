import type { Expiry } from "./expiry.ts";
import type { Sqlite } from "./sqlite.ts";
import type { MeterRow } from "../store.ts";

/** Meter rows of the embedded store: counted in memory, and each changed row written once, just before the commit. */
export interface Meters {
  /** Inside a change. */
  apply(row: MeterRow): number[];
  /** Inside a change: writes what has been counted since. */
  save(): void;
  forget(name: string): void;
  /** After a rollback the file is right and the memory may be wrong. */
  clear(): void;
}

/** One process holds the file, so its memory cannot be stale. Rows beyond this are read again when they are needed. */
const mostRows = 4_096;

export function buildMeters(sqlite: Sqlite, expiry: Expiry): Meters {
  const get = sqlite.prepare("SELECT cells FROM meter WHERE name = ?");
  const set = sqlite.prepare("INSERT INTO meter VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET cells = excluded.cells");
  const rows = new Map<string, Map<number, number>>();
  const changed = new Set<string>();

  const save = () => {
    for (const name of changed) set.run(name, writeCells(rows.get(name)));
    changed.clear();
    if (rows.size > mostRows) rows.clear();
  };
  const load = (name: string) => {
    const found = rows.get(name);
    if (found) return found;
    const cells = readCells(get.get(name)?.["cells"]);
    rows.set(name, cells);
    return cells;
  };
  return {
    save,
    apply({ row, steps }) {
      expiry.renew(row);
      const cells = load(row);
      return steps.map(({ cell, by, isPut }) => {
        const former = cells.get(cell) ?? 0;
        const total = isPut ? by : former + by;
        if (total !== former) {
          cells.set(cell, total);
          changed.add(row);
        }
        return isPut ? former : total;
      });
    },
    forget(name) {
      rows.delete(name);
      changed.delete(name);
    },
    clear() {
      rows.clear();
      changed.clear();
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
