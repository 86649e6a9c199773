import type { Env } from "../../env.ts";
import type { MeterRow } from "../../stores/store.ts";
import type { Account } from "./account.ts";
import { cells, slotMs, slotOf } from "../limits/meter.ts";
import { addLoads, enterSteps, leftIn, loadOf, lookSteps, readCell, trackInFlight } from "../limits/in-flight.ts";

const share = { calls: 1, nanos: 0, tokens: 0, family: -1 };

/**
 * A place among the calls that an account may have in flight, counted as a key's are: by the slot a call began in, so that
 * a process that dies keeps no place for long. Undefined if the account is full. One command to take and one to give back;
 * none for an account without a limit.
 */
export async function takeSeat(account: Account, env: Env): Promise<(() => void) | undefined> {
  if (account.maxConcurrency === 0) return () => undefined;
  const now = env.now();
  const slot = slotOf(account.id, now, env);
  const earlier = slotOf(account.id, now - slotMs, env);
  const isOneRow = earlier.row === slot.row;
  const look = lookSteps(earlier, false);
  const entered = [{ cell: cells.requests, by: 1 }, ...enterSteps(slot, share, false), ...(isOneRow ? look : [])];
  const rows: MeterRow[] = [
    { row: slot.row, steps: entered },
    ...(isOneRow ? [] : [{ row: earlier.row, steps: look }]),
  ];
  const counted = { rows, results: await env.store.count(rows) };
  if (readCell(counted, slot.row, cells.requests) === 1) env.after(env.store.expire(slot.row, 2 * 86_400));
  const inFlight = trackInFlight(account.id, slot, share, env);
  const give = () => countAfter(inFlight.leave(), env);
  countAfter(leftIn(slot, counted), env);
  if (addLoads(loadOf(slot, counted), loadOf(earlier, counted)).calls <= account.maxConcurrency) return give;
  give();
  return undefined;
}

function countAfter(rows: readonly MeterRow[], env: Env): void {
  if (rows.length > 0) env.after(env.store.count(rows));
}
