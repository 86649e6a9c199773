/** What one look of the doctor found. `remedy` says what to do, for all that is not well. */
export interface Finding {
  readonly state: "ok" | "warn" | "bad";
  readonly what: string;
  readonly says: string;
  readonly remedy?: string;
}

export const ok = (what: string, says: string): Finding => ({ state: "ok", what, says });
export const warn = (what: string, says: string, remedy: string): Finding => ({ state: "warn", what, says, remedy });
export const bad = (what: string, says: string, remedy: string): Finding => ({ state: "bad", what, says, remedy });

/** A finding as its reader sees it: one line, and its remedy on the next. */
export function tellFinding({ state, what, says, remedy }: Finding): string[] {
  const mark = { ok: "ok  ", warn: "note", bad: "BAD " }[state];
  return [`${mark}  ${what.padEnd(12)} ${says}`, ...(remedy === undefined ? [] : [`${" ".repeat(18)} → ${remedy}`])];
}

/** The innermost words of an error: the outer ones are for clients. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message || error.name : reasonOf(error.cause);
}
