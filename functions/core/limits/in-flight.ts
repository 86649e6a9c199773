import type { Env } from "../../env.ts";
import { type Slot, slotMs, slotOf } from "./meter.ts";

/** What a call counts as in the cells of its slot: itself, and what it reserved. */
export interface Share {
  readonly calls: number;
  readonly nanos: number;
  readonly tokens: number;
}

const daySeconds = 86_400;
/** What nobody has let go after a day is not under way any more. */
const mostMoves = 96;

/**
 * Keeps a call counted that runs longer than its slot is looked at: once a slot it moves to the present one. A process that
 * dies stops moving, and what it had under way falls out of sight as ever. No command for a call of less than 15 minutes,
 * two for each quarter of an hour more. `leave` ends it and tells the slot that the call counts in; it may be called again.
 */
export function keepInSight(id: string, began: Slot, share: Share, env: Env): () => Slot {
  let slot = began;
  let moves = 0;
  const timer = setInterval(() => {
    const next = slotOf(id, env.now(), env.config);
    env.after(env.store.count([rowOf(next, share, 1), rowOf(slot, share, -1)]));
    if (next.row !== slot.row) env.after(env.store.expire(next.row, 3 * daySeconds));
    slot = next;
    moves += 1;
    if (moves === mostMoves) clearInterval(timer);
  }, slotMs).unref();
  return () => {
    clearInterval(timer);
    return slot;
  };
}

/** What adds a share to the cells of a slot, or takes it away. */
export function shareSteps(slot: Slot, { calls, nanos, tokens }: Share, sign: 1 | -1) {
  return [
    { cell: slot.inFlight, by: sign * calls },
    { cell: slot.reservedNanos, by: sign * nanos },
    { cell: slot.reservedTokens, by: sign * tokens },
  ];
}

const rowOf = (slot: Slot, share: Share, sign: 1 | -1) => ({ row: slot.row, steps: shareSteps(slot, share, sign) });
