import type { LogEntry } from "../../stores/store.ts";
import type { UsageEvent } from "../money/usage.ts";
import { noUsage } from "../money/usage.ts";
import { isObject, parseObject } from "../../wire/json.ts";

/** What the rollup leaves behind in the log when it has reached the end, so that the next one sees by one look that nothing is new. */
export interface FoldMark {
  /** The log id up to which everything is folded. */
  readonly upTo: string;
  /** When the log's oldest entries have been kept long enough; undefined: nothing is kept. Epoch milliseconds. */
  readonly dueAt: number | undefined;
}

/** An entry of the usage log as it was understood: an event, the rollup's mark, or neither (somebody else's bytes). */
export interface Logged {
  readonly id: string;
  readonly event?: UsageEvent;
  readonly mark?: FoldMark;
  /** The event may stand in the log twice: its first append had an unknown outcome. */
  readonly isRepeated: boolean;
  /** The event came with a backup whose rows hold it already: it is shown, and never folded. */
  readonly isMoved?: boolean;
}

const latestAt = 8_640_000_000_000;

/** Never throws: an entry that nobody can read must not stop the rollup for good. */
export function readEntry({ id, entry }: LogEntry): Logged {
  const value = parseObject(entry);
  if (value === undefined) return { id, isRepeated: false };
  if (isObject(value.mark)) return { id, isRepeated: false, mark: value.mark as unknown as FoldMark };
  if (typeof value.id !== "string" || typeof value.key !== "string") return { id, isRepeated: false };
  const at =
    Number.isSafeInteger(value.at) && Number(value.at) >= 0 && Number(value.at) < latestAt ? value.at : idMs(id);
  const usage = isObject(value.usage) ? value.usage : noUsage();
  const ms = isObject(value.ms) ? value.ms : { queue: 0, select: 0, head: 0, first: 0, total: 0 };
  const event = { attempts: [], outcome: "complete", ...value, at, usage, ms } as unknown as UsageEvent;
  return { id, event, isRepeated: value.isRepeated === true, isMoved: value.isMoved === true };
}

export function buildMark(mark: FoldMark): string {
  return JSON.stringify({ mark });
}

/** The store's clock when the entry was appended. */
export function idMs(id: string): number {
  return Number(id.split("-")[0]);
}

/** Negative if `one` was appended before `other`. */
export function compareIds(one: string, other: string): number {
  const [ms = "0", sequence = "0"] = one.split("-");
  const [otherMs = "0", otherSequence = "0"] = other.split("-");
  return Number(ms) - Number(otherMs) || Number(sequence) - Number(otherSequence);
}
