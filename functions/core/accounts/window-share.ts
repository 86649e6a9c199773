import type { Env } from "../../env.ts";
import type { WindowSample } from "./forecast.ts";
import { putPool, readPool } from "./pool.ts";
import type { UsageEvent } from "../money/usage.ts";

/** From each mark on an account is given a smaller share of the new sessions. A session under way moves at a mark at most. */
const marks = [
  { from: 0.9, share: 0.05 },
  { from: 0.75, share: 0.2 },
  { from: 0.5, share: 0.5 },
] as const;

/** The share of its weight that an account with these windows keeps, 0.05 to 1: its fullest window counts, one that has been reset does not. */
export function shareOf(windows: readonly WindowSample[] | undefined, now: number): number {
  if (!windows) return 1;
  let fullest = 0;
  for (const { utilization, resetAt } of windows) {
    if ((resetAt === undefined || resetAt > now) && utilization > fullest) fullest = utilization;
  }
  return marks.find(({ from }) => fullest >= from)?.share ?? 1;
}

/** What the newest of some events told of each account's windows. Events in the order of the log. */
export function latestWindows(events: readonly UsageEvent[]): Map<string, readonly WindowSample[]> {
  const latest = new Map<string, readonly WindowSample[]>();
  for (const { account, windows } of events) {
    if (account !== undefined && windows !== undefined && windows.length > 0) latest.set(account, windows);
  }
  return latest;
}

/**
 * Lets every instance know how full the accounts are, at most as often as one passes a mark: the pool is read again by all
 * when it changes. Two commands if an account told its windows, five when one passed a mark.
 */
export async function noteWindows(latest: ReadonlyMap<string, readonly WindowSample[]>, env: Env): Promise<void> {
  if (latest.size === 0) return;
  const pool = await readPool(env);
  const now = env.now();
  const moved = [...latest].filter(
    ([account, windows]) =>
      pool.accountById.has(account) && shareOf(windows, now) !== shareOf(pool.windows.get(account), now),
  );
  if (moved.length === 0) return;
  await putPool(Object.fromEntries(moved.map(([account, windows]) => [`window/${account}`, windows])), env);
}
