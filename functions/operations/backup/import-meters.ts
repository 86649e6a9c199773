import type { Taker, Taking } from "./importer.ts";
import type { Line, MeterLine } from "./record.ts";

const mostRows = 100;

/** What is spent of the limits: raised to the file's figures and never lowered, so that no limit is loosened by an import. */
export function meterImport({ env, isWriting, count }: Taking): Taker {
  let held: MeterLine[] = [];
  const finish = async () => {
    const lines = held;
    held = [];
    const found = await env.store.count(
      lines.map(({ row, cells }) => ({ row, steps: cells.map(([cell]) => ({ cell, by: 0 })) })),
    );
    const raised = lines.map(({ row, cells, ttlSeconds }, index) => {
      const totals = found[index] ?? [];
      const steps = cells
        .map(([cell, value], place) => ({ cell, by: value - (totals[place] ?? 0) }))
        .filter(({ by }) => by > 0);
      count("meters", steps.length === 0 ? "same" : totals.every((total) => total === 0) ? "new" : "different");
      return { row, steps, ttlSeconds };
    });
    const due = raised.filter(({ steps }) => steps.length > 0);
    if (!isWriting || due.length === 0) return;
    await env.store.count(due);
    const brief = due.filter(({ ttlSeconds }) => ttlSeconds > 0);
    await Promise.all(brief.map(({ row, ttlSeconds }) => env.store.expire(row, ttlSeconds)));
  };
  return {
    finish,
    async take(line: Line) {
      if (line.kind !== "meters") return;
      held.push(line);
      if (held.length === mostRows) await finish();
    },
  };
}
