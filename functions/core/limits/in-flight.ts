import type { Env } from "../../env.ts";
import { perEnv } from "../../env.ts";
import type { MeterRow, MeterStep } from "../../stores/store.ts";
import { familyCells, mergeRows, type Slot, slotMs, slotOf } from "./meter.ts";

/** What a call counts as in the cells of its slot: itself, and what it reserved. */
export interface Share {
  readonly calls: number;
  readonly nanos: number;
  readonly tokens: number;
  /** Place of its model's family; -1 for none. */
  readonly family: number;
}

/** A call, or an account's place, that is counted in a slot until it leaves. */
export interface InFlight {
  readonly share: Share;
  /** Where it is counted now. Undefined: nobody knows, and what it left behind falls out of sight by itself. */
  readonly slot: Slot | undefined;
  /** Ends it. The rows that take its share back; none where it is out of sight. May be called again. */
  leave(): MeterRow[];
  /** It counts as so much more from now on. The row that says so. */
  grow(nanos: number): MeterRow[];
}

interface Entry {
  readonly id: string;
  slot: Slot | undefined;
  share: Share;
  place: number;
}

interface Tracker {
  /** In no order: one that leaves is replaced by the last. */
  readonly entries: Entry[];
  timer: NodeJS.Timeout | undefined;
}

const trackerOf = perEnv<Tracker>(() => ({ entries: [], timer: undefined }));
const lookMs = 15_000;
/** Calls are carried on this long before their slot falls out of sight: more than a look, and than clocks differ. */
const leadMs = 20_000;
const daySeconds = 86_400;

/**
 * Keeps a call counted that runs longer than its slot is in sight: all of a key's calls of this process together, by one
 * command each two minutes, none for a call of less. A process that dies carries nothing on, and what it had in flight
 * falls out of sight within four minutes. `began`: the slot that counts it already.
 */
export function trackInFlight(id: string, began: Slot, share: Share, env: Env): InFlight {
  const tracker = trackerOf(env);
  const entry: Entry = { id, slot: began, share, place: tracker.entries.length };
  tracker.entries.push(entry);
  startLooking(tracker, env);
  return {
    get share() {
      return entry.share;
    },
    get slot() {
      return entry.slot;
    },
    leave() {
      remove(tracker, entry);
      const { slot } = entry;
      return slot && isInSight(slot, env) ? [{ row: slot.row, steps: shareSteps(slot, entry.share, -1) }] : [];
    },
    grow(nanos) {
      const { slot } = entry;
      entry.share = { ...entry.share, nanos: entry.share.nanos + nanos };
      const more = { calls: 0, nanos, tokens: 0, family: entry.share.family };
      return slot ? [{ row: slot.row, steps: shareSteps(slot, more, 1) }] : [];
    },
  };
}

function startLooking(tracker: Tracker, env: Env): void {
  tracker.timer ??= setInterval(() => look(tracker, env), lookMs).unref();
}

const isInSight = (slot: Slot, env: Env) => slot.index >= Math.floor(env.now() / slotMs) - 1;

function remove({ entries }: Tracker, entry: Entry): void {
  if (entries[entry.place] !== entry) return;
  const last = entries.pop();
  if (last === undefined || last === entry) return;
  entries[entry.place] = last;
  last.place = entry.place;
}

function look(tracker: Tracker, env: Env): void {
  if (tracker.entries.length === 0) {
    clearInterval(tracker.timer);
    tracker.timer = undefined;
    return;
  }
  const now = env.now();
  const present = Math.floor(now / slotMs);
  const isEnding = (present + 1) * slotMs - now <= leadMs;
  const due = tracker.entries.filter(({ slot }) => !slot || slot.index < present - (isEnding ? 0 : 1));
  for (const entries of Map.groupBy(due, ({ id }) => id).values()) env.after(carryOn(entries, now, env));
}

/** One command; two where the slot before stands in yesterday's row. */
async function carryOn(entries: readonly Entry[], now: number, env: Env): Promise<void> {
  const [first] = entries;
  if (!first) return;
  const to = slotOf(first.id, now, env);
  const hasFamilies = entries.some(({ share }) => share.family >= 0);
  const steps: MeterStep[] = [markStep(to), ...(hasFamilies ? lookAtFamilies(to) : [])];
  const before: MeterRow[] = [];
  for (const entry of entries) {
    const from = entry.slot;
    if (from && isInSight(from, env)) {
      const given = shareSteps(from, entry.share, -1);
      if (from.row === to.row) steps.push(...given);
      else before.push({ row: from.row, steps: given });
    }
    steps.push(...shareSteps(to, entry.share, 1));
    entry.slot = to;
  }
  try {
    const rows = [...mergeRows(before), { row: to.row, steps: sumSteps(steps) }];
    const results = await env.store.count(rows);
    if (before.length > 0) await env.store.expire(to.row, 3 * daySeconds);
    const left = leftIn(to, { rows, results });
    if (left.length > 0) await env.store.count(left);
  } catch (error) {
    env.log("warn", "calls in flight not carried on", { id: first.id, error });
    // Whether they stand there is unknown: they are put there anew at the next look, and nothing is taken back meanwhile.
    for (const entry of entries) if (entry.slot === to) entry.slot = undefined;
  }
}

