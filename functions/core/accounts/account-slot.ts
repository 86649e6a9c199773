import type { Env } from "../../env.ts";
import type { Account } from "./account.ts";
import { cells, slotMs, slotOf } from "../limits/meter.ts";
import { keepInSight } from "../limits/in-flight.ts";

/**
 * A place among the calls that an account may have under way, counted as a key's are: by the slot a call began in, so that
 * a process that dies keeps no place for long. Undefined if the account is full. One command to take and one to give back;
 * none for an account without a limit.
 */
export async function takeSeat(account: Account, env: Env): Promise<(() => void) | undefined> {
  if (account.maxConcurrency === 0) return () => undefined;
  const now = env.now();
  const slot = slotOf(account.id, now, env.config);
  const earlier = slotOf(account.id, now - slotMs, env.config);
  const look = { cell: earlier.inFlight, by: 0 };
  const isOneRow = earlier.row === slot.row;
  const taken = [
    { cell: cells.requests, by: 1 },
    { cell: slot.inFlight, by: 1 },
  ];
  const results = await env.store.count([
    { row: slot.row, steps: [...taken, ...(isOneRow ? [look] : [])] },
    ...(isOneRow ? [] : [{ row: earlier.row, steps: [look] }]),
  ]);
  const [requests = 0, ...underWay] = results.flat();
  if (requests === 1) env.after(env.store.expire(slot.row, 2 * 86_400));
  const leave = keepInSight(account.id, slot, { calls: 1, nanos: 0, tokens: 0 }, env);
  const give = () => {
    const { row, inFlight } = leave();
    env.after(env.store.count([{ row, steps: [{ cell: inFlight, by: -1 }] }]));
  };
  if (underWay.reduce((sum, calls) => sum + calls, 0) <= account.maxConcurrency) return give;
  give();
  return undefined;
}
