export interface ColumnWidth {
  readonly id: string;
  readonly width: number;
  readonly leaves?: number;
}

/**
 * The columns that have room in `width` pixels, without those that a person has hidden, and the least width that they need
 * together. Columns leave in the order of `leaves`, the lowest first; those without it stay, even if the table must scroll.
 */
export function chooseColumns<C extends ColumnWidth>(
  columns: readonly C[],
  hidden: ReadonlySet<string>,
  width: number,
): { readonly shown: readonly C[]; readonly least: number } {
  let shown = columns.filter(({ id, leaves }) => leaves === undefined || !hidden.has(id));
  const sum = () => shown.reduce((total, column) => total + column.width, 0);
  while (sum() > width) {
    const next = shown.reduce<C | undefined>(
      (lowest, column) => ((column.leaves ?? Infinity) < (lowest?.leaves ?? Infinity) ? column : lowest),
      undefined,
    );
    if (next === undefined) break;
    shown = shown.filter((column) => column !== next);
  }
  return { shown, least: sum() };
}