function sumSteps(steps: readonly MeterStep[]): MeterStep[] {
  const sums = new Map<number, number>();
  for (const { cell, by, isPut } of steps) if (!isPut) sums.set(cell, (sums.get(cell) ?? 0) + by);
  return [...steps.filter(({ isPut }) => isPut), ...[...sums].map(([cell, by]) => ({ cell, by }))];
}

const markStep = (slot: Slot): MeterStep => ({ cell: slot.markCell, by: slot.mark, isPut: true });

/** What adds a share to the cells of a slot, or takes it away. */
export function shareSteps(slot: Slot, { calls, nanos, tokens, family }: Share, sign: 1 | -1): MeterStep[] {
  const steps = [
    { cell: slot.inFlight, by: sign * calls },
    { cell: slot.reservedNanos, by: sign * nanos },
    { cell: slot.reservedTokens, by: sign * tokens },
  ];
  return family < 0 ? steps : [...steps, { cell: slot.reservedFamilyNanos + family, by: sign * nanos }];
}

const lookAt = (cell: number): MeterStep => ({ cell, by: 0 });
const lookAtFamilies = (slot: Slot) => familyCells(slot.reservedFamilyNanos).map(lookAt);

/** What counts a call in a slot, and takes its cells over from an earlier turn of the ring. */
export function enterSteps(slot: Slot, share: Share, hasFamilies: boolean): MeterStep[] {
  return sumSteps([markStep(slot), ...(hasFamilies ? lookAtFamilies(slot) : []), ...shareSteps(slot, share, 1)]);
}

/** What reads a slot: its mark, its calls and what they reserved, in all and of each family if that is wanted. */
export function lookSteps(slot: Slot, hasFamilies: boolean): MeterStep[] {
  const seen = [slot.markCell, slot.inFlight, slot.reservedNanos, slot.reservedTokens];
  return [...seen.map(lookAt), ...(hasFamilies ? lookAtFamilies(slot) : [])];
}

/** Rows that were counted, with what the store answered. */
export interface Counted {
  readonly rows: readonly MeterRow[];
  readonly results: readonly (readonly number[])[];
}

export function readCell({ rows, results }: Counted, row: string, cell: number): number {
  const index = rows.findIndex((candidate) => candidate.row === row);
  const step = rows[index]?.steps.findIndex((candidate) => candidate.cell === cell) ?? -1;
  return results[index]?.[step] ?? 0;
}

/** What is in flight in some slots. */
export interface Load {
  readonly calls: number;
  readonly nanos: number;
  readonly tokens: number;
  /** In the order of `families`; zeros where they were not looked at. */
  readonly familyNanos: readonly number[];
}

/** What is in flight in a slot that was looked at, or entered; what an earlier turn of the ring left there counts for nothing. */
export function loadOf(slot: Slot, counted: Counted): Load {
  const isOurs = readCell(counted, slot.row, slot.markCell) === slot.mark;
  const steps = counted.rows.find(({ row }) => row === slot.row)?.steps ?? [];
  const read = (cell: number) =>
    isOurs ? readCell(counted, slot.row, cell) : (steps.find((step) => step.cell === cell)?.by ?? 0);
  return {
    calls: read(slot.inFlight),
    nanos: read(slot.reservedNanos),
    tokens: read(slot.reservedTokens),
    familyNanos: familyCells(slot.reservedFamilyNanos).map(read),
  };
}

/** The rows that take away what an earlier turn of the ring had left in a slot that was just entered. */
export function leftIn(slot: Slot, counted: Counted): MeterRow[] {
  if (readCell(counted, slot.row, slot.markCell) === slot.mark) return [];
  const own = [slot.inFlight, slot.reservedNanos, slot.reservedTokens, ...familyCells(slot.reservedFamilyNanos)];
  const steps = (counted.rows.find(({ row }) => row === slot.row)?.steps ?? [])
    .filter(({ cell }) => own.includes(cell))
    .map(({ cell, by }) => ({ cell, by: by - readCell(counted, slot.row, cell) }))
    .filter(({ by }) => by !== 0);
  return steps.length > 0 ? [{ row: slot.row, steps }] : [];
}

export const addLoads = (one: Load, other: Load): Load => ({
  calls: one.calls + other.calls,
  nanos: one.nanos + other.nanos,
  tokens: one.tokens + other.tokens,
  familyNanos: one.familyNanos.map((nanos, index) => nanos + (other.familyNanos[index] ?? 0)),
});

/** When everything that is in flight now would be out of sight if nobody carried it on. Epoch milliseconds. */
export const outOfSightAt = (now: number): number => (Math.floor(now / slotMs) + 2) * slotMs;
